"""Perfect orders: everything right at once, counted order by order. Failures come in bad days, so the shares are never multiplied."""

from dataclasses import dataclass

import pandas as pd

from pdd_audit.core.measurement import Estimate
from pdd_audit.metrics.intervals import MIN_VERDICT, share

COMPONENTS = ("promise", "pickup", "first_move", "after_sale")
MOST_UNKNOWN = 0.05
FINE = ("ok", "none")  # "none": nothing to judge here, the order failed or was stopped before


@dataclass(frozen=True)
class Perfect:
    """``components``: judged here, ``missing``: unknown for the whole shop, left out. Orders: ``perfect`` of ``known``; ``unknown``: some
    component is not known; ``early``: not settled yet. ``low``/``high``: the share with every unknown order failed, or perfect unless
    it is known to have failed. ``product``: what multiplying the single shares would say.

    ``parts``: component, broken, sole (only it broke), credit (1 / number broken, adding up to the failures), added (orders made
    perfect by fixing it after those above it), yuan (of the orders it broke); in the order of fixing. ``sets``: one column a
    component (broken or not), orders, yuan; only orders that failed, most first.
    """

    components: tuple[str, ...]
    missing: tuple[str, ...]
    perfect: int
    known: int
    unknown: int
    early: int
    rate: Estimate
    low: float | None
    high: float | None
    product: float | None
    parts: pd.DataFrame
    sets: pd.DataFrame

    @property
    def failed(self) -> int:
        return self.known - self.perfect

    @property
    def enough(self) -> bool:
        """Whether the share may be told: of orders mostly unknown only those that never left would be left, all of them failed."""
        return self.known >= MIN_VERDICT and self.unknown <= self.known

    @property
    def doubtful(self) -> bool:
        """Whether too many orders are unknown to say anything firm."""
        return self.unknown > MOST_UNKNOWN * (self.known + self.unknown)


def perfect_orders(masks: pd.DataFrame, left_out: frozenset[str] = frozenset()) -> Perfect:
    """``masks``: the table "perfect" of ``core.details``. ``left_out``: components no file can tell, whatever the masks say."""
    judged = [name for name in COMPONENTS if name not in left_out and masks[name].isin(("ok", "broken")).any()]
    states = masks[judged] if judged else masks.assign(nothing="unknown")[["nothing"]]  # without any component no order is known
    early = states.eq("open").any(axis=1)
    unknown = ~early & states.eq("unknown").any(axis=1)
    failed = states.eq("broken").any(axis=1)
    known = masks[~early & ~unknown]
    orders = known["orders"].astype(int)
    broken = known[judged].eq("broken")
    perfect = int(orders[~broken.any(axis=1)].sum())
    doubtful = int(masks.loc[unknown, "orders"].sum())
    hopeful = int(masks.loc[unknown & ~failed, "orders"].sum())
    total = int(orders.sum())
    return Perfect(
        components=tuple(judged), missing=tuple(name for name in COMPONENTS if name not in judged),
        perfect=perfect, known=total, unknown=doubtful, early=int(masks.loc[early, "orders"].sum()), rate=share(perfect, total),
        low=perfect / (total + doubtful) if total else None, high=(perfect + hopeful) / (total + doubtful) if total else None,
        product=_product(broken, orders), parts=_parts(broken, known, judged), sets=_sets(broken, known, judged),
    )


def _product(broken: pd.DataFrame, orders: pd.Series) -> float | None:
    total = int(orders.sum())
    if not total:
        return None
    found = 1.0
    for name in broken:
        found *= 1 - int(orders[broken[name]].sum()) / total
    return found


def _parts(broken: pd.DataFrame, known: pd.DataFrame, judged: list[str]) -> pd.DataFrame:
    orders, yuan = known["orders"].astype(float), known["yuan"].astype(float)
    count = broken.sum(axis=1)
    rows = []
    for name, added in _greedy(broken, orders, judged):
        own = broken[name]
        credit = float((orders[own] / count[own]).sum())
        rows.append((name, int(orders[own].sum()), int(orders[own & (count == 1)].sum()), credit, added, float(yuan[own].sum())))
    return pd.DataFrame(rows, columns=["component", "broken", "sole", "credit", "added", "yuan"])


def _greedy(broken: pd.DataFrame, orders: pd.Series, judged: list[str]) -> list[tuple[str, int]]:
    """Components in the order of fixing: next always the one that makes most further orders perfect, once those before it are fixed."""
    rest = list(judged)
    found: list[tuple[str, int]] = []
    while rest:
        wanting = broken[rest].sum(axis=1)
        gains = {name: int(orders[broken[name] & (wanting == 1)].sum()) for name in rest}
        best = max(rest, key=lambda name: gains[name])  # of equals the first named
        found.append((best, gains[best]))
        rest.remove(best)
    return found


def _sets(broken: pd.DataFrame, known: pd.DataFrame, judged: list[str]) -> pd.DataFrame:
    if not judged:
        return pd.DataFrame(columns=["orders", "yuan"])
    failed = broken.any(axis=1)
    told = broken[failed].assign(orders=known.loc[failed, "orders"].astype(int), yuan=known.loc[failed, "yuan"].astype(float))
    return told.groupby(judged, as_index=False)[["orders", "yuan"]].sum().sort_values("orders", ascending=False, ignore_index=True)
