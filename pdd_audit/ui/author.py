"""Names of people in forms. Under whose name something is kept: typed where there is no login, else the name of the login, as it is. Whose
something is to be: typed, with a login also chosen from those of the shop."""

from typing import Any

import streamlit as st

from pdd_audit.services.people import speakers
from pdd_audit.ui.session import MOST_NAME, Here


def author_field(here: Here, label: str, key: str, usual: str = "", **look: Any) -> None:
    """The name lies in the session under ``key``. ``usual``: what is proposed; ``look``: more of ``st.text_input``."""
    if here.ws.person is None:
        st.text_input(label, value=usual, key=key, max_chars=MOST_NAME, **look)
        return
    st.session_state[key] = here.ws.person.name
    st.text_input(label, key=key, disabled=True, **look)


def owner_field(here: Here, label: str, key: str, usual: str = "") -> None:
    """Who is to do something; it may be somebody outside, such as the outlet."""
    if here.ws.person is None or here.shop is None:
        st.text_input(label, value=usual, key=key, max_chars=MOST_NAME)
        return
    names = list(dict.fromkeys([*speakers(here.ws, here.shop.id), *([usual] if usual else [])]))
    st.selectbox(label, names, index=names.index(usual) if usual else None, key=key, accept_new_options=True)
