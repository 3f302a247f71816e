"""How much a stranger's file may ask for. One object, so that a deployment changes a limit in one place."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Limits:
    """Bytes, counts and seconds. ``None`` means no limit. Reasons in docs: a 1.5 KB workbook can ask for 549 GB."""

    file_bytes: int | None = None
    data_rows: int | None = None
    header_rows: int = 12
    header_bytes: int = 64 * 1024
    columns: int = 2_000
    line_bytes: int = 1024 * 1024
    json_bytes: int = 32 * 1024 * 1024
    json_line_bytes: int = 4 * 1024 * 1024
    cell_characters: int = 1024 * 1024
    kept_cell_characters: int = 32_767
    quoted_lines: int = 20
    sheet_cells: int = 30_000_000
    zip_members: int = 5_000
    package_entries: int = 500
    zip_bytes: int = 700 * 1024 * 1024
    zip_ratio: int = 100
    bad_rows_share: float = 0.01
    bad_rows: int = 20
    order_mismatch_share: float = 0.10
    future_minutes: int = 5
    address_space_bytes: int = 3 * 1024**3
    engine_memory_mb: int = 500
    cpu_seconds: int = 60
    wall_seconds: int = 90
    output_lines: int = 10_000

    def for_size(self, size_bytes: int) -> "Limits":
        """The same limits with time that grows with the file: a text table has no size limit on the command line."""
        extra = 30 * (size_bytes // (100 * 1024 * 1024))
        return replace(self, cpu_seconds=self.cpu_seconds + extra, wall_seconds=self.wall_seconds + 2 * extra)

    def written_bytes(self, size_bytes: int) -> int:
        """How far any file may grow that the child writes while it reads ``size_bytes``."""
        return max(1024**3, 3 * size_bytes)

    def tolerated(self, rows: int) -> int:
        """How many bad rows of ``rows`` are set aside and counted before the whole file is refused."""
        return max(self.bad_rows, int(rows * self.bad_rows_share))


COMMAND_LINE = Limits()
