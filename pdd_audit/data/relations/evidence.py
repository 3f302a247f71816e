"""Every row of the files that speaks of some orders, each with its file and row: what an appeal may rest on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from pdd_audit.core.exemptions import Clock
from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.neighbours import FINED, penalised
from pdd_audit.data.relations.parcels import waived

PLACE = ("import_id", "file_row")
CLOCKS: tuple[Clock, ...] = ("pickup", "promise")
MOST = 20_000  # penalised orders looked at; a shop with more has another trouble
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "uploads": ("order_no", "waybill", "courier", "confirmed_at", "promised_ship_at", "shipped_at", *PLACE),
    "scans": ("order_no", "waybill", "outlet", "picked_up_at", *PLACE),
    "penalties": ("order_no", "kind", "yuan", "at", "booked", *PLACE),
    "refunds": ("order_no", "refunded_at", *PLACE),
    "expected": ("order_no", "cost_yuan"),
    "windows": ("order_no", "clock", "window"),
}


@dataclass(frozen=True)
class Evidence:
    """Frames with the columns of ``COLUMNS``, none of them missing. ``file_row``: as the file counts; a null time is one nobody knows."""

    uploads: pd.DataFrame
    scans: pd.DataFrame
    penalties: pd.DataFrame
    refunds: pd.DataFrame
    expected: pd.DataFrame
    windows: pd.DataFrame


def evidence_of(ground: Ground, orders: Sequence[str] | None, first_rows: Mapping[str, int]) -> Evidence:
    """Of these orders, else (None) of every penalised one the order exports hold. ``first_rows``: import -> what its first stored row is
    in the file, for rows stored without their number. Nothing later than the ground's moment is known."""
    chosen = _chosen(ground, orders)
    if chosen is None:
        return Evidence(**{name: pd.DataFrame(columns=list(columns)) for name, columns in COLUMNS.items()})
    assert ground.rows is not None, "asked of a ledger"
    uploads = _rows(ground.rows, first_rows).semi_join(chosen, "order_no")
    uploads = uploads.filter(uploads.shipped_at.isnull() | (uploads.shipped_at <= ground.moment.as_of))
    numbers = uploads.filter(_.waybill.notnull() & _.shipped_at.notnull()).select("order_no", "waybill").distinct()
    tables = {
        "uploads": uploads, "scans": _scans(ground, numbers, first_rows), "penalties": _penalties(ground, chosen, first_rows),
        "refunds": _refunds(ground, chosen, first_rows),
        "expected": ground.lines.semi_join(chosen, "order_no").group_by("order_no").aggregate(cost_yuan=_.cost_yuan.max()),
        "windows": _windows(ground, chosen),
    }
    return Evidence(**{name: _frame(table, COLUMNS[name]) for name, table in tables.items()})


def _frame(table: ir.Table | None, columns: tuple[str, ...]) -> pd.DataFrame:
    if table is None:
        return pd.DataFrame(columns=list(columns))
    frame: pd.DataFrame = table.select(*columns).execute()
    return frame.sort_values(list(columns), ignore_index=True)


def _chosen(ground: Ground, orders: Sequence[str] | None) -> ir.Table | None:
    known = ground.lines.select("order_no").distinct()
    if orders is not None:
        return known.filter(known.order_no.isin(list(orders))) if orders else None
    named = penalised(ground.beside)
    return None if named is None else known.semi_join(named, "order_no").order_by(ibis.desc("order_no")).limit(MOST)


def _rows(table: ir.Table, first_rows: Mapping[str, int]) -> ir.Table:
    """Rows stored without their number stand as they stood in the file."""
    first = ibis.literal(0)
    for import_id, row in first_rows.items():
        first = ibis.ifelse(table.import_id == import_id, row, first)
    return table.mutate(file_row=table.source_row.fill_null(table.file_row_number + first).cast("int64"))


def _scans(ground: Ground, numbers: ir.Table, first_rows: Mapping[str, int]) -> ir.Table | None:
    if ground.beside.pickups is None:
        return None
    scans = _rows(ground.beside.pickups, first_rows)
    known = scans.filter(scans.picked_up_at.notnull() & (scans.picked_up_at <= ground.moment.as_of))
    return numbers.inner_join(known, "waybill")


def _penalties(ground: Ground, chosen: ir.Table, first_rows: Mapping[str, int]) -> ir.Table:
    """Bookings of fines, and rows of the list of violations, each once even where several exports repeat it."""
    found = []
    bill, listed = ground.beside.bill, ground.beside.violations
    if bill is not None:
        known = bill.booked_at.isnull() | (bill.booked_at <= ground.moment.as_of)
        rows = _rows(bill.filter(bill.category.isin(FINED) & known), first_rows)
        rows = rows.mutate(minute=rows.booked_at.truncate("m"))  # a copy saved in Excel has lost the seconds
        nth = ibis.row_number().over(group_by=["order_no", "minute", "expense_yuan", "category", "import_id"], order_by="file_row")
        rows = rows.mutate(nth=nth).group_by("order_no", "minute", "expense_yuan", "category", "nth").aggregate(
            at=_.booked_at.max(), place=ibis.struct({"import_id": _.import_id, "row": _.file_row}).min(),
        )
        found.append(rows.select(
            "order_no", kind=_.category, yuan=_.expense_yuan.cast("float64"), at=_["at"], booked=ibis.literal(True),
            import_id=_.place["import_id"], file_row=_.place["row"],
        ))
    if listed is not None:
        rows = _rows(listed, first_rows).group_by("order_no", "violation").aggregate(
            at=_.decided_at.min(), yuan=_.fine_yuan.max(), place=ibis.struct({"import_id": _.import_id, "row": _.file_row}).min(),
        )
        found.append(rows.select(
            "order_no", kind=_.violation, yuan=_.yuan.cast("float64"), at=_.at, booked=ibis.literal(False),
            import_id=_.place["import_id"], file_row=_.place["row"],
        ))
    if not found:
        return chosen.mutate(
            kind=ibis.null("string"), yuan=ibis.null("float64"), at=ibis.null("timestamp"), booked=ibis.literal(False),
            import_id=ibis.null("string"), file_row=ibis.null("int64"),
        ).filter(ibis.literal(False))
    return (found[0] if len(found) == 1 else ibis.union(*found)).semi_join(chosen, "order_no")


def _refunds(ground: Ground, chosen: ir.Table, first_rows: Mapping[str, int]) -> ir.Table | None:
    cases = ground.beside.after_sales
    if cases is None:
        return None
    agreed = _rows(cases, first_rows).semi_join(chosen, "order_no")
    return agreed.filter((agreed.status == "refunded") & agreed.refunded_at.notnull() & (agreed.refunded_at <= ground.moment.as_of))


def _windows(ground: Ground, chosen: ir.Table) -> ir.Table | None:
    """Which window suspends which clock of which order."""
    lines = ground.lines.semi_join(chosen, "order_no")
    found = []
    for waiver in ground.moment.waivers:
        alone = replace(ground.moment, waivers=(waiver,))
        for clock in CLOCKS:
            inside = lines.filter(waived(lines, alone, clock))
            found.append(inside.select("order_no", clock=ibis.literal(clock), window=ibis.literal(waiver.name)).distinct())
    if not found:
        return None
    return found[0] if len(found) == 1 else ibis.union(*found, distinct=True)
