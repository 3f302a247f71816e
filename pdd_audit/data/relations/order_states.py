"""What each order got right, as one state per component: promise, pickup, first_move, after_sale.

ok, broken, none (nothing to judge: a parcel nobody collected cannot have moved, an order nobody uploaded cannot have waited), open (not
settled at ``cut``), or unknown.
"""

from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.data.relations.parcels import REFUNDED, seconds_between

if TYPE_CHECKING:
    from pdd_audit.data.relations.compact import Ground

LOGISTIC = ("not_shipped", "no_pickup", "slow_transport")  # classes of after-sale reasons that are the parcel's fault
NO_PARCEL = ("community", "community_delivery", "store_pickup", "booked_delivery", "under_review")  # no courier is waited for
SETTLED = ("received", *REFUNDED)  # nothing more can be complained of, or hardly


def order_states(ground: "Ground") -> ir.Table:
    """The chosen orders with the states of their components. An order never uploaded is judged once its promise has passed; cancelled
    ones and those that need no courier are not there."""
    orders = _with_parcels(ground)
    judged = orders.filter((orders.uploaded & ~orders.no_parcel) | orders.day.notnull())
    return _with_after_sale(judged, ground)


def _with_parcels(ground: "Ground") -> ir.Table:
    """One row an order with the first three states; its parcels as far as they are uploaded."""
    orders = ground.orders
    promise = ibis.cases(
        (orders.day.notnull() & orders.blind, "unknown"), (orders.day.notnull() & orders.kept, "ok"), (orders.day.notnull(), "broken"),
        ((orders.promised_ship_at > ground.moment.cut).fill_null(False), "open"), else_="unknown",
    )
    own = orders.mutate(promise=promise, uploaded=orders.shipped_at.notnull() & orders.waybill.notnull())
    if "lag_seconds" in own.columns:  # every order is its own parcel
        told = own.mutate(
            pickup=ibis.ifelse(own.uploaded, _pickup(own), "none"),
            first_move=ibis.ifelse(own.uploaded, _first_move(own, ground), "none"),
            no_parcel=own.excluded.isin(NO_PARCEL).fill_null(False), settled=own.status.isin(SETTLED),
        )
    else:
        told = own.left_join(_of_several(ground), "order_no").drop("order_no_right")
        told = told.mutate(
            pickup=told.pickup.fill_null("none"), first_move=told.first_move.fill_null("none"),
            no_parcel=told.no_parcel.fill_null(False), settled=told.settled.fill_null(False),
        )
    return told.select(
        "order_no", "waybill", "courier", "outlet", "confirmed_at", "promised_ship_at", "shipped_at", "cost_yuan", "day", "uploaded",
        "no_parcel", "settled", "promise", "pickup", "first_move",
    )


def _of_several(ground: "Ground") -> ir.Table:
    """The states of all parcels of an order together: the worst one speaks."""
    parcels = ground.every_parcel
    told = parcels.select(
        "waybill", pickup=_pickup(parcels), first_move=_first_move(parcels, ground),
        no_parcel=parcels.excluded.isin(NO_PARCEL).fill_null(False),
    )
    lines = ground.lines.select("order_no", "waybill", "status").left_join(told, "waybill")
    return lines.group_by("order_no").aggregate(
        pickup=_worst(_.pickup), first_move=_worst(_.first_move), no_parcel=_.no_parcel.all(), settled=_.status.isin(SETTLED).all(),
    )


def _worst(state: ir.Value) -> ir.Value:
    return ibis.cases(
        ((state == "broken").any(), "broken"), ((state == "open").any(), "open"), ((state == "unknown").any(), "unknown"),
        ((state == "ok").any(), "ok"), else_="none",
    )


def _pickup(parcels: ir.Table) -> ir.Value:
    return ibis.cases(
        (parcels.excluded.notnull(), "unknown"), (~parcels.mature | parcels.fresh, "open"), (parcels.late, "broken"), else_="ok",
    )


def _first_move(parcels: ir.Table, ground: "Ground") -> ir.Value:
    limit = ground.moment.limit_minutes * 60
    seconds_since = seconds_between(parcels.picked_up_at, ibis.literal(ground.moment.cut))
    moved_in_time = (seconds_between(parcels.picked_up_at, parcels.first_move_at) <= limit).fill_null(False)
    return ibis.cases(
        (parcels.excluded.notnull(), "unknown"), (~parcels.seen & ~parcels.mature, "open"), (~parcels.seen, "none"),
        (seconds_since < limit, "open"), (moved_in_time, "ok"), else_="broken",
    )


def _with_after_sale(orders: ir.Table, ground: "Ground") -> ir.Table:
    """A case speaks of an order, its absence only inside what the exports cover and once the order is signed for or refunded."""
    cases = ground.beside.after_sales
    if cases is None:
        return orders.mutate(after_sale=ibis.literal("unknown"))
    running = cases.filter(_.status != "closed")
    of_orders = running.group_by("order_no").aggregate(
        complaint=_.reason.isin(LOGISTIC).fill_null(False).any(), vague=_.reason.isnull().any(),
    )
    span = cases.aggregate(
        covered_from=_.requested_at.min().coalesce(_.refunded_at.min()), covered_to=_.snapshot_at.max(), reasons=_.reason.count(),
    )
    told = orders.left_join(of_orders, "order_no").drop("order_no_right").cross_join(span)
    outside = (told.confirmed_at < told.covered_from.truncate("D")).fill_null(True) | (told.confirmed_at > told.covered_to).fill_null(False)
    state = ibis.cases(
        (told.reasons == 0, "unknown"), (told.complaint.fill_null(False), "broken"), (told.vague.fill_null(False), "unknown"),
        (outside, "unknown"), (~told.settled, "open"), else_="ok",
    )
    return told.mutate(after_sale=state)
