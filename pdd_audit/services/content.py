"""Checklists and answers that come as files."""

from pathlib import Path

from pdd_audit.core.errors import AuditError
from pdd_audit.data.content.checklists import AnswersFile, check_checklists, load_answers, load_checklists, load_sources
from pdd_audit.data.content.folder import default_folder
from pdd_audit.data.content.overlay_file import Prover
from pdd_audit.data.reading.sources import couriers
from pdd_audit.metrics import registry
from pdd_audit.services.overlay import answerable_of
from pdd_audit.services.profile import profile_of
from pdd_audit.services.workspace import Workspace


def prove_checklists(folder: Path | None) -> tuple[Path, list[AuditError]]:
    """The folder that was looked at, and everything that is wrong with its checklists. None: those in use."""
    looked_at = folder or default_folder()
    return looked_at, check_checklists(looked_at, {name: metric.info.better for name, metric in registry.items()}, couriers())


def prove_overlay(folder: Path, overlay: Path) -> list[AuditError]:
    """Everything wrong with a shop's own checklist in a file, held against a sound folder; warnings included."""
    prover = Prover(load_checklists(folder), {name: metric.info.better for name, metric in registry.items()}, load_sources(folder))
    try:
        return prover.of_file(overlay)[1]
    except AuditError as error:
        return [error]


def read_answers(workspace: Workspace, shop_id: str, file: Path) -> AnswersFile:
    """The answers of a file and what it says of the shop, each checked against the checklists. Raises AuditError with the line.

    Answers to questions that the shop leaves out are read and do not count, like stored ones.
    """
    return load_answers(file, answerable_of(workspace, shop_id), profile_of(workspace, shop_id))
