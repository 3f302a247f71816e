"""Everything the state knows of one shop, as rows that travel: out of one installation, into another, or away for good.

A table belongs to a shop when it has a ``shop_id``; a new one is carried without a line here. Ids of rows are given anew where they arrive.
"""

import json
import math
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError
from sqlalchemy import Boolean, Column, Connection, DateTime, Float, Integer, String, Table, delete, insert, select, text
from sqlalchemy.exc import IntegrityError

from pdd_audit.core.changes import fits
from pdd_audit.core.errors import AuditError
from pdd_audit.core.imports import Reading
from pdd_audit.core.log_chain import ARRIVED, Said
from pdd_audit.core.mapping import Mapping
from pdd_audit.core.questions import Answer, Checklists, Circumstance
from pdd_audit.core.result import AuditResult
from pdd_audit.data.storage.connecting import file_of, look_at_one_moment
from pdd_audit.data.storage.faults import PassingAuditError
from pdd_audit.data.storage.head import HEAD
from pdd_audit.data.storage.log import append
from pdd_audit.data.storage.notices import NoticeState
from pdd_audit.data.storage.places import owned_by_its_maker
from pdd_audit.data.storage.state import Shop, State
from pdd_audit.data.storage.tables import STAYS_HERE, WORDS, Base, LogRow
from pdd_audit.data.storage.upgrade_copies import forget_shop

SQLITE = sqlite3.sqlite_version_info
SHOPS: Table = Base.metadata.tables["shops"]
LINE_CHARACTERS = 64 * 1024 * 1024  # a saved audit of a very long checklist takes a hundredth of it
_WORDS = {table.__tablename__: kind for kind, table in WORDS.items()}
_WAITS = 15  # times the database's own patience


class UnfitRowError(ValueError):
    """A row that cannot belong to a shop of this program; its words name table and column, never a value."""


def _owned() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if "shop_id" in table.c]


def _travelling() -> list[Table]:
    return [table for table in _owned() if table.name not in STAYS_HERE]


def rows_of_shop(state: State, shop_id: str) -> Iterator[str]:
    """Lines of JSON, ``{"table": ..., "row": {...}}``, the shop's own row first; all of one moment."""
    with state.engine.connect() as connection:
        look_at_one_moment(connection)
        for row in connection.execute(select(SHOPS).where(SHOPS.c.id == shop_id)).mappings():
            yield _line(SHOPS, {name: value for name, value in row.items() if name != "id"})
        for table in _travelling():
            query = select(table).where(table.c.shop_id == shop_id).order_by(*table.primary_key.columns)
            for row in connection.execute(query).mappings():
                yield _line(table, {name: value for name, value in row.items() if name not in _given_anew(table)})


def _line(table: Table, row: dict[str, Any]) -> str:
    return json.dumps({"table": table.name, "row": row}, ensure_ascii=False, default=datetime.isoformat)


def _given_anew(table: Table) -> set[str]:
    return {"id", "shop_id"} & {column.name for column in table.c}


def add_shop_rows(state: State, lines: Iterator[str], name: str | None, before_commit: Callable[[str], None]) -> str:
    """A new shop from the lines of ``rows_of_shop``; its id. ``name``: another name than its own.

    ``before_commit`` is called with the id once all rows are in: the shop appears only if it succeeds.
    Raises UnfitRowError, and AuditError when the name is in use.
    """
    shop_id = uuid.uuid4().hex
    with state.writing() as session:
        connection = session.connection()
        own = next(lines, None)
        if own is None:
            raise UnfitRowError("shops")
        _add_shop(connection, shop_id, _row(own, {SHOPS.name: SHOPS})[1], name)
        tables = {table.name: table for table in _travelling()}
        for line in lines:
            table, row = _row(line, tables)
            own_id = {"id": uuid.uuid4().hex} if "id" in table.c and isinstance(table.c.id.type, String) else {}  # else it is counted
            try:
                connection.execute(insert(table).values(row | own_id | {"shop_id": shop_id}))
            except IntegrityError as error:  # two rows of one key
                raise UnfitRowError(table.name) from error
        # What follows was written here: a log that travels goes on in another hand.
        append(session, shop_id, Said(state.actor.name, ARRIVED, ""), state.log_key)
        owned_by_its_maker(session, shop_id, state.actor, state.log_key)
        session.flush()
        before_commit(shop_id)
    return shop_id


def _add_shop(connection: Connection, shop_id: str, row: dict[str, Any], name: str | None) -> None:
    clean = " ".join((name or str(row["name"])).split())
    if not 1 <= len(clean) <= 100:
        raise AuditError("shop_name", found=clean)
    if connection.execute(select(SHOPS.c.id).where(SHOPS.c.name == clean)).first():
        raise AuditError("shop_exists", found=clean)
    connection.execute(insert(SHOPS).values(row | {"id": shop_id, "name": clean}))


def _row(line: str, tables: dict[str, Table]) -> tuple[Table, dict[str, Any]]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UnfitRowError("JSON") from error
    table = tables.get(str(found.get("table"))) if isinstance(found, dict) else None
    if table is None or not isinstance(found.get("row"), dict):
        raise UnfitRowError("table")
    columns = {column.name: column for column in table.c if column.name not in _given_anew(table)}
    unknown = found["row"].keys() - columns.keys()
    if unknown:
        raise UnfitRowError(f"{table.name}.{ascii(min(unknown))[:30]}")
    row = {name: _value(table, column, found["row"].get(name)) for name, column in columns.items()}
    _prove(table.name, row)
    return table, row


