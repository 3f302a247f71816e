"""Strangers' text tables: which encoding, where the header is, and a strict look at every byte before an engine reads it.

Two ways lead to the same ``Table``. The quick one hands the bytes to the engine unchanged and is believed only if the engine
finds exactly as many records as there are lines. The strict one walks every row with the csv module, sets misfits aside with
their row numbers, and writes the wanted columns anew.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data.reading.hand_over import scratch
from pdd_audit.data.reading.header_rows import Header, find_header
from pdd_audit.data.reading.limits import Limits
from pdd_audit.data.reading.recognise import Recognised, header_score, letter, listed, visible
from pdd_audit.data.reading.sources import all_known_headers, fold, is_personal

FOOTERS = ("合计", "总计", "汇总", "说明：", "说明:", "合計", "小计")
# UTF-8 read as GB18030 turns 已收, 已发, 已签, 快递, 运输 into these: two files of different encodings were glued together.
_GLUED = ("宸叉敹", "宸插彂", "宸茬", "蹇€掑", "杩愯緭")
DAMAGE = ("\ufffd", "锟斤拷")  # what saving in the wrong encoding leaves of a text
_DAMAGE = tuple(mark.encode() for mark in DAMAGE)
_LOOKED_FOR_DAMAGE = 32 * 1024 * 1024  # bytes: a re-saved file is damaged throughout, and looking for it in a big file takes its time
_GLUED_SIGNS = sorted({mark[0] for mark in _GLUED})  # a single sign is found five times as fast as a word
_MISFITS, _HEADERS = 1_000, 100
_BIG_CHUNK = 1024 * 1024
_CHUNK = 256 * 1024  # small enough to stay in the cache between decoding and counting: a third less time than 1 MB


@dataclass
class Table:
    """A UTF-8 CSV, ready for the engine.

    ``skip`` physical lines stand before the first data row, which is row ``first_row`` of the file as Excel counts; if
    ``line_column`` is set, that column holds each record's own row number instead. ``records`` is how many there must be.
    """

    path: str
    delimiter: str
    skip: int
    width: int
    columns: dict[str, int]
    first_column: int
    first_row: int
    records: int
    line_column: int | None = None
    left_out: dict[str, int] = field(default_factory=dict)
    first_bad_row: int | None = None
    twins: tuple[tuple[str, int, int], ...] = ()  # (name, column, column) of headers that stand there twice
    notices: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


@dataclass
class Damage:
    """Destroyed characters: ``marks`` of them (among the first 32 MB), the first on line ``row``, which begins at byte ``start``."""

    row: int
    start: int
    marks: int = 0


@dataclass
class Text:
    """What the one pass over the bytes found. ``path`` holds UTF-8 (the file itself, or its transcoded copy)."""

    path: str
    encoding: str
    lines: int
    lone_returns: bool
    nuls: int
    long_lines: bool = False
    damage: "Damage | None" = None
    header_index: int = 0
    header_lines: int = 1
    header_row: int = 1
    first_header_row: int = 1
    delimiter: str = ","
    headers: tuple[str, ...] = ()
    sample: tuple[tuple[str, ...], ...] = ()
    titles: tuple[str, ...] = ()


def read_text(path: str, size: int, limits: Limits, folder: Path) -> Text:
    """Decides the encoding by the header, then walks over the whole file once. A copy in UTF-8, if needed, goes into ``folder``.

    Raises blank_file, binary_file, bad_encoding (row of the first bad byte), giant_line, too_many_columns, open_quote.
    """
    with Path(path).open("rb", buffering=0) as stream:
        head, rest = stream.read(limits.header_bytes), stream.read(_CHUNK)
    if not head.replace(b"\0", b"").strip(b"\xef\xbb\xbf\xff\xfe \t\r\n,;") and (size <= limits.header_bytes or not rest.strip()):
        raise AuditError("blank_file")
    encoding = _encoding(head, whole=size <= len(head))
    if size > len(head):
        _refuse_wide(head.decode(encoding, "ignore"), limits)
    text = _scan(path, encoding, limits, folder)
    _find_header(text, limits)
    return text


def _refuse_wide(sample: str, limits: Limits) -> None:
    """A first line longer than the place for headers, full of delimiters, needs no walk through the file."""
    if not {"\n", "\r"} & set(sample) and max(map(sample.count, ",\t;")) > limits.columns:
        raise AuditError("too_many_columns", Place(row=1), found=f"> {limits.columns}", limit=limits.columns)


def _encoding(head: bytes, *, whole: bool) -> str:
    """The encoding in which the header is known; without a known header the first one that decodes."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    nuls = head.count(b"\0")
    candidates = ["utf-8", "gb18030"]
    if nuls > len(head) // 10:
        candidates = ["utf-16-le", "utf-16-be"]
    fits: list[tuple[int, int, str]] = []
    for order, name in enumerate(candidates):
        try:
            decoded = codecs.getincrementaldecoder(name)("strict").decode(head, whole)
            strict = 1
        except UnicodeDecodeError:
            decoded, strict = head.decode(name, "replace"), 0
        rows = [line.replace("\t", ",").replace(";", ",").split(",") for line in decoded.splitlines()[:12]]
        fits.append((max(map(header_score, rows), default=0) * 2 + strict, -order, name))
    score, _, name = max(fits)
    if nuls > len(head) // 10 and score < 4:
        raise AuditError("binary_file", found="NUL")
    return name


