"""Shops, answers, readings, changes, confirmed figures and saved audits in SQL. SQLite by default; every save is one short transaction.

A change of the tables is a migration under ``data/storage/migrations``; ``head`` names the newest.
"""

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, DateTime, Engine, Float, ForeignKey, String, Text, create_engine, delete, event, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from pdd_audit.core.changes import LONGEST, Change, ChangeKind
from pdd_audit.core.errors import AuditError
from pdd_audit.core.figures import Confirmation
from pdd_audit.core.imports import Reading
from pdd_audit.core.mapping import Mapping as ColumnMapping
from pdd_audit.core.mapping import Remembered
from pdd_audit.core.noted_days import Noted
from pdd_audit.core.overlay import OverlayWord
from pdd_audit.core.questions import Answer, Circumstance
from pdd_audit.data.storage.head import HEAD

SQLITE_PRAGMAS = (
    "journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON", "trusted_schema=OFF", "secure_delete=ON",
)
MIGRATIONS = Path(__file__).parent / "migrations"


class Base(DeclarativeBase):
    """Tables of the state."""


class ShopRow(Base):
    __tablename__ = "shops"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    is_demo: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(DateTime)


class AnswerRow(Base):
    __tablename__ = "answers"
    shop_id: Mapped[str] = mapped_column(ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True)
    question_id: Mapped[str] = mapped_column(String(96), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    answered_at: Mapped[datetime] = mapped_column(DateTime)
    version: Mapped[int]


class AnswerEventRow(Base):
    """Every change of an answer, never edited."""

    __tablename__ = "answer_events"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("shops.id", ondelete="CASCADE"), index=True)
    question_id: Mapped[str] = mapped_column(String(96))
    body: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime)


