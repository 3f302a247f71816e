"""Limits within which days vary by themselves, and the days that leave them.

Laney's p' chart for daily shares (Laney 2002), the XmR chart for daily figures without a denominator, the g-chart where misses are
too few for a daily share. Limits come from a baseline fixed beforehand and stay until it is chosen anew.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rule = Literal["above", "below", "run_above", "run_below"]

MIN_BASELINE_DAYS = 14
MAX_BASELINE_DAYS = 28
MIN_EXPECTED = 5.0  # misses a day of the baseline
MIN_XMR_DAYS = 12
MIN_BASELINE_MISSES = 10
RUN = 8
MEAN_RANGE_OF_TWO = 1.128  # expected distance of two standard normal values
XMR_FACTOR = 2.66
FAR = 0.00135  # chance of a point beyond a 3-sigma limit
MEDIAN_RANGE_OF_TWO = 0.954  # median distance of two standard normal values
FAR_SIGMAS = 5.0  # a day of the baseline that far away is no ordinary day; nearer ones stay, or the limits would grow too narrow
STEADY_VOLUME = 3.0  # most to least cases a day up to which the XmR chart of a share is fair


@dataclass(frozen=True)
class Signal:
    """What one point says. ``position``: of the point that fired; ``since``: where its run began; ``rule``: beyond the ``above`` or
    ``below`` limit, or the eighth point in a row on one side of the centre."""

    position: int
    since: int
    rule: Rule


@dataclass(frozen=True)
class Limits:
    """A chart's lines, one value a point. ``sigma_z``: how many times as much as chance alone the days vary (p' chart only);
    ``baseline``: which points the lines come from; ``mean_range``: of the baseline's moving ranges (XmR only)."""

    method: Literal["p_prime", "xmr", "g"]
    centre: float
    low: Floats
    high: Floats
    baseline: Bools
    sigma_z: float | None = None
    mean_range: float | None = None


def baseline_days(usable: Bools, longest: int = MAX_BASELINE_DAYS) -> Bools:
    """The first ``longest`` usable days; fewer where there are fewer. ``usable``: settled and ordinary."""
    return np.asarray(usable & (np.cumsum(usable) <= longest))


def expected_misses(missed: Floats, total: Floats, baseline: Bools) -> float:
    """Misses expected on a day of the baseline; 0 without any day."""
    return float(missed[baseline].sum() / baseline.sum()) if baseline.any() and total[baseline].sum() > 0 else 0.0


def laney_limits(missed: Floats, total: Floats, baseline: Bools) -> Limits:
    """Limits of the p' chart for every day. ``missed`` of ``total`` > 0 a day; ``baseline``: at least two days."""
    centre = float(missed[baseline].sum() / total[baseline].sum())
    sigma = np.sqrt(centre * (1 - centre) / total)
    if centre in (0.0, 1.0):
        return Limits("p_prime", centre, np.full(len(total), centre), np.full(len(total), centre), baseline, sigma_z=1.0)
    z = (missed / total - centre) / sigma
    sigma_z = float(np.abs(np.diff(z[baseline])).mean()) / MEAN_RANGE_OF_TWO
    half = 3 * sigma * max(1.0, sigma_z)
    return Limits("p_prime", centre, np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0), baseline, sigma_z=sigma_z)


def widened_for_skew(limits: Limits, total: Floats) -> Limits:
    """The same p' chart with its upper limit raised where the root scale asks for it.

    Shares near zero vary upwards more than downwards: with day-to-day swings of 0.35 on the logit, symmetric limits accuse up to 2 % of
    ordinary days. The lower limit stays.
    """
    half = 3 * max(1.0, limits.sigma_z or 1.0) / (2 * np.sqrt(total))
    rooted = np.sin(np.minimum(np.arcsin(math.sqrt(limits.centre)) + half, math.pi / 2)) ** 2
    return replace(limits, high=np.maximum(limits.high, rooted) if 0 < limits.centre < 1 else limits.high)


