"""DuckDB inside this process: the engine everybody has."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend  # ibis would load it at the first use, when somebody waits

KEEP = 3  # states of the ledger whose tables stay


class DuckDBEngine:
    """Kept tables are Parquet files: computed at the first call, read afterwards, by any process."""

    def __init__(self, backend: ibis.BaseBackend) -> None:
        self._backend = backend

    def rows(self, files: Sequence[Path]) -> ir.Table:
        paths = [str(file) for file in files]
        return self._backend.read_parquet(paths, hive_partitioning=True, hive_types_autocast=False, file_row_number=True)

    def kept(self, folder: Path | None, name: str, expression: ir.Table) -> ir.Table:
        """A table appears by rename; without a folder it lives and dies with the engine."""
        if folder is None:
            return self._backend.create_table(name, expression, temp=True)
        path = folder / f"{name}.parquet"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            part = Path(tempfile.mkdtemp(dir=folder, prefix=".part-"))
            self._backend.to_parquet(expression, part / path.name)
            (part / path.name).replace(path)
            part.rmdir()
            _make_room(folder.parent)
        return self._backend.read_parquet(path)


@contextmanager
def opened_duckdb(scratch: Path) -> Iterator[DuckDBEngine]:
    """A DuckDB of our own, in memory, that reads local Parquet and nothing else; what does not fit goes to ``scratch``."""
    connection = duckdb.connect(config={
        "autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "memory_limit": "600MB",
        "preserve_insertion_order": "false", "temp_directory": str(scratch),
    })
    try:
        yield DuckDBEngine(Backend.from_connection(connection))
    finally:
        connection.close()


def _make_room(folder: Path) -> None:
    entries = sorted((entry for entry in folder.iterdir() if entry.is_dir()), key=lambda entry: entry.stat().st_mtime, reverse=True)
    for stale in entries[KEEP:]:
        shutil.rmtree(stale, ignore_errors=True)
