"""Vans that came and vans that did not. A wave is one courier's parcels of one day and one band of upload hours: the key
never uses the outcome, so a parcel nobody scanned still belongs to its wave."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from pdd_audit.core.bands import BAND_NAMES, BANDS
from pdd_audit.core.measurement import Estimate, Measurement
from pdd_audit.core.tables import CompactTables
from pdd_audit.metrics.bias import bias_of
from pdd_audit.metrics.intervals import share, wilson
from pdd_audit.metrics.registry import metric

MISSED_SHARE = 0.30
MISSED_MIN = 5
MIN_WAVES = 10
MIN_WAVE_PARCELS = 5
_WAVE = ["courier", "day", "band"]


def band_of(hour: pd.Series) -> pd.Series:
    """Name of the band an upload hour falls in."""
    edges = [start for start, _ in BANDS] + [24]
    return pd.Series(pd.cut(hour, edges, right=False, labels=list(BAND_NAMES)), index=hour.index).astype(str)


def wave_table(cells: pd.DataFrame) -> pd.DataFrame:
    """One row a wave: courier, day, band, parcels (mature, not refunded in time), late, stopped (the courier did not collect that day, so
    its van was not missed), missed."""
    if cells.empty:
        return pd.DataFrame(columns=["courier", "day", "band", "parcels", "late", "stopped", "missed"])
    waves = cells.assign(band=band_of(cells["hour"]), parcels=cells["mature"] - cells["refunded"])
    grouped = waves.groupby(["courier", "day", "band"], as_index=False, sort=True, dropna=False).agg(
        parcels=("parcels", "sum"), late=("late", "sum"), stopped=("stopped", "any")
    )
    grouped = grouped[grouped["parcels"] > 0]
    many = (grouped["late"] >= MISSED_MIN) & (grouped["late"] >= MISSED_SHARE * grouped["parcels"])
    grouped["missed"] = many & ~grouped["stopped"]
    return grouped.reset_index(drop=True)


def _poolable(waves: pd.DataFrame) -> pd.DataFrame:
    """Waves for the interval: those below the minimum become one wave a day."""
    small = (waves["parcels"] < MIN_WAVE_PARCELS) & ~waves["stopped"].astype(bool)
    pooled = waves[small].groupby("day", as_index=False)[["parcels", "late"]].sum()
    pooled["missed"] = (pooled["late"] >= MISSED_MIN) & (pooled["late"] >= MISSED_SHARE * pooled["parcels"])
    columns = ["parcels", "late", "missed"]
    return pd.concat([waves.loc[~small, columns], pooled[columns]], ignore_index=True)


@dataclass(frozen=True)
class TwoPart:
    """A late rate split into missed vans and scattered parcels, each with its own uncertainty."""

    rate: float
    low: float
    high: float
    n: int
    missed_late: int
    missed_waves: int


def two_part(parcels: np.ndarray, late: np.ndarray, missed: np.ndarray, scale: float = 1.0) -> TwoPart:
    """Late rate of waves with an interval that survives whole vans not coming.

    ``parcels``, ``late``: counts per wave; ``missed``: bool per wave. ``scale`` asks "and with this many times as many waves?".
    Missed part: share of parcels in missed waves by Wilson on the effective number of waves. Scattered part: Wilson with the
    design effect of the remaining waves. The two are joined by recovered limits (Zou & Donner 2008).
    """
    total = float(parcels.sum())
    effective_waves = total**2 / float((parcels.astype(float) ** 2).sum()) * scale
    in_missed = float(parcels[missed].sum())
    pi = in_missed / total
    pi_low, pi_high = wilson(pi * effective_waves, effective_waves)
    part_missed = float(late[missed].sum()) / total
    if in_missed:
        missed_low, missed_high = part_missed * pi_low / pi, part_missed * pi_high / pi
    else:
        missed_low, missed_high = 0.0, pi_high  # a missed van may take all its parcels with it until history says less
    rest, rest_late = parcels[~missed].astype(float), late[~missed].astype(float)
    scattered = float(rest_late.sum()) / total
    deff = design_effect(rest, rest_late)
    if rest.sum() > 0:
        low, high = wilson(rest_late.sum() * scale / deff, rest.sum() * scale / deff)
        rest_low, rest_high = low * rest.sum() / total, high * rest.sum() / total
    else:
        rest_low = rest_high = 0.0
    rate = part_missed + scattered
    return TwoPart(
        rate=rate,
        low=max(0.0, rate - math.hypot(part_missed - missed_low, scattered - rest_low)),
        high=min(1.0, rate + math.hypot(missed_high - part_missed, rest_high - scattered)),
        n=round(total), missed_late=int(late[missed].sum()), missed_waves=int(missed.sum()),
    )


def design_effect(parcels: np.ndarray, late: np.ndarray) -> float:
    """How many times as uncertain the rate is because parcels of one wave share their fate; at least 1."""
    total, groups = float(parcels.sum()), len(parcels)
    if groups < 2 or total == 0:
        return 1.0
    rate = float(late.sum()) / total
    if rate in (0.0, 1.0):
        return 1.0
    variance = groups / (groups - 1) * float(((late - rate * parcels) ** 2).sum()) / total**2
    return max(1.0, variance / (rate * (1 - rate) / total))


def rate_with_waves(cells: pd.DataFrame) -> TwoPart | None:
    """The two-part rate of a table of cells; None below the minimum number of waves."""
    waves = _poolable(wave_table(cells))
    if len(waves) < MIN_WAVES:
        return None
    return two_part(waves["parcels"].to_numpy(), waves["late"].to_numpy(), waves["missed"].to_numpy(dtype=bool))


def more_parcels_needed(cells: pd.DataFrame, line: float) -> int | None:
    """How many more parcels, at unchanged shares, until the two-part interval clears the line; None if not within 1,000 times as many."""
    waves = _poolable(wave_table(cells))
    if len(waves) < MIN_WAVES:
        return None
    arrays = (waves["parcels"].to_numpy(), waves["late"].to_numpy(), waves["missed"].to_numpy(dtype=bool))

    def decided(scale: float) -> bool:
        result = two_part(*arrays, scale=scale)
        return result.high <= line or result.low > line

    if decided(1.0):
        return 0
    low, high = 1.0, 2.0
    while not decided(high):
        low, high = high, high * 2
        if high > 1000:
            return None
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if decided(middle) else (middle, high)
    return math.ceil((high - 1) * float(arrays[0].sum()))


@metric(unit="ratio", better="higher")
def wave_kept_ratio(tables: CompactTables) -> Measurement:
    """Share of waves (one courier, day and band of upload hours, at least five mature parcels) in which the van was not missed."""
    waves = wave_table(tables.cells)
    waves = waves[waves["parcels"] >= MIN_WAVE_PARCELS]
    if waves.empty:
        return Measurement(value=None, reason="no_data")
    estimate: Estimate = share(int((~waves["missed"].astype(bool)).sum()), len(waves))
    return Measurement(value=estimate.value, n=estimate.n, low=estimate.low, high=estimate.high,
                       reason=bias_of(tables) or ("too_early" if estimate.n < MIN_WAVES else None), mature_until=tables.mature_until)


@dataclass(frozen=True)
class ClusterRobust:
    """A late rate when parcels of one wave share their fate. ``se``: its standard error; ``deff``: how many times as uncertain as single
    parcels; ``effective``: as many independent parcels would tell as much; ``low``, ``high``: Wilson on those; ``within``: correlation of
    two parcels of one wave (0: none, 1: all or none; analysis of variance)."""

    rate: float
    se: float
    deff: float
    effective: float
    low: float
    high: float
    within: float


def cluster_robust(parcels: np.ndarray, late: np.ndarray) -> ClusterRobust:
    """The cross-check of ``two_part``. Counts per wave: at least two waves, with late parcels and others."""
    n, x = np.asarray(parcels, dtype=float), np.asarray(late, dtype=float)
    total, hits, groups = float(n.sum()), float(x.sum()), len(n)
    rate = hits / total
    variance = groups / (groups - 1) * float(((x - rate * n) ** 2).sum()) / total**2
    deff = max(1.0, variance / (rate * (1 - rate) / total))
    low, high = wilson(hits / deff, total / deff)
    return ClusterRobust(rate, math.sqrt(variance), deff, total / deff, low, high, _within(n, x, rate))


def _within(n: np.ndarray, x: np.ndarray, rate: float) -> float:
    """Intra-wave correlation by analysis of variance."""
    total, groups = float(n.sum()), len(n)
    between = float((n * (x / n - rate) ** 2).sum()) / (groups - 1)
    inside = float((x * (1 - x / n)).sum()) / (total - groups)
    usual = (total - float((n**2).sum()) / total) / (groups - 1)
    return (between - inside) / (between + (usual - 1) * inside)


@dataclass(frozen=True)
class MissedVan:
    """Missed waves of one courier that follow each other on one day: one van that did not come. ``start``, ``end``: hours of upload,
    the end not included. ``outlet``: the one that most of its parcels with a known outlet belong to, if they are most of them."""

    courier: str | None
    outlet: str | None
    day: date
    start: int
    end: int
    parcels: int
    late: int


@dataclass(frozen=True)
class Split:
    """``late`` = those of missed vans + ``scattered``. ``bad_days``: distinct days with a missed van; ``waves``: all waves, each with
    courier, day, band, parcels, late, stopped (nobody could be expected to collect) and missed."""

    late: int
    scattered: int
    vans: tuple[MissedVan, ...]
    bad_days: int
    waves: pd.DataFrame

    @property
    def in_vans(self) -> int:
        return self.late - self.scattered


def split_waves(
    mix: pd.DataFrame, stopped: Callable[[str | None, str | None, date], bool] = lambda *_: False, whole: pd.DataFrame | None = None
) -> Split:
    """Late parcels in missed vans and scattered ones, worst van first. ``mix``: courier, outlet, day, band, parcels, late
    (``core.details``). ``stopped``: whether a courier did not work on a day; such a wave is listed and not missed. ``whole``: the waves
    of all parcels, where ``mix`` holds a part of them: whether a van came is not a question of the part one looks at."""
    waves = mix.groupby(_WAVE, as_index=False, dropna=False, sort=True)[["parcels", "late"]].sum()
    waves = waves[waves["parcels"] > 0].reset_index(drop=True)
    if whole is None:
        days = pd.to_datetime(waves["day"]).dt.date
        off = [stopped(None if pd.isna(courier) else str(courier), None, day) for courier, day in zip(waves["courier"], days, strict=True)]
        waves["stopped"] = np.array(off, dtype=bool)
        waves["missed"] = ~waves["stopped"] & (waves["late"] >= MISSED_MIN) & (waves["late"] >= MISSED_SHARE * waves["parcels"])
    else:
        waves = waves.merge(whole[[*_WAVE, "stopped", "missed"]], on=_WAVE, how="left")
        waves[["stopped", "missed"]] = waves[["stopped", "missed"]].eq(True)
    vans = sorted(_vans(mix, waves), key=lambda van: (-van.late, van.day, str(van.courier)))
    late = int(waves["late"].sum())
    return Split(late, late - sum(van.late for van in vans), tuple(vans), len({van.day for van in vans}), waves)


def _vans(mix: pd.DataFrame, waves: pd.DataFrame) -> Iterator[MissedVan]:
    """Missed waves next to each other in the order of the day, joined; a wave that was collected between two of them parts them."""
    place = waves.groupby(["courier", "day"], dropna=False, sort=False).ngroup()
    run = (waves["missed"].ne(waves["missed"].shift()) | place.ne(place.shift())).cumsum()
    for _run, part in waves[waves["missed"]].groupby(run, sort=False):
        first = part.iloc[0]
        same = mix["courier"].isna() if pd.isna(first["courier"]) else mix["courier"] == first["courier"]
        own = mix[same & (mix["day"] == first["day"]) & mix["band"].isin(part["band"])]
        hours = [BANDS[BAND_NAMES.index(str(band))] for band in part["band"]]
        yield MissedVan(
            None if pd.isna(first["courier"]) else str(first["courier"]), _most_of(own), pd.Timestamp(first["day"]).date(),
            min(start for start, _ in hours), max(end for _, end in hours), int(part["parcels"].sum()), int(part["late"].sum()),
        )


def _most_of(parcels: pd.DataFrame) -> str | None:
    """The outlet that holds more than half of all these parcels."""
    held = parcels.groupby("outlet")["parcels"].sum()
    return str(held.idxmax()) if len(held) and 2 * held.max() > parcels["parcels"].sum() else None
