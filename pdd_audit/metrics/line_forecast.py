"""Will the line be crossed? What is known, what is still open and what is yet to come, added up to one distribution."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, gammaln

from pdd_audit.metrics.intervals import MIN_VERDICT, Z95
from pdd_audit.metrics.poisson_binomial import poisson_binomial

Floats = NDArray[np.float64]

MIN_KNOWN = 200
MIN_DAYS = 14
REACH = 40.0
NEGLIGIBLE = 1e-14
_TINY = 1e-9


@dataclass(frozen=True)
class Outlook:
    """Late parcels of a window once all of it is settled. ``chances[i]``: chance of ``fewest`` + i of them, outside of which nothing
    noticeable lies; ``known``: parcels that can no longer change, ``known_missed`` of them late; ``expected_open`` and
    ``expected_future``: late ones expected among those still open and those yet to come; ``correlation``: of the parcels to come."""

    known_missed: int
    known: int
    open: int
    future: int
    fewest: int
    chances: Floats
    expected_open: float
    expected_future: float
    dispersion: float
    correlation: float

    @property
    def total(self) -> int:
        return self.known + self.open + self.future

    def allowed(self, line: float) -> int:
        """Late parcels the window may hold without crossing the line (a share in 0..1)."""
        return math.floor(line * self.total + _TINY)

    def crossing(self, line: float) -> float:
        """Chance that the line is crossed."""
        first = self.allowed(line) - self.fewest + 1
        return float(self.chances[max(first, 0) :].sum())

    def count_at(self, share: float) -> int:
        """The number of late parcels that is not exceeded with this chance."""
        return self.fewest + int(np.searchsorted(np.cumsum(self.chances), share - _TINY))


def outlook(known_missed: int, known: int, open_risks: Floats, future: int, dispersion: float, *, fresh: int = 0) -> Outlook:
    """``known_missed`` of ``known`` > 0 settled parcels; ``open_risks``: chance of being late, one each open parcel; ``future``: parcels
    yet to come; ``dispersion``: of the days, at least 1; ``fresh``: parcels already collected in time whose day is not over."""
    # No miss so far does not mean that none can come: half a parcel, as an unknowing prior would have it.
    rate = known_missed / known if known_missed else 0.5 / (known + 1)
    correlation = correlation_of(dispersion, known, future)
    ahead = _counts_worth_a_look(future, rate, correlation)
    from_open, open_now = _trimmed(poisson_binomial(open_risks))
    from_ahead, to_come = _trimmed(beta_binomial(ahead, future, rate, correlation))
    chances = np.convolve(open_now, to_come)
    return Outlook(
        known_missed, known + fresh, len(open_risks), future, known_missed + from_open + int(ahead[0]) + from_ahead,
        chances / chances.sum(), float(np.sum(open_risks)), future * rate, dispersion, correlation,
    )


def _counts_worth_a_look(size: int, mean: float, correlation: float) -> Floats:
    """Counts within ``REACH`` standard deviations of the expected one: a busy shop has millions of others that never happen."""
    spread = REACH * math.sqrt(size * mean * (1 - mean) * (1 + (size - 1) * correlation)) + REACH if size else 0.0
    return np.arange(max(0, math.floor(size * mean - spread)), min(size, math.ceil(size * mean + spread)) + 1, dtype=np.float64)


def _trimmed(chances: Floats) -> tuple[int, Floats]:
    """The first count that matters, and the chances from there to the last that does."""
    below, above = np.cumsum(chances), np.cumsum(chances[::-1])[::-1]
    first, last = int(np.searchsorted(below, NEGLIGIBLE)), int(np.flatnonzero(above > NEGLIGIBLE)[-1])
    return first, chances[first : last + 1]


def correlation_of(dispersion: float, known: int, future: int) -> float:
    """Correlation of future parcels that widens their number as days vary and as the known rate is uncertain; in 0..0.999."""
    if future < 2:
        return 0.0
    return min(max((dispersion * (1 + future / known) - 1) / (future - 1), 0.0), 0.999)


def beta_binomial(counts: Floats, size: int, mean: float, correlation: float) -> Floats:
    """Chances of ``counts`` among ``size`` with this mean share in (0, 1) and correlation in [0, 1)."""
    if size == 0:
        return np.asarray(counts == 0, dtype=np.float64)
    ways = gammaln(size + 1.0) - gammaln(counts + 1) - gammaln(size - counts + 1)
    if correlation <= 0 or mean >= 1:
        mean = min(mean, 1 - _TINY)
        logs = ways + counts * math.log(mean) + (size - counts) * math.log1p(-mean)
    else:
        strength = 1 / correlation - 1
        alpha, beta = mean * strength, (1 - mean) * strength
        logs = ways + betaln(counts + alpha, size - counts + beta) - betaln(alpha, beta)
    return np.asarray(np.exp(logs), dtype=np.float64)


def day_dispersion(missed: Floats, total: Floats) -> float | None:
    """How many times as much as chance alone days vary around their common rate, at least 1; None below ``MIN_DAYS`` days."""
    if len(total) < MIN_DAYS:
        return None
    rate = float(missed.sum() / total.sum())
    if rate in (0.0, 1.0):
        return 1.0
    return max(1.0, float(((missed - rate * total) ** 2 / (total * rate * (1 - rate))).sum()) / (len(total) - 1))


def clean_to_line(missed: int, total: int, line: float) -> int:
    """Parcels in time that must follow until the plain rate is at the line; 0 when it already is."""
    return max(0, math.ceil(missed / line - _TINY) - total)


def clean_to_pass(missed: int, total: int, line: float) -> int:
    """Parcels in time that must follow until the whole 95 % interval lies below the line; 0 when it already does."""
    z2 = Z95 * Z95
    half = (2 * missed * line + z2 * line * (1 - line)) / (2 * line * line)
    needed = math.ceil(half + math.sqrt(max(half * half - (missed / line) ** 2, 0.0)) - _TINY)
    return max(0, max(needed, MIN_VERDICT) - total)
