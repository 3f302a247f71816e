"""What a file's columns of times are worth: how they are written, how fine they are, what is impossible or lies in the future."""

# ruff: noqa: S608 - statements are made of names of our own columns and moments only; no text of a file ever becomes part of one

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data.reading.canonical.cells import TIME_FORMS
from pdd_audit.data.reading.canonical.findings import ENOUGH_TIMES, NOTHING, Findings, Said
from pdd_audit.data.reading.limits import Limits
from pdd_audit.data.reading.recognise import Recognised

_ON_A_CLOCK = {"pdd_orders", "courier_pickups"}  # nobody measures hours by the times of a bill


def first_in_dates(said: Mapping[str, Said], found: Recognised, rows: int, limits: Limits) -> dict[str, str]:
    """Column -> "day" or "month": what comes first in its dates like ``3/4/2026``, where the column itself proves it.

    A few cells that nothing proves stay unread. Raises ambiguous_dates, or no_year where dates have none and the export's time is unknown.
    """
    settled = {}
    for name in found.columns:
        day, month, either = (said.get(f"{code}_{name}", NOTHING) for code in ("day_first", "month_first", "either_first"))
        if day.rows and not month.rows:
            settled[name] = "day"
        elif month.rows and not day.rows:
            settled[name] = "month"
        elif _too_many(day.rows + month.rows + either.rows, rows, limits):
            first = min(spot.row for spot in (day, month, either) if spot.row is not None)
            raise AuditError("ambiguous_dates", Place(row=first, column=found.header(name)), found=_quoted(said, name))
        yearless = said.get(f"yearless_{name}", NOTHING)
        if _too_many(yearless.rows, rows, limits):
            raise AuditError("no_year", Place(row=yearless.row, column=found.header(name)), found=_quoted(said, name))
    return settled


def _too_many(bad: int, rows: int, limits: Limits) -> bool:
    return bad > 0 and (bad > limits.tolerated(rows) or 2 * bad >= rows)


def _quoted(said: Mapping[str, Said], name: str) -> str:
    return said.get(f"bad_{name}", NOTHING).sample


@dataclass(frozen=True)
class TimeChecks:
    """``past``: columns that may hold nothing after ``future``. ``first``: see ``first_in_dates``."""

    findings: Findings
    past: tuple[str, ...]
    future: datetime | None
    limits: Limits
    first: Mapping[str, str]

    def check(self, name: str) -> bool:
        """Says what is to say of one column; whether cells of it must be taken back. Raises bad_times, future_times."""
        found = self.findings
        filled, newest = found.one(f"SELECT count({name}), max({name}) FROM kept")
        column, bad = found.header(name), found.said(f"bad_{name}")
        allowed = self.limits.tolerated(found.kept)
        if bad.rows > allowed or (bad.rows and not filled):
            raise AuditError("bad_times", Place(row=bad.row, column=column), found=_counted(bad.sample, bad.rows, found.kept))
        if bad.rows:
            found.note("unread_times", column=column, **bad.spots(), found=bad.sample)
        self._written(name, column, filled)
        late = bool(self.future and name in self.past and newest is not None and newest > self.future)
        if late:
            self._refuse_future(name, column, filled, allowed)
        if filled >= ENOUGH_TIMES and found.recognised.source.kind in _ON_A_CLOCK:
            self._fineness(name, column)
        return late

    def _written(self, name: str, column: str, filled: int) -> None:
        for form in TIME_FORMS:
            said = self.findings.said(f"{form}_{name}")
            if said.rows and not (form == "day" and said.rows == filled):  # of all of them ``_fineness`` speaks
                code = f"dates_{self.first[name]}_first" if form == "order" else f"time_{form}"
                self.findings.note(code, column=column, **said.spots())
        none = self.findings.said(f"sentinel_{name}")
        if none.rows:
            code = "mostly_no_time" if 2 * none.rows > self.findings.kept else "sentinel_times"
            self.findings.note(code, column=column, rows=none.rows, row=none.row)

    def _refuse_future(self, name: str, column: str, filled: int, allowed: int) -> None:
        after = f"{name} > TIMESTAMP '{self.future:%Y-%m-%d %H:%M:%S}'"
        late, row, example = self.findings.one(f"SELECT count(*), min(line), min_by({name}, line) FROM kept WHERE {after}")
        snapshot = str(self.findings.facts.snapshot_at or "")
        if late > allowed or late == filled:
            raise AuditError("future_times", Place(row=row, column=column), found=_counted(str(example), late, filled), snapshot=snapshot)
        self.findings.note("later_than_export", column=column, rows=late, row=row, found=str(example), snapshot=snapshot)

    def _fineness(self, name: str, column: str) -> None:
        """Whether every time is a midnight, or without seconds; a few rows say no for almost every file."""
        timed = f"count(*) FILTER ({name} <> date_trunc('day', {name})), count(*) FILTER (second({name}) <> 0)"
        timed_few, fine_few = self.findings.one(f"SELECT {timed} FROM (SELECT {name} FROM kept WHERE {name} IS NOT NULL LIMIT 2000)")
        if timed_few and fine_few:
            return
        timed_all, fine_all = self.findings.one(f"SELECT {timed} FROM kept")
        if not timed_all:
            self.findings.facts.to_the_day.append(name)
            self.findings.note("day_only_times", column=column)
        elif not fine_all:
            self.findings.note("minute_times", column=column)


def _counted(example: str, rows: int, of: int) -> str:
    return f"{example}（{rows} / {of}）" if example else f"{rows} / {of}"
