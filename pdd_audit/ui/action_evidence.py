"""Did it work? For each action that is done: the days before and after it, and what they say."""

import streamlit as st

from pdd_audit.services.look_at_actions import ActionsLook, Row
from pdd_audit.texts.numbers import decimal_text, number_range, percent
from pdd_audit.ui.action_board import evidence_line, saved_line, title_of
from pdd_audit.ui.before_after import picture, verdict
from pdd_audit.ui.changes import marks_of
from pdd_audit.ui.charts.trends import Beside, levels_chart
from pdd_audit.ui.parts import heading
from pdd_audit.ui.session import Here


def evidence(here: Here, look: ActionsLook) -> None:
    """Nothing where no action waits for what the data say."""
    words = here.words
    rows = {row.action.id: row for row in look.of("relapsed", "no_effect", "verified", "watching")}
    if not rows:
        return
    with st.container(gap="small"):
        heading(words("actions.evidence.title"), words("actions.evidence.caption"))
        labels = {
            id: words("actions.evidence.label", state=words(f"actions.state.{row.state}"), title=title_of(here, row))
            for id, row in rows.items()
        }
        if st.session_state.get("action_shown") not in labels:
            st.session_state.pop("action_shown", None)
        chosen = st.selectbox(
            words("actions.evidence.choose"), list(labels), key="action_shown", format_func=labels.__getitem__, label_visibility="collapsed"
        )
        _one(here, rows[chosen or next(iter(rows))])


def _one(here: Here, row: Row) -> None:
    words, told = here.words, row.judgement
    assert told is not None, "only watched ones are listed"
    if told.relapse is not None and told.levels is not None and told.days is not None and told.judged is not None:
        name = "relapsed" if told.evidence == "relapsed" else "kept"
        first, after = told.relapse.to_before, told.relapse.to_after
        heading(
            words(f"actions.levels.{name}", before=_rate(row, 0), after=_rate(row, 1), lately=_rate(row, 2)),
            words(
                "actions.levels.caption", to_before=decimal_text(first.value, 2), before_range=number_range(first.low, first.high, 2),
                to_after=decimal_text(after.value, 2), after_range=number_range(after.low, after.high, 2),
            ),
        )
        alt_text = words(f"actions.levels.{name}", before=_rate(row, 0), after=_rate(row, 1), lately=_rate(row, 2))
        levels_chart(told.days, told.levels, Beside(marks_of(here, [told.judged.change])), words, "action_levels", alt_text)
    elif told.judged is not None:
        verdict(here, told.judged)
        if told.lacks == "after":
            st.caption(evidence_line(here, row))
        picture(here, told.judged)
    else:
        heading(evidence_line(here, row))
    saved = saved_line(here, row)
    if saved:
        st.markdown(saved)
        st.caption(words("actions.saved_caption"))


def _rate(row: Row, stretch: int) -> str:
    assert row.judgement is not None and row.judgement.levels is not None, "only with levels"
    return percent(float(row.judgement.levels["rate"].iloc[stretch]))
