"""What the shop changed: written down, listed, taken back."""

from datetime import date

from pdd_audit.core.changes import CHANGE_KINDS, LONGEST, Change, ChangeKind
from pdd_audit.core.people import Right
from pdd_audit.services.access import needs
from pdd_audit.services.workspace import Workspace, now

__all__ = ["CHANGE_KINDS", "LONGEST", "Change", "ChangeKind", "add_change", "list_changes", "remove_change"]


@needs(Right.ANSWER)
def add_change(workspace: Workspace, shop_id: str, day: date, what: str, kind: ChangeKind) -> Change:
    """Keep a change that is in force from ``day`` on. Raises AuditError for no words or too many."""
    return workspace.state.add_change(shop_id, day, what, kind, now())


@needs(Right.LOOK)
def list_changes(workspace: Workspace, shop_id: str) -> list[Change]:
    """Every change, by day."""
    return workspace.state.changes(shop_id)


@needs(Right.ANSWER)
def remove_change(workspace: Workspace, shop_id: str, change_id: str) -> None:
    """The change was never made; another shop's change stays."""
    workspace.state.delete_change(shop_id, change_id)
