"""Did an action work? Interrupted time series: days before and after, allowing for the trend that was there anyway."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, stdtrit

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Verdict = Literal["improved", "worse", "no_evidence", "too_early"]

MIN_DAYS = 14  # on either side
DEPENDENT = 0.3
BAD_WEEK = 7
BAD_WEEK_Z = 2.0
_ROUNDS = 50
_CLOSE = 1e-12


@dataclass(frozen=True)
class Ratio:
    """A ratio with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Effect:
    """``logit p = b0 + b1 (day - T) + b2 [day >= T]``, quasi-binomial, with its reading.

    ``rate_ratio``: fitted over counterfactual misses after T; ``avoided``: counterfactual minus fitted; ``fitted`` and
    ``counterfactual``: shares per day given; ``correlation``: lag-1, of Pearson residuals; ``robust``: whether the interval had to
    allow for it (Newey & West 1987); ``after_bad_week``: the action came when things were unusually bad, so some return was to be expected.
    """

    verdict: Verdict
    coefficients: Floats
    errors: Floats
    dispersion: float
    freedom: int
    rate_ratio: Ratio
    avoided: Ratio
    fitted: Floats
    counterfactual: Floats
    correlation: float
    robust: bool
    after_bad_week: bool


@dataclass(frozen=True)
class Fit:
    """A quasi-binomial logit fit. ``covariance``: scaled by the dispersion; ``information``: unscaled inverse covariance."""

    coefficients: Floats
    covariance: Floats
    dispersion: float
    fitted: Floats
    residuals: Floats
    information: Floats


def enough_days(after: Bools) -> bool:
    """Whether either side has the minimum of settled days."""
    return int(after.sum()) >= MIN_DAYS and int((~after).sum()) >= MIN_DAYS


def effect_of(day: Floats, missed: Floats, total: Floats, beside: Floats | None = None) -> Effect | None:
    """``day``: days since the action (negative before); ``missed`` of ``total`` > 0; ``beside``: further columns, shape (days, k).

    None where the model has no finite answer, e.g. not a single miss on one side.
    """
    after = day >= 0
    design = np.column_stack([np.ones(len(day)), day, after.astype(float)] + ([] if beside is None else [beside]))
    if len(day) <= design.shape[1] or _one_sided(missed, total, after):
        return None
    fit = quasi_binomial(design, missed, total)
    if fit is None:
        return None
    freedom = len(day) - design.shape[1]
    quantile = float(stdtrit(freedom, 0.975))
    correlation = _lag_one(fit.residuals)
    covariance, robust = fit.covariance, abs(correlation) > DEPENDENT
    base = design.copy()
    base[:, 2] = 0.0
    would_be = expit(base @ fit.coefficients)
    slope = _log_ratio_slope(design, base, fit.fitted, would_be, total, after)
    spread, b2_error = _errors(slope, covariance)
    if robust:  # never narrower than without allowing for it
        wider, b2_wider = _errors(slope, newey_west(design, missed, total, fit))
        spread, b2_error = max(spread, wider), max(b2_error, b2_wider)
    fitted_misses, other_misses = float((total * fit.fitted)[after].sum()), float((total * would_be)[after].sum())
    log_ratio, reach = np.log(fitted_misses / other_misses), quantile * spread
    ratio = Ratio(*(float(np.exp(log_ratio + side * reach)) for side in (0, -1, 1)))
    errors = np.sqrt(np.diag(covariance))
    errors[2] = b2_error
    return Effect(
        verdict=_verdict(ratio, after), coefficients=fit.coefficients, errors=errors, dispersion=fit.dispersion, freedom=freedom,
        rate_ratio=ratio, avoided=Ratio(*(fitted_misses * (1 / r - 1) for r in (ratio.value, ratio.high, ratio.low))),
        fitted=fit.fitted, counterfactual=would_be, correlation=correlation, robust=robust,
        after_bad_week=_after_bad_week(day, missed, total, fit.dispersion),
    )


