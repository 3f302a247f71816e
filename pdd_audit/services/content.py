"""Checklists and answers that come as files."""

from pathlib import Path

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.data.content.appeals import check_appeals
from pdd_audit.data.content.checklists import AnswersFile, check_checklists, load_answers, load_checklists, load_sources
from pdd_audit.data.content.folder import default_folder
from pdd_audit.data.content.overlay_file import Prover
from pdd_audit.data.content.responses import check_responses
from pdd_audit.data.reading.sources import couriers
from pdd_audit.metrics import registry
from pdd_audit.metrics.causes import CAUSES
from pdd_audit.services.access import needs
from pdd_audit.services.overlay import answerable_of, overlay_at
from pdd_audit.services.profile import profile_of
from pdd_audit.services.workspace import Workspace


def prove_checklists(folder: Path | None) -> tuple[Path, list[AuditError]]:
    """The folder that was looked at, and everything that is wrong with its checklists. None: those in use."""
    looked_at = folder or default_folder()
    found = check_checklists(looked_at, {name: metric.info.better for name, metric in registry.items()}, couriers())
    return looked_at, found + check_responses(looked_at) + _appeals(looked_at)


def _appeals(folder: Path) -> list[AuditError]:
    try:
        questions = {item.id for practice in load_checklists(folder).practices for item in practice.items}
    except AuditError:  # then nobody knows which questions exist, and why was said already
        return []
    return check_appeals(folder, questions, CAUSES)


def prove_overlay(folder: Path, overlay: Path) -> list[AuditError]:
    """Everything wrong with a shop's own checklist in a file, held against a sound folder; warnings included."""
    prover = Prover(load_checklists(folder), {name: metric.info.better for name, metric in registry.items()}, load_sources(folder))
    try:
        return overlay_at(prover, overlay)[1]
    except AuditError as error:
        return [error]


@needs(Right.LOOK)
def read_answers(workspace: Workspace, shop_id: str, file: Path) -> AnswersFile:
    """The answers of a file and what it says of the shop, each checked against the checklists. Raises AuditError with the line.

    Answers to questions that the shop leaves out are read and do not count, like stored ones.
    """
    return load_answers(file, answerable_of(workspace, shop_id), profile_of(workspace, shop_id))
