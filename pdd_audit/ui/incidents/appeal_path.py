"""The four steps of an appeal through the merchant backend, with its doors."""

import streamlit as st

from pdd_audit.services.incidents.appeals import guide_of
from pdd_audit.services.rules import home_rules_of
from pdd_audit.services.workspace import now
from pdd_audit.texts.numbers import DASH
from pdd_audit.ui.parts import card, heading
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.session import Here, source_name


def path(here: Here) -> None:
    """Side by side, each with what goes wrong there and where it was read; then what is never done."""
    words, guide = here.words, guide_of(here.ws)
    heading(words("appeals.path"), words("appeals.path_caption"))
    with st.grid(columns=4, min_column_width=230, gap="small"):
        for at, step in enumerate(guide.steps, 1):
            with card(stretch=True, tight=True, key=f"appeal_step_{step.id}"):
                st.markdown(f"**{at}. {md_escape(step.name.in_language(here.lang))}**")
                st.markdown(md_escape(step.do.in_language(here.lang)))
                st.caption(md_escape(step.watch.in_language(here.lang)))
                trust = here.ws.sources[step.source].trust
                st.caption(md_escape(words("appeals.source", source=source_name(here, step.source), trust=trust)))
    _doors(here)
    st.caption(md_escape(figures(here)))
    with st.container(gap="xxsmall"):
        for never in guide.never:
            st.caption(f":material/do_not_disturb_on: {md_escape(never.in_language(here.lang))}")


def figures(here: Here) -> str:
    """What is known of countdown, review and batches, from the rules in force today."""
    assert here.shop is not None, "drawn only for a shop"
    rules = home_rules_of(here.ws, here.shop.id)
    pack = rules.pack_for(now().date())
    days, low, high, sheet = (
        pack.figures[f"appeal_{name}"] for name in ("limit_days", "review_min_working_days", "review_max_working_days", "sheet_from_orders")
    )
    said = [
        here.words("appeals.figure.limit", n=here.words("appeals.figure.unknown") if days.value is None else days.value),
        here.words("appeals.figure.review", low=low.value or DASH, high=high.value or DASH, trust=high.trust or DASH),
        here.words("appeals.figure.sheet", n=sheet.value or DASH, trust=sheet.trust or DASH),
    ]
    return here.words("app.semicolon").join(said)


def doors_and_steps(here: Here) -> None:
    """The same in a few lines, beside a case."""
    for at, step in enumerate(guide_of(here.ws).steps, 1):
        st.markdown(f"{at}. **{md_escape(step.name.in_language(here.lang))}**  \n{md_escape(step.do.in_language(here.lang))}")
    _doors(here)


def _doors(here: Here) -> None:
    with st.container(horizontal=True):
        for entry in guide_of(here.ws).entries:
            st.link_button(md_escape(entry.name.in_language(here.lang)), entry.address, icon=":material/open_in_new:",
                           help=md_escape(entry.path.in_language(here.lang)))
