"""The tables of the state, one class each. A change of them is a migration under ``migrations``; ``head`` names the newest.

A table with a ``shop_id`` belongs to a shop: it travels with the shop's archive (``STAYS_HERE`` aside) and is deleted with the shop,
without a line elsewhere.
"""

from datetime import datetime

from sqlalchemy import DDL, Boolean, DateTime, Float, ForeignKey, String, Text, UniqueConstraint, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from pdd_audit.core.actions import ActionWord
from pdd_audit.core.changes import LONGEST
from pdd_audit.core.deeds import Deed
from pdd_audit.core.export_times import ExportTime
from pdd_audit.core.figures import Confirmation
from pdd_audit.core.incidents.appeals import AppealWord
from pdd_audit.core.noted_days import Noted
from pdd_audit.core.overlay import OverlayWord
from pdd_audit.core.questions import Part
from pdd_audit.core.rounds import RoundWord
from pdd_audit.core.waivers import Waiver


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


class WordRow(Base):
    """One thing a shop said, never edited. Which word counts is for ``core`` to say."""

    __abstract__ = True
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("shops.id", ondelete="CASCADE"), index=True)
    body: Mapped[str] = mapped_column(Text)


class ConfirmationRow(WordRow):
    """What the shop said of a platform's figure, never edited; the last word on a figure counts."""

    __tablename__ = "confirmations"


class NotedDaysRow(WordRow):
    """What the shop said of days, never edited; the last word on an entry counts."""

    __tablename__ = "noted_days"


class OverlayRow(WordRow):
    """What the shop said of its checklists, never edited; the last word counts."""

    __tablename__ = "overlays"


class DeedRow(WordRow):
    """What the shop did about parcels and orders, never edited."""

    __tablename__ = "deeds"


class WaiverRow(WordRow):
    """What the shop lets stand for a while, never edited; the last word on a question counts."""

    __tablename__ = "waivers"


class AppealCaseRow(WordRow):
    """What the shop said of its appeals, never edited; a case is what its words add up to."""

    __tablename__ = "appeal_cases"


class RoundRow(WordRow):
    """What a team said in its reviews, never edited; a round is what its words add up to."""

    __tablename__ = "round_words"


class ExportTimeRow(WordRow):
    """When a file was exported, as the shop says; never edited, the last word on a file counts."""

    __tablename__ = "export_times"


class ActionRow(WordRow):
    """What the shop said of its actions, never edited; an action is what its words add up to."""

    __tablename__ = "action_words"


class LogRow(Base):
    """Who changed what and when: see ``core.log_chain``. Neither edited nor removed as long as there is its shop."""

    __tablename__ = "log_rows"
    shop_id: Mapped[str] = mapped_column(ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(20))
    who: Mapped[str] = mapped_column(String(60))
    what: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(String(100))
    before: Mapped[str] = mapped_column(String(64))
    after: Mapped[str] = mapped_column(String(64))
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str] = mapped_column(String(16))
    seal: Mapped[str] = mapped_column(String(64))


class PersonRow(Base):
    """Somebody who has logged in. ``issuer``, ``subject``: who vouched for them, and as whom; nothing else names a person."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("issuer", "subject", name="one_person_an_identity"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(60))
    email: Mapped[str | None] = mapped_column(String(254))
    host: Mapped[bool] = mapped_column(Boolean)
    made_at: Mapped[datetime] = mapped_column(DateTime)
    seen_at: Mapped[datetime] = mapped_column(DateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(DateTime)


class PersonNameRow(Base):
    """Every name a person ever had. What was said under one stays theirs: nobody else gets it."""

    __tablename__ = "person_names"
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)


class MemberRow(Base):
    """What a person is in a shop. It stays here when the shop travels: people are those of an installation."""

    __tablename__ = "members"
    shop_id: Mapped[str] = mapped_column(ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(10))
    invited_by: Mapped[str] = mapped_column(String(60))
    since: Mapped[datetime] = mapped_column(DateTime)


class InvitationRow(Base):
    """A place in a shop that waits for whoever has the code. ``digest``: SHA-256 of the code, which is kept nowhere."""

    __tablename__ = "invitations"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("shops.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(10))
    email: Mapped[str | None] = mapped_column(String(254))
    by: Mapped[str] = mapped_column(String(60))
    by_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime] = mapped_column(DateTime)
    ends_at: Mapped[datetime] = mapped_column(DateTime)


class InstallationRow(Base):
    """One row: the id that the data folder has too. See ``instance``."""

    __tablename__ = "installation"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)


class LoginRow(Base):
    """One browser that is logged in. ``digest``: SHA-256 of its cookie, which is kept nowhere else."""

    __tablename__ = "logins"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    created: Mapped[datetime] = mapped_column(DateTime)
    seen: Mapped[datetime] = mapped_column(DateTime)


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


class NoticeRow(Base):
    """One parcel, told of at one hour after its upload on one channel: see ``notices``."""

    __tablename__ = "notices"
    shop_id: Mapped[str] = mapped_column(ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    waybill: Mapped[str] = mapped_column(String(64), primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    batch: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(DateTime)


# What is said -> the table that keeps it. A new kind of word is a class above, a line here and a migration.
WORDS: dict[type[Part], type[WordRow]] = {
    Confirmation: ConfirmationRow, Noted: NotedDaysRow, OverlayWord: OverlayRow, Deed: DeedRow, Waiver: WaiverRow,
    AppealWord: AppealCaseRow,
    RoundWord: RoundRow, ActionWord: ActionRow, ExportTime: ExportTimeRow,
}

# Neither who is logged in nor which installation this is goes into a backup.
IN_NO_BACKUP = frozenset({LoginRow.__tablename__, InstallationRow.__tablename__})

# Who may see a shop is no part of the shop: elsewhere nobody knows these people.
STAYS_HERE = frozenset({MemberRow.__tablename__, InvitationRow.__tablename__})

# The database itself refuses to edit the log. A migration makes the same triggers.
_GUARDS = {
    "sqlite": (
        "CREATE TRIGGER log_rows_stay BEFORE UPDATE ON log_rows BEGIN SELECT RAISE(ABORT, 'the log is never edited'); END",
        ("CREATE TRIGGER log_rows_are_kept BEFORE DELETE ON log_rows WHEN EXISTS (SELECT 1 FROM shops WHERE id = OLD.shop_id) "
        "BEGIN SELECT RAISE(ABORT, 'the log goes only with its shop'); END"),
    ),
    "postgresql": (
        "CREATE FUNCTION log_rows_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the log is never edited'; END $$",
        ("CREATE FUNCTION log_rows_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM shops WHERE id = OLD.shop_id) THEN RAISE EXCEPTION 'the log goes only with its shop'; END IF; "
        "RETURN OLD; END $$"),
        "CREATE TRIGGER log_rows_stay BEFORE UPDATE ON log_rows FOR EACH ROW EXECUTE FUNCTION log_rows_stay()",
        "CREATE TRIGGER log_rows_are_kept BEFORE DELETE ON log_rows FOR EACH ROW EXECUTE FUNCTION log_rows_are_kept()",
    ),
}
for _dialect, _statements in _GUARDS.items():
    for _guard in _statements:
        event.listen(LogRow.__table__, "after_create", DDL(_guard).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]  # theirs
