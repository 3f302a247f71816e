"""Shops, answers, what a shop said and did, and saved audits in SQL. SQLite by default; every save is one short transaction."""

import json
import sqlite3
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, delete, event, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session, sessionmaker

from pdd_audit.core.changes import LONGEST, Change, ChangeKind
from pdd_audit.core.errors import AuditError
from pdd_audit.core.imports import Reading
from pdd_audit.core.log_chain import ANSWERS, AUDITS, Anchor, Row, Said, digest
from pdd_audit.core.mapping import Mapping as ColumnMapping
from pdd_audit.core.mapping import Remembered
from pdd_audit.core.questions import Answer, Circumstance, Part
from pdd_audit.data.storage import log
from pdd_audit.data.storage.head import HEAD
from pdd_audit.data.storage.tables import (
    WORDS,
    AnswerEventRow,
    AnswerRow,
    AssumptionRow,
    AuditRow,
    Base,
    ChangeRow,
    MappingRow,
    ProfileRow,
    ReadingRow,
    ShopRow,
    TemplateRow,
)

SQLITE_PRAGMAS = (
    "journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000", "foreign_keys=ON", "trusted_schema=OFF", "secure_delete=ON",
)
MIGRATIONS = Path(__file__).parent / "migrations"
AnyWord = TypeVar("AnyWord", bound=Part)


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
    """The database. ``url``: SQLAlchemy URL; SQLite files are created, migrated and set to survive a crash. ``log_key``: seals the log.

    Whatever changes a shop is logged here, in the same transaction: see ``log``."""

    def __init__(self, url: str, log_key: bytes = b"") -> None:
        self.log_key = log_key
        self.engine = _engine(url)
        _migrate(self.engine, url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    def reading(self) -> Session:
        """A session that only looks."""
        return self._sessions()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One short transaction: all of it or nothing."""
        with self._sessions.begin() as session:
            if self.engine.dialect.name == "sqlite":
                session.execute(text("BEGIN IMMEDIATE"))  # a later upgrade of a read lock would fail at once, whatever the timeout
            yield session

    def _log(self, session: Session, shop_id: str, said: Said) -> None:
        log.append(session, shop_id, said, self.log_key)

    def log(self, shop_id: str) -> list[Row]:
        """Who changed what of a shop and when, oldest first."""
        with self.reading() as session:
            return log.rows_of(session, shop_id)

    def log_head(self, shop_id: str) -> Anchor | None:
        """The newest row of the log."""
        with self.reading() as session:
            return log.head_of(session, shop_id)

    def log_and_content(self, shop_id: str) -> tuple[list[Row], dict[str, list[str]]]:
        """The log, and the digests of what it speaks of, both of one moment."""
        with self.reading() as session:
            if self.engine.dialect.name == "sqlite":
                session.execute(text("BEGIN"))
            return log.rows_of(session, shop_id), log.stored_digests(session, shop_id)

    def close(self) -> None:
        self.engine.dispose()

    # shops

    def shops(self) -> list[Shop]:
        """All shops, oldest first."""
        with self.reading() as session:
            return [_shop(row) for row in session.scalars(select(ShopRow).order_by(ShopRow.created_at, ShopRow.id))]

    def add_shop(self, name: str, is_demo: bool, now: datetime, id: str | None = None) -> Shop:
        """A new shop; a name in use is refused. ``id``: of a ledger that is there already."""
        clean = " ".join(name.split())
        if not 1 <= len(clean) <= 100:
            raise AuditError("shop_name", found=name)
        with self.writing() as session:
            if session.scalar(select(ShopRow).where(ShopRow.name == clean)):
                raise AuditError("shop_exists", found=clean)
            row = ShopRow(id=id or uuid.uuid4().hex, name=clean, is_demo=is_demo, created_at=now)
            session.add(row)
            self._log(session, row.id, Said("", "shop_made", ""))
            return _shop(row)

    def rename_shop(self, shop_id: str, name: str) -> None:
        """Another name for a shop; one that another shop has is refused."""
        clean = " ".join(name.split())
        if not 1 <= len(clean) <= 100:
            raise AuditError("shop_name", found=name)
        with self.writing() as session:
            if session.scalar(select(ShopRow).where(ShopRow.name == clean, ShopRow.id != shop_id)):
                raise AuditError("shop_exists", found=clean)
            row = session.get(ShopRow, shop_id)
            if row is not None:
                self._log(session, shop_id, Said("", "renamed", "", digest(row.name), digest(clean)))
                row.name = clean

    # answers

    def answers(self, shop_id: str) -> dict[str, Answer]:
        """Question id -> answer."""
        with self.reading() as session:
            rows = session.scalars(select(AnswerRow).where(AnswerRow.shop_id == shop_id))
            return {row.question_id: Answer.model_validate_json(row.body) for row in rows}

    def answered_at(self, shop_id: str) -> dict[str, datetime]:
        with self.reading() as session:
            rows = session.scalars(select(AnswerRow).where(AnswerRow.shop_id == shop_id))
            return {row.question_id: row.answered_at for row in rows}

    def answers_version(self, shop_id: str) -> int:
        """Grows with every change of any answer or reading of the shop."""
        with self.reading() as session:
            count = session.scalar(text("SELECT coalesce(max(id), 0) FROM answer_events WHERE shop_id = :shop").bindparams(shop=shop_id))
            return int(count or 0)

    def save_answers(self, shop_id: str, answers: Mapping[str, Answer | None], now: datetime, by: str = "") -> dict[str, Answer]:
        """Answers and their history in one transaction; None takes an answer back. What stood before, as far as anything did."""
        with self.writing() as session:
            return self._save_answers(session, shop_id, answers, now, by)

    def _save_answers(
        self, session: Session, shop_id: str, answers: Mapping[str, Answer | None], now: datetime, by: str
    ) -> dict[str, Answer]:
        before: dict[str, Answer] = {}
        for question_id, answer in answers.items():
            body = None if answer is None else answer.model_dump_json()
            row = session.get(AnswerRow, (shop_id, question_id))
            stood = "" if row is None else digest(row.body)
            if row is not None:
                before[question_id] = Answer.model_validate_json(row.body)
            if body is None:
                if row is not None:
                    session.delete(row)
            elif row is None:
                session.add(AnswerRow(shop_id=shop_id, question_id=question_id, body=body, answered_at=now, version=1))
            else:
                row.body, row.answered_at, row.version = body, now, row.version + 1
            session.add(AnswerEventRow(shop_id=shop_id, question_id=question_id, body=body, at=now))
            what, stands = ("taken_back", "") if body is None else ("answered", digest(body))
            self._log(session, shop_id, Said(by, what, f"{ANSWERS}{question_id}", stood, stands))
        return before

    # readings of pickup sheets

    def readings(self, shop_id: str) -> dict[str, Reading]:
        with self.reading() as session:
            rows = session.scalars(select(ReadingRow).where(ReadingRow.shop_id == shop_id))
            return {row.sha256: row.reading for row in rows}  # type: ignore[misc]  # written only from Reading values

    def set_reading(self, shop_id: str, sha256: str, reading: Reading) -> None:
        with self.writing() as session:
            session.merge(ReadingRow(shop_id=shop_id, sha256=sha256, reading=reading))
            self._log(session, shop_id, Said("", "reading_chosen", "", after=digest(f"{sha256} {reading}")))

    # mappings by hand

    def mappings(self, shop_id: str) -> list[tuple[Remembered, str]]:
        """Every remembered mapping with the name of the file it was made for, newest first."""
        with self.reading() as session:
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
        with self.writing() as session:
            session.merge(MappingRow(shop_id=shop_id, fingerprint=fingerprint, body=body, file=file[:200], mapped_at=now))

    def forget_mapping(self, shop_id: str, fingerprint: str) -> None:
        with self.writing() as session:
            row = session.get(MappingRow, (shop_id, fingerprint))
            if row is not None:
                session.delete(row)

    # what the shop changed

    def changes(self, shop_id: str) -> list[Change]:
        """Every change, by day."""
        with self.reading() as session:
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
        with self.writing() as session:
            self._log(session, shop_id, Said("", "change_noted", "", after=digest(f"{day} {kind} {change.what}")))
            session.add(
                ChangeRow(shop_id=shop_id, id=change.id, day=day.isoformat(), what=change.what, kind=change.kind, created_at=now)
            )
        return change

    def delete_change(self, shop_id: str, change_id: str) -> None:
        with self.writing() as session:
            row = session.get(ChangeRow, (shop_id, change_id))
            if row is not None:
                self._log(session, shop_id, Said("", "change_deleted", "", digest(f"{row.day} {row.kind} {row.what}")))
                session.delete(row)

    # what the shop said

    def said(self, kind: type[AnyWord], shop_id: str, opening: str = "") -> list[AnyWord]:
        """Every word of this kind (a key of ``WORDS``), in the order it was said. ``opening``: only those whose text begins so."""
        with self.reading() as session:
            return _words(session, kind, shop_id, opening)

    def say(
        self, shop_id: str, word: AnyWord, fits: Callable[[list[AnyWord]], None] | None = None, opening: str = "",
        answers: Mapping[str, Answer] | None = None,
    ) -> None:
        """Keep a word. ``fits``: is given the words of its kind as of the same moment (see ``said``) and raises to refuse this one, so
        that nobody speaks past somebody else. ``answers``: of the shop, which follow from the word; both are kept, or none."""
        table = WORDS[type(word)]
        body = word.model_dump_json(by_alias=True, exclude_defaults=True)
        by = str(getattr(word, "by", ""))
        with self.writing() as session:
            if fits is not None:
                fits(_words(session, type(word), shop_id, opening))
            session.add(table(shop_id=shop_id, body=body))
            self._log(session, shop_id, Said(by, "said", table.__tablename__, after=digest(body)))
            if answers:
                self._save_answers(session, shop_id, answers, word.at, by)  # type: ignore[attr-defined]  # whatever brings answers has its moment

    # what only the shop knows

    def assumptions(self, shop_id: str) -> dict[str, float]:
        with self.reading() as session:
            return {row.name: row.value for row in session.scalars(select(AssumptionRow).where(AssumptionRow.shop_id == shop_id))}

    def assume(self, shop_id: str, name: str, value: float | None, now: datetime) -> None:
        """None takes it back."""
        with self.writing() as session:
            row = session.get(AssumptionRow, (shop_id, name))
            if value is not None:
                session.merge(AssumptionRow(shop_id=shop_id, name=name, value=value, said_at=now))
            elif row is not None:
                session.delete(row)
            before, after = ("" if one is None else digest(f"{name} {one}") for one in (row and row.value, value))
            self._log(session, shop_id, Said("", "assumed", "", before, after))

    # what is so in a shop

    def profile(self, shop_id: str) -> frozenset[Circumstance]:
        with self.reading() as session:
            rows = session.scalars(select(ProfileRow).where(ProfileRow.shop_id == shop_id))
            return frozenset(row.name for row in rows)  # type: ignore[misc]  # written only from Circumstance values

    def set_profile(self, shop_id: str, circumstances: Collection[Circumstance]) -> None:
        """These and no others hold from now on."""
        with self.writing() as session:
            session.execute(delete(ProfileRow).where(ProfileRow.shop_id == shop_id))
            session.add_all(ProfileRow(shop_id=shop_id, name=name) for name in sorted(set(circumstances)))
            self._log(session, shop_id, Said("", "profile_set", "", after=digest(" ".join(sorted(set(circumstances))))))

    # saved audits

    def audits(self, shop_id: str) -> list[StoredAudit]:
        """Saved audits, newest first."""
        with self.reading() as session:
            rows = session.scalars(select(AuditRow).where(AuditRow.shop_id == shop_id).order_by(AuditRow.saved_at.desc(), AuditRow.id))
            return [StoredAudit(row.id, row.name, row.saved_at, json.loads(row.result)) for row in rows]

    def add_audit(
        self, shop_id: str, name: str, result_json: str, now: datetime, inputs_json: str | None = None, template_json: str | None = None,
        by: str = "",
    ) -> str:
        """Keep a snapshot with what it was computed from; its id."""
        audit_id = uuid.uuid4().hex
        with self.writing() as session:
            clean = " ".join(name.split())[:100] or f"{now:%Y-%m-%d %H:%M}"
            template = None if template_json is None else self._keep_template(session, shop_id, template_json)
            session.add(AuditRow(
                id=audit_id, shop_id=shop_id, name=clean, saved_at=now, result=result_json, inputs=inputs_json, template=template,
            ))
            self._log(session, shop_id, Said(by, "audit_saved", AUDITS, after=digest(result_json)))
        return audit_id

    def audit_inputs(self, shop_id: str, audit_id: str) -> tuple[str, str] | None:
        """What a saved audit was computed from, and the checklists it was scored by; None where that was not kept."""
        with self.reading() as session:
            row = session.get(AuditRow, audit_id)
            if row is None or row.shop_id != shop_id or row.inputs is None:
                return None
            template = session.get(TemplateRow, (shop_id, row.template))
            return None if template is None else (row.inputs, template.body)

    def delete_audit(self, shop_id: str, audit_id: str) -> None:
        with self.writing() as session:
            row = session.get(AuditRow, audit_id)
            if row is not None and row.shop_id == shop_id:
                self._log(session, shop_id, Said("", "audit_deleted", AUDITS, digest(row.result)))
                session.delete(row)

    def audit_digests(self, shop_id: str) -> dict[str, str]:
        """Digest of a saved result -> id of the audit."""
        with self.reading() as session:
            found = session.execute(select(AuditRow.id, AuditRow.result).where(AuditRow.shop_id == shop_id))
            return {digest(result): audit_id for audit_id, result in found}

    # checklists as they were

    def keep_template(self, shop_id: str, body: str) -> str:
        """Checklists kept once however often they are named; their digest."""
        with self.writing() as session:
            return self._keep_template(session, shop_id, body)

    def _keep_template(self, session: Session, shop_id: str, body: str) -> str:
        name = digest(body)
        if session.get(TemplateRow, (shop_id, name)) is None:
            session.add(TemplateRow(shop_id=shop_id, digest=name, body=body))
        return name

    def template(self, shop_id: str, name: str) -> str | None:
        with self.reading() as session:
            row = session.get(TemplateRow, (shop_id, name))
            return None if row is None else row.body


def _words(session: Session, kind: type[AnyWord], shop_id: str, opening: str) -> list[AnyWord]:
    table = WORDS[kind]
    wanted = select(table.body).where(table.shop_id == shop_id).order_by(table.id)
    if opening:
        wanted = wanted.where(table.body.startswith(opening, autoescape=True))
    return [kind.model_validate_json(body) for body in session.scalars(wanted)]


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
