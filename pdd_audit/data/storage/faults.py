"""What SQLite and PostgreSQL say when they cannot do their work, as errors with words. Neither statements nor values get into them."""

import sqlite3

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from pdd_audit.core.errors import AuditError


class PassingAuditError(AuditError):
    """The database was busy or away: worth another try."""


def speak_plainly(engine: Engine) -> None:
    """From now on this engine raises AuditError for every fault that is listed here; other errors stay as they are."""
    event.listen(engine, "handle_error", _translated)


def _translated(context: ExceptionContext) -> AuditError | None:
    if context.is_pre_ping:  # the pool asks whether a connection still lives, and makes another if not
        return None
    error = context.original_exception
    if isinstance(error, sqlite3.Error):
        return of_sqlite(error)
    return _of_postgres(error, context.is_disconnect or context.connection is None)


def of_sqlite(error: sqlite3.Error) -> AuditError | None:
    """By SQLite's result code; None: a fault of ours, not of the store."""
    code, name = getattr(error, "sqlite_errorcode", 0) & 0xFF, str(getattr(error, "sqlite_errorname", "") or type(error).__name__)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return PassingAuditError("store_busy", found=name)
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return AuditError("store_full", found=name)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return AuditError("store_read_only", found=name)
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return AuditError("store_damaged", found=name)
    return AuditError("store_unopened", found=name) if code == sqlite3.SQLITE_CANTOPEN else None


# SQLSTATE, or the class it begins with -> what it means here.
_BUSY = ("40001", "40P01", "55P03", "57014", "53300")  # serialization, deadlock, lock or statement timeout, too many connections
_AWAY = ("08", "57P01", "57P02", "57P03", "57P05", "25P03")  # connection lost, server stopping or starting, session ended for idling
_FULL = ("53100", "53200", "58030")  # disk, memory, input and output
_READ_ONLY = ("25006", "42501")
_DAMAGED = ("XX001", "XX002")


def _of_postgres(error: BaseException, lost: bool) -> AuditError | None:
    """``lost``: the connection is gone, or there never was one."""
    state = str(getattr(error, "sqlstate", None) or "")
    if state.startswith(_BUSY):
        return PassingAuditError("store_busy", found=state)
    if state.startswith(_FULL):
        return AuditError("store_full", found=state)
    if state.startswith(_READ_ONLY):
        return AuditError("store_read_only", found=state)
    if state.startswith(_DAMAGED):
        return AuditError("store_damaged", found=state)
    if state.startswith(_AWAY) or (lost and _is_of_the_driver(error)):
        return PassingAuditError("store_away", found=state or type(error).__name__)
    return None


def _is_of_the_driver(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] == "psycopg"
