"""What is known about the rows of one file while its report is written: counts by ``trouble``, and the rows themselves as ``kept``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb

from pdd_audit.data.reading.recognise import Recognised

ENOUGH_TIMES = 5  # so many times without seconds, or without hours, are no accident
NAMED_ROWS = 20  # of the rows a notice speaks of so many are named, the rest counted
ROUND_COUNT = 10_000  # an export that ends exactly at a multiple of this was probably cut off


@dataclass
class Facts:
    """What the engine found out; together with the file's own facts this is the import report."""

    rows_read: int = 0
    rows_kept: int = 0
    rows_written: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    period: tuple[datetime | None, datetime | None] = (None, None)
    snapshot_at: datetime | None = None
    snapshot_from: str = "none"
    newest_event: datetime | None = None
    distinct: bool = False
    reading: str | None = None
    couriers: list[str] = field(default_factory=list)
    first_scan: datetime | None = None
    to_the_day: list[str] = field(default_factory=list)  # columns of times that are all midnights
    derived: dict[str, str] = field(default_factory=dict)  # canonical column -> the header from whose cells it was worked out
    notices: list[dict[str, Any]] = field(default_factory=list)

    def note(self, code: str, **values: Any) -> None:
        self.notices.append({"code": code, "values": values})


@dataclass
class Said:
    """How many rows a code of ``trouble`` was said of, the first of them, and the text that went with one. ``named``: up to
    ``NAMED_ROWS`` of the rows, where they are known one by one."""

    rows: int = 0
    row: int | None = None
    sample: str = ""
    named: list[int] = field(default_factory=list)

    def add(self, other: "Said") -> None:
        self.rows += other.rows
        self.row = min((row for row in (self.row, other.row) if row is not None), default=None)
        self.sample = self.sample or other.sample
        self.named = sorted({*self.named, *other.named})[:NAMED_ROWS]

    def spots(self) -> dict[str, Any]:
        """The values by which a notice says where: how many rows, the first, and, of several, which."""
        return {"rows": self.rows, "row": self.row} | ({"named": self.named} if self.rows > 1 and self.named else {})


NOTHING = Said()


@dataclass
class Findings:
    """Handed to ``describe`` of a canonical module. ``trouble``: code -> where, of the kept rows."""

    connection: duckdb.DuckDBPyConnection
    recognised: Recognised
    facts: Facts
    header_row: int
    trouble: Mapping[str, Said]

    @property
    def kept(self) -> int:
        return self.facts.rows_kept

    def said(self, code: str) -> Said:
        return self.trouble.get(code, NOTHING)

    def one(self, sql: str) -> tuple[Any, ...]:
        return self.connection.execute(sql).fetchone() or ()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    def header(self, name: str) -> str:
        """The header of a canonical column as it stood in the file."""
        return self.recognised.header(name)

    def note(self, code: str, **values: Any) -> None:
        self.facts.note(code, **values)

    def note_round_count(self) -> None:
        if self.kept and self.kept % ROUND_COUNT == 0:
            self.note("round_row_count", rows=self.kept)


def count_trouble(connection: duckdb.DuckDBPyConnection, rows: str) -> dict[str, Said]:
    """Code -> rows; a reason for leaving a row out keeps its ``!``."""
    found: dict[str, Said] = {}
    sql = (
        f"SELECT regexp_replace(trouble, '=[^;]*', '', 'g') AS codes, count(*), min(line, {NAMED_ROWS}), min(trouble) "  # noqa: S608 - a view of ours
        f"FROM {rows} WHERE trouble IS NOT NULL GROUP BY codes ORDER BY codes"
    )
    for codes, count, lines, example in connection.execute(sql).fetchall():
        samples = dict(part.partition("=")[::2] for part in example.split(";"))
        for code in codes.split(";"):
            found.setdefault(code, Said()).add(Said(count, lines[0], samples.get(code, ""), lines))
    return found
