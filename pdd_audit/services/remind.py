"""Remind people of what is due: actions and review rounds, in which words, and what became of the messages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from pdd_audit.core.actions import title_in
from pdd_audit.core.filters import ALL
from pdd_audit.core.people import Right
from pdd_audit.data.live.notifiers import VARIABLE, Channel, channels_of
from pdd_audit.data.live.private_words import masked
from pdd_audit.services.access import needs
from pdd_audit.services.import_files import list_imports
from pdd_audit.services.look_at_actions import ActionsLook, Row, look_at_actions, watched
from pdd_audit.services.look_at_today import call_rules
from pdd_audit.services.look_at_trends import look_at_trends
from pdd_audit.services.overlay import checklists_of
from pdd_audit.services.round_duties import Duty, duties
from pdd_audit.services.shops import Shop
from pdd_audit.services.workspace import Workspace
from pdd_audit.texts import Lang, Words
from pdd_audit.texts.numbers import count, yuan

__all__ = ["VARIABLE", "Channel", "Reminder", "Sent", "all_actions", "channels_of", "duties", "reminders", "send", "titles_of", "written"]

Why = Literal["overdue", "relapsed", "due"]
LONGEST_TITLE = 80


@dataclass(frozen=True)
class Reminder:
    """Something somebody has to be told of. ``title``: in their language; ``days``: until it is due, negative where it is overdue;
    ``yuan``: what it saves a month, where that is known."""

    title: str
    why: Why
    due: date
    days: int
    yuan: float | None = None


@dataclass
class Sent:
    """Messages by what became of them, and the programs that did not take one."""

    sent: int = 0
    refused: int = 0
    unknown: int = 0
    failed: set[str] = field(default_factory=set)


@needs(Right.LOOK)
def all_actions(workspace: Workspace, shop_id: str) -> ActionsLook:
    """Every action as it stands today; the data are counted only where an action waits for what they say."""
    counted = watched(workspace, shop_id) and list_imports(workspace, shop_id)
    return look_at_actions(workspace, shop_id, look_at_trends(workspace, shop_id, ALL) if counted else None)


@needs(Right.LOOK)
def titles_of(workspace: Workspace, shop_id: str, look: ActionsLook, lang: Lang) -> dict[str, str]:
    """Action -> what it is called in a language."""
    checklists = checklists_of(workspace, shop_id)
    return {row.action.id: title_in(checklists, row.action.making, lang) for row in look.rows}


def reminders(
    look: ActionsLook, titles: Mapping[str, str], waiting: Iterable[Duty], words: Words, ahead_days: int, owner: str | None = None
) -> dict[str, list[Reminder]]:
    """Person -> what to be told of: overdue, gone back to where it was, or due within ``ahead_days`` days, in this order. ``titles``: by
    the id of an action; ``waiting``: what review rounds wait for; ``owner``: only of this person."""
    told = [
        (row.action.owner, Reminder(titles[row.action.id], why, row.action.due, (row.action.due - look.today).days, row.action.making.yuan))
        for row in look.rows if (why := _why(row, look.today, ahead_days)) is not None
    ]
    for duty in waiting:
        days = (duty.due - look.today).days
        if days <= ahead_days:
            title = words(f"remind.round.{duty.what}", title=duty.title, n=count(duty.left))
            told.append((duty.who, Reminder(title, "overdue" if days < 0 else "due", duty.due, days)))
    found: dict[str, list[Reminder]] = {}
    for name, one in told:
        if owner in (None, name):
            found.setdefault(name, []).append(one)
    order: dict[Why, int] = {"overdue": 0, "relapsed": 1, "due": 2}
    return {name: sorted(mine, key=lambda one: (order[one.why], one.days)) for name, mine in sorted(found.items())}


def _why(row: Row, today: date, ahead_days: int) -> Why | None:
    if row.overdue:
        return "overdue"
    if row.state == "relapsed":
        return "relapsed"
    due = row.state in ("planned", "doing") and row.action.due <= today + timedelta(days=ahead_days)
    return "due" if due else None


def written(
    shop: str, told: dict[str, list[Reminder]], lang: Lang, fits: Callable[[str], bool] = lambda _: True
) -> list[tuple[str, str]]:
    """Title and text of as few messages as fit, what somebody has to do never torn apart. Empty where nobody is told of anything."""
    words = Words(lang)
    if not told:
        return []
    everything = [one for mine in told.values() for one in mine]
    late = sum(one.why == "overdue" for one in everything)
    title = words("remind.title", shop=shop, n=count(len(everything)), late=count(late))
    bodies: list[str] = []
    for owner, mine in told.items():
        head = words("remind.owner", owner=masked(owner), n=count(len(mine)))
        body = f"{bodies.pop()}\n\n{head}" if bodies else head
        for one in mine:
            line = _line(one, words)
            if fits(f"{title}\n{body}\n{line}"):
                body = f"{body}\n{line}"
            else:
                bodies.append(body)
                body = f"{head}\n{line}"
        bodies.append(body)
    return [(title, body) for body in bodies]


def _line(one: Reminder, words: Words) -> str:
    title = masked(one.title)
    title = title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"
    key = "today" if one.why == "due" and not one.days else one.why
    when = words(f"remind.{key}", n=count(abs(one.days)), due=one.due.isoformat())
    amount = words("remind.yuan", yuan=yuan(one.yuan)) if one.yuan else ""
    return words("remind.line", title=title, when=when, yuan=amount)


@needs(Right.DECIDE)
def send(workspace: Workspace, shop: Shop, told: dict[str, list[Reminder]], channels: Sequence[Channel], lang: Lang) -> Sent:
    """Tell every channel; one that fails keeps no other from being told."""
    sent = Sent()
    for channel in channels:
        longest = call_rules(workspace).longest_bytes.of(channel.program)
        for title, body in written(shop.name, told, lang, lambda text, most=longest: len(text.encode()) <= most):  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            outcome = channel.send(title, body)
            setattr(sent, outcome, getattr(sent, outcome) + 1)
            if outcome != "sent":
                sent.failed.add(channel.program)
                break
    return sent
