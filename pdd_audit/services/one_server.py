"""One server to a data folder. The lock is the system's, so that it ends with its holder however that ends; what stands in the file only
says who that is."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pdd_audit.core.errors import AuditError

FILE = "server.lock"
_FAR = 1 << 30  # Windows lets nobody read what is locked, so a byte behind the words is
_MOST = 1_000  # bytes of those words


@dataclass(frozen=True)
class Holder:
    """``since``: when it started, in Shanghai. ``address``: where it listens."""

    pid: int
    since: str
    address: str


@contextmanager
def only_server(home: Path, holder: Holder) -> Iterator[None]:
    """While the block runs no other server of this folder begins. Programs that are no servers do not ask.

    Raises AuditError ``serve_running`` with the other one's pid, start and address, and ``serve_no_lock`` where nothing can be locked."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(home / FILE, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise AuditError("serve_no_lock", found=error.strerror or "") from error
    try:
        try:
            _lock(descriptor)
        except BlockingIOError as error:
            raise AuditError("serve_running", **_told(descriptor)) from error
        except OSError as error:
            raise AuditError("serve_no_lock", found=error.strerror or "") from error
        with suppress(OSError):  # a full disk: then nobody can be told who it is, and the lock holds all the same
            os.ftruncate(descriptor, 0)
            os.write(descriptor, json.dumps(asdict(holder)).encode())
        yield
    finally:
        os.close(descriptor)  # and with it the lock


def refuse_beside_server(home: Path) -> None:
    """For the app without a login. Raises AuditError ``serve_beside`` while a server of a team runs on this folder: what lies behind its
    login would stand open on this machine. Not asked on Windows, whose locks cannot be shared by those who only ask."""
    if sys.platform == "win32":
        return
    try:
        descriptor = os.open(home / FILE, os.O_RDONLY)
    except OSError:
        return  # there never was a server
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise AuditError("serve_beside", **_told(descriptor)) from error
    except OSError:
        return  # where nothing can be locked no server could start
    finally:
        os.close(descriptor)


def _told(descriptor: int) -> dict[str, Any]:
    """What a holder says of itself."""
    told: dict[str, object] = {}
    with suppress(OSError, ValueError):  # it has not written yet, or could not
        read = json.loads(os.read(descriptor, _MOST))
        told = read if isinstance(read, dict) else {}
    return {name: str(told.get(name) or "?")[:40] for name in ("pid", "since", "address")}


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError from error
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # of the open file, not of the process: opening it elsewhere frees nothing
