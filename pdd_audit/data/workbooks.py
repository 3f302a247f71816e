"""XLSX, XLS, XLSB and ODS: read with calamine after ``container.look``, every cell turned into text, then treated like a CSV."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data.hand_over import scratch
from pdd_audit.data.limits import Limits
from pdd_audit.data.recognise import Recognised, best_header, recognise, source_of
from pdd_audit.data.text_tables import FOOTERS, Table

_FIFTEEN_DIGITS = 10**15


@dataclass
class Sheet:
    """The sheet that was understood. Rows count as Excel does. ``others``: visible sheets that were not read."""

    name: str
    header_index: int
    rows: list[list[object]]
    found: Recognised
    titles: tuple[str, ...]
    others: tuple[str, ...]


def cell_text(value: object) -> str:
    """A cell as text. Whole numbers lose their ".0"; numbers of more than 15 digits have lost some and look so ("7.9E+14")."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        if value.is_integer():
            return str(int(value)) if abs(value) < _FIFTEEN_DIGITS else f"{value:.14E}"
        return repr(value)
    if isinstance(value, int):
        return str(value) if abs(value) < _FIFTEEN_DIGITS else f"{value:.14E}"
    if isinstance(value, datetime):
        return (value + timedelta(microseconds=500_000)).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, time):
        return value.strftime("%H:%M:%S")
    if isinstance(value, timedelta):
        return f"{value.total_seconds():.0f}秒"
    return str(value)


def read_sheet(stream: IO[bytes], limits: Limits, expected: str | None) -> Sheet:
    """The first visible sheet whose header row is known; a refusal about the first sheet that has rows otherwise."""
    stream.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(stream)
        visible = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
        loaded: list[tuple[str, list[list[object]], int]] = []
        for name in visible[:20]:
            rows: list[list[object]] = [list(row) for row in book.get_sheet_by_name(name).iter_rows()]
            index, _ = best_header([[cell_text(cell) for cell in row] for row in rows[: limits.header_rows]])
            if rows and source_of([cell_text(cell) for cell in rows[index]]) is not None:
                return _sheet(name, rows, index, tuple(other for other in visible if other != name), limits, expected)
            if any(cell != "" for row in rows for cell in row):
                loaded.append((name, rows, index))
    except CalamineError as error:
        if "password" in str(error).lower():
            raise AuditError("encrypted_workbook") from error
        raise AuditError("damaged_workbook") from error
    if not loaded:
        raise AuditError("blank_file")
    name, rows, index = loaded[0]
    return _sheet(name, rows, index, tuple(other for other in visible if other != name), limits, expected)


def _sheet(name: str, rows: list[list[object]], index: int, others: tuple[str, ...], limits: Limits, expected: str | None) -> Sheet:
    headers = [cell_text(cell) for cell in rows[index]]
    if len(headers) > limits.columns:
        raise AuditError("too_many_columns", Place(sheet=name, row=index + 1), found=str(len(headers)), limit=limits.columns)
    found = recognise(headers, index + 1, name, expected)
    titles = tuple(" ".join(cell_text(cell) for cell in row if cell != "")[:200] for row in rows[:index])
    return Sheet(name, index, rows, found, titles, others)


def sheet_table(sheet: Sheet, folder: Path) -> Table:
    """The wanted columns of the sheet's data rows as a CSV."""
    wanted = list(sheet.found.columns.items())
    out = scratch("rows", folder)
    records = 0
    with Path(out).open("w", encoding="utf-8", errors="replace", newline="") as sink:
        writer = csv.writer(sink, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for number, row in enumerate(sheet.rows[sheet.header_index + 1 :], sheet.header_index + 2):
            writer.writerow([number, _footer(row), *(_line(row[at]) for _, at in wanted)])
            records += 1
    return Table(
        path=out,
        delimiter=",",
        skip=0,
        width=2 + len(wanted),
        columns={name: 2 + at for at, (name, _) in enumerate(wanted)},
        first_column=1,
        first_row=sheet.header_index + 2,
        records=records,
        line_column=0,
    )


def _footer(row: Sequence[object]) -> str:
    return FOOTERS[0] if row and isinstance(row[0], str) and row[0].strip().startswith(FOOTERS) else ""


def _line(value: object) -> str:
    return " ".join(cell_text(value).replace("\r", "\n").replace("\0", "").split("\n"))
