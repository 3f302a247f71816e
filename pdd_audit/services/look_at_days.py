"""What the period of a shop's files holds of holidays, sales, stops and exemptions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from pdd_audit.core.exemptions import Decision, Exemption, Waiver
from pdd_audit.core.filters import Filters
from pdd_audit.core.noted_days import Noted
from pdd_audit.core.people import Right
from pdd_audit.core.working_days import Calendar, SaleDays, Stop, days_between
from pdd_audit.services.access import needs
from pdd_audit.services.calendars import days_noted, first_day
from pdd_audit.services.details import filtered
from pdd_audit.services.measure import ask_about
from pdd_audit.services.rules import rules_of
from pdd_audit.services.workspace import Workspace


@dataclass(frozen=True)
class Holiday:
    """Days off in a row that belong to one holiday. ``name``: a code of ``texts/days.yaml``."""

    name: str
    first: date
    last: date


@dataclass(frozen=True)
class OfficialWindow:
    """A window of the rule file, with the shop's word on it (None: it has not looked it up)."""

    window: Exemption
    decided: Noted | None

    @property
    def rejected(self) -> bool:
        return self.decided is not None and isinstance(self.decided.said, Decision) and not self.decided.said.holds


@dataclass(frozen=True)
class DaysLook:
    """From ``first`` to ``last`` day of the files (None: no file names a day): years whose holidays are unknown, holidays, sales with
    their days, stops, and windows in force. ``exempt_parcels`` and ``exempt_orders``: what the windows took out of the pickup clock and
    out of the promise. ``official``: every window of the rule file; ``own``: every stop and window the shop has entered."""

    first: date | None
    last: date | None
    unknown: tuple[int, ...]
    holidays: tuple[Holiday, ...]
    sales: tuple[tuple[SaleDays, date], ...]
    stops: tuple[Stop, ...]
    waivers: tuple[Waiver, ...]
    exempt_parcels: int
    exempt_orders: int
    official: tuple[OfficialWindow, ...]
    own: tuple[Noted, ...]


def stops_of(calendar: Calendar, filters: Filters) -> tuple[Stop, ...]:
    """The stops that concern the parcels chosen, by their courier and outlet."""
    return tuple(
        stop for stop in calendar.stops
        if (not filters.courier or stop.courier in filters.courier)
        and (not filters.outlet or stop.outlet is None or stop.outlet in filters.outlet)
    )


@needs(Right.LOOK)
def look_at_days(workspace: Workspace, shop_id: str, filters: Filters) -> DaysLook:
    """What the days of a shop's files are judged by. Raises AuditError when the engine cannot run."""
    ask = ask_about(workspace, shop_id, None)
    reports = [] if ask is None else ask.reports
    first = first_day(reports)
    last = None if ask is None or first is None else max(first, ask.as_of.date())
    days = days_noted(workspace, shop_id)
    _, tables = filtered(workspace, shop_id, ask, filters)
    period = tuple(days_between(first, last)) if first is not None and last is not None else ()
    return DaysLook(
        first, last, days.calendar.unknown_years(period), _holidays(days.calendar, period), _sales(days.calendar, period),
        tuple(stop for stop in stops_of(days.calendar, filters) if period and stop.first <= period[-1] and stop.last >= period[0]),
        tuple(waiver for waiver in days.waivers if period and waiver.start.date() <= period[-1] and waiver.end.date() > period[0]),
        tables.excluded.get("exempt", 0), tables.counts.get("promise_exempt", 0),
        tuple(OfficialWindow(window, days.noted.get(window.id)) for window in rules_of(workspace, shop_id).exemptions),
        tuple(one for one in days.noted.values() if not isinstance(one.said, Decision)),
    )


def _holidays(calendar: Calendar, period: Iterable[date]) -> tuple[Holiday, ...]:
    """Runs of days; a holiday cut by the end of the period shows its part inside."""
    named = [(day, calendar.holidays[day]) for day in period if day in calendar.holidays]
    runs = [
        [day for _, (day, _) in run]
        for _, run in groupby(enumerate(named), key=lambda one: (one[1][1], one[1][0] - timedelta(days=one[0])))
    ]
    return tuple(Holiday(calendar.holidays[days[0]], days[0], days[-1]) for days in runs)


def _sales(calendar: Calendar, period: Iterable[date]) -> tuple[tuple[SaleDays, date], ...]:
    """Each sale with the first of its days inside."""
    seen: dict[tuple[int, int], tuple[SaleDays, date]] = {}
    for day in period:
        sale = calendar.sale(day)
        if sale is not None:
            at = calendar.sales.index(sale)
            seen.setdefault((at, day.year if sale.yearly else 0), (sale, day))
    return tuple(seen.values())
