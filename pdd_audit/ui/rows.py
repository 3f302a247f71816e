"""The rows behind a number: a link that names their count, and the drawer it opens."""

import pandas as pd
import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.lineage import ROWS_BEHIND
from pdd_audit.core.result import FindingRecord
from pdd_audit.services.rows import list_rows, rows_csv
from pdd_audit.texts import error_text
from pdd_audit.texts.numbers import DASH, count
from pdd_audit.ui.downloads import offer
from pdd_audit.ui.parts import link
from pdd_audit.ui.phrases import coded
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.session import Here

LIMIT = 500


def rows_link(here: Here, what: str, total: int, key: str) -> None:
    """Nothing when there is nothing to show."""
    if total and link(here.words("app.rows.see", n=count(total)), "table_rows", key):
        _drawer(here, what, total)


def finding_link(here: Here, finding: FindingRecord, key: str) -> None:
    """The rows behind a verdict: the full list of its metric, else the waybills that the finding itself names."""
    what = ROWS_BEHIND.get(finding.metric)
    if what is not None:
        rows_link(here, what, finding.rows_total, key)
    elif finding.rows and link(here.words("app.rows.see", n=count(finding.rows_total)), "table_rows", key):
        _waybills(here, finding)


def _drawer(here: Here, what: str, total: int) -> None:
    words = here.words
    assert here.shop is not None, "rows belong to a shop"
    shop = here.shop

    @st.dialog(words(f"app.rows.title.{what}"), width="large", position="right", icon=":material/table_rows:")
    def show() -> None:
        try:
            frame = list_rows(here.ws, shop.id, what, limit=LIMIT)
        except AuditError as refusal:
            title, body = error_text(refusal, here.lang)
            st.error(md_escape(body), title=md_escape(title))
            return
        if len(frame) < total:
            st.caption(words("app.rows.first", shown=count(len(frame)), total=count(total)))
        st.dataframe(_named(here, frame), hide_index=True, height=560, placeholder=DASH, alt=words(f"app.rows.title.{what}"))
        offer(
            words("app.rows.download"),
            lambda: rows_csv(here.ws, shop.id, what),
            f"{shop.name}_{what}",
            "csv",
            "text/csv",
            key=f"csv_{what}",
        )

    show()


def _waybills(here: Here, finding: FindingRecord) -> None:
    words = here.words

    @st.dialog(words("app.rows.title.finding"), width="medium", position="right", icon=":material/table_rows:")
    def show() -> None:
        if len(finding.rows) < finding.rows_total:
            st.caption(words("app.rows.first", shown=count(len(finding.rows)), total=count(finding.rows_total)))
        st.dataframe(
            pd.DataFrame({words("app.columns.waybill"): finding.rows}),
            hide_index=True,
            height=560,
            placeholder=DASH,
            alt=words("app.rows.title.finding"),
        )

    show()


def _named(here: Here, frame: pd.DataFrame) -> pd.DataFrame:
    """Headers in the reader's language, and the reason for leaving a parcel out in words."""
    if "excluded" in frame:
        said = {code: coded(here.words, "report.excluded", str(code).lower()) for code in frame["excluded"].dropna().unique()}
        frame = frame.assign(excluded=frame["excluded"].map(said)) if said else frame.drop(columns="excluded")
    return frame.rename(columns={column: coded(here.words, "app.columns", column) for column in frame.columns})
