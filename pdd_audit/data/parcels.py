"""Orders and parcels as Ibis expressions over the ledger: nothing is copied, latest knowledge wins, and the same expression runs
on any engine Ibis speaks to.

``order_lines``: one row per order and waybill, as the newest export knows it. ``scanned_lines``: the same beside their first pickup
scan. ``parcels``: one row per waybill that was uploaded, judged at one moment.
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


def scanned_lines(lines: ir.Table, scans: ir.Table) -> ir.Table:
    """Order lines beside the first scan of their waybill; ``listed``: the waybill stands in a pickup sheet."""
    narrow = lines.select(
        "order_no", "waybill", "courier", "status", "confirmed_at", "paid_at", "promised_ship_at", "shipped_at",
        last_shipped_at=lines.shipped_at, review=lines.under_review.fill_null(False), kind=lines.excluded_kind,
        cost_yuan=lines.fine_yuan, refunded=lines.status.isin(REFUNDED), shared=ibis.literal(1),
    )
    return narrow.left_join(scans.mutate(listed=True), "waybill").drop("waybill_right")


def one_row_per(table: ir.Table, key: str, distinct: bool, **columns: str) -> ir.Table:
    """The table with one row per ``key``; each column with the reduction that joins several rows. Where the key is known to be
    distinct there is nothing to join, and a million rows need not be grouped to find that out."""
    if distinct:
        return table.select(key, *columns)
    return table.group_by(key).aggregate(**{name: getattr(table[name], reduction)() for name, reduction in columns.items()})


def parcels(joined: ir.Table, windows: Sequence[Window], moment: Moment, distinct: bool = False) -> ir.Table:
    """One row per uploaded waybill with its state, from ``scanned_lines``. ``distinct``: no waybill is on two lines.

    Columns: waybill, courier, outlet, shipped_at, last_shipped_at, picked_up_at, first_move_at, shared (several orders), cost_yuan,
    excluded (reason or null), and wound back to ``cut``: seen (picked up), mature, late, fresh, and minute (of the pickup, or age if
    open); lag_seconds of the pickup and age_seconds at ``as_of``.
    """
    uploaded = joined.filter(joined.shipped_at.notnull() & joined.waybill.notnull())
    grouped = one_row_per(
        uploaded, "waybill", distinct, courier="arbitrary", outlet="arbitrary", shipped_at="min", last_shipped_at="max",
        picked_up_at="min", first_move_at="min", paid_at="min", shared="sum", cost_yuan="sum", refunded="all", review="any",
        kind="arbitrary", listed="any", collected_time_unknown="any",
    )
    grouped = grouped.mutate(shared=grouped.shared > 1)
    covered = grouped.picked_up_at.notnull() | grouped.listed.fill_null(False) | inside_windows(grouped, windows)
    judged = grouped.mutate(excluded=_exclusion(grouped, covered))
    return _at_cut(judged.drop("paid_at", "refunded", "review", "kind", "listed", "collected_time_unknown"), moment)


def inside_windows(table: ir.Table, windows: Sequence[Window]) -> ir.BooleanValue:
    """Whether a collected-only sheet would have shown the parcel's scan."""
    inside = [
        table.shipped_at.between(window.start, window.end)
        & (ibis.literal(True) if window.courier is None else table.courier == window.courier)
        for window in windows
    ]
    return reduce(or_, inside, ibis.literal(False)).fill_null(False)


def _exclusion(table: ir.Table, covered: ir.BooleanValue) -> ir.StringValue:
    """Why a parcel stays out of the pickup clock; the first reason that fits, null for those inside."""
    early = table.picked_up_at < table.shipped_at - ibis.interval(seconds=int(EARLIEST_BEFORE_UPLOAD.total_seconds()))
    before_payment = table.picked_up_at < table.paid_at
    return ibis.cases(
        (table.kind.notnull(), table.kind),
        (table.review.fill_null(False), "under_review"),
        ((early | before_payment).fill_null(False), "time_invalid"),
        (table.picked_up_at.isnull() & table.collected_time_unknown.fill_null(False), "pickup_time_unknown"),
        (~covered, "pickup_unknown"),
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
