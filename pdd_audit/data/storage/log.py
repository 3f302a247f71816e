"""The log of a shop in the database, its key and its anchors beside it. A row is written in the transaction of the change it tells of."""

import json
import os
import secrets
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from pdd_audit.core.errors import AuditError
from pdd_audit.core.log_chain import MEMBERS, Anchor, Row, Said, digest, next_row
from pdd_audit.data.storage.tables import WORDS, AnswerRow, AuditRow, LogRow, MemberRow

KEY, ANCHORS = "log.key", "log-heads.jsonl"
KEY_BYTES = 32
ABOUT_LENGTH, WHO_LENGTH = 100, 60
_sort = case((LogRow.what == "said", LogRow.about), else_=LogRow.what)  # as log_chain.sort_of


def append(session: Session, shop_id: str, said: Said, key: bytes) -> Row:
    """The next row of a shop's log, in the caller's transaction, which must hold the lock of writing."""
    session.flush()
    last = session.scalar(select(LogRow).where(LogRow.shop_id == shop_id).order_by(LogRow.seq.desc()).limit(1))
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = Said(said.who.replace("\x00", " ")[:WHO_LENGTH], said.what, said.about[:ABOUT_LENGTH], said.before, said.after, at)
    row = next_row(None if last is None else _row(last), told, key)
    session.add(LogRow(shop_id=shop_id, **asdict(row)))
    written_in(session).append(Written(shop_id, row.seq, row.hash))
    return row


@dataclass(frozen=True)
class Written:
    """One row of the log as one transaction wrote it. The hash covers the rows before it, so no other transaction writes the same."""

    shop_id: str
    seq: int
    hash: str


def written_in(session: Session) -> list[Written]:
    """What this session has written so far, kept by it."""
    rows: list[Written] = session.info.setdefault("written", [])
    return rows


def holds(session: Session, written: Written) -> bool:
    """Whether a row is there: its transaction went through, whatever its writer was told."""
    row = session.get(LogRow, (written.shop_id, written.seq))
    return row is not None and row.hash == written.hash


def rows_of(session: Session, shop_id: str) -> list[Row]:
    """The whole log of a shop, in its order."""
    return [_row(row) for row in session.scalars(select(LogRow).where(LogRow.shop_id == shop_id).order_by(LogRow.seq))]


def newest_of(session: Session, shop_id: str, who: str | None, sort: str | None, most: int | None) -> tuple[list[Row], int]:
    """Rows, newest first, and how many there are in all. ``sort``: see ``log_chain.sort_of``; None asks for all."""
    asked = [LogRow.shop_id == shop_id]
    if who is not None:
        asked.append(LogRow.who == who)
    if sort is not None:
        asked.append(_sort == sort)
    rows = session.scalars(select(LogRow).where(*asked).order_by(LogRow.seq.desc()).limit(most))
    return [_row(row) for row in rows], session.scalar(select(func.count()).select_from(LogRow).where(*asked)) or 0


def names_in(session: Session, shop_id: str) -> tuple[list[str], list[str]]:
    """Everybody who changed something, and the sorts of what was changed."""
    people = session.scalars(select(LogRow.who).where(LogRow.shop_id == shop_id).distinct())
    sorts = session.scalars(select(_sort).where(LogRow.shop_id == shop_id).distinct())
    return sorted(people), sorted(sorts)


def head_of(session: Session, shop_id: str) -> Anchor | None:
    row = session.scalar(select(LogRow).where(LogRow.shop_id == shop_id).order_by(LogRow.seq.desc()).limit(1))
    return None if row is None else Anchor(row.seq, row.hash)


def stored_digests(session: Session, shop_id: str) -> dict[str, list[str]]:
    """What the log speaks of, as it lies in the database: thing -> digests. See ``log_chain.content_troubles``."""
    found: dict[str, list[str]] = {}
    for question, body in session.execute(select(AnswerRow.question_id, AnswerRow.body).where(AnswerRow.shop_id == shop_id)):
        found[f"answers/{question}"] = [digest(body)]
    for table in WORDS.values():
        bodies = session.scalars(select(table.body).where(table.shop_id == shop_id).order_by(table.id))
        found[table.__tablename__] = [digest(body) for body in bodies]
    for person, role in session.execute(select(MemberRow.person_id, MemberRow.role).where(MemberRow.shop_id == shop_id)):
        found[f"{MEMBERS}{person}"] = [digest(role)]
    found["audits"] = [digest(result) for result in session.scalars(select(AuditRow.result).where(AuditRow.shop_id == shop_id))]
    return found


def key_of(home: Path) -> bytes:
    """The key of an installation; made when there is none. It lies beside the database, never in it, and only its owner reads it.

    Empty where none can be made, as in a folder that cannot be written: nothing is logged there either.
    """
    path = home / KEY
    with suppress(FileNotFoundError):
        return path.read_bytes()
    part = path.with_name(f"{KEY}.{uuid.uuid4().hex[:8]}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        return b""
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(part, path)
    except FileExistsError:  # whoever was first has the key
        part.unlink()
    except OSError:  # a disk without links
        part.replace(path)
    else:
        part.unlink()
    return path.read_bytes()


def carry_log(source: Path, home: Path) -> None:
    """Key and noted heads of an installation into a folder that takes its place, each as far as it is there. Raises OSError, and AuditError
    ``log_not_there`` where ``source`` holds neither, or not to be read."""
    try:
        found = {name: (source / name).read_bytes() for name in (KEY, ANCHORS) if (source / name).is_file()}
    except OSError as error:
        raise AuditError("log_not_there", found=error.strerror or source.name) from error
    if not found:
        raise AuditError("log_not_there", found=source.name)
    for name, content in found.items():
        descriptor = os.open(home / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            target.write(content)


def note_anchor(home: Path, shop_id: str, anchor: Anchor) -> None:
    """The head of a shop's log, appended to a file outside the database."""
    line = json.dumps({"shop": shop_id, "seq": anchor.seq, "hash": anchor.hash, "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"})
    descriptor = os.open(home / ANCHORS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


def anchors_of(home: Path, shop_id: str) -> list[Anchor]:
    """Every noted head of a shop, in the order they were noted."""
    return [anchor for shop, anchor, _ in _noted(home) if shop == shop_id]


def noted_at(home: Path) -> dict[str, datetime]:
    """Shop -> when its newest head was noted, UTC."""
    found = {}
    for shop, _, at in _noted(home):
        with suppress(ValueError):
            found[shop] = datetime.fromisoformat(at).astimezone(UTC)
    return found


def _noted(home: Path) -> Iterator[tuple[str, Anchor, str]]:
    """A line that is not whole, as after a power cut, is passed over."""
    try:
        lines = (home / ANCHORS).read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        with suppress(ValueError, KeyError, TypeError):
            noted: Mapping[str, object] = json.loads(line)
            seq = noted["seq"]
            if isinstance(seq, int):
                yield str(noted["shop"]), Anchor(seq, str(noted["hash"])), str(noted.get("at", ""))


def _row(row: LogRow) -> Row:
    return Row(**{field.name: getattr(row, field.name) for field in fields(Row)})
