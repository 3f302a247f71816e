"""Couriers, and the outlets of one courier, compared at a like mix of hours, day types, provinces and promises. Associations, not causes.

The mix is a table of ``core.details``: courier, outlet, day, band, remote, promise, parcels, late. What a courier itself causes (how
often it scans, how long it drives) is never part of the mix.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from pdd_audit.metrics.intervals import Z95, wilson
from pdd_audit.metrics.strata import Stratified, discoveries, expected_late, standardised, stratified
from pdd_audit.metrics.waves import design_effect

STRATUM = ["band", "day_type", "remote", "promise"]
FEWEST = 100  # mature parcels a courier or outlet needs before it is compared
FEWEST_IN_CELL = 20  # below that in any cell a directly standardised rate would rest on a handful of parcels
WORTH_A_WORD = 0.001  # crude differences below a tenth of a point are not worth a warning
UNEVEN = 0.05
Method = Literal["direct", "indirect"]
Verdict = Literal["worse", "better", "same"]


@dataclass(frozen=True)
class Compared:
    """One unit beside all others: ``late`` of ``parcels``, its crude and adjusted rate (the latter with 95 % limits), and what the
    strata say of its difference to the others. ``tells``: whether the difference is more than luck, all comparisons considered."""

    name: str
    late: int
    parcels: int
    crude: float
    adjusted: float
    low: float
    high: float
    against: Stratified
    tells: bool

    @property
    def simpson(self) -> bool:
        """Whether the crude difference misleads: turned round, or less than half is left at a like mix."""
        crude, adjusted = self.against.crude_difference, self.against.difference
        return abs(crude) >= WORTH_A_WORD and (crude * adjusted < 0 or abs(adjusted) < abs(crude) / 2)

    @property
    def uneven(self) -> bool:
        """Whether the difference is not the same in all strata, so that one number does not tell it."""
        return self.against.homogeneity_p is not None and self.against.homogeneity_p < UNEVEN

    @property
    def worse(self) -> bool:
        return self.tells and self.against.low > 0


@dataclass(frozen=True)
class Comparison:
    """``units``: highest crude rate first. ``dropped``: strata without any parcel of the others (band, day_type, remote, promise,
    parcels). ``small``: units with too few parcels. ``method``: how the adjusted rates were computed."""

    units: tuple[Compared, ...]
    dropped: pd.DataFrame
    small: tuple[str, ...]
    method: Method


def with_day_type(mix: pd.DataFrame, day_type: Callable[[date], str]) -> pd.DataFrame:
    """The mix with ``day_type`` of each day, no missing value in what makes a stratum, and numbers for ``stratum`` and ``wave``."""
    days = {day: day_type(pd.Timestamp(day).date()) for day in mix["day"].unique()}
    typed = mix.assign(
        day_type=mix["day"].map(days), remote=mix["remote"].fillna(False).astype(bool), promise=mix["promise"].fillna("unknown"),
    )
    return typed.assign(
        stratum=typed.groupby(STRATUM, dropna=False).ngroup(), wave=typed.groupby(["courier", "day", "band"], dropna=False).ngroup()
    )


def compare(mix: pd.DataFrame, by: str) -> Comparison | None:
    """Every unit of column ``by`` against the others together. ``mix``: see ``with_day_type``. None with fewer than two units of size."""
    units, found_names = pd.factorize(mix[by], sort=True)
    totals = np.bincount(units[units >= 0], mix["parcels"].to_numpy(dtype=float)[units >= 0], len(found_names))
    names = [str(name) for name in found_names[totals >= FEWEST]]
    small = tuple(str(name) for name in found_names[totals < FEWEST])
    place = np.append(np.where(totals >= FEWEST, np.cumsum(totals >= FEWEST) - 1, -1), -1)[units]
    known, units = mix[place >= 0], place[place >= 0]
    if len(names) < 2 or not known["late"].sum():
        return None
    strata = np.unique(known["stratum"].to_numpy(), return_inverse=True)[1]
    n, x = (_table(strata, units, known[column], len(names)) for column in ("parcels", "late"))
    parcels, late = n.sum(axis=1), x.sum(axis=1)
    shared = (n > 0).sum(axis=0) > 1
    dropped = _named(known, strata, ~shared)
    n, x = n[:, shared], x[:, shared]
    if not (n.sum(axis=1) > 0).all():
        return None
    waves = np.unique(known["wave"].to_numpy(), return_inverse=True)[1]
    in_waves, late_in_waves = (_table(waves, units, known[column], len(names)) for column in ("parcels", "late"))
    every = np.arange(len(names))
    deffs = [_deff(in_waves[every == unit], late_in_waves[every == unit]) for unit in every]
    method, rates = _adjusted(x, n, np.array(deffs))
    rest = [_deff(in_waves[every != unit], late_in_waves[every != unit]) for unit in every]
    against = [_against_others(x, n, int(unit), deffs[unit], rest[unit]) for unit in every]
    tells = discoveries([found.p for found in against])
    found = [
        Compared(name, int(late[unit]), int(parcels[unit]), float(late[unit] / parcels[unit]), *rates[unit], against[unit], tells[unit])
        for unit, name in enumerate(names)
    ]
    return Comparison(tuple(sorted(found, key=lambda unit: -unit.crude)), dropped, small, method)


def _table(strata: np.ndarray, units: np.ndarray, counts: pd.Series, many: int) -> np.ndarray:
    """Sums with units down and strata across."""
    across = int(strata.max()) + 1
    return np.bincount(units * across + strata, counts.to_numpy(dtype=float), many * across).reshape(many, across)


def _named(mix: pd.DataFrame, strata: np.ndarray, chosen: np.ndarray) -> pd.DataFrame:
    """The chosen strata by name, with their parcels."""
    return mix[chosen[strata]].groupby(STRATUM, as_index=False)["parcels"].sum()


def _deff(parcels: np.ndarray, late: np.ndarray) -> float:
    """How many times as uncertain the rate of some waves is; at least 1. Units down, waves across; what a unit sent in a wave is one
    group, for a van that comes for one outlet need not come for another."""
    sent = parcels > 0
    return design_effect(parcels[sent], late[sent])


def _adjusted(late: np.ndarray, parcels: np.ndarray, deffs: np.ndarray) -> tuple[Method, list[tuple[float, float, float]]]:
    """(rate, low, high) a unit. Directly where every cell is large enough, else by O/E: the pooled rate times observed over expected."""
    if (parcels >= FEWEST_IN_CELL).all():
        rates, errors = standardised(late, parcels)
        half = Z95 * errors * np.sqrt(deffs)
        return "direct", [(float(r), float(max(0.0, r - h)), float(min(1.0, r + h))) for r, h in zip(rates, half, strict=True)]
    pooled = late.sum() / parcels.sum()
    found = []
    for observed, expected, size, deff in zip(late.sum(axis=1), expected_late(late, parcels), parcels.sum(axis=1), deffs, strict=True):
        scale = pooled * size / expected if expected else 1.0  # turns the crude rate into the adjusted one
        low, high = wilson(observed / deff, size / deff)
        found.append((float(min(1.0, scale * observed / size)), float(min(1.0, scale * low)), float(min(1.0, scale * high))))
    return "indirect", found


def _against_others(late: np.ndarray, parcels: np.ndarray, unit: int, deff: float, others_deff: float) -> Stratified:
    """Each side is as uncertain as its own waves are: a van that missed one courier says nothing about how sure another's rate is. The two
    design effects are joined by the variance each side brings to the difference."""
    a, n1 = late[unit], parcels[unit]
    c, n0 = late.sum(axis=0) - a, parcels.sum(axis=0) - n1
    both = (n1 > 0) & (n0 > 0)
    own, other = (_variance(x[both].sum(), n[both].sum()) for x, n in ((a, n1), (c, n0)))
    joined = (own * deff + other * others_deff) / (own + other) if own + other else 1.0
    return stratified(a[both], n1[both], c[both], n0[both], joined)


def _variance(late: float, parcels: float) -> float:
    rate = late / parcels
    return rate * (1 - rate) / parcels


def by_band(mix: pd.DataFrame, courier: str) -> pd.DataFrame:
    """band, parcels, late, others, others_late: a courier and all others together, hour by hour. What a misleading comparison hides."""
    known = mix[mix["courier"].notna()]
    own = (known["courier"] == courier).to_numpy()
    counts = known[["parcels", "late"]].to_numpy()
    frame = pd.DataFrame({
        "band": known["band"].to_numpy(), "parcels": counts[:, 0] * own, "late": counts[:, 1] * own, "others": counts[:, 0] * ~own,
        "others_late": counts[:, 1] * ~own,
    })
    return frame.groupby("band", as_index=False).sum()


@dataclass(frozen=True)
class OutletCompared:
    """An outlet beside the other outlets of its courier. Parcels nobody scanned have no known outlet, and all of them were late:
    ``bounds`` is its late rate with none and with all of them. ``verdict``: worse only if so even were every unscanned parcel the
    others', better only if so even were they all its own."""

    courier: str
    unit: Compared
    unscanned: int
    bounds: tuple[float, float]
    verdict: Verdict

    @property
    def worse(self) -> bool:
        return self.verdict == "worse"


