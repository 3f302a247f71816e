"""What several order exports of one shop say together: the newest one speaks, and what it has overwritten stays to be seen.

Expressions of Ibis over rows of the ledger (kind ``pdd_orders`` with ``import_id``); they run on any engine.
"""

import ibis
import ibis.expr.types as ir
from ibis import _

_GONE = ("shipped", "received", "refunded_shipped", "refunded_received")
_FILLED = ("confirmed_at", "paid_at", "promised_ship_at", "received_yuan")


def newest(orders: ir.Table) -> ir.Table:
    """The rows of the newest export that names the order, whenever it was imported. Exports of one moment speak together: an order's
    parcels may be spread over them."""
    newest_first = ibis.window(group_by="order_no", order_by=ibis.desc(orders.snapshot_at))
    one_of_each = ibis.window(group_by=["order_no", "waybill"], order_by=[ibis.desc(orders.snapshot_at), ibis.desc(orders.import_id)])
    ranked = orders.mutate(age_rank=ibis.rank().over(newest_first), twin=ibis.row_number().over(one_of_each))
    return ranked.filter((_.age_rank == 0) & (_.twin == 0)).drop("age_rank", "twin")


def completed(lines: ir.Table, platform: ir.Table) -> ir.Table:
    """Lines of the newest export where that may be an ERP's: the platform's own upload time and its further status count, and what an
    ERP does not know (promise, confirmation, payment, amount) comes from the newest of the platform's rows."""
    known = newest(platform).group_by("order_no").aggregate(
        own_shipped_at=_.shipped_at.min(), own_status=_.status.max(), **{f"own_{name}": _[name].max() for name in _FILLED},
    )
    both = lines.left_join(known, "order_no").drop("order_no_right")
    filled = {name: both[name].coalesce(both[f"own_{name}"]) for name in _FILLED}
    from_platform = both.own_status.isin(_GONE).fill_null(False)
    return both.mutate(
        status=ibis.ifelse(from_platform, both.own_status, both.status), shipped_at=both.own_shipped_at.coalesce(both.shipped_at), **filled,
    ).drop("own_shipped_at", "own_status", *(f"own_{name}" for name in _FILLED))


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
