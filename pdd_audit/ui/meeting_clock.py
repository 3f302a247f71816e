"""Meeting mode: whether it is on, since when, and since when its question is on screen. Both moments stand in the address, so that a reload
goes on where it was."""

import re
import time

import streamlit as st

MEETING = "meeting"  # its place in the session: both moments, in whole seconds since 1970
MOMENTS = re.compile(r"(\d{1,12})-(\d{1,12})")


def begin() -> None:
    st.session_state[MEETING] = f"{_now()}-{_now()}"


def turn() -> None:
    """Another question is on screen."""
    if in_meeting():
        st.session_state[MEETING] = f"{_moments()[0]}-{_now()}"


def end() -> None:
    st.session_state[MEETING] = ""  # taken out, it would be read from the address again


def in_meeting() -> bool:
    return bool(st.session_state.get(MEETING) and st.session_state.get("round"))


@st.fragment(run_every=1)
def clocks(line: str) -> None:
    """How long the question on screen, and the meeting, have lasted. ``line``: the words around ``{question}`` and ``{meeting}``."""
    meeting, question = _moments()
    st.session_state[MEETING] = f"{meeting}-{question}"
    st.markdown(line.format(question=_told(question), meeting=_told(meeting)))


def _told(since: int) -> str:
    minutes, seconds = divmod(max(0, _now() - since), 60)
    return f"{minutes}:{seconds:02}"


def _now() -> int:
    return int(time.time())


def _moments() -> tuple[int, int]:
    """Of the meeting and of its question; what an address holds instead begins now."""
    told = MOMENTS.fullmatch(str(st.session_state.get(MEETING)))
    return (int(told[1]), int(told[2])) if told else (_now(), _now())
