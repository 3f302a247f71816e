"""The tables of a database: made when it is new, brought up to date when it is old, left alone when it is newer, lost or not ours."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from time import sleep

from sqlalchemy import Connection, Engine, select, text

from pdd_audit.core.errors import AuditError
from pdd_audit.data.storage.connecting import file_of, only_readable, take_the_pen
from pdd_audit.data.storage.faults import of_sqlite
from pdd_audit.data.storage.head import HEAD
from pdd_audit.data.storage.tables import Base, InstallationRow
from pdd_audit.data.storage.upgrade_copies import keep_copy, no_copy

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION = re.compile("[0-9]{4}")
LOOKED_THROUGH_BYTES = 64 * 1024**2  # a larger file is looked through by the doctor, not whenever it is opened
_EMPTY_SECONDS, _LOOKS = 0.05, 10  # another program that makes the database at this moment needs less


def prepare(engine: Engine, expected: str | None) -> None:
    """``expected``: None where nothing was kept before. Else a database without tables is a loss and no beginning; and where it is an id,
    one with another id, or with none, is not the one that belongs here.

    Raises AuditError ``store_lost``, ``store_other``, ``store_damaged``, ``store_foreign``, ``newer_database``, and what ``faults`` names.
    """
    path = file_of(engine)
    if path is not None:
        _prove_sound(path, expected is not None)
    with engine.connect() as connection:
        current = _version(connection)
        foreign = current is None and _has_tables_of_ours(connection)
        stored = instance_in(connection) if current is not None and current <= HEAD else None
    if current is not None and current <= HEAD and expected and stored != expected:
        raise AuditError("store_other", found=(stored or "–")[:8], noted=expected[:8])
    if current == HEAD:
        return
    if foreign or (current is not None and not VERSION.fullmatch(current)):
        raise AuditError("store_foreign", found=_kind(engine))
    if current is None and expected is not None:
        raise AuditError("store_lost", found=_kind(engine))
    if current is None:
        _create(engine)
    elif current > HEAD:
        raise AuditError("newer_database", found=current, needed_version=HEAD)
    else:
        _migrate(engine)


def _kind(engine: Engine) -> str:
    path = file_of(engine)
    return engine.dialect.name if path is None else path.name


def _version(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if version is None else str(version)


def instance_in(connection: Connection) -> str | None:
    """The id of the installation a database belongs to; None where it has none yet."""
    if not connection.dialect.has_table(connection, InstallationRow.__tablename__):
        return None
    found = connection.scalar(select(InstallationRow.id))
    return None if found is None else str(found)


def _has_tables_of_ours(connection: Connection) -> bool:
    return any(connection.dialect.has_table(connection, name) for name in Base.metadata.tables)


def _prove_sound(path: Path, expected: bool) -> None:
    """Before anything is opened for writing: a damaged file is left as it lies, so that it can still be looked at."""
    looks = _LOOKS
    while looks and path.is_file() and not path.stat().st_size:  # made this very moment by another program, or emptied
        looks -= 1
        sleep(_EMPTY_SECONDS)
    size = path.stat().st_size if path.is_file() else 0
    if not size and expected:
        raise AuditError("store_lost", found=path.name)
    if not size or size > LOOKED_THROUGH_BYTES:
        return
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            said = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        fault = of_sqlite(error)
        if fault is not None and fault.code == "store_damaged":
            raise fault from error
        return  # busy, locked or without its journal: whoever opens it next says so
    if said != "ok":
        raise AuditError("store_damaged", found=said.splitlines()[-1])


def _create(engine: Engine) -> None:
    """A new database comes from the models as a whole (a test holds them equal to the migrations) and is stamped as up to date."""
    with engine.begin() as connection:
        take_the_pen(connection)
        if _version(connection) is not None:
            return  # another process was first
        Base.metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)").bindparams(head=HEAD))


def _migrate(engine: Engine) -> None:
    """One at a time, all or nothing: whoever waited finds the tables up to date. A copy of a file is kept first, or nothing is begun."""
    from alembic import command  # imported only when there is work: it costs half a second
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    path = file_of(engine)
    if path is not None and only_readable(path):
        raise no_copy(path, "SQLITE_READONLY")
    with engine.connect() as connection:
        take_the_pen(connection)
        version = _version(connection)
        if version == HEAD:
            return  # another process was first
        if path is not None and version is not None:
            keep_copy(path, version)
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))  # a large table takes as long as it takes
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
