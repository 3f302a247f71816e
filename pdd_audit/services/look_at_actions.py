"""What the Actions page shows: every action with where it stands, and for each that is done what the data say of it."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pandas as pd

from pdd_audit.core.actions import Action, Evidence, State
from pdd_audit.core.changes import Change
from pdd_audit.core.people import Right
from pdd_audit.metrics.before_after import Ratio
from pdd_audit.metrics.relapse import AFTER, BEFORE, LATELY, MIN_DAYS, Relapse, relapse_of
from pdd_audit.services.access import needs
from pdd_audit.services.actions import actions
from pdd_audit.services.changes import list_changes
from pdd_audit.services.look_at_trends import (
    BEFORE_AFTER_DAYS,
    EFFECT_DAYS,
    RECENT_DAYS,
    Judged,
    Series,
    SeriesName,
    TrendsLook,
    judge_change,
)
from pdd_audit.services.workspace import Workspace, now

__all__ = ["ActionsLook", "Judgement", "Ratio", "Relapse", "Row", "look_at_actions"]

WATCH_DAYS = 28  # from the day it is in force; what comes later can only show a relapse
SERIES: dict[str, SeriesName] = {"pickup_24h_ratio": "pickup", "promise_kept_ratio": "promise", "reply_3min_ratio": "reply"}
ORDER: tuple[State, ...] = ("relapsed", "doing", "planned", "watching", "no_effect", "verified", "done", "dropped")
A_MONTH = 30.0


@dataclass(frozen=True)
class Judgement:
    """What the data say of an action that is done. ``lacks``: why they say nothing yet; ``more``: about how many parcels (replies) until
    they do. ``levels``: start, end, rate of the stretches compared, with ``relapse`` only. ``orders``, ``yuan`` (None where no amount is
    known): fewer a month than without it, with 95 % intervals, below 0 for more."""

    evidence: Evidence
    lacks: Literal["", "files", "untrusted", "before", "after", "misses"]
    judged: Judged | None = None
    more: int | None = None
    relapse: Relapse | None = None
    levels: pd.DataFrame | None = None
    days: pd.DataFrame | None = None
    orders: Ratio | None = None
    yuan: Ratio | None = None


@dataclass(frozen=True)
class Row:
    """``judgement``: only of an action that is done and watched by a metric."""

    action: Action
    state: State
    overdue: bool
    judgement: Judgement | None = None


@dataclass(frozen=True)
class ActionsLook:
    """``rows``: overdue first, then by what has to be done."""

    today: date
    rows: tuple[Row, ...]
    changes: tuple[Change, ...]

    def of(self, *states: State) -> list[Row]:
        return [row for row in self.rows if row.state in states]

    @property
    def overdue(self) -> list[Row]:
        return [row for row in self.rows if row.overdue]


@needs(Right.LOOK)
def watched(workspace: Workspace, shop_id: str) -> bool:
    """Whether any action waits for what the data say."""
    return any(one.stage == "done" and one.making.metric for one in actions(workspace, shop_id))


@needs(Right.LOOK)
def look_at_actions(workspace: Workspace, shop_id: str, trends: TrendsLook | None) -> ActionsLook:
    """``trends``: of all parcels of the shop, None where there are no files."""
    today, changes = now().date(), tuple(list_changes(workspace, shop_id))
    rows = []
    for action in actions(workspace, shop_id):
        judgement = judge(action, changes, trends) if action.stage == "done" and action.making.metric else None
        state = action.state(None if judgement is None else judgement.evidence)
        rows.append(Row(action, state, action.overdue(today), judgement))
    return ActionsLook(today, tuple(sorted(rows, key=_place)), changes)


def _place(row: Row) -> tuple[bool, int, date]:
    return not row.overdue, 0 if row.overdue else ORDER.index(row.state), row.action.due


def judge(action: Action, changes: tuple[Change, ...], trends: TrendsLook | None) -> Judgement:
    """The first ``WATCH_DAYS`` days against those before, allowing for the trend; then, where it worked, the latest days against both."""
    name = SERIES[action.making.metric]
    series = None if trends is None else trends.series.get(name)
    if series is None or trends is None:
        return Judgement("too_early", "files")
    if {"pickup": trends.biased, "promise": trends.shipping_biased}.get(name, False):
        return Judgement("too_early", "untrusted")
    change = _change(action, changes)
    end = pd.Timestamp(change.day) + pd.Timedelta(days=WATCH_DAYS)
    judged = judge_change(replace(series, days=series.days[series.days["day"] < end]), change, changes)
    if judged.verdict == "too_early":
        lacks: Literal["before", "after"] = "before" if judged.before < EFFECT_DAYS else "after"
        return Judgement("too_early", lacks, judged, None if lacks == "before" else _more(series, EFFECT_DAYS - judged.after))
    if judged.effect is None:  # not a single miss on one side: no ratio, and no reason to say it did nothing
        return Judgement("too_early", "misses", judged)
    if judged.verdict != "improved":
        return Judgement("no_effect", "", judged)
    orders, yuan = _saved(action, judged)
    stretches = _stretches(series, change.day)
    relapse = relapse_of(
        stretches["stretch"].to_numpy(dtype=np.int64), stretches["missed"].to_numpy(dtype=float), stretches["total"].to_numpy(dtype=float)
    )
    if relapse is None:
        return Judgement("improved", "", judged, orders=orders, yuan=yuan)
    evidence: Evidence = "relapsed" if relapse.back else "improved"
    return Judgement(evidence, "", judged, None, relapse, _levels(stretches), stretches, orders, yuan)


def _change(action: Action, changes: tuple[Change, ...]) -> Change:
    """The change it is; where somebody deleted that, what the action itself says."""
    assert action.day is not None, "it is done"
    found = next((one for one in changes if one.id == action.change), None)
    return found or Change(action.change or action.id, action.day, action.making.title, "other", action.steps[-1][2])


def _more(series: Series, days: int) -> int:
    settled = series.days[series.days["settled"]].tail(RECENT_DAYS)
    return 0 if settled.empty else round(days * float(settled["total"].mean()))


def _saved(action: Action, judged: Judged) -> tuple[Ratio, Ratio | None]:
    """Avoided parcels of the days after, as a month; in yuan at the price the plan put on one of its parcels."""
    assert judged.effect is not None, "it improved"
    scale = A_MONTH / judged.after
    avoided = judged.effect.avoided
    orders = Ratio(avoided.value * scale, avoided.low * scale, avoided.high * scale)
    making = action.making
    if not making.yuan or not making.orders:
        return orders, None
    price = making.yuan / making.orders
    return orders, Ratio(orders.value * price, orders.low * price, orders.high * price)


def _stretches(series: Series, since: date) -> pd.DataFrame:
    """Settled ordinary days: before, the first ``WATCH_DAYS`` after, and the latest ``RECENT_DAYS`` of those that follow."""
    days = series.days[series.days["settled"] & series.days["ordinary"]]
    offset = (days["day"] - pd.Timestamp(since)).dt.days
    chosen = days[offset >= -BEFORE_AFTER_DAYS].assign(offset=offset)
    stretch = np.select([chosen["offset"] < 0, chosen["offset"] < WATCH_DAYS], [BEFORE, AFTER], LATELY)
    chosen = chosen.assign(stretch=stretch)
    if chosen.empty:
        return chosen
    latest = chosen["day"].max() - timedelta(days=RECENT_DAYS)
    return chosen[(chosen["stretch"] != LATELY) | (chosen["day"] > latest)].reset_index(drop=True)


def _levels(stretches: pd.DataFrame) -> pd.DataFrame:
    found = stretches.groupby("stretch").agg(
        start=("day", "min"), end=("day", "max"), missed=("missed", "sum"), total=("total", "sum")
    )
    return found.assign(rate=found["missed"] / found["total"]).reset_index(drop=True)


assert MIN_DAYS <= WATCH_DAYS, "the days right after an action must be enough to hold later ones against"
