"""What happened, by the rows of one file: nothing of it can lie after the file's export."""

# ruff: noqa: S608 - statements are made of column names and moments of our own only

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

NO_EVENTS = frozenset({"promised_ship_at", "snapshot_at"})  # a promise may lie ahead; the other is the export itself
_TIMES = ("TIMESTAMP", "DATE")


@dataclass(frozen=True)
class Event:
    """The newest time of a column, and the file's row of it."""

    column: str
    at: datetime
    row: int | None


def later_events(
    connection: "duckdb.DuckDBPyConnection", rows: str, line: str, after: datetime, until: datetime | None
) -> list[Event]:
    """The newest event of each column of times that lies after a moment and not after ``until`` (None: whenever). ``rows``: a view;
    ``line``: what a row is called in the file."""
    described = connection.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()
    names = [str(name) for name, kind, *_ in described if str(kind).startswith(_TIMES) and name not in NO_EVENTS]
    found = []
    for name in names:
        moment = f"CAST({name} AS TIMESTAMP)"
        inside = f"{moment} > TIMESTAMP '{after}'" + (f" AND {moment} <= TIMESTAMP '{until}'" if until is not None else "")
        newest = f"SELECT max({moment}), max_by({line}, {moment}) FROM {rows} WHERE {inside}"
        at, row = connection.execute(newest).fetchone() or (None, None)
        if at is not None:
            found.append(Event(name, at, None if row is None else int(row)))
    return found
