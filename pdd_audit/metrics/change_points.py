"""On which days the rate changed its level, by exact optimal partitioning (Killick, Fearnhead & Eckley 2012)."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PENALTY = 4.0
PENALTY_DEPENDENT = 6.0
SHORTEST = 5
MIN_DAYS = 20
MOST_DAYS = 400
DATE_DAYS = 2  # a change is dated to within this many days
DEPENDENT = 0.3  # day-to-day correlation above which ordinary swings look like changes


@dataclass(frozen=True)
class Level:
    """Days ``start``..``end`` - 1 at one rate: ``missed`` of ``total``."""

    start: int
    end: int
    missed: float
    total: float

    @property
    def rate(self) -> float:
        return self.missed / self.total


@dataclass(frozen=True)
class Levels:
    """The levels in order; a change lies between two. ``cost``: of these levels without the penalty.
    ``correlation``: of one day's deviation with the next, None where it cannot be told; ``weight``: c of the penalty c·ln(days)."""

    levels: tuple[Level, ...]
    noise: float
    penalty: float
    weight: float
    cost: float
    correlation: float | None

    @property
    def changes(self) -> tuple[int, ...]:
        """Position of the first day of every level but the first."""
        return tuple(level.start for level in self.levels[1:])


def find_levels(missed: Floats, total: Floats, weight: float = PENALTY, shortest: int = SHORTEST) -> Levels:
    """The cheapest partition of at most ``MOST_DAYS`` days into levels of at least ``shortest`` days. ``total`` > 0 on every day."""
    days = len(total)
    if not 2 <= days <= MOST_DAYS:
        raise ValueError(f"2 to {MOST_DAYS} days, not {days}")
    values, weights = _stabilised(missed, total)
    noise = _noise(values, weights)
    sums = [np.concatenate([[0.0], np.cumsum(part)]) for part in (weights, weights * values, weights * values**2)]
    penalty = weight * math.log(days)

    def cost(start: NDArray[np.int64] | int, end: int) -> Floats:
        w, wy, wyy = (part[end] - part[start] for part in sums)
        return np.asarray(np.maximum(wyy - wy**2 / w, 0.0) / noise**2)

    best, last = np.full(days + 1, np.inf), np.zeros(days + 1, dtype=np.int64)
    best[0] = -penalty
    for end in range(min(shortest, days), days + 1):
        starts = np.arange(max(end - shortest, 0) + 1)
        totals = best[starts] + cost(starts, end) + penalty
        last[end] = int(np.argmin(totals))
        best[end] = totals[last[end]]
    ends = [days]
    while last[ends[-1]]:
        ends.append(int(last[ends[-1]]))
    bounds = [0, *reversed(ends)]
    levels = tuple(
        Level(a, b, float(missed[a:b].sum()), float(total[a:b].sum())) for a, b in pairwise(bounds)
    )
    return Levels(
        levels, noise, penalty, weight, cost=sum(float(cost(level.start, level.end)) for level in levels),
        correlation=_correlation(values, weights, levels),
    )


def find_changes(missed: Floats, total: Floats) -> Levels:
    """The levels of the newest ``MOST_DAYS`` days. Where days depend on each other, only changes that pay the higher penalty count.

    The dependence is judged by the stricter partition: the looser one would explain it away by changes.
    """
    missed, total = missed[-MOST_DAYS:], total[-MOST_DAYS:]
    strict = find_levels(missed, total, PENALTY_DEPENDENT)
    if strict.correlation is not None and strict.correlation > DEPENDENT:
        return strict
    return find_levels(missed, total)


def _stabilised(missed: Floats, total: Floats) -> tuple[Floats, Floats]:
    """Arcsine of the root of the rate, whose variance is 1 / weight whatever the rate."""
    return np.arcsin(np.sqrt((missed + 0.375) / (total + 0.75))), 4 * (total + 0.5)


def _noise(values: Floats, weights: Floats) -> float:
    """How many times as much as chance alone neighbouring days differ; at least 1."""
    steps = np.abs(np.diff(values)) / np.sqrt(1 / weights[1:] + 1 / weights[:-1])
    return max(1.0, float(np.median(steps)) / 0.674490)


def _correlation(values: Floats, weights: Floats, levels: tuple[Level, ...]) -> float | None:
    residual = np.empty(len(values))
    for level in levels:
        inside = slice(level.start, level.end)
        residual[inside] = (values[inside] - np.average(values[inside], weights=weights[inside])) * np.sqrt(weights[inside])
    spread = float((residual**2).sum())
    return None if spread <= 0 or len(values) < 3 else float((residual[1:] * residual[:-1]).sum()) / spread
