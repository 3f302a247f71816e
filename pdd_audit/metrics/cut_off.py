"""Until what hour uploading is safe, and what an earlier last hour would have changed on both clocks. Associations, not causes: parcels
clicked late may differ from those clicked early."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import beta

from pdd_audit.core.bands import BAND_NAMES, BANDS
from pdd_audit.metrics.intervals import wilson
from pdd_audit.metrics.live_risk import Curves
from pdd_audit.metrics.survival import Curve

Floats = NDArray[np.float64]

MIN_HOUR = 100  # parcels an hour needs to be judged by itself
PRIOR_STRENGTH = 50  # parcels' worth of the courier's own mean that a smaller hour is drawn towards
MORNING_HOUR = 9  # when parcels that were held back are uploaded
HOURS = 24
EARLIEST = 12  # the earliest last hour worth asking about; nobody stops uploading before noon


@dataclass(frozen=True)
class CutOff:
    """One courier (None: not known). ``hours``: hour, parcels, late, rate, low, high (95 %), shrunk (drawn towards the mean), missed
    (past the promise). ``recommended``: the latest hour such that it and all earlier ones keep the line. ``choices``: latest hour ->
    moved (parcels uploaded next morning instead), late, late_low, late_high, missed, broken (either clock), yuan; the last one is what
    happened. ``best``: the cheapest latest hour; None where the mornings cannot tell."""

    courier: str | None
    parcels: int
    hours: pd.DataFrame
    recommended: int | None
    choices: pd.DataFrame
    best: int | None


def cut_offs(table: pd.DataFrame, curves: Curves, line: float, limit_minutes: int) -> list[CutOff]:
    """``table``: the detail ``cutoff``; ``line``: the share of late parcels that is still accepted. Busiest courier first."""
    found = []
    for courier, rows in table.groupby("courier", dropna=False):
        name = None if pd.isna(courier) else str(courier)
        hours = hour_table(rows)
        morning = curves.narrowest(courier=name, band=band_at(MORNING_HOUR))
        choices = simulate(rows, morning, limit_minutes) if morning is not None else pd.DataFrame(columns=CHOICE_COLUMNS)
        found.append(CutOff(name, int(rows["parcels"].sum()), hours, recommended_hour(hours, line), choices, cheapest(choices)))
    return sorted(found, key=lambda one: -one.parcels)


def band_at(hour: int) -> str:
    """Name of the band an hour lies in."""
    return next(name for name, (_, end) in zip(BAND_NAMES, BANDS, strict=True) if hour < end)


def hour_table(rows: pd.DataFrame) -> pd.DataFrame:
    """``rows``: hour, parcels, late, missed. One row an hour with any parcels, with its share of late ones and 95 % limits: Wilson's, or
    in hours below ``MIN_HOUR`` those of a beta distribution that starts from the mean of all hours."""
    hours = rows.groupby("hour", as_index=False, sort=True)[["parcels", "late", "missed"]].sum()
    n, x = hours["parcels"].to_numpy(dtype=np.float64), hours["late"].to_numpy(dtype=np.float64)
    small = n < MIN_HOUR
    limits = np.array([wilson(hits, total) for hits, total in zip(x, n, strict=True)]).reshape(-1, 2)
    mean = (x.sum() + 0.5) / (n.sum() + 1)
    hits, misses = x + PRIOR_STRENGTH * mean, n - x + PRIOR_STRENGTH * (1 - mean)
    return hours.assign(
        rate=np.where(small, hits / (hits + misses), x / n),
        low=np.where(small, beta.ppf(0.025, hits, misses), limits[:, 0]),
        high=np.where(small, beta.ppf(0.975, hits, misses), limits[:, 1]),
        shrunk=small,
    )


def recommended_hour(hours: pd.DataFrame, line: float) -> int | None:
    """The latest hour such that it and all earlier hours have their upper limit at or below the line. Hours below ``MIN_HOUR`` are judged
    together with those after them; what is left at the end of the day is not judged at all. None if already the first hours fail."""
    last, n, x = None, 0, 0
    for hour, parcels, late in zip(hours["hour"], hours["parcels"], hours["late"], strict=True):
        n, x = n + int(parcels), x + int(late)
        if n < MIN_HOUR:
            continue
        if wilson(x, n)[1] > line:
            return last
        last, n, x = int(hour), 0, 0
    return last


CHOICE_COLUMNS = ["hour", "moved", "late", "late_low", "late_high", "missed", "broken", "yuan"]


def simulate(rows: pd.DataFrame, morning: Curve, limit_minutes: int) -> pd.DataFrame:
    """What would have come of every latest hour from ``EARLIEST`` on, if the parcels after it had been uploaded at ``MORNING_HOUR``
    the next day and collected as morning uploads are. ``rows``: the detail ``cutoff`` of one courier."""
    column = {name: rows[name].to_numpy(dtype=np.float64) for name in ("hour", "parcels", "late", "missed", "broken", "yuan")}
    n = column["parcels"]
    slack = (rows["promise_hours"].to_numpy(dtype=np.float64) - (HOURS + MORNING_HOUR)) * 60
    late, low, high = (np.full(len(rows), value) for value in at_limit(morning, limit_minutes))
    missed, broken = moved_chances(morning, slack, rows["asks"].to_numpy(dtype=bool), limit_minutes)
    per_parcel = column["yuan"] / n
    found = []
    for hour in range(EARLIEST, HOURS):
        moved = column["hour"] > hour
        stays = ~moved

        def total(as_it_was: Floats, instead: Floats, moved: NDArray[np.bool_] = moved, stays: NDArray[np.bool_] = stays) -> float:
            return float(as_it_was[stays].sum() + (n * instead)[moved].sum())

        found.append((
            hour, int(n[moved].sum()), total(column["late"], late), total(column["late"], low), total(column["late"], high),
            total(column["missed"], missed), total(column["broken"], broken), total(per_parcel * column["broken"], per_parcel * broken),
        ))
    return pd.DataFrame(found, columns=CHOICE_COLUMNS)


def at_limit(curve: Curve, limit_minutes: int) -> tuple[float, float, float]:
    """Share past the limit among parcels not refunded before, with its 95 % limits."""
    staying = 1 - float(curve.refunded[limit_minutes])
    return tuple(min(1.0, float(values[limit_minutes]) / staying) for values in (curve.share, curve.low, curve.high))  # type: ignore[return-value]  # three of them


def moved_chances(curve: Curve, slack_minutes: Floats, asks: NDArray[np.bool_], limit_minutes: int) -> tuple[Floats, Floats]:
    """Chances to miss the promise, and to break either clock, for uploads that follow ``curve`` with this much time left to their promise
    (nan: no promise; below 0: past already). ``asks``: the pickup counts for the promise too."""
    waiting = np.minimum(1.0, curve.share / np.maximum(1 - curve.refunded, 1e-12))
    past_limit = waiting[limit_minutes]
    left = np.nan_to_num(slack_minutes, nan=limit_minutes).clip(0, len(waiting) - 1).astype(np.int64)
    free = np.isnan(slack_minutes)
    too_late = ~free & (slack_minutes < 0)
    missed: Floats = np.where(too_late, 1.0, np.where(asks & ~free, waiting[left], 0.0))
    either: Floats = np.where(too_late, 1.0, np.where(asks & ~free, waiting[np.minimum(left, limit_minutes)], past_limit))
    return missed, either


def cheapest(choices: pd.DataFrame) -> int | None:
    """The latest hour with the least yuan, or with the fewest broken parcels where no amount is known; of equals the latest."""
    if choices.empty:
        return None
    cost = choices["yuan"] if choices["yuan"].max() > 0 else choices["broken"]
    return int(choices.loc[cost <= cost.min() + 1e-9, "hour"].max())
