"""Copies of a SQLite database as it was before its tables were brought up to date: beside it, for whoever wants to go back.

A copy is named by the version of its tables and the moment, ``state-0019-2026-11-24-013000.db``, and is a whole database without a journal.
"""

import os
import re
import sqlite3
import uuid
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pdd_audit.core.errors import AuditError
from pdd_audit.core.health import ROOM_FOR_DATABASE
from pdd_audit.data.reading.hand_over import patiently
from pdd_audit.data.reading.import_folder import sync_folder
from pdd_audit.data.storage.tables import LoginRow

KEPT = 3
MEGABYTE = 1_000_000
LOGINS = LoginRow.__tablename__
_SHANGHAI = ZoneInfo("Asia/Shanghai")  # as every stored time


def copies_of(database: Path) -> list[Path]:
    """The copies of a database, oldest first."""
    name = re.compile(rf"{re.escape(database.stem)}-\d{{4}}-(\d{{4}}-\d\d-\d\d-\d{{6}})\.db")
    found = [(match[1], path) for path in database.parent.iterdir() if (match := name.fullmatch(path.name))]
    return [path for _, path in sorted(found)]


def keep_copy(database: Path, version: str) -> None:
    """The database as it is, for this user only; of all copies the newest ``KEPT`` stay. Whoever calls holds the pen: nobody else writes.

    ``version``: of its tables. Raises AuditError ``upgrade_no_copy``; then there is no half copy either.
    """
    target = database.with_name(f"{database.stem}-{version}-{datetime.now(_SHANGHAI):%Y-%m-%d-%H%M%S}.db")
    part = target.with_name(f"{target.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _copy(database, part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        patiently(lambda: part.replace(target))
        sync_folder(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise no_copy(database, getattr(error, "sqlite_errorname", None) or getattr(error, "strerror", None) or str(error)) from error
    finally:
        for left in (part, part.with_name(f"{part.name}-journal")):
            left.unlink(missing_ok=True)
    for older in copies_of(database)[:-KEPT]:
        with suppress(OSError):  # in use on Windows: next time
            older.unlink()


def no_copy(database: Path, said: str) -> AuditError:
    """Why the tables stay as they are. ``said``: by the system or by SQLite."""
    room = sum(path.stat().st_size for path in (database, database.with_name(f"{database.name}-wal")) if path.is_file())
    return AuditError("upgrade_no_copy", found=said, room=max(round(ROOM_FOR_DATABASE * room / MEGABYTE), 1))


def forget_shop(database: Path, shop_id: str) -> None:
    """Nothing of a shop that is deleted stays in a copy; a copy that cannot be changed goes whole."""
    for copy in copies_of(database):
        try:
            with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
                connection.execute("PRAGMA foreign_keys=ON")  # every table of a shop goes with its row
                connection.execute("PRAGMA secure_delete=ON")
                connection.execute("DELETE FROM shops WHERE id = ?", (shop_id,))
                connection.execute("VACUUM")
        except sqlite3.Error:
            copy.unlink(missing_ok=True)


def _copy(database: Path, part: Path) -> None:
    """Raises OSError or sqlite3.Error, also for a copy that is not sound."""
    address = f"{database.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as source, closing(sqlite3.connect(part, isolation_level=None)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        if copy.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (LOGINS,)).fetchone():
            copy.execute(f"DELETE FROM {LOGINS}")  # noqa: S608 - our own name; put back, it would let in who has been logged out since
        said = str(copy.execute("PRAGMA quick_check(1)").fetchone()[0])
    if said != "ok":
        raise sqlite3.DatabaseError(said.splitlines()[-1])

