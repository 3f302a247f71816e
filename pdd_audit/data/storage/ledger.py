"""The ledger: one immutable folder per imported file, ``<kind>/import_id=<SHA-256 of its bytes>/`` with its rows, its report and a seal.

A removed import lies under ``removed/`` in the same shape, where no reader looks, until it is restored or purged.
"""

import hashlib
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.imports import ImportReport, Kind
from pdd_audit.core.mapping import ByHand, read_otherwise
from pdd_audit.core.soundness import Finding
from pdd_audit.data.reading.hand_over import Source, patiently
from pdd_audit.data.reading.import_folder import FILES, NAME, REPORT, ROWS, digest_in, folder_of, stored_report, sync_folder, troubles_of
from pdd_audit.data.reading.limits import COMMAND_LINE, Limits
from pdd_audit.data.reading.read_file import Accept, digest_of, read_file
from pdd_audit.data.storage import moment

REMOVED = "removed"
PART = ".part"
NOBODYS = {".DS_Store", "Thumbs.db", "desktop.ini"}  # what file managers leave wherever they look
KEPT_REPORTS = 1024  # of some kilobytes each
_STRAY_SECONDS = 2 * 3600  # longer than any import takes


class Ledger:
    """Imports appear, move and go by rename, whole or not at all: two processes may work at once, and a crash leaves only a ``.part``."""

    def __init__(self, folder: Path, stated: Mapping[str, datetime] | None = None) -> None:
        """``stated``: sha256 -> when that file was exported, as the shop says; reports tell it, what is stored stays."""
        self.folder = folder
        self.stated = stated or {}

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
        imported_by: str = "",
        password: str | None = None,
        by_hand: ByHand | None = None,
        shop: str | None = None,
        accept: Accept | None = None,
        stop: threading.Event | None = None,
    ) -> tuple[ImportReport, bool]:
        """(report, True) of a new file and of one that had been removed; (the old report, False) when the same bytes are there already.

        A stored import that is damaged is read anew, and one that a person asks to be read otherwise.
        ``accept``, ``stop``: see ``read_file``; ``accept`` is asked of a removed one too. Raises AuditError.
        """
        self._sweep()
        size = (
            source.stat().st_size if isinstance(source, Path) and source.is_file() else len(source) if not isinstance(source, Path) else -1
        )
        digest, replaced = None, ""
        # Hashing first would cost a second for a big file; it is only worth it if something of this size is there.
        if any(report.size_bytes == size for report in self._readable()):
            digest = digest_of(source)
            here = self._find(digest)
            if here is not None and not any(troubles_of(here)):
                if not read_otherwise(self._report(here), by_hand):
                    return self._report(here), False
                accept, replaced = self._making_room(digest, accept), digest
            aside = self._find(digest, removed=True) if by_hand is None or by_hand.mapping is None else None  # else: read it the new way
            sound = here is None and aside is not None and not any(troubles_of(aside)) and expected in (None, self._report(aside).kind)
            if aside is not None and sound and not read_otherwise(self._report(aside), by_hand):
                if accept is not None:
                    accept(aside / ROWS, self._report(aside))
                self.restore(digest)
                return self._report(self._place(aside.parent.name, digest)), True
        try:
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
                imported_by=imported_by,
                password=password,
                by_hand=by_hand,
                shop=shop,
                accept=accept,
                stop=stop,
            )
        except BaseException:
            if replaced and self._find(replaced) is None:
                self.restore(replaced)  # it had made room already
            raise
        moment.forget()
        aside = self._find(report.sha256, removed=True)
        if aside is not None:  # it is back; the one put aside would only be in the way of the next removal
            self._forget(aside)
        return report, True

    def _making_room(self, sha256: str, accept: Accept | None) -> Accept:
        """``accept``, and then what is stored of the same bytes is put aside: a new reading that is whole may take its place, and if we die
        before it does, the old one can be restored."""

        def accepted(rows: Path, report: ImportReport) -> None:
            if accept is not None:
                accept(rows, report)
            self.remove(sha256)

        return accepted

    def reports(self) -> list[ImportReport]:
        """All imports, oldest snapshot first. Raises AuditError for one that cannot be read."""
        stated = tuple(sorted(self.stated.items()))
        return moment.once(("reports", self.folder, stated), lambda: self._sorted(self._folders()))

    def removed(self) -> list[ImportReport]:
        """Imports that were removed and can be restored, in the same order."""
        return self._sorted(self._folders(removed=True))

    def removed_files(self) -> list[tuple[Path, ImportReport]]:
        """The Parquet files of removed imports with their reports."""
        return [(self._place(report.kind, report.sha256, removed=True) / ROWS, report) for report in self.removed()]

    def remove(self, sha256: str) -> None:
        """Puts one import aside; an unknown digest changes nothing."""
        folder = self._find(sha256)
        if folder is None:
            return
        target = self._place(folder.parent.name, sha256, removed=True)
        if target.exists():
            self._forget(target)  # the same bytes, removed before
        self._move(folder, target)

    def restore(self, sha256: str) -> None:
        """Takes a removed import back; an unknown digest changes nothing."""
        folder = self._find(sha256, removed=True)
        if folder is None:
            return
        target = self._place(folder.parent.name, sha256)
        if target.exists():
            self._forget(folder)  # it has been imported again meanwhile
        else:
            self._move(folder, target)

    def purge(self, sha256: str) -> None:
        """Deletes a removed import for good; an unknown digest changes nothing."""
        folder = self._find(sha256, removed=True)
        if folder is not None:
            self._forget(folder)

    def kind_of(self, sha256: str, removed: bool = False) -> str | None:
        """Which kind of file an import is, or a removed one; None where there is none of this digest."""
        folder = self._find(sha256, removed)
        return None if folder is None else folder.parent.name

    def paths(self, kind: Kind) -> list[Path]:
        """The Parquet files of one kind, in the order of ``reports``."""
        return [path for path, _ in self.files(kind)]

    def files(self, kind: Kind) -> list[tuple[Path, ImportReport]]:
        """The Parquet files of one kind with their reports, in the order of ``reports``."""
        return [(folder_of(self.folder, report) / ROWS, report) for report in self.reports() if report.kind == kind]

    def digest(self) -> str:
        """One digest for what the ledger holds now, and how it was read."""
        return hashlib.sha256("\n".join(self._version(folder) for folder in self._folders()).encode("ascii")).hexdigest()

    def digests(self, removed: bool = False) -> list[str]:
        """The digests of all imports or of the removed ones, those that cannot be read included."""
        return [digest_in(folder) for folder in self._folders(removed)]

    def stored(self) -> list[Path]:
        """Every file of every import, removed ones too; nothing that is still being written."""
        folders = [*self._folders(), *self._folders(removed=True)]
        return [folder / name for folder in folders for name in FILES if (folder / name).is_file()]

    def verify(self) -> list[Finding]:
        """Everything that is wrong with the stored imports, removed ones too, and everything that does not belong here."""
        found = []
        for folder in [*self._folders(), *self._folders(removed=True)]:
            troubles = list(troubles_of(folder))
            if folder.exists():  # else it was moved meanwhile
                found += [Finding(code, folder.relative_to(self.folder).as_posix(), detail) for code, detail in troubles]
        return found + list(self._strangers(self.folder)) + list(self._strangers(self.folder / REMOVED))

    # where imports lie

    def _place(self, kind: str, sha256: str, removed: bool = False) -> Path:
        return (self.folder / REMOVED if removed else self.folder) / kind / f"import_id={sha256}"

    def _folders(self, removed: bool = False) -> list[Path]:
        root = self.folder / REMOVED if removed else self.folder
        kinds = (entry for entry in _entries(root) if entry.name != REMOVED and entry.suffix != PART)
        found = (folder for kind in kinds for folder in _entries(kind) if NAME.fullmatch(folder.name))
        return sorted(found, key=lambda folder: folder.name)

    def _find(self, sha256: str, removed: bool = False) -> Path | None:
        return next((folder for folder in self._folders(removed) if folder.name == f"import_id={sha256}"), None)

    def _sorted(self, folders: list[Path]) -> list[ImportReport]:
        reports = []
        for folder in folders:
            try:
                reports.append(self._restated(self._report(folder)))
            except AuditError:
                if folder.exists():  # else it went just now
                    raise
        return sorted(reports, key=lambda report: (report.snapshot_at or datetime(1, 1, 1), report.sha256))

    def _version(self, folder: Path) -> str:
        with suppress(AuditError):  # a damaged import is for ``verify`` to name
            return self._report(folder).version
        return digest_in(folder)

    def _restated(self, report: ImportReport) -> ImportReport:
        stated = self.stated.get(report.sha256)
        return report if stated is None else report.model_copy(update={"snapshot_at": stated, "snapshot_from": "stated"})

    def _readable(self) -> Iterator[ImportReport]:
        for folder in [*self._folders(), *self._folders(removed=True)]:
            with suppress(AuditError):
                yield self._report(folder)

    def _report(self, folder: Path) -> ImportReport:
        try:
            seen = (folder / REPORT).stat()
            return _report_of(folder, seen.st_mtime_ns, seen.st_size)
        except (OSError, ValueError) as error:
            raise AuditError("import_damaged", Place(file=f"{folder.parent.name}/{digest_in(folder)[:12]}")) from error

    # moving them

    def _move(self, folder: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            patiently(lambda: folder.rename(target))  # at once for every reader
        except OSError:
            if folder.exists() or not target.exists():
                raise
        moment.forget()
        for parent in (target.parent, folder.parent):
            sync_folder(parent)

    def _forget(self, folder: Path) -> None:
        gone = self.folder / f"{uuid.uuid4().hex}{PART}"
        with suppress(FileNotFoundError):  # someone else was first
            patiently(lambda: folder.rename(gone))
        moment.forget()
        with suppress(OSError):  # swept later
            shutil.rmtree(gone)

    def _sweep(self) -> None:
        for path in self.folder.glob(f"*{PART}"):
            with suppress(OSError):
                if is_old(path):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _strangers(self, root: Path) -> Iterator[Finding]:
        for entry in _entries(root):
            if entry.suffix == PART:
                yield self._named("stray_old" if is_old(entry) else "stray_fresh", entry, grave=False)
            elif not entry.is_dir() or (entry.name == REMOVED and root != self.folder):
                yield self._named("foreign", entry)
            elif entry.name != REMOVED:
                for folder in _entries(entry):
                    if not folder.is_dir() or not NAME.fullmatch(folder.name):
                        yield self._named("foreign", folder)
                        continue
                    yield from (self._named("foreign", file) for file in _entries(folder) if file.name not in FILES)

    def _named(self, code: str, path: Path, grave: bool = True) -> Finding:
        return Finding(code, path.relative_to(self.folder).as_posix(), grave=grave)


@lru_cache(maxsize=KEPT_REPORTS)
def _report_of(folder: Path, written: int, size: int) -> ImportReport:  # noqa: ARG001 - another file under this name is another one
    """An import is immutable: its report is read once in the life of a process."""
    return stored_report(folder)


def _entries(folder: Path) -> list[Path]:
    """What a folder holds; nothing when it is none, or went while it was being read: others import and remove meanwhile."""
    with suppress(FileNotFoundError, NotADirectoryError):
        return sorted(entry for entry in folder.iterdir() if entry.name not in NOBODYS)
    return []


def is_old(path: Path) -> bool:
    """Whether what is still a ``.part`` was left behind by a process that died."""
    with suppress(OSError):
        return time.time() - path.stat().st_mtime > _STRAY_SECONDS
    return False
