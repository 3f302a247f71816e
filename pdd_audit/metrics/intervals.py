"""Intervals of a share, and what they allow one to say. Rates here are shares of breaches (lower is better) unless a name says kept."""

import math
from typing import Literal

from pdd_audit.core.measurement import Better, Estimate, Measurement

Z95 = 1.959963984540054
MIN_VERDICT = 30


def wilson(hits: float, total: float) -> tuple[float, float]:
    """95 % Wilson interval of hits / total (Wilson 1927); exactly 0 at no hits, exactly 1 at all hits. ``total`` > 0, may be fractional."""
    p, z2 = hits / total, Z95 * Z95
    centre = p + z2 / (2 * total)
    half = Z95 * math.sqrt(max(0.0, p * (1 - p)) / total + z2 / (4 * total * total))
    low, high = (centre - half) / (1 + z2 / total), (centre + half) / (1 + z2 / total)
    return (0.0 if hits <= 0 else max(0.0, low)), (1.0 if hits >= total else min(1.0, high))


def share(hits: float, total: float) -> Estimate:
    """hits / total with its Wilson interval, or no value when there was nothing to count."""
    if total <= 0:
        return Estimate(value=None, n=0)
    low, high = wilson(hits, total)
    return Estimate(value=hits / total, n=round(total), low=low, high=high)


def kept(rate: Estimate) -> Estimate:
    """The kept form of a breach rate: 1 - value, interval mirrored."""

    def mirror(number: float | None) -> float | None:
        return None if number is None else 1 - number

    return Estimate(value=mirror(rate.value), n=rate.n, low=mirror(rate.high), high=mirror(rate.low))


def verdict_of(rate: Estimate, line: float) -> Literal["pass", "fail", "too_early"]:
    """A breach rate against its line: decided only when the whole interval lies on one side and there are enough cases."""
    if rate.value is None or rate.low is None or rate.high is None or rate.n < MIN_VERDICT:
        return "too_early"
    if rate.high <= line:
        return "pass"
    return "fail" if rate.low > line else "too_early"


def side_of(measured: Measurement, target: float, better: Better) -> Literal["pass", "fail", "too_early"]:
    """Any metric against a target in its own unit: decided only when the whole interval lies on one side. A count is exact."""
    low, high = (measured.value if end is None else end for end in (measured.low, measured.high))
    if low is None or high is None:
        return "too_early"
    good, bad = (low >= target, high < target) if better == "higher" else (high <= target, low > target)
    return "pass" if good else "fail" if bad else "too_early"


def more_needed(rate: Estimate, line: float) -> int | None:
    """How many more cases until the Wilson limit reaches the line, if the rate stays as it is; None when it never will."""
    if rate.value is None or rate.value == line:
        return None
    if rate.n and verdict_of(rate, line) != "too_early":
        return 0
    needed = math.ceil(Z95 * Z95 * line * (1 - line) / (rate.value - line) ** 2)
    return max(needed, MIN_VERDICT) - rate.n if max(needed, MIN_VERDICT) > rate.n else 0


def clean_to_pass(late: int, total: int, line: float) -> int:
    """How many more cases without a single breach until the whole Wilson interval lies at or below the line; 0 when it does."""
    half = Z95 * Z95 * line * (1 - line)
    b = 2 * late * line + half
    root = (b + math.sqrt(b * b - 4 * line * line * late * late)) / (2 * line * line)
    return max(0, math.ceil(root - 1e-9) - total)


def clean_to_line(late: int, total: int, line: float) -> int:
    """How many more cases without a breach until the plain rate is at the line."""
    return max(0, math.ceil(late / line - 1e-9) - total)


def record_of(rate: Estimate, line: float, settled: bool) -> Literal["met", "not_met", "immature"] | None:
    """What a finished period did: counting, no interval. None when there was nothing to count; a period that still runs has no record."""
    if rate.value is None:
        return None
    if not settled:
        return "immature"
    return "met" if rate.value <= line + 1e-12 else "not_met"
