"""Checklists and answers that come as files."""

from pathlib import Path

from pdd_audit.core.errors import AuditError
from pdd_audit.data.content.checklists import AnswersFile, check_checklists, load_answers
from pdd_audit.data.content.folder import default_folder
from pdd_audit.data.reading.sources import couriers
from pdd_audit.metrics import registry
from pdd_audit.services.profile import profile_of
from pdd_audit.services.workspace import Workspace


def prove_checklists(folder: Path | None) -> tuple[Path, list[AuditError]]:
    """The folder that was looked at, and everything that is wrong with its checklists. None: those in use."""
    looked_at = folder or default_folder()
    return looked_at, check_checklists(looked_at, {name: metric.info.better for name, metric in registry.items()}, couriers())


def read_answers(workspace: Workspace, shop_id: str, file: Path) -> AnswersFile:
    """The answers of a file and what it says of the shop, each checked against the checklists. Raises AuditError with the line."""
    return load_answers(file, workspace.checklists, profile_of(workspace, shop_id))
