"""A ZIP of tables seen from the parent: a child unpacks it into a folder that lasts as long as its entries are being read."""

import dataclasses
import json
import re
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data.reading import hand_over
from pdd_audit.data.reading.hand_over import Source
from pdd_audit.data.reading.limits import COMMAND_LINE, Limits
from pdd_audit.data.reading.read_file import ChildProcess, shown_name, unwritten
from pdd_audit.data.reading.unpacking import LIST

_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_FILE = re.compile(r"\d{4}")
_LIST_BYTES = 4 * 1024 * 1024
_LONGEST = 80  # of the package's own name, so that the entry's stays readable beside it


@dataclass(frozen=True)
class Entry:
    """One table of a package; ``name`` is for people (``包.zip › 表.csv``), ``path`` a file that vanishes with the package."""

    name: str
    path: Path


@dataclass(frozen=True)
class Package:
    entries: tuple[Entry, ...]
    ignored: tuple[str, ...]


@contextmanager
def unpacked(
    source: Source,
    name: str,
    folder: Path,
    *,
    limits: Limits = COMMAND_LINE,
    password: str | None = None,
    on_progress: Callable[[float], None] | None = None,
    stop: threading.Event | None = None,
) -> Iterator[Package | None]:
    """The tables of a ZIP, or None for any other file (a workbook, too, is a ZIP). Raises AuditError with the package's name.

    ``folder``: of the ledger; the entries lie in a ``.part`` folder of it, which the ledger sweeps should we die here.
    ``stop``: once set, from any thread, the child is ended (``import_stopped``).
    """
    if _start_of(source) not in _STARTS:
        yield None
        return
    shown = shown_name(name)
    work = folder.absolute() / f"{uuid.uuid4().hex}.part"
    try:
        try:
            work.mkdir(mode=0o700, parents=True)
            package = _unpacked(source, shown, work, limits, password, on_progress, stop)
        except AuditError as error:
            raise AuditError(error.code, Place(file=shown), error.found, **error.values) from error
        except OSError as error:
            raise AuditError(unwritten(error), Place(file=shown), found=error.strerror or "") from error
        yield package
    finally:
        with suppress(OSError):
            hand_over.patiently(lambda: shutil.rmtree(work))


def _start_of(source: Source) -> bytes:
    if not isinstance(source, Path):
        return bytes(source[:4])
    try:
        hand_over.size_of(source)  # opens no pipe
        with source.open("rb", buffering=0) as stream:
            return stream.read(4)
    except (OSError, AuditError):
        return b""  # the ordinary reading says what is wrong with it


def _unpacked(
    source: Source,
    name: str,
    work: Path,
    limits: Limits,
    password: str | None,
    on_progress: Callable[[float], None] | None,
    stop: threading.Event | None,
) -> Package | None:
    size = hand_over.size_of(source)
    if limits.file_bytes is not None and size > limits.file_bytes:
        raise AuditError("too_large", found=f"{size / 1048576:.0f} MB", limit=f"{limits.file_bytes / 1048576:.0f} MB")
    limits = limits.for_size(size)
    with hand_over.held(source, work) as held:
        job = {"task": "unpack", "path": held.path, "size": held.size, "limits": dataclasses.asdict(limits), "password": password}
        answer = ChildProcess(job, held, work, limits, on_progress, stop).wait("-")[1]  # nobody asks for a package's digest
    if not answer.get("package"):
        return None
    return _told(work, name, limits)


def _told(work: Path, name: str, limits: Limits) -> Package:
    """What the child says it unpacked, believed only in form."""
    try:
        if (work / LIST).stat().st_size > _LIST_BYTES:
            raise AuditError("reader_output")
        told = json.loads((work / LIST).read_text("ascii"))
        files = [(str(entry["file"]), str(entry["name"])[:200]) for entry in told["entries"]]
        ignored = tuple(str(one)[:200] for one in told["ignored"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AuditError("reader_output") from error
    if len(files) > limits.package_entries or not all(_FILE.fullmatch(file) and (work / file).is_file() for file, _ in files):
        raise AuditError("reader_output")
    short = name if len(name) <= _LONGEST else name[: _LONGEST - 5] + "…" + name[-4:]
    return Package(tuple(Entry(f"{short} › {entry}", work / file) for file, entry in files), ignored)


__all__ = ["Entry", "Package", "unpacked"]
