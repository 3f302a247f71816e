"""What to do for buyers who wait: a suggestion for each order, what the day's budget still allows, what was done, and whether it helped."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

import pandas as pd

from pdd_audit.core.deeds import Deed
from pdd_audit.core.errors import AuditError
from pdd_audit.core.figures import Figure
from pdd_audit.core.filters import ALL, Filters
from pdd_audit.core.incidents.remedies import (
    FEWEST,
    STAGES,
    WAIT_HOURS,
    Case,
    PastRemedy,
    Prices,
    RemedyEntry,
    RemedyMenu,
    Suggestion,
    Why,
    budgeted_yuan,
    cost_of,
    stage_of,
    suggest_all,
)
from pdd_audit.core.measurement import Estimate
from pdd_audit.core.people import Right
from pdd_audit.metrics.intervals import share
from pdd_audit.services.access import needs
from pdd_audit.services.deeds import deeds, do, undo
from pdd_audit.services.details import kept_rows
from pdd_audit.services.incidents.tell_buyers import NEAR_MINUTES, BuyerRow, Concerned, concerned_at, responses_of
from pdd_audit.services.measure import Ask, ask_about, ground_of
from pdd_audit.services.rules import home_rules_of
from pdd_audit.services.workspace import Workspace, now

__all__ = ["FEWEST", "STAGES", "Estimate", "Figure", "RemedyEntry", "RemedyMenu", "Suggestion", "Why"]  # for those who draw a look

MARGIN, REDEEMED, BUDGET = "remedy_margin_ratio", "remedy_redeemed_ratio", "remedy_budget_yuan"
RATIOS = (MARGIN, REDEEMED)
MOST_YUAN = 100_000.0
PAYMENT = "small_payment"


@dataclass(frozen=True)
class Outcomes:
    """Late orders that still stood a day after their limit, and those of them refunded within the week after (``share``). ``dated``:
    whether the files know when refunds were agreed at all."""

    dated: bool
    orders: int = 0
    refunded: int = 0

    @property
    def share(self) -> Estimate:
        return share(self.refunded, self.orders)


@dataclass(frozen=True)
class Counted:
    """What the files say, whatever the shop assumes: orders that concern somebody, and what became of earlier ones."""

    seen: Concerned
    outcomes: Outcomes


@dataclass(frozen=True)
class Effect:
    """Orders somebody told or helped in time, and those nobody did; refunded later, of how many. ``enough``: both sides may be compared.
    ``by_remedy``: the same of those given each remedy."""

    helped: Estimate
    left_alone: Estimate
    by_remedy: Mapping[str, Estimate] = field(default_factory=dict)

    @property
    def enough(self) -> bool:
        return self.helped.n >= FEWEST and self.left_alone.n >= FEWEST

    @property
    def differs(self) -> bool:
        """Whether the intervals lie apart."""
        sides = (self.helped.low, self.helped.high, self.left_alone.low, self.left_alone.high)
        if any(value is None for value in sides):
            return False
        low, high, other_low, other_high = (float(value or 0.0) for value in sides)
        return high < other_low or other_high < low


@dataclass(frozen=True)
class RemedyLook:
    """``suggestions``: one an order, urgent ones first. ``budget_yuan``: of a day, None: none set; ``spent_yuan``: today. ``assumed``:
    what the shop said, of what runs out what is left of it."""

    as_of: datetime | None
    suggestions: tuple[Suggestion, ...]
    menu: RemedyMenu
    prices: Prices
    assumed: Mapping[str, float]
    budget_yuan: float | None
    spent_yuan: float
    outcomes: Outcomes

    @property
    def left_yuan(self) -> float | None:
        return None if self.budget_yuan is None else max(0.0, self.budget_yuan - self.spent_yuan)

    @property
    def asked_yuan(self) -> float:
        """What the suggestions would take of the budget, as far as costs are known."""
        return budgeted_yuan(self.suggestions, self.menu)

    @property
    def unpriced(self) -> int:
        """Orders whose suggestion costs something nobody has named."""
        bought = {remedy.id for remedy in self.menu.remedies if remedy.cost == "own"}
        return sum(one.cost_yuan is None and one.remedy in bought for one in self.suggestions)

    def of(self, remedy: str) -> tuple[Suggestion, ...]:
        return tuple(one for one in self.suggestions if one.remedy == remedy)

    def cost(self, remedy: RemedyEntry) -> float | None:
        """Yuan for one order where it does not depend on the order."""
        return cost_of(remedy, Case("", "late", None, None, 0.0), self.prices) if remedy.cost != "margin" else None


def names_to_assume(menu: RemedyMenu) -> tuple[str, ...]:
    """The shop's own figures, in the order in which they are asked for."""
    return (BUDGET, *menu.cost_names, *menu.stock_names, REDEEMED, MARGIN)


