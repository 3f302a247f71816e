"""What a shop changed and when: the marks against which days before and after are compared."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

ChangeKind = Literal["courier", "cut_off", "staff", "sale", "other"]
CHANGE_KINDS: tuple[ChangeKind, ...] = get_args(ChangeKind)
LONGEST = 200


@dataclass(frozen=True)
class Change:
    """One change, in force from ``day`` on. ``what``: the shop's own words, 1 to ``LONGEST`` characters."""

    id: str
    day: date
    what: str
    kind: ChangeKind
    created_at: datetime


def fits(day: str, what: str, kind: str) -> bool:
    """Whether stored values make a change: a date as 2026-10-17, some words, a known kind."""
    try:
        plain = date.fromisoformat(day).isoformat() == day
    except ValueError:
        return False
    return plain and 0 < len(what) <= LONGEST and what == " ".join(what.split()) and kind in CHANGE_KINDS
