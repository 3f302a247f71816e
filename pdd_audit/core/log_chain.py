"""Who changed what and when, one row after the other, each chained to the one before by its digest. It shows tampering; it prevents none.

A row carries two marks. ``hash``: SHA-256 over its fields and the hash before it, so that anybody can follow the chain, on any machine.
``seal``: HMAC of that hash by a key that lies outside the database, so that whoever can write the database alone cannot write a row.
Rows hold digests and ids, never the words of an answer. Cutting off the last rows breaks no chain: anchors (number and hash of a row,
noted elsewhere) find that. A restored backup lacks its newest rows too; its own row, sealed, tells that from a cut: see ``put_backs``.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Literal

START = "0" * 64
NOTHING = ""  # digest of what is not there

ADDS = frozenset({"said", "audit_saved"})  # beside what is there; everything else takes the place of what was before
# What a row is about: an answer by its question, a member by their id, all audits, or a table of words.
ANSWERS, MEMBERS, AUDITS = "answers/", "members/", "audits"
FILES = "files/"  # a kind of file, or how one is read: told, not compared: files lie elsewhere and may be older than their rows
BACKUPS = "backups/"  # a backup, by the moment it was made
ROWS = "rows/"  # a row of this log, by its number
TOLD = (FILES, BACKUPS, ROWS)  # said for the record: nothing in the database is held against it
ARRIVED = "arrived"  # the shop came from elsewhere; whoever was a member there is none here
RESTORED = "restored"  # the shop was put back to a backup; ``after``: SHA-256 of its file
LOSS_SEEN = "loss_seen"  # somebody acknowledges what a restore, named by its row, has taken away

Code = Literal["gap", "unchained", "edited", "forged", "cut", "anchor", "put_back", "missing", "altered", "unlogged"]


@dataclass(frozen=True)
class Said:
    """What a row tells. ``at``: UTC, 2026-11-20T10:00:00Z. ``before``, ``after``: digests, empty for nothing."""

    who: str
    what: str
    about: str
    before: str = NOTHING
    after: str = NOTHING
    at: str = ""


@dataclass(frozen=True)
class Row:
    """A row as it is stored."""

    seq: int
    at: str
    who: str
    what: str
    about: str
    before: str
    after: str
    prev: str
    hash: str
    key_id: str
    seal: str


def sort_of(row: Row) -> str:
    """What sort of change a row tells of: its ``what``, and for a word the table of words."""
    return row.about if row.what == "said" else row.what


@dataclass(frozen=True)
class Anchor:
    """The head of the log as somebody noted it outside."""

    seq: int
    hash: str


@dataclass(frozen=True)
class Trouble:
    """What is wrong, and at which row of the log (0: at none). ``about``: the thing concerned, where there is one."""

    code: Code
    seq: int
    about: str = ""


@dataclass(frozen=True)
class PutBack:
    """A restore. ``lost``: heads that were noted before it and whose rows it has taken away; ``seen``: the row that acknowledges it."""

    row: Row
    lost: tuple[Anchor, ...] = ()
    seen: Row | None = None

    @property
    def last_lost(self) -> int:
        """Number of the last row that is known to have been there; 0 where nobody noted any."""
        return max((one.seq for one in self.lost), default=0)


def digest(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()


def key_id(key: bytes) -> str:
    """Names a key without telling it."""
    return hashlib.sha256(b"log key " + key).hexdigest()[:16] if key else ""


def next_row(last: Row | None, said: Said, key: bytes) -> Row:
    """The row that follows ``last``. Without a key it has no seal."""
    seq, prev = (1, START) if last is None else (last.seq + 1, last.hash)
    own = _hash(seq, said, prev)
    return Row(seq, said.at, said.who, said.what, said.about, said.before, said.after, prev, own, key_id(key), _seal(own, key))


def troubles(rows: Iterable[Row], anchors: Sequence[Anchor] = (), keys: Mapping[str, bytes] | None = None) -> Iterator[Trouble]:
    """Everything that does not fit, first to last. ``rows`` in the order of their numbers; ``keys``: id -> key, as far as known.

    Rows sealed by a key that is not known here are followed by their hashes alone; they may only stand before all others.
    """
    known = keys or {}
    hashes: dict[int, str] = {}
    last: Row | None = None
    ours = False
    for row in rows:
        expected = 1 if last is None else last.seq + 1
        if row.seq != expected:
            yield Trouble("gap", expected)
        elif row.prev != (START if last is None else last.hash):
            yield Trouble("unchained", row.seq, row.about)
        if row.hash != _hash_of(row):
            yield Trouble("edited", row.seq, row.about)
        key = known.get(row.key_id)
        if (key is None and ours) or (key is not None and not hmac.compare_digest(row.seal, _seal(row.hash, key))):
            yield Trouble("forged", row.seq, row.about)
        ours = ours or key is not None
        hashes[row.seq], last = row.hash, row
    end = 0 if last is None else last.seq
    for anchor in sorted(set(anchors), key=lambda one: one.seq):
        if anchor.seq > end:
            yield Trouble("cut", anchor.seq)
        elif hashes.get(anchor.seq) != anchor.hash:
            yield Trouble("anchor", anchor.seq)


def put_backs(rows: Sequence[Row], noted: Sequence[Anchor], keys: Mapping[str, bytes]) -> list[PutBack]:
    """Every restore that the log tells of, oldest first. ``noted``: heads noted outside, in the order they were noted.

    A restore accounts for a head only where its own row is sealed by a known key, stands at or before the number of that head, and a row of
    the log as it is now was noted after that head. Heads noted since the restore are excused by nothing.
    """
    there = {Anchor(row.seq, row.hash) for row in rows}
    found = []
    for row in rows:
        if row.what != RESTORED:
            continue
        since = next((at for at, head in enumerate(noted) if head.seq >= row.seq and head in there), 0) if _is_ours(row, keys) else 0
        later = {*noted[since:], *there}
        lost = tuple(dict.fromkeys(head for head in noted[:since] if head.seq >= row.seq and head not in later))
        after = (one for one in rows if one.seq > row.seq and one.what == LOSS_SEEN and one.about == f"{ROWS}{row.seq}")
        found.append(PutBack(row, lost, next((one for one in after if _is_ours(one, keys)), None)))
    return found


def content_troubles(rows: Sequence[Row], stored: Mapping[str, Sequence[str]]) -> Iterator[Trouble]:
    """What is stored, held against what the log says of it. ``stored``: thing -> digests of what is there, in the order it was said.

    Where the log began with the shop, everything must be in it; what is older than its log cannot be.
    """
    whole = bool(rows) and rows[0].what == "shop_made"
    expected: dict[str, list[str]] = {}
    for row in rows:
        if row.what == ARRIVED:
            expected = {about: digests for about, digests in expected.items() if not about.startswith(MEMBERS)}
        there = expected.setdefault(row.about, []) if row.about and not row.about.startswith(TOLD) else []
        if row.what not in ADDS and row.before in there:
            there.remove(row.before)
        elif row.what not in ADDS:
            there.clear()
        if row.after:
            there.append(row.after)
    last = {row.about: row.seq for row in rows}
    for about, digests in expected.items():
        found = list(stored.get(about, ()))
        if about == AUDITS:
            fits = set(digests) <= set(found) and (not whole or len(found) == len(digests))
        else:
            fits = found == digests or (not whole and not about.startswith(ANSWERS) and bool(digests) and found[-len(digests):] == digests)
        if not fits and about:
            gone = (row.seq for row in rows if row.about == about and row.after in digests and row.after not in found)
            yield Trouble("altered" if found else "missing", next(gone, last[about]), about)
    for about, found_there in stored.items():
        if whole and found_there and about not in expected:
            yield Trouble("unlogged", 0, about)


def _hash(seq: int, said: Said, prev: str) -> str:
    parts = [seq, *(getattr(said, field.name) for field in fields(said)), prev]
    return digest(json.dumps(parts, ensure_ascii=True, separators=(",", ":")))


def _hash_of(row: Row) -> str:
    return _hash(row.seq, Said(row.who, row.what, row.about, row.before, row.after, row.at), row.prev)


def _is_ours(row: Row, keys: Mapping[str, bytes]) -> bool:
    """Whether somebody who had one of these keys wrote the row as it is."""
    key = keys.get(row.key_id, b"")
    return bool(key) and row.hash == _hash_of(row) and hmac.compare_digest(row.seal, _seal(row.hash, key))


def _seal(own: str, key: bytes) -> str:
    return hmac.new(key, own.encode(), hashlib.sha256).hexdigest() if key else ""
