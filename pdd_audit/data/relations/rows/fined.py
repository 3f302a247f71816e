"""Orders by what the bill and the clocks say of them."""

from typing import TYPE_CHECKING

import ibis.expr.types as ir
from ibis import _

from pdd_audit.data.relations.fined import fined_orders, judged_orders
from pdd_audit.data.relations.refunds import refunds

if TYPE_CHECKING:
    from pdd_audit.data.relations.compact import Ground


def refunded(ground: "Ground", because: str) -> ir.Table:
    """Orders refunded for want of a pickup: said so by their case, or inferred."""
    return refunds(ground).filter(_.because == because)


def fined(ground: "Ground", verdict: str) -> ir.Table:
    """Fined orders that were late, in_time or undecided."""
    return fined_orders(ground).filter(_.verdict == verdict)


def not_fined(ground: "Ground") -> ir.Table:
    """Late orders the bill has not fined."""
    late = judged_orders(ground).filter(_.verdict == "late")
    return late.anti_join(fined_orders(ground).select("order_no"), "order_no")
