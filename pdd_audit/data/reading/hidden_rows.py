"""How many rows of a binary workbook are hidden or filtered away: its reader gives them like all others and does not say so.

Formats: [MS-XLS] 2.4.221 Row, [MS-XLSB] 2.4.741 BrtRowHdr; only the heads of the records are looked at.
"""

import struct
import zipfile
from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree

from pdd_audit.data.reading.container import PartFacts

_MOST_BYTES = 64 * 1024 * 1024  # of one stream; about two seconds. Beyond it the rows are read all the same, and not counted
_XLS_SHEET, _XLS_ROW, _XLS_END, _XLS_HIDDEN = 0x85, 0x208, 0x0A, 0x20
_XLSB_SHEET, _XLSB_ROW, _XLSB_HIDDEN = 0x9C, 0x00, 0x10


def hidden_in_xls(stream: IO[bytes]) -> dict[str, PartFacts]:
    """Sheet name -> its hidden rows; nothing of a book that is not as its format says."""
    import olefile  # only an .xls waits for it

    try:
        stream.seek(0)
        with olefile.OleFileIO(stream) as container:
            name = next((name for name in ("Workbook", "Book") if container.exists(name)), None)
            if name is None or container.get_size(name) > _MOST_BYTES:
                return {}
            book = container.openstream(name).read()
        return {sheet: PartFacts(hidden_rows=_rows_of_xls(book, at)) for sheet, at in _sheets_of_xls(book)}
    except (OSError, ValueError, IndexError, struct.error):
        return {}


def _sheets_of_xls(book: bytes) -> Iterator[tuple[str, int]]:
    for kind, data in _records_of_xls(book, 0):
        if kind == _XLS_SHEET:
            length, wide = data[6], data[7] & 1
            yield data[8 : 8 + length * (2 if wide else 1)].decode("utf-16-le" if wide else "latin-1"), struct.unpack_from("<I", data)[0]


def _rows_of_xls(book: bytes, at: int) -> int:
    return sum(1 for kind, data in _records_of_xls(book, at) if kind == _XLS_ROW and data[12] & _XLS_HIDDEN)


def _records_of_xls(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """(kind, data) up to the end of the stretch that begins there."""
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        if kind == _XLS_END:
            return
        yield kind, book[at + 4 : at + 4 + length]
        at += 4 + length


def hidden_in_xlsb(stream: IO[bytes]) -> dict[str, PartFacts]:
    """The same of an .xlsb."""
    try:
        with zipfile.ZipFile(stream) as package:
            relations = ElementTree.fromstring(package.read("xl/_rels/workbook.bin.rels"))  # noqa: S314 - a DOCTYPE was refused before
            targets = {node.get("Id"): (node.get("Target") or "").lstrip("/").removeprefix("xl/") for node in relations}
            found = {}
            for sheet, relation in _sheets_of_xlsb(package.read("xl/workbook.bin")):
                member = package.getinfo(f"xl/{targets.get(relation, '')}")
                if member.file_size <= _MOST_BYTES:
                    found[sheet] = PartFacts(hidden_rows=_rows_of_xlsb(package.read(member)))
            return found
    except (KeyError, ValueError, IndexError, struct.error, ElementTree.ParseError, zipfile.BadZipFile):
        return {}


def _sheets_of_xlsb(book: bytes) -> Iterator[tuple[str, str]]:
    """(name, relation) of each sheet."""
    for kind, data in _records_of_xlsb(book):
        if kind == _XLSB_SHEET:
            relation, end = _text(data, 8)
            yield _text(data, end)[0], relation


def _text(data: bytes, at: int) -> tuple[str, int]:
    length = struct.unpack_from("<I", data, at)[0]
    end = at + 4 + 2 * length
    return data[at + 4 : end].decode("utf-16-le"), end


def _rows_of_xlsb(sheet: bytes) -> int:
    return sum(1 for kind, data in _records_of_xlsb(sheet) if kind == _XLSB_ROW and data[11] & _XLSB_HIDDEN)


def _records_of_xlsb(part: bytes) -> Iterator[tuple[int, bytes]]:
    """(kind, data): a kind takes one byte, or two where the first is above 127; a length up to four, seven bits each."""
    at = 0
    while at < len(part):
        kind, at = part[at], at + 1
        if kind & 0x80:
            kind, at = kind & 0x7F | (part[at] << 7), at + 1
        length = 0
        for shift in (0, 7, 14, 21):
            byte, at = part[at], at + 1
            length |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        yield kind, part[at : at + length]
        at += length


__all__ = ["hidden_in_xls", "hidden_in_xlsb"]
