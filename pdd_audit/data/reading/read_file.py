"""Reads one stranger's file into one folder of the ledger, in a child process that may die without harm.

The parent hashes the bytes while the child parses them, bounds the child's time and output, checks what it wrote against the
allow-list of columns, and only then lets the folder appear under its digest.
"""

import dataclasses
import errno
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.imports import ImportReport, Kind
from pdd_audit.core.mapping import ByHand
from pdd_audit.data.reading import hand_over
from pdd_audit.data.reading.hand_over import Held, Source
from pdd_audit.data.reading.import_folder import (
    REPORT,
    ROWS,
    columns_of,
    folder_of,
    footer_of,
    seal,
    stored_report,
    sync_folder,
    troubles_of,
)
from pdd_audit.data.reading.limits import COMMAND_LINE, Limits

SHANGHAI = timezone(timedelta(hours=8))
_ROOT = Path(__file__).resolve().parents[3]
_ENTRY = "import sys; sys.path.insert(0, {root!r}); from pdd_audit.data.reading.child import main; main()"
_SHA = re.compile(r"[0-9a-f]{64}")
_CODE = re.compile(r"[a-z][a-z0-9_]{2,40}")
_LINE = 64 * 1024
_BLOCK = 256 * 1024
# How Windows reports what are signals elsewhere: no memory, stack overflow, access violation, abort; and a job's CPU time used up.
_WINDOWS_MEMORY = (0xC0000017, 0xC00000FD, 0xC0000005, 0xC0000409)
_WINDOWS_CPU_TIME = (1816, 0xC0000044)
_APART: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows only
_POLL_SECONDS = 0.25
_TRIES = 3
Accept = Callable[[Path, ImportReport], None]
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def read_file(
    source: Source,
    name: str,
    target_dir: Path,
    *,
    limits: Limits = COMMAND_LINE,
    snapshot_at: datetime | None = None,
    expected: Kind | None = None,
    on_progress: Callable[[float], None] | None = None,
    sha256: str | None = None,
    imported_at: datetime | None = None,
    imported_by: str = "",
    password: str | None = None,
    by_hand: ByHand | None = None,
    shop: str | None = None,
    accept: Accept | None = None,
    stop: threading.Event | None = None,
) -> ImportReport:
    """Reads ``source`` into ``folder_of(target_dir, report)`` and returns its report. Raises AuditError with the file's name in its place.

    ``name`` is only shown and searched for a time stamp, never opened. ``expected``: refuse any other kind (``other_kind``).
    ``sha256``: of the bytes, if the caller knows it already. ``password``: of an encrypted workbook; told to the child, kept nowhere.
    ``by_hand``: the columns as a person has named them, for a file nobody recognises. ``shop``: its name; of a file that holds several
    shops, the rows of the one called so are read. ``accept``: a last look before the import appears; it raises AuditError to refuse it.
    ``stop``: once set, from any thread, the child is ended and nothing appears (``import_stopped``).
    """
    shown = shown_name(name)
    try:
        target_dir.mkdir(parents=True, exist_ok=True)
        size = hand_over.size_of(source)
        limits = limits.for_size(size)
        more = (snapshot_at, expected, on_progress, sha256, imported_at, imported_by, password, by_hand, shop, accept, stop)
        return _read(source, size, shown, target_dir, limits, *more)
    except AuditError as error:
        place = error.place
        raise AuditError(error.code, Place(shown, place.sheet, place.row, place.column), error.found, **error.values) from error
    except OSError as error:
        raise AuditError(unwritten(error), Place(shown), found=error.strerror or "") from error


def shown_name(name: str) -> str:
    """The last step of a name or path, as messages and reports show it."""
    return name.replace("\\", "/").rsplit("/", 1)[-1][:200] or "?"


def unwritten(error: OSError) -> str:
    """The code for what kept us from writing."""
    return "disk_full" if error.errno in _NO_ROOM else "not_written"


def digest_of(source: Source) -> str:
    """SHA-256 of the bytes. Raises unreadable_file."""
    hand_over.size_of(source)
    if not isinstance(source, Path):
        return hashlib.sha256(source).hexdigest()
    try:
        return _hash(source)
    except OSError as error:
        raise AuditError("unreadable_file", found=error.strerror or "") from error


def _hash(path: Path | str, ended: threading.Event | None = None) -> str:
    """Empty when it has ``ended`` before: a second for each half gigabyte is long to wait for what nobody asks for any more."""
    digest, block = hashlib.sha256(), memoryview(bytearray(_BLOCK))
    with Path(path).open("rb", buffering=0) as stream:
        while size := stream.readinto(block):
            if ended is not None and ended.is_set():
                return ""
            digest.update(block[:size])
    return digest.hexdigest()


