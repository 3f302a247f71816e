"""The places of a question on the checklist, and the word that it was saved."""

from dataclasses import dataclass
from datetime import datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pdd_audit.ui.browser import QUESTION
from pdd_audit.ui.parts import card
from pdd_audit.ui.session import Here


@dataclass(frozen=True)
class Frame:
    """The places of a question and of what stands beside it. Made first, so that what was saved is said before anything is counted:
    a press is not left in doubt while a large shop is."""

    whole: DeltaGenerator
    body: DeltaGenerator
    notes: DeltaGenerator
    previous: DeltaGenerator
    saved: DeltaGenerator
    next: DeltaGenerator
    beside: DeltaGenerator


def frame_of(here: Here, question_id: str) -> Frame:
    """``question_id``: of the question that was in view."""
    whole = st.empty()
    with whole.container():
        left, beside = st.columns([3, 2], gap="medium")
        with left, card(stretch=True, key=QUESTION):
            body = st.container(gap="small")
            st.space("stretch")
            notes = st.container()
            with st.container(horizontal=True, wrap=False, horizontal_alignment="distribute", vertical_alignment="center"):
                frame = Frame(whole, body, notes, st.empty(), st.empty(), st.empty(), beside)
    frame.saved.caption(saved_mark(here, question_id), width="content")
    return frame


def saved_mark(here: Here, question_id: str) -> str:
    """The word of a question that was just saved; else the room for it."""
    which, at = st.session_state.get("saved_at", ("", ""))
    if which != question_id:
        return "\u00a0"
    return here.words("checklist.saved", time=f"{datetime.fromisoformat(at):%H:%M}")
