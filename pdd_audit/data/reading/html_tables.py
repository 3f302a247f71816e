"""The tables of a web page saved as ``.xls``. Text only: nothing in it is run, followed or fetched, and nothing outside a cell is kept."""

import codecs
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from pdd_audit.core.errors import AuditError
from pdd_audit.data.reading.limits import Limits
from pdd_audit.data.reading.pages import Page
from pdd_audit.data.reading.recognise import header_score

_BLOCK = 256 * 1024
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]{2,20})", re.IGNORECASE)
_NO_TEXT = {"script", "style", "template", "noscript", "object", "iframe"}
_MOST_ROWS_SPANNED = 65_534


class _Tables(HTMLParser):
    """Collects the rows of every table; a table within a cell is a table of its own."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self.limits = limits
        self.tables: list[list[list[object]]] = []
        self.open: list[_Open] = []
        self.silent = 0
        self.cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _NO_TEXT:
            self.silent += 1
        elif tag == "table":
            rows: list[list[object]] = []
            self.tables.append(rows)
            self.open.append(_Open(rows))
        elif not self.open:
            return
        elif tag == "tr":
            self._end_row()
            self.open[-1].row = []
        elif tag in ("td", "th"):
            self._end_cell()
            here = self.open[-1]
            here.row = [] if here.row is None else here.row
            here.cell = []
            spans = dict(attrs)
            here.wide = _span(spans.get("colspan"), self.limits.columns)
            here.high = _span(spans.get("rowspan"), _MOST_ROWS_SPANNED)
        elif tag == "br" and self.open[-1].cell is not None:
            self.open[-1].cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _NO_TEXT:
            self.silent = max(0, self.silent - 1)
        elif not self.open:
            return
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag == "tr":
            self._end_row()
        elif tag == "table":
            self._end_row()
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and not self.silent and (cell := self.open[-1].cell) is not None:
            cell.append(data)

    def _end_cell(self) -> None:
        here = self.open[-1]
        if here.cell is None or here.row is None:
            return
        text = " ".join("".join(here.cell).split())
        here.cell = None
        here.skip_spanned()
        for _ in range(here.wide):
            if here.high > 1:
                here.spanned[len(here.row)] = (here.high, text)
            here.row.append(text)
        self.cells += here.wide
        if len(here.row) > self.limits.columns:
            raise AuditError("too_many_columns", found=f"> {self.limits.columns}", limit=self.limits.columns)
        if self.cells > self.limits.sheet_cells:
            raise AuditError("far_cell", found=str(self.cells))

    def _end_row(self) -> None:
        self._end_cell()
        here = self.open[-1]
        if here.row is None:
            return
        here.skip_spanned()
        here.rows.append(here.row)
        here.row = None
        here.spanned = {at: (left - 1, text) for at, (left, text) in here.spanned.items() if left > 1}

    def finish(self) -> None:
        """Ends what a cut page left open."""
        self.close()
        while self.open:
            self._end_row()
            self.open.pop()


class _Open:
    """A table that has begun. ``spanned``: column -> (rows it still stands in, this one included; its text)."""

    def __init__(self, rows: list[list[object]]) -> None:
        self.rows = rows
        self.row: list[object] | None = None
        self.cell: list[str] | None = None
        self.wide = self.high = 1
        self.spanned: dict[int, tuple[int, str]] = {}

    def skip_spanned(self) -> None:
        """Cells that reach down from a row above keep their text."""
        assert self.row is not None
        while len(self.row) in self.spanned:
            self.row.append(self.spanned[len(self.row)][1])


def _span(text: str | None, most: int) -> int:
    return min(max(1, int(text)), most) if text is not None and text.isdecimal() and len(text) < 7 else 1


def pages(path: str, limits: Limits) -> Iterator[Page]:
    """The tables in which a header is known. Raises html_page when there is none (a login page, say)."""
    parser = _Tables(limits)
    try:
        for text in _decoded(path):
            parser.feed(text)
        parser.finish()
    except (AssertionError, ValueError, RecursionError) as error:  # the parser gives up on some broken markup
        raise AuditError("html_page", found="HTML") from error
    known = False
    for number, rows in enumerate(parser.tables, 1):
        width = max((len(row) for row in rows), default=0)
        for row in rows:
            row += [""] * (width - len(row))
        if any(header_score([str(cell) for cell in row]) >= 2 for row in rows[: limits.header_rows]):
            known = True
            yield Page(f"table {number}", rows)
    if not known:
        raise AuditError("html_page", found="HTML")


def encoding_of(path: str) -> str:
    """The encoding the page names; UTF-8 or GB18030, whichever fits, where it names none we know."""
    with Path(path).open("rb") as stream:
        head = stream.read(_BLOCK)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    named = _CHARSET.search(head)
    name = named.group(1).decode("ascii").lower() if named else ""
    if name.startswith("gb"):
        return "gb18030"
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _decoded(path: str) -> Iterator[str]:
    with Path(path).open(encoding=encoding_of(path), errors="replace") as stream:
        while block := stream.read(_BLOCK):
            yield block


__all__ = ["encoding_of", "pages"]
