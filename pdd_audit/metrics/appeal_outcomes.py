"""What appeals came to: win rates by reason, and which evidence goes with winning. Few cases say little, and then that is what is said."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pdd_audit.core.measurement import Estimate
from pdd_audit.metrics.intervals import share
from pdd_audit.metrics.shrinkage import prior_of, shrunk

FEWEST_DECIDED = 5  # cases below which no chance is named
FEWEST_EACH = 5  # cases with a piece of evidence, and without it, before the two are compared


@dataclass(frozen=True)
class Outcome:
    """One decided case: a batch shares its fate and counts once. ``evidence``: kinds that were handed in."""

    reason: str
    won: bool
    evidence: frozenset[str]
    yuan: float
    yuan_back: float


@dataclass(frozen=True)
class Chance:
    """How likely a case of one reason is to win, drawn towards the shop's other reasons as far as luck explains their differences; 90 %
    interval. ``decided``: cases of that reason."""

    value: float
    low: float
    high: float
    decided: int


@dataclass(frozen=True)
class WinRate:
    """Won of decided cases, 95 % Wilson."""

    name: str
    won: int
    decided: int
    rate: Estimate


@dataclass(frozen=True)
class Worth:
    """Cases with a piece of evidence against those without it. ``difference`` of their win rates with its 95 % interval (Newcombe);
    None: too few on one side."""

    evidence: str
    with_it: WinRate
    without: WinRate
    difference: Estimate | None

    @property
    def verdict(self) -> str:
        """helps, hurts, cannot_tell, or too_few."""
        if self.difference is None or self.difference.low is None or self.difference.high is None:
            return "too_few"
        return "helps" if self.difference.low > 0 else "hurts" if self.difference.high < 0 else "cannot_tell"


def win_rates(outcomes: Sequence[Outcome]) -> list[WinRate]:
    """By reason, most decided cases first."""
    reasons = sorted({one.reason for one in outcomes})
    rates = [_rate(reason, [one for one in outcomes if one.reason == reason]) for reason in reasons]
    return sorted(rates, key=lambda rate: (-rate.decided, rate.name))


def overall(outcomes: Sequence[Outcome]) -> WinRate:
    return _rate("all", outcomes)


def _rate(name: str, outcomes: Sequence[Outcome]) -> WinRate:
    won = sum(one.won for one in outcomes)
    return WinRate(name, won, len(outcomes), share(won, len(outcomes)))


def chances(outcomes: Sequence[Outcome], reasons: Sequence[str]) -> dict[str, Chance]:
    """Chance of each reason, those never tried included; empty while fewer than ``FEWEST_DECIDED`` cases are decided."""
    if len(outcomes) < FEWEST_DECIDED:
        return {}
    rates = {rate.name: rate for rate in win_rates(outcomes)}
    tried = list(rates.values())
    prior = prior_of(np.array([rate.won for rate in tried]), np.array([rate.decided for rate in tried]))
    units = pd.DataFrame({
        "name": list(reasons), "late": [rates[name].won if name in rates else 0 for name in reasons],
        "parcels": [rates[name].decided if name in rates else 0 for name in reasons],
    })
    with np.errstate(invalid="ignore"):  # of a reason nobody has tried there is no raw rate
        found = shrunk(units, 0.5, prior)
    return {
        str(row.name): Chance(float(row.shrunk), float(row.low), float(row.high), int(row.parcels))
        for row in found[["name", "shrunk", "low", "high", "parcels"]].itertuples(index=False)
    }


def worth_collecting(outcomes: Sequence[Outcome], evidence: Sequence[str]) -> list[Worth]:
    """Of each kind of evidence that was handed in at least once, in the order of ``evidence``. It goes with winning; whether it is the
    cause, the cases do not tell."""
    found = []
    for name in evidence:
        having = [one for one in outcomes if name in one.evidence]
        lacking = [one for one in outcomes if name not in one.evidence]
        if having:
            with_it, without = _rate(name, having), _rate(name, lacking)
            enough = min(len(having), len(lacking)) >= FEWEST_EACH
            found.append(Worth(name, with_it, without, _difference(with_it.rate, without.rate) if enough else None))
    return found


def _difference(one: Estimate, other: Estimate) -> Estimate:
    """Newcombe 1998, method 10."""
    assert one.value is not None and one.low is not None and one.high is not None, "counted"
    assert other.value is not None and other.low is not None and other.high is not None, "counted"
    gap = one.value - other.value
    low = gap - float(np.hypot(one.value - one.low, other.high - other.value))
    high = gap + float(np.hypot(one.high - one.value, other.value - other.low))
    return Estimate(value=gap, n=one.n + other.n, low=low, high=high)
