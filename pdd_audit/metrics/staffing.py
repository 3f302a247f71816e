"""When inquiries are missed: the stretch of hours, day or agent that stands out most, and what answering it like the rest would save.

Stretches of several lengths compete by their likelihood ratio (Kulldorff 1997: a scan over windows), so that neither one bad
hour with three inquiries nor half the week wins. With so many tried, the best of them always looks bad: it counts as ``clear`` only when
luck would rarely bring forth any such, days that differ among themselves taken into account.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pdd_audit.core.reply_hours import FROM_HOUR, TO_HOUR
from pdd_audit.metrics.intervals import MIN_VERDICT

FEWEST = 20  # inquiries of a stretch
LONGEST = 4  # hours
SURE = 0.05
BAD_DAYS = 3  # what happened on fewer days is an accident of those days
DAYS_OF_THE_WEEK: dict[str, tuple[int, ...]] = {
    "all": tuple(range(7)), "workdays": (0, 1, 2, 3, 4), "weekend": (5, 6), **{str(day): (day,) for day in range(7)},
}


@dataclass(frozen=True)
class Gap:
    """What stands out: ``kind`` says whether it is hours (``weekdays`` of ``DAYS_OF_THE_WEEK``, ``from_hour`` to ``to_hour``), one ``day``
    or one ``agent``. ``missed`` of its ``inquiries``, on ``bad_days`` different days; ``rest`` is the share missed elsewhere, ``saved``
    what would not be missed at that share, ``kept_then`` the rate of the whole then."""

    kind: Literal["hours", "day", "agent"]
    inquiries: int
    missed: float
    bad_days: int
    rest: float
    saved: float
    kept_then: float
    clear: bool
    weekdays: str = "all"
    from_hour: int | None = None
    to_hour: int | None = None
    day: date | None = None
    agent: str | None = None


@dataclass(frozen=True)
class _Window:
    kind: Literal["hours", "day", "agent"]
    inquiries: float
    missed: float
    place: dict[str, object]


def hour_gap(turns: pd.DataFrame) -> Gap | None:
    """The stretch of one to four hours, on all days or some days of the week, at which the most is missed. ``turns``: ``turn_replies``,
    or their ``hourly`` sums. None with too few inquiries, and when nothing was missed."""
    return _worst(turns, list(_hours(turns))) if turns["inquiries"].sum() >= MIN_VERDICT else None


def row_gap(replies: pd.DataFrame) -> Gap | None:
    """The day or the agent at which the most is missed, where no file gives hours. ``replies``: reply rows. None as in ``hour_gap``."""
    rows = replies[replies["inquiries"].gt(0) & replies["missed_3min_low"].notna()]
    return _worst(rows, [*_groups(rows, "day"), *_groups(rows, "agent")]) if rows["inquiries"].sum() >= MIN_VERDICT else None


def _missed(rows: pd.DataFrame) -> pd.Series:
    return (rows["missed_3min_low"] + rows["missed_3min_high"]) / 2


def _hours(turns: pd.DataFrame) -> Iterator[_Window]:
    inquiries, missed = (_grid(turns, values) for values in (turns["inquiries"], _missed(turns)))
    for name, weekdays in DAYS_OF_THE_WEEK.items():
        n, x = (np.concatenate([[0.0], grid[list(weekdays)].sum(axis=0).cumsum()]) for grid in (inquiries, missed))
        for start, end in combinations(range(TO_HOUR - FROM_HOUR + 1), 2):
            if end - start <= LONGEST:
                place = {"weekdays": name, "from_hour": FROM_HOUR + start, "to_hour": FROM_HOUR + end}
                yield _Window("hours", float(n[end] - n[start]), float(x[end] - x[start]), place)


def _grid(turns: pd.DataFrame, values: pd.Series) -> NDArray[np.float64]:
    """(7 days of the week, hours that count)."""
    grid = np.zeros((7, TO_HOUR - FROM_HOUR))
    np.add.at(grid, (turns["weekday"].to_numpy(dtype=int), turns["hour"].to_numpy(dtype=int) - FROM_HOUR), values.to_numpy(dtype=float))
    return grid


def _groups(rows: pd.DataFrame, key: Literal["day", "agent"]) -> Iterator[_Window]:
    sums = rows.assign(missed=_missed(rows)).dropna(subset=[key]).groupby(key)[["inquiries", "missed"]].sum()
    for name, n, x in zip(sums.index, sums["inquiries"], sums["missed"], strict=True):
        yield _Window(key, float(n), float(x), {key: name.date() if key == "day" else str(name)})


def _worst(rows: pd.DataFrame, windows: list[_Window]) -> Gap | None:
    n, x = float(rows["inquiries"].sum()), float(_missed(rows).sum())
    tried = [window for window in windows if FEWEST <= window.inquiries < n]
    scored = [(log_likelihood_ratio(window.missed, window.inquiries, x, n), window) for window in tried]
    best, window = max(scored, key=lambda entry: entry[0], default=(0.0, None))
    if window is None or best <= 0:
        return None
    bad_days = _bad_days(rows, window)
    # one-sided, for one window; then for as many as were tried
    chance = 0.5 * math.erfc(math.sqrt(best / spread_of_days(rows))) * len(tried)
    rest = (x - window.missed) / (n - window.inquiries)
    saved = window.missed - window.inquiries * rest
    lasting = window.kind == "day" or bad_days >= min(BAD_DAYS, rows["day"].nunique())
    return Gap(
        kind=window.kind, inquiries=round(window.inquiries), missed=window.missed, bad_days=bad_days, rest=rest, saved=saved,
        kept_then=1 - (x - saved) / n, clear=chance < SURE and lasting, **window.place,  # type: ignore[arg-type]  # places hold fields of Gap
    )


def log_likelihood_ratio(missed: float, inquiries: float, all_missed: float, all_inquiries: float) -> float:
    """Of two rates, inside and outside, against one; 0 where the inside is not the worse."""
    x, n, y, m = missed, inquiries, all_missed - missed, all_inquiries - inquiries
    if n <= 0 or m <= 0 or x / n <= y / m:
        return 0.0
    return _best(x, n) + _best(y, m) - _best(all_missed, all_inquiries)


def _best(hits: float, total: float) -> float:
    """Log-likelihood of a count at its own rate."""
    misses = total - hits
    return (hits * math.log(hits / total) if hits > 0 else 0.0) + (misses * math.log(misses / total) if misses > 0 else 0.0)


def spread_of_days(rows: pd.DataFrame) -> float:
    """How much more days differ than luck explains (Pearson, at least 1): a few bad days must not look like a bad hour of every day."""
    daily = rows.assign(missed=_missed(rows)).dropna(subset=["day"]).groupby("day")[["inquiries", "missed"]].sum()
    daily = daily[daily["inquiries"] > 0]
    n, x = daily["inquiries"].to_numpy(), daily["missed"].to_numpy()
    if len(daily) < 2 or not 0 < x.sum() < n.sum():
        return 1.0
    p = x.sum() / n.sum()
    return max(1.0, float(((x - n * p) ** 2 / (n * p * (1 - p))).sum() / (len(daily) - 1)))


def _bad_days(rows: pd.DataFrame, window: _Window) -> int:
    inside = rows[_missed(rows) > 0]
    if window.kind == "hours":
        weekdays, start, end = window.place["weekdays"], window.place["from_hour"], window.place["to_hour"]
        inside = inside[inside["weekday"].isin(DAYS_OF_THE_WEEK[str(weekdays)]) & inside["hour"].ge(start) & inside["hour"].lt(end)]
    elif window.kind == "agent":
        inside = inside[inside["agent"] == window.place["agent"]]
    else:
        inside = inside[inside["day"].dt.date == window.place["day"]]
    return int(inside["day"].nunique())
