"""Which formulas of an ODS workbook were never calculated, and how many rows are hidden: its reader does not say so."""

import zipfile
from dataclasses import dataclass, field
from typing import IO
from xml.etree import ElementTree

from pdd_audit.core.headers import letter
from pdd_audit.data.reading.container import PartFacts

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TYPE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}value-type"
_ROW = f"{_TABLE}table-row"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


@dataclass
class _Places:
    """Where the parser is: rows and columns that repeat are written once."""

    sheets: dict[str, PartFacts] = field(default_factory=dict)
    now: PartFacts = field(default_factory=PartFacts)
    row: int = 0
    rows: int = 1
    column: int = 0
    hides: bool = False

    def begin(self, element: "ElementTree.Element") -> None:
        if element.tag == f"{_TABLE}table":
            self.now = self.sheets.setdefault(element.get(f"{_TABLE}name") or "", PartFacts())
            self.row = 0
        elif element.tag == _ROW:
            self.rows, self.column = _times(element, "rows"), 0
            self.hides = element.get(f"{_TABLE}visibility") in ("collapse", "filter")
        elif element.tag in _CELLS:
            if self.hides and len(element):  # the blank rest of a sheet is one row that repeats
                self.now.hidden_rows += self.rows
                self.hides = False
            columns = _times(element, "columns")
            if element.get(f"{_TABLE}formula") and element.get(_TYPE) in (None, "void"):
                for at in range(self.column, self.column + min(columns, 100)):
                    cells, first = self.now.empty_formulas.get(letter(at), (0, self.row + 1))
                    self.now.empty_formulas[letter(at)] = (cells + self.rows, first)
            self.column += columns


def _times(element: "ElementTree.Element", what: str) -> int:
    said = element.get(f"{_TABLE}number-{what}-repeated") or "1"
    return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else 1


def facts_of_ods(stream: IO[bytes]) -> dict[str, PartFacts]:
    """Sheet name -> its formulas without a result and its hidden rows. Only for workbooks that ``container.look`` has passed."""
    places = _Places()
    try:
        with zipfile.ZipFile(stream) as package, package.open("content.xml") as part:
            for event, element in ElementTree.iterparse(part, ("start", "end")):  # noqa: S314 - a DOCTYPE was refused before
                if event == "start":
                    places.begin(element)
                elif element.tag == _ROW:
                    places.row += places.rows
                    element.clear()
    except (KeyError, ElementTree.ParseError):
        return {}
    return places.sheets


__all__ = ["facts_of_ods"]
