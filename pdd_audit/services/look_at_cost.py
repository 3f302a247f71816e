"""What the Cost page shows: what lateness has taken, what it will take, and what it takes of people's time."""

from dataclasses import dataclass, fields

import pandas as pd

from pdd_audit.core.errors import AuditError
from pdd_audit.core.filters import ALL, Filters
from pdd_audit.metrics.causes import days_covered
from pdd_audit.metrics.cost import TAKEN, Assumed, CostLine, cost_lines, total_yuan
from pdd_audit.services.details import detail_tables
from pdd_audit.services.measure import ask_about, compact
from pdd_audit.services.workspace import Workspace, now

__all__ = ["ASSUMED", "TAKEN", "CostLine", "CostLook", "assume", "count_cost", "look_at_cost", "total_yuan"]

ASSUMED = tuple(field.name for field in fields(Assumed))
MOST = 100_000.0


@dataclass(frozen=True)
class CostLook:
    """``lines``: see ``metrics.cost``; ``days``: the period they come from; ``billed``: whether the shop has a bill at all."""

    lines: list[CostLine]
    assumed: Assumed
    days: float
    billed: bool


@dataclass(frozen=True)
class Counted:
    """What the files say, whatever the shop assumes."""

    cost: pd.DataFrame
    late_orders: int
    reshipped: int
    days: float
    billed: bool


def count_cost(workspace: Workspace, shop_id: str, _: Filters = ALL) -> Counted:
    """Of the whole shop: the bill knows neither courier nor province. Raises AuditError when the engine cannot run."""
    ask = ask_about(workspace, shop_id, None)
    tables = compact(workspace, shop_id, ask)[1]
    details = detail_tables(workspace, shop_id, ask, ("cost", "perfect"))
    states = details["perfect"]
    late = int(states.loc[(states["promise"] == "broken") | (states["pickup"] == "broken"), "orders"].sum())
    reshipped = int(tables.flag_values.get("reshipped", {}).get("orders", 0))
    return Counted(details["cost"], late, reshipped, days_covered(tables), bool(workspace.ledger(shop_id).paths("pdd_bill")))


def look_at_cost(workspace: Workspace, shop_id: str, counted: Counted) -> CostLook:
    """The lines under what the shop assumes now."""
    assumed = Assumed(**{name: value for name, value in workspace.state.assumptions(shop_id).items() if name in ASSUMED})
    return CostLook(cost_lines(counted.cost, counted.late_orders, counted.reshipped, assumed), assumed, counted.days, counted.billed)


def assume(workspace: Workspace, shop_id: str, name: str, value: float | None) -> None:
    """Keep a figure only the shop knows; None takes it back. Raises AuditError ``figure_value``."""
    if name not in ASSUMED:
        raise ValueError(f"no such assumption: {name}")
    if value is not None and not 0 <= value <= MOST:
        raise AuditError("figure_value", found=str(value), unit=f"0..{MOST:g}")
    workspace.state.assume(shop_id, name, value, now())
