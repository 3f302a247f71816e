"""What the shop changed: the form, the list, and how a change reads."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from pdd_audit.core.changes import CHANGE_KINDS, LONGEST, Change, ChangeKind
from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.services.changes import add_change, remove_change
from pdd_audit.texts import error_text
from pdd_audit.texts.numbers import day
from pdd_audit.ui import session
from pdd_audit.ui.charts.trends import Mark
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.refusals import told
from pdd_audit.ui.rights import only
from pdd_audit.ui.session import Here

NEAR_DAYS = 7
CHOSEN = ("judged_change", "trends_since")  # where the session remembers a change


def marks_of(here: Here, changes: Sequence[Change]) -> list[Mark]:
    return [
        Mark(change.day, here.words("trends.mark", kind=here.words(f"trends.kind.{change.kind}"), what=change.what)) for change in changes
    ]


def described(here: Here, change: Change) -> str:
    """A change as Markdown."""
    return here.words(
        "trends.change", day=day(change.day, here.lang), kind=here.words(f"trends.kind.{change.kind}"), what=md_escape(change.what)
    )


def plainly(here: Here, change: Change) -> str:
    """A change in a list to choose from, where Markdown does not count."""
    return here.words("trends.change", day=day(change.day, here.lang), kind=here.words(f"trends.kind.{change.kind}"), what=change.what)


def near(here: Here, changes: Sequence[Change], when: date) -> str:
    """What was written down around a day."""
    found = [change for change in changes if abs((change.day - when).days) <= NEAR_DAYS]
    return here.words("app.comma").join(described(here, change) for change in found) or here.words("trends.nothing_logged")


def change_form(here: Here, as_of: date) -> None:
    with st.popover(here.words("trends.add.button"), icon=":material/add:", **only(here, Right.ANSWER)):
        st.caption(here.words("trends.add.caption"))
        st.date_input(here.words("trends.add.day"), value=as_of, key="change_day")
        labels = {kind: here.words(f"trends.kind.{kind}") for kind in CHANGE_KINDS}
        st.selectbox(here.words("trends.add.kind"), CHANGE_KINDS, key="change_kind", format_func=labels.__getitem__)
        st.text_input(here.words("trends.add.what"), key="change_what", max_chars=LONGEST, placeholder=here.words("trends.add.example"))
        st.button(here.words("trends.add.save"), key="add_change", type="primary", on_click=keep_change)
        if "change_refused" in st.session_state:
            title, body = st.session_state.pop("change_refused")
            st.error(md_escape(body), title=md_escape(title))


def change_list(here: Here, changes: Sequence[Change]) -> None:
    with st.popover(here.words("trends.list.button", n=len(changes)), type="tertiary", icon=":material/list:"):
        for change in reversed(changes):
            with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
                st.markdown(described(here, change), width="stretch")
                st.button(
                    "",
                    key=f"forget_{change.id}",
                    icon=":material/delete:",
                    type="tertiary",
                    on_click=forget_change,
                    args=(change.id,),
                    **only(here, Right.ANSWER, tip=here.words("trends.list.delete")),
                )


def keep_change() -> None:
    """Save what the form holds; reads by key, draws nothing."""
    now = session.current()
    state = st.session_state
    what = str(state.get("change_what") or "")
    kind: ChangeKind = state.get("change_kind", "other")
    when = state.get("change_day")
    if now.shop is None or not isinstance(when, date):
        return
    try:
        saved = add_change(now.ws, now.shop.id, when, what, kind)
    except AuditError as error:
        state["change_refused"] = error_text(error, now.lang)
        return
    state["change_what"] = ""
    state["judged_change"] = saved.id


@told
def forget_change(change_id: str) -> None:
    now = session.current()
    assert now.shop is not None, "changes belong to a shop"
    remove_change(now.ws, now.shop.id, change_id)
    for key in CHOSEN:
        if st.session_state.get(key) == change_id:
            del st.session_state[key]
