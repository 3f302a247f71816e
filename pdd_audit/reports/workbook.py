"""An Excel workbook whose cells are values: texts stay texts whatever they begin with, numbers carry their format, nothing is computed."""

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

import xlsxwriter

from pdd_audit.core.spreadsheet import STARTS_A_FORMULA
from pdd_audit.reports.html import printable
from pdd_audit.texts import Lang
from pdd_audit.texts.numbers import JOIN

Look = Literal[
    "text", "wrapped", "bold", "title", "head", "head_number", "grey", "late",
    "whole", "tenth", "percent", "yuan", "signed", "moment", "day",
]

MOST_CHARACTERS = 32_767  # of one cell, by the file format
SHEET_NAME = 31
USUAL_WIDTH = 8.43  # of a column nobody made wider
FONTS: dict[Lang, str] = {"zh": "Microsoft YaHei", "en": "Arial"}
TEAL, PALE_TEAL, MID_TEAL, GREY, LINE, VERMILION, INK = "#0F5C6E", "#B9D3D9", "#5E9AA8", "#5B6B75", "#DCE3E5", "#A8370A", "#0B161C"
HEAD: dict[str, Any] = {"bold": True, "text_wrap": True, "bottom": 1, "bottom_color": GREY, "bg_color": "#EEF2F3"}
NUMBERS = frozenset({"whole", "tenth", "percent", "yuan", "signed"})
LINE_HEIGHT, TITLE_HEIGHT = 14.5, 24.0  # points, of letters of size 10 and 16
LOOKS: dict[str, dict[str, Any]] = {
    "text": {}, "wrapped": {"text_wrap": True}, "bold": {"bold": True}, "title": {"bold": True, "font_size": 16},
    "head": HEAD, "head_number": {**HEAD, "align": "right"},
    "grey": {"font_color": GREY}, "late": {"font_color": VERMILION, "bold": True},
    "whole": {"num_format": "#,##0"}, "tenth": {"num_format": "#,##0.0"}, "percent": {"num_format": "0.0%"},
    "yuan": {"num_format": '"¥"#,##0'}, "signed": {"num_format": '+0.0;"−"0.0;0.0'},
    "moment": {"num_format": "yyyy-mm-dd hh:mm"}, "day": {"num_format": "yyyy-mm-dd", "align": "left"},
}


@dataclass(frozen=True)
class Column:
    """``width`` in characters. ``look`` of its cells; a moment or a day in a text column is still shown as one."""

    title: str
    width: float
    look: Look = "text"


