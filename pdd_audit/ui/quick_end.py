"""Where the quick check may stop: why, the first three steps, and the way on."""

import streamlit as st

from pdd_audit.core.result import AuditResult
from pdd_audit.services.quick_path import QuickPath
from pdd_audit.texts.numbers import decimal_text, signed, yuan
from pdd_audit.ui import session
from pdd_audit.ui.parts import card, two_sided
from pdd_audit.ui.phrases import enough_to_score
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.session import Here

GOING_ON = "quick_going_on"  # the shop whose people chose to answer the rest


def at_the_end(here: Here, way: QuickPath, current: str) -> bool:
    """Whether the question that comes next need not be asked, and nobody has said to go on."""
    assert here.shop is not None, "questions are drawn only for a shop"
    return way.settled and current in way.open and st.session_state.get(GOING_ON) != here.shop.id


def quick_end(here: Here, way: QuickPath, result: AuditResult) -> None:
    words, left = here.words, len(way.open)
    with card():
        with st.container(gap="xsmall"):
            title = words("checklist.settled.title_one") if left == 1 else words("checklist.settled.title", n=left)
            st.markdown(f"## {title}", anchors=False)
            st.caption(words("checklist.settled.why" if way.steps else "checklist.settled.why_few"))
        plan = {step.question: step for step in result.plan}
        for number, step in enumerate(way.steps, start=1):
            told = plan[step.question.id]
            hours = words("checklist.settled.hours", hours=decimal_text(told.hours, 1))
            action = words("checklist.settled.step", n=number, action=md_escape(told.action))
            if step.yuan:
                two_sided(action, f"**{yuan(step.yuan)}**", hours, words("checklist.settled.yuan"))
            elif enough_to_score(result.score):
                two_sided(action, f"**{signed(told.points)}**", hours, words("checklist.settled.points"))
            else:
                two_sided(action, f"**{hours}**")
        if not enough_to_score(result.score):
            st.caption(words("checklist.settled.no_score"))
        with st.container(horizontal=True):
            if st.button(words("checklist.settled.results"), type="primary", key="quick_results", icon=":material/arrow_forward:"):
                session.go("results")
            go_on = words("checklist.settled.go_on_one") if left == 1 else words("checklist.settled.go_on", n=left)
            st.button(go_on, key="quick_go_on", on_click=_go_on)
            answered = [id for id in way.order if id not in way.open]
            if answered:
                st.button(words("checklist.settled.back"), key="quick_back", type="tertiary", on_click=_back, args=(answered[-1],))


def _go_on() -> None:
    there = session.current()
    assert there.shop is not None, "questions are drawn only for a shop"
    st.session_state[GOING_ON] = there.shop.id


def _back(question_id: str) -> None:
    st.session_state["question"] = question_id
    st.session_state["practice"] = question_id.split(".")[0]
