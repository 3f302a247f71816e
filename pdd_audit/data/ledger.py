"""The ledger: a folder of immutable Parquet files, one per imported file, named by the SHA-256 of its bytes."""

import hashlib
import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pdd_audit.core.imports import ImportReport, Kind
from pdd_audit.data.hand_over import Source, patiently
from pdd_audit.data.limits import COMMAND_LINE, Limits
from pdd_audit.data.read_file import digest_of, read_file, stored_report

_NAME = re.compile(r"[0-9a-f]{64}\.parquet")
_STRAY_SECONDS = 2 * 3600  # longer than any import takes


class Ledger:
    """Files appear by rename, whole or not at all: two processes may import at once, and a crash leaves only a ``.part`` to sweep."""

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
            old = self._path(digest)
            if old.exists():
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
        """All imports, oldest snapshot first. Reads footers only, each once."""
        reports = [self._report(path) for path in self._files()]
        return sorted(reports, key=lambda report: (report.snapshot_at or datetime(1, 1, 1), report.sha256))

    def remove(self, sha256: str) -> None:
        """Forgets one import; an unknown digest changes nothing."""
        if _NAME.fullmatch(f"{sha256}.parquet"):
            patiently(lambda: self._path(sha256).unlink(missing_ok=True))
            self._known.pop(sha256, None)

    def paths(self, kind: Kind) -> list[Path]:
        """The Parquet files of one kind, in the order of ``reports``."""
        return [self._path(report.sha256) for report in self.reports() if report.kind == kind]

    def digest(self) -> str:
        """One digest for what the ledger holds now; an audit names it."""
        return hashlib.sha256("\n".join(path.stem for path in self._files()).encode("ascii")).hexdigest()

    def _files(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return sorted(path for path in self.folder.iterdir() if _NAME.fullmatch(path.name))

    def _path(self, sha256: str) -> Path:
        return self.folder / f"{sha256}.parquet"

    def _report(self, path: Path) -> ImportReport:
        # Files are immutable, so a report once read stays true.
        if path.stem not in self._known:
            self._known[path.stem] = stored_report(path)
        return self._known[path.stem]

    def _sweep(self) -> None:
        for path in self.folder.glob("*.part"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _STRAY_SECONDS:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