def quasi_binomial(design: Floats, missed: Floats, total: Floats) -> Fit | None:
    """Logit by iteratively reweighted least squares; dispersion = max(1, Pearson chi-square / freedom). None if it does not settle."""
    start = (missed + 0.5) / (total + 1)
    beta = np.linalg.lstsq(design * np.sqrt(total)[:, None], logit(start) * np.sqrt(total), rcond=None)[0]
    for _ in range(_ROUNDS):
        share = expit(design @ beta)
        variance = total * share * (1 - share)
        information = design.T @ (design * variance[:, None])
        try:
            step = np.linalg.solve(information, design.T @ (missed - total * share))
        except np.linalg.LinAlgError:
            return None
        beta = beta + step
        if not np.isfinite(beta).all() or np.abs(beta).max() > 30:
            return None
        if np.abs(step).max() < _CLOSE:
            break
    else:
        return None
    share = expit(design @ beta)
    variance = total * share * (1 - share)
    residuals = (missed - total * share) / np.sqrt(variance)
    dispersion = max(1.0, float((residuals**2).sum()) / (len(total) - design.shape[1]))
    information = design.T @ (design * variance[:, None])
    return Fit(beta, np.linalg.inv(information) * dispersion, dispersion, share, residuals, information)


def newey_west(design: Floats, missed: Floats, total: Floats, fit: Fit) -> Floats:
    """Covariance that allows for days depending on their neighbours (Bartlett weights), with the small-sample factor."""
    days, parameters = design.shape
    lags = newey_west_lags(days)
    scores = design * (missed - total * fit.fitted)[:, None]
    middle = scores.T @ scores
    for lag in range(1, lags + 1):
        across = scores[lag:].T @ scores[:-lag]
        middle += (1 - lag / (lags + 1)) * (across + across.T)
    bread = np.linalg.inv(fit.information)
    return np.asarray(bread @ middle @ bread * days / (days - parameters))


def newey_west_lags(days: int) -> int:
    """How many days back dependence is allowed for: the usual rule, and one day at least."""
    return max(1, int(4 * (days / 100) ** (2 / 9)))


def _errors(slope: Floats, covariance: Floats) -> tuple[float, float]:
    return float(np.sqrt(slope @ covariance @ slope)), float(np.sqrt(covariance[2, 2]))


def _log_ratio_slope(design: Floats, base: Floats, fitted: Floats, would_be: Floats, total: Floats, after: Bools) -> Floats:
    """Derivative of ln(fitted / counterfactual misses after T) by the coefficients."""

    def part(columns: Floats, share: Floats) -> Floats:
        weight = (total * share * (1 - share))[after]
        return np.asarray(weight @ columns[after] / (total * share)[after].sum())

    return part(design, fitted) - part(base, would_be)


def _one_sided(missed: Floats, total: Floats, after: Bools) -> bool:
    return any(not 0 < missed[side].sum() < total[side].sum() for side in (after, ~after))


def _lag_one(residuals: Floats) -> float:
    centred = residuals - residuals.mean()
    spread = float((centred**2).sum())
    return float((centred[1:] * centred[:-1]).sum()) / spread if spread > 0 else 0.0


def _verdict(ratio: Ratio, after: Bools) -> Verdict:
    if not enough_days(after):
        return "too_early"
    if ratio.high < 1:
        return "improved"
    return "worse" if ratio.low > 1 else "no_evidence"


def _after_bad_week(day: Floats, missed: Floats, total: Floats, dispersion: float) -> bool:
    """Whether the last week before the action was well above the days before it."""
    week, earlier = (day < 0) & (day >= -BAD_WEEK), day < -BAD_WEEK
    if not week.any() or not earlier.any():
        return False
    n_week, n_earlier = total[week].sum(), total[earlier].sum()
    before = (missed[week].sum() + missed[earlier].sum()) / (n_week + n_earlier)
    spread = np.sqrt(dispersion * before * (1 - before) * (1 / n_week + 1 / n_earlier))
    return bool(missed[week].sum() / n_week - missed[earlier].sum() / n_earlier > BAD_WEEK_Z * spread)
