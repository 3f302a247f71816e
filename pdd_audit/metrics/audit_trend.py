"""One score over saved audits: what is ordinary movement, and what is more."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pdd_audit.metrics.control_charts import MIN_XMR_DAYS, Limits, Signal, signals, xmr_limits

FULL = 100.0


@dataclass(frozen=True)
class ScoreTrend:
    """``limits``: XmR, 0..100, None while fewer than ``MIN_XMR_DAYS`` audits asked the same questions; ``more``: how many are missing;
    ``signals``: positions among all audits given."""

    limits: Limits | None
    more: int
    signals: tuple[Signal, ...]


def score_trend(values: Sequence[float | None], rulers: Sequence[object]) -> ScoreTrend:
    """``values``: points of each audit, oldest first, None where it had none. ``rulers``: what tells two lists of questions apart.

    Only audits with the newest questions are judged: what an earlier list said was measured with another ruler. The lines come from
    the first ``MIN_XMR_DAYS`` of them and stay.
    """
    points = np.array([np.nan if value is None else value for value in values], dtype=float)
    watched = np.array([ruler == rulers[-1] for ruler in rulers], dtype=bool) & ~np.isnan(points)
    baseline = watched & (np.cumsum(watched) <= MIN_XMR_DAYS)
    more = MIN_XMR_DAYS - int(baseline.sum())
    if more:
        return ScoreTrend(None, more, ())
    found = xmr_limits(points, baseline)
    limits = Limits(found.method, found.centre, found.low, np.minimum(found.high, FULL), baseline, mean_range=found.mean_range)
    return ScoreTrend(limits, 0, signals(points, limits, watched))
