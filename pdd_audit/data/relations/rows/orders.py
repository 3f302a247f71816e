"""Parcels and orders by what the order export says of them."""

from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.data.relations.order_states import order_states
from pdd_audit.data.relations.parcels import seconds_between

if TYPE_CHECKING:
    from pdd_audit.data.relations.compact import Ground

A_DAY = 86400
CLOSED = ("unpaid", "cancelled", "refunded_unshipped")


STATES = ("promise", "pickup", "first_move", "after_sale")
FINE = ("ok", "none")


def _settled(ground: "Ground", judged: str) -> ir.Table:
    """Orders of which every judged component is known. ``judged``: their names, with spaces between."""
    states = order_states(ground)
    return states.filter(*(states[name].isin((*FINE, "broken")) for name in judged.split()))


def perfect(ground: "Ground", judged: str) -> ir.Table:
    table = _settled(ground, judged)
    return table.filter(*(table[name].isin(FINE) for name in judged.split()))


def imperfect(ground: "Ground", judged: str, broken: str = "") -> ir.Table:
    """Orders with a broken component, or with this one broken."""
    table = _settled(ground, judged)
    return table.filter(ibis.or_(*(table[name] == "broken" for name in (broken or judged).split())))


def undecided(ground: "Ground", judged: str) -> ir.Table:
    """Orders with a component that is not known, or not settled yet."""
    states = order_states(ground)
    return states.filter(ibis.or_(*(states[name].isin(("unknown", "open")) for name in judged.split())))


def other_courier(ground: "Ground") -> ir.Table:
    return ground.parcels.filter(_.courier == "其他")


def reused_waybill(table: ir.Table) -> ir.BooleanValue:
    """Waybills of several orders uploaded more than a day apart: no parcel was merged that late."""
    return table.shared & (seconds_between(table.shipped_at, table.last_shipped_at) > A_DAY)


def reused(ground: "Ground") -> ir.Table:
    return ground.parcels.filter(reused_waybill(ground.parcels))


def merged(ground: "Ground") -> ir.Table:
    """Lines whose parcel is counted with another line of the same waybill already, of the whole shop."""
    uploaded = ground.lines.filter(_.shipped_at.notnull() & _.waybill.notnull())
    of_waybill = ibis.window(group_by="waybill", order_by=["order_no", "import_id", "source_row"])
    return uploaded.mutate(place=ibis.row_number().over(of_waybill)).filter(_.place > 0)


def promised_orders(ground: "Ground") -> ir.Table:
    """One row per order whose promise has passed ``cut``: waybill, day, kept."""
    return ground.orders.filter(_.day.notnull() & ~_.blind)


def promise_missed(ground: "Ground") -> ir.Table:
    """Orders that missed their promise: an order never uploaded is one of them."""
    return promised_orders(ground).filter(~_.kept)


def why_not_uploaded(lines: ir.Table) -> ir.StringValue:
    """Of a line without an uploaded parcel: no_waybill, waiting, closed_unshipped, or no_ship_time (gone, says its status)."""
    return ibis.cases(
        (lines.shipped_at.notnull(), "no_waybill"), (lines.status == "to_ship", "waiting"), (lines.status.isin(CLOSED), "closed_unshipped"),
        else_="no_ship_time",
    )


def not_uploaded(ground: "Ground", why: str = "") -> ir.Table:
    """Lines without an uploaded parcel, of the whole shop."""
    lines = ground.lines.filter(_.shipped_at.isnull() | _.waybill.isnull())
    return lines.filter(why_not_uploaded(lines) == why) if why else lines


def after_moment(ground: "Ground") -> ir.Table:
    """Lines of orders confirmed after the moment of the count, of the whole shop."""
    return ground.newest.filter(_.confirmed_at > ground.moment.as_of)


def superseded(ground: "Ground", why: str = "") -> ir.Table:
    """Rows of older exports in whose place newer ones speak, and ``why``: "newer_row" (the same order and waybill, or an order that had
    none yet) or "waybill_replaced". They are of the whole shop: what no longer speaks cannot be chosen by."""
    assert ground.rows is not None, "asked only of a ledger"
    every, kept = ground.rows, ground.newest
    if kept is every:  # one export replaces nothing
        return every.filter(ibis.literal(False)).mutate(why=ibis.literal(""))
    same = [
        every.order_no == kept.order_no, every.import_id == kept.import_id, every.source_row == kept.source_row,
        every.waybill.fill_null("") == kept.waybill.fill_null(""),
    ]
    standing = kept.filter(kept.waybill.notnull()).select("order_no", "waybill").distinct().mutate(stands=ibis.literal(True))
    older = every.anti_join(kept, same).left_join(standing, ["order_no", "waybill"])
    replaced = older.waybill.notnull() & older.stands.isnull()
    told = older.mutate(why=ibis.ifelse(replaced, "waybill_replaced", "newer_row"))
    return told.filter(told.why == why) if why else told