@dataclass
class Sheet:
    """One sheet, written downwards."""

    book: "Workbook"
    name: str
    page: Any
    row: int = 0
    widths: dict[int, float] = field(default_factory=dict)
    wrapped: list[tuple[int, int, str]] = field(default_factory=list)  # row, column and text of what may take several lines

    def line(self, *cells: object, look: Look = "text") -> int:
        """Writes one row and returns its number; None leaves a cell empty."""
        for column, value in enumerate(cells):
            self.put(self.row, column, value, look)
        self.row += 1
        return self.row - 1

    def gap(self) -> None:
        self.row += 1

    def put(self, row: int, column: int, value: object, look: Look = "text") -> None:
        """One cell; what is not text, number, moment or truth is written as text."""
        if value is None or value == "":
            return
        if isinstance(value, bool):
            self.page.write_boolean(row, column, value, self.book.look(look))
        elif isinstance(value, int | float):
            self._number(row, column, value, look)
        elif isinstance(value, datetime):
            self.page.write_datetime(row, column, value, self.book.look("moment"))
        elif isinstance(value, date):
            self.page.write_datetime(row, column, value, self.book.look("day"))
        else:
            self._text(row, column, str(value), look)

    def _number(self, row: int, column: int, value: float, look: Look) -> None:
        if value != value or value in (float("inf"), float("-inf")):  # not a number: nothing is known
            return
        self.page.write_number(row, column, value, self.book.look(look))

    def _text(self, row: int, column: int, text: str, look: Look) -> None:
        shown = "\n".join(printable(line) for line in text.replace(JOIN, "").splitlines())
        shown = shown if len(shown) <= MOST_CHARACTERS else shown[: MOST_CHARACTERS - 1] + "…"
        self.page.write_string(row, column, shown, self.book.look(look, quoted=shown.startswith(STARTS_A_FORMULA)))
        if "text_wrap" in LOOKS.get(look, {}):
            self.wrapped.append((row, column, shown))
        elif look == "title":
            self.page.set_row(row, TITLE_HEIGHT)

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[object]], *, freeze: bool = False, filtered: bool = False) -> int:
        """Head and rows from here on; returns the number of the first row under the head. ``freeze``: what is above the rows stays in
        sight."""
        head = self.line()
        for at, column in enumerate(columns):
            self.put(head, at, column.title, "head_number" if column.look in NUMBERS else "head")
            self.widths[at] = max(self.widths.get(at, 0.0), column.width)
        for cells in rows:
            for at, (column, value) in enumerate(zip(columns, cells, strict=True)):
                self.put(self.row, at, value, column.look)
            self.row += 1
        if freeze:
            self.page.freeze_panes(head + 1, 1)
            self.page.repeat_rows(head)
        if filtered and rows:
            self.page.autofilter(head, 0, self.row - 1, len(columns) - 1)
        return head + 1

    def close(self) -> None:
        """Columns as wide as was asked, rows as high as their longest cell: not every program that opens the file fits them by itself."""
        for at, width in self.widths.items():
            self.page.set_column(at, at, width, self.book.look("plain"))
        lines: dict[int, int] = {}
        for row, column, text in self.wrapped:
            lines[row] = max(lines.get(row, 1), lines_of(text, self.widths.get(column, USUAL_WIDTH)))
        for row, needed in lines.items():
            if needed > 1:
                self.page.set_row(row, LINE_HEIGHT * needed)


def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a column of ``width`` characters; a Chinese character counts as two."""
    return sum(max(1, math.ceil(characters(line) / width)) for line in text.split("\n"))


def characters(text: str) -> int:
    """How wide a text is, in characters of the Latin alphabet."""
    return sum(1 if ord(char) < 0x2E80 else 2 for char in text)


class Workbook:
    """``foot``: what stands at the foot of every printed page, left of the page's number."""

    def __init__(self, lang: Lang, title: str, foot: str, made_at: datetime | None) -> None:
        self.out = io.BytesIO()
        options = {
            "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
            "default_format_properties": {"font_name": FONTS[lang], "font_size": 10, "valign": "top"},
        }
        self.file = xlsxwriter.Workbook(self.out, options)
        # Otherwise the clock gets into the bytes.
        self.file.set_properties({"title": printable(title)[:255], "created": made_at or datetime(2000, 1, 1)})
        self.foot = printable(foot)[:80].replace("&", "&&")
        self.sheets: list[Sheet] = []
        self._looks: dict[tuple[str, bool], Any] = {}

    def look(self, name: str, *, quoted: bool = False) -> Any:
        """The format of that name. ``quoted``: the text begins like a formula; a spreadsheet must not make it one when it is edited."""
        key = (name, quoted)
        if key not in self._looks:
            properties = {"valign": "top", **LOOKS.get(name, {}), **({"quote_prefix": True} if quoted else {})}
            self._looks[key] = self.file.add_format(properties)
        return self._looks[key]

    def sheet(self, name: str) -> Sheet:
        """A new sheet; its name is cut and numbered where it must be."""
        taken = {sheet.name.casefold() for sheet in self.sheets}
        plain = re.sub(r"[\[\]:*?/\\]", " ", printable(name)).strip("' ") or "Sheet"
        plain = plain if len(plain) <= SHEET_NAME else plain[: SHEET_NAME - 1].rstrip() + "…"
        tries = [plain, *(f"{plain[: SHEET_NAME - 4]} {number}" for number in range(2, 100))]
        chosen = next(one for one in tries if one.casefold() not in taken)
        page = self.file.add_worksheet(chosen)
        page.hide_gridlines(2)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.set_footer(f"&L&8{self.foot}&R&8&P / &N")
        self.sheets.append(Sheet(self, chosen, page))
        return self.sheets[-1]

    def content(self) -> bytes:
        for sheet in self.sheets:
            sheet.close()
        self.file.close()
        return self.out.getvalue()
