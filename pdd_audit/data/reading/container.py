"""What a file is by its first bytes, and a cheap look at a workbook before any reader touches it (a bomb is small on disk)."""

import io
import re
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import IO, Literal

from pdd_audit.core.errors import AuditError
from pdd_audit.data.reading.json_values import is_json
from pdd_audit.data.reading.limits import Limits

Container = Literal["text", "workbook", "html", "json"]

_MAGIC = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"RIFF", "WEBP"),
    (b"{\\rtf", "RTF"),
)
_ARCHIVES = (
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"(\xb5/\xfd", "zstd"),
)
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OTHER_OLE = {"WordDocument".encode("utf-16-le"): "Word", "PowerPoint Document".encode("utf-16-le"): "PowerPoint"}
_MANIFEST = "META-INF/manifest.xml"
_WPS = (".et", ".ett")  # WPS's own kind, of which the reader understands a part only
# Prefix, attribute order, both quotes and blanks around "=": a stricter pattern missed far cells that still crashed the reader.
_REFERENCE = re.compile(rb"<(?:[\w.-]+:)?(?:c|row)\b[^<>]*?[\s\"']r\s*=\s*[\"']\s*([A-Za-z]*)(\d+)")
_HIDDEN_ROW = re.compile(rb"<(?:[\w.-]+:)?row\b[^<>]*?[\s\"']hidden\s*=\s*[\"'](?:1|true)[\"']")
# A cell with a formula that was never calculated, or whose result was not stored.
_EMPTY_FORMULA = re.compile(
    rb"<(?:[\w.-]+:)?c\b[^<>]*?[\s\"']r\s*=\s*[\"']([A-Za-z]+)(\d+)[\"'][^<>]*>\s*<(?:[\w.-]+:)?f\b(?:[^<>]*/>|[^<>]*>[^<]*</(?:[\w.-]+:)?f>)"
    rb"\s*(?:<(?:[\w.-]+:)?v\s*/>|<(?:[\w.-]+:)?v>\s*</(?:[\w.-]+:)?v>)?\s*</(?:[\w.-]+:)?c>"
)
# The same in an ODS: a cell with a formula and no type of result. Where it stands is told by ``ods_facts``.
_UNCALCULATED = re.compile(rb"<(?:[\w.-]+:)?(?:covered-)?table-cell\b(?=[^<>]*:formula=)(?![^<>]*:value-type=[\"'](?!void))")
_HIDDEN_IN_ODS = re.compile(rb"<(?:[\w.-]+:)?table-row\b[^<>]*:visibility=[\"'](?:collapse|filter)[\"']")
_SINCE_1904 = re.compile(rb"<(?:[\w.-]+:)?workbookPr\b[^<>]*?[\s\"']date1904\s*=\s*[\"'](?:1|true)[\"']")
_XLS_SINCE_1904 = b"\x22\x00\x02\x00\x01\x00\x0e\x00\x02\x00"  # the record that says so, and the head of the one that always follows
_XLSB_PROPERTIES = b"\x99\x01"
# What is cheap to rule out: a column of two letters or more, or a row of six digits or more. Anything else is no farther than this.
_FAR_REFERENCE = re.compile(rb"r\s*=\s*[\"']\s*(?:([A-Za-z]{2,})(\d+)|[A-Za-z]?(\d{6,}))")
_NEAR = (26, 99_999)
_BLOCK = 4 * 1024 * 1024


@dataclass(frozen=True)
class Look:
    """What a file is. ``format``: of a workbook; ``parts``: of an XLSX, those with anything of note; ``since_1904``: how it counts days."""

    kind: Container
    format: str = ""
    parts: Mapping[str, "PartFacts"] = field(default_factory=dict)
    since_1904: bool = False


@dataclass
class PartFacts:
    """What a reader would not tell of a sheet. ``empty_formulas``: column letters -> (cells with a formula and no result, first row);
    ``of_note``: an ODS has such cells, or hidden rows, on one of its sheets."""

    hidden_rows: int = 0
    empty_formulas: dict[str, tuple[int, int]] = field(default_factory=dict)
    since_1904: bool = False
    of_note: bool = False

    def add(self, text: bytes) -> None:
        """``text``: a stretch of the part, the tag that was cut at the end of the one before included."""
        if b"hidden" in text:
            self.hidden_rows += len(_HIDDEN_ROW.findall(text))
        if b"date1904" in text:
            self.since_1904 = self.since_1904 or _SINCE_1904.search(text) is not None
        if b":formula=" in text or b":visibility=" in text:
            self.of_note = self.of_note or _UNCALCULATED.search(text) is not None or _HIDDEN_IN_ODS.search(text) is not None
        if b"<f" in text or b":f" in text:
            for letters, digits in _EMPTY_FORMULA.findall(text):
                column, row = letters.decode("ascii").upper()[:4], int(digits[:12])
                cells, first = self.empty_formulas.get(column, (0, row))
                self.empty_formulas[column] = (cells + 1, min(first, row))


