"""Rates of units of unequal size (outlets), drawn towards each other as far as luck explains their differences. Beta-binomial."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import betaincc, betaincinv, betaln, digamma

MIN_UNITS = 5
SMALL_STRENGTH = 50.0  # prior strength where there are too few units to learn it
NO_DIFFERENCE = 10_000.0  # a prior this strong says that units do not differ
STARTS = (5.0, 50.0, 200.0)
INTERVAL = 0.90


@dataclass(frozen=True)
class Prior:
    """Beta(``alpha``, ``beta``) from which the units' rates seem to come. ``learnt``: from these units, not fixed beforehand."""

    alpha: float
    beta: float
    learnt: bool

    @property
    def mean(self) -> float:
        return self.alpha / self.strength

    @property
    def strength(self) -> float:
        return self.alpha + self.beta

    @property
    def differs(self) -> bool:
        """Whether the units differ by more than luck."""
        return self.strength <= NO_DIFFERENCE


def log_likelihood(late: np.ndarray, parcels: np.ndarray, alpha: float, beta: float) -> float:
    """Of the beta-binomial, without the binomial coefficients (which no parameter moves)."""
    return float((betaln(late + alpha, parcels - late + beta) - betaln(alpha, beta)).sum())


def prior_of(late: np.ndarray, parcels: np.ndarray) -> Prior:
    """The prior that makes the units' counts most likely; below ``MIN_UNITS`` units their mean with a fixed strength. ``parcels`` > 0."""
    x, n = late.astype(float), parcels.astype(float)
    pooled = float(x.sum() / n.sum())
    if len(n) < MIN_UNITS or pooled in (0.0, 1.0):
        mean = min(max(pooled, 1e-6), 1 - 1e-6)
        return Prior(mean * SMALL_STRENGTH, (1 - mean) * SMALL_STRENGTH, learnt=False)

    def minus(point: np.ndarray) -> tuple[float, np.ndarray]:
        mean, strength = 1 / (1 + math.exp(-point[0])), math.exp(point[1])
        alpha, beta = mean * strength, (1 - mean) * strength
        shared = (digamma(alpha + beta) - digamma(n + alpha + beta)).sum()
        by_alpha = (digamma(x + alpha) - digamma(alpha)).sum() + shared
        by_beta = (digamma(n - x + beta) - digamma(beta)).sum() + shared
        spread = strength * mean * (1 - mean)
        gradient = np.array([spread * (by_alpha - by_beta), alpha * by_alpha + beta * by_beta])
        return -log_likelihood(x, n, alpha, beta), -gradient

    centre = math.log(pooled / (1 - pooled))
    bounds = [(-14.0, 14.0), (math.log(0.1), math.log(10 * NO_DIFFERENCE))]
    runs = [
        # SLSQP starts no threads; for two unknowns those of L-BFGS-B wait for one another twenty times as long as they work
        minimize(minus, [centre, math.log(start)], jac=True, method="SLSQP", bounds=bounds, options={"ftol": 1e-15, "maxiter": 500})
        for start in STARTS
    ]
    best = min(runs, key=lambda run: float(run.fun)).x
    mean, strength = 1 / (1 + math.exp(-best[0])), math.exp(best[1])
    return Prior(mean * strength, (1 - mean) * strength, learnt=True)


def shrunk(units: pd.DataFrame, line: float, prior: Prior) -> pd.DataFrame:
    """``units`` (``late``, ``parcels``, any other columns) with raw, shrunk, low, high (90 %) and above = P(rate > ``line``), the
    surest first: ranked by that probability, never by the raw rate."""
    x, n = units["late"].to_numpy(dtype=float), units["parcels"].to_numpy(dtype=float)
    alpha, beta = x + prior.alpha, n - x + prior.beta
    tail = (1 - INTERVAL) / 2
    found = units.assign(
        raw=x / n, shrunk=alpha / (alpha + beta), low=betaincinv(alpha, beta, tail), high=betaincinv(alpha, beta, 1 - tail),
        above=betaincc(alpha, beta, line),
    )
    return found.sort_values(["above", "parcels"], ascending=False, ignore_index=True)
