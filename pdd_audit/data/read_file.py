"""Reads one stranger's file into one Parquet of the ledger, in a child process that may die without harm.

The parent hashes the bytes while the child parses them, bounds the child's time and output, checks what it wrote against the
allow-list of columns, and only then lets the file appear under its digest.
"""

import dataclasses
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.imports import ImportReport, Kind
from pdd_audit.data.limits import COMMAND_LINE, Limits

SHANGHAI = timezone(timedelta(hours=8))
METADATA_KEY = b"pdd_audit.import"
COLUMNS: dict[str, tuple[str, ...]] = {
    "pdd_orders": (
        "order_no",
        "waybill",
        "courier",
        "province",
        "goods_id",
        "goods_name",
        "status",
        "received_yuan",
        "quantity",
        "confirmed_at",
        "paid_at",
        "promised_ship_at",
        "shipped_at",
        "under_review",
        "excluded_kind",
        "snapshot_at",
        "import_id",
        "source_row",
    ),
    "courier_pickups": (
        "waybill",
        "courier",
        "outlet",
        "picked_up_at",
        "first_move_at",
        "collected_time_unknown",
        "snapshot_at",
        "import_id",
        "source_row",
    ),
    "pdd_service": (
        "day",
        "agent",
        "inquiries",
        "received",
        "consults",
        "missed_3min",
        "rate_3min",
        "rate_3min_digits",
        "rate_30s",
        "rate_30s_digits",
        "mean_seconds",
        "snapshot_at",
        "import_id",
        "source_row",
    ),
}
_ROOT = Path(__file__).resolve().parents[2]
_ENTRY = "import sys; sys.path.insert(0, {root!r}); from pdd_audit.data.child import main; main()"
_SHA = re.compile(r"[0-9a-f]{64}")
_CODE = re.compile(r"[a-z][a-z0-9_]{2,40}")
_LINE = 64 * 1024


def read_file(
    source: Path | bytes | bytearray | memoryview,
    name: str,
    target_dir: Path,
    *,
    limits: Limits = COMMAND_LINE,
    snapshot_at: datetime | None = None,
    expected: Kind | None = None,
    on_progress: Callable[[float], None] | None = None,
    sha256: str | None = None,
    imported_at: datetime | None = None,
) -> ImportReport:
    """Reads ``source`` into ``<target_dir>/<sha256>.parquet`` and returns its report. Raises AuditError with the file's name in its place.

    ``name`` is only shown and searched for a time stamp, never opened. ``expected``: refuse any other kind (``other_kind``).
    ``sha256``: of the bytes, if the caller knows it already.
    """
    shown = name.replace("\\", "/").rsplit("/", 1)[-1][:200] or "?"
    target_dir.mkdir(parents=True, exist_ok=True)
    try:
        fd, size = _open(source)
        try:
            return _read(fd, size, shown, target_dir, limits.for_size(size), snapshot_at, expected, on_progress, sha256, imported_at)
        finally:
            os.close(fd)
    except AuditError as error:
        place = error.place
        raise AuditError(error.code, Place(shown, place.sheet, place.row, place.column), error.found, **error.values) from error


def digest_of(source: Path | bytes | bytearray | memoryview) -> str:
    """SHA-256 of the bytes, in blocks."""
    fd, _ = _open(source)
    try:
        return _hash(fd)
    finally:
        os.close(fd)


