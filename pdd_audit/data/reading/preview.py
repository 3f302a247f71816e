"""A first look at a file nobody recognises. The child writes it, with people covered; the parent only checks its form."""

import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

from pydantic import ValidationError

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.file_preview import MOST_COLUMNS, SHOWN_ROWS, FilePreview
from pdd_audit.core.headers import column_names
from pdd_audit.core.mapping import DELIMITERS, LAST_HEADER_ROW, MAPPED_KINDS, header_fingerprint
from pdd_audit.data.reading import hand_over
from pdd_audit.data.reading.limits import COMMAND_LINE, Limits
from pdd_audit.data.reading.mapping import Seen, about_people, best_kind, propose, words_of
from pdd_audit.data.reading.read_file import ChildProcess, shown_name
from pdd_audit.data.reading.recognise import header_score, visible
from pdd_audit.data.reading.value_shapes import HIDDEN, harmless, looks_like_data, personal_cell

PREVIEW = "preview.json"
_MOST_BYTES = 4 * 1024 * 1024
_LONGEST = 40
_ROWS = LAST_HEADER_ROW + SHOWN_ROWS


@dataclass(frozen=True)
class Choice:
    """What the person has already said: the sheet, the header's row (0: none), the delimiter. None: find out."""

    sheet: str | None = None
    header_row: int | None = None
    delimiter: str | None = None


@dataclass(frozen=True)
class Grid:
    """The first rows of one table as text. ``numbers``: the row of each, as Excel counts."""

    sheet: str | None
    delimiter: str | None
    rows: Sequence[Sequence[str]]
    numbers: Sequence[int]

    @property
    def score(self) -> tuple[int, int, int]:
        """Known headers first, then how many rows have the most frequent number of cells, then that number."""
        widths = [len(row) for row in self.rows if any(cell.strip() for cell in row)]
        most = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
        known = max((header_score(row) for row in self.rows[:LAST_HEADER_ROW]), default=0)
        return (known, widths.count(most), most) if most > 1 else (known, 0, 0)


# --- in the parent -------------------------------------------------------------------------------------------------------------


def preview_file(source: hand_over.Source, name: str, scratch: Path, choice: Choice, limits: Limits = COMMAND_LINE,
                 password: str | None = None) -> FilePreview:
    """The first look at a file. ``scratch``: a folder in which the child may work. Raises AuditError with the file's name."""
    shown = shown_name(name)
    folder = scratch.absolute() / f"{uuid.uuid4().hex}.part"
    folder.mkdir(mode=0o700, parents=True)
    try:
        size = hand_over.size_of(source)
        limits = limits.for_size(size)
        with hand_over.held(source, folder) as held:
            job = {"path": held.path, "size": held.size, "name": shown, "limits": asdict(limits), "expected": None, "password": password,
                   "mode": "preview", "choice": asdict(choice)}
            ChildProcess(job, held, folder, limits, None).wait("0" * 64)
        with (folder / PREVIEW).open("rb") as file:
            return FilePreview.model_validate_json(file.read(_MOST_BYTES))
    except AuditError as error:
        raise AuditError(error.code, Place(shown, error.place.sheet, error.place.row, error.place.column), error.found,
                         **error.values) from error
    except (OSError, ValidationError) as error:
        raise AuditError("reader_output", Place(shown)) from error
    finally:
        with suppress(OSError):  # the ledger sweeps what is left
            hand_over.patiently(lambda: rmtree(folder))


# --- in the child --------------------------------------------------------------------------------------------------------------


def write_preview(job: dict[str, Any], what: str, limits: Limits, folder: Path) -> dict[str, Any]:
    """Writes ``preview.json`` into the child's folder. Raises blank_file and what reading the first rows raises."""
    choice = Choice(**job["choice"])
    if what == "text":
        grids = [grid for grid in _text_grids(job, limits, folder) if choice.delimiter in (None, grid.delimiter)]
        sheets: list[str] = []
        grid = max(grids, key=lambda one: one.score, default=None)
    else:
        pages = list(_page_grids(job, what, limits))
        sheets = [one.sheet or "" for one in pages]
        chosen = [one for one in pages if one.sheet == choice.sheet] or pages
        grid = max(chosen, key=lambda one: (one.score[0], one.score[1] > 1), default=None)
    if grid is None or not any(cell.strip() for row in grid.rows for cell in row):
        raise AuditError("blank_file")
    preview = look(grid, choice)
    preview["sheets"] = [visible(name) for name in sheets][:50]
    (folder / PREVIEW).write_text(json.dumps(preview, ensure_ascii=True), "ascii")
    return {"rows": 0}


