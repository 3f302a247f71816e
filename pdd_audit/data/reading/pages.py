"""Pages of cells (the sheets of a workbook, the tables of a web page): which of them belong together, written as one CSV for the engine."""

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data.reading.hand_over import scratch
from pdd_audit.data.reading.header_rows import Header, find_header
from pdd_audit.data.reading.limits import Limits
from pdd_audit.data.reading.marks import DAMAGE, FOOTERS
from pdd_audit.data.reading.recognise import Recognised, letter, recognise, source_of
from pdd_audit.data.reading.tables import Table, row_limit

Range = tuple[tuple[int, int], tuple[int, int]]  # (first row, first column), (last row, last column), 0-based, both inside
_FIFTEEN_DIGITS = 10**15
_DAYS_TO_1904 = 1462
_LIKELY_DAYS = range(28_000, 60_000)  # 1980 to 2064, whichever of the two days they are counted from
_LOOKED_AT = 400_000  # cells: a file that was re-saved or put together shows it throughout
_DATE = re.compile(r"\s*20\d{2}([/-])\d{1,2}[/-]")


@dataclass
class Page:
    """One sheet or table. Rows count as Excel does, from the first of the sheet; every row is as wide as the others."""

    name: str
    rows: list[list[object]]
    merged: Sequence[Range] = ()
    since_1904: bool = False


@dataclass(frozen=True)
class Span:
    """A page that was read: its rows ``first``.. of the joined count are its own rows ``first - before``.."""

    page: str
    before: int
    header_row: int
    last: int


@dataclass
class Understood:
    """The pages of one kind as one table. Rows of a second page are counted on from the last row of the first.

    ``unknown``: pages with text whose header nobody knows; ``left``: known ones that do not go together with what was read.
    """

    found: Recognised
    titles: tuple[str, ...]
    table: Table
    spans: list[Span] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    merged_cells: int = 0
    merged_row: int = 0
    damage: tuple[int, str, int] | None = None  # row, header and number of the cells with destroyed characters

    @property
    def header_row(self) -> int:
        return self.spans[0].header_row

    def place(self, place: Place) -> Place:
        """A place in the joined count, as the sheet it lies on counts."""
        span = self.spans[0]
        if place.row is not None:
            span = next((one for one in reversed(self.spans) if place.row > one.before), span)
        row = None if place.row is None else place.row - span.before
        return Place(place.file, span.page or None, row, place.column)


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


def understood(
    pages: Iterable[Page],
    limits: Limits,
    expected: str | None,
    folder: Path,
    by_hand: Callable[[Page], tuple[int, Recognised] | None] = lambda _: None,
) -> Understood:
    """Every page of the first known kind and the same columns, joined; a refusal about the first page that has rows otherwise.

    Each page is written and let go before the next is asked for. Raises blank_file and all that ``recognise`` raises.
    """
    result: Understood | None = None
    refusable: list[tuple[bool, str, Header]] = []
    out = scratch("rows", folder)
    with Path(out).open("w", encoding="utf-8", errors="replace", newline="") as sink:
        for page in pages:
            if not any(cell != "" for row in page.rows for cell in row):
                continue
            hit = by_hand(page)
            if hit is not None:
                result = _joined_by_hand(page, *hit, result, out, sink)
                row_limit(result.table.records, limits)
                continue
            header = find_header([[cell_text(cell) for cell in row] for row in page.rows[: limits.header_rows]])
            index, width = header.last, len(header.cells)
            if width > limits.columns:
                raise AuditError("too_many_columns", Place(sheet=page.name, row=index + 1), found=str(width), limit=limits.columns)
            source = source_of(header.cells)
            if source is None or (result is None and expected is not None and source.kind != expected):
                refusable.append((source is None, page.name, header))
                continue
            if result is None:
                found = _recognised(header, page.name, expected)
                titles = tuple(" ".join(cell_text(cell) for cell in row if cell != "")[:200] for row in page.rows[: header.first])
                result = Understood(found, titles, _table(out, found, index))
                _append(page, index, found, result, sink)
            elif (another := _same_kind(header, page.name, result.found)) is not None:
                _append(page, index, another, result, sink)
            else:
                result.left.append(page.name)
            row_limit(result.table.records, limits)
    if result is None:
        raise _refusal(refusable, expected)
    result.unknown = [name for unknown, name, _ in refusable if unknown]
    result.left[:0] = [name for unknown, name, _ in refusable if not unknown]
    return result


def _joined_by_hand(page: Page, index: int, found: Recognised, result: Understood | None, out: str, sink: IO[str]) -> Understood:
    """A page whose columns a person has named; ``index`` of its header row, -1 if it has none."""
    if result is None:
        titles = tuple(" ".join(cell_text(cell) for cell in row if cell != "")[:200] for row in page.rows[: max(index, 0)])
        result = Understood(found, titles, _table(out, found, index))
    elif (found.source, set(found.columns), found.constants) != (result.found.source, set(result.found.columns), result.found.constants):
        result.left.append(page.name)
        return result
    _append(page, index, found, result, sink)
    return result


def _recognised(header: Header, name: str, expected: str | None = None) -> Recognised:
    return recognise(header.cells, header.last + 1, name or None, expected, header.first + 1)


