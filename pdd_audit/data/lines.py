"""The lines of a shop: one row per order and waybill, as the newest export knows them, beside the first scan of the waybill.

Whatever is asked of a shop is asked of its lines. Everything computed from them lies in one folder per state of the ledger, as
Parquet, thrown away and rebuilt at will. The expressions run on any engine Ibis speaks to.
"""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
from ibis import _

KEEP = 3  # states of the ledger whose tables stay
NO_SCANS = {
    "waybill": "string", "outlet": "string", "picked_up_at": "timestamp", "first_move_at": "timestamp", "collected_time_unknown": "boolean",
}
Kept = Callable[[str, ir.Table], ir.Table]


@dataclass(frozen=True)
class Lines:
    """``distinct``: every order and every waybill stands on one line only."""

    table: ir.Table
    distinct: bool


@dataclass(frozen=True)
class OrderFile:
    """An order export of the ledger. ``first_row``: what the first stored row is in the file. ``distinct``: see ``Lines``."""

    path: Path
    first_row: int
    distinct: bool = False


def connect(scratch: Path) -> ibis.BaseBackend:
    """A DuckDB of our own, in memory, that reads local Parquet and nothing else; what does not fit goes to ``scratch``."""
    connection = duckdb.connect(config={
        "autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "memory_limit": "1GB",
        "preserve_insertion_order": "false", "temp_directory": str(scratch),
    })
    return ibis.duckdb.from_connection(connection)


def keeper(engine: ibis.BaseBackend, folder: Path) -> Kept:
    """Tables of one state of the ledger: computed at the first call, read afterwards, by any process. A table appears by rename."""

    def kept(name: str, expression: ir.Table) -> ir.Table:
        path = folder / f"{name}.parquet"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            part = Path(tempfile.mkdtemp(dir=folder, prefix=".part-"))
            engine.to_parquet(expression, part / path.name)
            (part / path.name).replace(path)
            part.rmdir()
            _make_room(folder.parent)
        return engine.read_parquet(path)

    return kept


def _make_room(folder: Path) -> None:
    entries = sorted((entry for entry in folder.iterdir() if entry.is_dir()), key=lambda entry: entry.stat().st_mtime, reverse=True)
    for stale in entries[KEEP:]:
        shutil.rmtree(stale, ignore_errors=True)


def lines_of(engine: ibis.BaseBackend, orders: Sequence[OrderFile], pickups: Sequence[Path], kept: Kept) -> Lines:
    """The lines of a ledger. Those of one clean file need not be written down first."""
    scans = read_rows(engine, pickups) if pickups else None
    expression = build_lines(_numbered(read_rows(engine, [file.path for file in orders]), orders), scans, len(orders) > 1, len(pickups) > 1)
    if len(orders) == 1 and orders[0].distinct:
        return Lines(expression, distinct=True)
    table = kept("lines", expression)
    return Lines(table, _distinct(table))


def _distinct(lines: ir.Table) -> bool:
    """By hash: two keys that share one are taken for the same, which costs a grouping and never a wrong number."""
    row = lines.aggregate(
        lines=_.count(), orders=_.order_no.hash().nunique(), parcels=_.waybill.count(), waybills=_.waybill.hash().nunique(),
    ).execute().iloc[0]
    nulls = 1 if row["parcels"] < row["lines"] else 0  # the hash of "no waybill" is one value more
    return bool(row["orders"] == row["lines"] and row["waybills"] == row["parcels"] + nulls)


def read_rows(engine: ibis.BaseBackend, files: Sequence[Path]) -> ir.Table:
    """The rows of several imports with their ``import_id``, which is the name of their folder."""
    return engine.read_parquet([str(file) for file in files], hive_partitioning=True, hive_types_autocast=False, file_row_number=True)


def _numbered(rows: ir.Table, files: Sequence[OrderFile]) -> ir.Table:
    """``source_row`` of rows stored without it: they stand as they stood in the file."""
    first = ibis.literal(0)
    for file in files:
        first = ibis.ifelse(rows.import_id == file.path.parent.name.partition("=")[2], file.first_row, first)
    return rows.mutate(source_row=rows.source_row.fill_null(rows.file_row_number + first))


def build_lines(orders: ir.Table, pickups: ir.Table | None, several_orders: bool, several_pickups: bool) -> ir.Table:
    """The lines as one expression; ``several_...``: whether more than one file may speak of the same order or waybill."""
    lines = _newest(orders) if several_orders else orders
    narrow = lines.select(
        "order_no", "waybill", "courier", "status", "received_yuan", "confirmed_at", "paid_at", "promised_ship_at", "shipped_at",
        "import_id", "source_row", review=lines.under_review.fill_null(False), kind=lines.excluded_kind,
    )
    scans = ibis.memtable([], schema=NO_SCANS) if pickups is None else first_scans(pickups, several_pickups)
    return narrow.left_join(scans.mutate(listed=True), "waybill").drop("waybill_right")


def _newest(orders: ir.Table) -> ir.Table:
    """The lines of the newest export that names the order."""
    newest = ibis.window(group_by="order_no", order_by=[ibis.desc(orders.snapshot_at), ibis.desc(orders.import_id)])
    return orders.mutate(age_rank=ibis.rank().over(newest)).filter(_.age_rank == 0).drop("age_rank")


def first_scans(pickups: ir.Table, several_files: bool) -> ir.Table:
    """One row per waybill of the pickup sheets: its first scan, first move after it, outlet of the first scan."""
    if several_files:
        pickups = pickups.group_by("waybill").aggregate(
            picked_up_at=_.picked_up_at.min(), first_move_at=_.first_move_at.min(), outlet=_.outlet.argmin(_.picked_up_at),
            collected_time_unknown=_.collected_time_unknown.any(),
        )
    return pickups.select(*NO_SCANS)
