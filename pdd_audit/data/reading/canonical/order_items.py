"""Order exports of ERP systems -> the rows of ``orders``: these files have a row per item, sometimes several orders in one cell."""

# ruff: noqa: S608 - statements are made of column positions and our own YAML only; no text of a file ever becomes part of one

from collections.abc import Mapping
from typing import Any

from pdd_audit.data.reading.canonical import orders
from pdd_audit.data.reading.canonical.cells import cell, flag, is_blank
from pdd_audit.data.reading.canonical.findings import Findings
from pdd_audit.data.reading.canonical.orders import BAD_ROW, COLUMNS, KEY, PAST_TIMES, PERIOD, TIMES
from pdd_audit.data.reading.sources import Source

# What tells one item of an order from another. Rows that agree in all of these and in what is kept are one row, exported twice.
_ITEM = ("sub_order", "sku", "goods_no", "goods_name", "spec", "quantity", "price", "amount", "gift")
_EITHER_NUMBER = 9_999  # position of a column that the file does not have


def staged(columns: Mapping[str, int], first: int, relation: str, *, source: Source, **rest: Any) -> str:
    """As ``orders.staged``, with ``item`` (a hash) and ``gift``. A blank order number is taken from ``joined_order_no``."""
    at = dict(columns)
    if "joined_order_no" in at:
        own, joined = (cell(at.get(name)) for name in ("order_no", "joined_order_no"))
        relation = f"(SELECT *, CASE WHEN {is_blank(own)} THEN {joined} ELSE {own} END AS {cell(_EITHER_NUMBER)} FROM {relation})"
        at["order_no"] = _EITHER_NUMBER
    cells = ", ".join(f"coalesce({cell(at[name])}, '')" for name in _ITEM if name in at) or "''"
    more = f", hash(concat_ws('|', {cells})) AS item, {flag(at.get('gift'))} AS gift"
    return orders.staged(at, first, relation, source=source, more=more, **rest)


def doubles(stage: str) -> str:
    """(rid, left_out, line, stays): rows exported twice, and further items of a parcel; the furthest state of a parcel stays."""
    rank = orders.rank_of_status()
    return f"""
WITH ranked AS (SELECT rid, line, order_no, waybill, max(waybill) OVER (PARTITION BY order_no) AS any_waybill,
                       row_number() OVER (PARTITION BY order_no, waybill, item, {orders.SAME_FACTS} ORDER BY rid) AS copy,
                       row_number() OVER best AS place, first_value(line) OVER best AS stays
                FROM {stage} WINDOW best AS (PARTITION BY order_no, waybill ORDER BY {rank} DESC, shipped_at DESC NULLS LAST, rid))
SELECT rid, CASE WHEN copy > 1 THEN 'duplicate_row' ELSE 'further_item' END AS left_out, line, stays
FROM ranked WHERE copy > 1 OR place > 1 OR (waybill IS NULL AND any_waybill IS NOT NULL)"""


def changed(found: Findings) -> dict[str, str]:
    """An order's pieces are those of all its items without the gifts; several orders of one parcel become a row each."""
    found.connection.execute(
        "CREATE OR REPLACE TEMP TABLE pieces AS SELECT order_no AS of_order, sum(quantity) FILTER (NOT gift) AS pieces "
        "FROM (SELECT * FROM sound ANTI JOIN (SELECT rid FROM doubles WHERE left_out = 'duplicate_row') USING (rid)) GROUP BY order_no"
    )
    found.connection.execute(
        "CREATE OR REPLACE TEMP TABLE parcels_of_orders AS "
        "SELECT k.* REPLACE (unnest(string_split(k.order_no, ',')) AS order_no, CAST(p.pieces AS INTEGER) AS quantity) "
        "FROM kept AS k JOIN pieces AS p ON p.of_order = k.order_no"
    )
    found.connection.execute(
        "CREATE OR REPLACE TEMP VIEW kept AS SELECT * FROM parcels_of_orders "
        "QUALIFY row_number() OVER (PARTITION BY order_no, waybill ORDER BY rid) = 1"
    )
    return {**orders.changed(found), "quantity": "quantity"}


def describe(found: Findings) -> None:
    """What an ERP knows less well than the platform, and which of its columns was taken for the upload."""
    orders.describe(found)
    used = found.header("shipped_at")
    platforms = found.recognised.source.extra.get("platform_ship_times", [])
    found.note("platform_ship_time" if used in platforms else "erp_ship_time", column=used)
    found.note("erp_orders")
    several = found.said("several_orders")
    if several.rows:
        found.note("several_orders", rows=several.rows, row=several.row)


__all__ = ["BAD_ROW", "COLUMNS", "KEY", "PAST_TIMES", "PERIOD", "TIMES", "changed", "describe", "doubles", "staged"]
