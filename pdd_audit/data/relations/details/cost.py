"""What lateness costs, as far as the files tell."""

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.fined import booked, fined_orders, judged_orders


def cost(ground: Ground) -> ir.Table:
    """category, verdict, orders, yuan: bookings of the bill by what the files know of their order; category "expected": late orders the
    bill has not fined, with the compensation the rules let expect."""
    late = judged_orders(ground).filter(_.verdict == "late")
    late = late.anti_join(fined_orders(ground).select("order_no"), "order_no")
    expected = late.aggregate(orders=_.count(), yuan=_.cost_yuan.sum().cast("float64")).select(
        category=ibis.literal("expected"), verdict=ibis.literal("late"), orders=_.orders, yuan=_.yuan.fill_null(0.0)
    )
    table = booked(ground)
    if table is None:
        return expected
    taken = table.group_by("category", "verdict").aggregate(orders=_.times.sum(), yuan=_.yuan.sum())
    return ibis.union(taken.select("category", "verdict", "orders", "yuan"), expected)
