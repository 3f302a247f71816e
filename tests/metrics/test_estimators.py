"""Estimators against worked examples computed elsewhere (scipy, statsmodels, by hand)."""

import numpy as np
import pytest
from scipy import stats

from pdd_audit.core.measurement import Estimate
from pdd_audit.metrics import registry
from pdd_audit.metrics.intervals import more_needed, share, verdict_of, wilson
from pdd_audit.metrics.pickup import mature_rate
from pdd_audit.metrics.service import reply_share
from pdd_audit.metrics.survival import counts_of, late_given_not_refunded, quantile_minutes, survival_curve, waiting_at
from pdd_audit.metrics.waves import design_effect, two_part
from tests.metrics.builders import OPEN, PICK_FRESH, PICK_MATURE, d2_lags, some_cells, some_lags, some_replies, some_tables


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(0, 30, 0, 0.113513), (3, 100, 0.010255, 0.084519), (1, 25, 0.007096, 0.195441), (12, 300, 0.023027, 0.068604),
     (30, 1000, 0.021094, 0.042503), (120, 3000, 0.033556, 0.047621), (27, 815, 0.022867, 0.047772), (3, 7, 0.158220, 0.749542)],
)
def test_wilson_matches_its_table_and_scipy(hits, total, low, high):
    assert wilson(hits, total) == pytest.approx((low, high), abs=1e-6)
    interval = stats.binomtest(hits, total).proportion_ci(method="wilson")
    assert wilson(hits, total) == pytest.approx((interval.low, interval.high), abs=1e-9)


@pytest.mark.parametrize(
    ("late", "total", "line", "verdict", "need"),
    [(9, 300, 0.04, "too_early", 1176), (27, 815, 0.04, "too_early", 2310), (27, 815, 0.05, "pass", 0), (5, 500, 0.03, "pass", 0),
     (18, 300, 0.03, "fail", 0), (0, 30, 0.03, "too_early", 95), (0, 124, 0.03, "too_early", 1), (0, 125, 0.03, "pass", 0), (2, 40, 0.03, "too_early", 240)],
)
def test_a_verdict_needs_the_whole_interval_on_one_side(late, total, line, verdict, need):
    rate = share(late, total)
    assert verdict_of(rate, line) == verdict
    assert more_needed(rate, line) == need


def test_kaplan_meier_matches_the_worked_histogram():
    curve = survival_curve(counts_of(d2_lags()), refunds_end_waiting=False)
    estimate = waiting_at(curve, 1440)
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx((0.037951, 0.026106, 0.053091), abs=1e-6)
    steps = {0: 0.983887, 30: 0.869084, 120: 0.621069, 300: 0.419061, 480: 0.264434, 720: 0.157231, 1020: 0.100986, 1200: 0.062637, 1380: 0.043573}
    assert {m: curve.share[m] for m in steps} == pytest.approx(steps, abs=1e-6)
    assert curve.at_risk[1440] - 4 == 27  # 27 stay after the four collected in that very minute
    assert quantile_minutes(curve, 0.5).value == 300
    assert quantile_minutes(curve, 0.9).value == 1200


def test_kaplan_meier_matches_scipy_without_refunds():
    pick = {m: PICK_MATURE.get(m, 0) + PICK_FRESH.get(m, 0) for m in {**PICK_MATURE, **PICK_FRESH}}
    curve = survival_curve(counts_of(some_lags(("event", True, pick), ("open", False, OPEN))), refunds_end_waiting=False)
    sample = stats.CensoredData(uncensored=np.repeat(list(pick), list(pick.values())), right=np.repeat(list(OPEN), list(OPEN.values())))
    peer = stats.ecdf(sample).sf
    interval = peer.confidence_interval(method="log-log")
    for minute in (0, 120, 720, 1200, 1440):
        at = np.searchsorted(peer.quantiles, minute, side="right") - 1
        assert curve.share[minute] == pytest.approx(peer.probabilities[at], abs=1e-9)
        assert curve.low[minute] == pytest.approx(interval.low.probabilities[at], abs=1e-9)
        assert curve.high[minute] == pytest.approx(interval.high.probabilities[at], abs=1e-9)


