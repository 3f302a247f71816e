"""Kinds of rows the ledger holds, and the module that makes each out of a file's cells."""

from types import ModuleType

from pdd_audit.data.reading.canonical import after_sales, bill, chats, labels, order_items, orders, pickups, scans, service, violations
from pdd_audit.data.reading.sources import Source

CANONICAL: dict[str, ModuleType] = {
    "pdd_orders": orders,
    "courier_pickups": pickups,
    "pdd_service": service,
    "pdd_after_sales": after_sales,
    "pdd_bill": bill,
    "pdd_violations": violations,
    "waybill_labels": labels,
}
# Layouts whose many rows become few of a kind (messages -> days, scans -> waybills): their module has ``reduced(found)``, the SQL of the
# rows as stored. A module may have ``prepare``, which is run before ``staged``.
REDUCING: dict[str, ModuleType] = {"chat_log": chats, "scan_log": scans, "traces": scans}

# Order exports with a row per item.
BY_ITEM = {"jst_orders", "kuaimai_orders", "wdt_orders", "wdt_outbound"}


def canonical_of(source: Source) -> ModuleType:
    """The module that reads this layout."""
    return order_items if source.id in BY_ITEM else REDUCING.get(source.id, CANONICAL[source.kind])
