"""What the Pickup page shows: is it bad, how sure is that, and where did every row of the files go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from pdd_audit.core.filters import ALL, Filters
from pdd_audit.core.imports import ImportReport
from pdd_audit.core.ladder import Rung, Side, ladder_of
from pdd_audit.core.measurement import Estimate
from pdd_audit.core.people import Right
from pdd_audit.core.result import MetricRecord
from pdd_audit.core.tables import CompactTables
from pdd_audit.metrics.bias import shipping_bias_of
from pdd_audit.metrics.intervals import clean_to_pass, kept, record_of
from pdd_audit.metrics.perfect import Perfect, perfect_orders
from pdd_audit.metrics.pickup import naive_on_time, pickup_curve
from pdd_audit.metrics.pictures import CURVE_MINUTES, CURVE_STEP, Pictures
from pdd_audit.metrics.survival import MIN_PARCELS, incidence
from pdd_audit.metrics.waves import MissedVan, split_waves
from pdd_audit.services.access import needs
from pdd_audit.services.calendars import calendar_of
from pdd_audit.services.details import detail_tables, filtered
from pdd_audit.services.measure import Ask, ask_about, has_moves, measure
from pdd_audit.services.overlay import target_of
from pdd_audit.services.run_audit import metric_record
from pdd_audit.services.workspace import Workspace

HEADLINE = "pickup_24h_ratio"
TILES = (HEADLINE, "open_over_limit_count", "pickup_hours_p90")
FILES: dict[Side, str] = {"orders": "pdd_orders", "pickups": "courier_pickups"}


@dataclass(frozen=True)
class PickupLook:
    """Everything the page draws, of the chosen parcels.

    ``first``, ``last``: days of upload that count. ``late`` of ``total``: the headline. ``metrics``: by id, in their kept form;
    ``on_time_so_far``: the third naive reading. ``record``: what the period did, counting; ``clean``: parcels without a breach that
    would make the verdict "pass". ``ends``: hour, collected, refunded, open (shares, refunds competing); empty where no refund is known.
    ``open_by``: courier, over, inside, oldest_hours. ``rungs``: the way of the rows, by kind of file.
    """

    tables: CompactTables
    metrics: dict[str, MetricRecord]
    pictures: Pictures
    first: date | None
    last: date | None
    late: int
    total: int
    van: MissedVan | None
    on_time_so_far: Estimate
    record: Literal["met", "not_met", "immature"] | None
    clean: int | None
    ends: pd.DataFrame
    open_by: pd.DataFrame
    perfect: Perfect
    rungs: dict[Side, list[Rung]]

    @property
    def shipping_biased(self) -> bool:
        """Whether the files mislead about what rests on shipping: promises, and orders that went right all the way."""
        return shipping_bias_of(self.tables) is not None


@needs(Right.LOOK)
def look_at_pickup(workspace: Workspace, shop_id: str, filters: Filters = ALL) -> PickupLook:
    """Raises AuditError when the engine cannot run."""
    ask = ask_about(workspace, shop_id, None)
    key, tables = filtered(workspace, shop_id, ask, filters)
    measured = measure(workspace, key, tables)
    details = detail_tables(workspace, shop_id, ask, ("ladder", "perfect", "open_now"), filters)
    metrics = {name: metric_record(name, measured.metrics[name], tables, target_of(workspace, shop_id, name)) for name in TILES}
    counted = tables.cells[tables.cells["mature"] > 0]
    days = pd.to_datetime(counted["day"]).dt.date
    late, total = int(tables.cells["late"].sum()), int(tables.cells["mature"].sum() - tables.cells["refunded"].sum())
    return PickupLook(
        tables=tables, metrics=metrics, pictures=measured.pictures,
        first=days.min() if len(days) else None, last=days.max() if len(days) else None,
        late=late, total=total, van=_van(workspace, shop_id, ask, filters), on_time_so_far=naive_on_time(tables),
        record=_record(metrics[HEADLINE], tables), clean=_clean(metrics[HEADLINE], late, total),
        ends=_ends(tables), open_by=_open_by(details["open_now"], tables.limit_minutes),
        perfect=perfect_orders(details["perfect"], _unseen(ask)),
        rungs=_rungs([] if ask is None else ask.reports, details["ladder"]),
    )


def _van(workspace: Workspace, shop_id: str, ask: Ask | None, filters: Filters) -> MissedVan | None:
    """The missed van that made most of the chosen parcels late. Whether one came is a question of all parcels."""
    calendar = calendar_of(workspace, shop_id)
    whole = split_waves(detail_tables(workspace, shop_id, ask, ["mix"], ALL)["mix"], calendar.is_stopped)
    if not filters:
        return next(iter(whole.vans), None)
    chosen = split_waves(detail_tables(workspace, shop_id, ask, ["mix"], filters)["mix"], whole=whole.waves)
    return next((van for van in chosen.vans if van.late), None)


def _rate(metric: MetricRecord) -> Estimate:
    """The late form of a kept ratio."""
    return kept(Estimate(metric.value, metric.n, metric.low, metric.high))


def _record(metric: MetricRecord, tables: CompactTables) -> Literal["met", "not_met", "immature"] | None:
    if metric.target is None or metric.verdict == "not_trusted":
        return None
    settled = tables.as_of is not None and tables.mature_until is not None and tables.as_of >= tables.mature_until
    return record_of(_rate(metric), 1 - metric.target, settled)


def _clean(metric: MetricRecord, late: int, total: int) -> int | None:
    if metric.target is None or metric.verdict not in ("fail", "too_early") or not total:
        return None
    return clean_to_pass(late, total, 1 - metric.target)


def _ends(tables: CompactTables) -> pd.DataFrame:
    columns = ["hour", "collected", "refunded", "open"]
    curve = pickup_curve(tables)
    if curve.n < MIN_PARCELS or not curve.refunded[-1]:
        return pd.DataFrame(columns=columns)
    watched = np.flatnonzero(curve.at_risk > 0)
    minutes = np.arange(0, min(CURVE_MINUTES, int(watched[-1])) + 1, CURVE_STEP)
    return pd.DataFrame(np.column_stack([minutes / 60, *(share[minutes] for share in incidence(curve))]), columns=columns)


def _open_by(open_now: pd.DataFrame, limit: int) -> pd.DataFrame:
    """Parcels nobody has collected, by courier, those with most past the limit first."""
    parcels, age = open_now["parcels"].astype(int), open_now["age_minute"].astype(float)
    told = open_now.assign(over=parcels.where(age >= limit, 0), inside=parcels.where(age < limit, 0), oldest_hours=age / 60)
    grouped = told.groupby("courier", dropna=False, as_index=False).agg({"over": "sum", "inside": "sum", "oldest_hours": "max"})
    return grouped.sort_values(["over", "inside"], ascending=False, ignore_index=True)


def _unseen(ask: Ask | None) -> frozenset[str]:
    """Components of an order that no file of the shop has a column for."""
    return frozenset() if ask is not None and has_moves(ask) else frozenset({"first_move"})


def _rungs(reports: Iterable[ImportReport], table: pd.DataFrame) -> dict[Side, list[Rung]]:
    counted = {(str(row.side), str(row.step), str(row.reason)): int(row.rows) for row in table.itertuples()}
    found: dict[Side, list[Rung]] = {}
    for side, kind in FILES.items():
        files = [report for report in reports if report.kind == kind]
        if files and any(where == side for where, _, _ in counted):
            found[side] = ladder_of(side, sum(report.rows_read for report in files), _left_out(files), counted)
    return found


def _left_out(files: Sequence[ImportReport]) -> dict[str, int]:
    found: dict[str, int] = {}
    for report in files:
        for reason, rows in report.left_out.items():
            found[reason] = found.get(reason, 0) + rows
    return found

