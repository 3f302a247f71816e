"""Whom review rounds wait for: members who have not answered, and whoever opened one that is to be talked through, signed or repeated."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from pdd_audit.core.rounds import Round

What = Literal["answer", "reveal", "talk", "sign", "next"]
Following = Callable[[Round], date | None]  # when the round after a signed one is due


@dataclass(frozen=True)
class Duty:
    """``id``: of the round; ``left``: questions this member has not answered yet."""

    id: str
    what: What
    who: str
    title: str
    due: date
    left: int = 0


@dataclass(frozen=True)
class RoundDay:
    """The day by which a round is to be done, or to be opened (``what`` "next"). ``since``: when that was known."""

    id: str
    what: What
    title: str
    due: date
    since: datetime


def duties(rounds: Sequence[Round], following: Following) -> list[Duty]:
    """Everything that waits, the earliest due first. ``rounds``: in the order they were opened."""
    waiting = [duty for one in rounds for duty in _of(one)]
    waiting += [Duty(one.id, "next", one.opened_by, one.opening.title, due) for one, due in _to_come(rounds, following)]
    return sorted(waiting, key=lambda duty: (duty.due, duty.title, duty.who))


def round_days(rounds: Sequence[Round], following: Following) -> list[RoundDay]:
    """For a calendar: each open round once, and each next one."""
    days = [RoundDay(one.id, "talk", one.opening.title, one.opening.due, one.opened_at) for one in rounds if one.phase != "signed"]
    return days + [
        RoundDay(f"{one.id}-next", "next", one.opening.title, due, one.signatures[-1].at) for one, due in _to_come(rounds, following)
    ]


def _of(one: Round) -> list[Duty]:
    title, due = one.opening.title, one.opening.due
    if one.phase == "answering":
        left = {member: len(one.opening.questions) - done for member, done in one.done().items()}
        mine = [Duty(one.id, "answer", member, title, due, n) for member, n in left.items() if n > 0]
        return mine or [Duty(one.id, "reveal", one.opened_by, title, due)]
    if one.phase == "revealed":
        return [Duty(one.id, "talk", one.opened_by, title, due)]
    return [Duty(one.id, "sign", one.opened_by, title, due)] if one.phase == "half_signed" else []


def _to_come(rounds: Sequence[Round], following: Following) -> list[tuple[Round, date]]:
    """Of those that come back alike (a title may change from month to month) the newest, if it is signed, with the day of the next."""
    newest = {one.opening.again: one for one in rounds}
    days = [(one, following(one)) for one in newest.values() if one.phase == "signed"]
    return [(one, due) for one, due in days if due is not None]
