"""Filters as a condition on parcels or orders, and what there is to choose from."""

from datetime import timedelta

import ibis.expr.types as ir

from pdd_audit.core.filters import Filters

_COLUMNS = {"courier": "courier", "outlet": "outlet", "province": "province", "goods": "goods_id"}


def chosen_rows(table: ir.Table, uploaded_at: ir.Value, filters: Filters) -> ir.Table:
    """Rows of ``table`` (courier, outlet, province, goods_id) that a choice includes; a day counts from midnight to midnight."""
    conditions = [table[column].isin(values) for name, column in _COLUMNS.items() if (values := getattr(filters, name))]
    if filters.start is not None:
        conditions.append(uploaded_at >= filters.start)
    if filters.end is not None:
        conditions.append(uploaded_at < filters.end + timedelta(days=1))
    return table.filter(*conditions) if conditions else table
