"""Did what an action had won get lost again? The latest days against the days right after it, and against the days before it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from pdd_audit.metrics.before_after import DEPENDENT, Floats, Ratio, newey_west, quasi_binomial

MIN_DAYS = 14  # of each stretch
BEFORE, AFTER, LATELY = 0, 1, 2


@dataclass(frozen=True)
class Relapse:
    """Odds ratios with their 95 % intervals: the latest days over the days right after the action, and over the days before it.

    ``back``: clearly worse than right after it, and no longer clearly better than before it.
    """

    to_after: Ratio
    to_before: Ratio
    back: bool


def relapse_of(stretch: NDArray[np.int64], missed: Floats, total: Floats) -> Relapse | None:
    """``stretch``: BEFORE, AFTER or LATELY of each day, ``missed`` of ``total`` > 0. One share a stretch (quasi-binomial), the intervals
    wider where neighbouring days depend on each other. None with fewer than ``MIN_DAYS`` days in a stretch, or one without a single miss
    or with nothing else."""
    parts = [stretch == one for one in (BEFORE, AFTER, LATELY)]
    if any(part.sum() < MIN_DAYS or not 0 < missed[part].sum() < total[part].sum() for part in parts):
        return None
    design = np.column_stack([part.astype(float) for part in parts])
    fit = quasi_binomial(design, missed, total)
    if fit is None:
        return None
    quantile = float(stdtrit(len(missed) - len(parts), 0.975))
    rest = fit.residuals - fit.residuals.mean()
    spread = float((rest**2).sum())
    dependent = spread > 0 and abs(float((rest[1:] * rest[:-1]).sum()) / spread) > DEPENDENT
    wider = newey_west(design, missed, total, fit) if dependent else fit.covariance

    def over(other: int) -> Ratio:
        contrast = np.zeros(len(parts))
        contrast[LATELY], contrast[other] = 1.0, -1.0
        middle = float(contrast @ fit.coefficients)
        error = max(float(np.sqrt(contrast @ covariance @ contrast)) for covariance in (fit.covariance, wider))
        return Ratio(*(float(np.exp(middle + side * quantile * error)) for side in (0, -1, 1)))

    to_after, to_before = over(AFTER), over(BEFORE)
    return Relapse(to_after, to_before, to_after.low > 1 and to_before.high >= 1)