def _open(source: Path | bytes | bytearray | memoryview) -> tuple[int, int]:
    if isinstance(source, Path):
        try:
            fd = os.open(source, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise AuditError("unreadable_file", found=error.strerror or "") from error
        if not os.path.isfile(source):  # noqa: PTH113 - follows the open descriptor's own path once
            os.close(fd)
            raise AuditError("unreadable_file", found="?")
        return fd, os.fstat(fd).st_size
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("upload")
    else:
        with tempfile.TemporaryFile() as file:
            fd = os.dup(file.fileno())
    view = memoryview(source)
    size = view.nbytes
    while view:
        view = view[os.write(fd, view) :]
    return fd, size


def _hash(fd: int) -> str:
    digest, offset = hashlib.sha256(), 0
    while block := os.pread(fd, 4 * 1024 * 1024, offset):
        digest.update(block)
        offset += len(block)
    return digest.hexdigest()


def _read(
    fd: int,
    size: int,
    name: str,
    target_dir: Path,
    limits: Limits,
    snapshot_at: datetime | None,
    expected: str | None,
    on_progress: Callable[[float], None] | None,
    sha256: str | None,
    imported_at: datetime | None,
) -> ImportReport:
    if limits.file_bytes is not None and size > limits.file_bytes:
        raise AuditError("too_large", found=f"{size / 1048576:.0f} MB", limit=f"{limits.file_bytes / 1048576:.0f} MB")
    # Inside the target folder, so that the finished file can be renamed into place; swept by the ledger if we die here.
    folder = target_dir / f"{uuid.uuid4().hex}.part"
    folder.mkdir(mode=0o700)
    try:
        job = {
            "fd": fd,
            "size": size,
            "name": name,
            "limits": dataclasses.asdict(limits),
            "expected": expected,
            "snapshot_at": snapshot_at.isoformat() if snapshot_at else None,
            "imported_at": (imported_at or datetime.now(SHANGHAI)).replace(tzinfo=None).replace(microsecond=0).isoformat(),
        }
        digest, rows = _Child(job, folder, limits, on_progress).wait(fd, sha256)
        report = checked(folder / "out.parquet", digest, rows)
        final = target_dir / f"{digest}.parquet"
        (folder / "out.parquet").replace(final)
        _sync(target_dir)
        return report
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Child:
    """One running child: fed with the job and the digest, watched until it has answered or its time is up."""

    def __init__(self, job: dict[str, Any], folder: Path, limits: Limits, on_progress: Callable[[float], None] | None) -> None:
        self.limits = limits
        self.on_progress = on_progress
        fd = job["fd"]
        environment = {
            "LANG": "C.UTF-8",
            "TZ": "Asia/Shanghai",
            "OPENBLAS_NUM_THREADS": "1",
            "MALLOC_ARENA_MAX": "2",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if os.name == "nt":
            environment["SYSTEMROOT"] = os.environ.get("SYSTEMROOT", "")
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and entry; no user text among the arguments
            [sys.executable, "-I", "-c", _ENTRY.format(root=str(_ROOT))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback may hold cells
            cwd=folder,
            env=environment,
            pass_fds=(fd,),
            start_new_session=True,
        )
        self._send(json.dumps(job))

    def _send(self, line: str) -> None:
        assert self.process.stdin is not None
        with suppress(OSError, ValueError):  # a child that died is reported by its return code
            self.process.stdin.write(line.encode("utf-8") + b"\n")
            self.process.stdin.flush()

    def wait(self, fd: int, sha256: str | None) -> tuple[str, int]:
        """(SHA-256 of the bytes, rows written), or the child's refusal, or what its death means."""
        late = threading.Event()
        timer = threading.Timer(self.limits.wall_seconds, self._kill, (late,))
        timer.daemon = True
        timer.start()
        digest = [sha256 or ""]

        def feed() -> None:
            digest[0] = sha256 or _hash(fd)
            self._send(digest[0])

        hashing = threading.Thread(target=feed, daemon=True)
        hashing.start()
        try:
            answer = self._listen()
        finally:
            timer.cancel()
            self._kill(None)
            hashing.join()
            code = self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
        if answer is None:
            raise _death(code, late.is_set(), self.limits)
        if "error" in answer:
            raise _refusal(answer["error"])
        return digest[0], int(answer["result"]["rows"])

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

    def _kill(self, late: threading.Event | None) -> None:
        if self.process.poll() is not None:
            return
        if late is None:
            # It has answered: give it a moment to leave by itself.
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(0.5)
                return
        else:
            late.set()
        with suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, 9)
            else:
                self.process.kill()


def _death(code: int, late: bool, limits: Limits) -> AuditError:
    """One message for each way to die. 134 and 139 are how a shell would report what -6 and -11 are here."""
    if late:
        return AuditError("reader_time", found=f"> {limits.wall_seconds} s")
    if code in (-24, -30):  # SIGXCPU
        return AuditError("reader_time", found=f"> {limits.cpu_seconds} s CPU")
    if code in (-6, -9, -7, -11):
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


def stored_report(path: Path) -> ImportReport:
    """The report in a Parquet's footer. Raises ValueError when there is none."""
    metadata = pq.read_metadata(path).metadata or {}
    return ImportReport.model_validate_json(metadata[METADATA_KEY])


def checked(path: Path, digest: str, rows: int) -> ImportReport:
    """The report of what the child wrote, after checking that only allowed columns and the declared rows are there; fsynced."""
    try:
        footer = pq.read_metadata(path)
        report = ImportReport.model_validate_json((footer.metadata or {})[METADATA_KEY])
    except (OSError, KeyError, ValueError) as error:
        raise AuditError("reader_output") from error
    names = tuple(footer.schema.to_arrow_schema().names)
    if not _SHA.fullmatch(digest) or report.sha256 != digest or names != COLUMNS[report.kind] or footer.num_rows != rows:
        raise AuditError("reader_output")
    if report.rows_read != report.rows_kept + sum(report.left_out.values()):
        raise AuditError("reader_output")
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return report


def _sync(folder: Path) -> None:
    with suppress(OSError):  # not every file system lets a folder be synced
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


__all__ = ["COLUMNS", "checked", "digest_of", "read_file", "stored_report"]
