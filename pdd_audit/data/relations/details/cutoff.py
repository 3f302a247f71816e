"""What each hour of upload led to on both clocks, and how much room its promises left."""

from datetime import timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.deadlines import asks_for_pickup, second_of_day
from pdd_audit.data.relations.parcels import seconds_between

DAYS = 28
LATEST_HOUR = 120  # a promise further away than this leaves room for everything


def cutoff(ground: Ground) -> ir.Table:
    """courier, hour (of the upload), promise_hours (whole hours from midnight before the upload to the promise, clipped; null without
    one), asks (the rules want the pickup by then), parcels, late (past the limit), missed (past the promise), broken (either), yuan (at
    stake for all of them). Uploads of the last 28 days that both clocks have decided."""
    moment = ground.moment
    table = ground.parcels
    decided = table.filter(
        table.excluded.isnull() & table.mature & ~table.fresh & (table.shipped_at > moment.cut - timedelta(days=DAYS))
        & (table.promised_ship_at.isnull() | (table.promised_ship_at <= moment.cut))
    )
    asks = asks_for_pickup(decided.confirmed_at, moment)
    in_time = (decided.shipped_at <= decided.promised_ship_at).fill_null(True)
    collected = (decided.seen & (decided.picked_up_at <= decided.promised_ship_at).fill_null(True)) | decided.promised_ship_at.isnull()
    room = (seconds_between(decided.shipped_at, decided.promised_ship_at) + second_of_day(decided.shipped_at)) // 3600
    judged = decided.mutate(asks=asks, missed=~(in_time & (~asks | collected)), promise_hours=room.clip(-1, LATEST_HOUR))
    return judged.group_by("courier", "promise_hours", "asks", hour=judged.shipped_at.hour().cast("int64")).aggregate(
        parcels=_.count(), late=ibis.ifelse(_.late, 1, 0).sum(), missed=ibis.ifelse(_.missed, 1, 0).sum(),
        broken=ibis.ifelse(_.late | _.missed, 1, 0).sum(), yuan=_.cost_yuan.sum(),
    )
