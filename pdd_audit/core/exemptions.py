"""Windows in which a rule is suspended: a holiday notice, a disaster area. Dated, sourced, graded; a shop adds and confirms its own."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from pdd_audit.core.periods import Fault, IsoDay, is_day, period_faults
from pdd_audit.core.questions import Identifier, Part, Text, Trust

CountedBy = Literal["paid", "promised", "shipped"]
Clock = Literal["promise", "pickup"]
Province = Annotated[str, Field(pattern=r"^[\u4e00-\u9fff]{2,8}$")]
CourierName = Annotated[str, Field(min_length=1, max_length=40)]
LONGEST = 120  # days; beyond it a year was mistyped


class Exemption(Part):
    """One window of a rule file. ``counted_by``: which time of an order must lie inside, from 00:00 of ``from`` to 24:00 of ``to``;
    ``waives``: the promise (by which the order must be shipped), the pickup after the upload, or both. No provinces (the receiver's) or
    couriers named: all. A notice known to exist but not read has null in from, to, source, trust and checked, and waives nothing yet.
    """

    id: Identifier
    kind: Literal["holiday", "area"]
    counted_by: CountedBy
    waives: Annotated[tuple[Clock, ...], Field(min_length=1)]
    first: IsoDay | None = Field(alias="from")
    last: IsoDay | None = Field(alias="to")
    provinces: tuple[Province, ...] = ()
    couriers: tuple[CourierName, ...] = ()
    reason: Text
    source: Identifier | None
    trust: Trust | None
    checked: IsoDay | None
    note: Annotated[str, Field(max_length=400)] = ""

    @property
    def known(self) -> bool:
        """Whether its notice was read."""
        return self.first is not None


class OwnExemption(Part):
    """A window the shop has entered from a notice it received. ``source``: which notice, in the shop's words."""

    counted_by: CountedBy
    waives: Annotated[tuple[Clock, ...], Field(min_length=1)]
    first: IsoDay = Field(alias="from")
    last: IsoDay = Field(alias="to")
    provinces: tuple[Province, ...] = ()
    couriers: tuple[CourierName, ...] = ()
    reason: Annotated[str, Field(min_length=1, max_length=200)]
    source: Annotated[str, Field(min_length=1, max_length=200)]


class Decision(Part):
    """What the shop says of a window of the rule file after looking it up."""

    exemption: Identifier
    holds: bool


@dataclass(frozen=True)
class Waiver:
    """A window in force: ``start`` <= time < ``end``."""

    name: str
    start: datetime
    end: datetime
    counted_by: CountedBy
    waives: tuple[Clock, ...]
    provinces: tuple[str, ...] = ()
    couriers: tuple[str, ...] = ()


def waivers(windows: Iterable[Exemption], own: Iterable[OwnExemption], decided: Mapping[str, bool]) -> tuple[Waiver, ...]:
    """The windows in force: those of the rule file that are known and that the shop has not found to be wrong, and its own."""
    official = [_waiver(window.id, window) for window in windows if window.known and decided.get(window.id, True)]
    return (*official, *(_waiver(window.reason, window) for window in own))


def _waiver(name: str, window: Exemption | OwnExemption) -> Waiver:
    assert window.first is not None and window.last is not None, "asked for known windows only"
    start, last = datetime.fromisoformat(window.first), datetime.fromisoformat(window.last)
    return Waiver(name, start, last + timedelta(days=1), window.counted_by, window.waives, window.provinces, window.couriers)


# --- what must hold beyond the shape ----------------------------------------------------------------------------------------


def exemption_faults(
    windows: Sequence[Exemption], sources: Mapping[str, Any], couriers: Collection[str] | None = None
) -> list[Fault]:
    """(path below ``exemptions``, code, values) for windows that are shaped right and still wrong. ``couriers``: the names that exist."""
    faults: list[Fault] = []
    for at, window in enumerate(windows):
        if any(window.id == other.id for other in windows[:at]):
            faults.append(((at, "id"), "checklist_exemption_twice", {"name": window.id}))
        blank = [part is None for part in (window.first, window.last, window.source, window.trust, window.checked)]
        if any(blank) and not all(blank):
            faults.append(((at,), "checklist_exemption_half_unknown", {"name": window.id}))
        if window.source is not None and window.source not in sources:
            faults.append(((at, "source"), "checklist_source_unknown", {"name": window.source, "choices": list(sources)}))
        if window.checked is not None and not is_day(window.checked):
            faults.append(((at, "checked"), "checklist_bad_date", {"name": window.checked}))
        if window.first is not None and window.last is not None:
            faults += period_faults((at,), window.first, window.last, LONGEST)
        faults += courier_faults((at, "couriers"), window.couriers, couriers)
    return faults


def own_exemption_faults(window: OwnExemption, couriers: Collection[str]) -> list[Fault]:
    """What is wrong with a window a shop enters."""
    return period_faults((), window.first, window.last, LONGEST) + courier_faults(("couriers",), window.couriers, couriers)


def courier_faults(path: tuple[str | int, ...], named: Sequence[str], couriers: Collection[str] | None) -> list[Fault]:
    """Courier names that do not exist; None: nobody knows which do."""
    return [
        ((*path, at), "checklist_calendar_courier_unknown", {"name": name, "choices": list(couriers)})
        for at, name in enumerate(named) if couriers is not None and name not in couriers
    ]