def compare_outlets(mix: pd.DataFrame) -> tuple[OutletCompared, ...]:
    """Outlets of every courier that has at least two of size; the surest differences first."""
    found: list[OutletCompared] = []
    for courier, part in mix.groupby("courier"):
        comparison = compare(part, "outlet")
        if comparison is None:
            continue
        lost = part[part["outlet"].isna()]
        unscanned = int(lost["parcels"].sum())
        for unit in comparison.units:
            high = (unit.late + int(lost["late"].sum())) / (unit.parcels + unscanned)
            found.append(OutletCompared(str(courier), unit, unscanned, (unit.crude, high), _verdict(part, unit)))
    return tuple(sorted(found, key=lambda outlet: (not outlet.worse, outlet.unit.against.p)))


def _verdict(part: pd.DataFrame, unit: Compared) -> Verdict:
    """What holds however the parcels without a known outlet are laid."""
    if unit.worse and (other := _laid(part, unit.name, mine=False)) is not None and other.against.low > 0:
        return "worse"
    if unit.tells and unit.against.high < 0 and (own := _laid(part, unit.name, mine=True)) is not None and own.against.high < 0:
        return "better"
    return "same"


def _laid(part: pd.DataFrame, outlet: str, *, mine: bool) -> Compared | None:
    """The outlet beside the others, with every parcel of no known outlet laid to it (``mine``) or to them."""
    own = (part["outlet"] == outlet) | (part["outlet"].isna() & mine)
    comparison = compare(part.assign(side=np.where(own, "own", "others")), "side")
    return next((unit for unit in comparison.units if unit.name == "own"), None) if comparison else None
