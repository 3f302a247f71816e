"""When a file was exported: said for a file that does not tell it, or tells it wrongly; every number that hangs on it follows."""

from datetime import datetime

from pdd_audit.core.clocks import CLOCKS_DIFFER
from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.export_times import ExportTime, standing
from pdd_audit.core.people import Right
from pdd_audit.data.storage.shared_keys import Stored
from pdd_audit.data.storage.stored_events import newest_after
from pdd_audit.services.access import needs
from pdd_audit.services.workspace import Workspace, now


@needs(Right.LOOK)
def stated_times(workspace: Workspace, shop_id: str) -> dict[str, ExportTime]:
    """sha256 -> what was said of the file, by whom and when; files of which nothing was said are not in it."""
    return standing(workspace.state.said(ExportTime, shop_id))


def refuse_future(exported_at: datetime) -> None:
    """Raises export_time_future for a time that has not come yet."""
    if exported_at > now() + CLOCKS_DIFFER:
        raise AuditError("export_time_future", found=f"{exported_at:%Y-%m-%d %H:%M}", now=f"{now():%Y-%m-%d %H:%M}")


@needs(Right.IMPORT_FILES)
def state_export_time(workspace: Workspace, shop_id: str, sha256: str, exported_at: datetime | None, by: str) -> None:
    """Say when a file of the shop was exported; None: as the file itself tells. What is the case already is not said again.

    Raises AuditError without a name, for a time to come, and for one before something the file tells of.
    """
    if not by.strip():
        raise AuditError("export_time_who", found="")
    stands = stated_times(workspace, shop_id).get(sha256)
    if exported_at == (stands.exported_at if stands else None):
        return
    if exported_at is not None:
        _refuse_early(workspace, shop_id, sha256, exported_at)
    workspace.state.say(shop_id, ExportTime(sha256=sha256, exported_at=exported_at, by=by.strip()[:60], at=now()))


def _refuse_early(workspace: Workspace, shop_id: str, sha256: str, exported_at: datetime) -> None:
    refuse_future(exported_at)
    ledger = workspace.ledger(shop_id)
    report = next((report for report in ledger.reports() if report.sha256 == sha256), None)
    if report is None:  # removed meanwhile, by somebody else
        raise AuditError("export_time_no_file", found=sha256[:12])
    path = next(path for path, one in ledger.files(report.kind) if one.sha256 == sha256)
    event = newest_after(Stored(path, report.first_row), exported_at + CLOCKS_DIFFER, now())
    if event is not None:
        column = report.columns.get(event.column)
        raise AuditError(
            "export_time_early", Place(file=report.file, row=event.row, column=column), found=f"{exported_at:%Y-%m-%d %H:%M}",
            newest=f"{event.at:%Y-%m-%d %H:%M:%S}",
        )
