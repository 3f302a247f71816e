"""What lateness costs in yuan: what the bill has taken, what is still to be expected, and the work. Nothing is guessed: a bill row that
names no order stays a pool of its own, and the hours and postage are the shop's own figures."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

FINES = ("fine_late_shipping", "fine_false_shipping")

Line = Literal["fined_late", "fined_in_time", "fined_undecided", "unlinked", "elsewhere", "won_back", "expected", "handling", "reshipping"]
LINES: tuple[Line, ...] = (
    "fined_late", "fined_in_time", "fined_undecided", "unlinked", "elsewhere", "won_back", "expected", "handling", "reshipping",
)
BY_VERDICT: dict[Line, str] = {
    "fined_late": "late", "fined_in_time": "in_time", "fined_undecided": "undecided", "unlinked": "unlinked", "elsewhere": "elsewhere",
}
TAKEN: tuple[Line, ...] = ("fined_late", "fined_in_time", "fined_undecided", "unlinked", "elsewhere", "won_back")


@dataclass(frozen=True)
class Assumed:
    """What only the shop knows; None: it has not said. Minutes a late order takes, wage an hour, postage of a second parcel."""

    minutes_per_case: float | None = None
    wage_yuan_per_hour: float | None = None
    reship_yuan: float | None = None


@dataclass(frozen=True)
class CostLine:
    """``orders``: bookings or orders behind it; ``yuan``: None where an assumption is missing."""

    line: Line
    orders: int
    yuan: float | None


def cost_lines(cost: pd.DataFrame, late_orders: int, reshipped: int, assumed: Assumed) -> list[CostLine]:
    """Lines with anything behind them, in the order of ``LINES``. ``cost``: category, verdict, orders, yuan; ``late_orders``: late on
    either clock; ``reshipped``: orders whose parcel was replaced."""
    fines = cost[cost["category"].isin(FINES)]
    found = {line: _line(line, fines[fines["verdict"] == verdict]) for line, verdict in BY_VERDICT.items()}
    found["won_back"] = _line("won_back", cost[cost["category"] == "appeal_refund"])
    found["expected"] = _line("expected", cost[cost["category"] == "expected"])
    found["handling"] = CostLine("handling", late_orders, _handling(late_orders, assumed))
    found["reshipping"] = CostLine("reshipping", reshipped, None if assumed.reship_yuan is None else reshipped * assumed.reship_yuan)
    return [found[line] for line in LINES if found[line].orders]


def total_yuan(lines: list[CostLine], only: tuple[Line, ...] = LINES) -> float:
    """Yuan of the lines that have an amount."""
    return sum(line.yuan or 0.0 for line in lines if line.line in only)


def _line(line: Line, rows: pd.DataFrame) -> CostLine:
    return CostLine(line, int(rows["orders"].sum()), float(rows["yuan"].sum()))


def _handling(late_orders: int, assumed: Assumed) -> float | None:
    if assumed.minutes_per_case is None or assumed.wage_yuan_per_hour is None:
        return None
    return late_orders * assumed.minutes_per_case / 60 * assumed.wage_yuan_per_hour
