"""Take in files: each is imported or refused on its own; what was stored before stays."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pdd_audit.core.errors import AuditError
from pdd_audit.core.imports import ImportReport, Kind, Reading
from pdd_audit.core.lineage import METRICS_FROM
from pdd_audit.services.workspace import Workspace

Progress = Callable[[str, float], None]
AT_ONCE = 2  # parser processes side by side


@dataclass(frozen=True)
class Upload:
    """A file handed in: its name, and its bytes or where they are."""

    name: str
    data: bytes | Path
    expected: Kind | None = None


@dataclass(frozen=True)
class ImportOutcome:
    """What became of one file: a report, or the reason for refusing it. ``already``: the same bytes had been imported before."""

    file: str
    report: ImportReport | None = None
    error: AuditError | None = None
    already: bool = False


@dataclass(frozen=True)
class MissingFile:
    """A kind of file nobody has imported yet, and the metrics that wait for it."""

    kind: Kind
    metrics: list[str]


@dataclass(frozen=True)
class Capabilities:
    possible: list[str]
    missing: list[MissingFile]


def import_files(
    workspace: Workspace, shop_id: str, uploads: Sequence[Upload], on_progress: Progress | None = None, snapshot_at: datetime | None = None
) -> list[ImportOutcome]:
    """Import several files, at most two at a time; the outcomes come in the order of the uploads."""
    ledger = workspace.ledger(shop_id)

    def one(upload: Upload) -> ImportOutcome:
        def tell(share: float, *_more: object) -> None:
            if on_progress is not None:
                on_progress(upload.name, share)

        source = upload.data
        try:
            report, new = ledger.add(source, upload.name, expected=upload.expected, snapshot_at=snapshot_at, on_progress=tell)
        except AuditError as error:
            return ImportOutcome(upload.name, error=error)
        return ImportOutcome(upload.name, report=report, already=not new)

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return list(pool.map(one, uploads))


def list_imports(workspace: Workspace, shop_id: str) -> list[ImportReport]:
    """What the shop's ledger holds, oldest snapshot first."""
    return workspace.ledger(shop_id).reports()


def remove_import(workspace: Workspace, shop_id: str, sha256: str) -> None:
    """Take one file out of the ledger."""
    workspace.ledger(shop_id).remove(sha256)


def set_reading(workspace: Workspace, shop_id: str, sha256: str, reading: Reading) -> None:
    """Say how a pickup sheet is to be read, against what was recognised."""
    workspace.state.set_reading(shop_id, sha256, reading)


def readings_of(workspace: Workspace, shop_id: str) -> dict[str, Reading]:
    """The user's own readings: sha256 -> reading."""
    return workspace.state.readings(shop_id)


def capabilities(reports: Sequence[ImportReport]) -> Capabilities:
    """Which metrics the files make possible, and which kinds of file the others wait for."""
    present = {report.kind for report in reports}
    possible = [metric for metric, kinds in METRICS_FROM.items() if set(kinds) <= present]
    waiting: dict[Kind, list[str]] = {}
    for metric, kinds in METRICS_FROM.items():
        for kind in kinds:
            if kind not in present:
                waiting.setdefault(kind, []).append(metric)
    return Capabilities(possible, [MissingFile(kind, metrics) for kind, metrics in waiting.items()])
