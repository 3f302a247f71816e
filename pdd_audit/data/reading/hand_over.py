"""How a stranger's bytes reach the child process and the engine: under a path that both may open as often as they like.

On Linux it is ``/dev/fd/N`` of an open descriptor: nothing is copied, and scratch bytes have no name on a disk. Elsewhere that cannot be
(Windows has no such paths; on macOS all who open one share its offset). There the bytes go into a file of the job's own folder, with a
name of ours, for this user only, and gone with the folder.
"""

import os
import stat
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pdd_audit.core.errors import AuditError

Source = Path | bytes | bytearray | memoryview
NAMED_FILES = "PDD_AUDIT_NAMED_FILES"  # "1" in the environment: named files on Linux too, so that tests go the way of Windows
_BLOCK = 4 * 1024 * 1024
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)


@dataclass(frozen=True)
class Held:
    """Bytes under a path. ``fds``: what a child must inherit for the path to mean the same there."""

    path: str
    size: int
    fds: tuple[int, ...] = ()


def named_files() -> bool:
    """Whether bytes are handed over as files with names, not as descriptors. A child is told by ``environment``."""
    return os.environ.get(NAMED_FILES) == "1" or not (sys.platform == "linux" and hasattr(os, "memfd_create") and Path("/dev/fd").is_dir())


def environment() -> dict[str, str]:
    """What a child with an otherwise empty environment needs: the same way as ours, and what Windows cannot start without."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if os.name == "nt" and name in os.environ}
    return kept | ({NAMED_FILES: "1"} if named_files() else {})


def size_of(source: Source) -> int:
    """Bytes of the source. Raises unreadable_file for what is no regular file; opens nothing."""
    if not isinstance(source, Path):
        return memoryview(source).nbytes
    try:
        facts = source.stat()
    except (OSError, ValueError) as error:
        raise AuditError("unreadable_file", found=getattr(error, "strerror", None) or "") from error
    if not stat.S_ISREG(facts.st_mode):
        raise AuditError("unreadable_file", found="?")
    return facts.st_size


@contextmanager
def held(source: Source, folder: Path) -> Iterator[Held]:
    """The source's bytes under a path while the block runs. ``folder``: the job's own, absolute, removed by the caller."""
    if named_files():
        path = folder / "input"
        with open(path, "xb", opener=_private) as target:
            for block in _blocks(source):
                target.write(block)
            size = target.tell()
        try:
            yield Held(str(path), size)
        finally:
            with suppress(OSError):  # the caller's removal of the folder tries again
                patiently(path.unlink)
        return
    fd = _descriptor(source)
    try:
        yield Held(f"/dev/fd/{fd}", os.fstat(fd).st_size, (fd,))
    finally:
        os.close(fd)


def scratch(name: str, folder: Path) -> str:
    """A path for bytes that this process writes and its engine reads: in memory on Linux. It lasts as long as the process or the folder."""
    if not named_files():
        return f"/dev/fd/{_memory(name)}"
    path = folder / f"{name}-{uuid.uuid4().hex}"
    with open(path, "xb", opener=_private):
        return str(path)


def patiently(action: Callable[[], object]) -> None:
    """Renames or removes. Windows refuses while anyone, a virus scanner say, has the file open: tries again for a second and a half."""
    for pause in _PAUSES:
        try:
            action()
        except OSError:
            time.sleep(pause)
        else:
            return
    action()


def _memory(name: str) -> int:
    if sys.platform != "linux":
        raise NotImplementedError
    return os.memfd_create(name)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _blocks(source: Source) -> Iterator[bytes | memoryview]:
    if not isinstance(source, Path):
        yield memoryview(source)
        return
    try:
        with source.open("rb", buffering=0) as stream:
            while block := stream.read(_BLOCK):
                yield block
    except OSError as error:
        raise AuditError("unreadable_file", found=error.strerror or "") from error


def _descriptor(source: Source) -> int:
    if isinstance(source, Path):
        try:
            return os.open(source, os.O_RDONLY)
        except OSError as error:
            raise AuditError("unreadable_file", found=error.strerror or "") from error
    fd = _memory("upload")
    with open(fd, "wb", closefd=False) as target:
        target.write(source)
    return fd
