"""Orders and parcels as Ibis expressions over the ledger: nothing is copied, latest knowledge wins, and the same expression runs
on any engine Ibis speaks to.

``order_lines``: one row per order and waybill, as the newest export knows it. ``parcels``: one row per waybill that was uploaded,
joined with its first pickup scan and judged at one moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.core.coverage import Window
from pdd_audit.core.tables import LAST_MINUTE

UNSHIPPED = ("unpaid", "to_ship", "refunded_unshipped", "cancelled")
REFUNDED = ("refunded_shipped", "refunded_received")
EARLIEST_BEFORE_UPLOAD = timedelta(hours=24)  # a scan further before its upload belongs to another parcel


@dataclass(frozen=True)
class Moment:
    """When and by which rules parcels are judged.

    ``as_of``: the snapshot; everything later is not known yet. ``cut``: ``as_of`` minus the time scans take to reach a file;
    estimators wind back to it. ``limit_minutes``: the platform's limit. ``needs_pickup_from``: orders confirmed from here on must
    also be collected by their promise (None: none). Fine: ``ratio`` of the amount, clamped; None where the figure is unknown.
    """

    as_of: datetime
    cut: datetime
    limit_minutes: int
    needs_pickup_from: datetime | None
    fine_ratio: float | None = None
    fine_min: float | None = None
    fine_max: float | None = None
    fine_floor: bool = False


def order_lines(orders: ir.Table, moment: Moment, several_files: bool) -> ir.Table:
    """One row per order and waybill: the lines of the newest export that names the order."""
    known = orders.filter(orders.confirmed_at.isnull() | (orders.confirmed_at <= moment.as_of))
    if several_files:
        newest = ibis.window(group_by="order_no", order_by=[ibis.desc(known.snapshot_at), ibis.desc(known.import_id)])
        known = known.mutate(age_rank=ibis.rank().over(newest)).filter(_.age_rank == 0).drop("age_rank")
    shipped = ibis.ifelse(known.shipped_at <= moment.as_of, known.shipped_at, None)
    return known.mutate(shipped_at=shipped, fine_yuan=_fine(known, moment))


def _fine(lines: ir.Table, moment: Moment) -> ir.Value:
    """Expected compensation of one order, 0 where the amount or the rule is unknown."""
    if moment.fine_ratio is None or moment.fine_min is None or moment.fine_max is None:
        return ibis.literal(0.0)
    share = lines.received_yuan.cast("float64") * moment.fine_ratio
    share = share.floor().cast("float64") if moment.fine_floor else share
    return ibis.ifelse(lines.received_yuan.isnull(), 0.0, share.clip(moment.fine_min, moment.fine_max))


def first_scans(pickups: ir.Table, moment: Moment, several_files: bool) -> ir.Table:
    """One row per waybill of the pickup sheets: its first scan, first move after it, outlet of the first scan."""
    if several_files:
        pickups = pickups.group_by("waybill").aggregate(
            picked_up_at=_.picked_up_at.min(), first_move_at=_.first_move_at.min(), outlet=_.outlet.argmin(_.picked_up_at),
            collected_time_unknown=_.collected_time_unknown.any(),
        )
    return pickups.select(
        "waybill", "outlet",
        picked_up_at=ibis.ifelse(pickups.picked_up_at <= moment.as_of, pickups.picked_up_at, None),
        first_move_at=ibis.ifelse(pickups.first_move_at <= moment.as_of, pickups.first_move_at, None),
        collected_time_unknown=pickups.collected_time_unknown.fill_null(False),
    )


def parcels(lines: ir.Table, scans: ir.Table, windows: Sequence[Window], moment: Moment) -> ir.Table:
    """One row per uploaded waybill with its state.

    Columns: waybill, order_no, orders, courier, outlet, province, shipped_at, picked_up_at, first_move_at, promised_ship_at,
    cost_yuan, import_id, source_row, excluded (reason or null), refunded, wound back to ``cut``: seen (picked up), mature, late,
    and minute (of the pickup, or age if open).
    """
    uploaded = lines.filter(lines.shipped_at.notnull() & lines.waybill.notnull())
    grouped = uploaded.group_by("waybill").aggregate(
        order_no=_.order_no.min(), orders=_.order_no.nunique(), courier=_.courier.max(), province=_.province.max(),
        shipped_at=_.shipped_at.min(), last_shipped_at=_.shipped_at.max(), promised_ship_at=_.promised_ship_at.min(),
        paid_at=_.paid_at.min(), cost_yuan=_.fine_yuan.sum(), refunded=_.status.isin(REFUNDED).all(),
        review=_.under_review.any(), kind=_.excluded_kind.max(), import_id=_.import_id.max(), source_row=_.source_row.min(),
    )
    joined = grouped.left_join(scans.mutate(listed=True), "waybill").drop("waybill_right")
    known = joined.mutate(covered=joined.picked_up_at.notnull() | joined.listed.fill_null(False) | _inside(joined, windows))
    return _at_cut(known.mutate(excluded=_exclusion(known)), moment)


def _inside(table: ir.Table, windows: Sequence[Window]) -> ir.BooleanValue:
    """Whether a collected-only sheet would have shown the parcel's scan."""
    inside = [
        (table.shipped_at >= window.start) & (table.shipped_at <= window.end) & (True if window.courier is None else table.courier == window.courier)
        for window in windows
    ]
    return reduce(or_, inside, ibis.literal(False)).fill_null(False)


