"""Open parcels by urgency: which need a call, and what one call to one outlet would solve."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Literal

from pdd_audit.core.deeds import Deed, DeedKind
from pdd_audit.core.incidents.calls import CallRules

Clock = Literal["pickup", "promise"]
Who = tuple[str | None, str | None]  # courier and outlet of the label; None: not known
CALLING: tuple[DeedKind, ...] = ("called", "promised", "collected", "found")
WORTH_A_CALL = 0.5  # late parcels expected


@dataclass(frozen=True)
class OpenParcel:
    """A parcel nobody has collected. ``left_minute``: whole minutes to the earlier of both clocks (0 or less: late already), ``clock``
    names it; ``chance`` to be late and ``yuan`` it would cost, None where not known."""

    waybill: str
    order_no: str
    courier: str | None
    outlet: str | None
    shipped_at: datetime
    due_at: datetime
    left_minute: int
    clock: Clock
    chance: float | None
    yuan: float | None

    @property
    def late(self) -> bool:
        return self.left_minute <= 0

    @property
    def who(self) -> Who:
        return self.courier, self.outlet


@dataclass(frozen=True)
class Call:
    """One call to one outlet. ``urgent``: due soonest first, what the call is about; ``late``: past their deadline and still to be found;
    ``said``: collected, says the outlet, and no scan shows it; ``waiting``: others of this outlet that will probably be collected.
    ``deeds``: what was done about any of them, oldest first; ``done``: nothing is to be asked again for now."""

    who: Who
    urgent: tuple[OpenParcel, ...]
    late: tuple[OpenParcel, ...]
    said: tuple[OpenParcel, ...]
    waiting: int
    deeds: tuple[Deed, ...] = ()
    done: bool = False

    @property
    def subjects(self) -> tuple[str, ...]:
        """The waybills a deed about this call is about."""
        return tuple(parcel.waybill for parcel in (*self.urgent, *self.late, *self.said))

    @property
    def expected(self) -> float | None:
        """Late parcels to expect among the urgent ones if nobody calls; None where no chance is known."""
        known = [parcel.chance for parcel in self.urgent if parcel.chance is not None]
        return sum(known) if known else None

    @property
    def yuan(self) -> float | None:
        """What those are expected to cost; None where no amount is known."""
        known = [parcel.chance * parcel.yuan for parcel in self.urgent if parcel.chance is not None and parcel.yuan is not None]
        return sum(known) if known else None

    @property
    def worth(self) -> bool:
        """Where nobody knows the chances, every call may be worth it; a parcel that is late or only said to be collected always is."""
        return bool(self.late or self.said) or self.expected is None or self.expected >= WORTH_A_CALL


def needs_a_call(parcel: OpenParcel, rules: CallRules) -> bool:
    """Whether waiting is no longer enough."""
    if parcel.late:
        return False
    likely = parcel.chance is not None and parcel.chance >= rules.list_from_chance
    return likely or parcel.left_minute <= rules.list_within_minutes


def saves(parcel: OpenParcel, rules: CallRules) -> float:
    """What a call about a parcel is worth: chance times yuan times how far it can still help. An unknown factor counts as 1."""
    helps = min(1.0, max(0, parcel.left_minute) / rules.van_minutes)
    return (1.0 if parcel.chance is None else parcel.chance) * (1.0 if parcel.yuan is None else parcel.yuan) * helps


def calls_of(parcels: Iterable[OpenParcel], deeds: Sequence[Deed], rules: CallRules, at: datetime) -> list[Call]:
    """Every outlet with something to call about: what nobody has called about first, of it the call that saves most, of equal ones that
    which is due first. ``at``: the moment of the call, by which promises have run out."""
    by_waybill = _by_waybill(deeds)
    found = []
    for who, group in groupby(sorted(parcels, key=_by_who), key=lambda parcel: parcel.who):
        call = _call(who, list(group), by_waybill, rules, at)
        if call.subjects:
            found.append(call)
    worth = {call.who: sum(saves(parcel, rules) for parcel in call.urgent) for call in found}
    return sorted(found, key=lambda call: (not call.worth, call.done, -worth[call.who], _first_due(call), _text(call.who)))


def _call(who: Who, group: Sequence[OpenParcel], by_waybill: Mapping[str, list[Deed]], rules: CallRules, at: datetime) -> Call:
    group = sorted(group, key=lambda parcel: (parcel.due_at, parcel.waybill))
    said = [parcel for parcel in group if _last_kind(by_waybill.get(parcel.waybill, [])) == "collected"]
    names = {parcel.waybill for parcel in said}
    rest = [parcel for parcel in group if parcel.waybill not in names]
    urgent = tuple(parcel for parcel in rest if needs_a_call(parcel, rules))
    late = tuple(parcel for parcel in rest if parcel.late and -parcel.left_minute <= rules.late_for_hours * 60)
    asked = (*urgent, *late, *said)
    told = {deed.id: deed for parcel in asked for deed in by_waybill.get(parcel.waybill, [])}
    return Call(
        who, urgent, late, tuple(said), sum(not parcel.late for parcel in rest) - len(urgent),
        tuple(sorted(told.values(), key=lambda deed: deed.at)),
        done=all(_holds(by_waybill.get(parcel.waybill, []), at) for parcel in asked),
    )


def _holds(deeds: Sequence[Deed], at: datetime) -> bool:
    """Whether the last deed about a parcel makes another call pointless: a promise that has not run out, or a call of the same day."""
    if not deeds:
        return False
    until = promised_until(deeds[-1])
    return deeds[-1].at.date() == at.date() if until is None else until > at


def promised_until(deed: Deed) -> datetime | None:
    """Until when an outlet promised to come; None for a deed that is no promise."""
    said = deed.what.get("until") if deed.kind == "promised" else None
    try:
        return datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None


def _by_waybill(deeds: Iterable[Deed]) -> dict[str, list[Deed]]:
    found: dict[str, list[Deed]] = {}
    for deed in deeds:
        if deed.kind in CALLING:
            for subject in deed.subjects:
                found.setdefault(subject, []).append(deed)
    return found


def _last_kind(deeds: Sequence[Deed]) -> str | None:
    """A later call does not take back what the outlet said; only another finding does."""
    return next((deed.kind for deed in reversed(deeds) if deed.kind in ("collected", "found")), None)


def _by_who(parcel: OpenParcel) -> tuple[str, str]:
    return _text(parcel.who)


def _text(who: Who) -> tuple[str, str]:
    return who[0] or "", who[1] or ""


def _first_due(call: Call) -> datetime:
    return min(parcel.due_at for parcel in (*call.urgent, *call.late, *call.said))


Hours = list[tuple[datetime, int, int]]


def due_by_hour(parcels: Iterable[OpenParcel], listed: Iterable[OpenParcel], as_of: datetime, hours: int = 24) -> Hours:
    """For each coming hour its end, how many of ``listed`` fall due in it, and how many of the other ``parcels``. Late ones are in none."""
    first = as_of.replace(minute=0, second=0, microsecond=0)
    wanted = {parcel.waybill for parcel in listed}
    counted = [[0, 0] for _ in range(hours + 1)]
    for parcel in parcels:
        place = (parcel.due_at - first) // timedelta(hours=1)
        if not parcel.late and 0 <= place <= hours:
            counted[place][parcel.waybill not in wanted] += 1
    return [(first + timedelta(hours=place + 1), listed_here, others) for place, (listed_here, others) in enumerate(counted)]
