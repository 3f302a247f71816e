"""What the files of a shop cannot tell, or tell with a bias: truncated exports are noticed here, with the values of their sentences."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

import ibis.expr.types as ir
import pandas as pd
from ibis import _

from pdd_audit.core.errors import BETWEEN
from pdd_audit.data.relations.parcels import UNSHIPPED, Moment

Flags = dict[str, dict[str, str]]  # flag -> values of its sentence

OLD_ENOUGH_TO_BE_RECEIVED = timedelta(days=5)
MIN_BEFORE_FIRST_SCAN = 5
SHARE_BEFORE_FIRST_SCAN = 0.005
MIN_ORDERS = 50  # fewer may all be shipped, or all collected, by chance
OPEN_BY_ACCIDENT = 0.01  # a sheet with so few blanks among its pickups was not made to list what is open
SHARE_PENALISED = 0.9
MAX_UNKNOWN = 0.05
SHOWN = 2


def biases(
    lines: ir.Table, parcels: ir.Table, pickups: ir.Table | None, moment: Moment, counts: Mapping[str, int], penalised: ir.Table | None
) -> Flags:
    """``lines``, ``parcels``: as ``compact.Ground`` holds them; ``pickups``: rows of the sheets; ``penalised``: order numbers named by
    bill or list of violations."""
    found: Flags = {}
    if pickups is not None and _cut_by_pickup_day(parcels, pickups, counts["covered"]):
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


def _cut_by_pickup_day(parcels: ir.Table, pickups: ir.Table, covered: int) -> bool:
    """Whether many parcels were shipped before the first day with a scan, and some sheet lists hardly any but collected ones."""
    first = pickups.picked_up_at.min().execute()
    if first is None or pd.isna(first):
        return False
    start = datetime.combine(first.date(), time.min)
    before = int(parcels.filter(_.picked_up_at.notnull() & (_.shipped_at < start)).count().execute())
    if before < max(MIN_BEFORE_FIRST_SCAN, SHARE_BEFORE_FIRST_SCAN * covered):
        return False
    open_ones = (pickups.picked_up_at.isnull() & ~pickups.collected_time_unknown.fill_null(False)).sum()
    sheets = pickups.group_by("import_id").aggregate(rows=_.count(), open=open_ones).execute()
    return bool((sheets["open"] <= OPEN_BY_ACCIDENT * sheets["rows"]).any())


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
    if unknown > counts["pickup_untimed"] and not covered:
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
    return BETWEEN.join(table.select("waybill").order_by("waybill").limit(SHOWN).execute()["waybill"].dropna())


def _period(ends: ir.Table) -> str:
    row = ends.execute().iloc[0]
    days = [f"{value:%Y-%m-%d}" for value in (row["first"], row["last"]) if isinstance(value, datetime) and not pd.isna(value)]
    return " – ".join(dict.fromkeys(days)) or "?"