def _value(table: Table, column: Column[Any], value: object) -> object:
    kind = column.type
    if value is None and column.nullable:
        return None
    if isinstance(kind, DateTime) and isinstance(value, str):
        try:
            return datetime.fromisoformat(value).replace(tzinfo=None)
        except ValueError as error:
            raise UnfitRowError(f"{table.name}.{column.name}") from error
    fits = (
        isinstance(value, bool) if isinstance(kind, Boolean)
        else isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 if isinstance(kind, Integer)
        else isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) if isinstance(kind, Float)
        else isinstance(value, str) and len(value) <= (kind.length or LINE_CHARACTERS) and _writable(value) if isinstance(kind, String)
        else False
    )
    if not fits:
        raise UnfitRowError(f"{table.name}.{column.name}")
    return value


def _writable(value: str) -> bool:
    return "\x00" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)


def _prove(table: str, row: dict[str, Any]) -> None:
    """What the program later reads without a doubt must be readable."""
    try:
        if table in ("answers", "answer_events") and row["body"] is not None:
            Answer.model_validate_json(row["body"])
        elif table == "audits":
            AuditResult.model_validate_json(row["result"])
            if row.get("inputs") is not None:
                json.loads(row["inputs"])
        elif table == "templates":
            Checklists.model_validate_json(row["body"])
        elif table == "mappings":
            Mapping.model_validate_json(row["body"])
        elif table in _WORDS:
            _WORDS[table].model_validate_json(row["body"])
        elif table == "readings" and row["reading"] not in get_args(Reading):
            raise UnfitRowError("readings.reading")
        elif table == "profiles" and row["name"] not in get_args(Circumstance):
            raise UnfitRowError("profiles.name")
        elif table == "notices" and row["state"] not in get_args(NoticeState):
            raise UnfitRowError("notices.state")
        elif table == "changes" and not fits(row["day"], row["what"], row["kind"]):
            raise UnfitRowError("changes")
    except ValidationError as error:
        raise UnfitRowError(f"{table}.{'result' if table == 'audits' else 'body'}") from error


def delete_shop_rows(state: State, shop_id: str) -> None:
    """Every row of the shop, overwritten on the disk and not only unlinked, in copies from before an upgrade too. Raises AuditError when a
    reader keeps old pages alive."""
    state.save(lambda session: _delete(session.connection(), shop_id))
    path = file_of(state.engine)
    if path is not None:
        forget_shop(path, shop_id)
    scrub(state)


def _delete(connection: Connection, shop_id: str) -> None:
    for table in reversed(_owned()):
        if table.name != LogRow.__tablename__:  # it goes only with its shop, and then by itself
            connection.execute(delete(table).where(table.c.shop_id == shop_id))
    connection.execute(delete(SHOPS).where(SHOPS.c.id == shop_id))


def forget_reading(state: State, shop_id: str, sha256: str) -> None:
    """What the user said about one import, gone with it."""
    readings = Base.metadata.tables["readings"]
    gone = delete(readings).where(readings.c.shop_id == shop_id, readings.c.sha256 == sha256)
    state.save(lambda session: session.execute(gone))


def scrub(state: State) -> None:
    """Leaves nothing of deleted rows in the file or its log: free pages are cut off, the log is emptied. Only SQLite keeps such traces."""
    if state.engine.dialect.name != "sqlite":
        return
    with state.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(_WAITS):
            try:
                connection.execute(text("VACUUM"))
                busy = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).scalar_one()
            except PassingAuditError:
                busy = 1
            if not busy:
                return
    raise AuditError("traces_left")


def troubles_of_state(path: Path) -> list[str]:
    """What SQLite says is wrong with a database file, at most a few lines; nothing when it is sound. Changes nothing in it."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            said = [str(line) for (line,) in connection.execute("PRAGMA integrity_check(5)")]
            broken = connection.execute("PRAGMA foreign_key_check").fetchmany(5)
            version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        return [type(error).__name__]
    if version is not None and str(version[0]) > HEAD:
        raise AuditError("newer_database", found=str(version[0])[:20], needed_version=HEAD)
    return [line for line in said if line != "ok"] + [f"{row[0]}: foreign key" for row in broken]


def tables_version(path: Path) -> str:
    """Which tables a database file has; empty when that cannot be read. Changes nothing in it."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        return ""
    return str(version[0])[:20] if version is not None else ""


def instance_of(path: Path) -> str | None:
    """The id of the installation a database file belongs to; None where it has none, or cannot be read. Changes nothing in it."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute("SELECT id FROM installation").fetchone()
    except sqlite3.Error:
        return None
    return None if found is None else str(found[0])[:32]


def shops_in(path: Path) -> list[Shop]:
    """All shops of a database file, oldest first; none of a file that cannot be read. Changes nothing in it."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT id, name, is_demo, created_at FROM shops ORDER BY created_at, id").fetchall()
        return [Shop(str(id), str(name), bool(is_demo), datetime.fromisoformat(made)) for id, name, is_demo, made in rows]
    except (sqlite3.Error, ValueError, TypeError):
        return []


def shop_ids(path: Path) -> list[str]:
    """The ids of all shops in a database file."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return [str(row[0]) for row in connection.execute("SELECT id FROM shops")]
