"""What ``calendar.yaml`` may say: holidays of a year, sales, and days on which a courier stops; and what must hold beyond the shape."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from pdd_audit.core.exemptions import courier_faults
from pdd_audit.core.figures import SourceEntry
from pdd_audit.core.periods import Fault, IsoDay, is_day, period_faults
from pdd_audit.core.questions import Identifier, Part, Text, Trust
from pdd_audit.core.working_days import WEEKEND, Calendar, SaleDays, Stop, days_between

HolidayName = Literal[
    "new_year", "spring_festival", "tomb_sweeping", "labour_day", "dragon_boat", "mid_autumn", "national_day", "victory_day", "other"
]
YearName = Annotated[str, Field(pattern=r"^20\d\d$")]
YearlyDay = Annotated[str, Field(pattern=r"^\d{2}-\d{2}$")]

LONGEST_HOLIDAY, LONGEST_SALE, LONGEST_STOP = 16, 60, 120  # days; beyond it a year was mistyped


class HolidayEntry(Part):
    """All days off of one holiday, both ends included, weekends inside too."""

    name: HolidayName
    first: IsoDay = Field(alias="from")
    last: IsoDay = Field(alias="to")


class YearEntry(Part):
    """The whole year as its notice gives it. ``worked``: weekend days that make up for a holiday."""

    holidays: Annotated[tuple[HolidayEntry, ...], Field(min_length=1)]
    worked: tuple[IsoDay, ...] = ()
    source: Identifier
    checked: IsoDay


class SaleEntry(Part):
    """A sale of the whole platform: either its days (``from``, ``to``), or a day that comes back every year (``yearly``: MM-DD)."""

    name: Text
    first: IsoDay | None = Field(default=None, alias="from")
    last: IsoDay | None = Field(default=None, alias="to")
    yearly: YearlyDay | None = None
    source: Identifier
    trust: Trust
    checked: IsoDay
    note: Annotated[str, Field(max_length=400)] = ""


class StopEntry(Part):
    """A courier, or one outlet of it, that does not collect, both days included. ``source``: who said so, in the writer's words."""

    courier: Annotated[str, Field(min_length=1, max_length=40)]
    outlet: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    first: IsoDay = Field(alias="from")
    last: IsoDay = Field(alias="to")
    reason: Annotated[str, Field(min_length=1, max_length=200)]
    source: Annotated[str, Field(min_length=1, max_length=200)]

    def stop(self) -> Stop:
        return Stop(self.courier, self.outlet, date.fromisoformat(self.first), date.fromisoformat(self.last), self.reason, self.source)


class CalendarFile(Part):
    """``calendar.yaml``."""

    schema_version: Literal[1] = Field(alias="schema")
    sources: dict[Identifier, SourceEntry] = Field(default_factory=dict)
    years: dict[YearName, YearEntry] = Field(default_factory=dict)
    sales: tuple[SaleEntry, ...] = ()
    stops: tuple[StopEntry, ...] = ()


def calendar_with(file: CalendarFile, known: Calendar) -> Calendar:
    """The calendar of a sound file over what is known anyway: a year of the file takes the place of the whole year."""
    given = {int(name) for name in file.years}
    holidays = {day: name for day, name in known.holidays.items() if day.year not in given}
    worked = {day for day in known.worked if day.year not in given}
    for year in file.years.values():
        holidays |= {day: entry.name for entry in year.holidays for day in _days(entry.first, entry.last)}
        worked |= {date.fromisoformat(day) for day in year.worked}
    return Calendar(
        known.years | given, holidays, frozenset(worked), tuple(_sale(entry) for entry in file.sales),
        tuple(entry.stop() for entry in file.stops),
    )