@needs(Right.LOOK)
def count_remedies(workspace: Workspace, shop_id: str, filters: Filters = ALL) -> Counted:
    """As the newest files know it. Raises AuditError when the engine cannot run."""
    ask = ask_about(workspace, shop_id, None)
    return Counted(concerned_at(workspace, shop_id, ask, filters), _outcomes(workspace, shop_id, ask))


@needs(Right.LOOK)
def remedy_look(workspace: Workspace, shop_id: str, counted: Counted) -> RemedyLook:
    """Suggestions under what the shop assumes now."""
    menu = responses_of(workspace).menu
    stock = Stock.of(workspace, shop_id, menu).left(deeds(workspace, shop_id, ("remedied",)))
    assumed = workspace.state.assumptions(shop_id) | stock
    chance = counted.outcomes.share
    prices = Prices(
        {name: assumed[name] for name in menu.cost_names if name in assumed}, stock, assumed.get(MARGIN), assumed.get(REDEEMED),
        chance.value, chance.n,
    )
    budget, spent = assumed.get(BUDGET), spent_today(workspace, shop_id)
    left = None if budget is None else max(0.0, budget - spent)
    past = _past(workspace, shop_id)
    cases = [case for row in counted.seen.rows if (case := _case(row, past.get(row.order_no, ()))) is not None]
    return RemedyLook(
        counted.seen.as_of, tuple(suggest_all(cases, menu, prices, left)), menu, prices,
        {name: assumed[name] for name in names_to_assume(menu) if name in assumed}, budget, spent, counted.outcomes,
    )


def _case(row: BuyerRow, past: tuple[PastRemedy, ...]) -> Case | None:
    stage = stage_of(row.state or "", row.left_minutes, row.asked, row.refunded)
    if stage is None or (stage in ("in_time", "not_uploaded") and (row.left_minutes or 0) > NEAR_MINUTES):
        return None
    over = None if row.left_minutes is None else -row.left_minutes
    return Case(row.order_no, stage, over, row.received_yuan, row.cost_yuan, past)


def _past(workspace: Workspace, shop_id: str) -> dict[str, tuple[PastRemedy, ...]]:
    found: dict[str, list[PastRemedy]] = {}
    for deed in deeds(workspace, shop_id, ("remedied",)):
        hours = (now() - deed.at).total_seconds() / 3600
        for order in deed.subjects:
            found.setdefault(order, []).append(PastRemedy(str(deed.what.get("remedy", "")), hours))
    return {order: tuple(reversed(done)) for order, done in found.items()}


# --- the shop's own figures -------------------------------------------------------------------------------------------------


@needs(Right.DECIDE)
def assume_cost(workspace: Workspace, shop_id: str, name: str, value: float | None) -> None:
    """Keep a figure only the shop knows, yuan, a share 0..1, or how many are left; None takes it back. Raises AuditError
    ``figure_value``."""
    menu = responses_of(workspace).menu
    if name not in names_to_assume(menu):
        raise ValueError(f"no such figure: {name}")
    most = 1.0 if name in RATIOS else MOST_YUAN
    if value is not None and (not 0 <= value <= most or (name in menu.stock_names and value != int(value))):
        raise AuditError("figure_value", found=str(value), unit=f"0..{most:g}")
    workspace.state.assume(shop_id, name, value, now())


@needs(Right.LOOK)
def limits_of(workspace: Workspace, shop_id: str, remedy: RemedyEntry) -> dict[str, Figure]:
    """The platform's figures that bound a remedy, as the shop's rules have them today; a value of None is not known."""
    pack = home_rules_of(workspace, shop_id).pack_for(now().date())
    return {name: pack.figures[name] for name in remedy.limits if name in pack.figures}


