"""What happened, by the stored rows of an import."""

from datetime import datetime

from pdd_audit.data.reading.events import Event, later_events
from pdd_audit.data.storage.shared_keys import Stored

_MEMORY = "300MB"


def newest_after(stored: Stored, after: datetime, until: datetime) -> Event | None:
    """The newest event after a moment and not after ``until``; None where there is none."""
    import duckdb  # whoever states no export time need not load it

    path = str(stored.path).replace("'", "''")
    rows = f"read_parquet('{path}', file_row_number = true, hive_partitioning = false)"
    with duckdb.connect(config={"threads": 2, "memory_limit": _MEMORY}) as connection:
        connection.execute("SET enable_progress_bar = false")
        found = later_events(connection, rows, f"coalesce(source_row, file_row_number + {stored.first_row})", after, until)
    return max(found, key=lambda event: event.at, default=None)