class ReadingRow(Base):
    """The user's own choice of how to read one pickup sheet."""

    __tablename__ = "readings"
    shop_id: Mapped[str] = mapped_column(ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    reading: Mapped[str] = mapped_column(String(20))


class AuditRow(Base):
    """A snapshot: the whole result as it was, with its name and moment."""

    __tablename__ = "audits"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("shops.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    saved_at: Mapped[datetime] = mapped_column(DateTime)
    result: Mapped[str] = mapped_column(Text)
    inputs: Mapped[str | None] = mapped_column(Text)  # of audits kept before there were any: none
    template: Mapped[str | None] = mapped_column(String(64))


class TemplateRow(Base):
    """Checklists that a saved audit was scored by, kept once however many audits they scored."""

    __tablename__ = "templates"
    shop_id: Mapped[str] = mapped_column(ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[str] = mapped_column(Text)


class MappingRow(Base):
    """A mapping by hand that the shop has confirmed for one set of headers. ``file``: the name it was first made for."""

    __tablename__ = "mappings"
    shop_id: Mapped[str] = mapped_column(ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    file: Mapped[str] = mapped_column(String(200))
    mapped_at: Mapped[datetime] = mapped_column(DateTime)


class ChangeRow(Base):
    """What the shop changed. ``day``: 2026-10-17, from when on."""

    __tablename__ = "changes"
    shop_id: Mapped[str] = mapped_column(ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    day: Mapped[str] = mapped_column(String(10))
    what: Mapped[str] = mapped_column(String(LONGEST))
    kind: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(DateTime)


class ConfirmationRow(Base):
    """What the shop said of a platform's figure, never edited; the last word on a figure counts."""

    __tablename__ = "confirmations"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("shops.id", ondelete="CASCADE"), index=True)
    body: Mapped[str] = mapped_column(Text)


class NotedDaysRow(Base):
    """What the shop said of days, never edited; the last word on an entry counts."""

    __tablename__ = "noted_days"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("shops.id", ondelete="CASCADE"), index=True)
    body: Mapped[str] = mapped_column(Text)


class OverlayRow(Base):
    """What the shop said of its checklists, never edited; the last word counts."""

    __tablename__ = "overlays"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("shops.id", ondelete="CASCADE"), index=True)
    body: Mapped[str] = mapped_column(Text)


class AssumptionRow(Base):
    """A figure only the shop itself knows."""

    __tablename__ = "assumptions"
    shop_id: Mapped[str] = mapped_column(ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[float] = mapped_column(Float)
    said_at: Mapped[datetime] = mapped_column(DateTime)


class ProfileRow(Base):
    """One thing that is so in a shop; which questions it is asked depends on it."""

    __tablename__ = "profiles"
    shop_id: Mapped[str] = mapped_column(ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)


@dataclass(frozen=True)
class Shop:
    id: str
    name: str
    is_demo: bool
    created_at: datetime


@dataclass(frozen=True)
class StoredAudit:
    id: str
    name: str
    saved_at: datetime
    result: dict[str, Any]


def sqlite_url(path: Path) -> str:
    """The URL of a file, whatever its path holds: a drive letter, backslashes, a ``%`` or a ``?``."""
    return URL.create("sqlite", database=str(path)).render_as_string()


class State:
    """The database. ``url``: SQLAlchemy URL; SQLite files are created, migrated and set to survive a crash."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        _migrate(self.engine, url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with self._sessions.begin() as session:
            if self.engine.dialect.name == "sqlite":
                session.execute(text("BEGIN IMMEDIATE"))  # a later upgrade of a read lock would fail at once, whatever the timeout
            yield session

    def close(self) -> None:
        self.engine.dispose()

    # shops

    def shops(self) -> list[Shop]:
        """All shops, oldest first."""
        with self._sessions() as session:
            return [_shop(row) for row in session.scalars(select(ShopRow).order_by(ShopRow.created_at, ShopRow.id))]

    def add_shop(self, name: str, is_demo: bool, now: datetime, id: str | None = None) -> Shop:
        """A new shop; a name in use is refused. ``id``: of a ledger that is there already."""
        clean = " ".join(name.split())
        if not 1 <= len(clean) <= 100:
            raise AuditError("shop_name", found=name)
        with self._writing() as session:
            if session.scalar(select(ShopRow).where(ShopRow.name == clean)):
                raise AuditError("shop_exists", found=clean)
            row = ShopRow(id=id or uuid.uuid4().hex, name=clean, is_demo=is_demo, created_at=now)
            session.add(row)
            return _shop(row)

    def rename_shop(self, shop_id: str, name: str) -> None:
        """Another name for a shop; one that another shop has is refused."""
        clean = " ".join(name.split())
        if not 1 <= len(clean) <= 100:
            raise AuditError("shop_name", found=name)
        with self._writing() as session:
            if session.scalar(select(ShopRow).where(ShopRow.name == clean, ShopRow.id != shop_id)):
                raise AuditError("shop_exists", found=clean)
            row = session.get(ShopRow, shop_id)
            if row is not None:
                row.name = clean

    # answers

    def answers(self, shop_id: str) -> dict[str, Answer]:
        """Question id -> answer."""
        with self._sessions() as session:
            rows = session.scalars(select(AnswerRow).where(AnswerRow.shop_id == shop_id))
            return {row.question_id: Answer.model_validate_json(row.body) for row in rows}

    def answered_at(self, shop_id: str) -> dict[str, datetime]:
        with self._sessions() as session:
            rows = session.scalars(select(AnswerRow).where(AnswerRow.shop_id == shop_id))
            return {row.question_id: row.answered_at for row in rows}

    def answers_version(self, shop_id: str) -> int:
        """Grows with every change of any answer or reading of the shop."""
        with self._sessions() as session:
            count = session.scalar(text("SELECT coalesce(max(id), 0) FROM answer_events WHERE shop_id = :shop").bindparams(shop=shop_id))
            return int(count or 0)

    def save_answers(self, shop_id: str, answers: Mapping[str, Answer | None], now: datetime) -> None:
        """Answers and their history in one transaction; None takes an answer back."""
        with self._writing() as session:
            for question_id, answer in answers.items():
                body = None if answer is None else answer.model_dump_json()
                row = session.get(AnswerRow, (shop_id, question_id))
                if body is None:
                    if row is not None:
                        session.delete(row)
                elif row is None:
                    session.add(AnswerRow(shop_id=shop_id, question_id=question_id, body=body, answered_at=now, version=1))
                else:
                    row.body, row.answered_at, row.version = body, now, row.version + 1
                session.add(AnswerEventRow(shop_id=shop_id, question_id=question_id, body=body, at=now))

    # readings of pickup sheets

    def readings(self, shop_id: str) -> dict[str, Reading]:
        with self._sessions() as session:
            rows = session.scalars(select(ReadingRow).where(ReadingRow.shop_id == shop_id))
            return {row.sha256: row.reading for row in rows}  # type: ignore[misc]  # written only from Reading values

    def set_reading(self, shop_id: str, sha256: str, reading: Reading) -> None:
        with self._writing() as session:
            session.merge(ReadingRow(shop_id=shop_id, sha256=sha256, reading=reading))

    # mappings by hand

    def mappings(self, shop_id: str) -> list[tuple[Remembered, str]]:
        """Every remembered mapping with the name of the file it was made for, newest first."""
        with self._sessions() as session:
            rows = session.scalars(
                select(MappingRow).where(MappingRow.shop_id == shop_id).order_by(MappingRow.mapped_at.desc(), MappingRow.fingerprint)
            )
            return [
                (Remembered(row.fingerprint, ColumnMapping.model_validate_json(row.body), f"{row.mapped_at:%Y-%m-%d}"), row.file)
                for row in rows
            ]

    def remember_mapping(self, shop_id: str, fingerprint: str, mapping: ColumnMapping, file: str, now: datetime) -> None:
        """The mapping for this set of headers from now on; another one for it is replaced."""
        body = mapping.model_dump_json(exclude_defaults=True)
        with self._writing() as session:
            session.merge(MappingRow(shop_id=shop_id, fingerprint=fingerprint, body=body, file=file[:200], mapped_at=now))

    def forget_mapping(self, shop_id: str, fingerprint: str) -> None:
        with self._writing() as session:
            row = session.get(MappingRow, (shop_id, fingerprint))
            if row is not None:
                session.delete(row)

    # what the shop changed

    def changes(self, shop_id: str) -> list[Change]:
        """Every change, by day."""
        with self._sessions() as session:
            rows = session.scalars(select(ChangeRow).where(ChangeRow.shop_id == shop_id).order_by(ChangeRow.day, ChangeRow.created_at))
            return [
                Change(row.id, date.fromisoformat(row.day), row.what, row.kind, row.created_at)  # type: ignore[arg-type]  # written only from ChangeKind values
                for row in rows
            ]

    def add_change(self, shop_id: str, day: date, what: str, kind: ChangeKind, now: datetime) -> Change:
        """A change from ``day`` on. Raises AuditError for no words or too many."""
        clean = " ".join(what.split())
        if not 1 <= len(clean) <= LONGEST:
            raise AuditError("change_words", found=str(len(clean)), longest=LONGEST)
        change = Change(uuid.uuid4().hex, day, clean, kind, now)
        with self._writing() as session:
            session.add(
                ChangeRow(shop_id=shop_id, id=change.id, day=day.isoformat(), what=change.what, kind=change.kind, created_at=now)
            )
        return change

    def delete_change(self, shop_id: str, change_id: str) -> None:
        with self._writing() as session:
            row = session.get(ChangeRow, (shop_id, change_id))
            if row is not None:
                session.delete(row)

    # what the shop said of the platform's figures

    def confirmations(self, shop_id: str) -> list[Confirmation]:
        """Everything said, in the order it was said."""
        with self._sessions() as session:
            rows = session.scalars(select(ConfirmationRow).where(ConfirmationRow.shop_id == shop_id).order_by(ConfirmationRow.id))
            return [Confirmation.model_validate_json(row.body) for row in rows]

    def confirm(self, shop_id: str, confirmation: Confirmation) -> None:
        with self._writing() as session:
            session.add(ConfirmationRow(shop_id=shop_id, body=confirmation.model_dump_json()))

    # what the shop said of days

    def noted_days(self, shop_id: str) -> list[Noted]:
        """Everything said, in the order it was said."""
        with self._sessions() as session:
            rows = session.scalars(select(NotedDaysRow).where(NotedDaysRow.shop_id == shop_id).order_by(NotedDaysRow.id))
            return [Noted.model_validate_json(row.body) for row in rows]

    def note_days(self, shop_id: str, noted: Noted) -> None:
        with self._writing() as session:
            session.add(NotedDaysRow(shop_id=shop_id, body=noted.model_dump_json(by_alias=True)))

    # what the shop said of its checklists

    def overlays(self, shop_id: str) -> list[OverlayWord]:
        """Everything said, in the order it was said."""
        with self._sessions() as session:
            rows = session.scalars(select(OverlayRow).where(OverlayRow.shop_id == shop_id).order_by(OverlayRow.id))
            return [OverlayWord.model_validate_json(row.body) for row in rows]

    def add_overlay(self, shop_id: str, said: OverlayWord) -> None:
        with self._writing() as session:
            session.add(OverlayRow(shop_id=shop_id, body=said.model_dump_json(by_alias=True, exclude_defaults=True)))

    # what only the shop knows

    def assumptions(self, shop_id: str) -> dict[str, float]:
        with self._sessions() as session:
            return {row.name: row.value for row in session.scalars(select(AssumptionRow).where(AssumptionRow.shop_id == shop_id))}

    def assume(self, shop_id: str, name: str, value: float | None, now: datetime) -> None:
        """None takes it back."""
        with self._writing() as session:
            row = session.get(AssumptionRow, (shop_id, name))
            if value is not None:
                session.merge(AssumptionRow(shop_id=shop_id, name=name, value=value, said_at=now))
            elif row is not None:
                session.delete(row)

    # what is so in a shop

    def profile(self, shop_id: str) -> frozenset[Circumstance]:
        with self._sessions() as session:
            rows = session.scalars(select(ProfileRow).where(ProfileRow.shop_id == shop_id))
            return frozenset(row.name for row in rows)  # type: ignore[misc]  # written only from Circumstance values

    def set_profile(self, shop_id: str, circumstances: Collection[Circumstance]) -> None:
        """These and no others hold from now on."""
        with self._writing() as session:
            session.execute(delete(ProfileRow).where(ProfileRow.shop_id == shop_id))
            session.add_all(ProfileRow(shop_id=shop_id, name=name) for name in sorted(set(circumstances)))

    # saved audits

    def audits(self, shop_id: str) -> list[StoredAudit]:
        """Saved audits, newest first."""
        with self._sessions() as session:
            rows = session.scalars(select(AuditRow).where(AuditRow.shop_id == shop_id).order_by(AuditRow.saved_at.desc(), AuditRow.id))
            return [StoredAudit(row.id, row.name, row.saved_at, json.loads(row.result)) for row in rows]

    def add_audit(
        self, shop_id: str, name: str, result_json: str, now: datetime, inputs_json: str | None = None, template_json: str | None = None
    ) -> str:
        """Keep a snapshot with what it was computed from; its id."""
        audit_id = uuid.uuid4().hex
        digest = None if template_json is None else hashlib.sha256(template_json.encode()).hexdigest()
        with self._writing() as session:
            clean = " ".join(name.split())[:100] or f"{now:%Y-%m-%d %H:%M}"
            if digest is not None and session.get(TemplateRow, (shop_id, digest)) is None:
                session.add(TemplateRow(shop_id=shop_id, digest=digest, body=template_json))
            session.add(AuditRow(
                id=audit_id, shop_id=shop_id, name=clean, saved_at=now, result=result_json, inputs=inputs_json, template=digest,
            ))
        return audit_id

    def audit_inputs(self, shop_id: str, audit_id: str) -> tuple[str, str] | None:
        """What a saved audit was computed from, and the checklists it was scored by; None where that was not kept."""
        with self._sessions() as session:
            row = session.get(AuditRow, audit_id)
            if row is None or row.shop_id != shop_id or row.inputs is None:
                return None
            template = session.get(TemplateRow, (shop_id, row.template))
            return None if template is None else (row.inputs, template.body)

    def delete_audit(self, shop_id: str, audit_id: str) -> None:
        with self._writing() as session:
            row = session.get(AuditRow, audit_id)
            if row is not None and row.shop_id == shop_id:
                session.delete(row)


def _shop(row: ShopRow) -> Shop:
    return Shop(row.id, row.name, row.is_demo, row.created_at)


def _engine(url: str) -> Engine:
    sqlite = make_url(url).get_backend_name() == "sqlite"
    engine = create_engine(url, pool_pre_ping=not sqlite)
    if sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver opens no transactions of its own: we say BEGIN IMMEDIATE
    for pragma in SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _create(engine: Engine) -> None:
    """A new database comes from the models as a whole (a test holds them equal to the migrations) and is stamped as up to date."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("BEGIN IMMEDIATE"))
            if engine.dialect.has_table(connection, "alembic_version"):
                return  # another process was first
        Base.metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)").bindparams(head=HEAD))


def _migrate(engine: Engine, url: str) -> None:
    """Bring the tables up to date; a database of a newer program is refused untouched."""
    with engine.connect() as connection:
        known = engine.dialect.has_table(connection, "alembic_version")
        current = connection.scalar(text("SELECT version_num FROM alembic_version")) if known else None
    if current == HEAD:
        return
    if current is None:
        _create(engine)
        return
    if current is not None and current > HEAD:
        raise AuditError("newer_database", found=current, needed_version=HEAD)
    from alembic import command  # imported only when there is work: it costs half a second
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["url"] = url
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":  # one at a time, all or nothing: whoever waited finds the tables up to date
            connection.execute(text("BEGIN IMMEDIATE"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
