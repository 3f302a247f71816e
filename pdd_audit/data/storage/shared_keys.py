"""Whether two imports speak of the same orders or parcels: two shops never do, unless a file was put into the wrong one."""

# ruff: noqa: S608 - statements are made of column names and paths of our own only

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

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


def shared(key: Literal["order_no", "waybill"], one: Stored, other: Stored) -> Shared | None:
    """The keys of ``one`` that ``other`` has too; None if there are none, which is told by hashes alone."""
    import duckdb  # a tenth of a second that a home with one shop need not spend

    rows = {"one": _rows(key, one), "other": _rows(key, other)}
    with duckdb.connect(config={"threads": 2, "memory_limit": _MEMORY}) as connection:
        connection.execute("SET enable_progress_bar = false")
        keys = {name: f"SELECT hash({key}) AS h FROM ({sql}) WHERE {key} IS NOT NULL" for name, sql in rows.items()}
        some = connection.execute(f"SELECT 1 FROM ({keys['one']}) WHERE h IN ({keys['other']}) LIMIT 1").fetchone()
        if some is None:
            return None
        both = f"SELECT {key} AS k, a.row, b.row AS other_row FROM ({rows['one']}) AS a JOIN ({rows['other']}) AS b USING ({key})"
        first = "min_by(k, row), min(row), min_by(other_row, row)"
        count, example, row, other_row = connection.execute(f"SELECT count(DISTINCT k), {first} FROM ({both})").fetchone() or (0, "", 0, 0)
    return Shared(count, example, row, other_row) if count else None


def _rows(key: str, stored: Stored) -> str:
    path = str(stored.path).replace("'", "''")
    numbered = f"coalesce(source_row, file_row_number + {stored.first_row}) AS row"
    return f"SELECT {key}, {numbered} FROM read_parquet('{path}', file_row_number = true, hive_partitioning = false)"
