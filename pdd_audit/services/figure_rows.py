"""The rows behind every figure of an audit at once, so many of each, for a workbook."""

from collections.abc import Callable
from contextlib import ExitStack

import pandas as pd

from pdd_audit.core.figure_rows import FigureRows
from pdd_audit.core.lineage import REPLY_KINDS, ROWS_BEHIND
from pdd_audit.core.people import Right
from pdd_audit.core.result import AuditResult
from pdd_audit.services.access import needs
from pdd_audit.services.measure import ask_about, ground_of
from pdd_audit.services.replies import reply_list
from pdd_audit.services.rows import in_words
from pdd_audit.services.workspace import Workspace
from pdd_audit.texts import Words

MOST_ROWS = 1_000  # of one figure; the page behind it lists and downloads all


@needs(Right.EXPORT_ROWS)
def figure_rows(
    workspace: Workspace, shop_id: str, result: AuditResult, words: Words, on_progress: Callable[[float], object] | None = None
) -> list[FigureRows]:
    """Rows behind the measured metrics of ``result``, as the shop's files hold them at its moment; kinds without rows are left out.

    ``on_progress`` hears shares 0..1. Raises AuditError when the engine cannot run.
    """
    kinds = list(dict.fromkeys(ROWS_BEHIND[name] for name, metric in result.metrics.items() if metric.n and name in ROWS_BEHIND))
    ask = ask_about(workspace, shop_id, result.as_of)
    found: list[FigureRows] = []
    if ask is None:
        return found
    from pdd_audit.data.relations.rows import rows_behind

    files = {report.sha256: report.file for report in ask.reports}
    with ExitStack() as stack:
        ground = None
        for number, what in enumerate(kinds):
            if on_progress is not None:
                on_progress(number / len(kinds))
            if what in REPLY_KINDS:
                frame = reply_list(workspace, shop_id, what).head(MOST_ROWS + 1)
            elif not workspace.ledger(shop_id).paths("pdd_orders"):
                continue
            else:
                ground = ground or stack.enter_context(ground_of(workspace, shop_id, ask))
                frame = rows_behind(ground, what, None, MOST_ROWS + 1).execute()
                frame = frame.assign(file=frame["import_id"].map(files)).drop(columns="import_id")
            if "day" in frame:  # a day has no time of day
                frame = frame.assign(day=frame["day"].dt.date)
            if len(frame):
                found.append(_written(what, in_words(frame, words)))
    return found


def _written(what: str, frame: pd.DataFrame) -> FigureRows:
    plain = frame.head(MOST_ROWS).astype(object)
    rows = plain.where(plain.notna(), None).to_numpy().tolist()
    return FigureRows(what, [str(name) for name in frame.columns], rows, len(frame) > MOST_ROWS)
