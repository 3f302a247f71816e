"""Days as the checklist files write them, and what can be wrong with them."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import Field

IsoDay = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Fault = tuple[tuple[str | int, ...], str, Mapping[str, Any]]  # path in the file, code, values of its sentences


def is_day(text: str) -> bool:
    """Whether the text is a day of the calendar, written YYYY-MM-DD."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def period_faults(path: tuple[str | int, ...], first: str, last: str, longest: int) -> list[Fault]:
    """What is wrong with two days that are both included, written under ``from`` and ``to``; ``longest`` in days."""
    bad: list[Fault] = [
        ((*path, key), "checklist_bad_date", {"name": text}) for key, text in (("from", first), ("to", last)) if not is_day(text)
    ]
    if bad:
        return bad
    days = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
    if days < 1:
        return [((*path, "to"), "checklist_calendar_ends_before", {"name": last, "start": first})]
    return [((*path, "to"), "checklist_calendar_too_long", {"name": last, "days": days, "longest": longest})] if days > longest else []
