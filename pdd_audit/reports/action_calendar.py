"""Due dates as an iCalendar file (RFC 5545): one all-day entry for each action and each review round that is still to be done."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone

from icalendar import Alarm, Calendar, Event

from pdd_audit.core.actions import Action
from pdd_audit.core.round_duties import RoundDay
from pdd_audit.texts import Lang, Words
from pdd_audit.texts.numbers import yuan_range

SHANGHAI = timezone(timedelta(hours=8))  # without summer time since 1991
REMIND_BEFORE = timedelta(hours=15)  # at nine in the morning of the day before


def action_calendar(shop: str, actions: Iterable[tuple[Action, str]], rounds: Iterable[RoundDay], lang: Lang) -> bytes:
    """Every action of ``actions``, each with its title, and every round; importing a newer file replaces the entries of an older one by
    their ids."""
    words = Words(lang)
    calendar = Calendar()
    calendar.add("prodid", "-//pdd-audit//actions//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", words("remind.calendar", shop=shop))
    for action, title in actions:
        calendar.add_component(_of_action(action, title, words))
    for one in rounds:
        calendar.add_component(_entry(one.id, one.since, one.due, words(f"remind.round.day_{one.what}", title=one.title)))
    return bytes(calendar.to_ical())


def _of_action(action: Action, title: str, words: Words) -> Event:
    event = _entry(action.id, action.steps[-1][2], action.due, words("remind.entry", title=title, owner=action.owner))
    event.add("sequence", action.words - 1)
    amount = yuan_range(action.making.yuan_low, action.making.yuan_high)
    if amount:
        event.add("description", words("remind.expected", range=amount))
    return event


def _entry(id: str, since: datetime, due: date, title: str) -> Event:
    event = Event()
    event.add("uid", f"{id}@pdd-audit")
    event.add("dtstamp", _utc(since))
    event.add("dtstart", due)
    event.add("dtend", due + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("summary", title)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -REMIND_BEFORE)
    event.add_component(alarm)
    return event


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=SHANGHAI).astimezone(UTC)
