"""Inside the child: finds the table a mapping by hand speaks of, in a text or on a page, and reads it as the mapping says."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pdd_audit.core.errors import BETWEEN, AuditError, Place
from pdd_audit.core.headers import column_names, fold
from pdd_audit.core.mapping import DELIMITERS, ByHand, Mapping, Remembered, check_units, header_fingerprint
from pdd_audit.data.reading.limits import Limits
from pdd_audit.data.reading.mapping import recognise_mapped, target
from pdd_audit.data.reading.pages import Page, Understood, cell_text, understood
from pdd_audit.data.reading.recognise import Recognised, visible
from pdd_audit.data.reading.text_files import Text, first_rows

_LOOKED_AT = 40


@dataclass(frozen=True)
class Top:
    """The first rows of a table under one delimiter. ``starts``: the line each begins on, counted from 1; ``ends``: the one it ends on."""

    delimiter: str
    rows: Sequence[Sequence[str]]
    starts: Sequence[int]
    ends: Sequence[int]

    @property
    def width(self) -> int:
        return max((len(row) for row in self.rows), default=0)


def tops(path: str, limits: Limits) -> Iterator[Top]:
    """The first rows of a UTF-8 text, under each delimiter in turn."""
    with Path(path).open("rb", buffering=0) as stream:
        raw = stream.read(limits.header_bytes)
    sample = raw.decode("utf-8", "ignore").removeprefix("\ufeff")
    if len(raw) == limits.header_bytes:
        sample = sample[: max(sample.rfind("\n"), sample.rfind("\r")) + 1]
    for delimiter in DELIMITERS.values():
        rows, ends = first_rows(sample, delimiter)
        yield Top(delimiter, rows, [1, *(end + 1 for end in ends[:-1])], ends)


@dataclass
class Reader:
    """Reads by one confirmed mapping, or by the remembered one whose headers a table has."""

    by_hand: ByHand
    limits: Limits
    refusal: AuditError | None = field(default=None, init=False)

    def text(self, text: Text) -> Recognised | None:
        """The table of a text, whose header place is set accordingly; None when no mapping speaks of it. Raises ``mapping_...`` codes."""
        found = list(tops(text.path, self.limits))
        if self.by_hand.mapping is None or not self.by_hand.mapping.columns:
            for top in found:
                hit = self._remembered(top.rows)
                if hit is not None:
                    return self._settled(text, top, hit[0], hit[1].mapping, hit[1].on)
            return None
        mapping = self.by_hand.mapping
        wanted = [top for top in found if mapping.delimiter is None or DELIMITERS[mapping.delimiter] == top.delimiter]
        if mapping.header_row == 0:
            return self._settled(text, max(wanted, key=_evenness), -1, mapping, self.by_hand.on)
        nearest = max(((*_nearest(top.rows, top.starts, mapping, self.limits.header_rows), top) for top in wanted), key=lambda one: one[0])
        if not nearest[0]:
            raise _absent(mapping, None)
        return self._settled(text, nearest[2], nearest[1], mapping, self.by_hand.on)

    def pages(self, pages: Iterable[Page], expected: str | None, folder: Path) -> Understood:
        """The sheets a confirmed mapping speaks of, joined; without one the remembered sheets beside those that are known anyway."""
        if self.by_hand.mapping is None or not self.by_hand.mapping.columns:
            return understood(pages, self.limits, expected, folder, self.page)
        hits: list[tuple[int, Recognised]] = []

        def spoken_of() -> Iterator[Page]:
            for page in pages:
                hit = self.page(page)
                if hit is not None:
                    hits.append(hit)
                    yield page

        try:
            return understood(spoken_of(), self.limits, expected, folder, lambda _: hits[-1])
        except AuditError as error:
            if self.refusal is not None and not hits:
                raise self.refusal from error
            raise

    def page(self, page: Page) -> tuple[int, Recognised] | None:
        """(index of the header row, the table) of a page; -1 if the page has no header. None when no mapping speaks of this page."""
        rows = [[cell_text(cell) for cell in row] for row in page.rows[:_LOOKED_AT]]
        mapping, on = self.by_hand.mapping, self.by_hand.on
        if mapping is None or not mapping.columns:
            hit = self._remembered(rows)
            if hit is None:
                return None
            at, mapping, on = hit[0], hit[1].mapping, hit[1].on
        else:
            if mapping.sheet is not None and mapping.sheet != page.name:
                self.refusal = self.refusal or AuditError("mapping_sheet_absent", Place(), found=mapping.sheet)
                return None
            hits, at = (1, -1) if mapping.header_row == 0 else _nearest(rows, range(1, len(rows) + 1), mapping, self.limits.header_rows)
            if not hits:
                self.refusal = _absent(mapping, page.name or None)
                return None
        headers = rows[at] if at >= 0 else [""] * max(map(len, rows))
        place = Place(sheet=page.name or None, row=at + 1 if at >= 0 else None)
        try:
            return at, recognise_mapped(mapping, headers, rows[at + 1 :], place, on)
        except AuditError as error:
            if error.code != "mapping_column_absent":
                raise
            self.refusal = error  # another sheet may have them all
            return None

    def in_units(self, found: Recognised) -> Recognised:
        """The table with the units a person has named for it; one that is read by a mapping has those of the mapping. Raises
        mapping_unknown_column, mapping_unit."""
        if found.mapped_on is not None:
            return found
        if self.by_hand.mapping is not None:
            check_units(self.by_hand.mapping, target(self.by_hand.mapping.kind), Place())
        units, on = self.by_hand.units_for(found.source.kind, header_fingerprint(found.headers))
        return replace(found, units={column: unit for column, unit in units.items() if column in found.columns}, units_on=on)

    def _remembered(self, rows: Sequence[Sequence[str]]) -> tuple[int, Remembered] | None:
        known = [one for one in self.by_hand.remembered if one.mapping.columns]
        prints = [header_fingerprint(map(visible, row)) for row in rows[: self.limits.header_rows]] if known else []
        hits = ((at, one) for at, print_ in enumerate(prints) for one in known if one.fingerprint == print_)
        return next(hits, None)

    def _settled(self, text: Text, top: Top, at: int, mapping: Mapping, on: str) -> Recognised:
        headers = top.rows[at] if at >= 0 else [""] * top.width
        if len(headers) > self.limits.columns:
            raise AuditError("too_many_columns", Place(row=at + 1), found=str(len(headers)), limit=self.limits.columns)
        text.delimiter, text.header_index = top.delimiter, at
        text.header_lines = top.ends[at] if at >= 0 else 0
        text.header_row = text.first_header_row = top.starts[at] if at >= 0 else 0
        text.headers = tuple(headers)
        text.sample = tuple(tuple(row) for row in top.rows[at + 1 :])
        text.titles = tuple(" ".join(cell for cell in row if cell.strip())[:200] for row in top.rows[: max(at, 0)])
        return recognise_mapped(mapping, headers, text.sample, Place(row=text.header_row or None), on)


def _nearest(rows: Sequence[Sequence[str]], numbers: Sequence[int], mapping: Mapping, most: int) -> tuple[int, int]:
    """(how many of the mapped headers, index) of the row that has most of them; only the asked row if the mapping names it."""
    wanted = {fold(header) for header in mapping.columns.values()}
    best = (0, 0)
    for at, row in enumerate(rows):
        if mapping.header_row != numbers[at] if mapping.header_row is not None else at >= most:
            continue
        hits = len(wanted & {fold(name) for name in column_names([visible(cell) for cell in row])})
        best = max(best, (hits, -at))
    return best[0], -best[1]


def _evenness(top: Top) -> tuple[int, int]:
    """How many rows have the most frequent number of cells, if that is more than one; and that number."""
    widths = [len(row) for row in top.rows]
    most = max(set(widths), key=widths.count, default=0)
    return (widths.count(most), most) if most > 1 else (0, 0)


def _absent(mapping: Mapping, sheet: str | None) -> AuditError:
    place = Place(sheet=sheet, row=mapping.header_row or None)
    return AuditError("mapping_headers_absent", place, columns=BETWEEN.join(mapping.columns.values())[:200])