@dataclass
class _Count:
    """What a walk over UTF-8 blocks adds up to."""

    limits: Limits
    newlines: int = 0
    returns: int = 0
    nuls: int = 0
    total: int = 0
    last: bytes = b""
    since: int = 0
    long_lines: bool = False
    damage: Damage | None = None

    def add(self, block: bytes) -> None:
        """Raises giant_line."""
        if self.total < _LOOKED_FOR_DAMAGE:
            self._look_for_damage(block)
        first = block.find(b"\n")
        if self.since + (first if first >= 0 else len(block)) > self.limits.line_bytes and b"\r" not in block:
            most = f"{self.limits.line_bytes // 1024} KB"
            raise AuditError("giant_line", Place(row=self.newlines + 1), found=f"> {most}", limit=most)
        # A cell that is too long makes its line long. A line that long covers a whole stretch of a quarter of it, on one side of a
        # block's end or the other: a line end in each stretch says there is none.
        stretch = self.limits.kept_cell_characters // 4
        self.long_lines = self.long_lines or any(
            block.find(b"\n", at, at + stretch) < 0 for at in range(0, len(block) - stretch + 1, stretch)
        )
        self.since = len(block) - block.rfind(b"\n") - 1 if first >= 0 else self.since + len(block)
        self.newlines += block.count(b"\n")
        self.returns += block.count(b"\r") if b"\r" in block else 0
        self.nuls += block.count(b"\0") if b"\0" in block else 0
        self.total += len(block)
        self.last = block[-1:]

    def _look_for_damage(self, block: bytes) -> None:
        places = [at for mark in _DAMAGE if (at := block.find(mark)) >= 0]
        if not places:
            return
        if self.damage is None:
            begin = block.rfind(b"\n", 0, min(places)) + 1
            start = self.total + begin if begin else self.total - self.since
            self.damage = Damage(self.newlines + block.count(b"\n", 0, min(places)) + 1, start)
        self.damage.marks += sum(map(block.count, _DAMAGE))


def _scan(path: str, encoding: str, limits: Limits, folder: Path) -> Text:
    """One pass in blocks: lines, NULs, and a copy in UTF-8 if it is something else. UTF-8 itself is checked by whoever reads cells."""
    count = _Count(limits)
    if encoding in {"utf-8", "utf-8-sig"}:
        out = path
        with Path(path).open("rb", buffering=0) as stream:
            while block := stream.read(_BIG_CHUNK):
                count.add(block)
    else:
        out = scratch("utf8", folder)
        _transcode(path, encoding, out, count)
    if count.nuls > count.total // 1000 and count.nuls > 8:
        raise AuditError("binary_file", found=f"{count.nuls} NUL")
    lines = count.newlines + (1 if count.total and count.last != b"\n" else 0)
    # None, or one before each line end; a stray one that keeps the balance shows as an extra record in the engine.
    lone = count.returns not in (0, count.newlines)
    return Text(
        path=out, encoding=encoding, lines=lines, lone_returns=lone, nuls=count.nuls, long_lines=count.long_lines, damage=count.damage
    )


