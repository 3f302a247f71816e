"""Parcels and orders as a file, for those who may take them away; the others see them on the page and are told whom to ask."""

from collections.abc import Callable

import streamlit as st

from pdd_audit.core.people import Right
from pdd_audit.services.access import require
from pdd_audit.ui.downloads import offer
from pdd_audit.ui.rights import allowed
from pdd_audit.ui.session import Here


def may_take_rows(here: Here) -> bool:
    return here.shop is not None and allowed(here, Right.EXPORT_ROWS)


def offer_rows(here: Here, label: str, make: Callable[[], bytes], stem: str, key: str) -> None:
    """A button for a CSV; ``make`` runs when it is pressed, and whoever presses is asked for the right once more."""
    assert here.shop is not None, "rows are those of a shop"
    shop_id = here.shop.id

    def made() -> bytes:
        require(here.ws, shop_id, Right.EXPORT_ROWS)
        return make()

    if may_take_rows(here):
        offer(label, made, stem, "csv", "text/csv", key=key)
    else:
        st.caption(here.words("app.rows.not_to_take"))
