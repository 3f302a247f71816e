"""What outlets promised on the phone, and whether the scans bear it out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pdd_audit.core.deeds import Deed
from pdd_audit.core.incidents.urgency import promised_until

Outcome = Literal["kept", "broken", "open"]


@dataclass(frozen=True)
class Promise:
    """One promise about ``parcels``: until when, of them ``in_time`` collected by then. ``open``: the files do not reach far enough."""

    deed: Deed
    courier: str | None
    outlet: str | None
    until: datetime
    parcels: int
    in_time: int
    outcome: Outcome


@dataclass(frozen=True)
class Record:
    """Promises of one courier and outlet: those judged (``n``), of them kept, and their parcels."""

    courier: str | None
    outlet: str | None
    n: int
    kept: int
    parcels: int
    in_time: int

    @property
    def broken(self) -> int:
        return self.n - self.kept


def judged(deeds: Iterable[Deed], picked_up: Mapping[str, datetime | None], known_until: datetime, kept_from: float) -> list[Promise]:
    """Every promise, oldest first. ``picked_up``: waybill -> its first scan, None where there is none; a waybill that is not there is not
    judged (refunded, replaced, not covered by the files). ``known_until``: scans up to here are in the files for sure."""
    found = []
    for deed in deeds:
        until = promised_until(deed)
        if until is None:
            continue
        known = [picked_up[subject] for subject in deed.subjects if subject in picked_up]
        in_time = sum(at is not None and at <= until for at in known)
        outcome: Outcome = "open"
        if known and in_time >= kept_from * len(known):
            outcome = "kept"
        elif known and known_until >= until:
            outcome = "broken"
        found.append(Promise(deed, _name(deed, "courier"), _name(deed, "outlet"), until, len(known), in_time, outcome))
    return found


def records(promises: Iterable[Promise]) -> list[Record]:
    """Who keeps its word, most broken promises first. What is still open is in no record."""
    sums: dict[tuple[str | None, str | None], list[int]] = {}
    for promise in promises:
        if promise.outcome != "open":
            one = sums.setdefault((promise.courier, promise.outlet), [0, 0, 0, 0])
            for place, more in enumerate((1, promise.outcome == "kept", promise.parcels, promise.in_time)):
                one[place] += more
    found = [Record(courier, outlet, *numbers) for (courier, outlet), numbers in sums.items()]
    return sorted(found, key=lambda one: (-one.broken, -one.n, one.courier or "", one.outlet or ""))


def _name(deed: Deed, key: str) -> str | None:
    value = deed.what.get(key)
    return value if isinstance(value, str) and value else None
