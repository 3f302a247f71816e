"""Which units lie further from the rate of all than their size explains (Spiegelhalter 2005). Whoever is inside is not ranked."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import bdtrik, ndtr

from pdd_audit.metrics.intervals import Z95

Z998 = 3.090232306167813
EXACT_BELOW = 5.0  # expected late parcels below which the normal limits are too narrow
MIN_UNITS = 10  # units from which on their own spread may widen the limits
TAILS = (10, 90)
CURVE = 60
CLOSE = 1e-12  # a unit on its limit is inside


@dataclass(frozen=True)
class Funnel:
    """``units``: the units given with rate, z, low95, high95, low998, high998 and where (inside | above95 | above998 | below95 |
    below998). ``curve``: the limits by size, for drawing. ``centre``: the rate of all. ``spread``: winsorised dispersion of the units'
    z (1: as luck has it); ``widened``: whether the limits allow for it."""

    units: pd.DataFrame
    curve: pd.DataFrame
    centre: float
    spread: float
    widened: bool


def limits(parcels: np.ndarray, centre: float, z: float, widen: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """(low, high) rates for units of these sizes: normal, or exact binomial quantiles where fewer than five late ones are expected.
    ``widen``: multiplies the distance from ``centre``."""
    n = np.asarray(parcels, dtype=float)
    half = z * np.sqrt(centre * (1 - centre) / n)
    low, high = centre - half, centre + half
    few = n * centre < EXACT_BELOW
    if few.any():
        tail = 1 - float(ndtr(z))
        low = np.where(few, _quantile(tail, n, centre) / n, low)
        high = np.where(few, _quantile(1 - tail, n, centre) / n, high)
    return np.clip(centre - (centre - low) * widen, 0, 1), np.clip(centre + (high - centre) * widen, 0, 1)


def _quantile(q: float, n: np.ndarray, p: float) -> np.ndarray:
    """Smallest count k with P(X <= k) >= q. Where even no late parcel is likelier than q, that is 0."""
    k = np.ceil(bdtrik(q, n, p) - 1e-9)
    return np.maximum(np.where((1 - p) ** n >= q, 0.0, k), 0.0)


def funnel(units: pd.DataFrame) -> Funnel:
    """``units``: ``late``, ``parcels`` > 0 and any other columns; at least one late parcel and one in time among all."""
    n, x = units["parcels"].to_numpy(dtype=float), units["late"].to_numpy(dtype=float)
    centre = float(x.sum() / n.sum())
    z = (x / n - centre) / np.sqrt(centre * (1 - centre) / n)
    spread = winsorised(z)
    widened = spread > 1 and len(units) >= MIN_UNITS
    widen = float(np.sqrt(spread)) if widened else 1.0
    (low95, high95), (low998, high998) = limits(n, centre, Z95, widen), limits(n, centre, Z998, widen)
    rate = x / n
    where = np.select(
        [rate > high998 + CLOSE, rate > high95 + CLOSE, rate < low998 - CLOSE, rate < low95 - CLOSE],
        ["above998", "above95", "below998", "below95"], "inside",
    )
    sizes = np.unique(np.round(np.geomspace(max(1.0, min(n.min() / 2, n.max() / 40)), n.max() * 1.25, CURVE)))
    (a, b), (c, d) = limits(sizes, centre, Z95, widen), limits(sizes, centre, Z998, widen)
    return Funnel(
        units.assign(rate=rate, z=z, low95=low95, high95=high95, low998=low998, high998=high998, where=where),
        pd.DataFrame({"parcels": sizes, "low95": a, "high95": b, "low998": c, "high998": d}), centre, spread, widened,
    )


def winsorised(z: np.ndarray) -> float:
    """Mean square of the z, the most extreme tenth at each end drawn in to the next."""
    low, high = np.percentile(z, TAILS)
    return float((np.clip(z, low, high) ** 2).mean())
