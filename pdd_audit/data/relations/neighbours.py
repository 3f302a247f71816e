"""What stands beside the orders: refund times, outlets of labels, bookings of the bill, penalised orders. Ibis expressions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from pdd_audit.core.tables import FINE_COLUMNS
from pdd_audit.data.relations.engines import Engine

FINED = ("fine_late_shipping", "fine_false_shipping")
COUNTED = (*FINED, "fine_out_of_stock", "compensation", "appeal_refund")
BOOKING = ("order_no", "booked_at", "income_yuan", "expense_yuan", "code", "code_name", "category")


@dataclass(frozen=True)
class Neighbours:
    """The rows of the files beside the orders, each with its ``import_id``; None where the shop has no such file."""

    pickups: ir.Table | None = None
    after_sales: ir.Table | None = None
    labels: ir.Table | None = None
    bill: ir.Table | None = None
    violations: ir.Table | None = None


def read_neighbours(engine: Engine, files: dict[str, Sequence[Path]]) -> Neighbours:
    """``files``: kind -> Parquet files of the ledger."""

    def rows(kind: str) -> ir.Table | None:
        paths = files.get(kind, ())
        return engine.rows(paths) if paths else None

    return Neighbours(rows("courier_pickups"), rows("pdd_after_sales"), rows("waybill_labels"), rows("pdd_bill"), rows("pdd_violations"))


def refund_times(after_sales: ir.Table) -> ir.Table:
    """(order_no, refunded_at): the last refund agreed for an order. What an earlier export knew stays known."""
    agreed = after_sales.filter((_.status == "refunded") & _.refunded_at.notnull())
    return agreed.group_by("order_no").aggregate(refunded_at=_.refunded_at.max())


def label_outlets(labels: ir.Table) -> ir.Table:
    """(waybill, label_outlet): the branch whose account the number was taken from, unless the number was given back."""
    used = labels.filter(_.outlet.notnull() & (_.state.isnull() | (_.state != "recycled")))
    return used.group_by("waybill").aggregate(label_outlet=_.outlet.max())


def bookings(bill: ir.Table, as_of: datetime) -> ir.Table:
    """One row per booking and its ``times``: equal bookings of one export are several, those of two exports are the same ones.
    ``booked_at`` is to the minute, as a copy saved in Excel has lost its seconds."""
    known = bill.filter(_.booked_at.isnull() | (_.booked_at <= as_of)).mutate(booked_at=_.booked_at.truncate("m"))
    per_file = known.group_by([*BOOKING, "import_id"]).aggregate(times=_.count())
    return per_file.group_by(list(BOOKING)).aggregate(times=_.times.max())


def fine_table(bill: ir.Table | None, orders: ir.Table | None, as_of: datetime) -> pd.DataFrame:
    """Counts and sums of ``COUNTED`` bookings, per code and per what they name: an order of the shop's files ("known"), another order
    ("elsewhere"), or none ("unlinked"). Yuan: what was taken, less what came back; an appeal that was won is negative."""
    if bill is None:
        return pd.DataFrame(columns=FINE_COLUMNS)
    table = bookings(bill, as_of).filter(_.category.isin(COUNTED))
    known = ibis.memtable([], schema={"order_no": "string"}) if orders is None else orders.select("order_no").distinct()
    table = table.left_join(known.mutate(known=True), "order_no").drop("order_no_right")
    yuan = table.expense_yuan.fill_null(0) - table.income_yuan.fill_null(0)
    link = ibis.cases((table.order_no.isnull(), "unlinked"), (table.known.fill_null(False), "known"), else_="elsewhere")
    grouped = table.mutate(link=link, yuan=yuan * table.times).group_by(["category", "code", "code_name", "link"]).aggregate(
        bookings=_.times.sum(), yuan=_.yuan.sum().cast("float64"), orders=_.order_no.nunique(),
    )
    frame: pd.DataFrame = grouped.order_by("category", "code", "code_name", "link").execute()
    return frame[FINE_COLUMNS]


def penalised(neighbours: Neighbours) -> ir.Table | None:
    """(order_no) of every order that the bill or the list of violations names as penalised; None without such files."""
    lists = []
    if neighbours.bill is not None:
        lists.append(neighbours.bill.filter(_.category.isin(FINED) & _.order_no.notnull()).select("order_no"))
    if neighbours.violations is not None:
        lists.append(neighbours.violations.select("order_no"))
    return ibis.union(*lists).distinct() if len(lists) > 1 else lists[0].distinct() if lists else None
