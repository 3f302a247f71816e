"""Lines and parcels at one moment, as Ibis expressions that run on any engine Ibis speaks to.

``lines_at``: the shop's lines (``data.lines``) as a moment knew them. ``judged_parcels``: one row per waybill that was uploaded,
``judged_orders``: one row per order, both judged by the rules of that moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import and_, or_

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.core.coverage import Window
from pdd_audit.core.exemptions import Clock, Waiver
from pdd_audit.core.tables import LAST_MINUTE
from pdd_audit.core.working_days import Stop

UNSHIPPED = ("unpaid", "to_ship", "refunded_unshipped", "cancelled")
REFUNDED = ("refunded_shipped", "refunded_received")
REFUNDED_IN_TIME = "refunded_before_limit"  # out of the denominator, yet it competes with the pickup in the estimators
REUSED_AFTER = timedelta(days=30)  # two orders of one waybill further apart are two parcels
EXEMPT = "exempt"
_DAY_SECONDS = 24 * 60 * 60
EARLIEST_BEFORE_UPLOAD = timedelta(hours=24)  # a scan further before its upload belongs to another parcel


@dataclass(frozen=True)
class Moment:
    """When and by which rules parcels are judged.

    ``as_of``: the snapshot; everything later is not known yet. ``cut``: ``as_of`` minus the time scans take to reach a file;
    estimators wind back to it. ``limit_minutes``: the platform's limit. ``needs_pickup_from``: orders confirmed from here on must
    also be collected by their promise (None: none). Fine: ``ratio`` of the amount, clamped; None where the figure is unknown.
    ``waivers``: windows in which a rule is suspended; ``stops``: days on which couriers do not collect.
    ``days_off``: weekends and holidays of ``calendar_years``; the day types of other years are unknown (``day_types.day_type``).
    """

    as_of: datetime
    cut: datetime
    limit_minutes: int
    needs_pickup_from: datetime | None
    fine_ratio: float | None = None
    fine_min: float | None = None
    fine_max: float | None = None
    fine_floor: bool = False
    waivers: tuple[Waiver, ...] = ()
    stops: tuple[Stop, ...] = ()
    days_off: tuple[date, ...] = ()
    calendar_years: tuple[int, ...] = ()


def lines_at(lines: ir.Table, moment: Moment) -> ir.Table:
    """The shop's lines as ``moment.as_of`` knew them, with the expected compensation of each order."""
    known = lines.filter(lines.confirmed_at.isnull() | (lines.confirmed_at <= moment.as_of))
    shipped = _until(known.shipped_at, moment)
    return known.mutate(
        shipped_at=shipped, last_shipped_at=shipped, first_move_at=_until(known.first_move_at, moment),
        cost_yuan=fine(known, moment), **_pickup(known, moment), **_refund(known, moment),
    )


def known_to_the_day(pickup: ir.Value) -> ir.BooleanValue:
    """Whether a pickup time only names its day. Nobody can tell a scan at midnight sharp from it, and there is hardly ever one."""
    return pickup == pickup.truncate("D")


def _pickup(lines: ir.Table, moment: Moment) -> dict[str, ir.Value]:
    """The first scan as the moment knew it. One known to the day counts where both ends of its day agree: by its first moment where that
    is late, by its last one where that is in time. Otherwise its time is unknown."""
    start = lines.picked_up_at
    to_the_day = (known_to_the_day(start) & (start <= moment.as_of)).fill_null(False)
    end = start + ibis.interval(days=1)
    end = ibis.ifelse(end <= moment.as_of, end, ibis.literal(moment.as_of.replace(second=0, microsecond=0)).cast("timestamp"))
    limit = moment.limit_minutes * 60
    late, in_time = (seconds_between(lines.shipped_at, start) > limit), (seconds_between(lines.shipped_at, end) <= limit)
    at = ibis.cases((~to_the_day, _until(start, moment)), (late, start), (in_time, end), else_=ibis.null("timestamp"))
    return {"picked_up_at": at, "collected_time_unknown": (lines.collected_time_unknown.fill_null(False) & start.isnull()) | to_the_day}


