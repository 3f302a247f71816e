"""A callback that keeps something is carried out whole."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException

P = ParamSpec("P")


def held(key: str, otherwise: Any = None) -> Any:
    """What the session holds. Asked for one thing, Streamlit may stop the callback there, as it does once a page is left; asked for all of
    it, it does not. So what was typed when a page was reloaded is still kept."""
    return st.session_state.to_dict().get(key, otherwise)


def whole(press: Callable[P, None]) -> Callable[P, None]:
    """A callback that the next press does not cut short. Streamlit leaves a callback wherever it touches the session while another press
    waits, and does not call it again: an answer picked just before "next" would be lost. ``press`` begins anew instead, so once it has kept
    something it must not touch the session any more, and of two such callbacks none calls the other."""

    @wraps(press)
    def pressed(*args: P.args, **more: P.kwargs) -> None:
        waiting: RerunException | None = None
        while True:
            try:
                press(*args, **more)
                break
            except RerunException as next_press:
                waiting = next_press
        if waiting is not None:
            raise waiting

    return pressed
