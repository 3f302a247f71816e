"""Parcels by what the pickup clock says of them."""

from datetime import timedelta
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.data.relations.parcels import seconds_between

if TYPE_CHECKING:
    from pdd_audit.data.relations.compact import Ground


def _counted(ground: "Ground") -> ir.Table:
    return ground.parcels.filter(ground.parcels.excluded.isnull())


def included(ground: "Ground") -> ir.Table:
    """The denominator: parcels that have had the whole limit, not refunded before any pickup."""
    table = _counted(ground)
    return table.filter(table.mature & ~table.fresh)


def on_time(ground: "Ground") -> ir.Table:
    table = included(ground)
    return table.filter(~table.late)


def late(ground: "Ground") -> ir.Table:
    table = _counted(ground)
    return table.filter(table.late & ~table.fresh)


def not_yet(ground: "Ground") -> ir.Table:
    """On the clock, the limit not over when it was stopped; collected or not."""
    table = _counted(ground)
    return table.filter(~table.mature & ~table.fresh)


def too_fresh(ground: "Ground") -> ir.Table:
    """Uploaded in the last hours, in which scans may still be missing from the files."""
    table = _counted(ground)
    return table.filter(table.fresh)


def excluded(ground: "Ground", reason: str = "") -> ir.Table:
    table = ground.parcels
    return table.filter(table.excluded == reason) if reason else table.filter(table.excluded.notnull())


def _open(ground: "Ground") -> ir.Table:
    table = _counted(ground)
    return table.filter(table.picked_up_at.isnull())


def open_over_limit(ground: "Ground") -> ir.Table:
    table = _open(ground)
    return table.filter(table.age_seconds >= ground.moment.limit_minutes * 60)


def open_at_risk(ground: "Ground") -> ir.Table:
    table = _open(ground)
    return table.filter(table.age_seconds < ground.moment.limit_minutes * 60)


def slow_first_move(ground: "Ground") -> ir.Table:
    """Moved late after the pickup, or standing still for the whole limit."""
    table = _counted(ground)
    limit = ground.moment.limit_minutes
    moved_late = seconds_between(table.picked_up_at, table.first_move_at) > limit * 60
    standing = table.first_move_at.isnull() & (table.picked_up_at <= ground.moment.cut - timedelta(minutes=limit))
    return table.filter((moved_late | standing).fill_null(False))


def uploaded_before_pickup(ground: "Ground") -> ir.Table:
    table = _counted(ground)
    return table.filter(table.seen & (table.lag_seconds > 0))


def not_ours(ground: "Ground") -> ir.Table:
    """Rows of the pickup sheets whose waybill no uploaded parcel has, of the whole shop."""
    scans = ground.beside.pickups
    assert scans is not None, "asked only where there is a sheet"
    return scans.anti_join(ground.every_parcel.select("waybill"), "waybill")


def without_time(ground: "Ground") -> ir.Table:
    """Waybills of the shop that a sheet lists and none gives a pickup time for, each once."""
    scans = ground.beside.pickups
    assert scans is not None, "asked only where there is a sheet"
    ours = scans.semi_join(ground.every_parcel.select("waybill"), "waybill")
    place = ibis.struct({"import_id": ours.import_id, "source_row": ours.source_row})
    grouped = ours.mutate(place=place).group_by("waybill").aggregate(
        picked_up_at=_.picked_up_at.min(), courier=_.courier.max(), outlet=_.outlet.max(), place=_.place.min(),
    )
    waiting = grouped.filter(grouped.picked_up_at.isnull())
    return waiting.mutate(import_id=waiting.place["import_id"], source_row=waiting.place["source_row"])
