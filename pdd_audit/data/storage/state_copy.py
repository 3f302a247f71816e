"""The whole database as one SQLite file, wherever it lies, and from such a file into PostgreSQL: for backups, and for moving."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Integer, String, Table, delete, func, insert, select

from pdd_audit.core.errors import AuditError
from pdd_audit.data.storage.connecting import look_at_one_moment, sqlite_url
from pdd_audit.data.storage.state import State
from pdd_audit.data.storage.tables import IN_NO_BACKUP, Base, InstallationRow

ROWS_AT_ONCE = 500


def copy_state(state: State, target: Path) -> None:
    """A consistent copy of the whole database but of ``IN_NO_BACKUP``, as one file without a journal; people may save meanwhile."""
    if state.engine.dialect.name == "sqlite":
        _copy_file(state, target)
        return
    copy = State(sqlite_url(target))
    try:
        with state.engine.connect() as source, copy.writing() as session:
            look_at_one_moment(source)
            for table in Base.metadata.sorted_tables:
                if table.name not in IN_NO_BACKUP:
                    _copy_rows(source, session.connection(), table)
    finally:
        copy.close()
    with closing(sqlite3.connect(target)) as alone:
        alone.execute("PRAGMA journal_mode=DELETE")


def _copy_file(state: State, target: Path) -> None:
    raw = state.engine.raw_connection()
    try:
        with closing(sqlite3.connect(target)) as copy:
            source: Any = raw.driver_connection
            source.backup(copy)
            for table in IN_NO_BACKUP:
                copy.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
            copy.commit()
            copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        raw.close()


def prove_empty(url: str) -> None:
    """Raises AuditError ``database_not_empty`` for one that holds anything but an id, and what opening it raises. Makes its tables."""
    state = State(url)
    try:
        with state.reading() as session:
            tables = [table for table in Base.metadata.sorted_tables if table is not InstallationRow.__table__]
            filled = next((table.name for table in tables if session.execute(select(table).limit(1)).first()), None)
    finally:
        state.close()
    if filled is not None:
        raise AuditError("database_not_empty", found=filled)


def pour_state(source: Path, url: str, before_commit: Callable[[], None]) -> None:
    """Every row of a SQLite file into an empty database: all of them or none. An older file is brought up to date where it lies.

    ``before_commit`` is called once all rows are in; when it raises, none is. Raises AuditError.
    """
    prove_empty(url)
    old, new = State(sqlite_url(source)), State(url)
    try:
        with old.engine.connect() as reader, new.writing() as session:
            look_at_one_moment(reader)
            writer = session.connection()
            writer.execute(delete(InstallationRow))  # whoever opened it while it was empty has nothing here
            for table in Base.metadata.sorted_tables:
                _copy_rows(reader, writer, table)
                _count_on(writer, table)
            before_commit()
    finally:
        old.close()
        new.close()


def _copy_rows(source: Connection, target: Connection, table: Table) -> None:
    texts = [column.name for column in table.c if isinstance(column.type, String)]
    rows = source.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table).order_by(*table.primary_key.columns)).mappings()
    for part in rows.partitions(ROWS_AT_ONCE):
        target.execute(insert(table), [_writable(dict(row), texts) for row in part])


def _writable(row: dict[str, Any], texts: list[str]) -> dict[str, Any]:
    """PostgreSQL keeps no NUL in a text; nobody can have typed one."""
    return row | {name: row[name].replace("\x00", "") for name in texts if row[name] is not None}


def _count_on(connection: Connection, table: Table) -> None:
    """Ids that are counted go on after the highest that came."""
    column = table.primary_key.columns[0]
    if connection.dialect.name != "postgresql" or not isinstance(column.type, Integer) or table.autoincrement_column is None:
        return
    highest = connection.scalar(select(func.max(column)))
    if highest is not None:
        counter = func.pg_get_serial_sequence(table.name, column.name)
        connection.execute(select(func.setval(counter, highest)))