def _refund(lines: ir.Table, moment: Moment) -> dict[str, ir.Value]:
    """Whether an order was refunded as the moment knew it, and when. The order export says whether, the after-sale export only when: of
    a case without a refunded order (a part of the price, a small gift) it says nothing. Goods that were received, and collected only
    after the moment, had not been refunded by then."""
    received_later = (lines.status == "refunded_received") & lines.refunded_at.isnull() & (lines.picked_up_at > moment.as_of)
    known = lines.refunded_at.isnull() | (lines.refunded_at <= moment.as_of)
    refunded = lines.status.isin(REFUNDED) & known & ~received_later.fill_null(False)
    return {"refunded": refunded, "refunded_at": ibis.ifelse(refunded, lines.refunded_at, None)}


def _until(time: ir.Value, moment: Moment) -> ir.Value:
    return ibis.ifelse(time <= moment.as_of, time, None)


def fine(lines: ir.Table, moment: Moment) -> ir.Value:
    """Expected compensation of one order, 0 where the amount or the rule is unknown."""
    if moment.fine_ratio is None or moment.fine_min is None or moment.fine_max is None:
        return ibis.literal(0.0)
    share = lines.received_yuan.cast("float64") * moment.fine_ratio
    share = share.floor().cast("float64") if moment.fine_floor else share
    return ibis.cases(
        (lines.received_yuan.isnull() | (lines.received_yuan < 0), 0.0), (share <= moment.fine_min, moment.fine_min),
        (share >= moment.fine_max, moment.fine_max), else_=share,
    )


def judged_lines(lines: ir.Table, windows: Sequence[Window], moment: Moment) -> ir.Table:
    """``judged_parcels`` and ``judged_orders`` side by side, where every order and every waybill stands on one line only."""
    judged = _judge_orders(_judge_parcels(lines, windows, moment), windows, moment)
    return judged.mutate(shared=ibis.literal(False)).drop(*_RAW)


def judged_parcels(lines: ir.Table, windows: Sequence[Window], moment: Moment) -> ir.Table:
    """One row per uploaded waybill with its state, from ``lines_at``.

    Columns: waybill, courier, outlet, outlet_by_label, shipped_at, last_shipped_at, picked_up_at, first_move_at, shared (several orders),
    cost_yuan, excluded (reason or null), and wound back to ``cut``: seen (picked up), closed (refunded before any pickup), mature, late,
    fresh, and minute (of the pickup or the refund, or age if open); lag_seconds of the pickup and age_seconds at ``as_of``. Of its orders:
    confirmed_at and promised_ship_at (the earliest), province and goods_id (null where they differ).
    """
    uploaded = lines.filter(lines.shipped_at.notnull() & lines.waybill.notnull())
    of_order = ibis.window(group_by="order_no")  # an order of several parcels is fined once
    uploaded = uploaded.mutate(cost_yuan=uploaded.cost_yuan / uploaded.count().over(of_order))
    grouped = uploaded.group_by("waybill").aggregate(
        courier=_one_of(_.courier),
        outlet=_.outlet.min(), shipped_at=_.shipped_at.min(), last_shipped_at=_.last_shipped_at.max(),
        picked_up_at=ibis.ifelse(_.picked_up_at.isnull().any(), None, _.picked_up_at.min()),
        first_move_at=_.first_move_at.min(), paid_at=_.paid_at.min(), shared=_.count() > 1,
        cost_yuan=_.cost_yuan.sum(), refunded=_.refunded.all(), outlet_by_label=_.outlet_by_label.any(),
        refunded_at=ibis.ifelse(_.refunded_at.isnull().any(), None, _.refunded_at.max()), review=_.review.any(), kind=_.kind.min(),
        listed=_.listed.any(), collected_time_unknown=_.collected_time_unknown.any(), confirmed_at=_.confirmed_at.min(),
        promised_ship_at=_.promised_ship_at.min(), province=_one_of(_.province), goods_id=_one_of(_.goods_id),
    )
    return _judge_parcels(grouped, windows, moment).drop("paid_at", *_RAW)


def _one_of(column: ir.Value) -> ir.Value:
    """The value all rows of a group share, null where they differ."""
    return ibis.ifelse(column.min() == column.max(), column.min(), None)


