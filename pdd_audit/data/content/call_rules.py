"""Whom to call and when to tell: ``responses/calls.yaml`` of the checklist folder."""

from pathlib import Path

from pdd_audit.core.errors import AuditError
from pdd_audit.core.incidents.calls import CallRules
from pdd_audit.data.content.documents import read_document, shaped
from pdd_audit.data.content.folder import default_folder

FILE = "responses/calls.yaml"


def load_call_rules(folder: Path) -> CallRules:
    """Of this folder, else the shipped ones. Raises AuditError for the first thing that is wrong."""
    own = folder / FILE
    return shaped(read_document(own if own.is_file() else default_folder() / FILE, FILE), CallRules)


def check_call_rules(folder: Path) -> list[AuditError]:
    """What is wrong with the file, the first thing only."""
    try:
        load_call_rules(folder)
    except AuditError as error:
        return [error]
    return []
