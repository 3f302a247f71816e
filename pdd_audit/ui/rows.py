"""The rows behind a number: a link that names their count, and the drawer it opens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd
import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.filters import ALL, Filters
from pdd_audit.core.lineage import ROWS_BEHIND
from pdd_audit.core.result import FindingRecord
from pdd_audit.services.rows import in_words, list_rows, rows_csv
from pdd_audit.texts import error_text
from pdd_audit.texts.numbers import DASH, count
from pdd_audit.ui.parts import link
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.row_files import offer_rows
from pdd_audit.ui.session import Here

LIMIT = 500
TALL, MANY = 560, 14  # pixels of a table that scrolls, and how many rows it takes


@dataclass(frozen=True)
class Listed:
    """One list of rows: its kind (``data.relations.rows``), how many there are, and the place the kind asks for."""

    what: str
    total: int
    at: Mapping[str, str] = field(default_factory=dict)


def rows_link(
    here: Here,
    what: str,
    total: int,
    key: str,
    filters: Filters = ALL,
    *,
    at: Mapping[str, str] | None = None,
    beside: Sequence[Listed] = (),
    label: str = "",
) -> None:
    """A link to the rows of a kind; nothing when there are none. ``filters``: those under which ``total`` was counted. ``beside``: lists
    the same drawer offers too, such as the parcels counted with these and those left out. ``label``: instead of "See the 448"."""
    if total and link(label or here.words("app.rows.see", n=count(total)), "table_rows", key):
        _drawer(here, [Listed(what, total, at or {}), *(listed for listed in beside if listed.total)], filters)


def finding_link(here: Here, finding: FindingRecord, key: str) -> None:
    """The rows behind a verdict: the full list of its metric, else the waybills that the finding itself names."""
    what = ROWS_BEHIND.get(finding.metric)
    if what is not None:
        rows_link(here, what, finding.rows_total, key)
    elif finding.rows and link(here.words("app.rows.see", n=count(finding.rows_total)), "table_rows", key):
        _waybills(here, finding)


def _drawer(here: Here, lists: Sequence[Listed], filters: Filters) -> None:
    words = here.words
    assert here.shop is not None, "rows belong to a shop"
    shop = here.shop

    @st.dialog(words(f"app.rows.title.{lists[0].what}"), width="large", position="right", icon=":material/table_rows:")
    def show() -> None:
        listed = lists[0] if len(lists) == 1 else lists[_choice(here, lists)]
        try:
            frame = list_rows(here.ws, shop.id, listed.what, limit=LIMIT, filters=filters, at=listed.at)
        except AuditError as refusal:
            title, body = error_text(refusal, here.lang)
            st.error(md_escape(body), title=md_escape(title))
            return
        if filters:
            st.caption(words("app.rows.chosen"))
        if len(frame) < listed.total:
            st.caption(words("app.rows.first", shown=count(len(frame)), total=count(listed.total)))
        height: int | Literal["content"] = TALL if len(frame) > MANY else "content"
        st.dataframe(in_words(frame, words), hide_index=True, height=height, placeholder=DASH, alt=words(f"app.rows.title.{listed.what}"))
        offer_rows(
            here, words("app.rows.download"), lambda: rows_csv(here.ws, shop.id, listed.what, filters, listed.at, words),
            f"{shop.name}_{listed.what}", f"csv_{listed.what}",
        )

    show()


def _choice(here: Here, lists: Sequence[Listed]) -> int:
    """Which of the lists is looked at, by its position."""
    words = here.words
    labels = [words("app.rows.of", title=words(f"app.rows.title.{listed.what}"), n=count(listed.total)) for listed in lists]
    chosen = st.radio(
        words("app.rows.which"),
        range(len(lists)),
        format_func=labels.__getitem__,
        key=f"list_{'_'.join(listed.what for listed in lists)}",
        label_visibility="collapsed",
    )
    return int(chosen or 0)


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
