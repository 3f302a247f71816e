"""The process that opens a stranger's file. Its first statements bound what it may take; whatever it meets, only it can die.

In: the job as one JSON line on stdin, later the file's SHA-256 as a second line; the file under a path (``hand_over``).
Out: JSON lines on stdout (progress, then one result or one error); ``rows.parquet`` and ``report.json`` in its own empty working folder.
"""

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data.limits import Limits

_out: TextIO = sys.stdout


def bound(limits: Limits, size: int) -> None:
    """Memory, CPU time, written bytes, open files, no core dump. Windows bounds memory and CPU time; the parent watches the rest."""
    if sys.platform == "win32":
        import ctypes

        from pdd_audit.data.windows_limits import bound_myself

        with suppress(OSError, AttributeError):  # without it the parent's watch still holds
            bound_myself(ctypes.WinDLL("kernel32"), limits.address_space_bytes, limits.cpu_seconds)
        return
    try:
        import resource
    except ImportError:
        return
    wishes = (
        ("RLIMIT_CORE", 0),
        ("RLIMIT_AS", limits.address_space_bytes),
        ("RLIMIT_CPU", limits.cpu_seconds),
        ("RLIMIT_FSIZE", limits.written_bytes(size)),
        ("RLIMIT_NOFILE", 64),
    )
    for name, wish in wishes:
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        _, hard = resource.getrlimit(kind)
        most = wish if hard == resource.RLIM_INFINITY else min(wish, hard)
        try:
            resource.setrlimit(kind, (most, most))
        except (OSError, ValueError):  # macOS refuses some of them
            continue
    with suppress(OSError):  # Linux only
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")


def main() -> None:
    """Entry point; started by ``read_file`` only."""
    # Only our own lines reach the parent: a reader's messages (a progress bar, a panic) may hold cells.
    global _out
    _out = os.fdopen(os.dup(1), "w", encoding="ascii", newline="\n")
    os.dup2(2, 1)
    job = json.loads(sys.stdin.readline())
    limits = Limits(**job["limits"])
    bound(limits, job["size"])
    answer: dict[str, Any]
    try:
        answer = {"result": run(job, limits, Path.cwd(), sha256=lambda: sys.stdin.readline().strip(), progress=_say_progress)}
    except AuditError as error:
        answer = {"error": {"code": error.code, "found": error.found, "values": error.values, **vars(error.place)}}
    except MemoryError:
        answer = {"error": {"code": "reader_memory"}}
    _say(answer)
    # No tidying up: the process ends here, and the parent removes its folder.
    os._exit(0)


def _say(message: dict[str, Any]) -> None:
    _out.write(json.dumps(message, ensure_ascii=True, default=str) + "\n")
    _out.flush()


def _say_progress(share: float) -> None:
    _say({"progress": round(share, 3)})


def run(
    job: dict[str, Any], limits: Limits, folder: Path, *, sha256: Callable[[], str], progress: Callable[[float], None]
) -> dict[str, Any]:
    """Reads the file of ``job`` into ``folder``. Returns {"rows": rows written}. Raises AuditError."""
    from pdd_audit.data import container

    with Path(job["path"]).open("rb") as stream:
        what = container.look(stream, int(job["size"]), str(job["name"]), limits)
    progress(0.05)
    if what == "workbook":
        return _run_workbook(job, limits, folder, sha256, progress)
    return _run_text(job, limits, folder, sha256, progress)


def _run_text(
    job: dict[str, Any], limits: Limits, folder: Path, sha256: Callable[[], str], progress: Callable[[float], None]
) -> dict[str, Any]:
    from pdd_audit.data.canonical.findings import Facts
    from pdd_audit.data.engine import Importer, QuickPassError, connect
    from pdd_audit.data.recognise import recognise
    from pdd_audit.data.text_tables import Table, quick_table, read_text, row_limit, strict_table

    text = read_text(job["path"], int(job["size"]), limits, folder)
    progress(0.2)
    found = recognise(text.headers, text.header_row, expected=job["expected"])
    row_limit(text.lines - text.header_lines, limits)
    facts = Facts()

    def staged(table: Table, *, quick: bool) -> Importer:
        importer = Importer(connect(table.path, folder, limits), found, limits, folder, text.header_row, facts)
        importer.take_snapshot(_asked(job), job["name"], text.titles)
        try:
            importer.stage(table, quick=quick)
        except QuickPassError:
            importer.connection.close()
            raise
        return importer

    table = quick_table(text, found) if not job.get("strict") else None
    importer: Importer | None = None
    if table is not None:
        with suppress(QuickPassError):
            importer = staged(table, quick=True)
    if importer is None:
        importer = staged(strict_table(text, found, limits, folder), quick=False)
    progress(0.7)
    if text.encoding == "gb18030":
        facts.note("encoding_gb18030")
    elif text.encoding.startswith("utf-16"):
        facts.note("encoding_utf16")
    if text.delimiter != ",":
        facts.note("other_delimiter", delimiter="TAB" if text.delimiter == "\t" else text.delimiter)
    if text.nuls:
        facts.note("nuls_removed", count=text.nuls)
    if job["name"].lower().rsplit(".", 1)[-1] in {"xlsx", "xls", "xlsm", "xlsb", "ods"}:
        facts.note("content_not_name", content="CSV")
    encoding = {"utf-8-sig": "utf-8"}.get(text.encoding, text.encoding)
    return _finish(importer, job, encoding, sha256, progress)


