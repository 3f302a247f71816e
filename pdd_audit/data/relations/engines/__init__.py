"""The engines that can compute a shop's expressions. No module outside this package knows which of them runs.

An expression must mean the same on every engine: nothing whose treatment of nulls, ties or numbers differs between them.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pdd_audit.core.errors import AuditError

if TYPE_CHECKING:  # loading it takes a second, which only computing is worth
    import ibis.expr.types as ir

DEFAULT = "duckdb"
ENGINES = (DEFAULT, "spark")
CHOSEN = "PDD_AUDIT_ENGINE"


class Engine(Protocol):
    """Where expressions are computed."""

    def rows(self, files: Sequence[Path]) -> "ir.Table":
        """The rows of stored imports of one kind with ``import_id``, the name of their folder, and ``file_row_number``, from 0."""

    def kept(self, folder: Path | None, name: str, expression: "ir.Table") -> "ir.Table":
        """An expression as a table computed once. ``folder`` belongs to one state of the ledger and may vanish at any time;
        None: nobody will ask again."""


def usable(name: str | None) -> str:
    """The engine that was asked for, else that of $PDD_AUDIT_ENGINE. Raises AuditError ``engine_unknown``, ``engine_missing``."""
    wanted = name or os.environ.get(CHOSEN) or DEFAULT
    if wanted not in ENGINES:
        raise AuditError("engine_unknown", found=wanted, engines=" / ".join(ENGINES))
    if wanted == "spark":
        from pdd_audit.data.relations.engines.java import require_spark

        require_spark()
    return wanted


@contextmanager
def opened(name: str, scratch: Path, home: Path) -> Iterator[Engine]:
    """The engine of that name for as long as something is asked. ``scratch``: for what does not fit into memory; ``home``: the
    installation the files belong to. Raises AuditError as ``usable`` does, and ``engine_failed``."""
    if usable(name) == "spark":
        from pdd_audit.data.relations.engines.spark_engine import opened_spark

        with opened_spark(scratch, home) as spark:
            yield spark
    else:
        from pdd_audit.data.relations.engines.duckdb_engine import opened_duckdb

        with opened_duckdb(scratch) as duckdb:
            yield duckdb
