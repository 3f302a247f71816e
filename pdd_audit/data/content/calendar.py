"""China's public holidays, sales and courier stops: ``calendar.yaml`` over what the library ``chinesecalendar`` knows."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import cache
from pathlib import Path

from pdd_audit.core.calendar_file import CalendarFile, calendar_faults, calendar_with
from pdd_audit.core.errors import AuditError
from pdd_audit.core.working_days import Calendar
from pdd_audit.data.content.documents import read_document, refusals, shaped

FILE = "calendar.yaml"
# The library's names -> codes of ``texts/days.yaml``.
CODES = {
    "New Year's Day": "new_year", "Spring Festival": "spring_festival", "Tomb-sweeping Day": "tomb_sweeping",
    "Labour Day": "labour_day", "Dragon Boat Festival": "dragon_boat", "National Day": "national_day",
    "Mid-autumn Festival": "mid_autumn", "Anti-Fascist 70th Day": "victory_day",
}


@cache
def published() -> Calendar:
    """The years the library knows, without sales or stops."""
    from chinese_calendar import holidays, workdays  # only where a calendar is needed

    named: Mapping[date, str] = {day: CODES.get(name, "other") for day, name in holidays.items()}
    return Calendar(frozenset(day.year for day in named), named, frozenset(workdays))


def load_calendar(folder: Path, couriers: Collection[str] | None = None) -> Calendar:
    """The days of ``folder/calendar.yaml`` over the published ones; only these if there is no such file.

    ``couriers``: the names a stop may give. Raises AuditError for the first thing that is wrong.
    """
    if not (folder / FILE).is_file():
        return published()
    document = read_document(folder / FILE, FILE)
    file = shaped(document, CalendarFile)
    for error in refusals(document, calendar_faults(file, couriers)):
        raise error
    return calendar_with(file, published())


def check_calendar(folder: Path, couriers: Collection[str] | None = None) -> list[AuditError]:
    """Everything that is wrong with the calendar of a folder."""
    if not (folder / FILE).is_file():
        return []
    try:
        document = read_document(folder / FILE, FILE)
        return refusals(document, calendar_faults(shaped(document, CalendarFile), couriers))
    except AuditError as error:
        return [error]
