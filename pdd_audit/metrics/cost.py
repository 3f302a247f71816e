"""What lateness costs in yuan: what the bill has taken, what is still to be expected, and the work. Nothing is guessed: a bill row that
names no order stays a pool of its own, and the hours and postage are the shop's own figures."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

FINES = ("fine_late_shipping", "fine_false_shipping")

Line = Literal[
    "fined_late", "fined_in_time", "fined_undecided", "unlinked", "elsewhere", "won_back", "expected", "refunds_said", "refunds_inferred",
    "handling", "reshipping",
]
LINES: tuple[Line, ...] = (
    "fined_late", "fined_in_time", "fined_undecided", "unlinked", "elsewhere", "won_back", "expected", "refunds_said", "refunds_inferred",
    "handling", "reshipping",
)
REFUNDS: dict[Line, str] = {"refunds_said": "said", "refunds_inferred": "inferred"}
BY_VERDICT: dict[Line, str] = {
    "fined_late": "late", "fined_in_time": "in_time", "fined_undecided": "undecided", "unlinked": "unlinked", "elsewhere": "elsewhere",
}
TAKEN: tuple[Line, ...] = ("fined_late", "fined_in_time", "fined_undecided", "unlinked", "elsewhere", "won_back")


@dataclass(frozen=True)
class Assumed:
    """What only the shop knows; None: it has not said. Share of a refunded amount that is really lost, minutes a late order takes, wage
    an hour, postage of a second parcel."""

    refund_loss_ratio: float | None = None
    minutes_per_case: float | None = None
    wage_yuan_per_hour: float | None = None
    reship_yuan: float | None = None


@dataclass(frozen=True)
class CostLine:
    """``orders``: bookings or orders behind it; ``yuan``: None where an assumption is missing. ``given_back``: for refunds, the whole
    amount of which ``yuan`` is the lost part."""

    line: Line
    orders: int
    yuan: float | None
    given_back: float | None = None


def cost_lines(cost: pd.DataFrame, late_orders: int, reshipped: int, assumed: Assumed) -> list[CostLine]:
    """Lines with anything behind them, in the order of ``LINES``. ``cost``: category, verdict, orders, yuan; ``late_orders``: late on
    either clock; ``reshipped``: orders whose parcel was replaced."""
    fines = cost[cost["category"].isin(FINES)]
    found = {line: _line(line, fines[fines["verdict"] == verdict]) for line, verdict in BY_VERDICT.items()}
    found["won_back"] = _line("won_back", cost[cost["category"] == "appeal_refund"])
    found["expected"] = _line("expected", cost[cost["category"] == "expected"])
    refunds = cost[cost["category"] == "refund"]
    found |= {line: _refunds(line, refunds[refunds["verdict"] == verdict], assumed) for line, verdict in REFUNDS.items()}
    found["handling"] = CostLine("handling", late_orders, _handling(late_orders, assumed))
    found["reshipping"] = CostLine("reshipping", reshipped, None if assumed.reship_yuan is None else reshipped * assumed.reship_yuan)
    return [found[line] for line in LINES if found[line].orders]


def total_yuan(lines: list[CostLine], only: tuple[Line, ...] = LINES) -> float:
    """Yuan of the lines that have an amount."""
    return sum(line.yuan or 0.0 for line in lines if line.line in only)


def _line(line: Line, rows: pd.DataFrame) -> CostLine:
    return CostLine(line, int(rows["orders"].sum()), float(rows["yuan"].sum()))


def _refunds(line: Line, rows: pd.DataFrame, assumed: Assumed) -> CostLine:
    """Goods that never left, or came back, are not lost with the price: only the shop knows what part of it is."""
    whole = float(rows["yuan"].sum())
    lost = None if assumed.refund_loss_ratio is None else whole * assumed.refund_loss_ratio
    return CostLine(line, int(rows["orders"].sum()), lost, whole)


def affected_orders(cost: pd.DataFrame) -> int:
    """Orders behind all lines that know theirs, each once: one that was fined and refunded is one order."""
    return int(cost.loc[cost["category"] == "affected", "orders"].sum())


def _handling(late_orders: int, assumed: Assumed) -> float | None:
    if assumed.minutes_per_case is None or assumed.wage_yuan_per_hour is None:
        return None
    return late_orders * assumed.minutes_per_case / 60 * assumed.wage_yuan_per_hour
