"""Which deadlines of the last days were missed, to the minute: what forecasts of those evenings are held against."""

from datetime import timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.core.kept_forecasts import SETTLED_DAYS
from pdd_audit.data.relations.compact import Ground, watched
from pdd_audit.data.relations.deadlines import due_minute, second_of_day
from pdd_audit.data.relations.parcels import seconds_between

A_DAY = 86400


def missed_deadlines(ground: Ground) -> ir.Table:
    """day (of the upload), days_later (from it to the deadline), due_minute (of the deadline, in its day), from_minute (of the upload in
    that day; 0: on a day before), parcels: those not collected by a deadline that had passed by ``cut``."""
    moment = ground.moment
    table = ground.parcels.mutate(due=due_minute(ground.parcels, moment))
    late = table.filter(
        watched(table) & (table.shipped_at > moment.cut - timedelta(days=SETTLED_DAYS + 2))
        & (seconds_between(table.shipped_at, ibis.literal(moment.cut)) >= table.due * 60)
        & ~((table.seen | table.closed) & (table.minute <= table.due))
    )
    start = second_of_day(late.shipped_at)
    last = start + late.due * 60 - 1  # the last second in time, counted from midnight before the upload
    return late.group_by(
        day=late.shipped_at.date(), days_later=last // A_DAY, due_minute=(last % A_DAY) // 60,
        from_minute=ibis.ifelse(last >= A_DAY, 0, start // 60),
    ).aggregate(parcels=_.count())
