"""What stood open at 18:00 of each past day and was due before midnight, and how it ended: what a forecast made then is held against."""

from datetime import timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.core.replay import AT_HOUR, DAYS, SLOT
from pdd_audit.data.relations.compact import Ground, watched
from pdd_audit.data.relations.day_types import day_type
from pdd_audit.data.relations.deadlines import due_minute, second_of_day, upload_band
from pdd_audit.data.relations.parcels import seconds_between

A_DAY = 86400


def past_open(ground: Ground) -> ir.Table:
    """courier, band, day_type, day (of the upload), days_later (from it to the evening), age_slot and due_slot (steps of ``SLOT`` minutes
    of age, at 18:00 and at the deadline), parcels, late. Only parcels whose deadline had passed by ``cut``."""
    moment = ground.moment
    table = ground.parcels.mutate(due=due_minute(ground.parcels, moment))
    recent = table.filter(
        watched(table) & (table.shipped_at > moment.cut - timedelta(days=DAYS + 3))
        & (seconds_between(table.shipped_at, ibis.literal(moment.cut)) >= table.due * 60)
    )
    start = second_of_day(recent.shipped_at)
    last = start + recent.due * 60 - 1  # the last second in time, counted from midnight before the upload
    age = (last // A_DAY) * A_DAY + AT_HOUR * 3600 - start
    gone = recent.seen | recent.closed
    evening = recent.mutate(days_later=last // A_DAY, age=age // 60, gone=gone).filter(
        (last % A_DAY >= AT_HOUR * 3600) & (age >= 0) & ~(gone & (recent.minute <= age // 60))
    )
    return evening.group_by(
        courier=evening.courier, band=upload_band(evening.shipped_at), day_type=day_type(evening.shipped_at, moment),
        day=evening.shipped_at.date(), days_later=evening.days_later, age_slot=evening.age // SLOT, due_slot=evening.due // SLOT,
    ).aggregate(parcels=_.count(), late=(~(_.gone & (_.minute <= _.due))).sum())
