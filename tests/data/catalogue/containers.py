"""The containers in which tables come, written byte by byte where no library writes them. Everything in them is invented."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import pyzipper
import xlsxwriter
import xlwt
from msoffcrypto.format.ooxml import OOXMLFile

Rows = Iterable[Sequence[object]]


@dataclass(frozen=True)
class Formula:
    """A cell that is calculated. ``stored``: the result that whoever calculated it last has left; None if nobody did."""

    stored: float | str | None


EARLY = (2026, 11, 20, 18, 0, 0)


def xls(sheets: dict[str, Rows], merged: Sequence[tuple[int, int, int, int, str]] = (), hidden: Sequence[str] = (),
        hidden_rows: Sequence[int] = ()) -> bytes:
    """A true .xls. ``merged``: (first row, last row, first column, last column, text), 0-based, in every sheet."""
    book = xlwt.Workbook()
    for name, rows in sheets.items():
        sheet = book.add_sheet(name, cell_overwrite_ok=True)
        sheet.visibility = int(name in hidden)
        for number, row in enumerate(rows):
            for at, cell in enumerate(row):
                sheet.row(number).hidden = number in hidden_rows
                sheet.write(number, at, xlwt.Formula("1+1") if isinstance(cell, Formula) else cell)
        for top, bottom, left, right, text in merged:
            sheet.write_merge(top, bottom, left, right, text)
    sink = io.BytesIO()
    book.save(sink)
    content = sink.getvalue()
    for rows in sheets.values():
        for number, row in enumerate(rows):
            for at, cell in enumerate(row):
                if isinstance(cell, Formula) and cell.stored is not None:
                    content = _with_result(content, number, at, float(cell.stored))
    return content


def _with_result(book: bytes, row: int, column: int, result: float) -> bytes:
    """The library writes every formula as one that was never calculated: its record with a number for a result."""
    place, nothing = struct.pack("<HH", row, column), struct.pack("<Q", 0xFFFF000000000003)
    at = next(at for at in range(len(book)) if book[at : at + 2] == b"\x06\0" and book[at + 4 : at + 8] == place and book[at + 10 : at + 18] == nothing)
    return book[: at + 10] + struct.pack("<d", result) + book[at + 18 :]


def xlsx(sheets: dict[str, Rows], *, options=None, after=None) -> bytes:
    """A workbook of several sheets; ``after(book, {name: sheet})`` does what only xlsxwriter can say."""
    sink = io.BytesIO()
    book = xlsxwriter.Workbook(sink, {"in_memory": True, **(options or {})})
    pages = {name: book.add_worksheet(name) for name in sheets}
    for name, rows in sheets.items():
        for number, row in enumerate(rows):
            pages[name].write_row(number, 0, row)
    if after is not None:
        after(book, pages)
    book.close()
    return sink.getvalue()


def xlsm(workbook: bytes) -> bytes:
    """The same workbook with a macro part; the part is noise, for nobody may ever run it."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(member.filename, old.read(member))
        new.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + bytes(range(256)))
    return sink.getvalue()


def ods(rows: Rows, xml: str = '<?xml version="1.0" encoding="UTF-8"?>', hidden: Sequence[int] = ()) -> bytes:
    """``hidden``: 0-based rows; the first of them is folded, the others are filtered away."""
    how = {row: f' table:visibility="{"filter" if at else "collapse"}"' for at, row in enumerate(hidden)}
    cells = "".join(
        f"<table:table-row{how.get(number, '')}>"
        + "".join(map(_ods_cell, row))
        + "</table:table-row>"
        for number, row in enumerate(rows)
    )
    spaces = " ".join(f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text"))
    content = (
        f'{xml}<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="表一">{cells}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        package.writestr("content.xml", content)
        root = '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
        space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
        package.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{space}">{root}</manifest:manifest>')
    return sink.getvalue()


def locked_ods(rows: Rows) -> bytes:
    """As an office programme with a password leaves it: the parts are noise, and only the manifest says why."""
    sink, space = io.BytesIO(), "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    with zipfile.ZipFile(io.BytesIO(ods(rows))) as plain, zipfile.ZipFile(sink, "w") as package:
        package.writestr("mimetype", plain.read("mimetype"))
        package.writestr("content.xml", bytes(255 - byte for byte in plain.read("content.xml")))
        entry = '<manifest:file-entry manifest:full-path="content.xml" manifest:size="9"><manifest:encryption-data/></manifest:file-entry>'
        package.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{space}">{entry}</manifest:manifest>')
    return sink.getvalue()


def _ods_cell(cell: object) -> str:
    if not isinstance(cell, Formula):
        return f'<table:table-cell office:value-type="string"><text:p>{escape(str(cell))}</text:p></table:table-cell>'
    begin = '<table:table-cell table:formula="of:=IF([.A1]&gt;0;1;2)"'
    if cell.stored is None:
        return f"{begin}/>"
    return f'{begin} office:value-type="float" office:value="{cell.stored}"><text:p>{cell.stored}</text:p></table:table-cell>'


def xlsb(rows: Rows, hidden: Sequence[int] = ()) -> bytes:
    """The binary workbook: records of (id, length, data), texts inside the cells. ``hidden``: 0-based rows."""

    def record(number: int, data: bytes = b"") -> bytes:
        head = bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80, number >> 7])
        length, sized = len(data), b""
        while True:
            length, low = length >> 7, length & 0x7F
            sized += bytes([low | (0x80 if length else 0)])
            if not length:
                return head + sized + data

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    book = record(0x83) + record(0x8F) + record(0x9C, struct.pack("<II", 0, 1) + wide("rId1") + wide("表一")) + record(0x90) + record(0x84)
    def written(at: int, cell: object) -> bytes:
        place = struct.pack("<II", at, 0)
        if not isinstance(cell, Formula):
            return record(0x06, place + wide(str(cell)))
        formula = struct.pack("<HI", 0, 3) + b"\x1e\1\0" + bytes(4)  # =1
        if cell.stored is None:
            return record(0x08, place + wide("") + formula)
        return record(0x09, place + struct.pack("<d", float(cell.stored)) + formula)

    table = [list(row) for row in rows]
    sheet = record(0x81) + record(0x94, struct.pack("<IIII", 0, len(table) - 1, 0, len(table[0]) - 1)) + record(0x91)
    for number, row in enumerate(table):
        sheet += record(0x00, struct.pack("<I", number) + bytes(7) + bytes([0x10 if number in hidden else 0]) + bytes(5))
        sheet += b"".join(written(at, cell) for at, cell in enumerate(row))
    sheet += record(0x92) + record(0x82)
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("[Content_Types].xml", f'<Types xmlns="{package}/content-types"><Default Extension="bin" ContentType="x"/></Types>')
        one = '<Relationships xmlns="{0}/relationships"><Relationship Id="rId1" Type="{1}/{2}" Target="{3}"/></Relationships>'
        out.writestr("_rels/.rels", one.format(package, relation, "officeDocument", "xl/workbook.bin"))
        out.writestr("xl/_rels/workbook.bin.rels", one.format(package, relation, "worksheet", "worksheets/sheet1.bin"))
        out.writestr("xl/workbook.bin", book)
        out.writestr("xl/worksheets/sheet1.bin", sheet)
    return sink.getvalue()


