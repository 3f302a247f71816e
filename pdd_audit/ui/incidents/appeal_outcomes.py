"""What appeals came to, and which evidence is worth the work."""

import pandas as pd
import streamlit as st

from pdd_audit.services.incidents.appeals import guide_of
from pdd_audit.services.look_at_appeals import FEWEST_DECIDED, FEWEST_EACH, AppealsLook, Worth
from pdd_audit.texts.numbers import DASH, count, percent, percent_range, yuan
from pdd_audit.ui.charts.appeals import win_chart
from pdd_audit.ui.parts import heading
from pdd_audit.ui.session import Here


def outcomes(here: Here, look: AppealsLook) -> None:
    words, guide, total = here.words, guide_of(here.ws), look.all_cases
    if not total.decided:
        st.info(words("appeals.no_outcomes"), icon=":material/hourglass_empty:")
        return
    back = sum(case.yuan_back or 0.0 for case in look.cases)
    told = {"won": count(total.won), "n": count(total.decided), "yuan": yuan(back)}
    heading(words("appeals.outcomes", **told), words("appeals.outcomes_caption"))
    names = {reason.id: reason.name.in_language(here.lang) for reason in guide.reasons}
    rates = [(words("appeals.all_reasons"), total), *((names.get(rate.name, rate.name), rate) for rate in look.by_reason)]
    win_chart(rates, words, "appeal_wins")
    if total.decided < FEWEST_DECIDED:
        st.caption(words("appeals.too_few", n=count(FEWEST_DECIDED - total.decided)))
    heading(words("appeals.worth"), words("appeals.worth_caption", n=FEWEST_EACH))
    rows = pd.DataFrame([
        {
            words("appeals.column.evidence"): guide.piece(one.evidence).name.in_language(here.lang),
            words("appeals.column.verdict"): words(f"appeals.verdict.{one.verdict}"),
            words("appeals.column.with_it"): _rate(here, one, having=True), words("appeals.column.without"): _rate(here, one, having=False),
            words("appeals.column.difference"): _difference(here, one),
        }
        for one in look.worth
    ])
    st.dataframe(rows, hide_index=True, height="content", alt=words("appeals.worth"))


def _difference(here: Here, one: Worth) -> str:
    gap = one.difference
    if gap is None or gap.value is None:
        return DASH
    return here.words("appeals.difference", value=percent(gap.value, 0), range=percent_range(gap.low, gap.high, 0))


def _rate(here: Here, one: Worth, *, having: bool) -> str:
    rate = one.with_it if having else one.without
    return here.words("appeals.of", won=count(rate.won), n=count(rate.decided)) if rate.decided else DASH