def _transcode(path: str, encoding: str, out: str, count: _Count) -> None:
    """Writes the copy. Characters are counted in it: in UTF-16 a newline byte may be half of a character."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    with Path(path).open("rb", buffering=0) as stream, Path(out).open("wb") as copy:
        while True:
            block = stream.read(_CHUNK)
            try:
                decoded = decoder.decode(block, not block)
            except UnicodeDecodeError as error:
                if not block:
                    return  # the file breaks off in the middle of a character; its last row shows it
                row = _row_of_bad_byte(encoding, count.newlines, block, error)
                bad = error.object[error.start : error.start + 4].hex(" ")
                raise AuditError("bad_encoding", Place(row=row), found=bad, encoding=_shown(encoding)) from error
            glued = encoding == "gb18030" and any(sign in decoded for sign in _GLUED_SIGNS) and any(mark in decoded for mark in _GLUED)
            if glued:
                at = min(decoded.find(mark) for mark in _GLUED if mark in decoded)
                place = Place(row=count.newlines + decoded.count("\n", 0, at) + 1)
                utf8 = decoded[at : at + 2].encode("gb18030")[:4].hex(" ")
                raise AuditError("bad_encoding", place, found=f"{utf8} (UTF-8)", encoding="GB18030")
            if decoded:
                text = decoded.encode("utf-8")
                copy.write(text)
                count.add(text)
            if not block:
                return


def _row_of_bad_byte(encoding: str, newlines: int, block: bytes, error: UnicodeDecodeError) -> int:
    # The decoder may have carried up to three bytes from the block before; none of them is a newline.
    carried = len(error.object) - len(block)
    step = 2 if encoding.startswith("utf-16") else 1
    return newlines + block.count(b"\n", 0, max(0, error.start - carried)) + 1 if step == 1 else newlines + 1


def _shown(encoding: str) -> str:
    return {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "gb18030": "GB18030"}.get(encoding, "UTF-16")


def _find_header(text: Text, limits: Limits) -> None:
    """Looks for the header in the first rows, with each delimiter in turn; fills the header's place, cells and the sample rows."""
    with Path(text.path).open("rb", buffering=0) as stream:
        raw = stream.read(limits.header_bytes)
        if not {*b"\r\n"} & {*raw}:  # one long row: as many columns as are allowed may have longer headers than that
            raw += stream.read(limits.line_bytes)
        whole = not stream.read(1)
    sample = raw.decode("utf-8", "ignore").removeprefix("\ufeff")
    if not whole:
        cut = max(sample.rfind("\n"), sample.rfind("\r"))
        sample = sample[: cut + 1] if cut >= 0 else sample
    best: tuple[str, Header, list[list[str]], list[int]] | None = None
    for delimiter in (",", "\t", ";"):
        rows, ends = first_rows(sample, delimiter)
        header = find_header(rows[: limits.header_rows])
        if best is None or header.score > best[1].score:
            best = (delimiter, header, rows, ends)
    assert best is not None
    delimiter, header, rows, ends = best
    if header.score == 0:  # nothing known: the first row that has text stands for the header, so that the refusal can quote its place
        index = next((at for at, row in enumerate(rows) if any(cell.strip() for cell in row)), 0)
        header = Header(index, index, tuple(rows[index]) if rows else (), 0)
    index = header.last
    if len(header.cells) > limits.columns:
        raise AuditError("too_many_columns", Place(row=index + 1), found=str(len(header.cells)), limit=limits.columns)
    text.delimiter = delimiter
    text.header_index = index
    text.header_lines = ends[index] if ends else 1
    text.header_row = (ends[index - 1] if index else 0) + 1
    text.first_header_row = (ends[header.first - 1] if header.first else 0) + 1
    text.headers = header.cells
    text.sample = tuple(tuple(row) for row in rows[index + 1 :])
    text.titles = tuple(" ".join(cell for cell in row if cell.strip())[:200] for row in rows[: header.first])


