"""Connections to the database: SQLite in a file, or PostgreSQL by URL, set so that both behave alike.

Alike means: one writer at a time (``take_the_pen``), reads of several tables as of one moment (``look_at_one_moment``), a bounded wait for
whoever is writing, and faults with words (``faults``).
"""

import os
import sqlite3
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from pdd_audit.core.errors import AuditError
from pdd_audit.data.storage.faults import speak_plainly

PATIENCE_SECONDS = 5.0  # how long somebody waits for whoever is writing, before the next of a few tries
ANSWER_SECONDS = 30  # how long PostgreSQL works on one statement
IDLE_SECONDS = 5.0  # how long a connection to a server may lie unused before it is asked whether it still lives
SILENCE_SECONDS = 60  # how long a transaction may stand there doing nothing
SQLITE_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON")
SQLITE_PRAGMAS_FOR_ALL = ("foreign_keys=ON", "trusted_schema=OFF", "cell_size_check=ON")
PEN = 0x7064_6461  # the advisory lock of everything this program writes; a PostgreSQL database has its own set of them
# The connection used last is used next: it remembers most. Faults never show what was being saved.
_POOL: dict[str, Any] = {
    "pool_size": 10, "max_overflow": 40, "pool_timeout": PATIENCE_SECONDS, "pool_use_lifo": True, "hide_parameters": True,
}
POSTGRES_DRIVERS = {"postgres", "postgresql", "postgresql+psycopg"}


def sqlite_url(path: Path) -> str:
    """The URL of a file, whatever its path holds: a drive letter, backslashes, a ``%`` or a ``?``."""
    return URL.create("sqlite", database=str(path)).render_as_string()


def engine_of(url: str) -> Engine:
    """Raises AuditError ``database_url``, which never tells what stands in it."""
    try:
        wanted = make_url(url)
    except ArgumentError as error:
        raise AuditError("database_url") from error
    if wanted.get_backend_name() == "sqlite":
        return _sqlite(wanted)
    if wanted.drivername in POSTGRES_DRIVERS and wanted.database:
        return _postgres(wanted.set(drivername="postgresql+psycopg"))
    raise AuditError("database_url", found=wanted.drivername)


def file_of(engine: Engine) -> Path | None:
    """Where a SQLite database lies; None for any other."""
    return Path(engine.url.database) if engine.dialect.name == "sqlite" and engine.url.database else None


def only_readable(path: Path) -> bool:
    """Whether a database is there that nobody may write here: its file or its folder is locked, or the disk is."""
    return path.is_file() and not (os.access(path, os.W_OK, **_AS_WHO_WE_ARE) and os.access(path.parent, os.W_OK, **_AS_WHO_WE_ARE))


_AS_WHO_WE_ARE: dict[str, Any] = {"effective_ids": True} if os.access in os.supports_effective_ids else {}


def take_the_pen(connection: Connection) -> None:
    """Begins a transaction that may write; until it ends nobody else begins one. Waits ``PATIENCE_SECONDS``, then raises ``store_busy``."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # a later upgrade of a read lock would fail at once, whatever the timeout
    else:
        connection.exec_driver_sql(f"BEGIN; SELECT pg_advisory_xact_lock({PEN})")  # one way to the server and back for both


def look_at_one_moment(connection: Connection) -> None:
    """Begins a transaction in which everything is read as it is now, whoever writes meanwhile."""
    connection.exec_driver_sql("BEGIN" if connection.dialect.name == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")


def _sqlite(url: URL) -> Engine:
    path = Path(url.database or "")

    def connect() -> sqlite3.Connection:
        return _reader(path) if only_readable(path) else _writer(path)

    engine = create_engine(url, creator=connect, **_POOL)
    speak_plainly(engine)
    return engine


def _writer(path: Path) -> sqlite3.Connection:
    # No isolation level: the driver opens no transactions of its own, we say BEGIN IMMEDIATE.
    connection = sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False)
    return _with(connection, SQLITE_PRAGMAS + SQLITE_PRAGMAS_FOR_ALL)


def _reader(path: Path) -> sqlite3.Connection:
    """Where nothing may be written, SQLite cannot make the shared memory a live database needs. What was closed properly has no journal
    and can be read as it lies; what has one is read with it."""
    journal = path.with_name(f"{path.name}-wal")
    lies_still = not journal.exists() or not journal.stat().st_size
    address = f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if lies_still else ''}"
    connection = sqlite3.connect(address, uri=True, timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False)
    return _with(connection, SQLITE_PRAGMAS_FOR_ALL)


def _with(connection: sqlite3.Connection, pragmas: tuple[str, ...]) -> sqlite3.Connection:
    try:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _postgres(url: URL) -> Engine:
    """As with SQLite the driver opens no transactions of its own: a look costs one way to the server and back, and holds nothing there."""
    arguments = {"connect_timeout": round(PATIENCE_SECONDS), "application_name": "pdd-audit"}
    engine = create_engine(url, isolation_level="AUTOCOMMIT", connect_args=arguments, **_POOL)
    event.listen(engine, "connect", _set_limits)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _see_whether_it_lives)
    speak_plainly(engine)
    return engine


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["used"] = monotonic()


def _see_whether_it_lives(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """A connection that lay idle is asked, and replaced with all others when the server is gone. One that was used just now is not: should
    it be cut, a save is tried again."""
    if monotonic() - record.info.get("used", monotonic()) > IDLE_SECONDS:
        try:
            connection.execute("SELECT 1")
        except connection.Error as error:
            raise InvalidatePoolError from error


def _set_limits(connection: Any, _record: object) -> None:
    limits = {
        "lock_timeout": PATIENCE_SECONDS, "statement_timeout": ANSWER_SECONDS, "idle_in_transaction_session_timeout": SILENCE_SECONDS,
    }
    connection.execute("; ".join(f"SET {name} = {round(seconds * 1000)}" for name, seconds in limits.items()))
    connection.commit()
