"""Strangers' text tables: which encoding, where the header is, and a strict look at every byte before an engine reads it.

Two ways lead to the same ``Table``. The quick one hands the bytes to the engine unchanged and is believed only if the engine
finds exactly as many records as there are lines. The strict one walks every row with the csv module, sets misfits aside with
their row numbers, and writes the wanted columns anew.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data.hand_over import scratch
from pdd_audit.data.limits import Limits
from pdd_audit.data.recognise import Recognised, best_header, header_score
from pdd_audit.data.sources import is_personal

FOOTERS = ("合计", "总计", "汇总", "说明：", "说明:", "合計", "小计")
# UTF-8 read as GB18030 turns 已收, 已发, 已签, 快递, 运输 into these: two files of different encodings were glued together.
_GLUED = ("宸叉敹", "宸插彂", "宸茬", "蹇€掑", "杩愯緭")
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


@dataclass
class Text:
    """What the one pass over the bytes found. ``path`` holds UTF-8 (the file itself, or its transcoded copy)."""

    path: str
    encoding: str
    lines: int
    lone_returns: bool
    nuls: int
    header_index: int = 0
    header_lines: int = 1
    header_row: int = 1
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
    text = _scan(path, encoding, limits, folder)
    _find_header(text, limits)
    return text


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
        fits.append((best_header(rows)[1] * 2 + strict, -order, name))
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

    def add(self, block: bytes) -> None:
        """Raises giant_line."""
        first = block.find(b"\n")
        if self.since + (first if first >= 0 else len(block)) > self.limits.line_bytes and b"\r" not in block:
            most = f"{self.limits.line_bytes // 1024} KB"
            raise AuditError("giant_line", Place(row=self.newlines + 1), found=f"> {most}", limit=most)
        self.since = len(block) - block.rfind(b"\n") - 1 if first >= 0 else self.since + len(block)
        self.newlines += block.count(b"\n")
        self.returns += block.count(b"\r") if b"\r" in block else 0
        self.nuls += block.count(b"\0") if b"\0" in block else 0
        self.total += len(block)
        self.last = block[-1:]


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
    return Text(path=out, encoding=encoding, lines=lines, lone_returns=lone, nuls=count.nuls)


def _transcode(path: str, encoding: str, out: str, count: _Count) -> None:
    """Writes the copy. Characters are counted in it: in UTF-16 a newline byte may be half of a character."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    with Path(path).open("rb", buffering=0) as stream, Path(out).open("wb") as copy:
        while True:
            block = stream.read(_CHUNK)
            try:
                decoded = decoder.decode(block, not block)
            except UnicodeDecodeError as error:
                row = _row_of_bad_byte(encoding, count.newlines, block, error)
                bad = error.object[error.start : error.start + 4].hex(" ")
                raise AuditError("bad_encoding", Place(row=row), found=bad, encoding=_shown(encoding)) from error
            if encoding == "gb18030" and any(mark in decoded for mark in _GLUED):
                at = min(decoded.find(mark) for mark in _GLUED if mark in decoded)
                place = Place(row=count.newlines + decoded.count("\n", 0, at) + 1)
                raise AuditError("bad_encoding", place, found="UTF-8 + GB18030", encoding="GB18030")
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
    whole = len(raw) < limits.header_bytes
    sample = raw.decode("utf-8", "ignore").removeprefix("\ufeff")
    if not whole:
        cut = max(sample.rfind("\n"), sample.rfind("\r"))
        if cut < 0 and (sample.count(",") > limits.columns or sample.count("\t") > limits.columns):
            raise AuditError("too_many_columns", Place(row=1), found=f"> {limits.columns}", limit=limits.columns)
        sample = sample[: cut + 1] if cut >= 0 else sample
    best: tuple[int, str, int, list[list[str]], list[int]] | None = None
    for delimiter in (",", "\t", ";"):
        rows, ends = _first_rows(sample, delimiter)
        index, score = best_header(rows[: limits.header_rows])
        if best is None or score > best[0]:
            best = (score, delimiter, index, rows, ends)
    assert best is not None
    score, delimiter, index, rows, ends = best
    if score == 0:  # nothing known: the first row that has text stands for the header, so that the refusal can quote its place
        index = next((at for at, row in enumerate(rows) if any(cell.strip() for cell in row)), 0)
    headers = rows[index] if rows else []
    if len(headers) > limits.columns:
        raise AuditError("too_many_columns", Place(row=index + 1), found=str(len(headers)), limit=limits.columns)
    text.delimiter = delimiter
    text.header_index = index
    text.header_lines = ends[index] if ends else 1
    text.header_row = (ends[index - 1] if index else 0) + 1
    text.headers = tuple(headers)
    text.sample = tuple(tuple(row) for row in rows[index + 1 :])
    text.titles = tuple(" ".join(cell for cell in row if cell.strip())[:200] for row in rows[:index])