def judged_orders(lines: ir.Table, windows: Sequence[Window], moment: Moment) -> ir.Table:
    """One row per order, from ``lines_at``: order_no, waybill, courier, outlet, province, goods_id, confirmed_at, promised_ship_at,
    shipped_at, cost_yuan, waiting (to be shipped), and, if its promise has passed ``cut``, its promised day, whether it was kept, and
    whether nobody could have seen that (blind); exempt if its promise would have passed and was waived."""
    return _judge_orders(lines, windows, moment).group_by("order_no").aggregate(
        waybill=_.waybill.min(), confirmed_at=_.confirmed_at.min(), shipped_at=_.shipped_at.min(), waiting=_.waiting.any(),
        day=_.day.min(), kept=_.kept.all(), blind=_.blind.any(), exempt=_.exempt.any(), courier=_one_of(_.courier), outlet=_.outlet.min(),
        province=_one_of(_.province), goods_id=_one_of(_.goods_id), promised_ship_at=_.promised_ship_at.min(), cost_yuan=_.cost_yuan.max(),
    )


_RAW = ("refunded", "refunded_at", "review", "kind", "listed", "collected_time_unknown")  # needed for judging only


def _judge_parcels(table: ir.Table, windows: Sequence[Window], moment: Moment) -> ir.Table:
    covered = table.picked_up_at.notnull() | table.listed.fill_null(False) | inside_windows(table, windows)
    return _at_cut(table.mutate(excluded=_exclusion(table, covered, moment)), moment)


def _judge_orders(lines: ir.Table, windows: Sequence[Window], moment: Moment) -> ir.Table:
    """Where the rules ask for the pickup too, blind orders are out: keeping only the late ones of them would slander the shop."""
    backwards = ((lines.shipped_at < lines.paid_at) | (lines.shipped_at < lines.confirmed_at)).fill_null(False)
    due = (
        ~backwards & (lines.promised_ship_at >= lines.confirmed_at).fill_null(True)
        & lines.promised_ship_at.notnull() & (lines.promised_ship_at <= moment.cut) & ~lines.review
        & (lines.shipped_at.notnull() | (lines.status == "to_ship")) & lines.kind.isnull()
    )
    exempt: ir.BooleanValue = ibis.literal(False)
    if moment.waivers:
        exempt = due & waived(lines, moment, "promise")
        due &= ~exempt
    asks = ibis.literal(False) if moment.needs_pickup_from is None else (lines.confirmed_at >= moment.needs_pickup_from).fill_null(True)
    shipped_in_time = (lines.shipped_at <= lines.promised_ship_at).fill_null(False)
    picked_in_time = ((lines.picked_up_at <= lines.promised_ship_at) & (lines.picked_up_at <= moment.cut)).fill_null(False)
    covered = lines.picked_up_at.notnull() | lines.listed.fill_null(False) | inside_windows(lines, windows)
    void = lines.refunded & ~(lines.refunded_at > lines.promised_ship_at).fill_null(False)  # refunded by its promise, or who knows when
    by_day = seconds_between(lines.promised_ship_at, lines.picked_up_at).abs() < _DAY_SECONDS
    untimed = lines.collected_time_unknown & (lines.picked_up_at.isnull() | by_day)
    unseen = asks & lines.shipped_at.notnull() & (~covered | (lines.picked_up_at.isnull() & void) | untimed)
    return lines.mutate(
        day=ibis.ifelse(due, lines.promised_ship_at.date(), None), kept=~due | (shipped_in_time & (~asks | picked_in_time)),
        blind=due & unseen, exempt=exempt, waiting=lines.status == "to_ship", confirmed_at=ibis.ifelse(backwards, None, lines.confirmed_at),
    )


def inside_windows(table: ir.Table, windows: Sequence[Window]) -> ir.BooleanValue:
    """Whether a collected-only sheet would have shown the parcel's scan."""
    inside = [
        table.shipped_at.between(window.start, window.end)
        & (ibis.literal(True) if window.courier is None else table.courier == window.courier)
        for window in windows
    ]
    return reduce(or_, inside, ibis.literal(False)).fill_null(False)


def _exclusion(table: ir.Table, covered: ir.BooleanValue, moment: Moment) -> ir.StringValue:
    """Why a parcel stays out of the pickup clock; the first reason that fits, null for those inside. An exempt parcel has no limit that a
    refund could come before, so its refund competes with nothing."""
    early = table.picked_up_at < table.shipped_at - ibis.interval(seconds=int(EARLIEST_BEFORE_UPLOAD.total_seconds()))
    before_payment = table.picked_up_at < table.paid_at
    return ibis.cases(
        (table.kind.notnull(), table.kind),
        (table.review.fill_null(False), "under_review"),
        ((early | before_payment).fill_null(False), "time_invalid"),
        (_reused_later(table), "reused_waybill"),
        (table.picked_up_at.isnull() & table.collected_time_unknown.fill_null(False), "pickup_time_unknown"),
        (~covered, "pickup_unknown"),
        (waived(table, moment, "pickup"), EXEMPT),
        (_refund_first(table) & _in_time(table, moment), REFUNDED_IN_TIME),
        (table.refunded & table.picked_up_at.isnull() & table.refunded_at.isnull(), "refund_time_unknown"),
        else_=ibis.null("string"),
    )


