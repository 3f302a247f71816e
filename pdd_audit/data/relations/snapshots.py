"""What several order exports of one shop say together: the newest one speaks, and what it has overwritten stays to be seen.

Expressions of Ibis over rows of the ledger (kind ``pdd_orders`` with ``import_id``); they run on any engine.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.core.order_status import STATUSES

LONG_AGO = datetime(1970, 1, 1)  # of an export that proves no moment at all
_GONE = ("shipped", "received", "refunded_shipped", "refunded_received")
_KINDS = {  # column of an export -> the exclusion it alone can tell
    "community_group": "community", "store_pickup": "store_pickup", "booked_delivery": "booked_delivery",
    "community_delivery": "community_delivery",
}
UNKNOWN_TO_AN_ERP = ("confirmed_at", "paid_at", "promised_ship_at", "received_yuan")
# Not the review, which ends: that an older export knew of one says nothing of today.
FILLED = (*UNKNOWN_TO_AN_ERP, "courier", "province", "goods_id", *_KINDS)


def newest(orders: ir.Table) -> ir.Table:
    """The rows of the newest export that names the order, whenever it was imported. Exports of one moment speak together: an order's
    parcels may be spread over them; of one parcel the further status counts, and an order with a parcel has no row without."""
    newest_first = ibis.window(group_by="order_no", order_by=[ibis.desc(orders.snapshot_at), orders.waybill.isnull()])
    further = orders.status.cases(*((name, order) for order, name in enumerate(STATUSES)), else_=0)
    one_of_each = ibis.window(
        group_by=["order_no", "waybill"], order_by=[ibis.desc(orders.snapshot_at), ibis.desc(further), ibis.desc(orders.import_id)]
    )
    ranked = orders.mutate(age_rank=ibis.rank().over(newest_first), twin=ibis.row_number().over(one_of_each))
    return ranked.filter((_.age_rank == 0) & (_.twin == 0)).drop("age_rank", "twin")


def filled(lines: ir.Table, orders: ir.Table, silent: Mapping[str, Collection[str]]) -> ir.Table:
    """The lines with what their export has no column for, from the newest row of the order that has a value.

    ``silent``: which imports cannot speak of a column of ``FILLED``. A column that is there and empty stays empty.
    """
    anywhere = sorted({import_id for those in silent.values() for import_id in those})
    asked = orders.filter(orders.import_id.isin(anywhere)).select("order_no")
    telling = orders.filter(ibis.or_(*(_told(orders, name, those).notnull() for name, those in silent.items())))
    rows = telling.semi_join(asked, "order_no")
    moment = rows.snapshot_at.coalesce(ibis.literal(LONG_AGO).cast("timestamp"))
    known = {}
    for name, those in silent.items():
        value = _told(rows, name, those)
        known[f"told_{name}"] = ibis.ifelse(value.notnull(), ibis.struct({"at": moment, "value": value}), None).max()["value"]
    both = lines.left_join(rows.group_by("order_no").aggregate(**known), "order_no").drop("order_no_right")
    for name, those in silent.items():
        target = "excluded_kind" if name in _KINDS else name
        both = both.mutate(**{target: both[target].coalesce(ibis.ifelse(both.import_id.isin(those), both[f"told_{name}"], None))})
    return both.drop(*known)


def _told(rows: ir.Table, name: str, silent: Collection[str]) -> ir.Value:
    """What a row says of a column where its export has it; of those that leave an order out, only that they do."""
    value = ibis.ifelse(rows.excluded_kind == _KINDS[name], _KINDS[name], None) if name in _KINDS else rows[name]
    return ibis.ifelse(rows.import_id.isin(silent), None, value)


def completed(lines: ir.Table, platform: ir.Table) -> ir.Table:
    """Lines of the newest export where that may be an ERP's: the platform's own upload time and its further status count."""
    known = newest(platform).group_by("order_no").aggregate(own_shipped_at=_.shipped_at.min(), own_status=_.status.max())
    both = lines.left_join(known, "order_no").drop("order_no_right")
    from_platform = both.own_status.isin(_GONE).fill_null(False)
    return both.mutate(
        status=ibis.ifelse(from_platform, both.own_status, both.status), shipped_at=both.own_shipped_at.coalesce(both.shipped_at),
    ).drop("own_shipped_at", "own_status")


def reshipped(orders: ir.Table) -> ir.Table:
    """Orders whose waybill or upload time differs from what an earlier export of the platform said, to the minute.

    One row an order: order_no, waybill and shipped_at as the newest export has them; first_waybill, first_shipped_at, first_import_id
    and first_source_row of the earliest upload that is no longer there. The old parcel is superseded: the newest lines do not hold it.
    """
    uploads = orders.filter(_.waybill.notnull() & _.shipped_at.notnull()).mutate(minute=_.shipped_at.truncate("m"))
    now = newest(orders).filter(_.waybill.notnull() & _.shipped_at.notnull()).mutate(minute=_.shipped_at.truncate("m"))
    gone = uploads.anti_join(now.select("order_no", "waybill", "minute"), ["order_no", "waybill", "minute"])
    order = ibis.struct({"at": gone.shipped_at, "waybill": gone.waybill, "import_id": gone.import_id, "row": gone.source_row})
    first = gone.mutate(upload=order).group_by("order_no").aggregate(upload=_.upload.min())
    first = first.select(
        "order_no", first_waybill=_.upload["waybill"], first_shipped_at=_.upload["at"], first_import_id=_.upload["import_id"],
        first_source_row=_.upload["row"],
    )
    current = now.group_by("order_no").aggregate(waybill=_.waybill.min(), shipped_at=_.shipped_at.min())
    return current.inner_join(first, "order_no")


def reshipped_flag(table: ir.Table | None) -> dict[str, dict[str, str]]:
    """The flag "reshipped" with how many orders it is and one of them, if there are any."""
    if table is None:
        return {}
    count = int(table.count().execute())
    if not count:
        return {}
    one = table.order_by("order_no").limit(1).execute().iloc[0]
    shown = {name: str(one[name]) for name in ("order_no", "first_waybill", "waybill", "first_shipped_at", "shipped_at")}
    return {"reshipped": {"orders": str(count), **shown}}
