"""The rows behind a number, for the screen and as a file that opens safely in a spreadsheet."""

import csv
import io

import pandas as pd

from pdd_audit.core.lineage import ROW_KINDS
from pdd_audit.core.spreadsheet import safe_cell
from pdd_audit.services.measure import ask_about, ground_of
from pdd_audit.services.workspace import Workspace

__all__ = ["list_rows", "rows_csv", "safe_cell"]


def list_rows(workspace: Workspace, shop_id: str, what: str, limit: int | None = 500) -> pd.DataFrame:
    """Rows of one kind of ``core.lineage.ROW_KINDS``, oldest first: parcels (waybill, order_no, courier, outlet, shipped_at,
    picked_up_at, first_move_at, promised_ship_at, excluded, file, source_row), or service rows for ``late_replies``."""
    if what not in ROW_KINDS:
        raise ValueError(f"no such rows: {what}")
    ask = ask_about(workspace, shop_id, None)
    if ask is None:
        return pd.DataFrame()
    from pdd_audit.data.relations.compact import reply_rows, rows_behind  # the engine loads only when rows are asked for

    ledger = workspace.ledger(shop_id)
    if what == "late_replies":
        replies = reply_rows(ledger.paths("pdd_service"))
        late = replies[replies["missed_3min_high"] > 0].sort_values("missed_3min_high", ascending=False)
        return late.head(limit) if limit else late
    if not ledger.paths("pdd_orders"):
        return pd.DataFrame()
    with ground_of(workspace, shop_id, ask) as ground:
        rows = rows_behind(ground, what)
        frame: pd.DataFrame = (rows.limit(limit) if limit else rows).execute()
    names = {report.sha256: report.file for report in ask.reports}
    return frame.assign(file=frame["import_id"].map(names)).drop(columns="import_id")


def rows_csv(workspace: Workspace, shop_id: str, what: str) -> bytes:
    """All rows of one kind as CSV with BOM; every cell quoted, none starting a formula, long numbers kept as text."""
    frame = list_rows(workspace, shop_id, what, limit=None)
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(frame.columns)
    for row in frame.itertuples(index=False):
        writer.writerow([safe_cell(value) for value in row])
    return text.getvalue().encode("utf-8-sig")
