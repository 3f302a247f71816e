"""What can be done for a buyer who waits: the shape of ``responses/remedies.yaml``, and which remedy is suggested for one order and why."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from pdd_audit.core.periods import Fault
from pdd_audit.core.questions import Identifier, Part, Text

Stage = Literal["refund_asked", "very_late", "late", "in_time", "not_uploaded", "collected_late"]
STAGES: tuple[Stage, ...] = get_args(Stage)  # in the order in which money is given out
VERY_LATE_MINUTES = 24 * 60
WAIT_HOURS = 24  # a second remedy only if the first has not worked by then
FEWEST = 30  # cases behind a share that may decide anything


class RemedyEntry(Part):
    """One line of the menu. ``cost_name``: the shop's own figure for one order; ``stock_name``: how many it says are left, for what can run
    out; ``limits``: figures of the platform's rules.

    ``owed``: the parcel has to move or the money to return anyway, so it is not held against what it saves. ``message``: what is said.
    """

    id: Identifier
    title: Text
    does: Text
    apt: Text
    proof: Text
    cost: Literal["nothing", "own", "margin"]
    cost_name: Identifier | None = None
    stock_name: Identifier | None = None
    owed: bool
    message: Identifier
    limits: tuple[Identifier, ...]
    source: Identifier
    basis: Literal["stated", "derived"]


class RemedyMenu(Part):
    """``remedies.yaml``. ``first_choice``: what is tried at each stage, in this order."""

    schema_version: Literal[1] = Field(alias="schema")
    remedies: Annotated[tuple[RemedyEntry, ...], Field(min_length=1)]
    first_choice: dict[Stage, Annotated[tuple[Identifier, ...], Field(min_length=1)]]

    def remedy(self, name: str) -> RemedyEntry:
        return next(one for one in self.remedies if one.id == name)

    @property
    def cost_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.cost_name for one in self.remedies if one.cost_name))

    @property
    def stock_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.stock_name for one in self.remedies if one.stock_name))


@dataclass(frozen=True)
class PastRemedy:
    remedy: str
    hours_ago: float


@dataclass(frozen=True)
class Case:
    """One order that may need a remedy. ``over_minutes``: past its earlier deadline (negative: left); ``order_yuan``: what the shop
    received; ``fine_yuan``: expected compensation, lost already once the deadline has passed."""

    order_no: str
    stage: Stage
    over_minutes: int | None
    order_yuan: float | None
    fine_yuan: float
    past: tuple[PastRemedy, ...] = ()


@dataclass(frozen=True)
class Prices:
    """What the shop says: yuan for one order by name, margin and coupons redeemed as shares 0..1; None: not said.

    ``stock``: how many are left by name. ``refund_chance``: share of late orders that were refunded, from its own files, and of how many.
    """

    yuan: Mapping[str, float] = field(default_factory=dict)
    stock: Mapping[str, int] = field(default_factory=dict)
    margin_ratio: float | None = None
    redeemed_ratio: float | None = None
    refund_chance: float | None = None
    refund_cases: int = 0


@dataclass(frozen=True)
class Why:
    """One reason, worded in ``texts/remedies.yaml`` under ``remedies.why.<code>``."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Suggestion:
    """``remedy`` None: nothing now. ``cost_yuan`` and ``gain_yuan`` None: not known."""

    case: Case
    remedy: str | None
    cost_yuan: float | None
    gain_yuan: float | None
    why: tuple[Why, ...]


def cost_of(remedy: RemedyEntry, case: Case, prices: Prices) -> float | None:
    """Yuan for one order, None where a figure of the shop is missing."""
    if remedy.cost == "nothing":
        return 0.0
    if remedy.cost == "margin":
        return _margin(case, prices)
    cost = prices.yuan.get(remedy.cost_name or "")
    if remedy.id == "coupon" and cost is not None and prices.redeemed_ratio is not None:
        return cost * prices.redeemed_ratio
    return cost


def gain_of(remedy: RemedyEntry, case: Case, prices: Prices) -> float | None:
    """Yuan that one order is worth if the remedy works: the margin times the chance of a refund, and the compensation that is still
    avoidable. A second parcel keeps the whole margin, since nobody waits for a lost one."""
    margin = _margin(case, prices)
    if remedy.id == "resend":
        return margin
    if margin is None or prices.refund_chance is None or prices.refund_cases < FEWEST:
        return None
    fine = case.fine_yuan if case.stage in ("in_time", "not_uploaded") else 0.0
    return prices.refund_chance * margin + fine


def _margin(case: Case, prices: Prices) -> float | None:
    if case.order_yuan is None or prices.margin_ratio is None:
        return None
    return case.order_yuan * prices.margin_ratio


