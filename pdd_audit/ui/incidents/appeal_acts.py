"""What a press on the Appeals page does: one call of a service, and a refusal kept for the next run to show."""

from collections.abc import Callable

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.services.import_files import user_here
from pdd_audit.texts import error_text
from pdd_audit.ui import session
from pdd_audit.ui.author import author_field
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.session import Here

PROBLEM, DONE = "appeal_problem", "appeal_done"


def act(place: str, work: Callable[[Here, str], None], done: str = "") -> None:
    """Run ``work`` with the shop's id. ``place``: where a refusal is shown; ``done``: the text to say when it went well."""
    there = session.current()
    assert there.shop is not None, "drawn only where there is a shop"
    try:
        work(there, there.shop.id)
    except AuditError as refusal:
        st.session_state[PROBLEM] = (place, *error_text(refusal, there.lang), refusal.place.file or "")
        return
    if done:
        st.session_state[DONE] = done


def problem(here: Here, place: str) -> None:
    """The refusal of the last press, where it belongs, with the file its figures stand in."""
    kept = st.session_state.get(PROBLEM)
    if kept and kept[0] == place:
        del st.session_state[PROBLEM]
        _, title, body, file = kept
        named = here.words("appeals.in_file", file=file) if file else ""
        st.error(md_escape(named + body), title=md_escape(title), icon=":material/block:")


def say_done(here: Here) -> None:
    done = st.session_state.pop(DONE, None)
    if done:
        st.toast(here.words(done), icon=":material/check:")


def who(here: Here, key: str) -> None:
    """Who acts; the same name everywhere once it was typed."""
    if not st.session_state.get(key):
        st.session_state[key] = st.session_state.get("who_acts", user_here())
    author_field(here, here.words("appeals.by"), key)


def typed(key: str) -> str:
    said = str(st.session_state.get(key) or "").strip()
    if key.endswith("_by") and said:
        st.session_state["who_acts"] = said
    return said
