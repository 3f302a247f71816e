"""When each courier collects."""

import ibis.expr.types as ir

from pdd_audit.data.relations.compact import Ground, scan_hours


def pickup_hours(ground: Ground) -> ir.Table:
    """courier, day and hour of the first scan, parcels."""
    return scan_hours(ground)