def waived(table: ir.Table, moment: Moment, clock: Clock) -> ir.BooleanValue:
    """Whether a window suspends the clock for a row. A time that is not known lies in no window; paid, else confirmed."""
    times = {"paid": table.paid_at.coalesce(table.confirmed_at), "promised": table.promised_ship_at, "shipped": table.shipped_at}
    inside = []
    for waiver in moment.waivers:
        if clock in waiver.waives:
            time = times[waiver.counted_by]
            placed = [table.province.startswith(name) for name in waiver.provinces] or [ibis.literal(True)]
            carried = [table.courier.isin(waiver.couriers)] if waiver.couriers else []
            inside.append(reduce(and_, carried, (time >= waiver.start) & (time < waiver.end) & reduce(or_, placed)))
    return reduce(or_, inside, ibis.literal(False)).fill_null(False)


def _reused_later(table: ir.Table) -> ir.BooleanValue:
    """Whether a waybill came back in an order more than 30 days later, and no scan shows that its first parcel had gone before."""
    again = seconds_between(table.shipped_at, table.last_shipped_at) > int(REUSED_AFTER.total_seconds())
    of_the_first = (table.picked_up_at < table.last_shipped_at - ibis.interval(seconds=int(EARLIEST_BEFORE_UPLOAD.total_seconds())))
    return (again & ~of_the_first.fill_null(False)).fill_null(False)


def _refund_first(table: ir.Table) -> ir.BooleanValue:
    """Whether the refund came before any pickup. Whatever is scanned after it is no pickup of this order."""
    return (table.refunded_at.notnull() & (table.picked_up_at.isnull() | (table.refunded_at < table.picked_up_at))).fill_null(False)


def _in_time(table: ir.Table, moment: Moment) -> ir.BooleanValue:
    return (seconds_between(table.shipped_at, table.refunded_at) <= moment.limit_minutes * 60).fill_null(False)


def _at_cut(table: ir.Table, moment: Moment) -> ir.Table:
    """Wind the clock back to ``cut``: later scans and refunds count as not seen. Event minutes round up, open ages down."""
    refund_first = _refund_first(table)
    closed = refund_first & (table.refunded_at <= moment.cut).fill_null(False)
    seen = (table.picked_up_at <= moment.cut).fill_null(False) & ~refund_first
    lag = seconds_between(table.shipped_at, table.picked_up_at)
    age = seconds_between(table.shipped_at, ibis.literal(moment.cut))
    limit = moment.limit_minutes * 60
    mature = table.shipped_at <= moment.cut - timedelta(minutes=moment.limit_minutes)
    minute = ibis.cases(
        (closed, event_minute(seconds_between(table.shipped_at, table.refunded_at))), (seen, event_minute(lag)), else_=open_minute(age)
    )
    late = mature & ~(closed & _in_time(table, moment)) & (~seen | (lag > limit)).fill_null(True)
    return table.mutate(
        seen=seen, closed=closed, mature=mature, late=late, fresh=table.shipped_at > moment.cut, minute=minute,
        lag_seconds=lag, age_seconds=seconds_between(table.shipped_at, ibis.literal(moment.as_of)),
    )


def seconds_between(start: ir.Value, end: ir.Value) -> ir.IntegerValue:
    return end.cast("timestamp").epoch_seconds() - start.cast("timestamp").epoch_seconds()


def event_minute(lag: ir.Value) -> ir.Value:
    """Ceiling of a lag in seconds, 0 if it ran backwards; so exactly 24 h is minute 1440 and one second more is 1441."""
    # cases, because clip would write the whole lag down three times more
    return ibis.cases((lag <= 0, 0), (lag > 60 * (LAST_MINUTE - 1), LAST_MINUTE), else_=(lag + 59) // 60)


def open_minute(age: ir.Value) -> ir.Value:
    """Floor of an age in seconds."""
    return ibis.cases((age <= 0, 0), (age >= 60 * LAST_MINUTE, LAST_MINUTE), else_=age // 60)
