"""Shops, answers, what a shop said and did, and saved audits in SQL. SQLite by default; every save is one short transaction."""

import copy
import json
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import delete, select
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.orm import Session, sessionmaker

from pdd_audit.core.changes import LONGEST, Change, ChangeKind
from pdd_audit.core.errors import AuditError
from pdd_audit.core.export_times import ExportTime
from pdd_audit.core.figures import Confirmation
from pdd_audit.core.imports import Reading
from pdd_audit.core.log_chain import ANSWERS, AUDITS, FILES, Anchor, Row, Said, digest
from pdd_audit.core.mapping import Mapping as ColumnMapping
from pdd_audit.core.mapping import Remembered
from pdd_audit.core.noted_days import Noted
from pdd_audit.core.overlay import OverlayWord
from pdd_audit.core.questions import Answer, Circumstance, Part
from pdd_audit.core.waivers import Waiver
from pdd_audit.data.storage import connecting, log, moment, tries
from pdd_audit.data.storage.faults import PassingAuditError
from pdd_audit.data.storage.heard import Heard
from pdd_audit.data.storage.places import NOBODY, Actor, owned_by_its_maker, told_by
from pdd_audit.data.storage.schema import prepare
from pdd_audit.data.storage.standing import Asked, Standing
from pdd_audit.data.storage.tables import (
    WORDS,
    AnswerEventRow,
    AnswerRow,
    AssumptionRow,
    AuditRow,
    ChangeRow,
    LogRow,
    MappingRow,
    ProfileRow,
    ReadingRow,
    ShopRow,
    TemplateRow,
)
from pdd_audit.data.storage.turns import Turns

T = TypeVar("T")
P = ParamSpec("P")
AnyWord = TypeVar("AnyWord", bound=Part)


FEW = frozenset({Confirmation, ExportTime, Noted, OverlayWord, Waiver})  # words every run of a page asks for; a talk may be long


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


