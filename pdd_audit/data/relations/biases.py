"""What the files of a shop cannot tell, or tell with a bias: truncated exports are noticed here, with the values of their sentences."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import ibis.expr.types as ir
import pandas as pd
from ibis import _

from pdd_audit.core.coverage import Window, first_covered_day
from pdd_audit.data.relations.parcels import UNSHIPPED, Moment

Flags = dict[str, dict[str, str]]  # flag -> values of its sentence

OLD_ENOUGH_TO_BE_RECEIVED = timedelta(days=5)
MIN_BEFORE_FIRST_SCAN = 5
SHARE_BEFORE_FIRST_SCAN = 0.005
MIN_ORDERS = 50  # fewer may all be shipped, or all collected, by chance
SHARE_PENALISED = 0.9
MAX_UNKNOWN = 0.05
SHOWN = 2


def biases(
    lines: ir.Table, parcels: ir.Table, windows: Sequence[Window], moment: Moment, counts: Mapping[str, int], penalised: ir.Table | None
) -> Flags:
    """``lines``, ``parcels``: as ``compact.Ground`` holds them; ``penalised``: order numbers named by bill or list of violations."""
    found: Flags = {}
    if _cut_by_pickup_day(parcels, windows, counts["covered"]):
        found["cut_by_pickup_day"] = {}
    states = set(lines.select("status").distinct().execute()["status"])
    oldest = lines.shipped_at.min().execute()
    old = oldest is not None and not pd.isna(oldest) and moment.as_of - oldest > OLD_ENOUGH_TO_BE_RECEIVED
    if old and not states & {"received", "refunded_received"}:
        found["export_without_received"] = {}
    if len(states) == 1:
        found["single_status"] = {}
    shipped_only = not states & {*UNSHIPPED, "unknown"} and counts["orders"] >= MIN_ORDERS
    if shipped_only:
        found["export_only_shipped"] = {}
    if shipped_only and counts["covered"] >= MIN_ORDERS and not counts["open"]:
        found["export_only_collected"] = {}
    if penalised is not None and _mostly(lines, penalised):
        found["export_only_penalised"] = {}
    found |= _coverage(counts)
    if counts.get("outlets_by_label"):
        found["outlet_by_label"] = {"parcels": str(counts["outlets_by_label"])}
    return found


def _cut_by_pickup_day(parcels: ir.Table, windows: Sequence[Window], covered: int) -> bool:
    start = first_covered_day(windows)
    if start is None:
        return False
    before = int(parcels.filter(_.picked_up_at.notnull() & (_.shipped_at < start)).count().execute())
    return before >= max(MIN_BEFORE_FIRST_SCAN, SHARE_BEFORE_FIRST_SCAN * covered)


def _mostly(lines: ir.Table, penalised: ir.Table) -> bool:
    """Whether the order export holds little but orders that were penalised."""
    orders = lines.select("order_no").distinct()
    total, named = int(orders.count().execute()), int(orders.semi_join(penalised, "order_no").count().execute())
    return named >= max(MIN_BEFORE_FIRST_SCAN, SHARE_PENALISED * total)


def _coverage(counts: Mapping[str, int]) -> Flags:
    covered, unknown = counts["covered"], counts["pickup_unknown"]
    found: Flags = {}
    if covered and unknown > MAX_UNKNOWN * (covered + unknown):
        share = f"{100 * covered / (covered + unknown):.0f}%"
        found["partial_coverage"] = {"share": share, "unknown": str(unknown)}
    if unknown and not covered:
        found["no_pickups"] = {}
    return found


def without_overlap(lines: ir.Table, pickups: ir.Table | None) -> dict[str, str] | None:
    """The values of the flag "no_overlap" when no pickup sheet names a single waybill of the orders, else None.

    A collected-only sheet of another shop would otherwise show every parcel as not collected.
    """
    if pickups is None:
        return None
    ours = lines.filter(_.waybill.notnull() & _.shipped_at.notnull())
    if ours.filter(_.listed.notnull()).limit(1).count().execute() or not ours.limit(1).count().execute():
        return None
    return {
        "orders": _some(ours), "orders_period": _period(ours.aggregate(first=_.shipped_at.min(), last=_.shipped_at.max())),
        "sheets": _some(pickups), "sheets_period": _period(pickups.aggregate(first=_.picked_up_at.min(), last=_.picked_up_at.max())),
    }


def _some(table: ir.Table) -> str:
    return "、".join(table.select("waybill").order_by("waybill").limit(SHOWN).execute()["waybill"].dropna())


def _period(ends: ir.Table) -> str:
    row = ends.execute().iloc[0]
    days = [f"{value:%Y-%m-%d}" for value in (row["first"], row["last"]) if isinstance(value, datetime) and not pd.isna(value)]
    return " – ".join(dict.fromkeys(days)) or "?"