def _read(
    source: Source,
    size: int,
    name: str,
    target_dir: Path,
    limits: Limits,
    snapshot_at: datetime | None,
    expected: str | None,
    on_progress: Callable[[float], None] | None,
    sha256: str | None,
    imported_at: datetime | None,
    imported_by: str,
    password: str | None,
    by_hand: ByHand | None,
    shop: str | None,
    accept: Accept | None,
    stop: threading.Event | None,
) -> ImportReport:
    if limits.file_bytes is not None and size > limits.file_bytes:
        raise AuditError("too_large", found=f"{size / 1048576:.0f} MB", limit=f"{limits.file_bytes / 1048576:.0f} MB")
    # Inside the target folder, so that the finished file can be renamed into place; swept by the ledger if we die here.
    # Absolute, because the child works in it.
    folder = target_dir.absolute() / f"{uuid.uuid4().hex}.part"
    folder.mkdir(mode=0o700)
    try:
        with hand_over.held(source, folder) as held:
            job = {
                "path": held.path,
                "size": held.size,
                "name": name,
                "limits": dataclasses.asdict(limits),
                "expected": expected,
                "password": password,
                "by_hand": None if by_hand is None else by_hand.as_job(),
                "shop": shop,
                "snapshot_at": snapshot_at.isoformat() if snapshot_at else None,
                "imported_at": (imported_at or datetime.now(SHANGHAI)).replace(tzinfo=None).replace(microsecond=0).isoformat(),
            }
            digest, result = ChildProcess(job, held, folder, limits, on_progress, stop).wait(sha256)
            rows = int(result["rows"])
        report = checked(folder, digest, rows).model_copy(update={"imported_by": imported_by[:80]})
        if accept is not None:
            accept(folder / ROWS, report)
        if stop is not None and stop.is_set():
            raise AuditError("import_stopped")
        return _placed(folder, folder_of(target_dir, report), report, rows)
    finally:
        with suppress(OSError):  # the ledger sweeps what is left
            hand_over.patiently(lambda: shutil.rmtree(folder))


def _placed(part: Path, final: Path, report: ImportReport, rows: int) -> ImportReport:
    """Lets the import appear, whole or not at all: a rename of its folder. One that is there already stays, unless it is damaged."""
    whole = part / "whole"
    whole.mkdir()
    (part / ROWS).replace(whole / ROWS)
    seal(whole, report, rows)
    sync_folder(whole)
    final.parent.mkdir(exist_ok=True)
    for _ in range(_TRIES):
        if final.exists():
            if not any(troubles_of(final)):
                return stored_report(final)  # another import of the same bytes was first
            with suppress(FileNotFoundError):
                final.rename(part / f"damaged-{uuid.uuid4().hex}")  # what takes its place is whole already; removed with the part
        try:
            hand_over.patiently(lambda: whole.rename(final))
        except OSError:
            if not final.exists():
                raise
            continue
        sync_folder(final.parent)
        return report
    raise AuditError("not_written", found=final.name[:20])


