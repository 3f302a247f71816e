"""What absence from a pickup sheet means.

A sheet with blank pickup cells speaks only of the waybills in it. A sheet in which every row has a scan is a collected-only list:
it covers the couriers it names (all, if it names none) for parcels shipped from the day of its first scan up to its snapshot;
there, absence means "not collected yet". Outside any coverage the pickup is unknown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pdd_audit.core.errors import BETWEEN
from pdd_audit.core.imports import ImportReport, Reading

LATER_BY_CHANCE = timedelta(hours=2)  # two exports of one evening are never of one moment
SHOWN = 3


@dataclass(frozen=True)
class Window:
    """Parcels of ``courier`` (None: of any) shipped in [start, end] are covered."""

    courier: str | None
    start: datetime
    end: datetime


def windows_of(reports: Iterable[ImportReport], readings: Mapping[str, Reading], as_of: datetime) -> list[Window]:
    """Coverage of all collected-only pickup sheets, overlapping windows merged. ``readings``: sha256 -> the user's own choice."""
    windows = []
    for report in reports:
        if report.kind != "courier_pickups" or readings.get(report.sha256, report.reading) != "collected_only" or report.first_scan is None:
            continue
        start = report.first_scan.replace(hour=0, minute=0, second=0, microsecond=0)
        end = min(as_of, report.snapshot_at or as_of)
        couriers: list[str | None] = [*report.couriers] or [None]
        windows += [Window(courier, start, end) for courier in couriers]
    return _merged(windows)


def _merged(windows: list[Window]) -> list[Window]:
    merged: list[Window] = []
    for window in sorted(windows, key=lambda w: (w.courier or "", w.start)):
        last = merged[-1] if merged else None
        if last is not None and last.courier == window.courier and window.start <= last.end:
            merged[-1] = Window(last.courier, last.start, max(last.end, window.end))
        else:
            merged.append(window)
    return merged


def snapshot_of(reports: Iterable[ImportReport]) -> datetime | None:
    """"As of" by default: the newest order export's own time, or a later event in an export that does not tell its time; without any such
    time the newest stamp in any file."""
    files = list(reports)
    orders = [report for report in files if report.kind == "pdd_orders"]
    told = orders if any(report.snapshot_at for report in orders) else files
    stamps = [report.seen_until for report in told if report.seen_until] or [report.period_to for report in told if report.period_to]
    return max(stamps, default=None)


def flags_of(reports: Iterable[ImportReport], as_of: datetime) -> dict[str, dict[str, str]]:
    """What the reports alone tell against the numbers: flag -> values of its sentence.

    A list of collected or of penalised parcels without the orders allows no rate; a sheet older than the last uploads says nothing of
    them; an order export that does not tell its time counts by its newest event, among other exports and for "as of", and the true
    moment lies later.
    """
    files = list(reports)
    kinds = {report.kind for report in files}
    found: dict[str, dict[str, str]] = {}
    if "pdd_orders" not in kinds:
        if "courier_pickups" in kinds:
            found["collected_without_orders"] = {}
        if kinds & {"pdd_violations", "pdd_bill"}:
            found["penalised_without_orders"] = {}
        return found
    orders = [report for report in files if report.kind == "pdd_orders"]
    sheets = [report.snapshot_at for report in files if report.kind == "courier_pickups" and report.snapshot_at]
    newest = max((report.period_to for report in orders if report.period_to), default=None)
    if sheets and newest is not None and max(sheets) + LATER_BY_CHANCE < min(newest, as_of):
        found["sheet_older_than_orders"] = {"sheet": f"{max(sheets):%Y-%m-%d %H:%M}", "orders": f"{newest:%Y-%m-%d %H:%M}"}
    if _only_to_the_day([report for report in files if report.kind == "courier_pickups"]):
        found["pickup_day_resolution"] = {}
    untold = [report for report in orders if report.snapshot_at is None]
    if untold and (len(orders) > 1 or as_of == snapshot_of(files)):
        found["snapshot_lower_bound"] = _lower_bound(untold, as_of)
    return found


def _only_to_the_day(sheets: Sequence[ImportReport]) -> bool:
    """Whether a sheet's pickup times name their day alone, and no sheet with times of day spans its couriers and period."""
    days = [sheet for sheet in sheets if _to_the_day(sheet)]
    return any(not any(_spans(other, sheet) for other in sheets if other not in days) for sheet in days)


def _to_the_day(sheet: ImportReport) -> bool:
    pickups = {sheet.columns.get("picked_up_at"), sheet.columns.get("scanned_at")} - {None}
    return any(notice.code == "day_only_times" and notice.values.get("column") in pickups for notice in sheet.notices)


def _spans(wide: ImportReport, sheet: ImportReport) -> bool:
    times = (wide.period_from, wide.period_to, sheet.period_from, sheet.period_to)
    if None in times or (wide.couriers and not {*sheet.couriers} <= {*wide.couriers}):
        return False
    first, last, start, end = (time for time in times if time is not None)
    return first.date() <= start.date() and end.date() <= last.date()


def _lower_bound(untold: Sequence[ImportReport], as_of: datetime) -> dict[str, str]:
    names = BETWEEN.join(sorted(report.file for report in untold)[:SHOWN])
    newest = max((report.seen_until for report in untold if report.seen_until), default=as_of)
    more = f" … ({len(untold)})" if len(untold) > SHOWN else ""
    return {"files": f"{names}{more}", "newest": f"{newest:%Y-%m-%d %H:%M}", "moment": f"{as_of:%Y-%m-%d %H:%M}"}
