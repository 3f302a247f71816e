"""Parcels one calls about: open ones with what their chance depends on, and those refunded before anybody came."""

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from pdd_audit.core.tables import LAST_MINUTE
from pdd_audit.data.relations.day_types import day_type
from pdd_audit.data.relations.deadlines import due_minute, upload_band
from pdd_audit.data.relations.parcels import REFUNDED_IN_TIME

if TYPE_CHECKING:
    from pdd_audit.data.relations.compact import Ground

CALL_COLUMNS = ("band", "day_type", "age_minute", "left_minute", "by_promise", "cost_yuan")
REFUNDED_UNSCANNED = (REFUNDED_IN_TIME, "refund_time_unknown")


def to_call(ground: "Ground") -> ir.Table:
    """Open parcels that nobody refunded, with ``CALL_COLUMNS`` and the outlet of the label. Those the pickup files do not cover are none
    of them: nobody knows whether they are open."""
    table = ground.parcels.filter(ground.parcels.excluded.isnull() & ground.parcels.picked_up_at.isnull() & ~ground.parcels.closed)
    age, due = (table.age_seconds // 60).clip(0, LAST_MINUTE), due_minute(table, ground.moment)
    return table.mutate(
        outlet=ibis.ifelse(table.outlet_by_label, table.outlet, ibis.null("string")), band=upload_band(table.shipped_at),
        day_type=day_type(table.shipped_at, ground.moment), age_minute=age, left_minute=due - table.age_seconds // 60,
        by_promise=due < ground.moment.limit_minutes,
    )


def refunded_open(ground: "Ground", days: str) -> ir.Table:
    """Uploaded in the last ``days``, refunded, and never scanned: to be held back, and their cases to be closed."""
    table = ground.parcels
    return table.filter(
        table.picked_up_at.isnull() & (table.excluded.isin(REFUNDED_UNSCANNED).fill_null(False) | table.closed),
        table.shipped_at >= ground.moment.as_of - timedelta(days=int(days)),
    )


def not_covered(ground: "Ground", hours: str) -> ir.Table:
    """Uploaded in the last ``hours``, and in no pickup file: whether anybody came is not known."""
    table = ground.parcels
    return table.filter(table.excluded == "pickup_unknown", table.shipped_at >= ground.moment.as_of - timedelta(hours=int(hours)))


def pickups_of(ground: "Ground", waybills: Collection[str]) -> ir.Table:
    """waybill, picked_up_at (null: none known) of those named that the pickup files speak of and nobody refunded."""
    table = ground.parcels
    named = table.filter(table.waybill.isin(list(waybills)), table.excluded.isnull(), ~table.closed)
    return named.select("waybill", "picked_up_at")
