"""Steps to try out: what the score, the late parcels and the yuan of a month would be."""

import streamlit as st

from pdd_audit.services.run_audit import Audit
from pdd_audit.services.what_if import what_if
from pdd_audit.texts.numbers import decimal_text, number_range, points, score_change, yuan, yuan_range
from pdd_audit.ui.parts import heading
from pdd_audit.ui.phrases import enough_to_score
from pdd_audit.ui.session import Here

OFFERED = 10
AT_FIRST = 3


def try_steps(here: Here, audit: Audit) -> None:
    """Nothing where there is no plan, or no score to move."""
    words, steps, score = here.words, audit.plan.steps[:OFFERED], audit.result.score
    if not steps or score.value is None:
        return
    labels = {step.question.id: step.question.title.ok.in_language(here.lang) for step in steps}
    with st.container(gap="small"):
        heading(words("what_if.title"), words("what_if.caption"))
        chosen = st.pills(
            words("what_if.choose"), list(labels), default=list(labels)[:AT_FIRST], selection_mode="multi", key="what_if",
            format_func=labels.__getitem__, label_visibility="collapsed",
        )
        found = what_if(audit, chosen)
        tiles = [
            (words("what_if.orders"), decimal_text(found.saving.orders), number_range(*found.orders)),
            (words("what_if.saved"), yuan(found.saving.yuan), yuan_range(*found.yuan)),
            (words("what_if.hours"), decimal_text(found.hours, 1), ""),
        ]
        scored = enough_to_score(score)
        with st.grid(columns=len(tiles) + scored, min_column_width=160, gap="medium"):
            if scored:
                change = score_change(score.value, found.points)
                delta = change.replace("−", "-") if change.startswith(("+", "−")) else None
                st.metric(words("what_if.points"), points(found.points, 1), delta=delta, border=True, height="stretch")
            for label, value, span in tiles:
                st.metric(label, value, delta=span or None, delta_color="off", delta_arrow="off", border=True, height="stretch")
        st.caption(words("what_if.assumed"))