def locked_xlsx(workbook: bytes, password: str) -> bytes:
    sink = io.BytesIO()
    OOXMLFile(io.BytesIO(workbook)).encrypt(password, sink)
    return sink.getvalue()


def html(rows: Rows, charset: str = "utf-8", before: str = "", cell: str = "td") -> bytes:
    body = "".join("<tr>" + "".join(f"<{cell}>{escape(str(one))}</{cell}>" for one in row) + "</tr>\n" for row in rows)
    page = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}"></head><body>{before}<table>{body}</table></body></html>'
    return page.encode("gb18030" if charset.startswith("gb") else charset)


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as package:
        for name, content in members.items():
            package.writestr(zipfile.ZipInfo(name, EARLY), content, method)
    return sink.getvalue()


def aes_zip(members: dict[str, bytes], password: str) -> bytes:
    sink = io.BytesIO()
    with pyzipper.AESZipFile(sink, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as package:
        package.setpassword(password.encode())
        for name, content in members.items():
            package.writestr(name, content)
    return sink.getvalue()


def raw_zip(members: Sequence[tuple[bytes, bytes]], *, flags: int = 0, password: bytes | None = None, mode: int = 0, claimed: int | None = None) -> bytes:
    """A ZIP whose names, flags, modes and sizes are as they are given, whatever they are; with a password in the old cipher."""
    out, directory = b"", b""
    for name, content in members:
        crc = zlib.crc32(content)
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        data = packer.compress(content) + packer.flush()
        if password is not None:
            data = _old_cipher(bytes(11) + bytes([crc >> 24]) + data, password)
        size = len(content) if claimed is None else claimed
        flag = flags | (password is not None)
        fields = struct.pack("<HHHHHIIIHH", 20, flag, 8, 0, 23412, crc, len(data), size, len(name), 0)
        directory += b"PK\x01\x02" + struct.pack("<H", 0x0314) + fields + struct.pack("<HHHII", 0, 0, 0, mode << 16, len(out)) + name
        out += b"PK\x03\x04" + fields + name + data
    return out + directory + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(out), 0)


def _old_cipher(data: bytes, password: bytes) -> bytes:
    """The cipher of ZIP before AES: three running keys."""
    table = [zlib.crc32(bytes([n]), 0xFFFFFFFF) ^ 0xFFFFFFFF for n in range(256)]
    keys = [0x12345678, 0x23456789, 0x34567890]

    def turn(byte: int) -> None:
        keys[0] = keys[0] >> 8 ^ table[(keys[0] ^ byte) & 0xFF]
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = keys[2] >> 8 ^ table[(keys[2] ^ keys[1] >> 24) & 0xFF]

    for byte in password:
        turn(byte)
    out = bytearray()
    for byte in data:
        low = keys[2] & 0xFFFF | 2
        out.append(byte ^ (low * (low ^ 1) >> 8 & 0xFF))
        turn(byte)
    return bytes(out)


def repeated_deflate(block: bytes, times: int) -> tuple[bytes, int]:
    """(raw deflate stream of ``block`` repeated, a CRC) without ever holding what it unpacks to; nobody may get as far as the CRC."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    one = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    last = packer.compress(b"") + packer.flush()
    return one * times + last, zlib.crc32(block)
