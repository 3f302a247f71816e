"""Orders that are still to be uploaded."""

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.deadlines import asks_for_pickup
from pdd_audit.data.relations.parcels import seconds_between

LATEST_MINUTE = 7200


def waiting(ground: Ground) -> ir.Table:
    """courier (null where the export does not name one yet), left_minute (to the promise at ``as_of`` in steps of ten minutes, clipped;
    null without one), asks (the rules want the pickup by then), orders, yuan."""
    moment = ground.moment
    orders = ground.orders.filter(_.waiting & _.shipped_at.isnull())
    left = seconds_between(ibis.literal(moment.as_of), orders.promised_ship_at) // 600 * 10
    return orders.group_by(
        courier=orders.courier, left_minute=left.clip(-10, LATEST_MINUTE), asks=asks_for_pickup(orders.confirmed_at, moment)
    ).aggregate(orders=_.count(), yuan=_.cost_yuan.sum())
