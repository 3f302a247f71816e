"""When each courier collects."""

import ibis.expr.types as ir
from ibis import _

from pdd_audit.data.relations.compact import Ground


def pickup_hours(ground: Ground) -> ir.Table:
    """courier, day and hour of the first scan, parcels."""
    table = ground.parcels.filter(ground.parcels.excluded.isnull() & ground.parcels.seen)
    return table.group_by(
        courier=table.courier, day=table.picked_up_at.date(), hour=table.picked_up_at.hour().cast("int64"),
    ).aggregate(parcels=_.count())
