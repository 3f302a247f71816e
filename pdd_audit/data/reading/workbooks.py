"""XLSX, XLSM, XLS, XLSB and ODS: read with calamine after ``container.look``, sheet by sheet."""

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from pdd_audit.core.errors import AuditError
from pdd_audit.data.reading.container import Look, PartFacts
from pdd_audit.data.reading.hidden_rows import hidden_in_xls, hidden_in_xlsb
from pdd_audit.data.reading.ods_facts import facts_of_ods
from pdd_audit.data.reading.pages import Page

_MOST_SHEETS = 20
_OLE_ROWS = 65_536  # as many as an .xls can hold
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"


@dataclass
class Book:
    """A workbook while its sheets are read. ``full``: a sheet has as many rows as its format can hold; ``since_1904``: how it counts
    days, which bare numbers need."""

    stream: IO[bytes]
    since_1904: bool = False
    hidden: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    full: bool = False

    def pages(self) -> Iterator[Page]:
        """The visible sheets, one after the other. Raises encrypted_workbook, damaged_workbook."""
        self.stream.seek(0)
        old = self.stream.read(4) == b"\xd0\xcf\x11\xe0"
        self.stream.seek(0)
        try:
            book = CalamineWorkbook.from_filelike(self.stream)
            if not book.sheets_metadata:
                raise AuditError("damaged_workbook")
            sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
            visible = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
            self.hidden = [sheet.name for sheet in sheets if sheet.visible != SheetVisibleEnum.Visible]
            self.unread = visible[_MOST_SHEETS:]
            for name in visible[:_MOST_SHEETS]:
                sheet = book.get_sheet_by_name(name)
                page = Page(name, [list(row) for row in sheet.iter_rows()], sheet.merged_cell_ranges or (), self.since_1904)
                self.full = self.full or (old and len(page.rows) == _OLE_ROWS)
                del sheet
                yield page
        except CalamineError as error:
            if "password" in str(error).lower():
                raise AuditError("encrypted_workbook") from error
            raise AuditError("damaged_workbook") from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise AuditError("damaged_workbook") from error  # a package that promises one size and holds another


def facts_by_sheet(stream: IO[bytes], look: Look) -> dict[str, PartFacts]:
    """Sheet name -> what its reader would not tell. Only for workbooks that ``container.look`` has passed."""
    if look.format == "XLS":
        return hidden_in_xls(stream)
    if look.format == "XLSB":
        return hidden_in_xlsb(stream)
    if not look.parts:
        return {}
    return facts_of_ods(stream) if look.format == "ODS" else _by_sheet(stream, look.parts)


def _by_sheet(stream: IO[bytes], parts: Mapping[str, PartFacts]) -> dict[str, PartFacts]:
    try:
        with zipfile.ZipFile(stream) as package:
            relations = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - a DOCTYPE was refused before
            book = ElementTree.fromstring(package.read("xl/workbook.xml"))  # noqa: S314 - the same
    except (KeyError, ElementTree.ParseError):
        return {}
    targets = {node.get("Id"): (node.get("Target") or "").lstrip("/").removeprefix("xl/") for node in relations}
    found = {}
    for sheet in (node for node in book.iter() if node.tag in (f"{_MAIN}sheet", f"{_STRICT}sheet")):
        key = next((value for name, value in sheet.attrib.items() if name.endswith("}id")), None)
        known = parts.get(f"xl/{targets.get(key, '')}")
        if known is not None:
            found[sheet.get("name") or ""] = known
    return found


__all__ = ["Book", "facts_by_sheet"]
