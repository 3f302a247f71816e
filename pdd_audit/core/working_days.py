"""Which days people work in China, which days are sales, and on which days a courier does not come.

A day is a date of Asia/Shanghai. Weekends and public holidays are off; a weekend that makes up for a holiday is worked. A year nobody
knows the holidays of has no working days: its day types are "unknown", and ``unknown_years`` names it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

DayType = Literal["work", "off", "unknown"]
WEEKEND = (5, 6)  # date.weekday() of Saturday and Sunday


@dataclass(frozen=True)
class SaleDays:
    """Days of a sale of the whole platform, both ends included, or a day (month, day) of every year. ``name``: by language."""

    name: Mapping[str, str]
    first: date | None = None
    last: date | None = None
    yearly: tuple[int, int] | None = None

    def covers(self, day: date) -> bool:
        if self.first is not None and self.last is not None:
            return self.first <= day <= self.last
        return (day.month, day.day) == self.yearly


@dataclass(frozen=True)
class Stop:
    """Days on which a courier does not collect, both ends included. ``outlet`` None: none of its outlets does."""

    courier: str
    outlet: str | None
    first: date
    last: date
    reason: str = ""
    source: str = ""


@dataclass(frozen=True)
class Calendar:
    """What is known about days. ``years``: those whose holidays are known; ``holidays``: day -> code of the holiday it belongs to, the
    weekends inside included; ``worked``: weekends that make up for a holiday; ``sales`` and ``stops``: see there."""

    years: frozenset[int] = frozenset()
    holidays: Mapping[date, str] = field(default_factory=dict)
    worked: frozenset[date] = frozenset()
    sales: tuple[SaleDays, ...] = ()
    stops: tuple[Stop, ...] = ()

    @cached_property
    def key(self) -> str:
        """Names everything the calendar says; equal calendars have equal keys."""
        return repr((sorted(self.years), sorted(self.holidays.items()), sorted(self.worked), self.sales, self.stops))

    def day_type(self, day: date) -> DayType:
        return day_type(day, self)

    def out_of_baseline(self, day: date) -> bool:
        """Whether what happened on a day says nothing about ordinary days: a public holiday or a sale. An ordinary weekend is ordinary."""
        return day in self.holidays or self.sale(day) is not None

    def sale(self, day: date) -> SaleDays | None:
        """The sale a day belongs to."""
        return next((sale for sale in self.sales if sale.covers(day)), None)

    def is_stopped(self, courier: str | None, outlet: str | None, day: date) -> bool:
        """Whether nobody could be expected to collect: the courier, or this outlet of it, had stopped. Without an outlet only a stop of
        the whole courier counts."""
        return any(stop.courier == courier and stop.outlet in (None, outlet) for stop in self.stops_on(day))

    def stops_on(self, day: date) -> tuple[Stop, ...]:
        """Every stop in force on a day."""
        return tuple(stop for stop in self.stops if stop.first <= day <= stop.last)

    def days_off(self, first: date, last: date) -> tuple[date, ...]:
        """Every day off from ``first`` to ``last``, both included; none of a year that is not known."""
        return tuple(day for day in days_between(first, last) if day_type(day, self) == "off")

    def unknown_years(self, days: Iterable[date]) -> tuple[int, ...]:
        """The years of some days whose holidays are not known, in order."""
        return tuple(sorted({day.year for day in days} - self.years))


def day_type(day: date, calendar: Calendar) -> DayType:
    """Whether a day is worked."""
    if day.year not in calendar.years:
        return "unknown"
    if day in calendar.worked:
        return "work"
    return "off" if day in calendar.holidays or day.weekday() in WEEKEND else "work"


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from ``first`` to ``last``, both included."""
    for step in range((last - first).days + 1):
        yield first + timedelta(days=step)
