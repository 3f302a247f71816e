"""When parcels were uploaded and when couriers collected, by the hour: a month to rehearse a peak on."""

from datetime import timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.day_types import day_type

DAYS = 28


def vans(ground: Ground) -> ir.Table:
    """what (upload | at_once | pickup), courier, day, hour, day_type, parcels, late. ``upload``: parcels by the hour of their upload, of
    them late ones; ``at_once``: uploads collected before, who wait for no van; ``pickup``: the parcels of ``upload`` by the hour of their
    pickup."""
    moment = ground.moment
    table = ground.parcels
    recent = table.filter(table.excluded.isnull() & ~table.fresh & (table.shipped_at > moment.cut - timedelta(days=DAYS)))
    at_once = recent.seen & (recent.lag_seconds <= 0).fill_null(False)
    uploads = _by_hour(recent.mutate(what=ibis.ifelse(at_once, "at_once", "upload"), at=recent.shipped_at), ground)
    pickups = _by_hour(recent.filter(recent.seen & ~at_once).mutate(what=ibis.literal("pickup"), at=_.picked_up_at), ground)
    return uploads.union(pickups)


def _by_hour(parcels: ir.Table, ground: Ground) -> ir.Table:
    return parcels.group_by(
        what=parcels.what, courier=parcels.courier, day=parcels["at"].date(), hour=parcels["at"].hour().cast("int64"),
        day_type=day_type(parcels["at"], ground.moment),
    ).aggregate(parcels=_.count(), late=ibis.ifelse(_.late, 1, 0).sum())
