"""Late parcels one by one, each with its cause and the rule that fired, in a drawer of their own."""

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.filters import Filters
from pdd_audit.services.look_at_couriers import as_csv, late_parcels
from pdd_audit.texts import error_text
from pdd_audit.texts.numbers import DASH, count
from pdd_audit.ui.parts import link
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.row_files import offer_rows
from pdd_audit.ui.rows import LIMIT
from pdd_audit.ui.session import Here

CODED = {"cause": "couriers.cause.name", "party": "couriers.party.name", "rule": "couriers.party.rule", "reason": "couriers.party.reason"}


def late_rows_link(here: Here, total: int, key: str, filters: Filters, *, label: str = "", party: str = "", cause: str = "") -> None:
    """A link to the late parcels of a party or a cause, or to all; nothing when there are none."""
    if total and link(label or here.words("app.rows.see", n=count(total)), "table_rows", key):
        _drawer(here, filters, party, cause)


def _drawer(here: Here, filters: Filters, party: str, cause: str) -> None:
    words = here.words
    assert here.shop is not None, "rows belong to a shop"
    shop = here.shop

    @st.dialog(words("couriers.rows.title"), width="large", position="right", icon=":material/table_rows:")
    def show() -> None:
        try:
            frame = late_parcels(here.ws, shop.id, filters, party, cause)
        except AuditError as refusal:
            title, body = error_text(refusal, here.lang)
            st.error(md_escape(body), title=md_escape(title))
            return
        if len(frame) > LIMIT:
            st.caption(words("app.rows.first", shown=count(LIMIT), total=count(len(frame))))
        for column, prefix in CODED.items():
            frame[column] = frame[column].map({code: words(f"{prefix}.{code}") for code in frame[column].unique() if code})
        said = {column: words(f"couriers.rows.{column}") if column in CODED else words(f"app.columns.{column}") for column in frame.columns}
        frame = frame.rename(columns=said)
        st.dataframe(frame.head(LIMIT), hide_index=True, height=560, placeholder=DASH, alt=words("couriers.rows.title"))
        offer_rows(here, words("app.rows.download"), lambda: as_csv(frame), f"{shop.name}_late", "csv_late_parcels")

    show()
