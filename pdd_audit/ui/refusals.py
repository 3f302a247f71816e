"""A refusal of a press that has no place of its own on the page: said once, above it."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.texts import Lang, error_text
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.session import chosen_language

P = ParamSpec("P")
REFUSED = "press_refused"


def told(press: Callable[P, None]) -> Callable[P, None]:
    """A callback whose refusal is kept for the next run to say."""

    @wraps(press)
    def pressed(*args: P.args, **more: P.kwargs) -> None:
        try:
            press(*args, **more)
        except AuditError as refusal:
            st.session_state[REFUSED] = error_text(refusal, chosen_language())

    return pressed


def tell() -> None:
    """What was refused last, once."""
    if REFUSED in st.session_state:
        _draw(*st.session_state.pop(REFUSED))


def say(refusal: AuditError, lang: Lang) -> None:
    """A refusal in the place of what was refused."""
    _draw(*error_text(refusal, lang))


def _draw(title: str, body: str) -> None:
    st.error(md_escape(body), title=md_escape(title), icon=":material/block:")
