"""The engine inside the child: from a ``Table`` to the checked Parquet, and to everything the import report says about it."""

# ruff: noqa: S608 - statements are made of column positions and our own YAML only; no text of a file ever becomes part of one

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data.canonical import CANONICAL
from pdd_audit.data.canonical.cells import LOST_DIGITS
from pdd_audit.data.canonical.findings import NOTHING, Facts, Findings, Said, count_trouble
from pdd_audit.data.limits import Limits
from pdd_audit.data.recognise import Recognised
from pdd_audit.data.text_tables import Table

ROWS_FILE = "rows.parquet"
_PARQUET = "FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 61440, DICTIONARY_SIZE_LIMIT 4096"  # ids are all different
_TITLE_TIME = re.compile(
    r"(?:导出|数据|统计|截止|快照|生成)(?:时间|日期)?\s*[：:]?\s*(20\d{2})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})\D{0,2}(?:(\d{1,2})\D(\d{1,2})(?:\D(\d{1,2}))?)?"
)


class QuickPassError(Exception):
    """The engine did not find one record per line: only the strict pass may say what the file holds."""


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
    """One table on its way through the engine. Relative names are files of the child's own empty folder.

    The rows are written once, as they are stored; only where some are left out, split or not believed they are written a second time.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, found: Recognised, limits: Limits, folder: Path, header_row: int, facts: Facts
    ) -> None:
        self.connection = connection
        self.found = found
        self.canonical = CANONICAL[found.source.kind]
        self.limits = limits
        self.folder = folder
        self.header_row = header_row
        self.facts = facts
        self.future: datetime | None = None
        self.trouble: dict[str, Said] = {}
        self.first_row = 1
        self.rewrite = False

    def one(self, sql: str) -> tuple[Any, ...]:
        row = self.connection.execute(sql).fetchone()
        return row if row is not None else ()

    def take_snapshot(self, asked: datetime | None, name: str, titles: tuple[str, ...]) -> None:
        """Settles ``snapshot_at`` by the file's name and titles, and the moment after which a time is not believed: the latest known."""
        own = [("file_name", stamp(name, self.found.source.file_name)), ("sheet", title_time(titles))]
        self._settle(asked, [(origin, moment) for origin, moment in own if moment is not None])

    def _settle(self, asked: datetime | None, known: list[tuple[str, datetime]]) -> None:
        self.known = known
        if known:
            self.facts.snapshot_from, self.facts.snapshot_at = known[0]
        if asked is not None:
            self.facts.snapshot_at = asked
            if not known or known[0][1] != asked:
                self.facts.snapshot_from = "none"
        # A replay of the past gives an earlier moment: later rows are then unknown, not wrong.
        moments = [moment for _, moment in known] + ([asked] if asked is not None else [])
        self.future = max(moments) + timedelta(minutes=self.limits.future_minutes) if moments else None

    def stage(self, table: Table, *, quick: bool) -> None:
        """Every row of the file as it is stored, with its trouble. Raises QuickPassError."""
        self.table = table
        names = ", ".join(f"'c{at:04d}': 'VARCHAR'" for at in range(table.width))
        # No new_line option: with '\r\n' and strict_mode DuckDB 2.0.0 answers 0 rows without an error.
        relation = (
            f"read_csv({_text(table.path)}, header = false, columns = {{{names}}}, auto_detect = false, delim = {_text(table.delimiter)}, "
            f"quote = '\"', escape = '\"', comment = '', skip = {table.skip}, strict_mode = true, null_padding = false, "
            f"ignore_errors = false, "
            f"compression = 'none', max_line_size = {self.limits.line_bytes}, buffer_size = {4 * self.limits.line_bytes})"
        )
        rows = self.canonical.staged(
            table.columns,
            table.first_column,
            relation,
            source=self.found.source,
            line="NULL::BIGINT" if table.line_column is None else f"CAST(c{table.line_column:04d} AS BIGINT)",
            snapshot=_moment(self.facts.snapshot_at) or "NULL",
            future=_moment(self.future),
            headers={name: self.found.header(name) for name in self.found.columns},
        )
        try:
            written = self.one(f"COPY ({rows}) TO {self._file('staged.parquet')} ({_PARQUET})")[0]
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
        self.first_row = table.first_row
        if table.first_bad_row is not None:
            self.trouble["!cell_count"] = Said(0, table.first_bad_row)
        self.connection.execute(
            f"CREATE OR REPLACE TEMP VIEW staged AS "
            f"SELECT *, coalesce(source_row, file_row_number + {self.first_row}) AS line, file_row_number AS rid "
            f"FROM read_parquet({self._file('staged.parquet')}, file_row_number = true)"
        )

    def _file(self, name: str) -> str:
        return _text(str(self.folder / name))

    def sheet_snapshot(self, asked: datetime | None) -> None:
        """A sheet with a column for its own moment knows it better than its titles do."""
        if "snapshot_at" not in self.found.columns:
            return
        newest = self.one("SELECT max(snapshot_at) FROM staged")[0]
        if newest is None:
            return
        named = [(origin, moment) for origin, moment in self.known if origin == "file_name"]
        before = self.future
        self._settle(asked, [*named, ("sheet", newest)])
        if self.future != before:  # other rows are in the future now
            self.stage(self.table, quick=False)

    def check(self) -> None:
        """Counts what is left out and refuses a file that is not what it should be."""
        for code, said in count_trouble(self.connection, "staged").items():
            self.trouble.setdefault(code, Said()).add(said.rows, said.row, said.sample)
        spot = self._said("damaged")
        if spot.rows:
            column = self.found.header("status") if "status" in self.found.columns else None
            raise AuditError("destroyed_text", Place(row=spot.row, column=column), found="� / 锟斤拷 / ???")
        out = self.facts.left_out
        for code, said in self.trouble.items():
            if code.startswith("!") and said.rows:
                out[code[1:]] = out.get(code[1:], 0) + said.rows
        data = self.facts.rows_read - sum(out.get(reason, 0) for reason in ("blank", "footer", "repeated_header"))
        if data <= 0:
            raise AuditError("header_only", Place(row=self.header_row))
        self._refuse_bad_rows(data)
        if data == out.get("other_platform", 0):
            raise AuditError("other_platform_only", Place(column=self.found.header("platform")))
        self._drop_doubles(any(code.startswith("!") and said.rows for code, said in self.trouble.items()))
        self.facts.rows_kept = self.facts.rows_read - sum(out.values())
        if self.facts.rows_kept <= 0:
            first = [said.row for code, said in self.trouble.items() if code.startswith("!") and said.row]
            raise AuditError("no_usable_rows", Place(row=min(first, default=None)), found=str(data))
        for name, _, _ in self.found.repeated:
            self.facts.note("repeated_header", column=self.found.header(name))

    def _said(self, code: str) -> Said:
        return self.trouble.get(code, NOTHING)

    def _refuse_bad_rows(self, data: int) -> None:
        out = self.facts.left_out
        mismatch = out.get("bad_order_no", 0)
        if mismatch and mismatch >= data * self.limits.order_mismatch_share:
            place = Place(row=self._said("!bad_order_no").row, column=self.found.header("order_no"))
            raise AuditError("order_number_mismatch", place, found=f"{mismatch} / {data}")
        bad = {reason: out[reason] for reason in self.canonical.BAD_ROW if out.get(reason)}
        total = sum(bad.values())
        if total <= self.limits.tolerated(data) and total < data:
            return
        worst = max(bad, key=lambda reason: bad[reason]) if bad else ""
        if total == data or total > self.limits.tolerated(data):
            place = Place(row=self._said(f"!{worst}").row, column=self._column_of(worst))
            code = {"bad_time": "bad_times", "future_time": "future_times"}.get(worst, "too_many_bad_rows")
            if worst == "bad_waybill" and self._digits_lost():
                code = "destroyed_numbers"
            raise AuditError(code, place, found=f"{total} / {data}", snapshot=str(self.facts.snapshot_at or ""))

    def _digits_lost(self) -> bool:
        lost, all_bad = self.one(
            f"SELECT count(*) FILTER (regexp_full_match(waybill, '{LOST_DIGITS}')), count(*) FROM staged "
            f"WHERE contains(trouble, '!bad_waybill')"
        )
        return bool(lost * 2 >= all_bad)

    def _column_of(self, reason: str) -> str | None:
        columns = {"bad_waybill": "waybill", "bad_order_no": "order_no", "bad_time": "picked_up_at", "future_time": "picked_up_at"}
        name = columns.get(reason, "")
        return self.found.header(name) if name in self.found.columns else None

    def _drop_doubles(self, some_left_out: bool) -> None:
        """``kept``: the rows that stay. Their trouble is counted again where rows went."""
        rows = "SELECT * FROM staged" + (" WHERE trouble IS NULL OR NOT starts_with(trouble, '!')" if some_left_out else "")
        self.connection.execute(f"CREATE TEMP VIEW sound AS {rows}")
        self.connection.execute(f"CREATE TEMP TABLE doubles AS {self.canonical.doubles('sound')}")
        counts = self.connection.execute("SELECT left_out, count(*) FROM doubles GROUP BY ALL ORDER BY ALL").fetchall()
        for reason, count in counts:
            self.facts.left_out[reason] = self.facts.left_out.get(reason, 0) + count
        anti = " ANTI JOIN doubles USING (rid)" if counts else ""
        self.connection.execute(f"CREATE TEMP VIEW kept AS SELECT * FROM sound{anti}")
        if some_left_out or counts:
            self.rewrite = True
            self.trouble = count_trouble(self.connection, "kept")

    def describe(self) -> None:
        """Everything the report says about the kept rows; refuses columns that are mostly unreadable or in the future."""
        self._check_times()
        self.findings = Findings(self.connection, self.found, self.facts, self.header_row, self.trouble)
        self.canonical.describe(self.findings)
        for name in self.canonical.PERIOD:
            low, high = self.one(f"SELECT min({name})::TIMESTAMP, max({name})::TIMESTAMP FROM kept")
            if low is not None:
                self.facts.period = (low, high)
                break
        for name, code in self.found.source.absent.items():
            if name not in self.found.columns:
                self.facts.note(code)

    def _check_times(self) -> None:
        names = [name for name in self.canonical.TIMES if name in self.found.columns and name in self.canonical.COLUMNS]
        allowed = self.limits.tolerated(self.facts.rows_kept)
        for name in names:
            filled, newest = self.one(f"SELECT count({name}), max({name}) FROM kept")
            header, bad = self.found.header(name), self._said(f"bad_{name}")
            if bad.rows > allowed or (bad.rows and not filled):
                raise AuditError("bad_times", Place(row=bad.row, column=header), found=f"{bad.rows} / {self.facts.rows_kept}")
            if bad.rows:
                self.facts.note("bad_times", column=header, rows=bad.rows, row=bad.row)
            if self.future and name in self.canonical.PAST_TIMES and newest is not None and newest > self.future:
                self._refuse_future(name, header, filled, allowed)
            if filled >= 5 and self._day_only(name):
                self.facts.note("day_only_times", column=header)

    def _refuse_future(self, name: str, header: str, filled: int, allowed: int) -> None:
        late, row = self.one(f"SELECT count(*), min(line) FROM kept WHERE {name} > {_moment(self.future)}")
        if late > allowed or late == filled:
            raise AuditError(
                "future_times", Place(row=row, column=header), found=f"{late} / {filled}", snapshot=str(self.facts.snapshot_at)
            )
        self.facts.note("future_times", column=header, rows=late, row=row)
        self.rewrite = True

    def _day_only(self, name: str) -> bool:
        """Whether every time is midnight; a few rows say no for almost every file."""
        timed = f"{name} <> date_trunc('day', {name})"
        few = self.one(f"SELECT count(*) FILTER ({timed}) FROM (SELECT {name} FROM kept LIMIT 5000)")[0]
        return not few and not self.one(f"SELECT count(*) FILTER ({timed}) FROM kept")[0]

    def write(self) -> None:
        """``rows.parquet``: the staged file itself, or its sound rows."""
        changed = self.canonical.changed(self.findings)
        if not self.rewrite and not changed:
            (self.folder / "staged.parquet").rename(self.folder / ROWS_FILE)
            self.facts.rows_written = self.facts.rows_kept
            return
        if self.future:
            believed = {name: f"CASE WHEN {name} <= {_moment(self.future)} THEN {name} END" for name in self.canonical.PAST_TIMES}
            changed = believed | changed
        changed["source_row"] = "line"
        columns = ", ".join(f"{changed[name]} AS {name}" if name in changed else name for name in self.canonical.COLUMNS)
        self.facts.rows_written = self.one(f"COPY (SELECT {columns} FROM kept) TO {self._file(ROWS_FILE)} ({_PARQUET})")[0]


def _moment(value: datetime | None) -> str | None:
    return None if value is None else f"TIMESTAMP '{value:%Y-%m-%d %H:%M:%S}'"