def _sale(entry: SaleEntry) -> SaleDays:
    name = {"zh": entry.name.zh, "en": entry.name.en}
    if entry.yearly is not None:
        month, day = entry.yearly.split("-")
        return SaleDays(name, yearly=(int(month), int(day)))
    assert entry.first is not None and entry.last is not None, "a sound file gives one of the two"
    return SaleDays(name, date.fromisoformat(entry.first), date.fromisoformat(entry.last))


def _days(first: str, last: str) -> Iterable[date]:
    return days_between(date.fromisoformat(first), date.fromisoformat(last))


# --- what must hold beyond the shape ----------------------------------------------------------------------------------------


def calendar_faults(file: CalendarFile, couriers: Collection[str] | None = None) -> list[Fault]:
    """(path in the file, code, values) for everything that is shaped right and still wrong. ``couriers``: the names that exist."""
    faults: list[Fault] = []
    for name, year in file.years.items():
        faults += _source_faults(("years", name), year.source, year.checked, file)
        faults += _year_faults(name, year)
    for at, sale in enumerate(file.sales):
        faults += _source_faults(("sales", at), sale.source, sale.checked, file)
        faults += _sale_faults(("sales", at), sale)
    for at, stop in enumerate(file.stops):
        faults += stop_faults(stop, couriers, ("stops", at))
    return faults


def _source_faults(path: tuple[str | int, ...], source: str, checked: str, file: CalendarFile) -> list[Fault]:
    faults: list[Fault] = []
    if source not in file.sources:
        faults.append(((*path, "source"), "checklist_source_unknown", {"name": source, "choices": list(file.sources)}))
    if not is_day(checked):
        faults.append(((*path, "checked"), "checklist_bad_date", {"name": checked}))
    return faults


def _year_faults(name: str, year: YearEntry) -> list[Fault]:
    faults: list[Fault] = []
    seen: set[date] = set()
    for at, entry in enumerate(year.holidays):
        path = ("years", name, "holidays", at)
        wrong = period_faults(path, entry.first, entry.last, LONGEST_HOLIDAY)
        faults += wrong
        for day in [] if wrong else _days(entry.first, entry.last):
            if day.year != int(name):
                faults.append((path, "checklist_calendar_other_year", {"name": day.isoformat(), "year": name}))
            if day in seen:
                faults.append((path, "checklist_calendar_day_twice", {"name": day.isoformat()}))
            seen.add(day)
    for at, text in enumerate(year.worked):
        path = ("years", name, "worked", at)
        if not is_day(text):
            faults.append((path, "checklist_bad_date", {"name": text}))
        elif text[:4] != name:
            faults.append((path, "checklist_calendar_other_year", {"name": text, "year": name}))
        elif text in year.worked[:at] or date.fromisoformat(text) in seen:
            faults.append((path, "checklist_calendar_day_twice", {"name": text}))
        elif date.fromisoformat(text).weekday() not in WEEKEND:
            faults.append((path, "checklist_calendar_worked_weekday", {"name": text}))
    return faults


def _sale_faults(path: tuple[str | int, ...], sale: SaleEntry) -> list[Fault]:
    ends = (sale.first, sale.last)
    if (sale.yearly is None) == (ends == (None, None)) or (None in ends and ends != (None, None)):
        return [(path, "checklist_calendar_sale_when", {"name_zh": sale.name.zh, "name_en": sale.name.en})]
    if sale.yearly is not None:
        return [] if is_day(f"2024-{sale.yearly}") else [((*path, "yearly"), "checklist_bad_date", {"name": sale.yearly})]
    assert sale.first is not None and sale.last is not None
    return period_faults(path, sale.first, sale.last, LONGEST_SALE)


def stop_faults(stop: StopEntry, couriers: Collection[str] | None, path: tuple[str | int, ...] = ()) -> list[Fault]:
    """What is wrong with one stop."""
    faults = period_faults(path, stop.first, stop.last, LONGEST_STOP)
    return faults + [((*path, "courier"), code, values) for _, code, values in courier_faults(path, (stop.courier,), couriers)]

