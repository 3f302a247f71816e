"""What to do first. Each action is judged by the points it would win and, where late parcels carry a cause and an amount, by the
yuan it would save; one late parcel is never saved twice."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from pdd_audit.core.items import ItemValue
from pdd_audit.core.questions import Checklists, LevelCode, Question, Remedy
from pdd_audit.core.scoring import Scored

HORIZON_MONTHS = 3
DAYS_A_MONTH = 30.0
FIND_OUT_HOURS = 0.5
POINTS_DIGITS = 6  # points further apart than rounding noise decide an order; equal ones keep that of the checklist

Month = Mapping[str, tuple[float, float | None]]  # cause -> late parcels and yuan of 30 days


@dataclass(frozen=True)
class Loss:
    """Late parcels of one cause: how many in the period, and their expected cost in yuan (None: no amount is known)."""

    cause: str
    orders: int
    yuan: float | None


@dataclass(frozen=True)
class Step:
    """One action of the plan, per month. ``works``: how much of its causes it takes away, given how much is done already;
    ``find_out``: nobody knows the answer yet, so the first step is to look."""

    question: Question
    practice: str
    remedy: Remedy | None
    points: float
    hours: float
    works: float = 0.0
    orders: float | None = None
    yuan: float | None = None
    find_out: bool = False


def make_plan(
    checklists: Checklists, scored: Scored, losses: Iterable[Loss], days: float, put_off: Collection[str] = ()
) -> list[Step]:
    """Actions in order: first those that save yuan, by additional yuan per hour after the ones before; then the rest by points.

    ``days``: length of the period behind ``losses``; amounts are scaled to a month of 30 days. ``put_off``: questions of which nothing
    is asked for now. Whoever changes how steps are chosen looks at ``quick_path``, which proves that the first three stand.
    """
    gains = {item.id: item.gain for practice in scored.practices.values() for item in practice.items}
    steps = [
        step
        for practice in checklists.practices
        for question in practice.items
        if question.id not in put_off and (item := scored.items.get(question.id)) is not None
        and (step := step_of(question, practice.practice.id, item, gains[question.id])) is not None
    ]
    ordered = _by_money(steps, a_month(losses, days))
    taken = {step.question.id for step in ordered}
    rest = [step for step in steps if step.question.id not in taken and step.points > 0]
    return ordered + sorted(rest, key=lambda step: -round(step.points, POINTS_DIGITS))


def a_month(losses: Iterable[Loss], days: float) -> dict[str, tuple[float, float | None]]:
    """Cause -> late parcels and yuan of 30 days."""
    scale = DAYS_A_MONTH / days
    return {loss.cause: (loss.orders * scale, None if loss.yuan is None else loss.yuan * scale) for loss in losses}


@dataclass(frozen=True)
class Saving:
    """What several actions would save together, a month: late parcels, and yuan (None where no amount is known)."""

    orders: float
    yuan: float | None


def saved_together(steps: Iterable[Step], losses: Iterable[Loss], days: float) -> Saving:
    """Of actions done side by side: a late parcel that two of them would save is saved once, so no choice saves more than is lost."""
    month = a_month(losses, days)
    left = dict.fromkeys(month, 1.0)
    for step in steps:
        for cause in set(step.remedy.addresses if step.remedy else ()) & set(left):
            left[cause] *= 1 - step.works
    yuan = [amount * (1 - left[cause]) for cause, (_, amount) in month.items() if amount is not None]
    return Saving(sum(orders * (1 - left[cause]) for cause, (orders, _) in month.items()), sum(yuan) if yuan else None)


def step_of(question: Question, practice: str, item: ItemValue, gain: float) -> Step | None:
    """The remedy of the level an answer counts as; nothing for an unanswered, inapplicable or perfect one. A cap may keep its points at
    zero: the parcels it saves are saved all the same."""
    if question.weight == 0 or not item.applies or item.value is None or item.value >= 1:
        return None
    if item.state == "unknown":
        return Step(question, practice, None, gain, FIND_OUT_HOURS / HORIZON_MONTHS, find_out=True)
    remedy = remedy_at(question, item.value, item.counted_as)
    if remedy is None:
        return None
    hours = remedy.effort_hours / HORIZON_MONTHS + remedy.effort_hours_per_month
    return Step(question, practice, remedy, gain, hours, works=remedy.works_prior * (1 - item.value))


def remedy_at(question: Question, value: float, counted_as: LevelCode | None) -> Remedy | None:
    """What to do at the level an answer counts as; a metric's value stands for the level it has reached."""
    level = counted_as or ("unmet" if value < 0.3 else "partly" if value < 0.7 else "mostly")
    return next((remedy for remedy in question.remedies if level in remedy.levels), None)


def _by_money(steps: list[Step], month: Month) -> list[Step]:
    """Greedy by additional yuan per hour. ``left``: the share of each cause's parcels that the actions so far would not have saved."""
    left = dict.fromkeys(month, 1.0)
    waiting = [step for step in steps if step.remedy is not None and any(cause in month for cause in step.remedy.addresses)]
    chosen: list[Step] = []
    while waiting:
        offers = [(step, savings(step, month, left)) for step in waiting]
        best, (orders, yuan) = max(offers, key=lambda offer: urgency(offer[0], offer[1]))
        if not yuan:
            break
        best = replace(best, orders=orders, yuan=yuan)
        chosen.append(best)
        take(best, left)
        waiting = [step for step in waiting if step.question.id != best.question.id]
    return chosen


def urgency(step: Step, saved: tuple[float, float]) -> tuple[float, float, float]:
    """What makes a step come before another: yuan an hour, then parcels, then points. ``saved``: see ``savings``."""
    orders, yuan = saved
    return yuan / max(step.hours, 0.1), orders, round(step.points, POINTS_DIGITS)


def take(step: Step, left: dict[str, float]) -> None:
    """``left`` after a step was taken."""
    assert step.remedy is not None, "only steps with a remedy are priced"
    for cause in set(step.remedy.addresses) & set(left):
        left[cause] *= 1 - step.works


def savings(step: Step, month: Month, left: Mapping[str, float]) -> tuple[float, float]:
    """Late parcels and yuan that the step saves of what is ``left`` of each cause."""
    assert step.remedy is not None
    orders = yuan = 0.0
    for cause in (cause for cause in month if cause in step.remedy.addresses):  # always in one order: sums of floats depend on it
        saved = left[cause] * step.works
        orders += month[cause][0] * saved
        yuan += (month[cause][1] or 0.0) * saved
    return orders, yuan
