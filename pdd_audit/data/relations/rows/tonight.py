"""Parcels nobody has collected, by their own deadline, and orders whose upload can wait."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import ibis.expr.types as ir

from pdd_audit.data.relations.deadlines import due_minute, upload_band

if TYPE_CHECKING:
    from pdd_audit.data.relations.compact import Ground


def _open(ground: "Ground") -> tuple[ir.Table, ir.BooleanValue]:
    """Open parcels, and whether each is late already: past the limit, or past the promise where the rules want the pickup by then."""
    table = ground.parcels.filter(ground.parcels.excluded.isnull() & ground.parcels.picked_up_at.isnull())
    return table, table.age_seconds // 60 >= due_minute(table, ground.moment)


def open_late(ground: "Ground") -> ir.Table:
    table, late = _open(ground)
    return table.filter(late)


def open_ahead(ground: "Ground") -> ir.Table:
    table, late = _open(ground)
    return table.filter(~late)


def open_wave(ground: "Ground", courier: str, outlet: str, day: str, band: str) -> ir.Table:
    """Those ahead of their deadline of one courier, outlet of the label (both may be ""), day and band of upload."""
    table = open_ahead(ground)
    labelled = (table.outlet == outlet) & table.outlet_by_label if outlet else ~table.outlet_by_label | table.outlet.isnull()
    return table.filter(
        table.courier == courier if courier else table.courier.isnull(), labelled,
        table.shipped_at.date() == date.fromisoformat(day), upload_band(table.shipped_at) == band,
    )


def can_wait(ground: "Ground", courier: str, promised_from: str) -> ir.Table:
    """Orders to be uploaded of one courier ("": none named yet) whose promise is not before ``promised_from``, or that have none."""
    orders = ground.orders.filter(ground.orders.waiting & ground.orders.shipped_at.isnull())
    room = orders.promised_ship_at.isnull() | (orders.promised_ship_at >= datetime.fromisoformat(promised_from))
    return orders.filter(orders.courier == courier if courier else orders.courier.isnull(), room)
