"""What the Cost page shows: what lateness has taken, what it will take, and what it takes of people's time."""

from dataclasses import dataclass, fields, replace

import pandas as pd

from pdd_audit.core.errors import AuditError
from pdd_audit.core.filters import ALL, Filters
from pdd_audit.core.people import Right
from pdd_audit.metrics.bias import bias_of
from pdd_audit.metrics.causes import days_covered
from pdd_audit.metrics.cost import REFUNDS, TAKEN, Assumed, CostLine, affected_orders, cost_lines, total_yuan
from pdd_audit.services.access import needs
from pdd_audit.services.details import detail_tables
from pdd_audit.services.measure import ask_about, compact
from pdd_audit.services.rules import amounts_known
from pdd_audit.services.workspace import Workspace, now

__all__ = ["ASSUMED", "REFUNDS", "SHARES", "TAKEN", "CostLine", "CostLook", "assume", "count_cost", "look_at_cost", "total_yuan"]

ASSUMED = tuple(field.name for field in fields(Assumed))
SHARES = tuple(name for name in ASSUMED if name.endswith("_ratio"))
MOST = 100_000.0


@dataclass(frozen=True)
class CostLook:
    """``lines``: see ``metrics.cost``; ``orders`` behind them, each once; ``days``: the period they come from; ``billed``: whether the
    shop has a bill at all; ``biased``: the files mislead about late parcels."""

    lines: list[CostLine]
    orders: int
    assumed: Assumed
    days: float
    billed: bool
    biased: bool = False


@dataclass(frozen=True)
class Counted:
    """What the files say, whatever the shop assumes. ``priced``: whether the rules name the amount of a compensation to expect."""

    cost: pd.DataFrame
    late_orders: int
    reshipped: int
    days: float
    billed: bool
    priced: bool = True
    biased: bool = False


@needs(Right.LOOK)
def count_cost(workspace: Workspace, shop_id: str, _: Filters = ALL) -> Counted:
    """Of the whole shop: the bill knows neither courier nor province. Raises AuditError when the engine cannot run."""
    ask = ask_about(workspace, shop_id, None)
    tables = compact(workspace, shop_id, ask)[1]
    details = detail_tables(workspace, shop_id, ask, ("cost", "perfect"))
    states = details["perfect"]
    late = int(states.loc[(states["promise"] == "broken") | (states["pickup"] == "broken"), "orders"].sum())
    reshipped = int(tables.flag_values.get("reshipped", {}).get("orders", 0))
    billed, priced = bool(workspace.ledger(shop_id).paths("pdd_bill")), amounts_known(workspace, shop_id, tables.as_of)
    return Counted(details["cost"], late, reshipped, days_covered(tables), billed, priced, bias_of(tables) is not None)


@needs(Right.LOOK)
def look_at_cost(workspace: Workspace, shop_id: str, counted: Counted) -> CostLook:
    """The lines under what the shop assumes now."""
    assumed = Assumed(**{name: value for name, value in workspace.state.assumptions(shop_id).items() if name in ASSUMED})
    lines = cost_lines(counted.cost, counted.late_orders, counted.reshipped, assumed)
    if not counted.priced:
        lines = [replace(line, yuan=None) if line.line == "expected" else line for line in lines]
    return CostLook(lines, affected_orders(counted.cost), assumed, counted.days, counted.billed, counted.biased)


@needs(Right.DECIDE)
def assume(workspace: Workspace, shop_id: str, name: str, value: float | None) -> None:
    """Keep a figure only the shop knows; None takes it back. Raises AuditError ``figure_value``."""
    if name not in ASSUMED:
        raise ValueError(f"no such assumption: {name}")
    most = 1.0 if name in SHARES else MOST
    if value is not None and not 0 <= value <= most:
        raise AuditError("figure_value", found=str(value), unit=f"0..{most:g}")
    workspace.state.assume(shop_id, name, value, now())
