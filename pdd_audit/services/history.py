"""Saved audits: keep, list, compare."""

from dataclasses import dataclass
from datetime import datetime

from pdd_audit.core.comparison import Difference, compare
from pdd_audit.core.result import AuditResult
from pdd_audit.services.workspace import Workspace, now

__all__ = ["Difference", "SavedAudit", "compare", "delete_audit", "list_audits", "save_audit"]


@dataclass(frozen=True)
class SavedAudit:
    """A snapshot as it was: its result names the digests of its files, its rules and its checklist versions."""

    id: str
    name: str
    saved_at: datetime
    result: AuditResult


def save_audit(workspace: Workspace, shop_id: str, name: str, result: AuditResult) -> SavedAudit:
    """Keep a result under a name."""
    saved_at = now()
    audit_id = workspace.state.add_audit(shop_id, name, result.model_dump_json(), saved_at)
    return next(audit for audit in list_audits(workspace, shop_id) if audit.id == audit_id)


def list_audits(workspace: Workspace, shop_id: str) -> list[SavedAudit]:
    """Saved audits, newest first."""
    return [
        SavedAudit(stored.id, stored.name, stored.saved_at, AuditResult.model_validate(stored.result))
        for stored in workspace.state.audits(shop_id)
    ]


def delete_audit(workspace: Workspace, shop_id: str, audit_id: str) -> None:
    workspace.state.delete_audit(shop_id, audit_id)
