"""The engine inside the child: from a ``Table`` to the checked Parquet, and to everything the import report says about it."""

# ruff: noqa: S608 - statements are made of column positions and our own YAML only; no text of a file ever becomes part of one

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data import canonical_cells, canonical_orders, canonical_pickups, canonical_service
from pdd_audit.data.limits import Limits
from pdd_audit.data.recognise import Recognised
from pdd_audit.data.sources import fold
from pdd_audit.data.text_tables import Table

CANONICAL: dict[str, ModuleType] = {"pdd_orders": canonical_orders, "courier_pickups": canonical_pickups, "pdd_service": canonical_service}
METADATA_KEY = "pdd_audit.import"
_TITLE_TIME = re.compile(
    r"(?:导出|数据|统计|截止|快照|生成)(?:时间|日期)?\s*[：:]?\s*(20\d{2})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})\D{0,2}(?:(\d{1,2})\D(\d{1,2})(?:\D(\d{1,2}))?)?"
)


class QuickPassError(Exception):
    """The engine did not find one record per line: only the strict pass may say what the file holds."""


@dataclass
class Facts:
    """What the engine found out; together with the file's own facts this is the import report."""

    rows_read: int = 0
    rows_kept: int = 0
    rows_written: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    period: tuple[datetime | None, datetime | None] = (None, None)
    snapshot_at: datetime | None = None
    snapshot_from: str = "none"
    reading: str | None = None
    couriers: list[str] = field(default_factory=list)
    first_scan: datetime | None = None
    notices: list[dict[str, Any]] = field(default_factory=list)

    def note(self, code: str, **values: Any) -> None:
        self.notices.append({"code": code, "values": values})


