"""Do weeks with a practice have fewer late parcels than weeks without? An association, not a cause: practices start together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from pdd_audit.metrics.shrinkage import prior_of

Floats = NDArray[np.float64]
Outcome = Literal["linked", "too_early", "does_not_discriminate"]

MIN_WEEKS = 8  # on either side
HIGH_CLAIM = 90.0
DAYS_A_WEEK = 7


@dataclass(frozen=True)
class Link:
    """One item. ``difference``: late share of weeks with the practice less that of weeks without, each week drawn towards the shop's
    mean as far as luck explains it, with its 90 % interval; None unless ``linked``. Weeks are the units."""

    item: str
    outcome: Outcome
    weeks_with: int
    weeks_without: int
    difference: float | None = None
    low: float | None = None
    high: float | None = None


def whole_weeks(days: pd.DataFrame) -> pd.DataFrame:
    """Weeks, Monday to Sunday, whose every day is settled: week (the Monday), late, parcels. ``days``: day, total, missed, settled."""
    if days.empty:
        return pd.DataFrame(columns=["week", "late", "parcels"])
    day = pd.to_datetime(days["day"])
    frame = pd.DataFrame({"week": day - pd.to_timedelta(day.dt.day_of_week, unit="D"), "late": days["missed"], "parcels": days["total"]})
    unsettled = set(frame.loc[~days["settled"].astype(bool), "week"])
    weeks = frame.groupby("week", as_index=False, sort=True)[["late", "parcels"]].sum()
    last_day = day.max()
    inside = (weeks["week"] >= day.min()) & (weeks["week"] + pd.Timedelta(days=DAYS_A_WEEK - 1) <= last_day)
    return weeks[inside & ~weeks["week"].isin(unsettled) & (weeks["parcels"] > 0)].reset_index(drop=True)


def links(weeks: pd.DataFrame, practised: Mapping[str, Sequence[bool | None]]) -> list[Link]:
    """``weeks``: late, parcels. ``practised``: item -> one value a week: done, not done, or None (in part, changed that week, unknown).

    Those that discriminate come first, the largest difference in either direction on top.
    """
    if weeks.empty:
        return [Link(item, "too_early", 0, 0) for item in practised]
    late, parcels = weeks["late"].to_numpy(dtype=float), weeks["parcels"].to_numpy(dtype=float)
    prior = prior_of(late, parcels)
    drawn = (late + prior.alpha) / (parcels + prior.strength)
    found = [_link(item, np.array([value is True for value in done]), np.array([value is False for value in done]), drawn, late / parcels)
             for item, done in practised.items()]
    return sorted(found, key=lambda link: (link.outcome != "linked", -abs(link.difference or 0.0), link.item))


def _link(item: str, done: NDArray[np.bool_], undone: NDArray[np.bool_], drawn: Floats, raw: Floats) -> Link:
    """The centre is the shrunk difference; its width comes from the raw weeks, which hold all that makes weeks differ."""
    weeks_with, weeks_without = int(done.sum()), int(undone.sum())
    known = weeks_with + weeks_without
    if known >= 2 * MIN_WEEKS and 0 in (weeks_with, weeks_without):
        return Link(item, "does_not_discriminate", weeks_with, weeks_without)
    if min(weeks_with, weeks_without) < MIN_WEEKS:
        return Link(item, "too_early", weeks_with, weeks_without)
    difference = float(drawn[done].mean() - drawn[undone].mean())
    parts = [float(raw[side].var(ddof=1)) / side.sum() for side in (done, undone)]
    spread = sum(parts)
    if spread <= 0:
        return Link(item, "linked", weeks_with, weeks_without, difference, difference, difference)
    freedom = spread**2 / sum(part**2 / (side.sum() - 1) for part, side in zip(parts, (done, undone), strict=True))
    half = float(stdtrit(freedom, 0.95)) * spread**0.5
    return Link(item, "linked", weeks_with, weeks_without, difference, difference - half, difference + half)


def well_said_but_late(claimed: float | None, verdict: str | None) -> bool:
    """Whether the answers claim a shop in order while its parcels are late beyond doubt. ``claimed``: score 0..100 by the answers alone;
    ``verdict``: of the pickup rate against its line."""
    return claimed is not None and claimed >= HIGH_CLAIM and verdict == "fail"
