"""What every reader hands to the engine: a plain CSV, and what is known of its rows."""

from dataclasses import dataclass, field
from typing import Any

from pdd_audit.core.errors import AuditError
from pdd_audit.data.reading.limits import Limits


@dataclass
class Table:
    """A UTF-8 CSV, ready for the engine.

    ``skip`` physical lines stand before the first data row, which is row ``first_row`` of the file as Excel counts; if
    ``line_column`` is set, that column holds each record's own row number instead. ``records`` is how many there must be.
    ``mixed_dates``: it is worth a look whether a column writes its dates with slashes and with hyphens.
    """

    path: str
    delimiter: str
    skip: int
    width: int
    columns: dict[str, int]
    first_column: int
    first_row: int
    records: int
    line_column: int | None = None
    left_out: dict[str, int] = field(default_factory=dict)
    first_bad_row: int | None = None
    mixed_dates: bool = False
    twins: tuple[tuple[str, int, int], ...] = ()  # (name, column, column) of headers that stand there twice
    notices: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def row_limit(rows: int, limits: Limits) -> None:
    """Refuses more data rows than a sheet may have, where a limit is set."""
    if limits.data_rows is not None and rows > limits.data_rows:
        raise AuditError("too_many_rows", found=str(rows), limit=limits.data_rows)


__all__ = ["Table", "row_limit"]
