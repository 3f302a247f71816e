"""Checklists and answers that come as files."""

from pathlib import Path

from pdd_audit.core.errors import AuditError
from pdd_audit.core.questions import Answer
from pdd_audit.data.content.checklists import check_checklists, default_folder, load_answers
from pdd_audit.metrics import registry
from pdd_audit.services.workspace import Workspace


def prove_checklists(folder: Path | None) -> tuple[Path, list[AuditError]]:
    """The folder that was looked at, and everything that is wrong with its checklists. None: those in use."""
    looked_at = folder or default_folder()
    return looked_at, check_checklists(looked_at, {name: metric.info.better for name, metric in registry.items()})


def read_answers(workspace: Workspace, file: Path) -> dict[str, Answer]:
    """The answers of a file, each checked against the checklists. Raises AuditError with the line."""
    return load_answers(file, workspace.checklists)
