"""Survival curves from counts per whole minute: open parcels are censored, neither kept nor late (Kaplan & Meier 1958,
Aalen & Johansen 1978). Events come before censorings at equal minutes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pdd_audit.core.measurement import Estimate
from pdd_audit.core.tables import LAST_MINUTE
from pdd_audit.metrics.intervals import Z95

MIN_PARCELS = 30
MIN_AT_RISK = 10

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Counts:
    """Parcels per minute 0..LAST_MINUTE: collected, refunded before pickup, still open."""

    event: Floats
    refund: Floats
    open: Floats

    @property
    def total(self) -> int:
        return int(self.event.sum() + self.refund.sum() + self.open.sum())


def counts_of(lags: pd.DataFrame) -> Counts:
    """Fold a lag table (any clock, any cells) into counts per minute."""

    def per_minute(kind: str) -> Floats:
        rows = lags[lags["kind"] == kind]
        counted = np.bincount(
            rows["minute"].to_numpy(dtype=np.int64), weights=rows["parcels"].to_numpy(dtype=np.float64), minlength=LAST_MINUTE + 1
        )
        return np.asarray(counted[: LAST_MINUTE + 1], dtype=np.float64)

    return Counts(per_minute("event"), per_minute("refund"), per_minute("open"))


@dataclass(frozen=True)
class Curve:
    """S per minute (share still waiting), its log-log 95 % limits, parcels at risk, and the share refunded so far (F2)."""

    share: Floats
    low: Floats
    high: Floats
    at_risk: Floats
    refunded: Floats
    variance: Floats
    n: int


def survival_curve(counts: Counts, refunds_end_waiting: bool) -> Curve:
    """Product-limit pass over the minutes.

    ``refunds_end_waiting``: True treats a refund as an event of its own (all-cause curve, competing risks), False as censoring.
    """
    leaving = counts.event + counts.refund + counts.open
    at_risk = leaving[::-1].cumsum()[::-1]
    ends = counts.event + counts.refund if refunds_end_waiting else counts.event
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(at_risk > 0, 1 - ends / at_risk, 1.0)
        term = np.where((at_risk > 0) & (at_risk > ends), ends / (at_risk * (at_risk - ends)), 0.0)
    share: Floats = np.cumprod(factor, dtype=np.float64)
    variance: Floats = np.cumsum(term, dtype=np.float64)
    before = np.concatenate([[1.0], share[:-1]])
    with np.errstate(divide="ignore", invalid="ignore"):
        leaving_refunded = before * counts.refund / at_risk if refunds_end_waiting else np.zeros_like(share)
        refunded: Floats = np.cumsum(np.where(at_risk > 0, leaving_refunded, 0.0), dtype=np.float64)
        theta = Z95 * np.sqrt(variance) / np.abs(np.log(share))
        low, high = share ** np.exp(theta), share ** np.exp(-theta)
    edge = (share <= 0) | (share >= 1)
    return Curve(
        share=share, low=np.where(edge, share, low), high=np.where(edge, share, high), at_risk=at_risk,
        refunded=refunded, variance=variance, n=counts.total,
    )


def waiting_at(curve: Curve, minute: int) -> Estimate:
    """Share still waiting at a minute, or no value when too few were watched that long."""
    if curve.n < MIN_PARCELS or curve.at_risk[minute] < MIN_AT_RISK:
        return Estimate(value=None, n=curve.n)
    return Estimate(value=float(curve.share[minute]), n=curve.n, low=float(curve.low[minute]), high=float(curve.high[minute]))


def late_given_not_refunded(curve: Curve, minute: int) -> Estimate:
    """S / (1 - F2): the late share among those not refunded first; on a fully mature cohort it equals late / (mature - refunded)."""
    waiting = waiting_at(curve, minute)
    if waiting.value is None or waiting.low is None or waiting.high is None:
        return waiting
    staying = 1 - float(curve.refunded[minute])
    return Estimate(value=waiting.value / staying, n=waiting.n, low=waiting.low / staying, high=min(1.0, waiting.high / staying))


def incidence(curve: Curve) -> tuple[Floats, Floats, Floats]:
    """Shares per minute: collected (F1), refunded first (F2), still waiting (S); they add up to 1. ``curve``: with refunds as ends."""
    return 1 - curve.share - curve.refunded, curve.refunded, curve.share


def quantile_minutes(curve: Curve, done: float) -> Estimate:
    """Minute by which the share ``done`` has been collected, with the band inverted; no value if the curve never falls that far."""
    line = 1 - done + 1e-12

    def first_below(values: Floats) -> float | None:
        reached = np.flatnonzero(values <= line)
        return float(reached[0]) if len(reached) and reached[0] < LAST_MINUTE else None

    if curve.n < MIN_PARCELS:
        return Estimate(value=None, n=curve.n)
    return Estimate(value=first_below(curve.share), n=curve.n, low=first_below(curve.low), high=first_below(curve.high))
