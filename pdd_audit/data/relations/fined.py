"""What the bill took, held against what the files know of the order."""

from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.data.relations.neighbours import COUNTED, FINED, bookings
from pdd_audit.data.relations.order_states import order_states

if TYPE_CHECKING:
    from pdd_audit.data.relations.compact import Ground

GOOD = ("ok", "none")


def judged_orders(ground: "Ground") -> ir.Table:
    """Orders with ``verdict``: late (on either clock), in_time (on both, settled), else undecided."""
    states = order_states(ground)
    return states.mutate(verdict=ibis.cases(
        ((states.promise == "broken") | (states.pickup == "broken"), "late"),
        (states.promise.isin(GOOD) & states.pickup.isin(GOOD), "in_time"), else_="undecided",
    ))


def booked(ground: "Ground") -> ir.Table | None:
    """Bookings about lateness with the ``verdict`` on their order: also unlinked (they name no order), elsewhere (one the files do not
    hold); ``yuan`` taken, less what came back. None without a bill."""
    if ground.beside.bill is None:
        return None
    table = bookings(ground.beside.bill, ground.moment.as_of).filter(_.category.isin(COUNTED))
    known = ground.lines.select("order_no").distinct().mutate(known=True)
    said = judged_orders(ground).select("order_no", "verdict")
    joined = table.left_join(known, "order_no").drop("order_no_right").left_join(said, "order_no").drop("order_no_right")
    verdict = ibis.cases(
        (joined.order_no.isnull(), "unlinked"), (joined.verdict.notnull(), joined.verdict), (joined.known.notnull(), "undecided"),
        else_="elsewhere",
    )
    yuan = (joined.expense_yuan.fill_null(0) - joined.income_yuan.fill_null(0)) * joined.times
    return joined.mutate(verdict=verdict, yuan=yuan.cast("float64"))


def fined_orders(ground: "Ground") -> ir.Table:
    """Orders fined for lateness, as ``judged_orders`` with booked_at (the first), fined_yuan. Empty without a bill."""
    table = booked(ground)
    orders = judged_orders(ground)
    if table is None:
        return orders.filter(False).mutate(booked_at=ibis.null("timestamp"), fined_yuan=ibis.null("float64"))
    taken = table.filter(table.category.isin(FINED) & table.order_no.notnull()).group_by("order_no").aggregate(
        booked_at=_.booked_at.min(), fined_yuan=_.yuan.sum()
    )
    return orders.inner_join(taken, "order_no")
