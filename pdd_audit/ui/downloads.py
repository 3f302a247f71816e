"""The one place that offers a file. A random id in its name keeps two users' files apart, even of one length and beginning."""

import secrets
from collections.abc import Callable

import streamlit as st


def offer(label: str, make: Callable[[], bytes], stem: str, ending: str, mime: str, *, key: str, primary: bool = False) -> None:
    """A download button; ``make`` runs when it is pressed."""
    safe = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in stem)[:60]
    st.download_button(
        label,
        make,
        file_name=f"{safe}_{secrets.token_hex(4)}.{ending}",
        mime=mime,
        key=key,
        on_click="ignore",
        icon=":material/download:",
        type="primary" if primary else "secondary",
    )
