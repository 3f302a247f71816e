"""The plain cells of a small workbook that is no export: the child writes them as they stand, the parent only checks their form."""

import json
import uuid
from dataclasses import asdict, replace
from datetime import date, datetime, time
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import TypeAdapter, ValidationError

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data.reading import hand_over
from pdd_audit.data.reading.limits import COMMAND_LINE, Limits
from pdd_audit.data.reading.read_file import ChildProcess, shown_name

if TYPE_CHECKING:
    from pdd_audit.data.reading.container import Look

Cell: TypeAlias = bool | int | float | str | None
Sheets: TypeAlias = dict[str, list[list[Cell]]]

CELLS = "cells.json"
LIMITS = replace(COMMAND_LINE, file_bytes=2 * 1024 * 1024, sheet_cells=200_000)
MOST_ROWS, MOST_COLUMNS, LONGEST = 2_000, 60, 10_000
_MOST_BYTES = 32 * 1024 * 1024
_SHEETS: TypeAdapter[Sheets] = TypeAdapter(dict[str, list[list[bool | int | float | str | None]]])


def is_workbook(content: bytes) -> bool:
    """Whether the bytes begin as a workbook does, or any other ZIP or OLE file; text never does."""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0"))


# --- in the parent -------------------------------------------------------------------------------------------------------------


def read_sheets(source: hand_over.Source, name: str, limits: Limits = LIMITS) -> Sheets:
    """Sheet name -> its rows from the first one on. Raises AuditError with the file's name, and sheet, row and column where they are
    known."""
    shown = shown_name(name)
    try:
        size = hand_over.size_of(source)
        if limits.file_bytes is not None and size > limits.file_bytes:  # an export would be cured by fewer days
            raise AuditError("sheet_file_too_large", limit=f"{limits.file_bytes / 1048576:.0f} MB")
        with TemporaryDirectory(prefix="pdd-audit-", ignore_cleanup_errors=True) as scratch:
            folder = Path(scratch) / f"{uuid.uuid4().hex}.part"
            folder.mkdir(mode=0o700)
            with hand_over.held(source, folder) as held:
                job = {"path": held.path, "size": held.size, "name": shown, "limits": asdict(limits), "expected": None, "password": None,
                       "mode": "cells"}
                ChildProcess(job, held, folder, limits.for_size(size), None).wait("0" * 64)
            with (folder / CELLS).open("rb") as file:
                found = _SHEETS.validate_json(file.read(_MOST_BYTES), strict=True)
            rmtree(folder, ignore_errors=True)
            return found
    except AuditError as error:
        raise AuditError(error.code, replace(error.place, file=shown), error.found, **error.values) from error
    except (OSError, ValidationError) as error:
        raise AuditError("reader_output", Place(shown)) from error


# --- in the child --------------------------------------------------------------------------------------------------------------


def write_cells(job: dict[str, Any], what: "Look", folder: Path) -> dict[str, Any]:
    """Writes ``cells.json`` into the child's folder. Raises sheet_not_workbook, sheet_too_large, sheet_cell_too_long, sheet_formula."""
    from pdd_audit.data.reading.workbooks import Book, facts_by_sheet

    if what.kind != "workbook":
        raise AuditError("sheet_not_workbook")
    found: Sheets = {}
    with Path(job["path"]).open("rb") as stream:
        for sheet, facts in facts_by_sheet(stream, what).items():
            for column, (_, row) in facts.empty_formulas.items():
                raise AuditError("sheet_formula", Place(sheet=sheet, row=row, column=column))
        for page in Book(stream).pages():
            if len(page.rows) > MOST_ROWS or any(len(row) > MOST_COLUMNS for row in page.rows):
                size = f"{len(page.rows)} x {max(map(len, page.rows))}"
                raise AuditError("sheet_too_large", Place(sheet=page.name), found=size, rows=MOST_ROWS, columns=MOST_COLUMNS)
            found[page.name] = [[_plain(cell, page.name, at) for cell in row] for at, row in enumerate(page.rows, start=1)]
    (folder / CELLS).write_text(json.dumps(found, ensure_ascii=True, allow_nan=False), "ascii")
    return {"rows": 0}


def _plain(cell: object, sheet: str, row: int) -> Cell:
    if isinstance(cell, bool | int):
        return cell
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else cell
    text = cell.isoformat() if isinstance(cell, date | datetime | time) else "" if cell is None else str(cell)
    if len(text) > LONGEST:
        raise AuditError("sheet_cell_too_long", Place(sheet=sheet, row=row), found=f"{len(text):,}", most=f"{LONGEST:,}")
    return text or None
