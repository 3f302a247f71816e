"""Map a file's columns by hand: look at it, try a mapping without keeping anything, import by it, remember it for the shop."""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Table
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import TYPE_CHECKING, Any

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.file_preview import FilePreview
from pdd_audit.core.imports import ImportReport
from pdd_audit.core.mapping import ByHand, MappedKind, Mapping, Target, check_mapping
from pdd_audit.core.people import Right
from pdd_audit.data.reading.mapping import statuses_known, target
from pdd_audit.data.reading.mapping_file import mapping_yaml, read_mapping
from pdd_audit.data.reading.packages import unpacked
from pdd_audit.data.reading.preview import Choice, preview_file
from pdd_audit.data.reading.read_file import SHANGHAI, read_file
from pdd_audit.data.reading.sources import is_personal
from pdd_audit.data.storage.stored_rows import first_stored_rows
from pdd_audit.services.access import needs
from pdd_audit.services.home import Home
from pdd_audit.services.import_files import ImportOutcome, Progress, Upload, import_files, user_here

if TYPE_CHECKING:
    from pdd_audit.services.workspace import Workspace

# Refusals that naming the columns by hand can cure.
CURABLE = frozenset({"unknown_layout", "missing_column", "no_header", "no_pickup_column", "order_number_mismatch", "different_twins"})
SAMPLE_ROWS = 8
# Kind -> stored columns that are worked out from those of the file, to be shown with them.
WORKED_OUT: dict[str, tuple[str, ...]] = {
    "scan_log": ("picked_up_at", "first_move_at"),
    "chat_log": ("day", "began_at", "replied_at"),
    "pdd_bill": ("category",),
}

__all__ = [
    "CURABLE", "Choice", "KnownMapping", "Trial", "first_look", "forget_mapping", "import_by_hand", "in_units", "known_mappings",
    "known_statuses", "mapped_by", "mapping_yaml", "problem_with", "read_mapping", "remember_mapping", "try_mapping", "wanted",
    "with_known_mappings", "with_mapping",
]


@dataclass(frozen=True)
class Trial:
    """What a mapping would make of the file: the report of an import that was not kept, and its first rows."""

    report: ImportReport
    rows: list[dict[str, Any]]


@dataclass(frozen=True)
class KnownMapping:
    """A mapping the shop remembers. ``file``: the name it was made for; ``on``: the day."""

    fingerprint: str
    mapping: Mapping
    file: str
    on: str


def first_look(upload: Upload, choice: Choice | None = None, entry: str | None = None) -> FilePreview:
    """The first rows of the file and what its columns could be. ``entry``: the table of a ZIP, by the name of its refusal.

    Raises AuditError.
    """
    with TemporaryDirectory(prefix="pdd-audit-") as folder, _table(upload, Path(folder), entry) as table:
        return preview_file(table.data, table.name, Path(folder), choice or Choice(), password=table.password)


def wanted(kind: MappedKind) -> Target:
    """What a kind of rows wants."""
    return target(kind)


def known_statuses() -> Table[str, str]:
    """Words of a status that need no mapping -> the status."""
    return statuses_known()


def problem_with(preview: FilePreview, mapping: Mapping) -> AuditError | None:
    """The first reason against the mapping, as far as the headers tell."""
    try:
        check_mapping(mapping, preview.names, target(mapping.kind), is_personal, Place(sheet=mapping.sheet, row=preview.header_row or None))
    except AuditError as error:
        return error
    return None


def try_mapping(upload: Upload, mapping: Mapping, on: datetime, entry: str | None = None) -> Trial:
    """Reads the whole file by the mapping into a folder that vanishes. Raises AuditError."""
    with TemporaryDirectory(prefix="pdd-audit-") as folder, _table(upload, Path(folder), entry) as table:
        ledger = Path(folder) / "trial"
        report = read_file(table.data, table.name, ledger, password=table.password, by_hand=_by(mapping, on))
        return Trial(report, first_stored_rows(ledger, report, SAMPLE_ROWS, WORKED_OUT.get(mapping.kind, ())))


