"""Late parcels by everything that tells whose they are."""

import ibis.expr.types as ir
from ibis import _

from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.rows import couriers


def breaches(ground: Ground) -> ir.Table:
    """courier, outlet, day, hour (of the upload), label, exempt, scanned, parcels, yuan."""
    table = couriers.breaches(ground)
    return table.group_by(
        courier=table.courier, outlet=table.outlet, day=table.shipped_at.date(), hour=table.shipped_at.hour().cast("int64"),
        label=table.label, exempt=table.exempt, scanned=table.seen,
    ).aggregate(parcels=_.count(), yuan=_.cost_yuan.sum())
