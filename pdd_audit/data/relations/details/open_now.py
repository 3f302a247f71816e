"""Parcels on the pickup clock that nobody has collected."""

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.core.tables import LAST_MINUTE
from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.day_types import day_type
from pdd_audit.data.relations.deadlines import due_minute, upload_band


def open_now(ground: Ground) -> ir.Table:
    """courier, outlet (of the label), day, band, day_type, age_minute (whole minutes at ``as_of``), left_minute (to the earlier of limit
    and promise; 0 or less: late already), yuan, parcels. Old parcels share ``LAST_MINUTE``."""
    inside = ground.parcels.filter(_.excluded.isnull() & _.picked_up_at.isnull())
    age = (inside.age_seconds // 60).clip(0, LAST_MINUTE)
    return inside.group_by(
        courier=inside.courier, outlet=ibis.ifelse(inside.outlet_by_label, inside.outlet, ibis.null("string")),
        day=inside.shipped_at.date(), band=upload_band(inside.shipped_at), day_type=day_type(inside.shipped_at, ground.moment),
        age_minute=age, left_minute=due_minute(inside, ground.moment) - age,
    ).aggregate(yuan=_.cost_yuan.sum(), parcels=_.count())
