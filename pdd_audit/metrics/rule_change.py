"""The same parcels under two versions of the rules: how many break each, what each takes, and which break one only.

Every parcel is old enough for both limits and every order's promise is over under both, so the difference is the rules' alone. A range has
two reasons: an order whose amount is not known takes something between both ends, and an order that broke both clocks is taken once or
twice, which no rule text settles.
"""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from pdd_audit.core.terms import Amount, Terms

SideName = Literal["a", "b"]
COLUMNS = ("clock", "broken_a", "broken_b", "also_a", "also_b", "n", "yuan_a", "yuan_b", "unpriced")
Span = tuple[float, float]


@dataclass(frozen=True)
class Side:
    """Parcels past the limit and orders past their promise under one version; ``no_pickup`` and ``late``: yuan, lowest and highest, None
    where the amount is not known."""

    terms: Terms
    parcels: int
    orders: int
    no_pickup: Span | None
    late: Span | None

    @property
    def total(self) -> Span | None:
        """Of both, as far as known. None while the amount of a missed pickup is not: a sum without it would look like little."""
        if self.no_pickup is None:
            return None
        late = self.late or (0.0, 0.0)
        return self.no_pickup[0] + late[0], self.no_pickup[1] + late[1]


@dataclass(frozen=True)
class RuleChange:
    """``parcels`` and ``orders`` were judged under both; ``only``: parcels (and ``orders_only``: orders) that break one version only, by
    its name; ``both``: parcels that break both."""

    a: Side
    b: Side
    parcels: int
    orders: int
    both: int
    only: dict[SideName, int]
    orders_only: dict[SideName, int]


def rule_change(groups: pd.DataFrame, a: Terms, b: Terms) -> RuleChange:
    """``groups``: ``COLUMNS``, one row each combination. ``clock`` pickup counts parcels, promise orders; ``also``: the order has a
    parcel past the limit of that version; ``yuan`` of those that break it and whose amount is known, ``unpriced`` are the others."""
    pickup, promise = (groups[groups["clock"] == clock] for clock in ("pickup", "promise"))
    return RuleChange(
        a=_side(pickup, promise, "a", a), b=_side(pickup, promise, "b", b),
        parcels=int(pickup["n"].sum()), orders=int(promise["n"].sum()),
        both=int(pickup.loc[_true(pickup, "broken_a") & _true(pickup, "broken_b"), "n"].sum()),
        only=_only(pickup), orders_only=_only(promise),
    )


def _side(pickup: pd.DataFrame, promise: pd.DataFrame, name: SideName, terms: Terms) -> Side:
    broken, missed = pickup[_true(pickup, f"broken_{name}")], promise[_true(promise, f"broken_{name}")]
    alone = missed[~_true(missed, f"also_{name}")]
    late_low, late_high = _yuan(alone, name, terms.late), _yuan(missed, name, terms.late)
    return Side(
        terms, int(broken["n"].sum()), int(missed["n"].sum()), _yuan(broken, name, terms.no_pickup),
        None if late_low is None or late_high is None else (late_low[0], late_high[1]),
    )


def _yuan(rows: pd.DataFrame, name: SideName, amount: Amount) -> Span | None:
    ends = amount.of(None)
    if ends is None:
        return None
    known, unpriced = float(rows[f"yuan_{name}"].sum()), int(rows["unpriced"].sum())
    return known + unpriced * ends[0], known + unpriced * ends[1]


def _only(rows: pd.DataFrame) -> dict[SideName, int]:
    broken_a, broken_b = _true(rows, "broken_a"), _true(rows, "broken_b")
    return {"a": int(rows.loc[broken_a & ~broken_b, "n"].sum()), "b": int(rows.loc[broken_b & ~broken_a, "n"].sum())}


def _true(rows: pd.DataFrame, column: str) -> "pd.Series[bool]":
    return rows[column].astype(bool)