def first_rows(sample: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Up to 40 rows and the physical line each ends on. A broken quote ends the list: the strict pass names its place."""
    rows: list[list[str]] = []
    ends: list[int] = []
    reader = csv.reader(io.StringIO(sample.replace("\0", ""), newline=""), delimiter=delimiter)
    try:
        for row in reader:
            rows.append(row)
            ends.append(reader.line_num)
            if len(rows) >= 40:
                break
    except csv.Error:
        pass
    return rows, ends


def quick_table(text: Text, found: Recognised) -> Table | None:
    """The file as it is, or None when only the strict pass can read it."""
    if text.lone_returns or text.nuls or text.long_lines or text.header_lines != text.header_index + 1 or text.lines <= text.header_lines:
        return None
    width = len(found.headers)
    body = [len(row) for row in text.sample[:8]]
    if (
        body
        and min(body) == max(body)
        and body[0] > width
        and not any(any(cell.strip() for cell in row[width:]) for row in text.sample[:8])
    ):
        width = body[0]  # every row ends with an extra delimiter
    return Table(
        path=text.path,
        delimiter=text.delimiter,
        skip=text.header_lines,
        width=width,
        columns=dict(found.columns),
        first_column=0,
        first_row=text.header_lines + 1,
        records=text.lines - text.header_lines,
        twins=found.repeated,
    )


@dataclass
class _Lines:
    """Feeds lines to the csv reader and stops a quoted field that swallows too many of them."""

    file: io.TextIOWrapper
    limits: Limits
    fed: int = 0
    start: int = 0
    first: str = ""
    record: int = 0  # characters of the record so far
    ended: bool = True  # whether the last line fed has its line end; a download that broke off has none

    def __iter__(self) -> Iterator[str]:
        limit = self.limits.line_bytes
        while line := self.file.readline(limit + 1):
            if len(line) > limit:
                raise AuditError("giant_line", Place(row=self.fed + 1), found=f"> {limit // 1024} KB", limit=f"{limit // 1024} KB")
            if self.fed == self.start:
                self.first, self.record = line, 0
            elif self.fed - self.start > self.limits.quoted_lines:
                raise csv.Error("unexpected end of data")
            self.fed += 1
            self.record += len(line)
            self.ended = line.endswith(("\n", "\r"))
            yield line.replace("\0", "") if "\0" in line else line


@dataclass
class _SetAside:
    """Rows that do not fit their header: counted, the first of each sort with its place."""

    width: int
    headers: tuple[str, ...]
    left_out: dict[str, int] = field(default_factory=dict)
    first: dict[str, dict[str, Any]] = field(default_factory=dict)
    short: int = 0

    def add(self, reason: str, row: int, **what: Any) -> None:
        self.left_out[reason] = self.left_out.get(reason, 0) + 1
        self.first.setdefault(reason, {"row": row, **what})

    def add_short(self, row: int, cells: int) -> None:
        """A row whose last, optional cells are missing is kept."""
        self.short += 1
        self.first.setdefault("short_rows", {"row": row, "cells": cells})

    def notices(self) -> list[tuple[str, dict[str, Any]]]:
        counts = {**{reason: count for reason, count in self.left_out.items() if reason in self.first}, "short_rows": self.short}
        return [(code, {"rows": count, "width": self.width, **self.first[code]}) for code, count in counts.items() if count]


def strict_table(text: Text, found: Recognised, limits: Limits, folder: Path) -> Table:
    """Every row through the csv module; the wanted columns of the rows that fit, as a new CSV.

    Raises open_quote (row where it opens), giant_cell, giant_line, other_layout (row of the second header).
    """
    wanted = found.wanted
    key = max(found.columns[name] for name in found.source.required) if found.source.required else 0
    width = len(found.headers)
    aside = _SetAside(width, found.headers)
    records = 0
    out = scratch("rows", folder)
    csv.field_size_limit(limits.cell_characters)
    with (
        # A broken byte matters only in a column that is kept: it stays a surrogate until the writer meets it.
        Path(text.path).open(encoding="utf-8-sig", errors="surrogateescape", newline="") as source_file,
        Path(out).open("w", encoding="utf-8", newline="") as sink,
    ):
        lines = _Lines(source_file, limits)
        reader = csv.reader(iter(lines), delimiter=text.delimiter, strict=True)
        writer = csv.writer(sink, quoting=csv.QUOTE_ALL, lineterminator="\n")
        index = -1
        while True:
            lines.start = lines.fed
            try:
                row = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                raise _csv_refusal(error, lines, text, found) from error
            index += 1
            if index <= text.header_index:
                continue
            line = lines.start + 1
            if not any(cell and not cell.isspace() for cell in row):
                aside.left_out["blank"] = aside.left_out.get("blank", 0) + 1
                continue
            footer = row[0].strip().strip("\ufeff'\"=").startswith(FOOTERS)
            if not lines.ended and not footer and _cut_off(row, aside):
                aside.add("cut_off", line, cells=len(row))
                continue
            fits = footer or _fits(row, key, line, aside)
            if fits and lines.record > limits.kept_cell_characters:
                fits = not _set_aside_giant(row, line, lines.record, limits, aside)
            if fits:
                row += [""] * (width - len(row))
                # Line breaks inside a kept cell would make lines and records differ.
                cells = (row[at].replace("\n", " ").replace("\r", " ") for at in wanted)
                try:
                    writer.writerow([line, FOOTERS[0] if footer else "", *cells])
                except UnicodeEncodeError as error:
                    raise _broken_byte(error, line, row, found) from error
                records += 1
    place = {at: 2 + order for order, at in enumerate(wanted)}
    return Table(
        path=out,
        delimiter=",",
        skip=0,
        width=2 + len(wanted),
        columns={name: place[at] for name, at in found.columns.items()},
        first_column=1,
        first_row=text.header_lines + 1,
        records=records,
        line_column=0,
        left_out=aside.left_out,
        first_bad_row=aside.first.get("cell_count", {}).get("row"),
        twins=tuple((name, place[at], place[further]) for name, at, further in found.repeated),
        notices=aside.notices(),
    )


def _cut_off(row: list[str], aside: _SetAside) -> bool:
    """Whether the last line of a file broke off: in the middle of a character, or before its last cells where no other row lacks any."""
    return "\udc80" <= row[-1][-1:] <= "\udcff" or (len(row) < aside.width and not aside.short)


def _fits(row: list[str], key: int, line: int, aside: _SetAside) -> bool:
    """Whether a row has its key cells and nothing beyond the header. Raises other_layout for the header of another table."""
    cells = len(row)
    if cells < aside.width:
        if cells > key:
            aside.add_short(line, cells)
            return True
    elif not any(cell.strip() for cell in row[aside.width :]):
        return True
    # Compared texts are remembered, so only so many are compared: a second table shows its header among the first misfits.
    if aside.left_out.get("cell_count", 0) < _MISFITS and header_score([cell[:60] for cell in row[:_HEADERS]]) > 2:
        raise other_layout(row[:_HEADERS], line)
    aside.add("cell_count", line, cells=cells)
    return False


def other_layout(row: Sequence[str], line: int) -> AuditError:
    """The refusal of a file in which a second table begins at ``line``, with the known ones among its headers."""
    known = all_known_headers()
    return AuditError("other_layout", Place(row=line), found=listed([visible(cell) for cell in row if fold(cell) in known]))


def _set_aside_giant(row: list[str], line: int, record: int, limits: Limits, aside: _SetAside) -> bool:
    """A row with a cell too long to be one, or with so many long ones that the engine could not take the row."""
    most = limits.kept_cell_characters
    at = max(range(len(row)), key=lambda at: len(row[at]))
    if len(row[at]) <= most and record <= limits.line_bytes // 4:
        return False
    aside.add("giant_cell", line, column=aside.headers[at] if at < len(aside.headers) else letter(at), length=len(row[at]), most=most)
    return True


def _broken_byte(error: UnicodeEncodeError, line: int, row: list[str], found: Recognised) -> AuditError:
    bad = error.object[error.start : error.start + 4].encode("utf-8", "surrogateescape")[:4]
    column = next((found.headers[at] for at in found.columns.values() if any("\ud800" <= sign <= "\udfff" for sign in row[at])), None)
    return AuditError("bad_encoding", Place(row=line, column=column), found=bad.hex(" "), encoding="UTF-8")


def _csv_refusal(error: csv.Error, lines: _Lines, text: Text, found: Recognised) -> AuditError:
    row = lines.start + 1
    if "field larger" in str(error):
        most = f"{lines.limits.cell_characters // 1024} KB"
        return AuditError("giant_cell", Place(row=row), found=f"> {most}", limit=most)
    cells = next(csv.reader([lines.first], delimiter=text.delimiter), [""])
    at = next((n for n, cell in enumerate(cells) if '"' in cell or "\n" in cell), len(cells) - 1)
    header = found.headers[at] if at < len(found.headers) else None
    shown = "" if header is None or is_personal(header) or header not in {found.header(name) for name in found.columns} else cells[at]
    return AuditError("open_quote", Place(row=row, column=header), found=shown.strip().encode("utf-8", "replace").decode("utf-8"))


def damaged_column(text: Text, found: Recognised) -> str | None:
    """The header over the first destroyed character; None for a place above the data, or in a record of several lines."""
    if text.damage is None or text.damage.row <= text.header_row:
        return None
    with Path(text.path).open("rb", buffering=0) as stream:
        stream.seek(text.damage.start)
        line = stream.read(_BIG_CHUNK).partition(b"\n")[0].decode("utf-8", "replace")
    cells = next(csv.reader([line], delimiter=text.delimiter), [])
    at = next((at for at, cell in enumerate(cells) if any(mark in cell for mark in DAMAGE)), len(found.headers))
    return found.headers[at] or letter(at) if at < len(found.headers) else None


def row_limit(rows: int, limits: Limits) -> None:
    """Refuses more data rows than a sheet may have, where a limit is set."""
    if limits.data_rows is not None and rows > limits.data_rows:
        raise AuditError("too_many_rows", found=str(rows), limit=limits.data_rows)


__all__ = [
    "DAMAGE", "FOOTERS", "Damage", "Table", "Text", "damaged_column", "first_rows", "other_layout", "quick_table", "read_text", "row_limit",
    "strict_table",
]
