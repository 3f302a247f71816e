"""The days a shop is judged by: the calendar of everybody, its couriers' stops, and the windows in which a rule is suspended."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from pdd_audit.core.errors import BETWEEN
from pdd_audit.core.exemptions import Waiver, waivers
from pdd_audit.core.imports import ImportReport
from pdd_audit.core.noted_days import Noted, decisions, in_force, own_exemptions, own_stops
from pdd_audit.core.people import Right
from pdd_audit.core.working_days import Calendar
from pdd_audit.services.access import needs
from pdd_audit.services.rules import rules_of
from pdd_audit.services.workspace import Workspace


@dataclass(frozen=True)
class DaysNoted:
    """What a shop is judged by. ``calendar`` with its own stops; ``waivers``: every window in force; ``noted``: its own entries."""

    calendar: Calendar
    waivers: tuple[Waiver, ...]
    noted: dict[str, Noted]

    def waivers_since(self, day: date | None) -> tuple[Waiver, ...]:
        """The windows that can hold an order of the files; None: the files name no day."""
        return self.waivers if day is None else tuple(waiver for waiver in self.waivers if waiver.end.date() > day)


@needs(Right.LOOK)
def days_noted(workspace: Workspace, shop_id: str) -> DaysNoted:
    """The calendar and the windows of one shop."""
    noted = in_force(workspace.state.said(Noted, shop_id))
    own = tuple(own_stops(noted))
    calendar = replace(workspace.calendar, stops=(*workspace.calendar.stops, *own)) if own else workspace.calendar
    return DaysNoted(calendar, waivers(rules_of(workspace, shop_id).exemptions, own_exemptions(noted), decisions(noted)), noted)


@needs(Right.LOOK)
def calendar_of(workspace: Workspace, shop_id: str) -> Calendar:
    """What is known of days for everybody, with the stops the shop has noted."""
    return days_noted(workspace, shop_id).calendar


# --- the days of some files --------------------------------------------------------------------------------------------------


def first_day(reports: Iterable[ImportReport]) -> date | None:
    """The earliest day any file speaks of."""
    return min((report.period_from.date() for report in reports if report.period_from is not None), default=None)


def calendar_years(calendar: Calendar, reports: Iterable[ImportReport], as_of: datetime) -> tuple[int, ...]:
    """The years of a shop's files whose holidays are known, up to the year of ``as_of``."""
    return tuple(year for year in _years(reports, as_of) if year in calendar.years)


def calendar_flag(calendar: Calendar, reports: Iterable[ImportReport], as_of: datetime) -> dict[str, dict[str, str]]:
    """The warning that the holidays of some year of the files are not known; empty when all are."""
    unknown = [str(year) for year in _years(reports, as_of) if year not in calendar.years]
    return {"calendar_year_unknown": {"years": BETWEEN.join(unknown)}} if unknown else {}


def days_off_of(calendar: Calendar, years: Iterable[int]) -> tuple[date, ...]:
    """Every day off of some years."""
    return tuple(day for year in years for day in calendar.days_off(date(year, 1, 1), date(year, 12, 31)))


def _years(reports: Iterable[ImportReport], as_of: datetime) -> range:
    first = first_day(reports)
    return range(as_of.year if first is None else max(first.year, as_of.year - 20), as_of.year + 1)

