"""Orders with the same outcome counted together."""

import ibis.expr.types as ir
from ibis import _

from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.order_states import order_states


def perfect(ground: Ground) -> ir.Table:
    """promise, pickup, first_move, after_sale (see ``order_states``), orders, yuan (expected compensation of all of them)."""
    states = order_states(ground)
    return states.group_by("promise", "pickup", "first_move", "after_sale").aggregate(orders=_.count(), yuan=_.cost_yuan.sum())
