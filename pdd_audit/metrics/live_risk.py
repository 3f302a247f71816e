"""What an open parcel's chances are, and how many will be late by an hour: waiting so far counts, and who usually collects when.

The chance of a parcel open at age a with its deadline at age d is S(d) / S(a), S the all-cause curve of parcels like it: a refund ends
the waiting too. "Like it" is the narrowest of courier x band x day type, courier x band, band, shop that has a valid curve.
"""

import math
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from pdd_audit.core.tables import LAST_MINUTE
from pdd_audit.metrics.poisson_binomial import poisson_binomial
from pdd_audit.metrics.survival import MIN_AT_RISK, Curve, survival_curve
from pdd_audit.metrics.survival import Counts as Leaving

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

LADDER: tuple[tuple[str, ...], ...] = (("courier", "band", "day_type"), ("courier", "band"), ("band",), ())
MIN_STRATUM = 100
HORIZONS = (18, 20, 24)  # hours of the day by which people ask
LEVELS = (0.05, 0.95)
NOTHING = 1e-12  # probability that is left out at the ends of a distribution


class Curves:
    """Curves of ``waits`` (courier, band, day_type, kind, minute, parcels), each computed when first asked for."""

    def __init__(self, waits: pd.DataFrame, limit_minutes: int) -> None:
        self._waits = waits
        self._limit = limit_minutes
        self._kind = waits["kind"].to_numpy()
        self._minute = waits["minute"].to_numpy(dtype=np.int64)
        self._parcels = waits["parcels"].to_numpy(dtype=np.float64)
        self._rows: dict[tuple[str, ...], dict[tuple[object, ...], NDArray[np.intp]]] = {}
        self._known: dict[tuple[object, ...], Curve | None] = {}

    def narrowest(self, **place: str | None) -> Curve | None:
        """The curve of the narrowest stratum a place belongs to, None where even the whole shop has too few."""
        for level in LADDER:
            key = tuple(place.get(name) for name in level)
            found = None if any(pd.isna(part) for part in key) else self.of(level, key)
            if found is not None:
                return found
        return None

    def of(self, level: tuple[str, ...], key: tuple[object, ...]) -> Curve | None:
        """The curve of one stratum, None below the minimum."""
        asked = (*level, *key)
        if asked not in self._known:
            self._known[asked] = self._valid(self._split(level).get(key, np.array([], dtype=np.intp)))
        return self._known[asked]

    def _split(self, level: tuple[str, ...]) -> dict[tuple[object, ...], NDArray[np.intp]]:
        if level not in self._rows:
            if not level:
                self._rows[level] = {(): np.arange(len(self._waits))}
            else:
                found = self._waits.groupby(list(level), sort=False).indices
                self._rows[level] = {key if isinstance(key, tuple) else (key,): rows for key, rows in found.items()}
        return self._rows[level]

    def _valid(self, rows: NDArray[np.intp]) -> Curve | None:
        if self._parcels[rows].sum() < MIN_STRATUM:
            return None
        kind, minute, parcels = self._kind[rows], self._minute[rows], self._parcels[rows]
        events, refunds, waiting = (
            np.bincount(minute, weights=np.where(kind == name, parcels, 0.0), minlength=LAST_MINUTE + 1).astype(np.float64)
            for name in ("event", "refund", "open")
        )
        curve = survival_curve(Leaving(events, refunds, waiting), refunds_end_waiting=True)
        return curve if curve.at_risk[self._limit] >= MIN_AT_RISK else None


def chances(open_parcels: pd.DataFrame, curves: Curves) -> Floats:
    """q of each row of ``open_parcels`` (courier, band, day_type, age_minute, left_minute); nan for those late already, and where no
    stratum has a valid curve."""
    out = np.full(len(open_parcels), np.nan)
    frame = open_parcels.reset_index(drop=True)
    ahead = frame[frame["left_minute"] > 0]
    for (courier, band, kind_of_day), rows in ahead.groupby(["courier", "band", "day_type"], dropna=False):
        found = curves.narrowest(courier=courier, band=band, day_type=kind_of_day)
        if found is not None:
            age = rows["age_minute"].to_numpy(dtype=np.int64)
            out[rows.index] = chance(found, age, age + rows["left_minute"].to_numpy(dtype=np.int64))
    return out


def chance(curve: Curve, age: NDArray[np.int64], due: NDArray[np.int64]) -> Floats:
    """S(due) / S(age) for ages below their deadline, in whole minutes."""
    q: Floats = curve.share[due] / curve.share[age]
    return np.clip(q, 0.0, 1.0)


@dataclass(frozen=True)
class Forecast:
    """How many of ``parcels`` will be late: expected, standard deviation, 5-95 % band, and what it is expected to cost in yuan."""

    parcels: int
    expected: float
    sd: float
    low: float
    high: float
    yuan: float


