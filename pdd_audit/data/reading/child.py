"""The process that opens a stranger's file. Its first statements bound what it may take; whatever it meets, only it can die.

In: the job as one JSON line on stdin (a password too: never an argument), later the file's SHA-256 as a second line; the file under a
path (``hand_over``).
Out: JSON lines on stdout (progress, then one result or one error); ``rows.parquet`` and ``report.json`` in its own empty working folder.
"""

import errno
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TextIO

from pdd_audit.core.errors import BETWEEN, AuditError
from pdd_audit.data.reading.limits import Limits

if TYPE_CHECKING:  # each is loaded when a file of its sort is met
    from pdd_audit.data.reading.by_hand import Reader
    from pdd_audit.data.reading.canonical.findings import Facts
    from pdd_audit.data.reading.container import Look
    from pdd_audit.data.reading.pages import Understood
    from pdd_audit.data.reading.workbooks import Book

NO_ROOM = tuple(os.strerror(number) for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
_out: TextIO = sys.stdout


def bound(limits: Limits, size: int) -> None:
    """Memory, CPU time, written bytes, open files, no core dump. Windows bounds memory and CPU time; the parent watches the rest."""
    if sys.platform == "win32":
        import ctypes

        from pdd_audit.data.reading.windows_limits import bound_myself

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
        if job.get("task") == "unpack":
            answer = {"result": unpack(job, limits, Path.cwd(), progress=_say_progress)}
        else:
            answer = {"result": run(job, limits, Path.cwd(), sha256=lambda: sys.stdin.readline().strip(), progress=_say_progress)}
    except AuditError as error:
        answer = {"error": {"code": error.code, "found": error.found, "values": error.values, **vars(error.place)}}
    except MemoryError:
        answer = {"error": {"code": "reader_memory"}}
    except Exception as error:  # engines have errors of their own for a full disk, known by their words only
        if not any(words in str(error) for words in NO_ROOM):
            raise
        answer = {"error": {"code": "disk_full"}}
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
    try:
        return _wherever_it_belongs(job, limits, folder, sha256, progress)
    except AuditError as error:
        if error.code != "encrypted_workbook" or not job.get("password"):
            raise
    from pdd_audit.data.reading.decrypting import decrypted

    # Its size and digest stay those of the file that was handed in.
    opened = decrypted(job["path"], job["password"], folder)
    return _wherever_it_belongs(job | {"path": opened}, limits, folder, sha256, progress)


def _wherever_it_belongs(
    job: dict[str, Any], limits: Limits, folder: Path, sha256: Callable[[], str], progress: Callable[[float], None]
) -> dict[str, Any]:
    """A file of another kind than was asked for is read as what it is, and the report says so."""
    try:
        return _read(job, limits, folder, sha256, progress)
    except AuditError as error:
        if error.code != "other_kind":
            raise
        misplaced = dict(error.values)
    return _read(job | {"expected": None, "misplaced": misplaced}, limits, folder, sha256, progress)


def unpack(job: dict[str, Any], limits: Limits, folder: Path, *, progress: Callable[[float], None]) -> dict[str, Any]:
    """Unpacks a ZIP of tables into ``folder``. Returns {"package": whether it is one}. Raises AuditError."""
    from pdd_audit.data.reading import unpacking

    return {"package": unpacking.unpack(job["path"], folder, limits, job["password"], progress)}


def _read(
    job: dict[str, Any], limits: Limits, folder: Path, sha256: Callable[[], str], progress: Callable[[float], None]
) -> dict[str, Any]:
    from pdd_audit.data.reading import container

    with Path(job["path"]).open("rb") as stream:
        what = container.look(stream, int(job["size"]), str(job["name"]), limits)
    progress(0.05)
    if job.get("mode") == "preview":
        from pdd_audit.data.reading.preview import write_preview

        return write_preview(job, what.kind, limits, folder)
    if job.get("mode") == "cells":
        from pdd_audit.data.reading.sheet_cells import write_cells

        return write_cells(job, what, folder)
    if what.kind == "text":
        return _run_text(job, limits, folder, sha256, progress)
    if what.kind == "json":
        return _run_json(job, limits, folder, sha256, progress)
    return _run_pages(job, limits, folder, what, sha256, progress)


def _run_text(
    job: dict[str, Any], limits: Limits, folder: Path, sha256: Callable[[], str], progress: Callable[[float], None]
) -> dict[str, Any]:
    from pdd_audit.data.reading.canonical.findings import Facts
    from pdd_audit.data.reading.engine import Importer, QuickPassError, connect
    from pdd_audit.data.reading.quick_table import quick_table
    from pdd_audit.data.reading.recognise import recognise
    from pdd_audit.data.reading.strict_table import strict_table
    from pdd_audit.data.reading.tables import Table, row_limit
    from pdd_audit.data.reading.text_files import damaged_column, read_text

    text = read_text(job["path"], int(job["size"]), limits, folder)
    progress(0.2)
    by_hand = _by_hand(job, limits)
    found = by_hand.text(text) if by_hand is not None else None
    if found is None:
        found = recognise(text.headers, text.header_row, expected=job["expected"], first_row=text.first_header_row)
    if by_hand is not None:
        found = by_hand.in_units(found)
    row_limit(text.lines - text.header_lines, limits)
    facts = Facts()

    def staged(table: Table, *, quick: bool) -> Importer:
        importer = Importer(connect(table.path, folder, limits), found, limits, folder, text.header_row, facts)
        importer.take_snapshot(_asked(job), _stamps(job), text.titles)
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
    if text.damage is not None and (column := damaged_column(text, found)):
        facts.note("damaged_text", count=text.damage.marks, row=text.damage.row, column=column)
    if job["name"].lower().rsplit(".", 1)[-1] in {"xlsx", "xls", "xlsm", "xlsb", "ods"}:
        facts.note("content_not_name", content="CSV")
    encoding = {"utf-8-sig": "utf-8"}.get(text.encoding, text.encoding)
    return _finish(importer, job, encoding, sha256, progress)


def _run_json(
    job: dict[str, Any], limits: Limits, folder: Path, sha256: Callable[[], str], progress: Callable[[float], None]
) -> dict[str, Any]:
    """Answers of tracking services, or the order list of the merchant's page."""
    from pdd_audit.data.reading.canonical.findings import Facts
    from pdd_audit.data.reading.engine import Importer, connect
    from pdd_audit.data.reading.json_tables import read_json

    table, found = read_json(job["path"], limits, folder, job["expected"])
    progress(0.4)
    importer = Importer(connect(table.path, folder, limits), found, limits, folder, 1, Facts())
    importer.take_snapshot(_asked(job), _stamps(job), ())
    importer.stage(table, quick=False)
    progress(0.7)
    return _finish(importer, job, "json", sha256, progress)


def _run_pages(
    job: dict[str, Any],
    limits: Limits,
    folder: Path,
    look: "Look",
    sha256: Callable[[], str],
    progress: Callable[[float], None],
) -> dict[str, Any]:
    """Sheets of a workbook, or tables of a web page."""
    from pdd_audit.data.reading import html_tables
    from pdd_audit.data.reading.canonical.findings import Facts
    from pdd_audit.data.reading.engine import Importer, connect
    from pdd_audit.data.reading.pages import understood
    from pdd_audit.data.reading.workbooks import Book

    facts = Facts()
    with Path(job["path"]).open("rb") as stream:
        book = Book(stream, look.since_1904) if look.kind == "workbook" else None
        pages = book.pages() if book is not None else html_tables.pages(job["path"], limits)
        by_hand = _by_hand(job, limits)
        if by_hand is None:
            known = understood(pages, limits, job["expected"], folder)
        else:
            known = by_hand.pages(pages, job["expected"], folder)
            known.found = by_hand.in_units(known.found)
        progress(0.4)
        if book is not None:
            _note_sheets(facts, book, known, look, stream)
    try:
        importer = Importer(connect(known.table.path, folder, limits), known.found, limits, folder, known.header_row, facts)
        importer.take_snapshot(_asked(job), _stamps(job), known.titles)
        importer.stage(known.table, quick=False)
        progress(0.7)
        _note_pages(facts, known)
        if book is None:
            facts.note("html_table", count=len(known.spans))
        elif job["name"].lower().rsplit(".", 1)[-1] in {"csv", "txt", "tsv"}:
            facts.note("content_not_name", content="Excel")
        return _finish(importer, job, "workbook" if book is not None else html_tables.encoding_of(job["path"]), sha256, progress)
    except AuditError as error:
        if error.place.sheet is None:
            raise AuditError(error.code, known.place(error.place), error.found, **error.values) from error
        raise


def _note_sheets(facts: "Facts", book: "Book", known: "Understood", look: "Look", stream: IO[bytes]) -> None:
    if look.format in {"XLSM", "XLSB", "ODS"}:
        facts.note("workbook_format", format=look.format)
    if book.hidden:
        facts.note("hidden_sheets", sheets=_listed(book.hidden))
    if look.since_1904:
        facts.note("dates_1904")
    if look.parts or look.format in {"XLS", "XLSB"}:
        _note_parts(facts, known, look, stream)
    others = [*known.unknown, *book.unread]
    if others:
        facts.note("other_sheets", sheet=known.spans[0].page, others=_listed(others))
    if book.full:
        facts.note("xls_row_limit")


def _note_parts(facts: "Facts", known: "Understood", look: "Look", stream: IO[bytes]) -> None:
    from pdd_audit.core.headers import letter
    from pdd_audit.data.reading.workbooks import facts_by_sheet

    sheets = facts_by_sheet(stream, look)
    read = [(span, sheets[span.page]) for span in known.spans if span.page in sheets]
    if hidden := sum(part.hidden_rows for _, part in read):
        facts.note("hidden_rows", rows=hidden)
    used = {letter(at): known.found.headers[at] for at in known.found.wanted}
    for span, part in read:
        for column, (cells, row) in part.empty_formulas.items():
            # a further sheet may have its columns in another order
            if column in used or span is not known.spans[0]:
                facts.note("formula_without_result", cells=cells, sheet=span.page, cell=f"{column}{row}", column=used.get(column, column))


def _note_pages(facts: "Facts", known: "Understood") -> None:
    if len(known.spans) > 1:
        told = [f"{span.page} {span.before + 1}–{span.last}" for span in known.spans]
        facts.note("sheets_joined", count=len(told), sheets=_listed(told))
    if known.left:
        facts.note("sheets_left", sheets=_listed(known.left))
    if known.damage is not None:
        row, column, count = known.damage
        facts.note("damaged_text", count=count, row=row, column=column)
    if known.merged_cells:
        facts.note("merged_cells", cells=known.merged_cells, row=known.merged_row)


def _listed(names: Sequence[str]) -> str:
    text = BETWEEN.join(names)
    return text if len(text) <= 200 else text[:199] + "…"


def _stamps(job: dict[str, Any]) -> str:
    """The file's name as it is searched for its moment: an entry of a package counts before the package around it."""
    return " ".join(reversed(str(job["name"]).split(" › ")))


def _by_hand(job: dict[str, Any], limits: Limits) -> "Reader | None":
    if not job.get("by_hand"):
        return None
    from pdd_audit.core.mapping import ByHand
    from pdd_audit.data.reading.by_hand import Reader

    return Reader(ByHand.from_job(job["by_hand"]), limits)


def _asked(job: dict[str, Any]) -> datetime | None:
    return datetime.fromisoformat(job["snapshot_at"]) if job["snapshot_at"] else None


def _finish(
    importer: Any, job: dict[str, Any], encoding: str, sha256: Callable[[], str], progress: Callable[[float], None]
) -> dict[str, Any]:
    facts, found = importer.facts, importer.found
    importer.shop = job.get("shop")
    importer.read_at = datetime.fromisoformat(job["imported_at"]).replace(tzinfo=None) if job.get("imported_at") else None
    importer.sheet_snapshot(_asked(job))
    importer.check()
    importer.describe()
    if found.header_rows[0] > 1:
        facts.note("header_row", row=found.header_rows[0])
    if job.get("misplaced"):
        facts.note("other_slot", **job["misplaced"])
    if found.mapped_on:
        facts.note("mapped_by_hand", date=found.mapped_on)
    for name, unit in found.units.items():
        facts.note(f"read_as_{unit}", name=name, column=found.header(name), date=found.units_on)
    if found.personal:
        facts.note("personal_dropped", columns=BETWEEN.join(found.personal)[:200])
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
        "newest_event": facts.newest_event,
        "encoding": encoding,
        "header_row": importer.header_row,
        "first_row": importer.first_row,
        "columns": {name: found.header(name) for name in (*found.columns, *found.constants)} | facts.derived,
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