@dataclass(frozen=True)
class Stock:
    """What can run out: name -> how many there were and when somebody counted them; and which remedies take from which name."""

    counted: Mapping[str, tuple[int, datetime]]
    takes: Mapping[str, str]

    @classmethod
    def of(cls, workspace: Workspace, shop_id: str, menu: RemedyMenu) -> "Stock":
        said, at = workspace.state.assumptions(shop_id), workspace.state.assumed_at(shop_id)
        return cls(
            {name: (int(said[name]), at[name]) for name in menu.stock_names if name in said and name in at},
            {one.id: one.stock_name for one in menu.remedies if one.stock_name is not None},
        )

    def left(self, done: Iterable[Deed]) -> dict[str, int]:
        """Name -> how many are left after these deeds; a name nobody has counted is not there."""
        used = dict.fromkeys(self.counted, 0)
        for deed in done:
            name = self.takes.get(str(deed.what.get("remedy", "")))
            if name in used and deed.at >= self.counted[name][1]:
                used[name] += len(deed.subjects)
        return {name: max(0, counted - used[name]) for name, (counted, _) in self.counted.items()}


# --- what was done ----------------------------------------------------------------------------------------------------------


@needs(Right.LOOK)
def spent_today(workspace: Workspace, shop_id: str) -> float:
    """Yuan given out since midnight, as it was noted."""
    return _spent(deeds(workspace, shop_id, ("remedied",)))


def _spent(done: Iterable[Deed]) -> float:
    midnight = datetime.combine(now().date(), time())
    return sum(_yuan(deed) * len(deed.subjects) for deed in done if deed.at >= midnight)


def _yuan(deed: Deed) -> float:
    value = deed.what.get("yuan", 0.0)
    return value if isinstance(value, float) else 0.0


@needs(Right.LOOK)
def done_remedies(workspace: Workspace, shop_id: str, most: int | None = 20) -> list[Deed]:
    """What was noted, newest first."""
    return list(reversed(deeds(workspace, shop_id, ("remedied",))))[:most]


@needs(Right.ANSWER)
def record_remedy(workspace: Workspace, shop_id: str, remedy: str, orders: Sequence[str], yuan: float | None, by: str) -> str:
    """Note what was done for these orders, ``yuan`` for each (None where it costs nothing of the budget); the deed's id.

    Raises AuditError ``remedy_cost_missing`` for one that costs something nobody named, ``remedy_over_budget`` when the day's budget does
    not allow it, ``remedy_no_stock`` for more than are left, ``remedy_twice`` for an order that was just given the same, ``remedy_limit``
    or ``remedy_gap`` for a small payment beyond what the rules are known to allow, ``deed_who`` without a name, ``deed_subjects`` without
    an order. All of it is held against what stands at the very moment, so that two people at once do not spend the same yuan.
    """
    menu = responses_of(workspace).menu
    entry = menu.remedy(remedy)
    chosen = list(dict.fromkeys(orders))
    if entry.cost == "own" and yuan is None:
        raise AuditError("remedy_cost_missing")
    each = yuan or 0.0
    budget = workspace.state.assumptions(shop_id).get(BUDGET) if entry.cost == "own" else None
    stock = Stock.of(workspace, shop_id, menu)
    limits = _known_limits(workspace, shop_id, entry) if remedy == PAYMENT else {}

    def fits(standing: list[Deed]) -> None:
        done = [deed for deed in standing if deed.kind == "remedied"]
        same = [deed for deed in done if deed.what.get("remedy") == remedy]
        if remedy == PAYMENT:
            _within_limits(limits, same, chosen, each)
        elif entry.cost == "own":
            _not_twice(same, chosen)
        _in_stock(entry, stock.left(done), len(chosen))
        if budget is not None:
            _within_budget(budget, _spent(done), each * len(chosen))

    return do(workspace, shop_id, "remedied", chosen, by, {"remedy": remedy, "yuan": each}, fits)


def _within_budget(budget: float, spent: float, total: float) -> None:
    left = max(0.0, budget - spent)
    if total > left + 1e-9:
        raise AuditError("remedy_over_budget", found=f"{total:g}", left=f"{left:g}", budget=f"{budget:g}")


def _in_stock(entry: RemedyEntry, left: Mapping[str, int], wanted: int) -> None:
    """What nobody has counted refuses nothing: it was done all the same."""
    name = entry.stock_name
    if name is not None and name in left and wanted > left[name]:
        raise AuditError("remedy_no_stock", found=str(wanted), left=left[name], title_zh=entry.title.zh, title_en=entry.title.en)


def _not_twice(same: Iterable[Deed], orders: Sequence[str]) -> None:
    recent = now() - timedelta(hours=WAIT_HOURS)
    given = {order for deed in same if deed.at > recent for order in deed.subjects}
    twice = [order for order in orders if order in given]
    if twice:
        raise AuditError("remedy_twice", found=twice[0], hours=WAIT_HOURS)


