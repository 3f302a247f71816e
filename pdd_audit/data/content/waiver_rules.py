"""How many waivers may stand at once, and how long: ``waivers.yaml`` of the checklist folder."""

from pathlib import Path

from pdd_audit.core.errors import AuditError
from pdd_audit.core.waivers import WaiverRules
from pdd_audit.data.content.documents import read_document, shaped

FILE = "waivers.yaml"


def load_waiver_rules(folder: Path) -> WaiverRules | None:
    """None where the folder has no such file: then nothing can be waived. Raises AuditError for the first thing that is wrong."""
    return shaped(read_document(folder / FILE, FILE), WaiverRules) if (folder / FILE).is_file() else None


def check_waiver_rules(folder: Path) -> list[AuditError]:
    """What is wrong with the file, the first thing only."""
    try:
        load_waiver_rules(folder)
    except AuditError as error:
        return [error]
    return []