def _first_rows(sample: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
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
    if text.lone_returns or text.nuls or text.header_lines != text.header_index + 1 or text.lines <= text.header_lines:
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
    )


@dataclass
class _Lines:
    """Feeds lines to the csv reader and stops a quoted field that swallows too many of them."""

    file: io.TextIOWrapper
    limits: Limits
    fed: int = 0
    start: int = 0
    first: str = ""

    def __iter__(self) -> Iterator[str]:
        limit = self.limits.line_bytes
        while line := self.file.readline(limit + 1):
            if len(line) > limit:
                raise AuditError("giant_line", Place(row=self.fed + 1), found=f"> {limit // 1024} KB", limit=f"{limit // 1024} KB")
            if self.fed == self.start:
                self.first = line
            elif self.fed - self.start > self.limits.quoted_lines:
                raise csv.Error("unexpected end of data")
            self.fed += 1
            yield line.replace("\0", "") if "\0" in line else line


def strict_table(text: Text, found: Recognised, limits: Limits, folder: Path) -> Table:
    """Every row through the csv module; the wanted columns of the rows that fit, as a new CSV.

    Raises open_quote (row where it opens), giant_cell, giant_line, header_only.
    """
    wanted = list(found.columns.items())
    key = max(found.columns[name] for name in found.source.required) if found.source.required else 0
    width = len(found.headers)
    left_out: dict[str, int] = {}
    first_bad: int | None = None
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
            footer = bool(row) and row[0].strip().strip("﻿'\"=").startswith(FOOTERS)
            misfit = len(row) <= key if len(row) < width else any(cell.strip() for cell in row[width:])
            if not row:
                left_out["blank"] = left_out.get("blank", 0) + 1
            elif misfit and not footer and any(cell.strip() for cell in row):
                left_out["cell_count"] = left_out.get("cell_count", 0) + 1
                first_bad = first_bad or lines.start + 1
            else:
                row += [""] * (width - len(row))
                # Line breaks inside a kept cell would make lines and records differ.
                cells = (row[at].replace("\n", " ").replace("\r", " ") for _, at in wanted)
                try:
                    writer.writerow([lines.start + 1, FOOTERS[0] if footer else "", *cells])
                except UnicodeEncodeError as error:
                    raise _broken_byte(error, lines.start + 1, row, found) from error
                records += 1
    return Table(
        path=out,
        delimiter=",",
        skip=0,
        width=2 + len(wanted),
        columns={name: 2 + at for at, (name, _) in enumerate(wanted)},
        first_column=1,
        first_row=text.header_lines + 1,
        records=records,
        line_column=0,
        left_out=left_out,
        first_bad_row=first_bad,
    )


def _broken_byte(error: UnicodeEncodeError, line: int, row: list[str], found: Recognised) -> AuditError:
    bad = bytes(ord(sign) - 0xDC00 for sign in error.object[error.start : error.end][:4] if "\udc80" <= sign <= "\udcff")
    column = next((found.headers[at] for at in found.columns.values() if any("\ud800" <= sign <= "\udfff" for sign in row[at])), None)
    return AuditError("bad_encoding", Place(row=line, column=column), found=bad.hex(" "), encoding="UTF-8")


def _csv_refusal(error: csv.Error, lines: _Lines, text: Text, found: Recognised) -> AuditError:
    row = lines.start + 1
    if "field larger" in str(error):
        return AuditError("giant_cell", Place(row=row), found=f"> {lines.limits.cell_characters // 1024} KB")
    cells = next(csv.reader([lines.first], delimiter=text.delimiter), [""])
    at = next((n for n, cell in enumerate(cells) if '"' in cell or "\n" in cell), len(cells) - 1)
    header = found.headers[at] if at < len(found.headers) else None
    shown = "" if header is None or is_personal(header) or header not in {found.header(name) for name in found.columns} else cells[at]
    return AuditError("open_quote", Place(row=row, column=header), found=shown.strip().encode("utf-8", "replace").decode("utf-8"))


def row_limit(rows: int, limits: Limits) -> None:
    """Refuses more data rows than a sheet may have, where a limit is set."""
    if limits.data_rows is not None and rows > limits.data_rows:
        raise AuditError("too_many_rows", found=str(rows), limit=limits.data_rows)


__all__ = ["FOOTERS", "Table", "Text", "header_score", "quick_table", "read_text", "row_limit", "strict_table"]
