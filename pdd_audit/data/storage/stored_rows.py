"""A few rows of an import as they are stored."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pdd_audit.core.imports import ImportReport
from pdd_audit.data.reading.import_folder import ROWS, folder_of


def first_stored_rows(target_dir: Path, report: ImportReport, count: int, also: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The first ``count`` rows, column -> value; only the columns the file feeds, and those of ``also``."""
    import pyarrow.parquet as pq  # half a second that nobody else needs

    with (folder_of(target_dir, report) / ROWS).open("rb") as file:  # closed at once: Windows removes no open file
        table = next(pq.ParquetFile(file).iter_batches(batch_size=count), None)
    rows: list[dict[str, Any]] = [] if table is None else table.to_pylist()
    fed = [name for name in (rows[0] if rows else {}) if name in report.columns or name in also]
    return [{name: row[name] for name in fed} for row in rows]
