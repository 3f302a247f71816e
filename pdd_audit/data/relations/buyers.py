"""Orders whose buyer may have to be told something: where each stands, how long is left, and what the buyer asked for."""

from collections.abc import Sequence
from datetime import timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.deadlines import due_minute
from pdd_audit.data.relations.neighbours import refund_times
from pdd_audit.data.relations.parcels import seconds_between

COLUMNS = (
    "order_no", "waybill", "courier", "outlet", "goods_name", "state", "left_minutes", "picked_up_at", "asked", "refunded",
    "received_yuan", "cost_yuan",
)
NEAR = timedelta(hours=24)
LONGEST_OVER = timedelta(days=14)  # whoever waits longer is a case of its own, not a message
RECENT = timedelta(hours=24)  # a late pickup, or a refund agreed before one
UNDATED = timedelta(days=3)  # of the upload, where nobody knows when the refund was agreed
MOST = 5_000
WANTS_MONEY = ("refund_only", "return_refund")
REFUND_UNDATED = ("refunded_shipped", "refunded_received", "refunded_unshipped")


def buyers(ground: Ground, orders: Sequence[str] | None = None) -> pd.DataFrame:
    """One row an order with ``COLUMNS``, those with the least time left first, at most ``MOST``. ``orders``: these, whatever their state;
    None: those that concern somebody now. ``left_minutes``: to the earlier deadline (of a collected parcel: at its pickup), null where no
    clock runs; ``state``: not_uploaded, open, collected, or "other" where neither can be said."""
    table = _placed(ground)
    if orders is not None:
        wanted = ibis.memtable({"order_no": list(dict.fromkeys(orders))}, schema={"order_no": "string"})
        table = table.semi_join(wanted, "order_no")
    else:
        table = table.filter(_concerns(table, ground))
    table = _named(table, ground)
    least = table.order_by(ibis.asc("left_minutes", nulls_first=False), "order_no").limit(MOST)
    frame: pd.DataFrame = least.select(*COLUMNS).execute()
    return frame.sort_values(["left_minutes", "order_no"], ignore_index=True)


def _concerns(table: ir.Table, ground: Ground) -> ir.BooleanValue:
    as_of = ground.moment.as_of
    near, longest = int(NEAR.total_seconds()) // 60, int(LONGEST_OVER.total_seconds()) // 60
    pressing = table.state.isin(("open", "not_uploaded")) & table.left_minutes.between(-longest, near).fill_null(False)
    caught_up = ((table.state == "collected") & (table.left_minutes <= 0) & (table.picked_up_at >= as_of - RECENT)).fill_null(False)
    new = (table.refunded_at >= as_of - RECENT) | (table.refunded_at.isnull() & (table.sent_at >= as_of - UNDATED))
    agreed = table.refunded & (table.state == "open") & new.fill_null(False)
    asked = table.asked & table.state.isin(("open", "collected"))
    return (pressing & ~table.refunded) | caught_up | agreed | asked


def _placed(ground: Ground) -> ir.Table:
    """Every order of the chosen part with its parcel, the latest one of several; what the buyer asked for beside it."""
    moment = ground.moment
    lines = ground.lines.select("order_no", "status", "received_yuan", line_waybill=ground.lines.waybill)
    told = ground.orders.select("order_no", "promised_ship_at", "waiting", "goods_id", "courier", "outlet", "shipped_at", "cost_yuan")
    parcels = ground.parcels
    own = parcels.select(
        line_waybill=parcels.waybill, parcel_courier=parcels.courier, parcel_outlet=parcels.outlet, sent_at=parcels.shipped_at,
        picked_up_at=parcels.picked_up_at, excluded=parcels.excluded, due=due_minute(parcels, moment),
        open_minute=parcels.age_seconds // 60, lag_minute=(parcels.lag_seconds + 59) // 60,
    )
    joined = lines.left_join(own, "line_waybill").drop("line_waybill_right")
    merged = joined.group_by("order_no").aggregate(
        waybill=_.line_waybill.max(), received_yuan=_.received_yuan.cast("float64").max(), picked_up_at=_.picked_up_at.min(),
        sent_at=_.sent_at.min(), parcel_courier=_.parcel_courier.min(), parcel_outlet=_.parcel_outlet.min(),
        waits=_.sent_at.notnull().any() & _.picked_up_at.isnull().any(),
        open_left=ibis.ifelse(_.picked_up_at.isnull() & _.excluded.isnull(), _.due - _.open_minute, None).min(),
        late_by=ibis.ifelse(_.excluded.isnull(), _.due - _.lag_minute, None).min(), gone=_.status.isin(REFUND_UNDATED).any(),
    )
    rows = merged.inner_join(told, "order_no")
    rows = _asked(rows, ground)
    state = ibis.cases(
        (rows.waits, "open"), (rows.picked_up_at.notnull(), "collected"), (rows.waiting & rows.shipped_at.isnull(), "not_uploaded"),
        else_="other",
    )
    promise = seconds_between(ibis.literal(moment.as_of), rows.promised_ship_at) // 60
    placed = rows.mutate(
        state=state, courier=rows.parcel_courier.coalesce(rows.courier), outlet=rows.parcel_outlet.coalesce(rows.outlet),
    )
    left = ibis.cases(
        (placed.state == "open", placed.open_left), (placed.state == "collected", placed.late_by),
        (placed.state == "not_uploaded", promise), else_=ibis.null("int64"),
    )
    return placed.mutate(left_minutes=left.cast("int64"))


