"""Waybills from a text file or CSV: one a line, a second column names the courier; or any CSV with a waybill column."""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data.live.answers import Parcel
from pdd_audit.data.reading.sources import fold, source

MAX_BYTES = 20_000_000
MAX_CELL = 60
WIDEST_CELL = 100_000  # an open quote that swallowed the file
WAYBILL = re.compile(r"[A-Z0-9-]{6,32}")  # 32 is the longest number kuaidi100 takes
SEPARATORS = re.compile(r"[,，;；/、\s]+")


def is_waybill(text: str) -> bool:
    """Whether this may be a waybill at all: no number in scientific notation, no words."""
    return WAYBILL.fullmatch(text) is not None


def read_waybills(path: Path) -> list[Parcel]:
    """The parcels of the file in its order, each waybill once. Cells that hold no waybill come along as they are: the fetch names
    them. Raises AuditError for a file that is missing, too big, no text, or without waybills."""
    rows = _rows(_text(path), path.name)
    first = [fold(cell) for cell in rows[0]] if rows else []
    waybill_at, courier_at = _column(first, "waybill"), _column(first, "courier")
    body = rows if waybill_at is None else rows[1:]
    found: dict[str, Parcel] = {}
    for row in body:
        cell = row[waybill_at or 0] if len(row) > (waybill_at or 0) else ""
        at = 1 if waybill_at is None else courier_at
        courier = _printable(row[at].strip())[:40] if at is not None and len(row) > at else ""
        for part in SEPARATORS.split(cell.strip()):
            waybill = _printable(fold(part).upper())[:MAX_CELL]
            if waybill:
                found.setdefault(waybill, Parcel(waybill, courier or None))
    if not any(is_waybill(waybill) for waybill in found):
        raise AuditError("live_no_waybills", Place(path.name))
    return list(found.values())


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError:
        raise AuditError("no_such_file", Place(path.name), found=path.name) from None
    if len(content) > MAX_BYTES:
        raise AuditError("live_list_too_big", Place(path.name), found=f"> {MAX_BYTES:,} B", limit=f"{MAX_BYTES:,}")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise AuditError("live_list_not_text", Place(path.name))


def _rows(text: str, name: str) -> list[list[str]]:
    delimiter = "\t" if "\t" in text.partition("\n")[0].rstrip() else ","
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(cell.strip() for cell in row)]
    except csv.Error:
        raise AuditError("live_list_not_text", Place(name)) from None
    if any(len(cell) > WIDEST_CELL for row in rows for cell in row):  # the csv module's own limit is one for the whole process
        raise AuditError("live_list_not_text", Place(name))
    return rows


def _printable(text: str) -> str:
    """Without signs that would command the terminal on which a cell is named."""
    return "".join(sign for sign in text if sign.isprintable())


def _column(headers: Sequence[str], column: str) -> int | None:
    """Where a column stands, by the headers of order exports and pickup sheets."""
    known = [header for kind in ("pdd_orders", "courier_pickups") for header in source(kind).columns[column]]
    return next((headers.index(header) for header in known if header in headers), None)
