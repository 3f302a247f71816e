"""The rows behind a number, for the screen and as a file that opens safely in a spreadsheet."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd

from pdd_audit.core.filters import ALL, Filters
from pdd_audit.core.lineage import REPLY_KINDS
from pdd_audit.core.people import Right
from pdd_audit.core.spreadsheet import safe_cell
from pdd_audit.services.access import needs
from pdd_audit.services.measure import Ask, ask_about, ground_of
from pdd_audit.services.replies import reply_list
from pdd_audit.services.workspace import Workspace
from pdd_audit.texts import Words

__all__ = ["in_words", "list_rows", "rows_csv", "safe_cell"]
Place = Mapping[str, str]
STATES = ("promise", "pickup", "first_move", "after_sale")
FORMS = (
    "sentinel", "bad", "day_first", "month_first", "either_first", "order", "yearless", "no_year", "two_digit", "zone", "serial", "unix",
    "end_of_day", "day", "written", "unknown_mark",
)
TROUBLE = ("trouble", "scan_trouble")


@needs(Right.LOOK)
def list_rows(
    workspace: Workspace, shop_id: str, what: str, limit: int | None = 500, filters: Filters = ALL, at: Place | None = None
) -> pd.DataFrame:
    """Rows of one kind of ``data.relations.rows.ROWS`` among the chosen parcels, oldest first (of a parcel: waybill, order_no, courier,
    outlet, shipped_at, picked_up_at, first_move_at, promised_ship_at, excluded, file, source_row, and the codes of what was doubtful),
    or of ``services.replies``. ``at``: the place a kind asks for. Raises AuditError when the engine cannot run."""
    ask = ask_about(workspace, shop_id, None)
    if ask is None:
        return pd.DataFrame()
    if what in REPLY_KINDS:
        found = reply_list(workspace, shop_id, what, filters)
        return found.head(limit) if limit else found
    if not workspace.ledger(shop_id).paths("pdd_orders"):
        return pd.DataFrame()
    with _asked(workspace, shop_id, ask, what, filters, at, limit) as rows:
        frame: pd.DataFrame = rows.execute()
    return frame.assign(file=frame["import_id"].map(_names(ask))).drop(columns="import_id")


@needs(Right.EXPORT_ROWS)
def rows_csv(
    workspace: Workspace, shop_id: str, what: str, filters: Filters = ALL, at: Place | None = None, words: Words | None = None
) -> bytes:
    """All rows of one kind as CSV with BOM, made a batch at a time; every cell quoted, none starting a formula, long numbers kept as
    text. ``words``: headers and reasons in this language instead of their codes."""
    text = io.BytesIO("\ufeff".encode())  # spreadsheets read a file without it as GBK
    text.seek(0, io.SEEK_END)
    out = io.TextIOWrapper(text, "utf-8", newline="", write_through=True)
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    for number, frame in enumerate(_parts(workspace, shop_id, what, filters, at)):
        said = frame if words is None else in_words(frame, words, every_column=True)
        if not number:
            writer.writerow(said.columns)
        writer.writerows([safe_cell(value) for value in row] for row in said.itertuples(index=False))
    out.detach()
    return text.getvalue()


def in_words(frame: pd.DataFrame, words: Words, every_column: bool = False) -> pd.DataFrame:
    """Headers in the reader's language, and in words why a parcel was left out and what was doubtful about its row. Columns of the last
    two kinds go where they say nothing, unless ``every_column`` stays: the parts of one file must agree."""
    shown = frame
    for column in STATES:
        if column in shown:
            shown = shown.assign(**{column: [words.coded("app.rows.state", str(state)) for state in shown[column]]})
    for column, say in (("excluded", _reason), *((name, _troubles) for name in TROUBLE)):
        if column in shown and (every_column or shown[column].notna().any()):
            told = {codes: say(str(codes), words) for codes in shown[column].dropna().unique()}
            shown = shown.assign(**{column: [told.get(codes) for codes in shown[column]]})
        elif column in shown:
            shown = shown.drop(columns=column)
    return shown.rename(columns={column: words.coded("app.columns", column) for column in shown.columns})


def _reason(code: str, words: Words) -> str:
    return words.coded("report.excluded", code.lower())


def _troubles(codes: str, words: Words) -> str:
    """"bad_waybill=1.2E+13;negative_yuan" in words, with what the cell held where that was kept."""
    parts = []
    for code in codes.split(";"):
        name, _, found = code.lstrip("!").partition("=")
        text = _trouble(name, words)
        parts.append(words("trouble.with_found", trouble=text, found=found) if found else text)
    return words("app.semicolon").join(dict.fromkeys(parts))


def _trouble(code: str, words: Words) -> str:
    """A code of its own, or how one column was written: ``serial_shipped_at``."""
    if words.has(f"trouble.{code}"):
        return words(f"trouble.{code}")
    for form in FORMS:
        column = code.removeprefix(f"{form}_")
        if column != code:
            return words("trouble.of_column", column=words.coded("app.columns", column), trouble=words(f"trouble.form.{form}"))
    return code


@contextmanager
def _asked(
    workspace: Workspace, shop_id: str, ask: Ask, what: str, filters: Filters, at: Place | None, limit: int | None
) -> Iterator[Any]:
    """An expression of the engine, to be run while it is open."""
    from pdd_audit.data.relations.rows import rows_behind

    with ground_of(workspace, shop_id, ask) as ground:
        yield rows_behind(ground.only(filters), what, at, limit)


def _parts(workspace: Workspace, shop_id: str, what: str, filters: Filters, at: Place | None) -> Iterator[pd.DataFrame]:
    ask = ask_about(workspace, shop_id, None)
    if what in REPLY_KINDS or ask is None or not workspace.ledger(shop_id).paths("pdd_orders"):
        yield list_rows(workspace, shop_id, what, None, filters, at)
        return
    from pdd_audit.data.relations.parcel_list import row_batches

    with _asked(workspace, shop_id, ask, what, filters, at, None) as rows:
        for columns, batch in row_batches(rows, _names(ask), workspace.cache(shop_id)):
            yield _frame(columns, batch)


def _frame(columns: Sequence[str], batch: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """As the values came: a row number stays a whole number beside one that is not known."""
    return pd.DataFrame(batch, columns=list(columns), dtype=object)


def _names(ask: Ask) -> dict[str, str]:
    return {report.sha256: report.file for report in ask.reports}
