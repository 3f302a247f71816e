"""Which truncated or coarse files spoil which numbers: whoever looks at those numbers says that they must not be believed."""

from pdd_audit.core.measurement import Reason
from pdd_audit.core.tables import CompactTables

SPOIL_PICKUPS = {
    "cut_by_pickup_day", "export_without_received", "pickup_day_resolution", "export_only_collected", "export_only_penalised",
}
SPOIL_SHIPPING = {"export_only_shipped"}  # orders that still wait, or never went, are not in the file


def bias_of(tables: CompactTables) -> Reason | None:
    """Why the pickup numbers of these files must not be believed, if so."""
    return "not_trusted" if tables.flags & SPOIL_PICKUPS else None


def shipping_bias_of(tables: CompactTables) -> Reason | None:
    """The same of numbers that rest on shipping and on pickups, such as promises and perfect orders."""
    return "not_trusted" if tables.flags & SPOIL_SHIPPING else bias_of(tables)