def connect(path: str, folder: Path, limits: Limits) -> duckdb.DuckDBPyConnection:
    """An engine that may touch the given file and its own folder, nothing else, and loads no extension."""
    connection = duckdb.connect(
        config={
            "threads": 2,
            "memory_limit": f"{limits.engine_memory_mb}MB",
            "temp_directory": str(folder),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"SET allowed_paths = [{_text(path)}]")
    connection.execute(f"SET allowed_directories = [{_text(str(folder))}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def title_time(titles: tuple[str, ...]) -> datetime | None:
    """The moment a title row above the header speaks of (``导出时间：2026-10-28 18:00``)."""
    for title in titles:
        if match := _TITLE_TIME.search(title):
            try:
                return datetime(*(int(part) for part in match.groups(default="0")))  # type: ignore[arg-type]
            except ValueError:
                continue
    return None


def stamp(name: str, pattern: re.Pattern[str]) -> datetime | None:
    """The moment in a file's name, if it is one."""
    if match := pattern.search(name):
        try:
            return datetime(*(int(part) for part in match.groups()))  # type: ignore[arg-type]
        except ValueError:
            return None
    return None


class Importer:
    """One table on its way through the engine. Relative names are files of the child's own empty folder."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, found: Recognised, limits: Limits, folder: Path) -> None:
        self.connection = connection
        self.found = found
        self.kind = found.source.id
        self.canonical = CANONICAL[self.kind]
        self.limits = limits
        self.folder = folder
        self.facts = Facts()

    def one(self, sql: str) -> tuple[Any, ...]:
        row = self.connection.execute(sql).fetchone()
        return row if row is not None else ()

    def stage(self, table: Table, *, quick: bool) -> None:
        """Every row of the file, canonical, in a scratch Parquet of the child's folder. Raises QuickPassError."""
        names = ", ".join(f"'c{at:04d}': 'VARCHAR'" for at in range(table.width))
        # No new_line option: with '\r\n' and strict_mode DuckDB 2.0.0 answers 0 rows without an error.
        relation = (
            f"read_csv({_text(table.path)}, header = false, columns = {{{names}}}, auto_detect = false, delim = {_text(table.delimiter)}, "
            f"quote = '\"', escape = '\"', comment = '', skip = {table.skip}, strict_mode = true, null_padding = false, "
            f"ignore_errors = false, "
            f"compression = 'none', max_line_size = {self.limits.line_bytes}, buffer_size = {4 * self.limits.line_bytes})"
        )
        line = "NULL::BIGINT" if table.line_column is None else f"CAST(c{table.line_column:04d} AS BIGINT)"
        extra = {"header_unit": self._header_unit()} if self.kind == "pdd_service" else {}
        rows = self.canonical.staged(table.columns, table.first_column, relation, line, **extra)
        try:
            written = self.one(
                f"COPY ({rows}) TO {_text(str(self.folder / 'stage.parquet'))} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 61440)"
            )[0]
        except duckdb.Error as error:
            if quick and not isinstance(error, duckdb.OutOfMemoryException):
                raise QuickPassError from error
            raise
        if written != table.records:
            if quick:
                raise QuickPassError
            raise AuditError("reader_output")
        self.facts.rows_read = written + sum(table.left_out.values())
        self.facts.left_out = dict(table.left_out)
        self.first_bad_row = table.first_bad_row
        self.first_row = table.first_row

    def _header_unit(self) -> int | None:
        if "mean_seconds" not in self.found.columns:
            return None
        header = fold(self.found.header("mean_seconds"))
        return 60 if "(分" in header else 1 if "(秒" in header else None

    def take_snapshot(self, asked: datetime | None, name: str, titles: tuple[str, ...]) -> datetime | None:
        """Settles ``snapshot_at``. Returns the moment after which a time is not believed: the latest of those known."""
        own: list[tuple[str, datetime | None]] = [("file_name", stamp(name, self.found.source.file_name))]
        if self.kind == "courier_pickups" and "snapshot_at" in self.found.columns:
            own.append(("sheet", self.one(f"SELECT max(snapshot_at) FROM {_text(str(self.folder / 'stage.parquet'))}")[0]))
        own.append(("sheet", title_time(titles)))
        known = [(origin, moment) for origin, moment in own if moment is not None]
        if known:
            self.facts.snapshot_from, self.facts.snapshot_at = known[0]
        if asked is not None:
            self.facts.snapshot_at = asked
            if not known or known[0][1] != asked:
                self.facts.snapshot_from = "none"
        # A replay of the past gives an earlier moment: later rows are then unknown, not wrong.
        moments = [moment for _, moment in known] + ([asked] if asked is not None else [])
        return max(moments) + timedelta(minutes=self.limits.future_minutes) if moments else None

    def check(self, future: datetime | None) -> None:
        """Counts what is left out and refuses a file that is not what it should be."""
        self.future = f"TIMESTAMP '{future:%Y-%m-%d %H:%M:%S}'" if future else None
        stage = _text(str(self.folder / "stage.parquet"))
        left_out = "left_out"
        if self.kind == "courier_pickups" and self.future:
            left_out = f"CASE WHEN left_out IS NULL AND picked_up_at > {self.future} THEN 'future_time' ELSE left_out END"
        self.connection.execute(
            f"CREATE TEMP VIEW staged AS SELECT * REPLACE (coalesce(line, file_row_number + {self.first_row}) AS line, "
            f"{left_out} AS left_out), file_row_number AS rid FROM read_parquet({stage}, file_row_number = true)"
        )
        spot = self.one("SELECT min(line) FROM staged WHERE damaged")[0]
        if spot is not None:
            column = self.found.header("status") if "status" in self.found.columns else None
            raise AuditError("destroyed_text", Place(row=spot, column=column), found="� / 锟斤拷 / ???")
        sql = "SELECT left_out, count(*), min(line) FROM staged WHERE left_out IS NOT NULL GROUP BY ALL ORDER BY ALL"
        counts = self.connection.execute(sql).fetchall()
        first = {reason: row for reason, _, row in counts}
        for reason, count, _ in counts:
            self.facts.left_out[reason] = self.facts.left_out.get(reason, 0) + count
        if self.first_bad_row is not None:
            first["cell_count"] = self.first_bad_row
        out = self.facts.left_out
        data = self.facts.rows_read - sum(out.get(reason, 0) for reason in ("blank", "footer", "repeated_header"))
        if data <= 0:
            raise AuditError("header_only", Place(row=self.header_row))
        self._refuse_bad_rows(data, first)
        if data == out.get("other_platform", 0):
            raise AuditError("other_platform_only", Place(column=self.found.header("platform")))
        self._drop_doubles()
        self.facts.rows_kept = self.facts.rows_read - sum(out.values())
        if self.facts.rows_kept <= 0:
            raise AuditError("no_usable_rows", Place(row=min(first.values(), default=None)), found=str(data))
        self._check_repeated_headers()

    header_row = 1
    first_bad_row: int | None = None
    first_row = 1
    future: str | None = None

    def _refuse_bad_rows(self, data: int, first: dict[str, int]) -> None:
        out = self.facts.left_out
        mismatch = out.get("bad_order_no", 0)
        if mismatch and mismatch >= data * self.limits.order_mismatch_share:
            place = Place(row=first["bad_order_no"], column=self.found.header("order_no"))
            raise AuditError("order_number_mismatch", place, found=f"{mismatch} / {data}")
        bad = {reason: out[reason] for reason in self.canonical.BAD_ROW if out.get(reason)}
        total = sum(bad.values())
        if total <= self.limits.tolerated(data) and total < data:
            return
        worst = max(bad, key=lambda reason: bad[reason]) if bad else ""
        if total == data or total > self.limits.tolerated(data):
            place = Place(row=first.get(worst), column=self._column_of(worst))
            code = {"bad_time": "bad_times", "future_time": "future_times"}.get(worst, "too_many_bad_rows")
            if worst == "bad_waybill" and self._digits_lost():
                code = "destroyed_numbers"
            raise AuditError(code, place, found=f"{total} / {data}", snapshot=str(self.facts.snapshot_at or ""))

    def _digits_lost(self) -> bool:
        name = "waybill" if self.kind == "courier_pickups" else "waybill_cell"
        shape = canonical_cells.LOST_DIGITS
        lost, all_bad = self.one(
            f"SELECT count(*) FILTER (regexp_full_match({name}, '{shape}')), count(*) FROM staged WHERE left_out = 'bad_waybill'"
        )
        return bool(lost * 2 >= all_bad)

    def _column_of(self, reason: str) -> str | None:
        columns = {"bad_waybill": "waybill", "bad_order_no": "order_no", "bad_time": "picked_up_at", "future_time": "picked_up_at"}
        name = columns.get(reason, "")
        return self.found.header(name) if name in self.found.columns else None

    def _drop_doubles(self) -> None:
        self.connection.execute(f"CREATE TEMP TABLE doubles AS {self.canonical.doubles('staged')}")
        counts = self.connection.execute("SELECT left_out, count(*) FROM doubles GROUP BY ALL ORDER BY ALL").fetchall()
        for reason, count in counts:
            self.facts.left_out[reason] = self.facts.left_out.get(reason, 0) + count
        anti = " ANTI JOIN doubles USING (rid)" if counts else ""
        self.connection.execute(f"CREATE TEMP VIEW kept AS SELECT * FROM (SELECT * FROM staged WHERE left_out IS NULL){anti}")

    def _check_repeated_headers(self) -> None:
        for name, _, _ in self.found.repeated:
            self.facts.note("repeated_header", column=self.found.header(name))

    def describe(self) -> None:
        """Everything the report says about the kept rows; refuses columns that are mostly unreadable or in the future."""
        self._check_times()
        getattr(self, f"_describe_{self.kind}")()
        for name in self.canonical.PERIOD:
            low, high = self.one(f"SELECT min({name})::TIMESTAMP, max({name})::TIMESTAMP FROM kept")
            if low is not None:
                self.facts.period = (low, high)
                break
        for name, code in self.found.source.absent.items():
            if name not in self.found.columns:
                self.facts.note(code)

    def _check_times(self) -> None:
        names = [name for name in self.canonical.TIMES if name in self.found.columns]
        if not names:
            return
        parts: list[str] = []
        for name in names:
            parts += [
                f"count(*) FILTER (bad_{name})",
                f"min(line) FILTER (bad_{name})",
                f"count({name})",
                f"count(*) FILTER ({name} = date_trunc('day', {name}))",
            ]
            late = f"{name} > {self.future}" if self.future and name in self.canonical.PAST_TIMES else "FALSE"
            parts += [f"count(*) FILTER ({late})", f"min(line) FILTER ({late})"]
        values = self.one(f"SELECT {', '.join(parts)} FROM kept")
        allowed = self.limits.tolerated(self.facts.rows_kept)
        for at, name in enumerate(names):
            bad, bad_row, filled, midnight, late_count, late_row = values[6 * at : 6 * at + 6]
            header = self.found.header(name)
            if bad > allowed or (bad and not filled):
                raise AuditError("bad_times", Place(row=bad_row, column=header), found=f"{bad} / {self.facts.rows_kept}")
            if bad:
                self.facts.note("bad_times", column=header, rows=bad, row=bad_row)
            if late_count > allowed or (late_count and late_count == filled):
                place = Place(row=late_row, column=header)
                raise AuditError("future_times", place, found=f"{late_count} / {filled}", snapshot=str(self.facts.snapshot_at))
            if late_count:
                self.facts.note("future_times", column=header, rows=late_count, row=late_row)
            if filled and midnight == filled and filled >= 5:
                self.facts.note("day_only_times", column=header)

    def _describe_pdd_orders(self) -> None:
        unknown, text, row = self.one("SELECT count(*), min(status_text), min(line) FROM kept WHERE status = 'unknown'")
        if unknown:
            self.facts.note("unknown_status", rows=unknown, text=text or "", row=row)
        odd, several, odd_row = self.one(
            "SELECT count(*), count(*) FILTER (contains(waybill_cell, ',')), min(line) FROM kept WHERE odd_waybill"
        )
        if several:
            self.facts.note("several_waybills", rows=several, row=odd_row)
        if odd > several:
            self.facts.note("not_a_waybill", rows=odd - several, row=odd_row)
        self.split = bool(several)
        money = self.one("SELECT count(*) FROM kept WHERE bad_yuan")[0]
        if money:
            self.facts.note("bad_amounts", rows=money)
        states = [state for (state,) in self.connection.execute("SELECT DISTINCT status FROM kept").fetchall()]
        if len(states) == 1 and self.facts.rows_kept >= 20:
            self.facts.note("single_status", status=states[0])
        if self.facts.rows_kept in {10_000, 50_000, 100_000}:
            self.facts.note("round_row_count", rows=self.facts.rows_kept)

    split = False

    def _describe_courier_pickups(self) -> None:
        filled, blank, unknown, first = self.one(
            "SELECT count(picked_up_at), count(*) - count(picked_up_at), "
            "count(*) FILTER (picked_up_at IS NULL AND (later_scan OR coalesce(hub_scan_at, hub_handover_at) IS NOT NULL)), "
            "min(picked_up_at) FROM kept"
        )
        if not filled:
            place = Place(row=self.header_row, column=self.found.header("picked_up_at"))
            raise AuditError("blank_pickup_column", place, found=f"0 / {blank}")
        self.facts.first_scan = first
        self.facts.reading = "lists_open" if blank else "collected_only"
        if not blank:
            self.facts.note("collected_only")
        if unknown:
            self.facts.note("collected_time_unknown", rows=unknown)
        rows = self.connection.execute("SELECT DISTINCT courier FROM kept WHERE courier IS NOT NULL ORDER BY 1 LIMIT 200").fetchall()
        self.facts.couriers = [courier for (courier,) in rows]
        if self.facts.rows_kept in {10_000, 50_000, 100_000}:
            self.facts.note("round_row_count", rows=self.facts.rows_kept)

    def _describe_pdd_service(self) -> None:
        unit, day = self.one("SELECT count(*) FILTER (unit_unknown), count(*) FILTER (bad_day) FROM kept")
        if unit:
            self.facts.note("response_unit_unknown", column=self.found.header("mean_seconds"), rows=unit)
        if day:
            self.facts.note(
                "bad_times", column=self.found.header("day"), rows=day, row=self.one("SELECT min(line) FROM kept WHERE bad_day")[0]
            )
        if "rate_3min" not in self.found.columns and "rate_30s" not in self.found.columns:
            whole_day = {fold(str(header)) for header in self.found.source.extra["all_day"]}
            if any(fold(header) in whole_day for header in self.found.headers):
                self.facts.note("all_day_only")

    def write(self, report: Callable[[Facts], dict[str, Any]], import_id: str) -> None:
        """The final Parquet ``out.parquet``, the report inside its footer."""
        snapshot = f"'{self.facts.snapshot_at:%Y-%m-%d %H:%M:%S}'" if self.facts.snapshot_at else "NULL"
        rows = self.canonical.final("kept", snapshot, _text(import_id), future=self.future, split=self.split)
        if self.split:
            self.facts.rows_written = self.one(f"SELECT count(*) FROM ({rows})")[0]
        else:
            self.facts.rows_written = self.facts.rows_kept
        content = json.dumps(report(self.facts), ensure_ascii=False, default=str)
        written = self.one(
            f"COPY ({rows}) TO {_text(str(self.folder / 'out.parquet'))} "
            f"(FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 61440, KV_METADATA {{{_text(METADATA_KEY)}: {_text(content)}}})"
        )[0]
        if written != self.facts.rows_written:
            raise AuditError("reader_output")
