"""The folder of one import: its rows, its report, and the seal that says what both were when they were written.

``<ledger>/<kind>/import_id=<SHA-256 of the file's bytes>/``: a Hive partition, so that any engine reads a whole kind at once and knows
each row's import. A folder is never edited: it appears, moves aside and disappears as a whole, by a rename.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from pdd_audit.core.imports import ImportReport

ROWS, REPORT, SEAL = "rows.parquet", "report.json", "seal.json"
FILES = (ROWS, REPORT, SEAL)
REPORT_BYTES = 4 * 1024 * 1024  # more than a thousand headers with their names can take


class Seal(BaseModel):
    """``rows``: stored rows. ``sha256``: file name -> digest of its bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    rows: int
    sha256: dict[str, str]


def folder_of(target_dir: Path, report: ImportReport) -> Path:
    """Where an import lives."""
    return target_dir / report.kind / f"import_id={report.sha256}"


def digest_in(folder: Path) -> str:
    """The digest of the imported file, from the name of its folder."""
    return folder.name.partition("=")[2]


def stored_report(folder: Path) -> ImportReport:
    """The report of an import. Raises ValueError when it is damaged, OSError when there is none."""
    return ImportReport.model_validate_json(_small(folder / REPORT))


def stored_seal(folder: Path) -> Seal:
    """The seal of an import. Raises ValueError when it is damaged, OSError when there is none."""
    return Seal.model_validate_json(_small(folder / SEAL))


def _small(path: Path) -> str:
    if path.stat().st_size > REPORT_BYTES:
        raise ValueError("too long")
    return path.read_text("utf-8")


def seal(folder: Path, report: ImportReport, rows: int) -> None:
    """Writes the report as it is to be kept, and the seal over it and over the rows beside it; both are on the disk afterwards."""
    _write(folder / REPORT, report.model_dump_json(indent=1))
    digests = {name: sha256_of(folder / name) for name in (ROWS, REPORT)}
    _write(folder / SEAL, json.dumps({"rows": rows, "sha256": digests}))


def _write(path: Path, text: str) -> None:
    with path.open("wb") as file:
        file.write(text.encode("utf-8"))
        file.flush()
        os.fsync(file.fileno())


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes. Raises OSError."""
    with path.open("rb", buffering=0) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder last through a power cut."""
    with suppress(OSError):  # not every file system lets a folder be synced, and Windows none
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def troubles_of(folder: Path) -> Iterator[tuple[str, str]]:
    """(code, detail) of everything that is wrong with an import: unreadable, altered, or not where it belongs. Nothing when it is whole."""
    try:
        report: ImportReport | None = stored_report(folder)
    except (OSError, ValueError):
        report = None
        yield "report_unreadable", REPORT
    try:
        sealed = stored_seal(folder)
    except (OSError, ValueError):
        yield "seal_unreadable", SEAL
        sealed = None
    for name in (ROWS, REPORT):
        if sealed is not None and (folder / name).is_file() and sha256_of(folder / name) != sealed.sha256.get(name):
            yield "altered", name
    if report is not None:
        if folder.name != f"import_id={report.sha256}" or folder.parent.name != report.kind:
            yield "misplaced", f"{report.kind} {report.sha256[:12]}"
        if report.rows_read != report.rows_kept + sum(report.left_out.values()):
            yield "counts_differ", f"{report.rows_read} ≠ {report.rows_kept} + {sum(report.left_out.values())}"
    yield from _troubles_of_rows(folder, report, sealed)


def _troubles_of_rows(folder: Path, report: ImportReport | None, sealed: Seal | None) -> Iterator[tuple[str, str]]:
    try:
        names, rows = footer_of(folder / ROWS)
    except (OSError, ValueError):
        yield "rows_unreadable", ROWS
        return
    if sealed is not None and rows != sealed.rows:
        yield "counts_differ", f"{rows} ≠ {sealed.rows}"
    if report is not None and names not in (columns_of(report.kind), *_earlier_columns_of(report.kind)):
        odd = sorted(set(names) ^ set(columns_of(report.kind)))
        yield "columns_differ", ", ".join(odd[:5])[:100]


def footer_of(path: Path) -> tuple[tuple[str, ...], int]:
    """(names of the columns, number of rows) of a Parquet file. Raises OSError, ValueError."""
    import pyarrow as pa
    import pyarrow.parquet as pq  # half a second that nobody needs who only lists imports

    try:
        with path.open("rb") as file:  # closed at once: Windows renames and removes no open file
            footer = pq.read_metadata(file)
            return tuple(footer.schema.to_arrow_schema().names), int(footer.num_rows)
    except (pa.ArrowException, KeyError) as error:
        raise ValueError("no Parquet") from error


def columns_of(kind: str) -> tuple[str, ...]:
    """The columns of a kind as they are stored; none for a kind nobody knows."""
    from pdd_audit.data.reading.canonical import CANONICAL

    module: Any = CANONICAL.get(kind)
    return () if module is None else tuple(module.COLUMNS)


def _earlier_columns_of(kind: str) -> tuple[tuple[str, ...], ...]:
    """The columns of a kind as older imports hold them: those are as whole as they were."""
    from pdd_audit.data.reading.canonical import CANONICAL

    module: Any = CANONICAL.get(kind)
    return getattr(module, "EARLIER_COLUMNS", ())