def share_limits(missed: Floats, total: Floats, baseline: Bools) -> Limits:
    """The lines a chart of daily shares is read by: without the far days of the baseline, and with room for skew."""
    ordinary = without_far_days(missed, total, baseline)
    if missed[ordinary].sum() == 0 or ordinary.sum() < 2:
        ordinary = baseline
    return widened_for_skew(laney_limits(missed, total, ordinary), total)


def xmr_limits(values: Floats, baseline: Bools, floor: float = 0.0) -> Limits:
    """Limits of the XmR chart, the same for every point."""
    known = values[baseline]
    centre, mean_range = float(known.mean()), float(np.abs(np.diff(known)).mean())
    low, high = centre - XMR_FACTOR * mean_range, centre + XMR_FACTOR * mean_range
    points = np.ones(len(values))
    return Limits("xmr", centre, max(floor, low) * points, high * points, baseline, mean_range=mean_range)


def gaps_between(missed: Floats, total: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Cases from one miss to the next, and the step in which each gap ends. Steps are in order; within one, misses stand evenly apart."""
    counts = np.round(missed).astype(np.int64)
    step = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(step)) - np.repeat(np.cumsum(counts) - counts, counts)
    before = np.cumsum(total) - total
    place = before[step] + (within + 0.5) / counts[step] * total[step]
    return np.maximum(np.diff(place), 1.0), step[1:]


def g_limits(gaps: Floats, rate: float, baseline: Bools) -> Limits:
    """Limits for the number of cases from one miss to the next, geometric with ``rate`` in 0..1. The centre is the median: half of the
    gaps are shorter. There is no lower limit: even two misses in a row are likelier than a 3-sigma limit allows."""
    hold = math.log1p(-rate)
    median, high = math.ceil(math.log(0.5) / hold), math.ceil(math.log(FAR) / hold)
    points = np.ones(len(gaps))
    return Limits("g", float(median), 0.0 * points, high * points, baseline)


def signals(values: Floats, limits: Limits, watched: Bools) -> tuple[Signal, ...]:
    """Every point outside a limit, and the eighth of each run on one side of the centre. Points not ``watched`` neither fire nor count.

    The ninth and further points of a run say nothing new and do not fire again.
    """
    found: list[Signal] = []
    side, run, since = 0, 0, 0
    for place in np.flatnonzero(watched):
        value = values[place]
        now = int(np.sign(value - limits.centre))
        side, run, since = (side, run + 1, since) if now == side and now else (now, 1, int(place))
        if value > limits.high[place] or value < limits.low[place]:
            found.append(Signal(int(place), int(place), "above" if value > limits.high[place] else "below"))
        elif run == RUN and side:
            found.append(Signal(int(place), since, "run_above" if side > 0 else "run_below"))
    return tuple(found)


def without_far_days(missed: Floats, total: Floats, baseline: Bools) -> Bools:
    """The baseline without the days ``FAR_SIGMAS`` from its middle: one missed van must not set the measure for all days after it.

    Middle and spread are medians here, because such a day would hide itself in a mean. Fewer than half can be left out.
    """
    values = missed / total
    centre = weighted_median(values[baseline], total[baseline])
    if centre in (0.0, 1.0):
        return baseline
    sigma = np.sqrt(centre * (1 - centre) / total)
    z = (values - centre) / sigma
    spread = max(1.0, float(np.median(np.abs(np.diff(z[baseline])))) / MEDIAN_RANGE_OF_TWO)
    half = FAR_SIGMAS * spread
    rooted = np.sin(np.minimum(np.arcsin(math.sqrt(centre)) + half / (2 * np.sqrt(total)), math.pi / 2)) ** 2
    return np.asarray(baseline & (values <= np.maximum(rooted, centre + half * sigma)) & (z >= -half))


def weighted_median(values: Floats, weights: Floats) -> float:
    """The value below which half of the weight lies."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])


def steady_volume(total: Floats) -> bool:
    """Whether days are alike enough in size for the XmR chart of a share."""
    return bool(len(total) and total.min() > 0 and total.max() / total.min() <= STEADY_VOLUME)
