"""Whether two imports speak of the same orders or parcels: two shops never do, unless a file was put into the wrong one."""

# ruff: noqa: S608 - statements are made of column names and paths of our own only

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Key = Literal["order_no", "waybill"]

_MEMORY = "300MB"


@dataclass(frozen=True)
class Stored:
    """The rows of an import. ``first_row``: the file's row of the first of them, for rows stored without their number."""

    path: Path
    first_row: int


@dataclass(frozen=True)
class Shared:
    """``count`` keys that stand in both; the first of them, and its row in each file."""

    count: int
    example: str
    row: int
    other_row: int


def shared(key: Key, one: Stored, others: Sequence[Stored]) -> dict[Path, Shared]:
    """By its path, for each of ``others`` (one at least) that has keys of ``one``: which. All are looked through at once, by hashes;
    only those that share any are read a second time."""
    import duckdb  # a tenth of a second that a home with one shop need not spend

    with duckdb.connect(config={"threads": 2, "memory_limit": _MEMORY}) as connection:
        connection.execute("SET enable_progress_bar = false")
        there = f"FROM {_files([other.path for other in others])} WHERE {key} IS NOT NULL"
        mine = f"SELECT hash({key}) FROM {_files([one.path])} WHERE {key} IS NOT NULL"
        some = {name for (name,) in connection.execute(f"SELECT DISTINCT filename {there} AND hash({key}) IN ({mine})").fetchall()}
        found = {other.path: _told(connection, key, one, other) for other in others if str(other.path) in some}
    return {path: told for path, told in found.items() if told is not None}


def _told(connection: "DuckDBPyConnection", key: Key, one: Stored, other: Stored) -> Shared | None:
    both = f"SELECT {key} AS k, a.row, b.row AS other_row FROM ({_rows(key, one)}) AS a JOIN ({_rows(key, other)}) AS b USING ({key})"
    first = "min_by(k, row), min(row), min_by(other_row, row)"
    count, example, row, other_row = connection.execute(f"SELECT count(DISTINCT k), {first} FROM ({both})").fetchone() or (0, "", 0, 0)
    return Shared(count, example, row, other_row) if count else None


def _rows(key: str, stored: Stored) -> str:
    return f"SELECT {key}, coalesce(source_row, file_row_number + {stored.first_row}) AS row FROM {_files([stored.path])}"


def _files(paths: Sequence[Path]) -> str:
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    return f"read_parquet([{listed}], file_row_number = true, filename = true, hive_partitioning = false)"
