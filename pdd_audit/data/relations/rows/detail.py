"""What a reader needs to find a row again: its order, the file and the row it came from, and what was doubtful about it there."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import ibis
import ibis.expr.types as ir
from ibis import _

if TYPE_CHECKING:
    from pdd_audit.data.relations.compact import Ground

Shape = Literal["parcels", "orders", "rows", "scans"]
PARCEL = ("waybill", "order_no", "courier", "outlet", "shipped_at", "picked_up_at", "first_move_at", "promised_ship_at", "excluded")
ORDER = ("order_no", "waybill", "courier", "outlet", "confirmed_at", "promised_ship_at", "shipped_at")
ROW = ("order_no", "waybill", "courier", "confirmed_at", "promised_ship_at", "shipped_at")
SCAN = ("waybill", "courier", "outlet", "picked_up_at")
PLACE = ("import_id", "source_row")


def with_place(ground: "Ground", rows: ir.Table, shape: Shape, more: Sequence[str] = (), limit: int | None = None) -> ir.Table:
    """The rows with ``more`` of their columns and with ``PLACE``, oldest upload first, ``limit`` of them."""
    key = "waybill" if shape in ("parcels", "scans") else "order_no"
    oldest = ("picked_up_at" if shape == "scans" else "shipped_at", key)
    rows = rows if limit is None else rows.order_by(*oldest).limit(limit)
    if shape in ("rows", "scans"):
        return rows.select(*(ROW if shape == "rows" else SCAN), *more, *PLACE).order_by(*oldest, *PLACE)
    columns = PARCEL if shape == "parcels" else ORDER
    found = _places(ground, key, None if limit is None else rows)
    own = [name for name in (*columns, *more) if name not in found.columns or name == key]
    joined = rows.select(*own).inner_join(found, key)
    return joined.mutate(import_id=joined.place["import_id"], source_row=joined.place["source_row"]).select(
        *columns, *more, *PLACE
    ).order_by(*oldest)


def _places(ground: "Ground", key: str, only: ir.Table | None) -> ir.Table:
    """Per waybill or order the place of one of its lines, for a waybill also an order of it and the earliest promise."""
    lines = ground.lines if only is None else ground.lines.semi_join(only, key)
    place = ibis.struct({"import_id": lines.import_id, "source_row": lines.source_row})  # a file and a row that belong together
    placed = lines.mutate(place=place).group_by(key)
    if key == "order_no":
        return placed.aggregate(place=_.place.min())
    return placed.aggregate(order_no=_.order_no.min(), promised_ship_at=_.promised_ship_at.min(), place=_.place.min())


def with_trouble(ground: "Ground", rows: ir.Table) -> ir.Table:
    """The rows with the codes of what was doubtful in their row of the order export, and in that of the pickup sheet."""
    columns = rows.columns
    if ground.rows is not None and "trouble" in ground.rows.columns and "order_no" in columns:
        said = ground.rows.filter(_.trouble.notnull()).group_by(*PLACE).aggregate(trouble=_.trouble.min())
        rows = rows.left_join(said, list(PLACE)).select(*columns, "trouble")
    scans = ground.beside.pickups
    if scans is not None and "trouble" in scans.columns and "picked_up_at" in columns:
        seen = scans.filter(_.trouble.notnull()).group_by("waybill").aggregate(scan_trouble=_.trouble.min())
        rows = rows.left_join(seen, "waybill").select(*rows.columns, "scan_trouble")
    return rows.order_by("shipped_at" if "shipped_at" in columns else "picked_up_at", *PLACE)
