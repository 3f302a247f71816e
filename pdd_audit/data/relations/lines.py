"""The lines of a shop: one row per order and waybill, as the newest export knows them, beside the first scan of the waybill.

Whatever is asked of a shop is asked of its lines. Everything computed from them lies in one folder per state of the ledger, as
Parquet, thrown away and rebuilt at will. The expressions run on any engine Ibis speaks to.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.data.relations.engines import Engine
from pdd_audit.data.relations.neighbours import Neighbours, label_outlets, refund_times
from pdd_audit.data.relations.parcels import known_to_the_day
from pdd_audit.data.relations.snapshots import FILLED, UNKNOWN_TO_AN_ERP, completed, filled, newest, reshipped

NO_SCANS = {
    "waybill": "string", "outlet": "string", "picked_up_at": "timestamp", "first_move_at": "timestamp", "collected_time_unknown": "boolean",
}
Kept = Callable[[str, ir.Table], ir.Table]


@dataclass(frozen=True)
class Lines:
    """``distinct``: every order and every waybill stands on one line only. ``import_id``: of all of them, "" where it may
    differ. ``reshipped``: see ``snapshots``; None for a single file.
    ``goods``: goods_id and goods_name of all goods, each once. ``rows``: of all exports, the older ones too;
    ``several``: there is more than one of them."""

    table: ir.Table
    distinct: bool
    import_id: str = ""
    reshipped: ir.Table | None = None
    goods: ir.Table | None = None
    rows: ir.Table | None = None
    several: bool = False


@dataclass(frozen=True)
class OrderFile:
    """An order export of the ledger. ``first_row``: what the first stored row is in the file. ``distinct``: see ``Lines``. ``platform``:
    whether it is Pinduoduo's own, not an ERP's. ``seen_until``: the newest event of one that does not tell when it was exported.
    ``columns``: those the file has; None: all."""

    path: Path
    first_row: int
    distinct: bool = False
    platform: bool = True
    seen_until: datetime | None = None
    columns: Collection[str] | None = None

    def silent_on(self, column: str) -> bool:
        """Whether a blank says nothing, as the file could not have said anything."""
        return (self.columns is not None and column not in self.columns) or (not self.platform and column in UNKNOWN_TO_AN_ERP)


def lines_of(
    engine: Engine, orders: Sequence[OrderFile], pickups: Sequence[Path], kept: Kept, beside: Neighbours | None = None
) -> Lines:
    """The lines of a ledger. Those of one clean file need not be written down first."""
    scans = engine.rows(pickups) if pickups else None
    rows = _numbered(engine.rows([file.path for file in orders]), orders)
    own = [file for file in orders if file.platform]
    platform = _numbered(engine.rows([file.path for file in own]), own) if own and len(own) < len(orders) else rows
    speaking = newest(rows) if len(orders) > 1 else rows
    silent = _silent(orders)
    speaking = filled(speaking, rows, silent) if silent else speaking
    speaking = completed(speaking, platform) if 0 < len(own) < len(orders) else speaking
    expression = with_neighbours(build_lines(speaking, scans, len(pickups) > 1), beside or Neighbours())
    goods = rows.filter(_.goods_id.notnull()).group_by("goods_id").aggregate(goods_name=_.goods_name.max())
    if len(orders) == 1 and orders[0].distinct:
        return Lines(expression, distinct=True, import_id=_import_of(orders[0]), goods=goods, rows=rows)
    table = kept("lines", expression)
    again = kept("reshipped", reshipped(platform)) if len(own) > 1 else None
    return Lines(table, distinct=_distinct(table), reshipped=again, goods=goods, rows=rows, several=len(orders) > 1)


def _distinct(lines: ir.Table) -> bool:
    """By hash: two keys that share one are taken for the same, which costs a grouping and never a wrong number."""
    row = lines.aggregate(
        lines=_.count(), orders=_.order_no.hash().nunique(), parcels=_.waybill.count(), waybills=_.waybill.hash().nunique(),
    ).execute().iloc[0]
    nulls = 1 if row["parcels"] < row["lines"] else 0  # the hash of "no waybill" is one value more
    return bool(row["orders"] == row["lines"] and row["waybills"] == row["parcels"] + nulls)


def _numbered(rows: ir.Table, files: Sequence[OrderFile]) -> ir.Table:
    """``source_row`` of rows stored without it: they stand as they stood in the file. And ``snapshot_at`` of an export that does not
    tell: whatever it says of an order was so at its newest event."""
    first = ibis.literal(0)
    for file in files:
        first = ibis.ifelse(rows.import_id == _import_of(file), file.first_row, first)
    numbered = rows.mutate(source_row=rows.source_row.fill_null(rows.file_row_number + first))
    untold = [(_import_of(file), ibis.literal(file.seen_until).cast("timestamp")) for file in files if file.seen_until is not None]
    return numbered.mutate(snapshot_at=numbered.import_id.cases(*untold, else_=numbered.snapshot_at)) if untold else numbered


def _silent(files: Sequence[OrderFile]) -> dict[str, tuple[str, ...]]:
    """Column -> imports that cannot speak of it, where others can."""
    found = {name: tuple(_import_of(file) for file in files if file.silent_on(name)) for name in FILLED}
    return {name: those for name, those in found.items() if 0 < len(those) < len(files)}


def _import_of(file: OrderFile) -> str:
    return file.path.parent.name.partition("=")[2]


def build_lines(orders: ir.Table, pickups: ir.Table | None, several_pickups: bool) -> ir.Table:
    """The lines as one expression. ``orders``: the rows that speak; ``several_pickups``: whether more than one file may speak of the same
    waybill."""
    narrow = orders.select(
        "order_no", "waybill", "courier", "province", "goods_id", "status", "received_yuan", "confirmed_at", "paid_at", "promised_ship_at",
        "shipped_at", "import_id", "source_row", review=orders.under_review.fill_null(False), kind=orders.excluded_kind,
    )
    scans = ibis.memtable([], schema=NO_SCANS) if pickups is None else first_scans(pickups, several_pickups)
    return narrow.left_join(scans.mutate(listed=True), "waybill").drop("waybill_right")


def with_neighbours(lines: ir.Table, beside: Neighbours) -> ir.Table:
    """The lines with ``refunded_at`` of their order, and the outlet of the label where no scan names one (``outlet_by_label``)."""
    refunded = lines.mutate(refunded_at=ibis.null("timestamp"))
    if beside.after_sales is not None:
        refunded = lines.left_join(refund_times(beside.after_sales), "order_no").drop("order_no_right")
    if beside.labels is None:
        return refunded.mutate(outlet_by_label=ibis.literal(False))
    labelled = refunded.left_join(label_outlets(beside.labels), "waybill").drop("waybill_right")
    by_label = labelled.outlet.isnull() & labelled.label_outlet.notnull()
    return labelled.mutate(outlet=labelled.outlet.coalesce(labelled.label_outlet), outlet_by_label=by_label).drop("label_outlet")


def first_scans(pickups: ir.Table, several_files: bool) -> ir.Table:
    """One row per waybill of the pickup sheets: its first scan, first move after it, outlet of the first scan. Of two scans on one day the
    one with a time of day."""
    if several_files:
        named = pickups.picked_up_at.notnull() & pickups.outlet.notnull()
        scan = ibis.struct({"at": pickups.picked_up_at, "outlet": pickups.outlet})  # of two scans in one second: always the same one
        pickups = pickups.mutate(scan=ibis.ifelse(named, scan, None)).group_by("waybill").aggregate(
            timed=ibis.ifelse(known_to_the_day(_.picked_up_at), None, _.picked_up_at).min(),
            day=ibis.ifelse(known_to_the_day(_.picked_up_at), _.picked_up_at, None).min(),
            first_move_at=_.first_move_at.min(), outlet=_.scan.min()["outlet"],
            collected_time_unknown=_.collected_time_unknown.any(),
        ).mutate(picked_up_at=ibis.ifelse((_.day < _.timed.truncate("D")) | _.timed.isnull(), _.day, _.timed))
    return pickups.select(*NO_SCANS)