class ChildProcess:
    """One running child: fed with the job and the digest, watched until it has answered or its time is up."""

    def __init__(
        self,
        job: dict[str, Any],
        held: Held,
        folder: Path,
        limits: Limits,
        on_progress: Callable[[float], None] | None,
        stop: threading.Event | None = None,
    ) -> None:
        self.held = held
        self.folder = folder
        self.limits = limits
        self.on_progress = on_progress
        self.stop = stop
        self.stopped: AuditError | None = None
        environment = {
            "LANG": "C.UTF-8",
            **({} if os.name == "nt" else {"TZ": "Asia/Shanghai"}),  # no names of zones there
            "OPENBLAS_NUM_THREADS": "1",
            "MALLOC_ARENA_MAX": "2",
            "PYTHONDONTWRITEBYTECODE": "1",
            **hand_over.environment(),
        }
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and entry; no user text among the arguments
            [sys.executable, "-I", "-c", _ENTRY.format(root=str(_ROOT))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback may hold cells
            cwd=folder,
            env=environment,
            pass_fds=held.fds,
            start_new_session=True,  # of no effect on Windows
            creationflags=_APART,
        )
        self._send(json.dumps(job))

    def _send(self, line: str) -> None:
        assert self.process.stdin is not None
        with suppress(OSError, ValueError):  # a child that died is reported by its return code
            self.process.stdin.write(line.encode("utf-8") + b"\n")
            self.process.stdin.flush()

    def wait(self, sha256: str | None) -> tuple[str, dict[str, Any]]:
        """(SHA-256 of the bytes, the child's result), or the child's refusal, or what its death means."""
        ended = threading.Event()
        threading.Thread(target=self._watch, args=(ended,), daemon=True).start()
        digest = [sha256 or ""]

        def feed() -> None:
            digest[0] = sha256 or _hash(self.held.path, ended)
            if digest[0]:
                self._send(digest[0])

        hashing = threading.Thread(target=feed, daemon=True)
        hashing.start()
        try:
            answer = self._listen()
        finally:
            ended.set()
            self._leave()
            hashing.join()
            code = self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
        if answer is None:
            raise self.stopped or _death(code, self.limits)
        if "error" in answer:
            raise _refusal(answer["error"])
        return digest[0], dict(answer["result"])

    def _listen(self) -> dict[str, Any] | None:
        stdout = self.process.stdout
        assert isinstance(stdout, io.BufferedReader)
        for _ in range(self.limits.output_lines):
            line = stdout.readline(_LINE)
            if not line:
                return None
            try:
                message = json.loads(line)
            except ValueError:
                return None
            if not isinstance(message, dict):
                return None
            if "progress" in message:
                if self.on_progress is not None:
                    self.on_progress(min(1.0, max(0.0, float(message["progress"]))))
                continue
            return message
        return None

    def _watch(self, ended: threading.Event) -> None:
        """Ends the child when its time is up, when somebody stops it, or when a named file of it outgrows what ``resource`` would allow it
        elsewhere."""
        end = time.monotonic() + self.limits.wall_seconds
        most = self.limits.written_bytes(self.held.size)
        while (left := end - time.monotonic()) > 0:
            if self.stop is not None and self.stop.is_set():
                self.stopped = AuditError("import_stopped")
                self._kill()
                return
            if ended.wait(left if self.held.fds and self.stop is None else min(left, _POLL_SECONDS)):
                return
            if not self.held.fds and _largest(self.folder) > most:
                self.stopped = AuditError("reader_crashed", found=f"> {most // 1024**3} GB")
                self._kill()
                return
        self.stopped = AuditError("reader_time", found=f"> {self.limits.wall_seconds} s")
        self._kill()

    def _leave(self) -> None:
        # It has answered: give it a moment to leave by itself.
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(0.5)
            return
        self._kill()

    def _kill(self) -> None:
        if self.process.poll() is not None:
            return
        with suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, 9)
            else:
                self.process.kill()  # the real interpreter behind the python.exe of a venv dies with it: they share a job


def _largest(folder: Path) -> int:
    sizes = [0]
    with suppress(OSError):
        for entry in folder.iterdir():
            with suppress(OSError):  # gone meanwhile
                sizes.append(entry.stat().st_size)  # not os.DirEntry's: Windows updates that only when the writer closes the file
    return max(sizes)


def _death(code: int, limits: Limits) -> AuditError:
    """One message for each way to die. 134 and 139 are how a shell would report what -6 and -11 are here."""
    if code in (-24, -30, *_WINDOWS_CPU_TIME):  # SIGXCPU
        return AuditError("reader_time", found=f"> {limits.cpu_seconds} s CPU")
    if code in (-6, -9, -7, -11, *_WINDOWS_MEMORY):
        return AuditError("reader_memory", found=f"> {limits.address_space_bytes // 1024**3} GB", signal=code)
    return AuditError("reader_crashed", found=f"exit {code}")


def _refusal(error: Any) -> AuditError:
    """The child's refusal, believed only in form: it has touched a stranger's bytes."""
    if not isinstance(error, dict) or not _CODE.fullmatch(str(error.get("code"))):
        return AuditError("reader_crashed")
    row = error.get("row")
    values = {
        str(key)[:30]: value if isinstance(value, int | float) else str(value)[:400] for key, value in (error.get("values") or {}).items()
    }
    place = Place(sheet=_short(error.get("sheet")), row=row if isinstance(row, int) else None, column=_short(error.get("column")))
    return AuditError(str(error["code"]), place, str(error.get("found") or ""), **values)


def _short(value: object) -> str | None:
    return None if value is None else str(value)[:60]


def checked(folder: Path, digest: str, rows: int) -> ImportReport:
    """The report of what the child wrote, after checking that only allowed columns and the declared rows are there; fsynced."""
    try:
        report = stored_report(folder)
        names, written = footer_of(folder / ROWS)
    except (OSError, ValueError) as error:
        raise AuditError("reader_output") from error
    if not _SHA.fullmatch(digest) or report.sha256 != digest or names != columns_of(report.kind) or written != rows:
        raise AuditError("reader_output")
    if report.rows_read != report.rows_kept + sum(report.left_out.values()):
        raise AuditError("reader_output")
    with (folder / ROWS).open("r+b") as file:  # Windows syncs only what may be written
        os.fsync(file.fileno())
    return report


__all__ = ["REPORT", "ROWS", "ChildProcess", "checked", "digest_of", "folder_of", "read_file", "shown_name", "stored_report", "unwritten"]
