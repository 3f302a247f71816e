"""Coming into a shop with an invitation code, and what somebody sees who is in none."""

import streamlit as st

from pdd_audit.services.people import accept, host_of
from pdd_audit.services.shops import may_found
from pdd_audit.texts.numbers import DASH
from pdd_audit.ui import session
from pdd_audit.ui.parts import card, heading
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.refusals import told
from pdd_audit.ui.session import INVITED, Here, choose_shop

JOINED = "joined_shop"


def stranded(here: Here) -> bool:
    """In no shop, and not one who makes them: there is nothing else to show."""
    return here.ws.person is not None and here.shop is None and not may_found(here.ws)


def whom_to_ask(here: Here) -> None:
    """The only page of somebody who is stranded."""
    hosts = md_escape(here.words("app.comma").join(host_of(here.ws)) or DASH)
    heading(here.words("people.no_shop_title"), here.words("people.no_shop", hosts=hosts), level=1)
    join_card(here)


def join_card(here: Here) -> None:
    """The field for a code; one that came with the address stands in it already."""
    with card(tight=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            given = st.session_state.get(INVITED, "")
            st.text_input(here.words("people.code"), value=given, key="invitation_code", max_chars=200, autocomplete="off", width=380)
            st.button(here.words("people.enter"), key="join_shop", type="primary", icon=":material/login:", on_click=_join)


def came_by_link(here: Here) -> None:
    """A link with a code leads here from any page; nobody joins without pressing."""
    if here.ws.person is not None and st.session_state.get(INVITED) and not stranded(here):
        join_card(here)
    if JOINED in st.session_state:
        st.toast(here.words("people.joined", shop=md_escape(st.session_state.pop(JOINED))), icon=":material/check:")


@told
def _join() -> None:
    here = session.current()
    code = str(st.session_state.get("invitation_code") or "")
    st.session_state.pop(INVITED, None)
    shop = accept(here.ws, code)
    choose_shop(shop.id)
    st.session_state[JOINED] = shop.name
