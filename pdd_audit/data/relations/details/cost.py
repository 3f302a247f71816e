"""What lateness costs, as far as the files tell."""

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.fined import booked, fined_orders, judged_orders
from pdd_audit.data.relations.refunds import refunds


def cost(ground: Ground) -> ir.Table:
    """category, verdict, orders, yuan: bookings of the bill by what the files know of their order; category "expected": late orders the
    bill has not fined, with the compensation the rules let expect; "refund": orders refunded for want of a pickup, said or inferred, with
    what was given back; "affected": all orders behind any of these, each once."""
    every_late, fined, refunded = judged_orders(ground).filter(_.verdict == "late"), fined_orders(ground), refunds(ground)
    late = every_late.anti_join(fined.select("order_no"), "order_no")
    expected = late.aggregate(orders=_.count(), yuan=_.cost_yuan.sum().cast("float64")).select(
        category=ibis.literal("expected"), verdict=ibis.literal("late"), orders=_.orders, yuan=_.yuan.fill_null(0.0)
    )
    given_back = refunded.group_by("because").aggregate(orders=_.count(), yuan=_.refunded_yuan.sum()).select(
        category=ibis.literal("refund"), verdict=_.because, orders=_.orders, yuan=_.yuan.fill_null(0.0)
    )
    touched = [table.select("order_no") for table in (every_late, fined, refunded, ground.reshipped) if table is not None]
    affected = ibis.union(*touched, distinct=True).aggregate(orders=_.count()).select(
        category=ibis.literal("affected"), verdict=ibis.literal(""), orders=_.orders, yuan=ibis.literal(0.0)
    )
    found = ibis.union(expected, given_back, affected)
    table = booked(ground)
    if table is None:
        return found
    taken = table.group_by("category", "verdict").aggregate(orders=_.times.sum(), yuan=_.yuan.sum())
    return ibis.union(taken.select("category", "verdict", "orders", "yuan"), found)
