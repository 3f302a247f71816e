"""Where the checklists lie."""

from pathlib import Path

from pdd_audit.core.errors import AuditError, Place


def default_folder() -> Path:
    """``./checklists``, else the folder beside app.py of a checkout, else the copy inside the installed package."""
    package = Path(__file__).resolve().parents[2]
    beside = package.parent / "checklists" if (package.parent / "pyproject.toml").is_file() else None
    for folder in (Path("checklists"), beside, package / "_checklists"):
        if folder is not None and (folder / "practices").is_dir():
            return folder
    raise AuditError("checklist_folder_missing", Place("checklists"))