def saved(work: "Callable[Concatenate[State, Session, P], T]") -> "Callable[Concatenate[State, P], T]":
    """A method that gets its session from ``State.save``: whoever calls it gives none."""

    @wraps(work)
    def saving(state: "State", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return state.save(lambda session: work(state, session, *args, **kwargs))

    return saving


class State:
    """The database. ``url``: of a SQLite file or a PostgreSQL database, made and migrated as needed. ``log_key``: seals the log.
    ``expected``: the id of what was kept here before, empty where none was noted, None where nothing was: see ``schema.prepare``.

    Whatever changes a shop is logged here, in the same transaction: see ``log``. Raises AuditError for a database that cannot be used."""

    def __init__(self, url: str, log_key: bytes = b"", expected: str | None = None) -> None:
        self.log_key = log_key
        self.actor = NOBODY
        self.engine = connecting.engine_of(url)
        self._turns = Turns()
        self._heard = Heard()
        self._standing = Standing(self)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        try:
            tries.patiently(lambda: prepare(self.engine, expected))
        except BaseException:
            self.engine.dispose()
            raise

    @property
    def only_readable(self) -> bool:
        """Whether nothing can be saved here, because the file or its folder is locked or the disk is."""
        path = connecting.file_of(self.engine)
        return path is not None and connecting.only_readable(path)

    def acting(self, actor: Actor) -> "State":
        """The same database for somebody who is logged in: whatever they change is logged under their name."""
        own = copy.copy(self)
        own.actor = actor
        return own

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only looks."""
        with self._sessions() as session:
            try:
                yield session
            except NoConnectionError as error:
                raise PassingAuditError("store_busy", found="pool") from error

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One short transaction: all of it or nothing. It begins with as many tries as ``save``; what goes wrong later is not tried again,
        because only ``save`` knows the whole work."""
        with self._turns.mine(connecting.PATIENCE_SECONDS):
            session = tries.patiently(self._begun)
            with session:
                try:
                    yield session
                    _commit(session)
                finally:
                    moment.forget()

    def save(self, work: Callable[[Session], T]) -> T:
        """The work in one transaction, done again up to three times in all when the database was busy or its connection broke.

        It may have been done although its acknowledgement was lost. Then its row is in the log, whose hash names the work, its moment
        and everything before it: what is there already is not done twice.
        """
        done: list[T] = []
        said: list[log.Written] = []

        def once() -> T:
            nonlocal said
            with self._turns.mine(connecting.PATIENCE_SECONDS), self._begun() as session:
                if done and said and log.holds(session, said[-1]):
                    return done[-1]
                done.clear()
                said = log.written_in(session)
                done.append(work(session))
                _commit(session)
                return done[-1]

        try:
            return tries.patiently(once)
        finally:
            moment.forget()

    def _begun(self) -> Session:
        """A session that holds the pen."""
        if self.only_readable:
            raise AuditError("store_read_only", found=self.engine.dialect.name)
        session = self._sessions()
        try:
            connecting.take_the_pen(session.connection())
        except NoConnectionError as error:
            session.close()
            raise PassingAuditError("store_busy", found="pool") from error
        except BaseException:
            session.close()
            raise
        return session

    def _log(self, session: Session, shop_id: str, said: Said) -> None:
        log.append(session, shop_id, told_by(self.actor, said), self.log_key)

    @contextmanager
    def logged(self, shop_id: str, said: Said) -> Iterator[None]:
        """A row of the log, kept only if what is done in the block succeeds. Others wait meanwhile: for what takes a moment.

        Raises AuditError ``no_such_shop`` for one that is deleted."""
        with self.writing() as session:
            if session.get(ShopRow, shop_id) is None:
                raise AuditError("no_such_shop", found=shop_id, shops="—")
            self._log(session, shop_id, said)
            session.flush()
            yield

    def log(self, shop_id: str) -> list[Row]:
        """Who changed what of a shop and when, oldest first."""
        with self.reading() as session:
            return log.rows_of(session, shop_id)

    def newest_of_log(self, shop_id: str, who: str | None, sort: str | None, most: int | None) -> tuple[list[Row], int]:
        """See ``log.newest_of``."""
        with self.reading() as session:
            return log.newest_of(session, shop_id, who, sort, most)

    def log_names(self, shop_id: str) -> tuple[list[str], list[str]]:
        """See ``log.names_in``."""
        with self.reading() as session:
            return log.names_in(session, shop_id)

    def log_head(self, shop_id: str) -> Anchor | None:
        """The newest row of the log."""
        with self.reading() as session:
            return log.head_of(session, shop_id)

    def log_and_content(self, shop_id: str) -> tuple[list[Row], dict[str, list[str]]]:
        """The log, and the digests of what it speaks of, both of one moment."""
        with self.reading() as session:
            connecting.look_at_one_moment(session.connection())
            return log.rows_of(session, shop_id), log.stored_digests(session, shop_id)

    def close(self) -> None:
        self.engine.dispose()

    # shops

    @moment.read_once
    def shops(self) -> list[Shop]:
        """All shops, oldest first."""
        with self.reading() as session:
            return [_shop(row) for row in session.scalars(select(ShopRow).order_by(ShopRow.created_at, ShopRow.id))]

    @saved
    def add_shop(self, session: Session, name: str, is_demo: bool, now: datetime, id: str | None = None) -> Shop:
        """A new shop; a name in use is refused. ``id``: of a ledger that is there already."""
        clean = one_line(name)
        if not 1 <= len(clean) <= 100:
            raise AuditError("shop_name", found=name)
        if session.scalar(select(ShopRow).where(ShopRow.name == clean)):
            raise AuditError("shop_exists", found=clean)
        row = ShopRow(id=id or uuid.uuid4().hex, name=clean, is_demo=is_demo, created_at=now)
        session.add(row)
        self._log(session, row.id, Said("", "shop_made", ""))
        owned_by_its_maker(session, row.id, self.actor, self.log_key)
        return _shop(row)

    @saved
    def rename_shop(self, session: Session, shop_id: str, name: str) -> None:
        """Another name for a shop; one that another shop has is refused."""
        clean = one_line(name)
        if not 1 <= len(clean) <= 100:
            raise AuditError("shop_name", found=name)
        if session.scalar(select(ShopRow).where(ShopRow.name == clean, ShopRow.id != shop_id)):
            raise AuditError("shop_exists", found=clean)
        row = session.get(ShopRow, shop_id)
        if row is not None:
            self._log(session, shop_id, Said("", "renamed", "", digest(row.name), digest(clean)))
            row.name = clean

    # answers

    @moment.read_once
    def answers(self, shop_id: str) -> dict[str, Answer]:
        """Question id -> answer."""

        def read(session: Session) -> dict[str, Answer]:
            rows = session.execute(select(AnswerRow.question_id, AnswerRow.body).where(AnswerRow.shop_id == shop_id))
            return {question_id: Answer.model_validate_json(body) for question_id, body in rows}

        return self._standing.read(Asked(shop_id, ANSWERS), read)

    @moment.read_once
    def answered_at(self, shop_id: str) -> dict[str, datetime]:
        def read(session: Session) -> dict[str, datetime]:
            rows = session.execute(select(AnswerRow.question_id, AnswerRow.answered_at).where(AnswerRow.shop_id == shop_id))
            return {question_id: at for question_id, at in rows}  # noqa: C416 - rows are no pairs to a checker of types

        return self._standing.read(Asked(shop_id, ANSWERS, ("at",)), read)

    @saved
    def save_answers(
        self, session: Session, shop_id: str, answers: Mapping[str, Answer | None], now: datetime, by: str = ""
    ) -> dict[str, Answer]:
        """Answers and their history in one transaction; None takes an answer back. What stood before, as far as anything did."""
        return self._save_answers(session, shop_id, answers, now, by)

    @saved
    def change_answer(
        self, session: Session, shop_id: str, question_id: str, change: Callable[[Answer | None], Answer | None], now: datetime, by: str
    ) -> tuple[Answer | None, Answer | None]:
        """One answer (None: none) becomes what ``change`` makes of what stands in the moment of writing: what stood, and what stands now.
        ``change`` may be asked more than once, and refuses by raising."""
        row = session.get(AnswerRow, (shop_id, question_id))
        stood = None if row is None else Answer.model_validate_json(row.body)
        stands = change(stood)
        if stood is not None or stands is not None:
            self._save_answers(session, shop_id, {question_id: stands}, now, by)
        return stood, stands

    def answer(self, shop_id: str, question_id: str) -> Answer | None:
        """One answer as of now."""
        with self.reading() as session:
            row = session.get(AnswerRow, (shop_id, question_id))
            return None if row is None else Answer.model_validate_json(row.body)

    def said_of(self, shop_id: str, question_id: str, most: int) -> list[tuple[Answer | None, str]]:
        """What was answered (None: taken back) and by whom, the newest first; no name where the log has none."""
        events = select(AnswerEventRow.body).where(AnswerEventRow.shop_id == shop_id, AnswerEventRow.question_id == question_id)
        rows = select(LogRow.after, LogRow.who).where(LogRow.shop_id == shop_id, LogRow.about == f"{ANSWERS}{question_id}")
        with self.reading() as session:
            bodies = session.scalars(events.order_by(AnswerEventRow.id.desc()).limit(most)).all()
            names = [(after, who) for after, who in session.execute(rows.order_by(LogRow.seq.desc()).limit(most))]
        said = [(None if body is None else Answer.model_validate_json(body), "" if body is None else digest(body)) for body in bodies]
        told = [*names, *[("", "")] * len(said)]
        return [(answer, who if after == stood else "") for (answer, stood), (after, who) in zip(said, told, strict=False)]

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

    @moment.read_once
    def readings(self, shop_id: str) -> dict[str, Reading]:
        def read(session: Session) -> dict[str, Reading]:
            rows = session.scalars(select(ReadingRow).where(ReadingRow.shop_id == shop_id))
            return {row.sha256: row.reading for row in rows}  # type: ignore[misc]  # written only from Reading values

        return self._standing.read(Asked(shop_id, "", ("readings",)), read)

    @saved
    def set_reading(self, session: Session, shop_id: str, sha256: str, reading: Reading, by: str = "") -> None:
        session.merge(ReadingRow(shop_id=shop_id, sha256=sha256, reading=reading))
        self._log(session, shop_id, Said(by, "reading_chosen", f"{FILES}{reading}", after=sha256))

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

    @saved
    def remember_mapping(
        self, session: Session, shop_id: str, fingerprint: str, mapping: ColumnMapping, file: str, now: datetime, by: str = ""
    ) -> None:
        """The mapping for this set of headers from now on; another one for it is replaced."""
        body = mapping.model_dump_json(exclude_defaults=True)
        there = session.get(MappingRow, (shop_id, fingerprint))
        before = "" if there is None else digest(there.body)
        self._log(session, shop_id, Said(by, "mapping_kept", f"{FILES}{mapping.kind}", before, digest(body)))
        session.merge(MappingRow(shop_id=shop_id, fingerprint=fingerprint, body=body, file=file.replace("\x00", " ")[:200], mapped_at=now))

    @saved
    def forget_mapping(self, session: Session, shop_id: str, fingerprint: str, by: str = "") -> None:
        row = session.get(MappingRow, (shop_id, fingerprint))
        if row is not None:
            kind = ColumnMapping.model_validate_json(row.body).kind
            self._log(session, shop_id, Said(by, "mapping_forgotten", f"{FILES}{kind}", digest(row.body)))
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

    @saved
    def add_change(self, session: Session, shop_id: str, day: date, what: str, kind: ChangeKind, now: datetime) -> Change:
        """A change from ``day`` on. Raises AuditError for no words or too many."""
        clean = one_line(what)
        if not 1 <= len(clean) <= LONGEST:
            raise AuditError("change_words", found=str(len(clean)), longest=LONGEST)
        change = Change(uuid.uuid4().hex, day, clean, kind, now)
        self._log(session, shop_id, Said("", "change_noted", "", after=digest(f"{day} {kind} {change.what}")))
        session.add(
            ChangeRow(shop_id=shop_id, id=change.id, day=day.isoformat(), what=change.what, kind=change.kind, created_at=now)
        )
        return change

    @saved
    def delete_change(self, session: Session, shop_id: str, change_id: str) -> None:
        row = session.get(ChangeRow, (shop_id, change_id))
        if row is not None:
            self._log(session, shop_id, Said("", "change_deleted", "", digest(f"{row.day} {row.kind} {row.what}")))
            session.delete(row)

    # what the shop said

    @moment.read_once
    def said(self, kind: type[AnyWord], shop_id: str, opening: str = "") -> list[AnyWord]:
        """Every word of this kind (a key of ``WORDS``), in the order it was said. ``opening``: only those whose text begins so."""
        def read(session: Session) -> list[AnyWord]:
            return self._heard.words(session, kind, shop_id, opening)

        if kind in FEW:
            return self._standing.read(Asked(shop_id, WORDS[kind].__tablename__, (opening,)), read)
        with self.reading() as session:
            return read(session)

    @saved
    def say(
        self, session: Session, shop_id: str, word: AnyWord, fits: Callable[[list[AnyWord]], None] | None = None, opening: str = "",
        answers: Mapping[str, Answer] | None = None,
    ) -> None:
        """Keep a word. ``fits``: is given the words of its kind as of the same moment (see ``said``) and raises to refuse this one, so
        that nobody speaks past somebody else. ``answers``: of the shop, which follow from the word; both are kept, or none."""
        table = WORDS[type(word)]
        body = word.model_dump_json(by_alias=True, exclude_defaults=True)
        by = str(getattr(word, "by", ""))
        if fits is not None:
            fits(self._heard.words(session, type(word), shop_id, opening))
        session.add(table(shop_id=shop_id, body=body))
        self._log(session, shop_id, Said(by, "said", table.__tablename__, after=digest(body)))
        if answers:
            self._save_answers(session, shop_id, answers, word.at, by)  # type: ignore[attr-defined]  # whatever brings answers has its moment

    # what only the shop knows

    @moment.read_once
    def assumptions(self, shop_id: str) -> dict[str, float]:
        def read(session: Session) -> dict[str, float]:
            return {row.name: row.value for row in session.scalars(select(AssumptionRow).where(AssumptionRow.shop_id == shop_id))}

        return self._standing.read(Asked(shop_id, "", ("assumptions",)), read)

    def assumed_at(self, shop_id: str) -> dict[str, datetime]:
        """When each of them was said last."""
        with self.reading() as session:
            return {row.name: row.said_at for row in session.scalars(select(AssumptionRow).where(AssumptionRow.shop_id == shop_id))}

    @saved
    def assume(self, session: Session, shop_id: str, name: str, value: float | None, now: datetime) -> None:
        """None takes it back."""
        row = session.get(AssumptionRow, (shop_id, name))
        if value is not None:
            session.merge(AssumptionRow(shop_id=shop_id, name=name, value=value, said_at=now))
        elif row is not None:
            session.delete(row)
        before, after = ("" if one is None else digest(f"{name} {one}") for one in (row and row.value, value))
        self._log(session, shop_id, Said("", "assumed", "", before, after))

    # what is so in a shop

    @moment.read_once
    def profile(self, shop_id: str) -> frozenset[Circumstance]:
        def read(session: Session) -> frozenset[Circumstance]:
            rows = session.scalars(select(ProfileRow).where(ProfileRow.shop_id == shop_id))
            return frozenset(row.name for row in rows)  # type: ignore[misc]  # written only from Circumstance values

        return self._standing.read(Asked(shop_id, "", ("profile",)), read)

    @saved
    def set_profile(self, session: Session, shop_id: str, circumstances: Collection[Circumstance]) -> None:
        """These and no others hold from now on."""
        session.execute(delete(ProfileRow).where(ProfileRow.shop_id == shop_id))
        session.add_all(ProfileRow(shop_id=shop_id, name=name) for name in sorted(set(circumstances)))
        self._log(session, shop_id, Said("", "profile_set", "", after=digest(" ".join(sorted(set(circumstances))))))

    # saved audits

    def audits(self, shop_id: str) -> list[StoredAudit]:
        """Saved audits, newest first."""
        with self.reading() as session:
            rows = session.scalars(select(AuditRow).where(AuditRow.shop_id == shop_id).order_by(AuditRow.saved_at.desc(), AuditRow.id))
            return [StoredAudit(row.id, row.name, row.saved_at, json.loads(row.result)) for row in rows]

    @moment.read_once
    def audit_ids(self, shop_id: str) -> list[str]:
        """Of saved audits, newest first."""
        newest = select(AuditRow.id).where(AuditRow.shop_id == shop_id).order_by(AuditRow.saved_at.desc(), AuditRow.id)
        return self._standing.read(Asked(shop_id, "", ("audits",)), lambda session: list(session.scalars(newest)))

    @saved
    def add_audit(
        self, session: Session, shop_id: str, name: str, result_json: str, now: datetime, inputs_json: str | None = None,
        template_json: str | None = None, by: str = "",
    ) -> str:
        """Keep a snapshot with what it was computed from; its id."""
        audit_id = uuid.uuid4().hex
        clean = one_line(name)[:100] or f"{now:%Y-%m-%d %H:%M}"
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

    @saved
    def delete_audit(self, session: Session, shop_id: str, audit_id: str) -> None:
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

    @saved
    def keep_template(self, session: Session, shop_id: str, body: str) -> str:
        """Checklists kept once however often they are named; their digest."""
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


def one_line(said: str) -> str:
    """Words without what separates lines; PostgreSQL keeps no NUL, and nobody can have typed one."""
    return " ".join(said.replace("\x00", " ").split())


def _commit(session: Session) -> None:
    """A connection whose commit failed may still be in its transaction, and would hold everybody else up: nobody gets it again."""
    try:
        session.commit()
    except BaseException:
        session.invalidate()
        raise


def _shop(row: ShopRow) -> Shop:
    return Shop(row.id, row.name, row.is_demo, row.created_at)
