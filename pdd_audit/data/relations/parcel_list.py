"""Rows that memory may not hold, a batch at a time: all parcels of a shop, or those behind a number."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any, BinaryIO

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.rows import all_parcels

BATCH = 50_000


def _batches(rows: ir.Table, names: Mapping[str, str], scratch: Path) -> Iterator[pa.RecordBatch]:
    """Rows with the file's name in the place of its digest; first a batch without rows, so that columns are named where no parcel is."""
    with TemporaryDirectory(dir=_room(scratch), prefix=".part-") as folder:
        path = Path(folder) / "parcels.parquet"
        rows.to_parquet(path)  # the engine sorts and writes what memory may not hold
        parts = sorted(path.glob("part-*.parquet")) if path.is_dir() else [path]  # some engines write a folder of parts, in order
        for part in parts:
            with pq.ParquetFile(part) as file:
                if part == parts[0]:
                    yield _named(pa.RecordBatch.from_pylist([], schema=file.schema_arrow), names)
                for batch in file.iter_batches(BATCH):
                    yield _named(batch, names)


def _room(scratch: Path) -> Path | None:
    """Where rows lie while they are read; in a home that may not be written, wherever the system keeps what passes."""
    try:
        scratch.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=scratch):
            return scratch
    except OSError:
        return None


def _named(batch: pa.RecordBatch, names: Mapping[str, str]) -> pa.RecordBatch:
    at = batch.schema.get_field_index("import_id")
    files = pa.array([names.get(digest) for digest in batch.column(at).to_pylist()], pa.string())
    return batch.set_column(at, "file", files)


def row_batches(rows: ir.Table, names: Mapping[str, str], scratch: Path) -> Iterator[tuple[list[str], list[tuple[Any, ...]]]]:
    """(names of the columns, rows) of each batch, the first of them empty. ``rows``: in their order, with ``import_id``, in whose place
    comes the name of the file; ``names``: digest -> that name."""
    for batch in _batches(rows, names, scratch):
        yield batch.schema.names, list(zip(*(column.to_pylist() for column in batch.columns), strict=True))


def parcel_batches(ground: Ground, names: Mapping[str, str], scratch: Path) -> Iterator[tuple[list[str], list[tuple[Any, ...]]]]:
    """The same of all parcels, counted or not."""
    return row_batches(all_parcels(ground), names, scratch)


def write_parquet(ground: Ground, names: Mapping[str, str], scratch: Path, target: BinaryIO) -> int:
    """Writes all parcels as Parquet; how many."""
    rows = 0
    batches = _batches(all_parcels(ground), names, scratch)
    first = next(batches)
    with pq.ParquetWriter(target, first.schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows
