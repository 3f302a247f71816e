"""What a press on the Actions page does: one call of a service, and a refusal kept for the next run to show."""

from collections.abc import Callable

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.services.actions import Speaker
from pdd_audit.services.import_files import user_here
from pdd_audit.texts import error_text
from pdd_audit.ui import session
from pdd_audit.ui.author import author_field
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.session import Here

ME, PROBLEM, DONE = "actions_me", "action_problem", "action_done"


def name_field(here: Here) -> None:
    """Who sits here; the name stays for the other pages."""
    author_field(here, here.words("actions.me"), ME, session.who(here) or user_here(), on_change=_remember, width=220)


def _remember() -> None:
    st.session_state["me"] = str(st.session_state.get(ME) or "").strip()


def speaker(seen: int = 0) -> Speaker:
    return Speaker(str(st.session_state.get(ME) or ""), seen)


def press(place: str, work: Callable[[Here, str], object], done: str = "actions.kept") -> None:
    """Run ``work`` with the shop's id. ``place``: where a refusal is shown; ``done``: what to say when it went well."""
    there = session.current()
    assert there.shop is not None, "drawn only where there is a shop"
    try:
        work(there, there.shop.id)
    except AuditError as refusal:
        st.session_state[PROBLEM] = (place, *error_text(refusal, there.lang))
        return
    st.session_state[DONE] = done


def problem(place: str) -> None:
    """The refusal of the last press, where it belongs."""
    kept = st.session_state.get(PROBLEM)
    if kept and kept[0] == place:
        del st.session_state[PROBLEM]
        st.error(md_escape(kept[2]), title=md_escape(kept[1]), icon=":material/block:")


def say_done(here: Here) -> None:
    done = st.session_state.pop(DONE, None)
    if done:
        st.toast(here.words(done), icon=":material/check:")
