"""How long the parcels of each past day waited, in steps of age, so that a replayed evening learns only from days before it."""

from datetime import timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.core.replay import DAYS, REFERENCE_DAYS, SLOT
from pdd_audit.data.relations.compact import Ground, watched
from pdd_audit.data.relations.day_types import day_type
from pdd_audit.data.relations.deadlines import upload_band


def past_waits(ground: Ground) -> ir.Table:
    """courier, band, day_type, day (of the upload), slot, parcels. ``slot``: the step in which a parcel was collected or refunded, rounded
    up; null for those still waiting at the limit. Only parcels the limit has passed."""
    moment = ground.moment
    table = ground.parcels
    settled = table.filter(watched(table) & table.mature & (table.shipped_at > moment.cut - timedelta(days=DAYS + REFERENCE_DAYS + 4)))
    gone = (settled.seen | settled.closed) & (settled.minute <= moment.limit_minutes)
    return settled.group_by(
        courier=settled.courier, band=upload_band(settled.shipped_at), day_type=day_type(settled.shipped_at, moment),
        day=settled.shipped_at.date(), slot=ibis.ifelse(gone, (settled.minute + SLOT - 1) // SLOT, None),
    ).aggregate(parcels=_.count())
