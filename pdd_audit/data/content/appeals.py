"""The way to an appeal and the causes an incident closes with: ``responses/appeals.yaml`` and ``responses/causes.yaml``."""

from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

from pdd_audit.core.errors import AuditError
from pdd_audit.core.incidents.appeal_guide import AppealGuide, guide_faults
from pdd_audit.core.incidents.incident_causes import CausesFile, cause_faults
from pdd_audit.core.periods import Fault
from pdd_audit.data.content.checklists import load_sources
from pdd_audit.data.content.documents import Document, read_document, refusals, shaped
from pdd_audit.data.content.folder import default_folder

GUIDE, CAUSES = "responses/appeals.yaml", "responses/causes.yaml"


def load_guide(folder: Path) -> AppealGuide:
    """The way to an appeal; the shipped one where the folder brings none. Raises AuditError for the first thing that is wrong."""
    return _guide(_having(folder, GUIDE))


def load_causes(folder: Path) -> CausesFile:
    """The causes; the shipped ones where the folder brings none. Raises AuditError for the first thing that is wrong."""
    return _causes(_having(folder, CAUSES))


def _having(folder: Path, name: str) -> Path:
    return folder if (folder / name).is_file() else default_folder()


@cache
def _guide(folder: Path) -> AppealGuide:
    document, guide, faults = read_guide(folder)
    for error in refusals(document, faults):
        raise error
    return guide


@cache
def _causes(folder: Path) -> CausesFile:
    document = read_document(folder / CAUSES, CAUSES)
    file = shaped(document, CausesFile)
    for error in refusals(document, cause_faults(file, _asked(file), load_sources(folder))):  # whether a question exists is for the prover
        raise error
    return file


def _asked(file: CausesFile) -> Collection[str]:
    return {id for cause in file.causes for id in cause.prevented_by}


def read_guide(folder: Path) -> tuple[Document, AppealGuide, list[Fault]]:
    """The file, what it says, and what is wrong with that. Raises AuditError where it has no shape at all."""
    document = read_document(folder / GUIDE, GUIDE)
    guide = shaped(document, AppealGuide)
    return document, guide, guide_faults(guide, load_sources(folder))


def check_appeals(folder: Path, questions: Collection[str], proposed: Collection[str] | None = None) -> list[AuditError]:
    """Everything that is wrong with either file of a folder; nothing for one that brings none. ``questions``: those that exist;
    ``proposed``: the causes the data can propose."""
    return [error for check in (_wrong_guide(folder), _wrong_causes(folder, questions, proposed)) for error in check]


def _wrong_guide(folder: Path) -> Iterator[AuditError]:
    if (folder / GUIDE).is_file():
        try:
            document, _, faults = read_guide(folder)
            yield from refusals(document, faults)
        except AuditError as error:
            yield error


def _wrong_causes(folder: Path, questions: Collection[str], proposed: Collection[str] | None) -> Iterator[AuditError]:
    if (folder / CAUSES).is_file():
        try:
            document = read_document(folder / CAUSES, CAUSES)
            yield from refusals(document, cause_faults(shaped(document, CausesFile), questions, load_sources(folder), proposed))
        except AuditError as error:
            yield error