def suggest(case: Case, menu: RemedyMenu, prices: Prices, left_yuan: float | None) -> Suggestion:
    """The first remedy of the stage that is apt, affordable and not dearer than what it saves. ``left_yuan``: of today's budget; None:
    there is none."""
    why = [Why("stage", {"stage": case.stage, "minutes": case.over_minutes})]
    recent = next((one for one in case.past if one.hours_ago < WAIT_HOURS), None)
    if recent is not None:
        return Suggestion(case, None, 0.0, None, (*why, Why("had", {"remedy": recent.remedy, "hours": recent.hours_ago})))
    tried = {one.remedy for one in case.past}
    if tried:
        why.append(Why("tried", {"remedies": tuple(sorted(tried))}))
    unjudged: Why | None = None
    for name in menu.first_choice.get(case.stage, ()):
        remedy = menu.remedy(name)
        cost, gain = cost_of(remedy, case, prices), gain_of(remedy, case, prices)
        if name in tried and remedy.cost != "nothing" and not _only_way_out(name, case):
            continue
        if remedy.stock_name is not None and not prices.stock.get(remedy.stock_name):
            why.append(Why("no_stock" if remedy.stock_name in prices.stock else "stock_unsaid", {"remedy": name}))
            continue
        if left_yuan is not None and left_yuan <= 0 and cost is None and remedy.cost == "own":
            why.append(Why("budget_gone", {"remedy": name}))
            continue
        if left_yuan is not None and cost is not None and cost > left_yuan and remedy.cost == "own":
            why.append(Why("over_budget", {"remedy": name, "cost": cost, "left": left_yuan}))
            continue
        if not remedy.owed and cost is not None and gain is not None and cost > gain:
            why.append(Why("dearer", {"remedy": name, "cost": cost, "gain": gain}))
            continue
        if not remedy.owed and (cost is None or gain is None):
            unjudged = Why("cost_unknown" if cost is None else "gain_unknown", {"remedy": name})
        elif not remedy.owed:
            unjudged = Why("worth", {"remedy": name, "cost": cost, "gain": gain})
        elif cost is None:
            unjudged = Why("cost_unknown", {"remedy": name})
        why.append(Why(f"for_{case.stage}", {"remedy": name}))
        return Suggestion(case, name, cost, gain, (*why, *([unjudged] if unjudged else [])))
    return Suggestion(case, None, 0.0, None, (*why, Why("nothing_left")))


def _only_way_out(name: str, case: Case) -> bool:
    return name == "refund" and case.stage == "refund_asked"


def suggest_all(cases: Sequence[Case], menu: RemedyMenu, prices: Prices, left_yuan: float | None) -> list[Suggestion]:
    """One suggestion an order, budget and stock given out by stage, then by what an order is worth. A refund is not paid out of the budget:
    the money was never ours to spend."""
    found = []
    left, stock = left_yuan, dict(prices.stock)
    for case in sorted(cases, key=lambda one: (STAGES.index(one.stage), -(one.order_yuan or 0.0), one.order_no)):
        one = suggest(case, menu, replace(prices, stock=stock), left)
        kept = None if one.remedy is None else menu.remedy(one.remedy).stock_name
        if kept is not None:
            stock[kept] -= 1
        if left is not None and one.remedy is not None and menu.remedy(one.remedy).cost == "own" and one.cost_yuan:
            left -= one.cost_yuan
        found.append(one)
    return found


def budgeted_yuan(suggestions: Sequence[Suggestion], menu: RemedyMenu) -> float:
    """What the suggestions would take of the budget."""
    return sum(
        one.cost_yuan or 0.0 for one in suggestions if one.remedy is not None and menu.remedy(one.remedy).cost == "own"
    )


def stage_of(state: str, left_minutes: int | None, asked: bool, refunded: bool) -> Stage | None:
    """Where an order stands; None: nothing to remedy. ``state``: not_uploaded, open, collected."""
    if refunded:
        return None
    if state == "collected":
        return "collected_late" if left_minutes is not None and left_minutes <= 0 else None
    if asked:
        return "refund_asked"
    if left_minutes is None:
        return None
    if state == "not_uploaded":
        return "not_uploaded"
    if left_minutes > 0:
        return "in_time"
    return "very_late" if -left_minutes >= VERY_LATE_MINUTES else "late"


# --- what must hold beyond the shape ----------------------------------------------------------------------------------------


def menu_faults(
    menu: RemedyMenu, messages: Collection[str], figures: Collection[str] | None = None, sources: Collection[str] | None = None
) -> list[Fault]:
    """(path in the file, code, values). ``messages``: ids of the texts; ``figures``: of the rules; ``sources``: known keys."""
    faults: list[Fault] = []
    ids = [one.id for one in menu.remedies]
    for at, one in enumerate(menu.remedies):
        path = ("remedies", at)
        if one.id in ids[:at]:
            faults.append(((*path, "id"), "response_id_twice", {"name": one.id}))
        if (one.cost == "own") != (one.cost_name is not None):
            faults.append(((*path, "cost"), "response_cost_name", {"name": one.id}))
        if one.message not in messages:
            faults.append(((*path, "message"), "response_message_unknown", {"name": one.message, "choices": sorted(messages)}))
        known = one.limits if figures is None else figures
        faults += [
            ((*path, "limits", place), "response_figure_unknown", {"name": figure, "choices": sorted(known)})
            for place, figure in enumerate(one.limits) if figure not in known
        ]
        if sources is not None and one.source not in sources:
            faults.append(((*path, "source"), "checklist_source_unknown", {"name": one.source, "choices": sorted(sources)}))
    missing = [stage for stage in STAGES if stage not in menu.first_choice]
    faults += [(("first_choice",), "response_stage_missing", {"name": stage}) for stage in missing]
    for stage, names in menu.first_choice.items():
        faults += [
            (("first_choice", stage, place), "response_remedy_unknown", {"name": name, "choices": ids})
            for place, name in enumerate(names) if name not in ids
        ]
    return faults
