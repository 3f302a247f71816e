"""Where a table's header stands, below titles and above the data, and what its columns are called when it takes several rows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pdd_audit.data.reading.recognise import header_score, named, source_of, visible
from pdd_audit.data.reading.sources import all_known_headers, fold

# Rows of data hold long numbers, times, or cells that are nothing but a number; headers and groups of headers do not.
_DATA = re.compile(r"\d{5}|\d{4}[-/]\d|^[\s\d.,:%/¥￥+-]*\d[\s\d.,:%/¥￥+-]*$")
_REMARK = re.compile(r"[(（].*[)）]")
# Under a group of these a plain 快递单号 is the buyer's parcel on its way back.
_RETURNED = re.compile("退(?!款)|逆向|寄回")


@dataclass(frozen=True)
class Header:
    """``first`` to ``last``: the rows of the header (0-based, in the list that was searched). ``score``: how much ``cells`` say."""

    first: int
    last: int
    cells: tuple[str, ...]
    score: int


def find_header(rows: Sequence[Sequence[str]]) -> Header:
    """The header among the first rows of a table. Several rows are one header only if they say more together than each alone.

    A row that already names a file is never passed over for a fuller one below it: two files glued together have two.
    """
    best = Header(0, 0, tuple(rows[0]) if rows else (), 0)
    sure = next((at for at, row in enumerate(rows) if named(row)), None)
    likely = [any(cell.strip() for cell in row) and not any(_DATA.search(cell) for cell in row) for row in rows]
    for last in range(sure or 0, len(rows)):
        for first in range(last, -1, -1):
            if first < last and not (likely[first] and likely[last]):
                break
            if sure is not None and first > sure:
                continue
            cells = tuple(rows[last]) if first == last else _joined(rows[first : last + 1])
            score = _score(cells)
            if score > best.score:  # the first and shortest wins a tie
                best = Header(first, last, cells, score)
        if sure is not None and not likely[last] and last > sure:
            break
    return best


def _score(cells: Sequence[str]) -> int:
    """Known headers, and once more those that the recognised layout reads."""
    source = source_of(cells)
    return header_score(cells) + (len(source.known_headers.intersection(map(fold, cells))) if source is not None else 0)


def _joined(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """One name per column. A merged cell has its text only in its first column, so it is carried to the right, where texts stand below."""
    width = max(len(row) for row in rows)
    padded = [[visible(cell) for cell in row] + [""] * (width - len(row)) for row in rows]
    return tuple(_name(_parts(padded, at)) for at in range(width))


def _parts(rows: Sequence[Sequence[str]], at: int) -> list[str]:
    """The texts of a column from the top, groups included, each once."""
    parts: list[str] = []
    for depth, row in enumerate(rows):
        text = row[at]
        if not text and any(below[at] for below in rows[depth + 1 :]):
            text = next((cell for cell in reversed(row[:at]) if cell), "")
        if text and text not in parts[-1:]:
            parts.append(text)
    return parts


def _name(parts: Sequence[str]) -> str:
    """The longest known name that the texts give, read from the bottom; all of them together if none is known."""
    whole = "".join(parts)
    if len(parts) < 2 or _RETURNED.search(whole):
        return whole
    known = all_known_headers()
    ways = [parts[start:] for start in range(len(parts))]
    if _REMARK.fullmatch(parts[-1]):
        ways.append(parts[:-1])  # a unit or a remark below the name
    return next((text for way in ways if fold(text := "".join(way)) in known), whole)


__all__ = ["Header", "find_header"]