NOBODY = Forecast(0, 0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Spread:
    """A distribution of counts without its empty ends: ``pmf`` of first, first + 1, ..."""

    first: int
    pmf: Floats

    def plus(self, other: "Spread") -> "Spread":
        """The distribution of the sum of two independent counts."""
        return trimmed(self.first + other.first, fftconvolve(self.pmf, other.pmf))

    def point(self, level: float) -> int:
        """The least count not exceeded with this probability."""
        return self.first + int(np.searchsorted(self.pmf.cumsum(), level - 1e-9))


def trimmed(first: int, pmf: Floats) -> Spread:
    """Ends that hold less than 1e-12 left out: of 80,000 parcels a few hundred counts remain."""
    below, above = pmf.cumsum(), pmf[::-1].cumsum()
    start, end = int(np.searchsorted(below, NOTHING)), len(pmf) - int(np.searchsorted(above, NOTHING))
    return Spread(first + start, np.clip(pmf[start:end], 0, None))


def forecast(q: Floats, parcels: Counts, yuan: Floats, dispersion: float = 1.0) -> Forecast:
    """``q``: chances, shape (k,); ``parcels``: how many have each; ``yuan``: at stake for all of a row. ``dispersion`` widens the band by
    its root, because the parcels of one van share their fate."""
    return _forecast(trimmed(0, poisson_binomial(q, parcels)), _Sums.of(q, parcels, yuan), dispersion)


@dataclass(frozen=True)
class _Sums:
    parcels: int = 0
    expected: float = 0.0
    variance: float = 0.0
    yuan: float = 0.0

    @classmethod
    def of(cls, q: Floats, parcels: Counts, yuan: Floats) -> "_Sums":
        return cls(int(parcels.sum()), float((q * parcels).sum()), float((q * (1 - q) * parcels).sum()), float((q * yuan).sum()))

    def plus(self, other: "_Sums") -> "_Sums":
        return _Sums(
            self.parcels + other.parcels, self.expected + other.expected, self.variance + other.variance, self.yuan + other.yuan
        )


def _forecast(spread: Spread, sums: _Sums, dispersion: float) -> Forecast:
    low, high = band_of(spread, sums.expected, sums.parcels, dispersion)
    return Forecast(sums.parcels, sums.expected, float(np.sqrt(sums.variance)), low, high, sums.yuan)


def band_of(spread: Spread, expected: float, parcels: int, dispersion: float) -> tuple[float, float]:
    """5 % and 95 % points of a distribution, their distance from the mean times the root of the dispersion, within 0..parcels."""
    low, high = (spread.point(level) for level in LEVELS)
    wide = float(np.sqrt(max(1.0, dispersion)))
    return max(0.0, expected - (expected - low) * wide), min(float(parcels), expected + (high - expected) * wide)


def horizons(as_of: datetime) -> list[datetime]:
    """The next 18:00, 20:00 and 24:00, soonest first; one that has passed today is tomorrow's."""
    midnight = datetime.combine(as_of.date(), time())
    found = [midnight + timedelta(hours=hour) for hour in HORIZONS]
    return sorted(moment if moment > as_of else moment + timedelta(days=1) for moment in found)


@dataclass(frozen=True)
class Hourly:
    """The forecast by the end of each coming hour. ``hours``: at, due (parcels whose deadline has come by then), expected, low, high,
    yuan. ``named``: those of ``horizons``. ``unknown``: parcels at risk without a valid curve, in no forecast."""

    hours: pd.DataFrame
    named: dict[datetime, Forecast]
    unknown: int


def by_hour(open_parcels: pd.DataFrame, q: Floats, as_of: datetime, dispersion: float = 1.0) -> Hourly:
    """``open_parcels``: left_minute, parcels, yuan; ``q``: their chances. The last hour holds every deadline."""
    left = open_parcels["left_minute"].to_numpy(dtype=np.int64)
    parcels = open_parcels["parcels"].to_numpy(dtype=np.int64)
    yuan = open_parcels["yuan"].to_numpy(dtype=np.float64)
    known = ~np.isnan(q) & (left > 0)
    moments = _hours(as_of, int(left.max(initial=0)))
    ends = np.array([(moment - as_of) // timedelta(minutes=1) for moment in moments])
    hour = np.searchsorted(ends, left)
    sure, sums, rows = Spread(0, np.ones(1)), _Sums(), []
    for place, moment in enumerate(moments):
        due = known & (hour == place)
        if due.any():
            sure = sure.plus(trimmed(0, poisson_binomial(q[due], parcels[due])))
            sums = sums.plus(_Sums.of(q[due], parcels[due], yuan[due]))
        rows.append((moment, _forecast(sure, sums, dispersion)))
    named = {moment: next((found for at, found in reversed(rows) if at <= moment), NOBODY) for moment in horizons(as_of)}
    table = pd.DataFrame(
        [(at, found.parcels, found.expected, found.low, found.high, found.yuan) for at, found in rows],
        columns=["at", "due", "expected", "low", "high", "yuan"],
    )
    return Hourly(table, named, int(parcels[~known & (left > 0)].sum()))


def _hours(as_of: datetime, last_minute: int) -> list[datetime]:
    """Now, and every full hour until the last deadline."""
    if last_minute <= 0:
        return []
    first = as_of.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    end = as_of + timedelta(minutes=last_minute)
    return [as_of, *(first + timedelta(hours=step) for step in range(math.ceil((end - first) / timedelta(hours=1)) + 1))]