@needs(Right.IMPORT_FILES)
def import_by_hand(
    home: Home,
    shop_id: str,
    upload: Upload,
    entry: str | None = None,
    on_progress: Progress | None = None,
    stop: Event | None = None,
) -> ImportOutcome:
    """Imports the file by its mapping, see ``mapped_by``. ``on_progress``, ``stop``: see ``import_files``."""
    try:
        with TemporaryDirectory(prefix="pdd-audit-") as folder, _table(upload, Path(folder), entry, stop) as table:
            return import_files(home, shop_id, [table], on_progress, stop=stop)[0]
    except AuditError as error:  # of the package it lies in
        return ImportOutcome(entry or upload.name, error=error)


@needs(Right.IMPORT_FILES)
def remember_mapping(workspace: "Workspace", shop_id: str, preview: FilePreview, mapping: Mapping, file: str, on: datetime) -> bool:
    """Use the mapping for every file of the shop with these headers; False for a file without headers, which nothing tells from others."""
    if preview.fingerprint is None:
        return False
    # Next time the header may stand below another number of title rows, and the sheet be called by its month.
    lasting = mapping.model_copy(update={"header_row": None, "sheet": None, "delimiter": None})
    workspace.state.remember_mapping(shop_id, preview.fingerprint, lasting, file, on, user_here())
    return True


@needs(Right.LOOK)
def known_mappings(workspace: "Workspace", shop_id: str) -> list[KnownMapping]:
    """What the shop remembers, newest first."""
    return [KnownMapping(one.fingerprint, one.mapping, file, one.on) for one, file in workspace.state.mappings(shop_id)]


@needs(Right.IMPORT_FILES)
def forget_mapping(workspace: "Workspace", shop_id: str, fingerprint: str) -> None:
    """Files with these headers are asked about again. What was imported stays."""
    workspace.state.forget_mapping(shop_id, fingerprint, user_here())


@needs(Right.LOOK)
def with_known_mappings(workspace: "Workspace", shop_id: str, uploads: Sequence[Upload]) -> list[Upload]:
    """The uploads, each to be read by the shop's own mappings where its headers are known."""
    remembered = tuple(one for one, _ in workspace.state.mappings(shop_id))
    if not remembered:
        return list(uploads)
    return [upload if upload.by_hand else replace(upload, by_hand=ByHand(remembered=remembered)) for upload in uploads]


def mapped_by(mapping: Mapping, on: datetime, upload: Upload) -> Upload:
    """The upload, to be read by the mapping, which was made on that day."""
    return replace(upload, by_hand=_by(mapping, on))


def with_mapping(file: Path, uploads: Sequence[Upload]) -> list[Upload]:
    """The uploads, each to be read by the mapping of a YAML file. Raises AuditError with its line."""
    mapping, on = read_mapping(file), datetime.now(SHANGHAI)
    return [mapped_by(mapping, on, upload) for upload in uploads]


def in_units(file: Path, uploads: Sequence[Upload]) -> list[Upload]:
    """The uploads, in the units of a YAML file that names nothing else; one that names columns is for what is not recognised."""
    return with_mapping(file, uploads) if not read_mapping(file).columns else list(uploads)


def _by(mapping: Mapping, on: datetime) -> ByHand:
    return ByHand(mapping, f"{on:%Y-%m-%d}")


@contextmanager
def _table(upload: Upload, folder: Path, entry: str | None, stop: Event | None = None) -> Iterator[Upload]:
    """The upload itself, or one table of the ZIP it is: the named one, else the first."""
    with unpacked(upload.data, upload.name, folder, password=upload.password, stop=stop) as package:
        if package is None:
            yield upload
            return
        found = next((one for one in package.entries if one.name == entry), package.entries[0])
        yield replace(upload, name=found.name, data=found.path)