def test_refunds_compete_with_pickups():
    curve = survival_curve(counts_of(d2_lags()), refunds_end_waiting=True)
    assert (curve.share[1440], curve.refunded[1440]) == pytest.approx((0.036770, 0.008869), abs=1e-6)
    estimate = late_given_not_refunded(curve, 1440)
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx((0.037099, 0.025496, 0.051957), abs=1e-6)


def test_a_mature_cohort_gives_the_same_rate_by_counting_and_by_the_curve():
    lags = some_lags(("event", True, {100: 80, 1440: 5, 1441: 3}), ("refund", True, {200: 10}), ("open", True, {2000: 12}))
    curve = survival_curve(counts_of(lags), refunds_end_waiting=True)
    assert late_given_not_refunded(curve, 1440).value == pytest.approx(15 / 100, abs=1e-12)


def test_the_mature_rate_leaves_refunds_in_time_out():
    rate = mature_rate(some_cells(("中通", "2026-03-01", 10, 822, 27), refunded=7))
    assert (rate.value, rate.low, rate.high, rate.n) == (pytest.approx(27 / 815), pytest.approx(0.022867, abs=1e-6), pytest.approx(0.047772, abs=1e-6), 815)


N = np.array([62, 58, 71, 66, 54, 60, 69, 73, 57, 64, 61, 55, 68, 59, 63, 60])
X = np.array([1, 0, 2, 1, 0, 41, 1, 0, 0, 2, 0, 0, 1, 22, 0, 1])


def test_the_wave_interval_survives_missed_vans():
    result = two_part(N, X, (X >= 5) & (X >= 0.3 * N))
    assert (result.rate, result.low, result.high) == pytest.approx((0.072, 0.025844, 0.196799), abs=1e-6)
    assert (result.missed_waves, result.missed_late) == (2, 63)
    assert design_effect(N.astype(float), X.astype(float)) == pytest.approx(29.975025, abs=1e-6)


def test_a_spotless_fortnight_is_weak_evidence():
    calm = X.copy()
    calm[[5, 13]] = 2, 1
    result = two_part(N, calm, np.zeros(16, dtype=bool))
    assert (result.rate, result.low, result.high) == pytest.approx((0.012, 0.006878, 0.206996), abs=1e-6)


def test_one_parcel_a_wave_is_almost_wilson():
    late = np.zeros(400)
    late[:12] = 1
    low, high = wilson(12, 400)
    result = two_part(np.ones(400), late, np.zeros(400, dtype=bool))
    assert result.low == pytest.approx(low, abs=0.01)
    assert high <= result.high <= high + 0.01


def test_reply_counts_are_added_and_percentages_never_averaged():
    rows = [(40, 1), (52, 0), (38, 2), (45, 1), (300, 36), (60, 3), (25, 0)]
    estimate = reply_share(some_replies(*((n, x, x) for n, x in rows)), "3min")
    assert estimate.value == pytest.approx(1 - 43 / 560)
    assert (1 - (estimate.high or 0), 1 - (estimate.low or 0)) == pytest.approx((0.057504, 0.101834), abs=1e-6)


@pytest.mark.parametrize("metric", registry.values(), ids=lambda m: m.info.id)
def test_a_metric_has_no_value_when_there_is_nothing_to_count(metric):
    measured = metric.compute(some_tables())
    assert measured.value is None
    assert measured.reason == "no_data"


@pytest.mark.parametrize("metric", registry.values(), ids=lambda m: m.info.id)
def test_a_metric_says_in_one_line_what_it_counts_over_what(metric):
    assert len(metric.info.definition) > 20


def test_nobody_watched_long_enough_is_too_early_and_not_zero():
    lags = some_lags(("event", False, {60: 40}), ("open", False, {100: 30}))
    measured = registry["pickup_24h_ratio"].compute(some_tables(lags=lags))
    assert measured.value is None
    assert measured.estimates["survival"] == Estimate(value=None, n=70)


def test_refunds_at_an_unknown_time_widen_the_interval_and_move_no_value():
    cells = some_cells(*(("中通", f"2026-03-{day:02d}", 10, 100, 2) for day in range(1, 21)))
    known = registry["pickup_24h_ratio"].compute(some_tables(cells=cells))
    unsure = registry["pickup_24h_ratio"].compute(some_tables(cells=cells, counts={"refund_time_unknown": 10}))
    assert unsure.value == known.value and unsure.high == known.high
    assert known.low - unsure.low == pytest.approx(50 / 2010 - 40 / 2000)
