"""Appeals of a shop: one case an order or a batch of orders, as a row of words nobody edits; what they add up to is computed here."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from pdd_audit.core.questions import Attachment, Identifier, Part

Status = Literal["drafted", "submitted", "accepted", "refused", "second_try"]
LEGAL: dict[Status, tuple[Status, ...]] = {
    "drafted": ("submitted",), "submitted": ("accepted", "refused"), "refused": ("second_try",), "second_try": ("accepted", "refused"),
    "accepted": (),
}
SENDING: tuple[Status, ...] = ("submitted", "second_try")
MOST_ORDERS = 500
REMIND_HOURS = 48  # a countdown that ends sooner is named at the top of the page
OrderNo = Annotated[str, Field(pattern=r"^[0-9]{6}-[0-9]{9,18}$|^[0-9]{8}-[0-9]{9}$")]
CaseId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class Opened(Part):
    """A case begins. ``reason``: of ``checklists/responses/appeals.yaml``; ``yuan``: taken or expected for its orders when it began."""

    kind: Literal["opened"]
    orders: Annotated[tuple[OrderNo, ...], Field(min_length=1, max_length=MOST_ORDERS)]
    reason: Identifier
    yuan: Annotated[float, Field(ge=0, le=10_000_000)]


class Counted(Part):
    """The end of the countdown as the backend's page shows it; None: it shows none (any more)."""

    kind: Literal["counted"]
    until: datetime | None


class Added(Part):
    """A piece of evidence. ``dated``: the day it is from, as the shop says; ``shows``: parts of it somebody has looked for and found;
    ``handed_over_at``: for a proof of handover, the time written on it."""

    kind: Literal["added"]
    evidence: Identifier
    attachment: Attachment
    dated: date
    shows: tuple[Identifier, ...] = ()
    handed_over_at: datetime | None = None


class Dropped(Part):
    """A piece of evidence no longer belongs to the case; its bytes stay, an earlier pack may hold them."""

    kind: Literal["dropped"]
    evidence: Identifier
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Moved(Part):
    """The case goes on. ``yuan``: what came back, for one that was accepted; ``said``: why the platform refused, in its words."""

    kind: Literal["moved"]
    status: Status
    yuan: Annotated[float, Field(ge=0, le=10_000_000)] | None = None
    said: Annotated[str, Field(max_length=400)] = ""


class AppealWord(Part):
    """One word on one case, by whom and when (Shanghai, without an offset)."""

    case: CaseId
    said: Annotated[Opened | Counted | Added | Dropped | Moved, Field(discriminator="kind")]
    at: datetime
    by: Annotated[str, Field(min_length=1, max_length=60)]


@dataclass(frozen=True)
class Case:
    """A case as its words have made it. ``steps``: every status with its moment, the first one ``drafted``."""

    id: str
    orders: tuple[str, ...]
    reason: str
    yuan: float
    opened_at: datetime
    by: str
    until: datetime | None = None
    evidence: tuple[Added, ...] = ()
    steps: tuple[tuple[Status, datetime], ...] = field(default=())
    yuan_back: float | None = None
    refused_because: str = ""

    @property
    def status(self) -> Status:
        return self.steps[-1][0]

    @property
    def next(self) -> tuple[Status, ...]:
        """Where it may go from here; there is one second try."""
        tried = any(status == "second_try" for status, _ in self.steps)
        return () if self.status == "refused" and tried else LEGAL[self.status]

    @property
    def to_send(self) -> bool:
        """Whether the shop has to hand something in, so that the countdown matters."""
        return any(status in SENDING for status in self.next)

    def left(self, now: datetime) -> timedelta | None:
        """To the end of the countdown, negative when it is over; None where nobody copied one or nothing is to be handed in."""
        return None if self.until is None or not self.to_send else self.until - now


def cases_of(words: Iterable[AppealWord]) -> list[Case]:
    """Every case, oldest first. A word on a case that was never opened, or that its status does not allow, changes nothing."""
    found: dict[str, Case] = {}
    for word in words:
        known = found.get(word.case)
        if isinstance(word.said, Opened):
            if known is None:
                found[word.case] = Case(
                    word.case, word.said.orders, word.said.reason, word.said.yuan, word.at, word.by, steps=(("drafted", word.at),)
                )
        elif known is not None:
            found[word.case] = _after(known, word)
    return list(found.values())


def _after(case: Case, word: AppealWord) -> Case:
    match word.said:
        case Counted(until=until):
            return replace(case, until=until)
        case Added() as added:
            others = tuple(one for one in case.evidence if _key(one) != _key(added))
            return replace(case, evidence=(*others, added))
        case Dropped(evidence=evidence, sha256=sha256):
            return replace(case, evidence=tuple(one for one in case.evidence if _key(one) != (evidence, sha256)))
        case Moved(status=status) as moved if status in case.next:
            back = moved.yuan if status == "accepted" else case.yuan_back
            because = moved.said if status == "refused" else case.refused_because
            return replace(case, steps=(*case.steps, (status, word.at)), yuan_back=back, refused_because=because)
    return case


def _key(added: Added) -> tuple[str, str]:
    return added.evidence, added.attachment.sha256


def reminders(cases: Iterable[Case], now: datetime) -> list[Case]:
    """Cases whose countdown ends within ``REMIND_HOURS`` or is over while something is to be handed in, the soonest first."""
    soon = [(left, case) for case in cases if (left := case.left(now)) is not None and left <= timedelta(hours=REMIND_HOURS)]
    return [case for _, case in sorted(soon, key=lambda pair: pair[0])]


def in_a_case(cases: Iterable[Case]) -> frozenset[str]:
    """Orders that some case speaks of: one order is not appealed twice for different reasons."""
    return frozenset(order for case in cases for order in case.orders)


@dataclass(frozen=True)
class Missing:
    """A piece of evidence that is not there (``parts`` empty), or parts of it that no file of it shows."""

    evidence: str
    parts: tuple[str, ...] = ()


def missing(case: Case, needed: Sequence[str], parts: Collection[tuple[str, str]]) -> list[Missing]:
    """What the case still lacks, in the order of ``needed``. ``parts``: (evidence, part) of everything evidence has to show."""
    found = []
    for name in needed:
        files = [one for one in case.evidence if one.evidence == name]
        seen = {part for one in files for part in one.shows}
        lacking = tuple(part for evidence, part in parts if evidence == name and part not in seen)
        if not files:
            found.append(Missing(name))
        elif lacking:
            found.append(Missing(name, lacking))
    return found
