"""How long buyers wait for a person, in seconds of staffed time; who was never answered waits until nobody looked any more
(Kaplan & Meier 1958 over seconds)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pdd_audit.core.measurement import Estimate
from pdd_audit.core.reply_hours import FROM_HOUR, TO_HOUR
from pdd_audit.metrics.survival import Counts, Curve, survival_curve

MIN_TURNS = 30
QUANTILES = (0.5, 0.9, 0.95)
CURVE_SECONDS = 600  # what happens within ten minutes is drawn

Seconds = NDArray[np.int64]


@dataclass(frozen=True)
class Waits:
    """Turns by how long they waited: ``seconds`` ascending without repetition, ``replies`` and the ``curve`` at each of them."""

    seconds: Seconds
    replies: NDArray[np.float64]
    curve: Curve
    n: int

    @property
    def answered(self) -> int:
        return int(self.replies.sum())


def within_hours(turns: pd.DataFrame) -> pd.DataFrame:
    """Turns that began while the shop is to answer."""
    return turns[pd.to_datetime(turns["began_at"]).dt.hour.between(FROM_HOUR, TO_HOUR - 1)]


def staffed_seconds(start: pd.Series, end: pd.Series) -> Seconds:
    """Seconds between two times on a clock that stands still from 23:00 to 8:00."""

    def on_the_clock(times: pd.Series) -> Seconds:
        stamps = pd.to_datetime(times).to_numpy().astype("datetime64[s]").astype(np.int64)
        days, seconds = np.divmod(stamps, 86_400)
        staffed = (TO_HOUR - FROM_HOUR) * 3600
        return np.asarray(days * staffed + np.clip(seconds - FROM_HOUR * 3600, 0, staffed), dtype=np.int64)

    return on_the_clock(end) - on_the_clock(start)


def waits_of(turns: pd.DataFrame) -> Waits:
    """``turns``: began_at, replied_at (NaT: never), seen_until."""
    answered = turns["replied_at"].notna().to_numpy()
    return waits(staffed_seconds(turns["began_at"], turns["replied_at"].fillna(turns["seen_until"])), answered)


def waits(seconds: Seconds, answered: NDArray[np.bool_]) -> Waits:
    """One entry per turn; where not ``answered``, the seconds it is known to have waited."""
    times, place = np.unique(seconds, return_inverse=True)
    count = len(times)

    def per_time(chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.bincount(place[chosen], minlength=count).astype(np.float64)

    replies = per_time(answered)
    curve = survival_curve(Counts(replies, np.zeros(count), per_time(~answered)), refunds_end_waiting=False)
    return Waits(times.astype(np.int64), replies, curve, len(seconds))


def without_unanswered(found: Waits) -> Waits:
    """The answered turns alone: what reports usually speak of, and why they flatter."""
    seconds = np.repeat(found.seconds, found.replies.astype(np.int64))
    return waits(seconds, np.ones(len(seconds), dtype=bool))


def answered_within(found: Waits, limit_seconds: int) -> Estimate:
    """Share of turns answered within the limit; no value while the state of fewer than ``MIN_TURNS`` at the limit is known."""
    at = int(np.searchsorted(found.seconds, limit_seconds, side="right")) - 1
    if _known(found, limit_seconds) < MIN_TURNS:
        return Estimate(value=None, n=found.n)
    if at < 0:  # all of them waited longer
        return Estimate(value=0.0, n=found.n, low=0.0, high=0.0)
    curve = found.curve
    return Estimate(value=1 - float(curve.share[at]), n=found.n, low=1 - float(curve.high[at]), high=1 - float(curve.low[at]))


def _known(found: Waits, limit_seconds: int) -> int:
    """Turns answered before the limit, and turns watched that long."""
    at = int(np.searchsorted(found.seconds, limit_seconds, side="left"))
    return int(found.replies[:at].sum()) + int(found.curve.at_risk[at] if at < len(found.seconds) else 0)


def wait_quantile(found: Waits, done: float) -> Estimate:
    """Seconds by which the share ``done`` was answered, with the log-log band inverted; no value while the curve stays above."""
    if found.n < MIN_TURNS:
        return Estimate(value=None, n=found.n)

    def first_below(values: NDArray[np.float64]) -> float | None:
        reached = np.flatnonzero(values <= 1 - done + 1e-12)
        return float(found.seconds[reached[0]]) if len(reached) else None

    curve = found.curve
    return Estimate(value=first_below(curve.share), n=found.n, low=first_below(curve.low), high=first_below(curve.high))


def drawn(found: Waits) -> pd.DataFrame:
    """seconds, waiting, low, high: the share still waiting, from 0 up to ``CURVE_SECONDS``."""
    part = found.seconds <= CURVE_SECONDS
    curve = found.curve
    frame = pd.DataFrame({"seconds": found.seconds[part], "waiting": curve.share[part], "low": curve.low[part], "high": curve.high[part]})
    start = pd.DataFrame({"seconds": [0], "waiting": [1.0], "low": [1.0], "high": [1.0]})
    return pd.concat([start, frame[frame["seconds"] > 0]], ignore_index=True)