def _asked(rows: ir.Table, ground: Ground) -> ir.Table:
    """``asked``: a refund is asked for and not decided at the moment; ``refunded``: agreed by then, ``refunded_at`` where that is known."""
    cases, as_of = ground.beside.after_sales, ground.moment.as_of
    if cases is None:
        return rows.mutate(asked=ibis.literal(False), refunded_at=ibis.null("timestamp"), refunded=rows.gone)
    known = cases.filter(cases.kind.isnull() | cases.kind.isin(WANTS_MONEY))
    undecided = (known.status == "open") | ((known.status == "refunded") & (known.refunded_at > as_of).fill_null(False))
    waiting = known.filter(undecided & (known.requested_at.isnull() | (known.requested_at <= as_of))).select("order_no").distinct()
    joined = rows.left_join(waiting.mutate(asked=ibis.literal(True)), "order_no").drop("order_no_right")
    joined = joined.mutate(asked=joined.asked.fill_null(False))
    agreed = joined.left_join(refund_times(cases), "order_no").drop("order_no_right")
    later = (agreed.refunded_at > as_of).fill_null(False)  # it stands in the order export, and nobody knew it yet
    refunded = (agreed.gone | agreed.refunded_at.notnull()) & ~later
    return agreed.mutate(refunded=refunded, refunded_at=ibis.ifelse(later, None, agreed.refunded_at))


def _named(table: ir.Table, ground: Ground) -> ir.Table:
    if ground.goods is None:
        return table.mutate(goods_name=ibis.null("string"))
    return table.left_join(ground.goods, table.goods_id == ground.goods.goods_id)


# --- what became of late orders ---------------------------------------------------------------------------------------------

LANDMARK = timedelta(hours=24)  # after the limit: who had been told by then, and who still had an order to refund
FOLLOWED = timedelta(days=7)  # and how long they were watched from there
OUTCOME = ("order_no", "landmark", "refunded")


def late_outcomes(ground: Ground, orders: Sequence[str] | None = None) -> pd.DataFrame:
    """What became of late orders that still stood a day after their limit and were watched for a week more. With ``orders``: each of them
    among these (``OUTCOME``); without: one row of all (orders, refunded). Needs dates of refunds; no rows without an after-sale export."""
    cases, moment = ground.beside.after_sales, ground.moment
    if cases is None:
        return pd.DataFrame(columns=list(OUTCOME) if orders is not None else ["orders", "refunded"])
    parcels = ground.parcels.filter(_.late & _.excluded.isnull())
    late = ground.lines.select("order_no", "waybill").inner_join(parcels.select("waybill", "shipped_at"), "waybill")
    late = late.group_by("order_no").aggregate(landmark=_.shipped_at.min() + ibis.interval(
        seconds=moment.limit_minutes * 60 + int(LANDMARK.total_seconds())
    ))
    watched = late.filter(late.landmark <= moment.as_of - FOLLOWED)
    dated = watched.left_join(refund_times(cases), "order_no").drop("order_no_right")
    stood = dated.filter(dated.refunded_at.isnull() | (dated.refunded_at > dated.landmark))
    week = int(FOLLOWED.total_seconds())
    told = stood.mutate(refunded=(seconds_between(stood.landmark, stood.refunded_at) <= week).fill_null(False))
    if orders is None:
        counted: pd.DataFrame = told.aggregate(orders=_.count(), refunded=_.refunded.sum().fill_null(0)).execute()
        return counted
    wanted = ibis.memtable({"order_no": list(dict.fromkeys(orders))}, schema={"order_no": "string"})
    frame: pd.DataFrame = told.semi_join(wanted, "order_no").select(*OUTCOME).execute()
    return frame