def _exclusion(table: ir.Table) -> ir.StringValue:
    """Why a parcel stays out of the pickup clock; the first reason that fits, null for those inside."""
    early = table.picked_up_at < table.shipped_at - ibis.interval(seconds=int(EARLIEST_BEFORE_UPLOAD.total_seconds()))
    before_payment = table.picked_up_at < table.paid_at
    return ibis.cases(
        (table.kind.notnull(), table.kind),
        (table.review.fill_null(False), "under_review"),
        ((early | before_payment).fill_null(False), "time_invalid"),
        (table.picked_up_at.isnull() & table.collected_time_unknown.fill_null(False), "pickup_time_unknown"),
        (~table.covered, "pickup_unknown"),
        (table.refunded & table.picked_up_at.isnull(), "refund_time_unknown"),
        else_=ibis.null("string"),
    )


def _at_cut(table: ir.Table, moment: Moment) -> ir.Table:
    """Wind the clock back to ``cut``: later scans count as not seen. Event minutes round up, open ages down."""
    seen = (table.picked_up_at <= moment.cut).fill_null(False)
    lag = seconds_between(table.shipped_at, table.picked_up_at)
    age = seconds_between(table.shipped_at, ibis.literal(moment.cut))
    limit = moment.limit_minutes * 60
    mature = table.shipped_at <= moment.cut - timedelta(minutes=moment.limit_minutes)
    waiting = ibis.ifelse(seen, lag, age)
    return table.mutate(
        seen=seen, mature=mature, late=mature & (~seen | (lag > limit)).fill_null(True), fresh=table.shipped_at > moment.cut,
        minute=ibis.ifelse(seen, event_minute(lag), open_minute(waiting)),
        lag_seconds=lag, age_seconds=seconds_between(table.shipped_at, ibis.literal(moment.as_of)),
    )


def seconds_between(start: ir.Value, end: ir.Value) -> ir.IntegerValue:
    return end.cast("timestamp").epoch_seconds() - start.cast("timestamp").epoch_seconds()


def event_minute(lag: ir.Value) -> ir.Value:
    """Ceiling of a lag in seconds, 0 if it ran backwards; so exactly 24 h is minute 1440 and one second more is 1441."""
    return ibis.ifelse(lag <= 0, 0, (lag + 59) // 60).clip(0, LAST_MINUTE)


def open_minute(age: ir.Value) -> ir.Value:
    """Floor of an age in seconds."""
    return ibis.ifelse(age <= 0, 0, age // 60).clip(0, LAST_MINUTE)
