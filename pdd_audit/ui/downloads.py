"""The one place that offers a file. Without a login Streamlit's own button, with a random id in the file's name, which keeps two users'
files apart even of one length and beginning; with one our own route, which hands a file to nobody but whom it was offered to."""

import secrets
from collections.abc import Callable

import streamlit as st

from pdd_audit.core.people import Right
from pdd_audit.services.access import require
from pdd_audit.services.files_out import Offer, files_out
from pdd_audit.ui.session import current, logged_in

OFFERED = "files_offered"  # key of a button -> the id it was offered under


def offer(label: str, make: Callable[[], bytes], stem: str, ending: str, mime: str, *, key: str, primary: bool = False) -> None:
    """A download button; ``make`` runs when it is pressed."""
    safe = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in stem)[:60]
    icon = ":material/download:"
    if logged_in() is not None:
        address = _address(make, f"{safe}.{ending}", mime, key)
        st.link_button(label, address, key=key, icon=icon, type="primary" if primary else "secondary")
        return
    st.download_button(
        label,
        make,
        file_name=f"{safe}_{secrets.token_hex(4)}.{ending}",
        mime=mime,
        key=key,
        on_click="ignore",
        icon=icon,
        type="primary" if primary else "secondary",
    )


def _address(make: Callable[[], bytes], name: str, mime: str, key: str) -> str:
    """Where the file is fetched: the same each time the page is drawn. Whoever may no longer see the shop no longer gets it."""
    here = current()
    ws, shop = here.ws, here.shop
    assert ws.person is not None, "asked for only with a login"

    def made() -> bytes:
        if shop is not None:
            require(ws, shop.id, Right.LOOK)
        return make()

    known: dict[str, str] = st.session_state.setdefault(OFFERED, {})
    known[key] = files_out().put(Offer(ws.person.id, name, mime, made), known.get(key))
    return f"/download/{known[key]}"