def _known_limits(workspace: Workspace, shop_id: str, entry: RemedyEntry) -> dict[str, float]:
    return {
        name: float(figure.value) for name, figure in limits_of(workspace, shop_id, entry).items()
        if isinstance(figure.value, int | float) and not isinstance(figure.value, bool)
    }


def _within_limits(figures: Mapping[str, float], paid: Sequence[Deed], orders: Sequence[str], yuan: float) -> None:
    """Only figures that are known refuse anything. ``paid``: earlier small payments."""
    least, most = figures.get("small_payment_min_yuan"), figures.get("small_payment_max_yuan")
    if least is not None and yuan < least:
        raise AuditError("remedy_limit", found=f"{yuan:g}", limit=f"≥ {least:g}")
    if most is not None and yuan > most:
        raise AuditError("remedy_limit", found=f"{yuan:g}", limit=f"≤ {most:g}")
    times = figures.get("small_payment_order_count")
    full = [order for order in orders if times is not None and sum(order in deed.subjects for deed in paid) >= times]
    if full:
        raise AuditError("remedy_limit", found=full[0], limit=f"≤ {times:g}")
    gap = figures.get("small_payment_gap_minutes")
    just = {order for deed in paid if gap is not None and now() - deed.at < timedelta(minutes=gap) for order in deed.subjects}
    if soon := [order for order in orders if order in just]:
        raise AuditError("remedy_gap", found=soon[0], minutes=f"{gap:g}")
    daily = [figures[name] for name in ("small_payment_day_balance_yuan", "small_payment_day_alipay_yuan") if name in figures]
    midnight = datetime.combine(now().date(), time())
    today = sum(_yuan(deed) * len(deed.subjects) for deed in paid if deed.at >= midnight) + yuan * len(orders)
    if len(daily) == 2 and today > sum(daily):
        raise AuditError("remedy_limit", found=f"{today:g}", limit=f"≤ {sum(daily):g}")


@needs(Right.ANSWER)
def undo_remedy(workspace: Workspace, shop_id: str, deed: str, by: str) -> None:
    """It counts as not done. Raises AuditError without a name."""
    if not by.strip():
        raise AuditError("deed_who", found="")
    undo(workspace, shop_id, deed, by)


# --- whether it helped ------------------------------------------------------------------------------------------------------


def _outcomes(workspace: Workspace, shop_id: str, ask: Ask | None) -> Outcomes:
    if ask is None or not workspace.ledger(shop_id).paths("pdd_orders") or not workspace.ledger(shop_id).paths("pdd_after_sales"):
        return Outcomes(False)
    from pdd_audit.data.relations.buyers import late_outcomes  # the engine loads only when something is counted

    found = kept_rows(workspace, shop_id, ask, ALL, {"late_outcomes": late_outcomes})["late_outcomes"]
    return Outcomes(True, int(found["orders"].sum()), int(found["refunded"].sum()))


@needs(Right.LOOK)
def effect_on_refunds(workspace: Workspace, shop_id: str, outcomes: Outcomes) -> Effect:
    """Orders told or helped by a day after their limit, against all others that stood then. Who was helped was chosen by people, so a
    difference goes with the help and does not prove it. Raises AuditError when the engine cannot run."""
    first: dict[str, datetime] = {}
    given: dict[tuple[str, str], datetime] = {}
    for deed in deeds(workspace, shop_id, ("told", "remedied")):
        for order in deed.subjects:
            first.setdefault(order, deed.at)
            if deed.kind == "remedied":
                given.setdefault((str(deed.what.get("remedy", "")), order), deed.at)
    ask = ask_about(workspace, shop_id, None)
    if not outcomes.dated or not first or ask is None:
        return Effect(share(0, 0), outcomes.share)
    from pdd_audit.data.relations.buyers import late_outcomes

    with ground_of(workspace, shop_id, ask) as ground:
        found = late_outcomes(ground, tuple(first))
    became = {str(row.order_no): (pd.Timestamp(row.landmark).to_pydatetime(), bool(row.refunded)) for row in found.itertuples()}

    def of(at: Mapping[str, datetime]) -> tuple[int, int]:
        """(refunded later, all) of the orders these moments came in time for."""
        in_time = [became[order][1] for order, moment in at.items() if order in became and became[order][0] >= moment]
        return sum(in_time), len(in_time)

    refunded, helped = of(first)
    names = dict.fromkeys(name for name, _ in given)
    each = {name: share(*of({order: at for (one, order), at in given.items() if one == name})) for name in names}
    return Effect(share(refunded, helped), share(outcomes.refunded - refunded, outcomes.orders - helped), each)
