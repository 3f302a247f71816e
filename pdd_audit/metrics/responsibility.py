"""Whose late parcels these are: seller, courier, platform, buyer, or unknown. Ordered rules, the first that fits; unknown is a finding
and is never shared out among the others.

Rules that need what no file tells (a buyer's request in the platform's tool, proof of the handover) are named and fire for nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pandas as pd

from pdd_audit.metrics.causes import FEWEST_SHARED, primary_causes, shares_in_waves
from pdd_audit.metrics.intervals import wilson
from pdd_audit.metrics.waves import band_of

Party = Literal["seller", "courier", "platform", "buyer", "unknown"]
PARTIES: tuple[Party, ...] = ("seller", "courier", "platform", "buyer", "unknown")


@dataclass(frozen=True)
class Rule:
    """``told``: whether the files can tell that it holds."""

    number: int
    code: str
    party: Party
    told: bool = True


RULES = (
    Rule(1, "exempt", "platform"),
    Rule(2, "buyer_asked", "buyer", told=False),
    Rule(3, "no_label", "seller"),
    Rule(4, "after_last_van", "seller"),
    Rule(5, "handed_over", "courier", told=False),
    Rule(6, "missed_and_listed", "courier", told=False),
    Rule(7, "none", "unknown"),
)
PARTY_OF: dict[str, Party] = {rule.code: rule.party for rule in RULES}

LAST_VAN = 0.95  # share of a courier's scans made by the end of the hour of its last van
FIRST_VAN = 0.05
USUAL = 0.5  # share of, say, all Sundays with scans that makes Sunday a day of collection
ORDINARY = 0.05  # fewer scans than this share of a median day are strays
FEWEST_DAYS = 14
FEWEST_SCANS = 200


@dataclass(frozen=True)
class Schedule:
    """When a courier usually collects at this shop, learnt from its own scans: hours of the first and last van (whole hours of the day)
    and the weekdays (0 Monday). Never learnt from what was late."""

    first: int
    last: int
    weekdays: frozenset[int]

    def hours_to_next_van(self, day: date, hour: int) -> float:
        """At least so many hours lie between an upload in this hour and the next van; 0 while a van may still come that day."""
        if day.weekday() in self.weekdays and hour <= self.last:
            return 0.0
        ahead = next((k for k in range(1, 8) if (day + timedelta(days=k)).weekday() in self.weekdays), None)
        return float("inf") if ahead is None else max(0.0, 24.0 * ahead + self.first - (hour + 1))


def schedules_of(pickup_hours: pd.DataFrame) -> dict[str, Schedule]:
    """The schedule of each courier with enough scans over enough days. ``pickup_hours``: courier, day, hour (of the scan), parcels."""
    found = {}
    for courier, scans in pickup_hours.dropna(subset=["courier"]).groupby("courier"):
        days = scans.assign(day=pd.to_datetime(scans["day"])).groupby("day")["parcels"].sum()
        span = pd.date_range(days.index.min(), days.index.max())
        if len(span) < FEWEST_DAYS or days.sum() < FEWEST_SCANS:
            continue
        collected = days.reindex(span, fill_value=0) >= max(1.0, ORDINARY * float(days.median()))
        usual = collected.groupby(span.day_of_week).mean() >= USUAL
        by_hour = scans.groupby("hour")["parcels"].sum().reindex(range(24), fill_value=0).cumsum() / scans["parcels"].sum()
        found[str(courier)] = Schedule(
            first=int(np.argmax(by_hour.to_numpy() >= FIRST_VAN)), last=int(np.argmax(by_hour.to_numpy() >= LAST_VAN)),
            weekdays=frozenset(int(day) for day in usual.index[usual]),
        )
    return found


def judge(
    breaches: pd.DataFrame, waves: pd.DataFrame, schedules: Mapping[str, Schedule], limit_hours: float
) -> pd.DataFrame:
    """Late parcels with ``band``, ``missed``, ``rule``, ``party``, ``reason`` (why unknown) and ``cause``, one of each a row. ``breaches``:
    courier, outlet, day, hour, label, exempt, scanned, parcels, yuan (``core.details``), or single parcels in that shape. ``waves``: of
    ``split_waves``."""
    if breaches.empty:
        return breaches.assign(band=[], missed=[], rule=[], party=[], reason=[], cause=[])
    table = breaches.assign(day=pd.to_datetime(breaches["day"]), band=band_of(breaches["hour"])).reset_index(drop=True)
    known = waves[["courier", "day", "band", "stopped", "missed"]].assign(day=pd.to_datetime(waves["day"]))
    table = table.merge(known, on=["courier", "day", "band"], how="left")
    table["missed"] = table["missed"].eq(True)
    stopped = table.pop("stopped").eq(True)
    fits = [table["exempt"].astype(bool), table["label"].eq("never_used"), _after_last_van(table, schedules, limit_hours)]
    table["rule"] = np.select(fits, ["exempt", "no_label", "after_last_van"], "none")
    table["party"] = table["rule"].map(PARTY_OF)
    unknown = table["rule"] == "none"
    table["reason"] = np.select(
        [unknown & stopped, unknown & table["missed"], unknown & ~table["scanned"].astype(bool), unknown],
        ["courier_stopped", "missed_van_no_proof", "never_scanned", "scanned_late"], "",
    )
    return table.assign(cause=primary_causes(table))


def _after_last_van(table: pd.DataFrame, schedules: Mapping[str, Schedule], limit_hours: float) -> pd.Series:
    """Rule 4: uploaded after the last van, the next one due later than the limit allows."""
    places = table[["courier", "day", "hour"]].drop_duplicates()
    places = places[places["courier"].isin(schedules)]
    late = [
        schedules[str(courier)].hours_to_next_van(day.date(), int(hour)) >= limit_hours
        for courier, day, hour in zip(places["courier"], places["day"], places["hour"], strict=True)
    ]
    found = places.assign(too_late=late)
    return table[["courier", "day", "hour"]].merge(found, on=["courier", "day", "hour"], how="left")["too_late"].eq(True)


@dataclass(frozen=True)
class PartyShare:
    """Late parcels of one party, their share of all with its 95 % interval."""

    party: Party
    parcels: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Responsibility:
    """``parties``: in fixed order, those with nothing included. ``rules``: rule -> parcels; ``reasons``: why unknown -> parcels.
    ``controllable``: share of all parcels that were late through the seller (late rate times the seller's share); None without parcels."""

    total: int
    parties: tuple[PartyShare, ...]
    rules: Mapping[str, int]
    reasons: Mapping[str, int]
    controllable: float | None

    @property
    def enough(self) -> bool:
        """Whether there are enough to speak of shares."""
        return self.total >= FEWEST_SHARED


def responsibility(judged: pd.DataFrame, late_rate: float | None) -> Responsibility:
    """The split of all late parcels, exempt ones included. ``judged``: see ``judge``."""
    total = int(judged["parcels"].sum())
    counts = judged.groupby("party")["parcels"].sum()
    intervals = shares_in_waves(judged, "party") if total else {}
    parties = [
        PartyShare(party, parcels, parcels / total, *(intervals.get(party) or wilson(0, total)))
        for party in PARTIES if total and (parcels := int(counts.get(party, 0))) >= 0
    ]
    sellers = next((party.share for party in parties if party.party == "seller"), 0.0)
    unknown = judged[judged["rule"] == "none"]
    return Responsibility(
        total, tuple(parties), {str(k): int(v) for k, v in judged.groupby("rule")["parcels"].sum().items()},
        {str(k): int(v) for k, v in unknown.groupby("reason")["parcels"].sum().items()},
        None if late_rate is None else late_rate * sellers,
    )
