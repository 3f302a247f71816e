"""Parcels by everything couriers are compared at a like mix of."""

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.deadlines import upload_band
from pdd_audit.data.relations.parcels import seconds_between
from pdd_audit.data.relations.rows.pickup import included

REMOTE = ("新疆", "西藏", "内蒙古", "甘肃", "青海", "宁夏")  # provinces with longer limits of their own for the way there


def mix(ground: Ground) -> ir.Table:
    """courier, outlet, day, band, remote, promise (24h | 48h | longer, from confirmation; null unknown), parcels, late."""
    table = included(ground)
    remote = ibis.or_(*(table.province.startswith(name) for name in REMOTE)).fill_null(False)
    hours = seconds_between(table.confirmed_at, table.promised_ship_at) / 3600
    promise = ibis.cases(
        (hours.isnull(), ibis.null("string")), (hours <= 24, "24h"), (hours <= 48, "48h"), else_="longer",
    )
    return table.group_by(
        courier=table.courier, outlet=table.outlet, day=table.shipped_at.date(), band=upload_band(table.shipped_at), remote=remote,
        promise=promise,
    ).aggregate(parcels=_.count(), late=_.late.sum())