def look(grid: Grid, choice: Choice) -> dict[str, Any]:
    """The fields of ``FilePreview`` for one table, people covered."""
    at = _header_index(grid, choice.header_row)
    width = max(len(row) for row in grid.rows)
    full = tuple(visible(cell) for cell in grid.rows[at]) if at >= 0 else ("",) * width
    names = column_names([HIDDEN if personal_cell(header) else header for header in full])[:MOST_COLUMNS]
    seen = Seen(names, tuple(tuple(row) for row in grid.rows[at + 1 :]))
    hidden = [name.startswith(HIDDEN) or about_people(name, seen.cells(column)) for column, name in enumerate(names)]
    proposals = {kind: propose(seen, kind) for kind in MAPPED_KINDS}
    first = max(0, min(at, LAST_HEADER_ROW))
    rows = [
        (number, [_shown(cell, hidden[column], header=index == at, named=at >= 0) for column, cell in enumerate(row[: len(names)])])
        for index, (number, row) in enumerate(zip(grid.numbers, grid.rows, strict=True))
    ]
    return {
        "sheet": grid.sheet,
        "delimiter": grid.delimiter,
        "header_row": grid.numbers[at] if at >= 0 else 0,
        "names": names,
        "hidden": hidden,
        "rows": rows[: first + 1 + SHOWN_ROWS],
        "kind": best_kind(proposals),
        "proposals": {kind: [asdict(one) for one in columns] for kind, columns in proposals.items()},
        "words": words_of(seen, hidden) if at >= 0 else {},
        "fingerprint": header_fingerprint(full) if at >= 0 else None,
        "more_columns": max(0, len(full) - len(names)),
    }


def _shown(cell: str, hidden: bool, *, header: bool, named: bool) -> str:
    """A cell that may be seen: a header unless it is a person; below a harmless header what is no person; without headers, only figures."""
    text = visible(cell)[:_LONGEST]
    if not text:
        return ""
    covered = personal_cell(cell) if header else hidden or personal_cell(cell) or not (named or harmless(cell))
    return HIDDEN if covered else text


def _header_index(grid: Grid, asked: int | None) -> int:
    """Index of the header row; -1 if there is none."""
    if asked is not None:
        return -1 if asked == 0 else next((at for at, number in enumerate(grid.numbers) if number >= asked), len(grid.rows) - 1)
    rows = grid.rows[:LAST_HEADER_ROW]
    known = [header_score(row) for row in rows]
    if max(known) >= 2:
        return known.index(max(known))
    most = max((sum(bool(cell.strip()) for cell in row) for row in rows), default=0)
    for at, row in enumerate(rows):  # a title above the table fills fewer cells than its header does
        filled = sum(bool(cell.strip()) for cell in row)
        if filled >= max(2, 0.6 * most):
            return -1 if looks_like_data(row) else at
    return 0


def _text_grids(job: dict[str, Any], limits: Limits, folder: Path) -> Iterator[Grid]:
    from pdd_audit.data.reading.by_hand import tops
    from pdd_audit.data.reading.text_files import read_text

    text = read_text(job["path"], int(job["size"]), limits, folder)
    for top in tops(text.path, limits):
        if top.width <= limits.columns:
            name = next(name for name, sign in DELIMITERS.items() if sign == top.delimiter)
            yield Grid(None, name, top.rows[:_ROWS], top.starts[:_ROWS])


def _page_grids(job: dict[str, Any], what: str, limits: Limits) -> Iterator[Grid]:
    from pdd_audit.data.reading.html_tables import pages
    from pdd_audit.data.reading.pages import cell_text
    from pdd_audit.data.reading.workbooks import Book

    with Path(job["path"]).open("rb") as stream:
        for page in Book(stream).pages() if what == "workbook" else pages(job["path"], limits):
            rows = [[cell_text(cell) for cell in row][: limits.columns] for row in page.rows[:_ROWS]]
            page.rows.clear()
            if any(cell for row in rows for cell in row):
                yield Grid(visible(page.name) or None, None, rows, range(1, len(rows) + 1))
