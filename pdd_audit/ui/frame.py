"""What stands above every page: the shop with the age of its data, and the language."""

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Person
from pdd_audit.services.measure import as_of_files
from pdd_audit.services.shops import create_shop, list_shops, may_found
from pdd_audit.texts import LANGS, error_text
from pdd_audit.texts.numbers import moment
from pdd_audit.ui.meeting_clock import in_meeting
from pdd_audit.ui.own_list import platform_note
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.refusals import tell
from pdd_audit.ui.session import Here, choose_shop, current

LOG_OUT = "/logout"  # a route of the gate


def header(here: Here, page: str) -> None:
    """One row: shop and data age left, who is logged in and the language right; below it what was refused last. A meeting has the screen to
    itself."""
    if not in_meeting():
        _line(here, page)
    if here.ws.only_readable:
        st.warning(here.words("app.only_readable"), icon=":material/lock:")
    tell()


def _line(here: Here, page: str) -> None:
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", horizontal_alignment="distribute"):
        if here.shop is None:
            st.caption(here.words("app.ours"), width="stretch")
        else:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                _shops(here)
                if page != "shops":  # it speaks of all shops, each with its own age; and it opens even when this one is broken
                    st.caption(_age(here), width="content")
        if here.ws.person is not None:
            _person(here, here.ws.person)
        labels = {"zh": "中文", "en": "EN"}
        st.segmented_control(
            here.words("app.language"),
            LANGS,
            default=here.lang,
            required=True,
            key="language",
            format_func=labels.__getitem__,
            on_change=_switch_language,
            label_visibility="collapsed",
            wrap=False,
        )


def _person(here: Here, person: Person) -> None:
    """Who this is, and the way out."""
    with st.popover(md_escape(person.name), type="tertiary", icon=":material/person:"):
        if person.email:
            st.caption(md_escape(person.email))
        st.link_button(here.words("people.log_out"), LOG_OUT, icon=":material/logout:", type="tertiary")


def _age(here: Here) -> str:
    """No page waits here for an audit: it opens while the files are still being counted, and when one that it should remove breaks it."""
    assert here.shop is not None, "drawn only when there is a shop"
    as_of = as_of_files(here.ws, here.shop.id)
    told = here.words("app.as_of", moment=moment(as_of, here.lang)) if as_of else here.words("app.no_data")
    return here.words("app.dot").join(part for part in (told, platform_note(here, as_of)) if part)


def _switch_language() -> None:
    st.session_state["lang"] = st.session_state["language"]


def _shops(here: Here) -> None:
    assert here.shop is not None, "drawn only when there is a shop"
    if not has_choice(here):
        st.markdown(f":small[:material/storefront: {md_escape(here.shop.name)}]", width="content")
        return
    with st.popover(md_escape(here.shop.name), type="tertiary", icon=":material/storefront:"):
        shop_chooser(here, "header")


def has_choice(here: Here) -> bool:
    """Whether there is another shop to turn to, or the right to make one."""
    return may_found(here.ws) or len(list_shops(here.ws)) > 1


def shop_chooser(here: Here, place: str) -> None:
    """Select a shop or name a new one. ``place`` keeps the keys of two choosers apart."""
    words = here.words
    shops = list_shops(here.ws)
    names = {shop.id: shop.name for shop in shops}
    if here.shop is not None and len(shops) > 1:
        key = f"shop_{place}_{here.shop.id}"
        st.selectbox(
            words("app.shop.choose"),
            list(names),
            index=list(names).index(here.shop.id),
            key=key,
            format_func=names.__getitem__,
            on_change=_choose,
            args=(key,),
        )
    if may_found(here.ws):
        new_shop(here, place)


def new_shop(here: Here, place: str) -> None:
    """Name a new shop and turn to it."""
    words = here.words
    key = f"new_shop_{place}"
    st.text_input(words("app.shop.new"), key=key, max_chars=60, placeholder=words("app.shop.placeholder"))
    problem = st.session_state.pop("shop_problem", None)
    if problem:
        st.error(md_escape(problem), icon=":material/error:")
    st.button(words("app.shop.create"), key=f"create_{place}", on_click=_create, args=(key,), icon=":material/add:")


def _choose(key: str) -> None:
    choose_shop(st.session_state[key])


def _create(key: str) -> None:
    name = str(st.session_state.get(key) or "").strip()
    if name:
        here = current()
        try:
            choose_shop(create_shop(here.ws, name).id)
        except AuditError as error:
            st.session_state["shop_problem"] = " ".join(error_text(error, here.lang))
            return
        st.session_state[key] = ""
