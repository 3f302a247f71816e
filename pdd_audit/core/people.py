"""Who may do what in a shop, and what people are called. Roles are held per shop; without a login everybody may do everything."""

import unicodedata
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LONGEST_NAME = 60  # what every place that keeps a name takes
LONGEST_EMAIL = 254
LONGEST_IDENTITY = 255  # an issuer, and a subject


class Role(StrEnum):
    """What somebody is in a shop; each of them may do what those before may."""

    VIEWER = "viewer"
    MEMBER = "member"
    REVIEWER = "reviewer"
    OWNER = "owner"


class Right(StrEnum):
    """What can be asked for."""

    LOOK = "look"  # every page, every figure, the parcels behind it on screen
    ANSWER = "answer"  # answers, notes and proofs; calls, messages, remedies, appeals; actions; saved audits; one's own part in a review
    DECIDE = "decide"  # open, reveal, agree and drop a review; waive; write the shop's settings
    SIGN = "sign"  # put a reviewer's name under a review
    IMPORT_FILES = "import_files"  # take files in, take them out, say how they are read
    EXPORT_ROWS = "export_rows"  # parcels and orders as a file, the whole shop included
    MANAGE = "manage"  # members, the ruler (checklist, rules), the owner's signature, the shop's name and its end


_LOOKS = frozenset({Right.LOOK})
_TAKES_PART = _LOOKS | {Right.ANSWER}
_REVIEWS = _TAKES_PART | {Right.DECIDE, Right.SIGN}
ALLOWED: dict[Role, frozenset[Right]] = {
    Role.VIEWER: _LOOKS,
    Role.MEMBER: _TAKES_PART,
    Role.REVIEWER: _REVIEWS,
    Role.OWNER: _REVIEWS | {Right.IMPORT_FILES, Right.EXPORT_ROWS, Right.MANAGE},
}


def allows(role: Role, right: Right) -> bool:
    return right in ALLOWED[role]


def least(right: Right) -> Role:
    """The lowest role that has the right."""
    return next(role for role in Role if allows(role, right))


@dataclass(frozen=True)
class Person:
    """Somebody who has logged in. ``name``: nobody else has it, or ever had it; what they say is kept under it. ``email``: only one that
    the login vouches for. ``host``: the first who ever came; shops without an owner fall to them, and they may always make one."""

    id: str
    name: str
    email: str | None = None
    host: bool = False


@dataclass(frozen=True)
class Member:
    """A person in a shop. ``invited_by``: empty for whoever made it."""

    person: Person
    role: Role
    since: datetime
    invited_by: str = ""


@dataclass(frozen=True)
class Invitation:
    """A place that waits for somebody. ``id``: names it without opening it. ``email``: only whoever has this address may take it.
    ``code``: opens it once; known only to whoever has just made it."""

    id: str
    role: Role
    email: str | None
    by: str
    made_at: datetime
    ends_at: datetime
    code: str = ""


def clean_name(given: str, otherwise: str) -> str:
    """A name fit to be shown and kept: composed letters, no signs that cannot be seen, at most ``LONGEST_NAME``; ``otherwise`` where
    nothing is left of it."""
    shown = "".join(" " if unicodedata.category(sign).startswith("Z") else sign for sign in unicodedata.normalize("NFKC", given))
    seen = "".join(sign for sign in shown if not unicodedata.category(sign).startswith("C"))
    return " ".join(seen.split())[:LONGEST_NAME].strip() or otherwise


def name_key(name: str) -> str:
    """Two names with one key would be taken for each other."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def free_name(wanted: str, taken: Container[str]) -> str:
    """The name, or the name with the first number that nobody has. ``taken``: keys of names."""
    if name_key(wanted) not in taken:
        return wanted
    number = 2
    while name_key(numbered := f"{wanted[: LONGEST_NAME - len(mark := f' ({number})')]}{mark}") in taken:
        number += 1
    return numbered