def _refusal(refusable: list[tuple[bool, str, Header]], expected: str | None) -> AuditError:
    if not refusable:
        return AuditError("blank_file")
    _, name, header = min(refusable, key=lambda one: one[0])  # one with a known header says more
    try:
        _recognised(header, name, expected)
    except AuditError as error:
        return error
    return AuditError("unknown_layout", Place(sheet=name or None, row=header.last + 1))


def _same_kind(header: Header, name: str, first: Recognised) -> Recognised | None:
    try:
        found = _recognised(header, name)
    except AuditError:
        return None
    same = found.source.id == first.source.id and set(found.columns) == set(first.columns)
    return found if same and [twin for twin, _, _ in found.repeated] == [twin for twin, _, _ in first.repeated] else None


def _table(path: str, found: Recognised, index: int) -> Table:
    return Table(
        path=path,
        delimiter=",",
        skip=0,
        width=2 + len(found.columns) + len(found.repeated),
        columns={name: 2 + at for at, name in enumerate(found.columns)},
        first_column=1,
        first_row=index + 2,
        records=0,
        line_column=0,
        twins=tuple(
            (name, 2 + list(found.columns).index(name), 2 + len(found.columns) + at) for at, (name, _, _) in enumerate(found.repeated)
        ),
    )


def _append(page: Page, index: int, found: Recognised, result: Understood, sink: IO[str]) -> None:
    """The wanted columns of the page's data rows, in the order of the first page's columns."""
    before = result.spans[-1].last if result.spans else 0
    _fill_merged(page, index, before, result)
    _note_damage(page, index, before, found, result)
    times = [at for name, at in found.columns.items() if name == "day" or name.endswith("_at")]
    result.table.mixed_dates = result.table.mixed_dates or _mixed_dates(page, index, times)
    if page.since_1904:
        _count_from_1899(page, index, times)
    wanted = [*(found.columns[name] for name in result.found.columns), *(at for _, _, at in found.repeated)]
    writer = csv.writer(sink, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for number, row in enumerate(page.rows[index + 1 :], before + index + 2):
        writer.writerow([number, _footer(row), *[_line(row[at]) for at in wanted]])
    result.table.records += len(page.rows) - index - 1
    result.spans.append(Span(page.name, before, before + index + 1, before + len(page.rows)))
    page.rows.clear()


def _fill_merged(page: Page, index: int, before: int, result: Understood) -> None:
    """Puts the one value of merged data cells into each of them, and nowhere else. A banner over half of the table is no data."""
    width = len(page.rows[index])
    for (top, left), (bottom, right) in page.merged:
        if top <= index or top >= len(page.rows) or left >= width or (top == bottom and (right - left + 1) * 2 >= width):
            continue
        value = page.rows[top][left]
        if value == "":
            continue
        for row in range(top, min(bottom, len(page.rows) - 1) + 1):
            for column in range(left, min(right, width - 1) + 1):
                if page.rows[row][column] == "":
                    page.rows[row][column] = value
                    result.merged_cells += 1
                    result.merged_row = result.merged_row or before + top + 1


def _count_from_1899(page: Page, index: int, columns: Sequence[int]) -> None:
    """Bare numbers in columns of times, as a workbook that counts from 1900 would hold them. Cells formatted as dates are dates already."""
    for row in page.rows[index + 1 :]:
        for at in columns:
            cell = row[at]
            if type(cell) in (int, float) and int(cell) in _LIKELY_DAYS:  # type: ignore[call-overload]  # one of the two
                row[at] = cell + _DAYS_TO_1904  # type: ignore[operator]  # the same


def _note_damage(page: Page, index: int, before: int, found: Recognised, result: Understood) -> None:
    """Destroyed characters in any of the first cells, those of columns nobody reads included."""
    lost, swallowed = DAMAGE
    first = page.rows[index + 1 : index + 1 + _LOOKED_AT // len(page.rows[0])]
    spots = [
        (number, at)
        for number, row in enumerate(first, before + index + 2)
        for at, cell in enumerate(row)
        if type(cell) is str and (lost in cell or swallowed in cell)
    ]
    if spots and result.damage is None:
        row, at = spots[0]
        header = found.headers[at] if at < len(found.headers) else ""
        result.damage = (row, header or letter(at), len(spots))


def _mixed_dates(page: Page, index: int, columns: Sequence[int]) -> bool:
    """Whether texts of one column are dates with slashes and with hyphens; cells formatted as dates are neither."""
    first = page.rows[index + 1 : index + 1 + _LOOKED_AT // len(page.rows[0])]
    return any(
        len({found[1] for row in first if type(cell := row[at]) is str and (found := _DATE.match(cell))}) > 1 for at in columns
    )


def _footer(row: Sequence[object]) -> str:
    return FOOTERS[0] if row and isinstance(row[0], str) and row[0].strip().startswith(FOOTERS) else ""


def _line(value: object) -> str:
    if type(value) is str and value.isprintable():  # nearly every cell
        return value
    return " ".join(cell_text(value).replace("\r", "\n").replace("\0", "").split("\n"))


__all__ = ["Page", "Range", "Span", "Understood", "cell_text", "understood"]
