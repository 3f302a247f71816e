"""The engine inside the child: from a ``Table`` to the checked Parquet, and to everything the import report says about it."""

# ruff: noqa: S608 - statements are made of column positions and our own YAML only; no text of a file ever becomes part of one

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pdd_audit.core.clocks import CLOCKS_DIFFER
from pdd_audit.core.errors import BETWEEN, AuditError, Place
from pdd_audit.data.reading.canonical import canonical_of
from pdd_audit.data.reading.canonical.cells import LOST_DIGITS
from pdd_audit.data.reading.canonical.findings import NOTHING, Facts, Findings, Said, count_trouble
from pdd_audit.data.reading.events import later_events
from pdd_audit.data.reading.limits import Limits
from pdd_audit.data.reading.recognise import Recognised
from pdd_audit.data.reading.second_look import NO_HEADER, SecondLook
from pdd_audit.data.reading.tables import Table
from pdd_audit.data.reading.time_checks import TimeChecks, first_in_dates

ROWS_FILE = "rows.parquet"
_SET_ASIDE = {  # a reason for leaving rows out -> its notice
    "bad_order_no": "set_aside_order_no", "bad_waybill": "set_aside_waybill", "bad_time": "set_aside_time",
    "future_time": "set_aside_future_time",
}
# Ids are all different, and nobody asks a row group whether it holds one value.
_PARQUET = "FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 61440, DICTIONARY_SIZE_LIMIT 4096, WRITE_BLOOM_FILTER false"
_LINES_AT_ONCE = 16  # of the longest a buffer holds: with four of them a tenth of the reading goes into changing buffers
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
        self.canonical = canonical_of(found.source)
        self.limits = limits
        self.folder = folder
        self.header_row = header_row
        self.facts = facts
        self.future: datetime | None = None
        self.trouble: dict[str, Said] = {}
        self.first_row = 1
        self.rewrite = False
        self.first_in_date: dict[str, str] | None = None
        self.shop: str | None = None  # the name of the shop the file is for
        self.asked: datetime | None = None  # when it was exported, as a person says
        self.read_at: datetime | None = None

    def one(self, sql: str) -> tuple[Any, ...]:
        row = self.connection.execute(sql).fetchone()
        return row if row is not None else ()

    def take_snapshot(self, asked: datetime | None, name: str, titles: tuple[str, ...]) -> None:
        """Settles ``snapshot_at`` by the file's name and titles, else by what a person says (``asked``), and the moment after which a time
        is not believed: the latest known."""
        own = [("file_name", stamp(name, self.found.source.file_name)), ("sheet", title_time(titles))]
        self._settle(asked, [(origin, moment) for origin, moment in own if moment is not None])

    def _settle(self, asked: datetime | None, known: list[tuple[str, datetime]]) -> None:
        self.known = known
        self.asked = asked
        said = [*known, ("stated", asked)] if asked is not None else known
        if said:
            self.facts.snapshot_from, self.facts.snapshot_at = said[0]
        moments = [moment for _, moment in said]
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
            f"compression = 'none', max_line_size = {self.limits.line_bytes}, buffer_size = {_LINES_AT_ONCE * self.limits.line_bytes})"
        )
        columns, relation = self._with_constants(table, relation)
        rows = self.canonical.staged(
            columns,
            table.first_column,
            relation,
            source=self.found.source,
            line="NULL::BIGINT" if table.line_column is None else f"CAST(c{table.line_column:04d} AS BIGINT)",
            snapshot=_moment(self.facts.snapshot_at) or "NULL",
            future=_moment(self.future),
            headers={name: self.found.header(name) for name in columns},
            first_in_date=self.first_in_date,
            units=self.found.units,
        )
        prepare = getattr(self.canonical, "prepare", None)
        try:
            if prepare is not None:
                prepare(self.connection, columns, relation)
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
        self.relation = relation
        self.connection.execute(
            f"CREATE OR REPLACE TEMP VIEW staged_rows AS "
            f"SELECT *, coalesce(source_row, file_row_number + {self.first_row}) AS line, file_row_number AS rid "
            f"FROM read_parquet({self._file('staged.parquet')}, file_row_number = true)"
        )
        self.connection.execute("CREATE OR REPLACE TEMP VIEW staged AS SELECT * FROM staged_rows")

    def _with_constants(self, table: Table, relation: str) -> tuple[dict[str, int], str]:
        """Further columns that say the same in every row, as the mapping by hand says; its model lets no quote through."""
        given = dict(enumerate(self.found.constants.items(), table.width))
        if not given:
            return table.columns, relation
        cells = ", ".join(f"{_text(value)} AS c{at:04d}" for at, (_, value) in given.items())
        return table.columns | {name: at for at, (name, _) in given.items()}, f"(SELECT *, {cells} FROM {relation})"

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
        counted = self._counted()
        if "odd_times" in counted:  # so seldom that the statement for usual times is planned without the rest
            counted = self._staged_again({})
        if known := first_in_dates(counted, self.found, self.facts.rows_read, self.limits):  # now it is known what 3/4/2026 means
            counted = self._staged_again(known)
        for code, said in counted.items():
            self.trouble.setdefault(code, Said()).add(said)
        self._refuse_early()
        for name in self.found.columns:
            spot = self._said(f"damaged_{name}")
            if spot.rows:
                raise AuditError("destroyed_text", Place(row=spot.row, column=self.found.header(name)), found=spot.sample)
        out = self.facts.left_out
        for code, said in self.trouble.items():
            if code.startswith("!") and said.rows:
                out[code[1:]] = out.get(code[1:], 0) + said.rows
        data = self.facts.rows_read - sum(out.get(reason, 0) for reason in ("blank", "footer", "repeated_header"))
        if data <= 0:
            raise AuditError("header_only", Place(row=self.header_row))
        if any(code.startswith("!") and said.rows and code[1:] not in NO_HEADER for code, said in self.trouble.items()):
            self._look().refuse_second_table()
        headers_within = self._said("!repeated_header")
        self._refuse_bad_rows(data)
        if data == out.get("other_platform", 0):
            raise AuditError("other_platform_only", Place(column=self.found.header("platform")))
        self._note_set_aside()
        self._drop_doubles(any(code.startswith("!") and said.rows for code, said in self.trouble.items()))
        self.facts.rows_kept = self.facts.rows_read - sum(out.values())
        if self.facts.rows_kept <= 0:
            first = [said.row for code, said in self.trouble.items() if code.startswith("!") and said.row]
            raise AuditError("no_usable_rows", Place(row=min(first, default=None)), found=str(data))
        self._note_shape(headers_within)

    def _refuse_early(self) -> None:
        """A file holds nothing that happened after its export: the time that was stated is wrong then. Raises export_time_early. What
        lies later than today is a mistake in the file instead, see ``TimeChecks``."""
        if self.asked is None:
            return
        spots = later_events(self.connection, "staged", "line", self.asked + CLOCKS_DIFFER, self.read_at)
        if spots:
            newest = max(spots, key=lambda spot: spot.at)
            column = self.found.header(newest.column) if newest.column in self.found.columns else None
            raise AuditError(
                "export_time_early", Place(row=newest.row, column=column), found=f"{self.asked:%Y-%m-%d %H:%M}", newest=str(newest.at),
            )

    def _note_shape(self, headers_within: Said) -> None:
        """What was made of the header and of rows that did not fit it. Raises different_twins."""
        look = self._look()
        look.refuse_different_twins()
        for name in dict.fromkeys(name for name, _, _ in self.found.repeated):
            self.facts.note("repeated_header", column=self.found.header(name), letters=look.letters(name))
        for name in dict.fromkeys(name for name, _ in self.found.spare):
            others = BETWEEN.join(header for other, header in self.found.spare if other == name)
            self.facts.note("spare_header", column=self.found.header(name), others=others[:100])
        first, last = self.found.header_rows
        if first < last:
            used = BETWEEN.join(self.found.header(name) for name in self.found.columns)
            self.facts.note("joined_headers", first=first, last=last, columns=used[:200])
        if headers_within.rows:
            self.facts.note("header_within", rows=headers_within.rows, row=headers_within.row)
        for code, values in self.table.notices:
            self.facts.note(code, **values)

    def _said(self, code: str) -> Said:
        return self.trouble.get(code, NOTHING)

    def _refuse_bad_rows(self, data: int) -> None:
        out = self.facts.left_out
        mismatch = out.get("bad_order_no", 0)
        if mismatch and mismatch >= data * self.limits.order_mismatch_share:
            said = self._said("!bad_order_no")
            place = Place(row=said.row, column=self._column_of("bad_order_no"))
            code = "destroyed_numbers" if self._digits_lost("order_no") else "order_number_mismatch"
            raise AuditError(code, place, found=f"{said.sample}（{mismatch} / {data}）" if said.sample else f"{mismatch} / {data}")
        bad = {reason: out[reason] for reason in self.canonical.BAD_ROW if out.get(reason)}
        total = sum(bad.values())
        if total <= self.limits.tolerated(data) and total < data:
            return
        worst = max(bad, key=lambda reason: bad[reason]) if bad else ""
        if total == data or total > self.limits.tolerated(data):
            place = Place(row=self._said(f"!{worst}").row, column=self._column_of(worst))
            codes = {"bad_time": "bad_times", "future_time": "future_times", "order_number": "pickups_by_order"}
            code = codes.get(worst, "too_many_bad_rows")
            if worst == "bad_waybill" and self._digits_lost("waybill"):
                code = "destroyed_numbers"
            raise AuditError(code, place, found=f"{total} / {data}", snapshot=str(self.facts.snapshot_at or ""))

    def _digits_lost(self, name: str) -> bool:
        lost, all_bad = self.one(
            f"SELECT count(*) FILTER (regexp_full_match({name}, '{LOST_DIGITS}') "
            f"OR regexp_matches(trouble, '!bad_{name}={LOST_DIGITS}')), count(*) FROM staged "
            f"WHERE contains(trouble, '!bad_{name}')"
        )
        return bool(lost * 2 >= all_bad)

    def _column_of(self, reason: str) -> str | None:
        moment = "picked_up_at" if "picked_up_at" in self.found.columns else "scanned_at"
        columns = {"bad_waybill": "waybill", "order_number": "waybill", "bad_order_no": "order_no"} | dict.fromkeys(
            ("bad_time", "future_time"), moment
        )
        name = columns.get(reason, "")
        if name == "order_no" and name not in self.found.columns:
            name = "joined_order_no"
        return self.found.header(name) if name in self.found.columns else None

    def _staged_again(self, first_in_date: dict[str, str]) -> dict[str, Said]:
        self.first_in_date = first_in_date
        self.stage(self.table, quick=False)
        return self._counted()

    def _look(self) -> SecondLook:
        return SecondLook(self.connection, self.relation, self.table, self.found)

    def _counted(self) -> dict[str, Said]:
        """The trouble of the staged rows, those of other platforms and shops among it. Raises several_shops."""
        if "shop" in self.found.columns or ("platform" in self.found.columns and "only_platform" in self.found.source.extra):
            self._look().leave_out_others(self.shop)
        return count_trouble(self.connection, "staged")

    def _note_set_aside(self) -> None:
        for reason, code in _SET_ASIDE.items():
            said = self._said(f"!{reason}")
            if said.rows and reason in self.canonical.BAD_ROW:
                self.facts.note(code, **said.spots(), found=said.sample, column=self._column_of(reason) or "")

    def _drop_doubles(self, some_left_out: bool) -> None:
        """``kept``: the rows that stay. Their trouble is counted again where rows went."""
        rows = "SELECT * FROM staged" + (" WHERE trouble IS NULL OR NOT starts_with(trouble, '!')" if some_left_out else "")
        self.connection.execute(f"CREATE TEMP VIEW sound AS {rows}")
        if key := getattr(self.canonical, "KEY", None):  # the dear ranking is for rows that may be doubles only: in most files none
            self.connection.execute(f"CREATE TEMP TABLE twice AS SELECT hash({key}) AS h FROM sound GROUP BY h HAVING count(*) > 1")
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
        self.findings = Findings(self.connection, self.found, self.facts, self.header_row, self.trouble)
        self._check_times()
        self.canonical.describe(self.findings)
        for name in self.canonical.PERIOD:
            low, high = self.one(f"SELECT min({name})::TIMESTAMP, max({name})::TIMESTAMP FROM kept")
            if low is not None:
                self.facts.period = (low, high)
                break
        if self.facts.snapshot_at is None and self.canonical.PAST_TIMES:
            self.facts.newest_event = self._newest_event()
        for name, code in self.found.source.absent.items():
            if name not in self.found.columns:
                self.facts.note(code)

    def _newest_event(self) -> datetime | None:
        """The last thing that had happened when the file was read: it was exported no earlier."""
        times = [f"{name}::TIMESTAMP" for name in self.canonical.PAST_TIMES]
        past = f" FILTER ({{0}} <= {_moment(self.read_at + CLOCKS_DIFFER)})" if self.read_at is not None else ""
        newest = ", ".join(f"max({time}){past.format(time)}" for time in times)
        return max((moment for moment in self.one(f"SELECT {newest} FROM kept") if moment is not None), default=None)

    def _check_times(self) -> None:
        checks = TimeChecks(self.findings, self.canonical.PAST_TIMES, self.future, self.limits, self.first_in_date or {})
        for name in self.canonical.TIMES:
            if name in self.found.columns and name in self.canonical.COLUMNS and checks.check(name):
                self.rewrite = True
        names = [name for name in self.canonical.TIMES if name in self.table.columns]
        if self.table.mixed_dates and names:
            for name, hyphens, slashes, row in self._look().mixed_dates(names):
                self.facts.note("mixed_dates", column=self.found.header(name), hyphens=hyphens, slashes=slashes, row=row)

    def write(self) -> None:
        """``rows.parquet``: the staged file itself, or its sound rows, or what they are reduced to."""
        reduced = getattr(self.canonical, "reduced", None)
        if reduced is not None:
            self.facts.rows_written = self.one(f"COPY ({reduced(self.findings)}) TO {self._file(ROWS_FILE)} ({_PARQUET})")[0]
            return
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
