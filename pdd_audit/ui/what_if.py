"""Steps to try out: what the score, the late parcels and the yuan of a month would be."""

import streamlit as st

from pdd_audit.services.run_audit import Audit
from pdd_audit.services.what_if import what_if
from pdd_audit.texts.numbers import DASH, decimal_text, points, signed, yuan
from pdd_audit.ui.parts import heading
from pdd_audit.ui.session import Here

OFFERED = 10
AT_FIRST = 3


def try_steps(here: Here, audit: Audit) -> None:
    """Nothing where there is no plan, or no score to move."""
    words, steps = here.words, audit.plan.steps[:OFFERED]
    if not steps or audit.result.score.value is None:
        return
    labels = {step.question.id: step.question.title.ok.in_language(here.lang) for step in steps}
    with st.container(gap="small"):
        heading(words("what_if.title"), words("what_if.caption"))
        chosen = st.pills(
            words("what_if.choose"), list(labels), default=list(labels)[:AT_FIRST], selection_mode="multi", key="what_if",
            format_func=labels.__getitem__, label_visibility="collapsed",
        )
        found = what_if(audit, chosen)
        change = None if found.points is None else found.points - audit.result.score.value
        tiles = [
            (words("what_if.points"), points(found.points), signed(change).replace("−", "-") if change else None),
            (words("what_if.orders"), decimal_text(found.saving.orders), None),
            (words("what_if.saved"), DASH if found.saving.yuan is None else yuan(found.saving.yuan), None),
            (words("what_if.hours"), decimal_text(found.hours, 1), None),
        ]
        with st.grid(columns=4, min_column_width=160, gap="medium"):
            for label, value, delta in tiles:
                st.metric(label, value, delta=delta, border=True, height="stretch")
        st.caption(words("what_if.assumed"))
