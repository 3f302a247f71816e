"""Two groups compared within strata: what is left of a difference once both had the same mix. Parcel counts in, no model.

Mantel & Haenszel 1959; interval of the odds ratio by Robins, Breslow & Greenland 1986; homogeneity by Breslow & Day 1980. ``deff`` is how
many times as uncertain parcels are because those of one van share their fate: it widens every interval and divides every test statistic.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from pdd_audit.metrics.intervals import Z95

Counts = np.ndarray  # one number a stratum


@dataclass(frozen=True)
class Stratified:
    """One group against another. Rates and differences are shares of parcels that were late (group minus others); ``odds_*`` is the
    odds ratio; None where nothing can be said: no late parcel at all, or a single stratum for homogeneity."""

    crude: float
    crude_others: float
    difference: float
    low: float
    high: float
    odds: float | None
    odds_low: float | None
    odds_high: float | None
    chi2: float | None
    p: float
    homogeneity: float | None
    homogeneity_p: float | None

    @property
    def crude_difference(self) -> float:
        return self.crude - self.crude_others


def stratified(late: Counts, parcels: Counts, others_late: Counts, others: Counts, deff: float = 1.0) -> Stratified:
    """Compares over strata in which both groups have parcels (the caller drops and names the rest). Arrays of equal length, not empty."""
    a, n1, c, n0 = (np.asarray(values, dtype=float) for values in (late, parcels, others_late, others))
    difference, half = _difference(a, n1, c, n0, deff)
    odds, odds_low, odds_high = _odds(a, n1, c, n0, deff)
    chi2 = _cochran(a, n1, c, n0, deff)
    homogeneity, homogeneity_p = _breslow_day(a, n1, c, n0, odds, deff)
    return Stratified(
        crude=float(a.sum() / n1.sum()), crude_others=float(c.sum() / n0.sum()), difference=difference, low=difference - half,
        high=difference + half, odds=odds, odds_low=odds_low, odds_high=odds_high, chi2=chi2,
        p=1.0 if chi2 is None else float(chdtrc(1, chi2)), homogeneity=homogeneity, homogeneity_p=homogeneity_p,
    )


def _difference(a: Counts, n1: Counts, c: Counts, n0: Counts, deff: float) -> tuple[float, float]:
    """Mantel-Haenszel risk difference and half its 95 % interval."""
    weights = n1 * n0 / (n1 + n0)
    p1, p0 = a / n1, c / n0
    variance = weights**2 * (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
    total = weights.sum()
    return float((weights * (p1 - p0)).sum() / total), float(Z95 * math.sqrt(variance.sum() * deff) / total)


def _odds(a: Counts, n1: Counts, c: Counts, n0: Counts, deff: float) -> tuple[float | None, float | None, float | None]:
    total = n1 + n0
    b, d = n1 - a, n0 - c
    p, q, r, s = (a + d) / total, (b + c) / total, a * d / total, b * c / total
    up, down = float(r.sum()), float(s.sum())
    if up == 0 or down == 0:
        return None, None, None
    variance = (p * r).sum() / (2 * up**2) + (p * s + q * r).sum() / (2 * up * down) + (q * s).sum() / (2 * down**2)
    odds, half = up / down, Z95 * math.sqrt(float(variance) * deff)
    return odds, odds * math.exp(-half), odds * math.exp(half)


def _cochran(a: Counts, n1: Counts, c: Counts, n0: Counts, deff: float) -> float | None:
    """Cochran-Mantel-Haenszel statistic, one degree of freedom, without continuity correction."""
    total, hits = n1 + n0, a + c
    counted = total > 1
    variance = (n1 * n0 * hits * (total - hits))[counted] / (total**2 * (total - 1))[counted]
    if variance.sum() <= 0:
        return None
    expected = n1 * hits / total
    return float((a - expected)[counted].sum() ** 2 / variance.sum() / deff)


def _breslow_day(
    a: Counts, n1: Counts, c: Counts, n0: Counts, odds: float | None, deff: float
) -> tuple[float | None, float | None]:
    """Whether the odds ratio is the same everywhere; strata in which nobody or everybody was late say nothing about it."""
    hits = a + c
    telling = (hits > 0) & (hits < n1 + n0)
    if odds is None or telling.sum() < 2:
        return None, None
    a, n1, n0, hits = a[telling], n1[telling], n0[telling], hits[telling]
    fitted = _fitted(odds, n1, n0, hits)
    with np.errstate(divide="ignore"):
        variance = 1 / (1 / fitted + 1 / (n1 - fitted) + 1 / (hits - fitted) + 1 / (n0 - hits + fitted))
    chi2 = float(((a - fitted) ** 2 / variance).sum() / deff)
    return chi2, float(chdtrc(int(telling.sum()) - 1, chi2))


def _fitted(odds: float, n1: Counts, n0: Counts, hits: Counts) -> Counts:
    """Late parcels of the group each stratum would have under the common odds ratio: the root between the margins."""
    if math.isclose(odds, 1.0, abs_tol=1e-12):
        return np.asarray(n1 * hits / (n1 + n0))
    square, linear = 1 - odds, n0 - hits + odds * (n1 + hits)
    root = np.sqrt(linear**2 + 4 * square * odds * n1 * hits)
    fitted = (-linear + root) / (2 * square)
    return np.asarray(fitted)


def standardised(late: np.ndarray, parcels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Directly standardised rates and their standard errors, one a row. ``late``, ``parcels``: groups down, strata across, no empty
    cell; each stratum weighs as in all parcels compared."""
    n = parcels.astype(float)
    weights = n.sum(axis=0) / n.sum()
    p = late / n
    return (weights * p).sum(axis=1), np.sqrt((weights**2 * p * (1 - p) / n).sum(axis=1))


def expected_late(late: np.ndarray, parcels: np.ndarray) -> np.ndarray:
    """Late parcels each group would have at the pooled rate of every stratum (for O/E). Groups down, strata across; empty cells count 0."""
    pooled = late.sum(axis=0) / np.maximum(parcels.sum(axis=0), 1)
    return np.asarray((parcels * pooled).sum(axis=1))


def discoveries(p: list[float], at: float = 0.10, most: int = 5) -> list[bool]:
    """Which comparisons may be called different: p < 0.05 for up to ``most`` of them, Benjamini-Hochberg at ``at`` for more."""
    if len(p) <= most:
        return [value < 0.05 for value in p]
    order = sorted(range(len(p)), key=lambda i: p[i])
    passed = [place for place, i in enumerate(order, 1) if p[i] <= at * place / len(p)]
    found = set(order[: max(passed, default=0)])
    return [i in found for i in range(len(p))]
