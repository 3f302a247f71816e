"""Who is told of which open parcels, at which hour after their upload; pure: what was told before comes in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pdd_audit.core.incidents.calls import CallRules
from pdd_audit.core.incidents.outlet_message import masked
from pdd_audit.core.incidents.urgency import OpenParcel, Who

Lang = Literal["zh", "en"]


@dataclass(frozen=True)
class Step:
    """A parcel that has waited ``hour`` hours; the highest hour of the rules that it has reached."""

    parcel: OpenParcel
    hour: int

    @property
    def key(self) -> tuple[str, int]:
        return self.parcel.waybill, self.hour


@dataclass(frozen=True)
class Notice:
    """One message about one outlet, with what it is about."""

    who: Who
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Heading:
    """What stands above a notice: language, shop, how the outlet is called, and the moment the files speak of."""

    lang: Lang
    shop: str
    outlet: str
    as_of: str


def steps_due(parcels: Iterable[OpenParcel], rules: CallRules, now: datetime, known_until: Mapping[str | None, datetime]) -> list[Step]:
    """Parcels to be told of now. ``known_until``: courier -> until when its pickups are in the files; what is older than the rules allow,
    or not known at all, tells nothing. Neither does a parcel past its deadline: it is late, not running late."""
    oldest = now - timedelta(minutes=rules.stale_after_minutes)
    found = []
    for parcel in parcels:
        until = known_until.get(parcel.courier)
        if until is None or not oldest <= until or parcel.late or parcel.due_at <= now:
            continue
        reached = [hour for hour in rules.notify_hours if now - parcel.shipped_at >= timedelta(hours=hour)]
        if reached:
            found.append(Step(parcel, reached[-1]))
    return found


def by_outlet(steps: Iterable[Step]) -> list[Notice]:
    """One notice per outlet, that of the most urgent parcel first."""
    groups: dict[Who, list[Step]] = {}
    for step in sorted(steps, key=lambda step: (step.parcel.due_at, step.parcel.waybill)):
        groups.setdefault(step.parcel.who, []).append(step)
    return [Notice(who, tuple(group)) for who, group in groups.items()]


def in_messages(notice: Notice, fits: Callable[[Sequence[Step]], bool]) -> list[Notice]:
    """A notice as few notices that each fit, and none is empty; a parcel that alone does not fit stands alone."""
    parts: list[list[Step]] = [[]]
    for step in notice.steps:
        if parts[-1] and not fits([*parts[-1], step]):
            parts.append([])
        parts[-1].append(step)
    return [Notice(notice.who, tuple(part)) for part in parts if part]


def written(steps: Sequence[Step], rules: CallRules, heading: Heading) -> tuple[str, str]:
    """Title and body. Waybills are masked; those who have waited longest come first."""
    texts, chinese = rules.notice, heading.lang == "zh"

    def said(name: str, **values: object) -> str:
        text = getattr(texts, name)
        return str((text.zh if chinese else text.en).format(**values))

    shown = masked([step.parcel.waybill for step in steps], rules.waybill_head, rules.waybill_tail)
    lines = [said("as_of", as_of=heading.as_of)]
    for hour in sorted({step.hour for step in steps}, reverse=True):
        here = [step for step in steps if step.hour == hour]
        lines.append(said("hour", hours=hour, count=len(here)))
        lines += [said("line", waybill=shown[step.parcel.waybill], due=f"{step.parcel.due_at:%m-%d %H:%M}") for step in here]
    return said("title", shop=heading.shop, outlet=heading.outlet, count=len(steps)), "\n".join(lines)
