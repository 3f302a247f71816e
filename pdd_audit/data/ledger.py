"""The ledger: one immutable folder per imported file, ``<kind>/import_id=<SHA-256 of its bytes>/`` with its rows and its report."""

import hashlib
import re
import shutil
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pdd_audit.core.imports import ImportReport, Kind
from pdd_audit.data.hand_over import Source, patiently
from pdd_audit.data.limits import COMMAND_LINE, Limits
from pdd_audit.data.read_file import ROWS, digest_of, folder_of, read_file, stored_report

_NAME = re.compile(r"import_id=[0-9a-f]{64}")
_STRAY_SECONDS = 2 * 3600  # longer than any import takes


class Ledger:
    """Imports appear by rename, whole or not at all: two processes may import at once, and a crash leaves only a ``.part`` to sweep."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, ImportReport] = {}

    def add(
        self,
        source: Source,
        name: str,
        *,
        limits: Limits = COMMAND_LINE,
        snapshot_at: datetime | None = None,
        expected: Kind | None = None,
        on_progress: Callable[[float], None] | None = None,
        imported_at: datetime | None = None,
    ) -> tuple[ImportReport, bool]:
        """(report, True) of a new file; (the old report, False) when the same bytes are there already. Raises AuditError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._sweep()
        size = (
            source.stat().st_size if isinstance(source, Path) and source.is_file() else len(source) if not isinstance(source, Path) else -1
        )
        digest: str | None = None
        # Hashing first would cost a second for a big file; it is only worth it if something of this size is there.
        if any(report.size_bytes == size for report in self.reports()):
            digest = digest_of(source)
            old = self._find(digest)
            if old is not None:
                return self._report(old), False
        report = read_file(
            source,
            name,
            self.folder,
            limits=limits,
            snapshot_at=snapshot_at,
            expected=expected,
            on_progress=on_progress,
            sha256=digest,
            imported_at=imported_at,
        )
        return report, True

    def reports(self) -> list[ImportReport]:
        """All imports, oldest snapshot first. Reads each report once."""
        reports = [self._report(folder) for folder in self._folders()]
        return sorted(reports, key=lambda report: (report.snapshot_at or datetime(1, 1, 1), report.sha256))

    def remove(self, sha256: str) -> None:
        """Forgets one import; an unknown digest changes nothing."""
        folder = self._find(sha256)
        if folder is not None:
            gone = self.folder / f"{uuid.uuid4().hex}.part"
            patiently(lambda: folder.rename(gone))  # at once for every reader; what follows may take its time
            self._known.pop(folder.name, None)
            with suppress(OSError):
                shutil.rmtree(gone)

    def paths(self, kind: Kind) -> list[Path]:
        """The Parquet files of one kind, in the order of ``reports``."""
        return [path for path, _ in self.files(kind)]

    def files(self, kind: Kind) -> list[tuple[Path, ImportReport]]:
        """The Parquet files of one kind with their reports, in the order of ``reports``."""
        return [(folder_of(self.folder, report) / ROWS, report) for report in self.reports() if report.kind == kind]

    def digest(self) -> str:
        """One digest for what the ledger holds now; an audit names it."""
        return hashlib.sha256("\n".join(folder.name.partition("=")[2] for folder in self._folders()).encode("ascii")).hexdigest()

    def _folders(self) -> list[Path]:
        found = (folder for folder in self.folder.glob("*/import_id=*") if _NAME.fullmatch(folder.name))
        return sorted(found, key=lambda folder: folder.name)

    def _find(self, sha256: str) -> Path | None:
        return next((folder for folder in self._folders() if folder.name == f"import_id={sha256}"), None)

    def _report(self, folder: Path) -> ImportReport:
        # Imports are immutable, so a report once read stays true.
        if folder.name not in self._known:
            self._known[folder.name] = stored_report(folder)
        return self._known[folder.name]

    def _sweep(self) -> None:
        for path in self.folder.glob("*.part"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _STRAY_SECONDS:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
