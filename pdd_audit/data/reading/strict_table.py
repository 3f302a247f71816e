"""The strict way: every row through the csv module, misfits set aside with their row numbers, the wanted columns written anew."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data.reading.hand_over import scratch
from pdd_audit.data.reading.limits import Limits
from pdd_audit.data.reading.marks import FOOTERS
from pdd_audit.data.reading.recognise import Recognised, header_score, letter, other_layout
from pdd_audit.data.reading.sources import is_personal
from pdd_audit.data.reading.tables import Table
from pdd_audit.data.reading.text_files import Text
from pdd_audit.data.reading.value_shapes import personal_cell

_MISFITS, _HEADERS = 1_000, 100


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
    aside = _SetAside(width, found.headers, left_out={"footer": text.totals} if text.totals else {})
    records = 0
    out = scratch("rows", folder)
    csv.field_size_limit(limits.cell_characters)
    with (
        # A broken byte matters only in a column that is kept: it stays a surrogate until the writer meets it.
        Path(text.path).open(encoding="utf-8-sig", errors="surrogateescape", newline="") as source_file,
        Path(out).open("w", encoding="utf-8", newline="") as sink,
    ):
        lines = _Lines(source_file, limits)
        writer = csv.writer(sink, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for line, row in _records(lines, text, found):
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
        mixed_dates=text.mixed_dates,
    )


def _records(lines: _Lines, text: Text, found: Recognised) -> Iterator[tuple[int, list[str]]]:
    """Each row below the header, with the line where it begins. ``lines`` knows more of the one that was given last."""
    reader = csv.reader(iter(lines), delimiter=text.delimiter, strict=True)
    index = -1
    while True:
        lines.start = lines.fed
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _csv_refusal(error, lines, text, found) from error
        index += 1
        if index > text.header_index:
            yield lines.start + 1, row


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
    known = header is not None and not is_personal(header) and header in {found.header(name) for name in found.columns}
    shown = cells[at].partition(text.delimiter)[0].strip() if known else ""  # what the quote swallows may speak of people
    clean = "" if personal_cell(shown) else shown.encode("utf-8", "replace").decode("utf-8")
    return AuditError("open_quote", Place(row=row, column=header), found=clean)


__all__ = ["strict_table"]
