"""Strangers' text tables before any cell is read: the encoding, the lines, and where the header is."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data.reading.encodings import encoding_of, transcode
from pdd_audit.data.reading.hand_over import scratch
from pdd_audit.data.reading.header_rows import Header, find_header
from pdd_audit.data.reading.limits import Limits
from pdd_audit.data.reading.marks import DAMAGE
from pdd_audit.data.reading.recognise import Recognised, letter
from pdd_audit.data.reading.walk import Damage, Walk

_BLOCK = 1024 * 1024
_LOOKED_AHEAD = 256 * 1024


@dataclass
class Text:
    """What the one pass over the bytes found. ``path`` holds UTF-8 (the file itself, or its transcoded copy). ``totals``: lines of totals
    that were taken off the copy."""

    path: str
    encoding: str
    lines: int
    lone_returns: bool
    nuls: int
    long_lines: bool = False
    damage: Damage | None = None
    mixed_dates: bool = False
    header_index: int = 0
    header_lines: int = 1
    header_row: int = 1
    first_header_row: int = 1
    delimiter: str = ","
    headers: tuple[str, ...] = ()
    sample: tuple[tuple[str, ...], ...] = ()
    titles: tuple[str, ...] = ()
    totals: int = 0


def read_text(path: str, size: int, limits: Limits, folder: Path) -> Text:
    """Decides the encoding by the header, then walks over the whole file once. A copy in UTF-8, if needed, goes into ``folder``.

    Raises blank_file, binary_file, bad_encoding (row of the first bad byte), giant_line, too_many_columns, open_quote.
    """
    with Path(path).open("rb", buffering=0) as stream:
        head, rest = stream.read(limits.header_bytes), stream.read(_LOOKED_AHEAD)
    if not head.replace(b"\0", b"").strip(b"\xef\xbb\xbf\xff\xfe \t\r\n,;") and (size <= limits.header_bytes or not rest.strip()):
        raise AuditError("blank_file")
    encoding = encoding_of(head, whole=size <= len(head))
    if size > len(head):
        _refuse_wide(head.decode(encoding, "ignore"), limits)
    text = _scan(path, encoding, limits, folder)
    _find_header(text, limits)
    return text


def _refuse_wide(sample: str, limits: Limits) -> None:
    """A first line longer than the place for headers, full of delimiters, needs no walk through the file."""
    if not {"\n", "\r"} & set(sample) and max(map(sample.count, ",\t;")) > limits.columns:
        raise AuditError("too_many_columns", Place(row=1), found=f"> {limits.columns}", limit=limits.columns)


def _scan(path: str, encoding: str, limits: Limits, folder: Path) -> Text:
    """One pass in blocks: lines, NULs, and a copy in UTF-8 if it is something else. UTF-8 itself is checked by whoever reads cells."""
    count = Walk(limits)
    if encoding in {"utf-8", "utf-8-sig"}:
        out = path
        with Path(path).open("rb", buffering=0) as stream:
            while block := stream.read(_BLOCK):
                count.add(block)
    else:
        out = scratch("utf8", folder)
        transcode(path, encoding, out, count)
    if count.nuls > count.total // 1000 and count.nuls > 8:
        raise AuditError("binary_file", found=f"{count.nuls} NUL")
    lines = count.newlines + (1 if count.total and count.last != b"\n" else 0)
    # None, or one before each line end; a stray one that keeps the balance shows as an extra record in the engine.
    lone = count.returns not in (0, count.newlines)
    return Text(
        path=out, encoding=encoding, lines=lines, lone_returns=lone, nuls=count.nuls, long_lines=count.long_lines, damage=count.damage,
        mixed_dates=count.mixed_dates,
    )


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


def damaged_column(text: Text, found: Recognised) -> str | None:
    """The header over the first destroyed character; None for a place above the data, or in a record of several lines."""
    if text.damage is None or text.damage.row <= text.header_row:
        return None
    with Path(text.path).open("rb", buffering=0) as stream:
        stream.seek(text.damage.start)
        line = stream.read(_BLOCK).partition(b"\n")[0].decode("utf-8", "replace")
    cells = next(csv.reader([line], delimiter=text.delimiter), [])
    at = next((at for at, cell in enumerate(cells) if any(mark in cell for mark in DAMAGE)), len(found.headers))
    return found.headers[at] or letter(at) if at < len(found.headers) else None


__all__ = ["Text", "damaged_column", "first_rows", "read_text"]
