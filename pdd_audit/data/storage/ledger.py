"""The ledger: one immutable folder per imported file, ``<kind>/import_id=<SHA-256 of its bytes>/`` with its rows, its report and a seal.

A file that a person asks to be read otherwise gets another folder, see ``readings``. A removed import lies under ``removed/`` in the same
shape, where no reader looks, until it is restored or purged.
"""

import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.imports import ImportReport, Kind
from pdd_audit.core.mapping import ByHand, read_otherwise
from pdd_audit.core.soundness import Finding
from pdd_audit.data.reading.circumstances import Circumstances
from pdd_audit.data.reading.hand_over import Source, patiently
from pdd_audit.data.reading.import_folder import FILES, REPORT, ROWS, digest_in, stored_report, sync_folder, troubles_of
from pdd_audit.data.reading.read_file import digest_of, read_file
from pdd_audit.data.storage import moment
from pdd_audit.data.storage.readings import (
    LATER,
    NAME,
    PART,
    REMOVED,
    counting,
    entries,
    imports_in,
    replaced,
    root_after,
    roots,
)

T = TypeVar("T")
KEPT_REPORTS = 1024  # of some kilobytes each
_STRAY_SECONDS = 2 * 3600  # longer than any import takes
_USUAL = Circumstances()


class Ledger:
    """Imports appear, move and go by rename, whole or not at all: two processes may work at once, and a crash leaves only a ``.part``, or
    the earlier reading of a file, which counts no more."""

    def __init__(self, folder: Path, stated: Mapping[str, datetime] | None = None) -> None:
        """``stated``: sha256 -> when that file was exported, as the shop says; reports tell it, what is stored stays."""
        self.folder = folder
        self.stated = stated or {}

    def add(self, source: Source, name: str, how: Circumstances = _USUAL) -> tuple[ImportReport, bool]:
        """(report, True) of a new file and of one that had been removed; (the old report, False) when the same bytes are there already.

        A stored import that is damaged is read anew, and one that a person asks to be read otherwise; so it is only when the new reading
        is there that the old one goes. ``how.accept`` is asked of a removed one too. Raises AuditError.
        """
        self._sweep()
        digest, root = None, self.folder
        # Hashing first would cost a second for a big file; it is only worth it if something of this size is there.
        if self._may_hold(_size(source)):
            digest = digest_of(source)
            here, aside = self._find(digest), self._find(digest, removed=True)
            if here is not None:
                if self._is_read_so(here, how.by_hand):
                    return self._report(here), False
                root = root_after(self.folder, here)
            elif aside is not None and self._may_come_back(aside, how):
                report = self._report(aside)
                if how.accept is not None:
                    how.accept(aside / ROWS, report)
                self.restore(digest)
                return report, True
        report = read_file(source, name, root, sha256=digest, **vars(how))
        moment.forget()
        self._settle(report.sha256)
        return report, True

    def reports(self) -> list[ImportReport]:
        """All imports, oldest snapshot first. Raises AuditError for one that cannot be read."""
        return [report for _, report in self._imports()]

    def removed(self) -> list[ImportReport]:
        """Imports that were removed and can be restored, in the same order."""
        return [report for _, report in self._sorted(self._folders(removed=True))]

    def removed_files(self) -> list[tuple[Path, ImportReport]]:
        """The Parquet files of removed imports with their reports."""
        return [(folder / ROWS, report) for folder, report in self._sorted(self._folders(removed=True))]

    def remove(self, sha256: str) -> None:
        """Puts one import aside; an unknown digest changes nothing."""
        folder = self._find(sha256)
        if folder is None:
            return
        # Earlier readings first, one of which would count again; and one reading of a file is enough to take back.
        for other in [*_of(replaced(self.folder), sha256), *_of(self._folders(removed=True), sha256)]:
            self._forget(other)
        self._move(folder, self._place(folder.parent.name, sha256, removed=True))

    def restore(self, sha256: str) -> None:
        """Takes a removed import back; an unknown digest changes nothing. Another reading of the same file that counted until now is put
        aside in its place."""
        folder = self._find(sha256, removed=True)
        if folder is None:
            return
        here = self._find(sha256)
        root = self.folder if here is None else root_after(self.folder, here)
        self._move(folder, root / folder.parent.name / folder.name)
        if here is not None:
            self._move(here, self._place(here.parent.name, sha256, removed=True))

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
        return [(folder / ROWS, report) for folder, report in self._imports() if report.kind == kind]

    def digest(self) -> str:
        """One digest for what the ledger holds now, and how it was read."""
        versions = self._steady(lambda folders: [self._version(folder) for folder in folders])
        return hashlib.sha256("\n".join(versions).encode("ascii")).hexdigest()

    def digests(self, removed: bool = False) -> list[str]:
        """The digests of all imports or of the removed ones, those that cannot be read included."""
        return [digest_in(folder) for folder in self._folders(removed)]

    def stored(self) -> list[Path]:
        """Every file of every import, removed ones too; nothing that is still being written, or was replaced."""
        here = self._steady(_files_in)
        return here + _files_in(self._folders(removed=True))

    def packed_name(self, path: Path) -> str:
        """What a stored file is called in an archive: there each import is the first reading of its file."""
        steps = path.relative_to(self.folder).parts
        return "/".join(steps[1:] if LATER.fullmatch(steps[0]) else steps)

    def verify(self) -> list[Finding]:
        """Everything that is wrong with the stored imports, removed ones too, and everything that does not belong here."""
        found = []
        for folder in [*self._folders(), *self._folders(removed=True)]:
            troubles = list(troubles_of(folder))
            if folder.exists():  # else it was moved meanwhile
                found += [Finding(code, folder.relative_to(self.folder).as_posix(), detail) for code, detail in troubles]
        found += [self._named("stray_old", folder, grave=False) for folder in replaced(self.folder)]
        known = [*roots(self.folder), self.folder / REMOVED]
        return found + [one for root in known for one in self._strangers(root, known)]

    # where imports lie

    def _place(self, kind: str, sha256: str, removed: bool = False) -> Path:
        return (self.folder / REMOVED if removed else self.folder) / kind / f"import_id={sha256}"

    def _folders(self, removed: bool = False) -> list[Path]:
        if not removed:
            return counting(self.folder)
        return sorted(imports_in(self.folder / REMOVED), key=lambda folder: folder.name)

    def _find(self, sha256: str, removed: bool = False) -> Path | None:
        return next(iter(_of(self._folders(removed), sha256)), None)

    def _steady(self, look: Callable[[list[Path]], T]) -> T:
        """What ``look`` finds in the imports that count; again when one went meanwhile, for a new reading may have taken its place."""
        while True:
            folders = self._folders()
            found = look(folders)
            if all(os.path.lexists(folder) for folder in folders):
                return found

    def _imports(self) -> list[tuple[Path, ImportReport]]:
        stated = tuple(sorted(self.stated.items()))
        return moment.once(("imports", self.folder, stated), lambda: self._steady(self._sorted))

    def _sorted(self, folders: list[Path]) -> list[tuple[Path, ImportReport]]:
        found = []
        for folder in folders:
            try:
                found.append((folder, self._restated(self._report(folder))))
            except AuditError:
                if folder.exists():  # else it went just now
                    raise
        return sorted(found, key=lambda one: (one[1].snapshot_at or datetime(1, 1, 1), one[1].sha256))

    def _version(self, folder: Path) -> str:
        with suppress(AuditError):  # a damaged import is for ``verify`` to name
            return self._report(folder).version
        return digest_in(folder)

    def _restated(self, report: ImportReport) -> ImportReport:
        stated = self.stated.get(report.sha256)
        return report if stated is None else report.model_copy(update={"snapshot_at": stated, "snapshot_from": "stated"})

    def _report(self, folder: Path) -> ImportReport:
        try:
            seen = (folder / REPORT).stat()
            return _report_of(folder, seen.st_mtime_ns, seen.st_size)
        except (OSError, ValueError) as error:
            raise AuditError("import_damaged", Place(file=f"{folder.parent.name}/{digest_in(folder)[:12]}")) from error

    # whether a file is here already

    def _may_hold(self, size: int) -> bool:
        """Whether something of so many bytes is here, or something that cannot tell its size."""
        for folder in [*self._folders(), *self._folders(removed=True)]:
            try:
                if self._report(folder).size_bytes == size:
                    return True
            except AuditError:
                return True
        return False

    def _is_read_so(self, folder: Path, by_hand: ByHand | None) -> bool:
        """Whether an import is whole, and read as a person asks for it."""
        return not any(troubles_of(folder)) and not read_otherwise(self._report(folder), by_hand)

    def _may_come_back(self, aside: Path, how: Circumstances) -> bool:
        """Whether a removed import is what is handed in; what is mapped by hand is read the new way."""
        mapped = how.by_hand is not None and how.by_hand.mapping is not None
        return not mapped and self._is_read_so(aside, how.by_hand) and how.expected in (None, self._report(aside).kind)

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

    def _settle(self, sha256: str) -> None:
        """A file was read in: its earlier readings go, and one that was put aside, which would only be in the way of the next removal."""
        earlier = _of(replaced(self.folder), sha256)
        if earlier:
            for root in roots(self.folder):
                sync_folder(root)  # a power cut must not take the new one with the old one
        self._drop(earlier)
        if self._find(sha256) is not None:  # else somebody has removed it just now
            for folder in _of(self._folders(removed=True), sha256):
                self._forget(folder)

    def _drop(self, folders: Iterable[Path]) -> None:
        """Forgets readings that count no more; one that is being read on Windows goes next time."""
        for folder in folders:
            with suppress(OSError):
                self._forget(folder)

    def _forget(self, folder: Path) -> None:
        gone = self.folder / f"{uuid.uuid4().hex}{PART}"
        with suppress(FileNotFoundError):  # someone else was first
            patiently(lambda: folder.rename(gone))
        moment.forget()
        with suppress(OSError):  # swept later
            shutil.rmtree(gone)

    def _sweep(self) -> None:
        self._drop(replaced(self.folder))
        for path in (path for root in roots(self.folder) for path in root.glob(f"*{PART}")):
            with suppress(OSError):
                if is_old(path):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _strangers(self, root: Path, known: list[Path]) -> Iterator[Finding]:
        for entry in entries(root):
            if entry.suffix == PART:
                yield self._named("stray_old" if is_old(entry) else "stray_fresh", entry, grave=False)
            elif entry in known and entry.is_dir():
                continue
            elif not entry.is_dir() or entry.name == REMOVED or LATER.fullmatch(entry.name):
                yield self._named("foreign", entry)
            else:
                for folder in entries(entry):
                    if not folder.is_dir() or not NAME.fullmatch(folder.name):
                        yield self._named("foreign", folder)
                        continue
                    yield from (self._named("foreign", file) for file in entries(folder) if file.name not in FILES)

    def _named(self, code: str, path: Path, grave: bool = True) -> Finding:
        return Finding(code, path.relative_to(self.folder).as_posix(), grave=grave)


@lru_cache(maxsize=KEPT_REPORTS)
def _report_of(folder: Path, written: int, size: int) -> ImportReport:  # noqa: ARG001 - another file under this name is another one
    """An import is immutable: its report is read once in the life of a process."""
    return stored_report(folder)


def _of(folders: Iterable[Path], sha256: str) -> list[Path]:
    return [folder for folder in folders if digest_in(folder) == sha256]


def _files_in(folders: list[Path]) -> list[Path]:
    return [folder / name for folder in folders for name in FILES if (folder / name).is_file()]


def _size(source: Source) -> int:
    """Bytes of the source; -1 for what is no file, which reading it refuses."""
    if not isinstance(source, Path):
        return len(source)
    return source.stat().st_size if source.is_file() else -1


def is_old(path: Path) -> bool:
    """Whether what is still a ``.part`` was left behind by a process that died."""
    with suppress(OSError):
        return time.time() - path.stat().st_mtime > _STRAY_SECONDS
    return False
