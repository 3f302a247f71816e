"""What the Trends page shows: days and their limits, changes of level, what an action did, whether the line will be crossed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pdd_audit.core.changes import Change
from pdd_audit.core.filters import ALL, Filters
from pdd_audit.core.people import Right
from pdd_audit.core.tables import CompactTables
from pdd_audit.core.working_days import Calendar, Stop, days_between
from pdd_audit.metrics.before_after import MIN_DAYS as EFFECT_DAYS
from pdd_audit.metrics.before_after import Effect, effect_of, enough_days
from pdd_audit.metrics.bias import bias_of, shipping_bias_of
from pdd_audit.metrics.change_points import DATE_DAYS, MIN_DAYS, SHORTEST, Levels, find_changes
from pdd_audit.metrics.control_charts import (
    MIN_BASELINE_DAYS,
    MIN_BASELINE_MISSES,
    MIN_EXPECTED,
    MIN_XMR_DAYS,
    Limits,
    Rule,
    Signal,
    baseline_days,
    expected_misses,
    g_limits,
    gaps_between,
    share_limits,
    signals,
    steady_volume,
    xmr_limits,
)
from pdd_audit.metrics.daily_counts import pickup_days, pickup_steps, promise_days, reply_days, reply_seconds_days
from pdd_audit.metrics.line_forecast import MIN_KNOWN, Outlook, clean_to_line, clean_to_pass, day_dispersion, outlook
from pdd_audit.metrics.live_risk import chance
from pdd_audit.metrics.pickup import lags_of, pickup_curve
from pdd_audit.metrics.survival import waiting_at
from pdd_audit.services.access import needs
from pdd_audit.services.calendars import calendar_of
from pdd_audit.services.details import filtered
from pdd_audit.services.look_at_days import stops_of
from pdd_audit.services.measure import ask_about
from pdd_audit.services.overlay import target_of
from pdd_audit.services.workspace import Workspace

__all__ = [
    "DATE_DAYS", "EFFECT_DAYS", "MIN_BASELINE_DAYS", "MIN_BASELINE_MISSES", "MIN_DAYS", "MIN_EXPECTED", "Effect", "Judged", "Levels",
    "Outlook", "SeriesName", "Sign", "Trend", "TrendsLook", "Window", "clean_to_line", "clean_to_pass", "judge_change", "look_at_trends",
    "trend_of",
]

SeriesName = Literal["pickup", "promise", "reply", "reply_seconds"]
WindowName = Literal["month", "rolling"]
Reading = Literal["too_early", "worse", "bad_day", "run_worse", "better", "run_better", "none"]

COLLECTED: tuple[SeriesName, ...] = ("pickup", "promise")  # what a courier that does not come makes worse
LONGEST_DAYS = 400
RECENT_DAYS = 28
VOLUME_DAYS = 7  # the parcels to come are taken to be as many as in the last whole week
BEFORE_AFTER_DAYS = 56
OTHER_CHANGES_DAYS = 7
ROLLING_DAYS, AHEAD_DAYS = 28, 7

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Series:
    """``days``: day, total, missed, value, settled, stopped (a courier had stopped, by the shop's word), ordinary (neither that nor
    holiday nor sale); total and missed are nan for seconds. ``steps``: finer steps in order (day, total, missed) for the chart from miss
    to miss, None where only days are known."""

    name: SeriesName
    days: pd.DataFrame
    steps: pd.DataFrame | None = None

    @property
    def is_share(self) -> bool:
        return self.name != "reply_seconds"


@dataclass(frozen=True)
class Window:
    """Days ``first``..``last`` that a record is kept of. ``outlook`` None: ``lacks`` says what is missing."""

    first: date
    last: date
    outlook: Outlook | None
    lacks: Literal["", "known", "days", "curve"] = ""
    known: int = 0


@dataclass(frozen=True)
class TrendsLook:
    """``series``: those that have data. ``biased``: the files mislead about pickups; ``shipping_biased``: about
    promises. ``line``: the late share aimed at, 0..1."""

    as_of: datetime | None
    biased: bool
    series: Mapping[SeriesName, Series]
    windows: Mapping[WindowName, Window]
    line: float
    shipping_biased: bool = False


@needs(Right.LOOK)
def look_at_trends(workspace: Workspace, shop_id: str, filters: Filters = ALL) -> TrendsLook:
    """Of the parcels chosen; replies belong to the whole shop. Raises AuditError when the engine cannot run."""
    tables = filtered(workspace, shop_id, ask_about(workspace, shop_id, None), filters)[1]
    calendar = calendar_of(workspace, shop_id)
    shares: dict[SeriesName, pd.DataFrame] = {
        "pickup": pickup_days(tables), "promise": promise_days(tables), "reply": reply_days(tables),
    }
    frames = {name: days.assign(value=days["missed"] / days["total"]) for name, days in shares.items()}
    frames["reply_seconds"] = reply_seconds_days(tables).assign(total=np.nan, missed=np.nan)
    stopped = _stopped_days(tables.cells, stops_of(calendar, filters))
    series: dict[SeriesName, Series] = {
        name: Series(
            name, _known_days(days, calendar, stopped if name in COLLECTED else ()), pickup_steps(tables) if name == "pickup" else None
        )
        for name, days in frames.items() if len(days)
    }
    target = target_of(workspace, shop_id, "pickup_24h_ratio")
    assert target is not None, "the pickup rate has one"
    return TrendsLook(tables.as_of, bias_of(tables) is not None, series, _windows(tables, series.get("pickup")), 1 - target,
                      shipping_bias_of(tables) is not None)


def _known_days(days: pd.DataFrame, calendar: Calendar, stopped: Collection[date] = ()) -> pd.DataFrame:
    dates = [day.date() for day in days["day"]]
    off = [day in stopped for day in dates]
    ordinary = [not calendar.out_of_baseline(day) and day not in stopped for day in dates]
    known = days.assign(stopped=np.array(off, dtype=bool), ordinary=np.array(ordinary, dtype=bool), settled=days["settled"].astype(bool))
    return known.tail(LONGEST_DAYS).reset_index(drop=True)


def _stopped_days(cells: pd.DataFrame, stops: Iterable[Stop]) -> frozenset[date]:
    """Days on which a courier that had stopped was given parcels. Of the stop of one outlet all days of its courier count: without a scan
    nobody knows which outlet a parcel waits at."""
    uploaded = cells[["courier", "day"]].drop_duplicates()
    given = {(courier, pd.Timestamp(day).date()) for courier, day in uploaded.itertuples(index=False)}
    return frozenset(day for stop in stops for day in days_between(stop.first, stop.last) if (stop.courier, day) in given)


# the chart and what it says


@dataclass(frozen=True)
class Sign:
    """A day, or a run of points up to it, that stands out. ``since``: where the run began (the day itself for a single one); ``value``:
    of the day or of the whole run, ``usual``: both in the unit of the chart; ``worse``: for the shop; ``limit``: the one it left, None
    for a run; ``missed`` of ``total``: likewise, nan where the chart counts none."""

    day: date
    since: date
    rule: Rule
    worse: bool
    value: float
    usual: float
    limit: float | None
    missed: float
    total: float


@dataclass(frozen=True)
class LevelShift:
    """The rate before and after the first day of a new level."""

    day: date
    before: float
    after: float

    @property
    def worse(self) -> bool:
        return self.after > self.before


@dataclass(frozen=True)
class Trend:
    """One series read. ``points``: day, value, low, high, total, missed, settled, ordinary, baseline, rule ("" where nothing fired), worse;
    for the g-chart one row a miss, value = cases since the last one. ``limits`` None: ``lacks`` says what is missing, ``have`` of ``need``.

    ``baseline``: first and last of the days that set the limits, and how many they are; ``far``: days among them too odd to count;
    ``stopped`` and ``special``: settled days that set none, because a courier had stopped, or as a holiday or sale.
    ``signs``: in order. ``levels``: start, end (last day), rate, total, missed; empty below ``MIN_DAYS`` days. ``shifts``: between them.
    ``alone``: bad days left out of the search for levels, because a single day is no change. ``cross_check``: days the XmR chart of the
    same shares names, None where days differ too much in size for it.
    """

    series: SeriesName
    points: pd.DataFrame
    limits: Limits | None
    lacks: Literal["", "days", "misses"]
    have: float
    need: float
    baseline: tuple[date, date, int] | None
    far: tuple[date, ...]
    signs: tuple[Sign, ...]
    levels: pd.DataFrame
    found: Levels | None
    shifts: tuple[LevelShift, ...]
    alone: tuple[date, ...]
    cross_check: tuple[date, ...] | None
    reading: Reading
    last: date | None
    stopped: int = 0
    special: int = 0

    @property
    def recent_from(self) -> date | None:
        return None if self.last is None else self.last - timedelta(days=RECENT_DAYS - 1)


def trend_of(series: Series, since: date | None = None) -> Trend:
    """The limits from the first days on (from ``since`` on: a change after which a new baseline was accepted), the days that leave them,
    the changes of level. A day on which a courier had stopped is drawn and says nothing: why it is bad is known."""
    days = series.days
    settled, stopped, ordinary = (days[name].to_numpy(dtype=bool) for name in ("settled", "stopped", "ordinary"))
    watched, usable = settled & ~stopped, settled & ordinary
    if since is not None:
        usable &= (days["day"] >= pd.Timestamp(since)).to_numpy()
    baseline = baseline_days(usable)
    last = days.loc[settled, "day"].max().date() if settled.any() else None
    trend = _charted(series, baseline, watched)
    p_prime = trend.limits is not None and trend.limits.method == "p_prime"
    far = baseline & ~trend.points["baseline"].to_numpy(dtype=bool) if p_prime else np.zeros(len(days), dtype=bool)
    trend = replace(
        trend, last=last, baseline=_span(days, baseline & ~far), far=_dates(days.loc[far, "day"]),
        stopped=int((settled & stopped).sum()), special=int((settled & ~ordinary & ~stopped).sum()),
    )
    trend = _with_levels(trend, series) if series.is_share else trend
    return replace(trend, reading=_read(trend))


def _dates(days: pd.Series) -> tuple[date, ...]:
    return tuple(day.date() for day in days)


def _span(days: pd.DataFrame, baseline: Bools) -> tuple[date, date, int] | None:
    inside = days.loc[baseline, "day"]
    return None if inside.empty else (inside.min().date(), inside.max().date(), len(inside))


def _charted(series: Series, baseline: Bools, watched: Bools) -> Trend:
    days = series.days
    need = MIN_BASELINE_DAYS if series.is_share else MIN_XMR_DAYS
    bare = Trend(
        series=series.name, points=days.assign(low=np.nan, high=np.nan, baseline=baseline, rule="", worse=False), limits=None, lacks="",
        have=float(baseline.sum()), need=float(need), baseline=None, far=(), signs=(),
        levels=pd.DataFrame(columns=["start", "end", "rate", "total", "missed"]), found=None, shifts=(), alone=(), cross_check=None,
        reading="too_early", last=None,
    )
    if baseline.sum() < need:
        return replace(bare, lacks="days")
    values = days["value"].to_numpy(dtype=float)
    if not series.is_share:
        return _drawn(bare, xmr_limits(values, baseline), watched)
    missed, total = days["missed"].to_numpy(dtype=float), days["total"].to_numpy(dtype=float)
    expected = expected_misses(missed, total, baseline)
    if expected >= MIN_EXPECTED:
        trend = _drawn(bare, share_limits(missed, total, baseline), watched)
        return replace(trend, cross_check=_cross_check(days, values, total, baseline, watched))
    few = float(missed[baseline].sum())
    if series.steps is None or few < MIN_BASELINE_MISSES:
        return replace(bare, lacks="misses", have=expected, need=MIN_EXPECTED)
    return _gap_chart(bare, series.steps, days, baseline, few / float(total[baseline].sum()))


def _gap_chart(bare: Trend, steps: pd.DataFrame, days: pd.DataFrame, baseline: Bools, rate: float) -> Trend:
    gaps, ends = gaps_between(steps["missed"].to_numpy(dtype=float), steps["total"].to_numpy(dtype=float))
    day = steps["day"].to_numpy()[ends]
    known = days.set_index("day")
    points = pd.DataFrame({
        "day": day, "value": gaps, "total": known["total"].reindex(day).to_numpy(), "missed": known["missed"].reindex(day).to_numpy(),
        "settled": True, "ordinary": known["ordinary"].reindex(day).to_numpy(), "low": np.nan, "high": np.nan, "rule": "",
        "stopped": known["stopped"].reindex(day).to_numpy(),
        "baseline": np.isin(day, days.loc[baseline, "day"].to_numpy()),
    })
    limits = g_limits(gaps, rate, points["baseline"].to_numpy(dtype=bool))
    return _drawn(replace(bare, points=points), limits, ~points["stopped"].to_numpy(dtype=bool))


def _drawn(bare: Trend, limits: Limits, watched: Bools) -> Trend:
    points = bare.points.assign(low=limits.low, high=limits.high, baseline=limits.baseline)
    values = points["value"].to_numpy(dtype=float)
    found = signals(values, limits, watched)
    higher_is_worse = limits.method != "g"
    rules, worse = points["rule"].to_numpy(dtype=object).copy(), np.zeros(len(points), dtype=bool)
    for sign in found:
        rules[sign.position], worse[sign.position] = sign.rule, sign.rule.endswith("above") == higher_is_worse
    signs = tuple(_sign(points, sign, limits, bool(worse[sign.position]), watched) for sign in found)
    return replace(bare, points=points.assign(rule=rules, worse=worse), limits=limits, signs=signs)


def _sign(points: pd.DataFrame, signal: Signal, limits: Limits, worse: bool, watched: Bools) -> Sign:
    """A run speaks with all its points: their pooled share, or the mean of their values."""
    run = points.iloc[signal.since : signal.position + 1][watched[signal.since : signal.position + 1]]
    counted = limits.method == "p_prime"
    missed, total = (float(run[name].sum()) if counted else float("nan") for name in ("missed", "total"))
    return Sign(
        day=run["day"].iloc[-1].date(), since=run["day"].iloc[0].date(), rule=signal.rule, worse=worse,
        value=missed / total if counted else float(run["value"].mean()), usual=limits.centre,
        limit=_left(signal.rule, limits, signal.position), missed=missed, total=total,
    )


def _left(rule: Rule, limits: Limits, position: int) -> float | None:
    return float({"above": limits.high, "below": limits.low}[rule][position]) if rule in ("above", "below") else None


def _cross_check(days: pd.DataFrame, values: Floats, total: Floats, baseline: Bools, watched: Bools) -> tuple[date, ...] | None:
    if not steady_volume(total[watched]):
        return None
    found = signals(values, xmr_limits(values, baseline), watched)
    return tuple(days["day"].iloc[sign.position].date() for sign in found if sign.rule == "above")


def _with_levels(trend: Trend, series: Series) -> Trend:
    """Levels of the settled ordinary days, without bad days that stand alone: a single missed van is a day, not a new level."""
    days = series.days[series.days["settled"] & series.days["ordinary"]]
    alone = _alone(trend)
    kept = days[~days["day"].isin([pd.Timestamp(day) for day in alone])].reset_index(drop=True)
    if len(kept) < MIN_DAYS:
        return replace(trend, alone=alone)
    found = find_changes(kept["missed"].to_numpy(dtype=float), kept["total"].to_numpy(dtype=float))
    skipped = len(kept) - found.levels[-1].end
    dates = [moment.date() for moment in kept["day"].iloc[skipped:]]
    levels = pd.DataFrame([
        {"start": dates[level.start], "end": dates[level.end - 1], "rate": level.rate, "total": level.total, "missed": level.missed}
        for level in found.levels
    ])
    shifts = tuple(
        LevelShift(dates[later.start], earlier.rate, later.rate)
        for earlier, later in zip(found.levels[:-1], found.levels[1:], strict=True)
    )
    return replace(trend, alone=alone, levels=levels, found=found, shifts=shifts)


def _alone(trend: Trend) -> tuple[date, ...]:
    """Days beyond the upper limit with no other such day near: a new level would show itself more than once."""
    if trend.limits is None or trend.limits.method != "p_prime":
        return ()
    points = trend.points[trend.points["settled"] & trend.points["ordinary"]]
    beyond = np.flatnonzero((points["value"] > points["high"]).to_numpy())
    lonely = [place for place in beyond if (np.abs(beyond - place) < SHORTEST).sum() == 1]
    return _dates(points["day"].iloc[lonely])


def _read(trend: Trend) -> Reading:
    """The most important thing of the last ``RECENT_DAYS`` days."""
    start = trend.recent_from
    if start is None or (trend.limits is None and trend.found is None):
        return "too_early"
    shift = next((shift for shift in reversed(trend.shifts) if shift.day >= start), None)
    recent = [sign for sign in trend.signs if sign.day >= start]
    if shift is not None and shift.worse:
        return "worse"
    if any(sign.rule == "above" and sign.worse for sign in recent):
        return "bad_day"
    if shift is not None:
        return "better"
    run = next((sign for sign in reversed(recent) if sign.rule.startswith("run")), None)
    if run is None:
        return "none"
    return "run_worse" if run.worse else "run_better"


# before and after a change


@dataclass(frozen=True)
class Judged:
    """Days around one change. ``effect`` None with ``verdict`` "too_early" or "no_evidence": what is missing, or nothing to compare.

    ``days``: day, value, fitted, counterfactual (nan without an effect), after, total, missed. ``others``: changes within a week of it.
    ``left_out``: settled days of the two sides that were holidays, sales or days a courier had stopped.
    """

    change: Change
    verdict: Literal["improved", "worse", "no_evidence", "too_early"]
    effect: Effect | None
    days: pd.DataFrame
    before: int
    after: int
    left_out: int
    others: tuple[Change, ...]


def judge_change(series: Series, change: Change, changes: Sequence[Change], transition_days: int = 0) -> Judged:
    """Compare the settled ordinary days before and after a change of a share; the first ``transition_days`` after it are left out."""
    assert series.is_share, "a share of counts is compared"
    days = series.days[series.days["settled"]]
    offset = (days["day"] - pd.Timestamp(change.day)).dt.days
    inside = offset.between(-BEFORE_AFTER_DAYS, BEFORE_AFTER_DAYS - 1) & ~offset.between(0, transition_days - 1)
    kept = inside & days["ordinary"]
    chosen, day = days[kept].reset_index(drop=True), offset[kept].to_numpy(dtype=float)
    after = day >= 0
    effect = None
    if enough_days(after):
        effect = effect_of(day, chosen["missed"].to_numpy(dtype=float), chosen["total"].to_numpy(dtype=float))
    frame = chosen[["day", "value", "total", "missed"]].assign(
        after=after, fitted=np.nan if effect is None else effect.fitted, counterfactual=np.nan if effect is None else effect.counterfactual
    )
    verdict = effect.verdict if effect is not None else "no_evidence" if enough_days(after) else "too_early"
    near = tuple(
        other for other in changes if other.id != change.id and abs((other.day - change.day).days) <= OTHER_CHANGES_DAYS
    )
    return Judged(change, verdict, effect, frame, int((~after).sum()), int(after.sum()), int((inside & ~days["ordinary"]).sum()), near)


# the line


def _windows(tables: CompactTables, series: Series | None) -> dict[WindowName, Window]:
    if series is None or tables.cut is None:
        return {}
    today = tables.cut.date()
    month = today.replace(day=1)
    next_month = (month + timedelta(days=31)).replace(day=1)
    end = today + timedelta(days=AHEAD_DAYS)
    return {
        "month": _window(tables, series, month, next_month - timedelta(days=1)),
        "rolling": _window(tables, series, end - timedelta(days=ROLLING_DAYS - 1), end),
    }


def _window(tables: CompactTables, series: Series, first: date, last: date) -> Window:
    days = series.days
    inside = days[(days["day"] >= pd.Timestamp(first)) & (days["day"] <= pd.Timestamp(last))]
    missed, known = int(inside["missed"].sum()), int(inside["total"].sum())
    settled = days[days["settled"]].tail(RECENT_DAYS)
    dispersion = day_dispersion(settled["missed"].to_numpy(dtype=float), settled["total"].to_numpy(dtype=float))
    curve = pickup_curve(tables)
    lacks: Literal["", "known", "days", "curve"] = (
        "known" if known < MIN_KNOWN else "days" if dispersion is None
        else "curve" if waiting_at(curve, tables.limit_minutes).value is None else ""
    )
    if lacks or dispersion is None:
        return Window(first, last, None, lacks, known)
    assert tables.cut is not None, "there are days"
    watched = (pd.Timestamp(tables.cut) - pd.Timestamp(first)) / pd.Timedelta(minutes=1)  # minutes of the window that have passed
    lags = lags_of(tables, "pickup")
    waiting = lags[(lags["kind"] == "open") & (lags["minute"] < min(tables.limit_minutes, watched))]
    ages = np.repeat(waiting["minute"].to_numpy(dtype=np.int64), waiting["parcels"].to_numpy(dtype=np.int64))
    risks = chance(curve, ages, np.full(len(ages), tables.limit_minutes))
    young = lags[(lags["kind"] == "event") & ~lags["mature"].astype(bool)]["parcels"].sum()
    fresh = round(float(young) * min(1.0, watched / tables.limit_minutes))  # their days of upload are not in the table: spread evenly
    left = (pd.Timestamp(last) + pd.Timedelta(days=1) - pd.Timestamp(tables.cut)) / pd.Timedelta(days=1)
    future = round(_parcels_a_day(settled) * left)
    return Window(first, last, outlook(missed, known, risks, future, dispersion, fresh=fresh), "", known)


def _parcels_a_day(settled: pd.DataFrame) -> float:
    recent = settled[settled["day"] > settled["day"].max() - pd.Timedelta(days=VOLUME_DAYS)]
    return float(recent["total"].sum()) / VOLUME_DAYS