def is_package(names: Collection[str]) -> bool:
    """Whether a ZIP with these entries is one of people's own, not a workbook or another program's document."""
    return not (
        any(name.startswith(("xl/", "word/", "ppt/", "Index/")) for name in names)
        or "[Content_Types].xml" in names
        or ("mimetype" in names and ("content.xml" in names or _MANIFEST in names))
    )


def look(stream: IO[bytes], size: int, name: str, limits: Limits) -> Look:
    """What the file is by its content, or a refusal that says what it is instead of a table. ``stream`` is left at any place."""
    if name.replace("\\", "/").rsplit("/", 1)[-1].startswith("~$"):
        raise AuditError("lock_file")
    if size == 0:
        raise AuditError("empty_file")
    if limits.file_bytes is not None and size > limits.file_bytes:
        raise AuditError("too_large", found=f"{size / 1048576:.0f} MB", limit=f"{limits.file_bytes / 1048576:.0f} MB")
    stream.seek(0)
    head = stream.read(4096)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _look_into_zip(stream, limits)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if name.lower().endswith(_WPS):
            raise AuditError("not_a_table", found="WPS (.et)")
        return Look("workbook", "XLS", since_1904=_look_into_ole(stream))
    for magic, what in _ARCHIVES:
        if head.startswith(magic):
            raise AuditError("archive_file", found=what)
    for magic, what in _MAGIC:
        if head.startswith(magic) and (magic != b"BM" or b"\0" in head[:16]):
            raise AuditError("not_a_table", found=what)
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith(b"<"):
        if b"<html" in start or b"<table" in start or b"<!doctype html" in start:
            return Look("html")
        if start.startswith(b"<?xml") or b"<workbook" in start:
            raise AuditError("not_a_table", found="XML")
    if start.startswith(b"mime-version:") and b"multipart/related" in start:
        raise AuditError("not_a_table", found="MHTML")
    return Look("json" if is_json(start) else "text")


def _look_into_ole(stream: IO[bytes]) -> bool:
    """Whether an .xls counts its days from 1904. Raises encrypted_workbook, not_a_table."""
    stream.seek(0)
    tail, since_1904 = b"", False
    while block := stream.read(_BLOCK):
        text = tail + block
        if _ENCRYPTED in text:
            raise AuditError("encrypted_workbook")
        for mark, what in _OTHER_OLE.items():
            if mark in text:
                raise AuditError("not_a_table", found=what)
        since_1904 = since_1904 or _XLS_SINCE_1904 in text
        tail = block[-64:]
    return since_1904


def _look_into_zip(stream: IO[bytes], limits: Limits) -> Look:
    try:
        with zipfile.ZipFile(stream) as package:
            members = package.infolist()
            _check_directory(members, stream, limits)
            names = {member.filename for member in members}
            _check_manifest(package, names)
            _check_type(names)
            total = [0]
            parts = {member.filename: _check_part(package, member, total, limits) for member in members if not member.is_dir()}
            since_1904 = any(facts.since_1904 for facts in parts.values()) or _xlsb_since_1904(package, names)
            told = {part: facts for part, facts in parts.items() if facts.hidden_rows or facts.empty_formulas or facts.of_note}
            return Look("workbook", _format(names), told, since_1904)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError, zipfile.LargeZipFile) as error:
        raise AuditError("damaged_workbook") from error
    except Exception as error:
        # zlib and lzma raise their own error classes for a broken stream
        if type(error).__module__ in {"zlib", "lzma", "_lzma"}:
            raise AuditError("damaged_workbook") from error
        raise


def _check_directory(members: list[zipfile.ZipInfo], stream: IO[bytes], limits: Limits) -> None:
    names = [member.filename for member in members]
    if any(name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) for name in names) or len(set(names)) != len(names):
        raise AuditError("unsafe_workbook", found="zip")
    if any(member.flag_bits & 1 for member in members):
        raise AuditError("encrypted_workbook")
    size = stream.seek(0, io.SEEK_END)
    unpacked = sum(member.file_size for member in members)
    if len(members) > limits.zip_members or unpacked > limits.zip_bytes or unpacked > max(size * limits.zip_ratio, 10 * 1024 * 1024):
        raise AuditError("zip_bomb", found=f"{unpacked / 1048576:.0f} MB", packed=f"{size / 1024:.0f} KB")