def _run_workbook(
    job: dict[str, Any], limits: Limits, folder: Path, sha256: Callable[[], str], progress: Callable[[float], None]
) -> dict[str, Any]:
    from pdd_audit.data.canonical.findings import Facts
    from pdd_audit.data.engine import Importer, connect
    from pdd_audit.data.text_tables import row_limit
    from pdd_audit.data.workbooks import read_sheet, sheet_table

    with Path(job["path"]).open("rb") as stream:
        sheet = read_sheet(stream, limits, job["expected"])
    progress(0.4)
    row_limit(len(sheet.rows) - sheet.header_index - 1, limits)
    table = sheet_table(sheet, folder)
    sheet.rows.clear()  # half of the memory, before the engine starts
    try:
        facts = Facts()
        importer = Importer(connect(table.path, folder, limits), sheet.found, limits, folder, sheet.header_index + 1, facts)
        importer.take_snapshot(_asked(job), job["name"], sheet.titles)
        importer.stage(table, quick=False)
        progress(0.7)
        if sheet.others:
            facts.note("other_sheets", sheet=sheet.name, others="、".join(sheet.others)[:100])
        if job["name"].lower().rsplit(".", 1)[-1] in {"csv", "txt", "tsv"}:
            facts.note("content_not_name", content="Excel")
        if facts.rows_read == 65_535:
            facts.note("xls_row_limit")
        return _finish(importer, job, "workbook", sha256, progress)
    except AuditError as error:
        if error.place.sheet is None:
            place = error.place
            raise AuditError(error.code, Place(None, sheet.name, place.row, place.column), error.found, **error.values) from error
        raise


def _asked(job: dict[str, Any]) -> datetime | None:
    return datetime.fromisoformat(job["snapshot_at"]) if job["snapshot_at"] else None


def _finish(
    importer: Any, job: dict[str, Any], encoding: str, sha256: Callable[[], str], progress: Callable[[float], None]
) -> dict[str, Any]:
    facts, found = importer.facts, importer.found
    importer.sheet_snapshot(_asked(job))
    importer.check()
    importer.describe()
    if importer.header_row > 1:
        facts.note("header_row", row=importer.header_row)
    if found.personal:
        facts.note("personal_dropped", columns="、".join(found.personal)[:200])
    progress(0.85)
    importer.write()
    report = {
        "file": job["name"],
        "kind": found.source.kind,
        "source": found.source.id,
        "sha256": sha256(),
        "size_bytes": job["size"],
        "rows_read": facts.rows_read,
        "rows_kept": facts.rows_kept,
        "left_out": dict(sorted(facts.left_out.items())),
        "period_from": facts.period[0],
        "period_to": facts.period[1],
        "snapshot_at": facts.snapshot_at,
        "snapshot_from": facts.snapshot_from,
        "encoding": encoding,
        "header_row": importer.header_row,
        "first_row": importer.first_row,
        "columns": {name: found.header(name) for name in found.columns},
        "ignored_columns": list(found.ignored),
        "dropped_personal": list(found.personal),
        "distinct": facts.distinct,
        "reading": facts.reading,
        "couriers": facts.couriers,
        "first_scan": facts.first_scan,
        "notices": facts.notices,
        "imported_at": job["imported_at"],
    }
    (importer.folder / "report.json").write_text(json.dumps(report, ensure_ascii=False, default=_plain), "utf-8")
    return {"rows": facts.rows_written}


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
