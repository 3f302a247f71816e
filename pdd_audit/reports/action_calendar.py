"""Due dates as an iCalendar file (RFC 5545): one all-day entry for each action that is still to be done."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

from icalendar import Alarm, Calendar, Event

from pdd_audit.core.actions import Action
from pdd_audit.texts import Lang, Words
from pdd_audit.texts.numbers import yuan_range

SHANGHAI = timezone(timedelta(hours=8))  # without summer time since 1991
REMIND_BEFORE = timedelta(hours=15)  # at nine in the morning of the day before


def action_calendar(shop: str, actions: Iterable[tuple[Action, str]], lang: Lang) -> bytes:
    """Every action of ``actions``, each with its title; importing a newer file replaces the entries of an older one by their ids."""
    words = Words(lang)
    calendar = Calendar()
    calendar.add("prodid", "-//pdd-audit//actions//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", words("remind.calendar", shop=shop))
    for action, title in actions:
        calendar.add_component(_entry(action, title, words))
    return bytes(calendar.to_ical())


def _entry(action: Action, title: str, words: Words) -> Event:
    event, making = Event(), action.making
    event.add("uid", f"{action.id}@pdd-audit")
    event.add("dtstamp", _utc(action.steps[-1][2]))
    event.add("sequence", action.words - 1)
    event.add("dtstart", action.due)
    event.add("dtend", action.due + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("summary", words("remind.entry", title=title, owner=action.owner))
    amount = yuan_range(making.yuan_low, making.yuan_high)
    if amount:
        event.add("description", words("remind.expected", range=amount))
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -REMIND_BEFORE)
    event.add_component(alarm)
    return event


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=SHANGHAI).astimezone(UTC)
