"""What the files say of an order that was penalised, and whether they bear out what an appeal claims. Nothing here is guessed: a claim
is borne out, contradicted, or not supported, and each finding carries its figures and the file and row they come from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from pdd_audit.core.errors import Place
from pdd_audit.core.incidents.appeal_guide import Claim

Clock = Literal["pickup", "promise"]
ALLEGED: dict[str, Clock] = {
    "fine_false_shipping": "pickup", "fine_late_shipping": "promise",
    "false_shipping": "pickup", "late_pickup": "pickup", "late_shipping": "promise",
}
LONGEST_BEFORE = timedelta(hours=24)  # a scan further before its upload belongs to another parcel


@dataclass(frozen=True)
class Stamp:
    """A time with the file and row it stands in; ``what``: an outlet, a number, whatever else the row says of it."""

    at: datetime
    place: Place
    what: str = ""


@dataclass(frozen=True)
class Penalty:
    """A booking of the bill or a row of the list of violations. ``kind``: a key of ``ALLEGED`` or another class; ``yuan`` None: no amount
    stands there."""

    kind: str
    yuan: float | None
    at: datetime | None
    place: Place
    booked: bool


class InWords(NamedTuple):
    """Of any length, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Limits:
    """The rules in force for one order. ``pickup_hours`` None: not known for it. ``asks_pickup``: its promise also asks for the scan.
    ``windows``: clock -> the exemption windows it lies in."""

    pack: str
    pickup_hours: float | None
    asks_pickup: bool
    windows: Mapping[Clock, tuple[InWords, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class OrderFacts:
    """Everything the files say of one order. ``uploads``: each number with the earliest time it was uploaded at, oldest first; ``scans``:
    pickup records of any of its numbers, oldest first."""

    order_no: str
    courier: str
    uploads: tuple[Stamp, ...]
    scans: tuple[Stamp, ...]
    penalties: tuple[Penalty, ...]
    limits: Limits
    confirmed: Stamp | None = None
    promised: Stamp | None = None
    refunded: Stamp | None = None
    expected_yuan: float | None = None
    seen_until: datetime | None = None

    @property
    def waybill(self) -> str:
        """The number in force: the last one that was uploaded; "" where none was."""
        return self.uploads[-1].what if self.uploads else ""

    @property
    def uploaded(self) -> Stamp | None:
        """The first upload: changing a number is not known to start the clock anew."""
        return self.uploads[0] if self.uploads else None

    @property
    def own_scans(self) -> tuple[Stamp, ...]:
        """Scans that can be a pickup of this order, oldest first."""
        first = self.uploaded
        return tuple(scan for scan in self.scans if first is None or scan.at >= first.at - LONGEST_BEFORE)

    @property
    def limit(self) -> datetime | None:
        """The last moment at which the pickup is in time."""
        if self.uploaded is None or self.limits.pickup_hours is None:
            return None
        return self.uploaded.at + timedelta(hours=self.limits.pickup_hours)

    @property
    def alleged(self) -> frozenset[Clock]:
        """Which clocks the penalties speak of; both where none says."""
        named = frozenset(ALLEGED[one.kind] for one in self.penalties if one.kind in ALLEGED)
        return named or frozenset(("pickup", "promise"))

    @property
    def due(self) -> datetime | None:
        """The earliest end of the clocks the penalties speak of; None where none is known."""
        promised = self.promised.at if self.promised is not None else None
        ends = {"pickup": self.limit, "promise": promised}
        return min((end for clock, end in ends.items() if end is not None and clock in self.alleged), default=None)

    @property
    def taken_yuan(self) -> float | None:
        """What the bill took; None without a booking."""
        booked = [one.yuan for one in self.penalties if one.booked and one.yuan is not None]
        return sum(booked) if booked else None

    @property
    def yuan(self) -> float | None:
        """What is at stake: taken by the bill, else named by the list of violations, else expected by the rules."""
        if self.taken_yuan is not None:
            return self.taken_yuan
        named = [one.yuan for one in self.penalties if one.yuan is not None]
        return max(named) if named else self.expected_yuan


@dataclass(frozen=True)
class Finding:
    """Why a claim cannot be made for an order: ``code`` of ``errors``, the figures of its sentence, and where the decisive one stands.
    ``contradicted``: the files say otherwise; else they only do not say it."""

    order_no: str
    code: str
    place: Place
    values: Mapping[str, Any]
    contradicted: bool = True


def check(claim: Claim, facts: OrderFacts, handed_over: Iterable[datetime] = ()) -> Finding | None:
    """None where the files bear the claim out. ``handed_over``: times written on the proofs of handover."""
    if facts.uploaded is None:
        return _finding(facts, "appeal_no_upload", Place(), contradicted=False)
    match claim:
        case "collected_in_time":
            return _in_time(facts)
        case "handed_over":
            return _handed_over(facts, sorted(handed_over))
        case "exempt":
            return _exempt(facts)
        case "number_corrected":
            return _corrected(facts)
        case "refunded_in_time":
            return _refunded(facts)


def claims_borne_out(facts: OrderFacts) -> tuple[Claim, ...]:
    """The claims that need nothing but the files, strongest first. Handing over is never among them: no file tells it."""
    free: tuple[Claim, ...] = ("collected_in_time", "exempt", "refunded_in_time", "number_corrected")
    return tuple(claim for claim in free if check(claim, facts) is None)


def _finding(facts: OrderFacts, code: str, place: Place, *, contradicted: bool = True, **values: Any) -> Finding:
    return Finding(facts.order_no, code, place, {"order": facts.order_no, **values}, contradicted)


def _in_time(facts: OrderFacts) -> Finding | None:
    """On every clock the penalty speaks of. Of several pickup records the last one counts for the platform, so all must be in time."""
    if not facts.own_scans:
        return _finding(facts, "appeal_no_scan", Place(), contradicted=False)
    first, last = facts.own_scans[0], facts.own_scans[-1]
    if facts.confirmed is not None and first.at < facts.confirmed.at:
        return _finding(facts, "appeal_scan_before_order", first.place, at=_said(first.at), confirmed=_said(facts.confirmed.at))
    if "pickup" in facts.alleged:
        if facts.limit is None:
            return _finding(facts, "appeal_no_limit", Place(), contradicted=False)
        if last.at > facts.limit:
            return _late(facts, "appeal_scan_late", last, facts.limit)
    if "promise" in facts.alleged:
        if facts.promised is None:
            return _finding(facts, "appeal_no_promise", Place(), contradicted=False)
        assert facts.uploaded is not None, "checked first"
        due = facts.promised.at
        if facts.uploaded.at > due:
            return _late(facts, "appeal_upload_late", facts.uploaded, due)
        if facts.limits.asks_pickup and last.at > due:
            return _late(facts, "appeal_promise_late", last, due)
    return None


def _late(facts: OrderFacts, code: str, stamp: Stamp, due: datetime) -> Finding:
    seconds = round((stamp.at - due).total_seconds())
    return _finding(facts, code, stamp.place, at=_said(stamp.at), due=_said(due), over=_span(seconds))


def _handed_over(facts: OrderFacts, times: list[datetime]) -> Finding | None:
    if not times:
        return _finding(facts, "appeal_no_handover", Place(), contradicted=False)
    if _in_time(facts) is None:
        last = facts.own_scans[-1]
        return _finding(facts, "appeal_was_in_time", last.place, at=_said(last.at), due=_said(facts.limit or last.at))
    due = facts.due
    if due is None:
        return _finding(facts, "appeal_no_limit", Place(), contradicted=False)
    if times[-1] > due:
        over = round((times[-1] - due).total_seconds())
        return _finding(facts, "appeal_handover_late", Place(), at=_said(times[-1]), due=_said(due), over=_span(over))
    early = [scan for scan in facts.own_scans if scan.at < times[-1]]
    if early:
        return _finding(facts, "appeal_handover_after_scan", early[0].place, at=_said(times[-1]), scan=_said(early[0].at))
    return None


def _exempt(facts: OrderFacts) -> Finding | None:
    for clock in sorted(facts.alleged):
        if not facts.limits.windows.get(clock):
            place = facts.uploaded.place if facts.uploaded else Place()
            at = facts.uploaded.at if facts.uploaded else None
            return _finding(facts, f"appeal_not_exempt_{clock}", place, at=_said(at) if at else "?")
    return None


def _corrected(facts: OrderFacts) -> Finding | None:
    """Two numbers, and the right one was scanned within the limit of the first upload."""
    if len({stamp.what for stamp in facts.uploads}) < 2:
        assert facts.uploaded is not None, "checked first"
        return _finding(facts, "appeal_one_number", facts.uploaded.place, number=facts.waybill)
    return _in_time(facts)


def _refunded(facts: OrderFacts) -> Finding | None:
    if facts.refunded is None:
        return _finding(facts, "appeal_no_refund", Place(), contradicted=False)
    due = facts.due
    if due is None:
        return _finding(facts, "appeal_no_limit", Place(), contradicted=False)
    if facts.refunded.at > due:
        return _late(facts, "appeal_refund_late", facts.refunded, due)
    early = [scan for scan in facts.own_scans if scan.at < facts.refunded.at]
    if early:
        return _finding(facts, "appeal_scan_before_refund", early[0].place, at=_said(early[0].at), refund=_said(facts.refunded.at))
    return None


def _said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _span(seconds: int) -> str:
    """Whole hours, minutes and seconds: 1:00:01."""
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
