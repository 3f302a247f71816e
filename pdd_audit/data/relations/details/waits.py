"""How long parcels waited for their pickup, by what the chance of an open one depends on."""

from datetime import timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.data.relations.compact import Ground, watched
from pdd_audit.data.relations.day_types import day_type
from pdd_audit.data.relations.deadlines import upload_band

DAYS = 28


def waits(ground: Ground) -> ir.Table:
    """courier, band, day_type, kind (event | refund | open), minute, parcels: uploads of the last 28 days, as ``cut`` knew them."""
    recent = ground.parcels.filter(
        watched(ground.parcels) & ~ground.parcels.fresh & (ground.parcels.shipped_at > ground.moment.cut - timedelta(days=DAYS))
    )
    kind = ibis.cases((recent.closed, "refund"), (recent.seen, "event"), else_="open")
    return recent.group_by(
        courier=recent.courier, band=upload_band(recent.shipped_at), day_type=day_type(recent.shipped_at, ground.moment), kind=kind,
        minute=recent.minute,
    ).aggregate(parcels=_.count())