def _check_manifest(package: zipfile.ZipFile, names: set[str]) -> None:
    """An OpenDocument with a password is a readable ZIP of unreadable parts. Raises encrypted_workbook."""
    if _MANIFEST in names:
        with package.open(_MANIFEST) as manifest:
            if b"encryption-data" in manifest.read(_BLOCK):
                raise AuditError("encrypted_workbook")


def _check_type(names: set[str]) -> None:
    if any(name.startswith("xl/") for name in names):
        return
    if "content.xml" in names and "mimetype" in names:
        return
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise AuditError("not_a_table", found="Word" if any(name.startswith("word/") for name in names) else "PowerPoint")
    if any(name.startswith("Index/") for name in names):
        raise AuditError("not_a_table", found="Numbers")
    if "[Content_Types].xml" in names:
        raise AuditError("damaged_workbook")
    raise AuditError("archive_file", found="ZIP")


def _format(names: set[str]) -> str:
    if "content.xml" in names:
        return "ODS"
    if "xl/workbook.bin" in names:
        return "XLSB"
    return "XLSM" if "xl/vbaProject.bin" in names else "XLSX"


def _xlsb_since_1904(package: zipfile.ZipFile, names: set[str]) -> bool:
    """The lowest bit of the workbook's properties, which stand near the beginning of its part."""
    if "xl/workbook.bin" not in names:
        return False
    with package.open("xl/workbook.bin") as part:
        head = part.read(4096)
    at = head.find(_XLSB_PROPERTIES)
    return 0 <= at < len(head) - 3 and head[at + 2] < 0x80 and bool(head[at + 3] & 1)


def _check_part(package: zipfile.ZipFile, member: zipfile.ZipInfo, total: list[int], limits: Limits) -> PartFacts:
    """Reads one part in blocks. Every XML part is looked at, not only those at the usual paths: a relation may name any."""
    column, row, tail, facts = *_NEAR, b"", PartFacts()
    with package.open(member) as part:
        first = True
        while block := part.read(_BLOCK):
            total[0] += len(block)
            if total[0] > limits.zip_bytes:
                raise AuditError("zip_bomb", found=f"> {limits.zip_bytes // 1048576} MB", packed="?")
            if first and not block.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
                return facts  # pictures, binary sheets
            if first and block[:2] in (b"\xff\xfe", b"\xfe\xff"):
                raise AuditError("unsafe_workbook", found="UTF-16 XML")  # the patterns below would not see its cells
            if b"<!DOCTYPE" in (text := tail + block) or b"<!ENTITY" in text:
                raise AuditError("unsafe_workbook", found="DOCTYPE")
            first = False
            column, row = _farthest([(letters, one or other) for letters, one, other in _FAR_REFERENCE.findall(text)], column, row)
            facts.add(text)
            tail = _unfinished(text)
    if column > limits.columns or row * column > limits.sheet_cells:  # it may be: now cell by cell
        _check_far_cells(package, member, limits)
    return facts


def _unfinished(text: bytes) -> bytes:
    """The tag that the next block will end."""
    opened = text.rfind(b"<")
    return text[opened:] if opened >= 0 and len(text) - opened < 65536 and b">" not in text[opened:] else b""


def _check_far_cells(package: zipfile.ZipFile, member: zipfile.ZipInfo, limits: Limits) -> None:
    """A reader reserves the whole rectangle up to the farthest cell. Raises far_cell."""
    column, row, tail = 0, 0, b""
    with package.open(member) as part:
        while block := part.read(_BLOCK):
            places = _REFERENCE.findall(text := tail + block)
            column, row = _farthest(places, column, row)
            if column > limits.columns or row * max(column, 1) > limits.sheet_cells:
                letters, digits = max(places, key=lambda place: (_column_number(place[0]) > limits.columns, int(place[1][:12]), place[0]))
                raise AuditError("far_cell", found=(letters + digits[:12]).decode("ascii", "replace")[:20])
            tail = _unfinished(text)


def _farthest(places: list[tuple[bytes, bytes]], column: int, row: int) -> tuple[int, int]:
    column = max(column, max((_column_number(letters) for letters in {letters for letters, _ in places}), default=0))
    return column, max(row, max((int(digits[:12]) for digits in {digits for _, digits in places}), default=0))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters[:4].upper():
        number = number * 26 + letter - 64
    return number
