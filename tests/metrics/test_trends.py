"""Charts over time, changes of level, before and after, forecasts: worked examples, second opinions, and what they promise on chance alone."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import ruptures
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pdd_audit.metrics.before_after import effect_of, newey_west, newey_west_lags, quasi_binomial
from pdd_audit.metrics.change_points import _stabilised, find_changes, find_levels
from pdd_audit.metrics.control_charts import (
    baseline_days,
    expected_misses,
    g_limits,
    gaps_between,
    laney_limits,
    share_limits,
    signals,
    steady_volume,
    without_far_days,
    xmr_limits,
)
from pdd_audit.metrics.daily_counts import pickup_days, pickup_steps, promise_days, reply_days, reply_seconds_days
from pdd_audit.metrics.line_forecast import beta_binomial, clean_to_line, clean_to_pass, correlation_of, day_dispersion, outlook
from pdd_audit.metrics.live_risk import chance
from pdd_audit.metrics.pickup import pickup_curve
from pdd_audit.metrics.practice_link import links, well_said_but_late, whole_weeks
from tests.metrics.builders import OPEN, d2_lags, some_cells, some_replies, some_tables


def counts(text):
    return np.array([float(number) for number in text.split()])


CHART_N = counts("410 388 402 395 521 640 655 402 398 377 420 533 612 671 405 391 416 389 540 630")
CHART_X = counts("11 9 14 8 20 31 17 12 7 13 10 24 16 25 13 9 41 10 19 15")
FIRST_FORTNIGHT = np.arange(20) < 14
LEVEL_N = counts("402 388 415 397 520 610 385 410 392 405 388 515 622 401 396 404 411 390 530 605 398 405 399 412 394 522 615 400 388 410 402 395 530 620 398")
LEVEL_X = counts("12 9 14 11 17 16 10 13 8 12 15 14 20 11 9 13 12 10 15 18 26 31 24 29 25 33 45 28 22 30 27 24 36 41 26")
ACTION_N = counts("402 388 415 397 520 610 385 410 392 405 388 515 622 401 396 404 411 390 530 605 398 405 399 412 394 522 615 400")
ACTION_X = counts("11 13 24 11 39 38 26 24 20 14 17 27 12 18 4 10 12 8 9 23 6 14 5 11 7 12 27 17")
ACTION_DAY = np.arange(28) - 14.0
ALL_DAYS = np.ones(20, dtype=bool)


def close(value, digits=1e-6):
    return pytest.approx(value, abs=digits)


# control charts


def test_the_p_prime_chart_of_the_worked_example():
    limits = laney_limits(CHART_X, CHART_N, FIRST_FORTNIGHT)
    assert limits.centre == close(0.03179953, 1e-8) and limits.sigma_z == close(1.52048473, 1e-8)
    assert limits.high[[16, 5]] == close(np.array([0.071041, 0.063437]))
    found = signals(CHART_X / CHART_N, limits, ALL_DAYS)
    assert [(sign.position, sign.rule) for sign in found] == [(16, "above")]


def test_with_sigma_z_of_one_the_limits_are_those_of_the_p_chart():
    even = np.full(16, 400.0)
    steady = np.full(16, 12.0)
    limits = laney_limits(np.where(np.arange(16) == 3, 13.0, steady), even, np.ones(16, dtype=bool))
    assert limits.sigma_z < 1
    half = 3 * np.sqrt(limits.centre * (1 - limits.centre) / 400)
    assert limits.high == close(np.full(16, limits.centre + half)) and limits.low == close(np.full(16, limits.centre - half))
    day_17 = 0.03179953 + 3 * np.sqrt(0.03179953 * (1 - 0.03179953) / 416)
    assert day_17 == close(0.057608)


def test_the_chart_people_see_names_the_same_day_and_only_that():
    limits = share_limits(CHART_X, CHART_N, baseline_days(ALL_DAYS, 14))
    assert [(sign.position, sign.rule) for sign in signals(CHART_X / CHART_N, limits, ALL_DAYS)] == [(16, "above")]
    assert (limits.high >= laney_limits(CHART_X, CHART_N, FIRST_FORTNIGHT).high).all()


def test_the_xmr_chart_of_the_worked_example():
    rates = CHART_X / CHART_N
    limits = xmr_limits(rates, FIRST_FORTNIGHT, floor=-1.0)
    assert limits.centre == close(0.03086031, 1e-8) and limits.mean_range == close(0.01349601, 1e-8)
    assert (limits.low[0], limits.high[0]) == (close(-0.00503908, 1e-8), close(0.06675970, 1e-8))
    assert 3.267 * limits.mean_range == close(0.04409147, 1e-8)
    assert xmr_limits(rates, FIRST_FORTNIGHT).low[0] == 0
    assert [sign.position for sign in signals(rates, limits, ALL_DAYS)] == [16]


def test_a_run_of_eight_is_named_once_with_its_beginning():
    values = np.array([0.5, -0.5, *[0.5] * 11, -0.5])
    limits = xmr_limits(np.array([1.0, -1.0, 1.0, -1.0, *[0.0] * 10]), np.arange(14) < 4, floor=-9)
    (sign,) = signals(values, limits, np.ones(14, dtype=bool))
    assert (sign.rule, sign.since, sign.position) == ("run_above", 2, 9)


def test_a_day_that_is_not_settled_neither_fires_nor_counts():
    limits = laney_limits(CHART_X, CHART_N, FIRST_FORTNIGHT)
    assert signals(CHART_X / CHART_N, limits, np.arange(20) != 16) == ()


def test_a_baseline_is_the_first_usable_days_and_no_more():
    usable = np.array([False, True, True, False, True, True])
    assert baseline_days(usable, 3).tolist() == [False, True, True, False, True, False]


def test_one_missed_van_in_the_baseline_does_not_hide_itself_nor_move_the_usual():
    late = CHART_X.copy()
    late[5] = 200
    kept = without_far_days(late, CHART_N, FIRST_FORTNIGHT)
    assert (FIRST_FORTNIGHT & ~kept).tolist().index(True) == 5 and kept.sum() == 13
    limits = share_limits(late, CHART_N, FIRST_FORTNIGHT)
    assert [sign.position for sign in signals(late / CHART_N, limits, ALL_DAYS)] == [5, 16]
    assert limits.centre < 0.035


def test_a_spotless_baseline_makes_no_noise():
    limits = share_limits(np.zeros(20), CHART_N, FIRST_FORTNIGHT)
    assert limits.centre == 0 and signals(np.zeros(20), limits, ALL_DAYS) == ()


@given(st.lists(st.tuples(st.integers(1, 900), st.floats(0, 1)), min_size=2, max_size=60))
def test_limits_hold_their_centre_between_them(days):
    total = np.array([float(n) for n, _ in days])
    missed = np.floor(total * np.array([share for _, share in days]))
    limits = share_limits(missed, total, np.ones(len(days), dtype=bool))
    assert (limits.low <= limits.centre + 1e-12).all() and (limits.high >= limits.centre - 1e-12).all()
    assert (limits.low >= 0).all() and (limits.high <= 1).all()


def test_gaps_count_the_cases_from_one_miss_to_the_next():
    gaps, ends = gaps_between(np.array([0, 1, 0, 2.0]), np.array([10, 10, 10, 20.0]))
    assert gaps.tolist() == [20.0, 10.0] and ends.tolist() == [3, 3]


def test_limits_of_gaps_are_quantiles_of_the_geometric_distribution():
    limits = g_limits(np.ones(3), 0.01, np.ones(3, dtype=bool))
    assert limits.centre == stats.geom.ppf(0.5, 0.01) and limits.high[0] == stats.geom.ppf(1 - 0.00135, 0.01)


def test_volume_is_steady_up_to_three_times():
    assert steady_volume(np.array([100.0, 300])) and not steady_volume(np.array([100.0, 301]))
    assert expected_misses(np.array([4.0, 8]), np.array([100.0, 100]), np.array([True, True])) == 6


def random_days(rng, days, volume, swing, rate=0.03):
    share = 1 / (1 + np.exp(-(np.log(rate / (1 - rate)) + swing * rng.standard_normal(days))))
    return rng.binomial(volume, share).astype(float), np.full(days, float(volume))


@pytest.mark.parametrize("swing", [0.0, 0.35])
@pytest.mark.parametrize(("volume", "rate"), [(50, 0.1), (300, 0.03), (2000, 0.03)])
def test_on_chance_alone_at_most_fifteen_days_in_a_thousand_are_accused(volume, rate, swing):
    rng, watched, false, plain, repeats = np.random.default_rng(1), 76, 0, 0, 600
    for _ in range(repeats):
        missed, total = random_days(rng, 28 + watched, volume, swing, rate)
        baseline = baseline_days(np.ones(len(total), dtype=bool))
        limits = share_limits(missed, total, baseline)
        false += sum(sign.position >= 28 for sign in signals(missed / total, limits, ~baseline))
        plain += int((missed / total > laney_limits(missed, total, baseline).high)[28:].sum())
    assert false / repeats / watched <= 0.015
    assert plain / repeats / watched <= 0.0185  # limits alone without the room for skew; 1.7 % at the largest volume


def test_on_chance_alone_gaps_are_rarely_accused():
    rng, points, false = np.random.default_rng(20262), 0, 0
    for _ in range(60):
        steps = rng.binomial(12, 0.008, 2400).astype(float)
        gaps, _ = gaps_between(steps, np.full(2400, 12.0))
        limits = g_limits(gaps, 0.008, np.ones(len(gaps), dtype=bool))
        false += len(signals(gaps, limits, np.ones(len(gaps), dtype=bool)))
        points += len(gaps)
    assert false / points <= 0.015


# changes of level


def test_the_level_changes_after_day_twenty():
    found = find_changes(LEVEL_X, LEVEL_N)
    assert found.changes == (20,) and found.noise == 1
    assert [(level.missed, level.total) for level in found.levels] == [(259, 8986), (447, 6688)]
    assert [level.rate for level in found.levels] == close([0.028823, 0.066836])
    assert found.penalty == close(14.221392)
    parts = [find_levels(LEVEL_X[a:b], LEVEL_N[a:b]) for a, b in ((0, 20), (20, 35))]
    assert [part.cost for part in parts] == close([4.844707, 2.746456]) and found.cost == close(4.844707 + 2.746456)


def by_ruptures(missed, total, weight, shortest=5):
    """The cheapest partition by another program: its own weighted cost inside the dynamic programming of ruptures, every number of
    changes tried."""
    values, weights = _stabilised(missed, total)
    noise = max(1.0, np.median(np.abs(np.diff(values)) / np.sqrt(1 / weights[1:] + 1 / weights[:-1])) / 0.674490)

    class Weighted(ruptures.base.BaseCost):
        model, min_size = "", 1

        def fit(self, signal):
            self.signal = np.asarray(signal).reshape(-1, 1)
            return self

        def error(self, start, end):
            part, w = values[start:end], weights[start:end]
            return float((w * (part - np.average(part, weights=w)) ** 2).sum() / noise**2)

    penalty, best = weight * np.log(len(total)), None
    for changes in range(min(4, len(total) // shortest)):
        search = ruptures.Dynp(custom_cost=Weighted(), min_size=shortest, jump=1).fit(values)
        ends = search.predict(n_bkps=changes) if changes else [len(total)]
        cost = sum(Weighted().error(a, b) for a, b in zip([0, *ends[:-1]], ends, strict=True)) + penalty * changes
        if best is None or cost < best[0] - 1e-9:
            best = (cost, tuple(ends[:-1]))
    return best


@pytest.mark.parametrize("seed", range(4))
def test_levels_are_those_another_program_finds(seed):
    rng = np.random.default_rng(seed)
    rate = np.repeat([0.03, 0.06 + 0.02 * seed, 0.025], [12, 14, 14])
    total = rng.integers(150, 500, 40).astype(float)
    missed = rng.binomial(total.astype(int), rate).astype(float)
    cost, changes = by_ruptures(missed, total, 4.0)
    found = find_levels(missed, total)
    assert found.changes == changes
    assert found.cost + found.penalty * len(changes) == close(cost)


def test_a_steady_shop_is_rarely_told_that_it_changed():
    rng, false = np.random.default_rng(20263), 0
    for _ in range(300):
        days = int(rng.integers(30, 121))
        total = rng.integers(100, 501, days).astype(float)
        missed = rng.binomial(total.astype(int), 0.03).astype(float)
        false += bool(find_levels(missed, total).changes)
    assert false / 300 <= 0.017


def dependent_days(rng, days, correlation, swing=0.35):
    noise = np.empty(days)
    noise[0] = rng.standard_normal()
    for step in range(1, days):
        noise[step] = correlation * noise[step - 1] + np.sqrt(1 - correlation**2) * rng.standard_normal()
    total = np.full(days, 300.0)
    share = 1 / (1 + np.exp(-(np.log(0.03 / 0.97) + swing * noise)))
    return rng.binomial(300, share).astype(float), total


def test_days_that_depend_on_each_other_must_show_more():
    rng = np.random.default_rng(20264)
    usual = strict = 0
    for _ in range(100):
        missed, total = dependent_days(rng, 90, 0.6)
        usual += bool(find_levels(missed, total).changes)
        strict += bool(find_changes(missed, total).changes)
    assert strict < usual


def test_only_the_newest_four_hundred_days_are_searched_and_too_few_are_refused():
    assert find_changes(np.full(450, 3.0), np.full(450, 100.0)).levels[-1].end == 400
    with pytest.raises(ValueError, match="400"):
        find_levels(np.full(450, 3.0), np.full(450, 100.0))
    with pytest.raises(ValueError, match="not 1"):
        find_levels(np.ones(1), np.ones(1))


@given(st.lists(st.tuples(st.integers(1, 500), st.floats(0, 0.4)), min_size=10, max_size=60))
def test_levels_cover_every_day_once_and_are_long_enough(days):
    total = np.array([float(n) for n, _ in days])
    missed = np.floor(total * np.array([share for _, share in days]))
    levels = find_levels(missed, total).levels
    assert levels[0].start == 0 and levels[-1].end == len(total)
    assert all(a.end == b.start for a, b in pairwise(levels))
    assert all(level.end - level.start >= 5 for level in levels)


# before and after


def test_the_action_of_the_worked_example_worked():
    effect = effect_of(ACTION_DAY, ACTION_X, ACTION_N)
    assert effect.coefficients == close(np.array([-2.947259, 0.008442, -0.722356]))
    assert effect.errors == close(np.array([0.171030, 0.019464, 0.317274]))
    assert effect.dispersion == close(2.691054) and effect.freedom == 25
    assert (effect.rate_ratio.value, effect.rate_ratio.low, effect.rate_ratio.high) == close((0.499134, 0.268055, 0.929416))
    assert (effect.avoided.value, effect.avoided.low, effect.avoided.high) == close((165.57, 12.53, 450.55), 5e-3)
    assert effect.correlation == close(0.0266, 5e-5) and effect.verdict == "improved" and not effect.robust


def test_the_model_without_a_trend_is_that_of_the_worked_example():
    fit = quasi_binomial(np.column_stack([np.ones(28), ACTION_DAY >= 0]).astype(float), ACTION_X, ACTION_N)
    reach = stats.t.ppf(0.975, 26) * np.sqrt(fit.covariance[1, 1])
    assert np.exp([fit.coefficients[1], fit.coefficients[1] - reach, fit.coefficients[1] + reach]) == close(np.array([0.546542, 0.393440, 0.759223]))


def other_opinion(design, missed, total):
    return sm.GLM(missed / total, design, family=sm.families.Binomial(), var_weights=total)


def test_the_fit_is_that_of_another_program():
    weekend = (np.arange(28) % 7 >= 5).astype(float)
    design = np.column_stack([np.ones(28), ACTION_DAY, ACTION_DAY >= 0, weekend]).astype(float)
    other = other_opinion(design, ACTION_X, ACTION_N).fit(scale="X2", tol=1e-12)
    effect = effect_of(ACTION_DAY, ACTION_X, ACTION_N, weekend[:, None])
    assert effect.coefficients == close(np.asarray(other.params)) and effect.errors == close(np.asarray(other.bse))
    assert effect.dispersion == close(other.scale)
    assert effect.fitted == close(np.asarray(other.fittedvalues))


@pytest.mark.filterwarnings("ignore:cov_type not fully supported")  # its sandwich is right with weights that are counts
def test_errors_that_allow_for_dependence_are_those_of_another_program():
    design = np.column_stack([np.ones(28), ACTION_DAY, ACTION_DAY >= 0]).astype(float)
    fit = quasi_binomial(design, ACTION_X, ACTION_N)
    lags = newey_west_lags(28)
    other = other_opinion(design, ACTION_X, ACTION_N).fit(tol=1e-12, cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False})
    assert newey_west(design, ACTION_X, ACTION_N, fit) * 25 / 28 == close(np.asarray(other.cov_params()))


def test_dependent_days_widen_the_interval():
    missed = ACTION_X.copy()
    missed[:14] += np.where(np.arange(14) // 4 % 2, 25, 0)
    missed[14:] += np.where(np.arange(14) // 4 % 2, 25, 0)
    effect = effect_of(ACTION_DAY, missed, ACTION_N)
    design = np.column_stack([np.ones(28), ACTION_DAY, ACTION_DAY >= 0]).astype(float)
    assert effect.robust and effect.correlation > 0.3
    assert effect.errors[2] >= np.sqrt(quasi_binomial(design, missed, ACTION_N).covariance[2, 2]) - 1e-12


def test_thirteen_days_after_are_too_early_and_no_misses_are_no_ratio():
    assert effect_of(ACTION_DAY[:-1], ACTION_X[:-1], ACTION_N[:-1]).verdict == "too_early"
    assert effect_of(ACTION_DAY, np.where(ACTION_DAY < 0, ACTION_X, 0), ACTION_N) is None


def test_an_action_after_a_bad_week_is_told_to_expect_some_return():
    missed = np.full(28, 12.0)
    missed[7:14] = 40
    assert effect_of(ACTION_DAY, missed, np.full(28, 400.0)).after_bad_week
    assert not effect_of(ACTION_DAY, ACTION_X, ACTION_N).after_bad_week


def test_intervals_of_an_action_hold_the_truth_as_often_as_they_say():
    rng, held, repeats = np.random.default_rng(20265), 0, 1000
    day, total = np.arange(42) - 21.0, np.full(42, 400.0)
    logit = np.log(0.04 / 0.96) + 0.004 * day
    strength = 250  # beta-binomial days: variance 1 + 399 / 251 times the binomial one
    for _ in range(repeats):
        share = 1 / (1 + np.exp(-(logit - 0.4 * (day >= 0))))
        missed = rng.binomial(400, rng.beta(share * strength, (1 - share) * strength)).astype(float)
        effect = effect_of(day, missed, total)
        after = day >= 0
        truth = share[after].sum() / (1 / (1 + np.exp(-logit[after]))).sum()
        held += effect.rate_ratio.low <= truth <= effect.rate_ratio.high
    assert 0.93 <= held / repeats <= 0.97


# the line


def test_the_forecast_of_the_worked_example():
    curve = pickup_curve(some_tables(lags=d2_lags()))
    ages = np.repeat([minute for minute in OPEN if minute < 1440], [parcels for minute, parcels in OPEN.items() if minute < 1440])
    risks = chance(curve, ages, np.full(len(ages), 1440))
    found = outlook(130, 3480, risks, 900, 2.5)
    assert found.correlation == close(0.00238771, 1e-8) and 1 / found.correlation - 1 == close(417.811245)
    assert (found.total, found.allowed(0.04), found.allowed(0.04) - found.known_missed) == (4460, 178, 48)
    assert (found.expected_open, found.expected_future) == close((9.513011, 33.620690))
    assert found.crossing(0.04) == close(0.284318)
    assert [found.count_at(share) for share in (0.05, 0.5, 0.95)] == [157, 172, 191]
    assert [found.count_at(share) / found.total for share in (0.05, 0.5, 0.95)] == close([0.035202, 0.038565, 0.042825])


def test_a_plain_binomial_future_would_be_too_confident():
    curve = pickup_curve(some_tables(lags=d2_lags()))
    ages = np.repeat([minute for minute in OPEN if minute < 1440], [parcels for minute, parcels in OPEN.items() if minute < 1440])
    risks = chance(curve, ages, np.full(len(ages), 1440))
    ahead = beta_binomial(np.arange(901.0), 900, 130 / 3480, 0.0)
    assert ahead == close(stats.binom.pmf(np.arange(901), 900, 130 / 3480), 1e-12)
    open_now = np.array([1.0])
    for risk in risks:
        open_now = np.convolve(open_now, [1 - risk, risk])
    assert np.convolve(open_now, ahead)[49:].sum() == close(0.193755)


@given(st.integers(1, 400), st.floats(0.001, 0.6), st.floats(1e-5, 0.5))
def test_future_counts_are_those_of_scipy(size, mean, correlation):
    strength = 1 / correlation - 1
    expected = stats.betabinom.pmf(np.arange(size + 1), size, mean * strength, (1 - mean) * strength)
    assert beta_binomial(np.arange(size + 1.0), size, mean, correlation) == close(expected, 1e-9)


def test_a_busy_shop_is_forecast_as_exactly_as_a_small_one():
    risks = np.full(50, 0.2)
    found = outlook(1300, 34800, risks, 9000, 2.5)
    strength = 1 / found.correlation - 1
    ahead = stats.betabinom.pmf(np.arange(9001), 9000, 1300 / 34800 * strength, (1 - 1300 / 34800) * strength)
    whole = np.convolve(stats.binom.pmf(np.arange(51), 50, 0.2), ahead)
    assert found.crossing(0.04) == close(whole[found.allowed(0.04) - 1300 + 1 :].sum(), 1e-9)
    assert len(found.chances) < 5000


def test_a_spotless_window_still_may_see_a_late_parcel():
    found = outlook(0, 500, np.array([]), 300, 1.0)
    assert 0 < found.crossing(0.0) < 1 and found.chances.sum() == close(1)


def test_a_line_already_crossed_is_crossed_for_certain_and_nothing_open_changes_nothing():
    assert outlook(100, 1000, np.array([0.2]), 0, 1.0).crossing(0.04) == close(1)
    settled = outlook(30, 1000, np.array([]), 0, 3.0)
    assert (settled.crossing(0.03), settled.total, settled.count_at(0.95)) == (0, 1000, 30)


def test_parcels_collected_in_time_count_in_the_total_alone():
    found = outlook(30, 1000, np.array([]), 0, 1.0, fresh=500)
    assert (found.total, found.allowed(0.02), found.crossing(0.02)) == (1500, 30, 0)


def test_clean_parcels_to_safety():
    assert [clean_to_pass(9, 300, 0.04), clean_to_pass(27, 815, 0.04), clean_to_pass(9, 300, 0.02)] == [123, 160, 550]
    assert (clean_to_line(9, 300, 0.02), clean_to_line(9, 300, 0.03), clean_to_pass(0, 0, 0.9)) == (150, 0, 30)


def test_days_vary_as_much_as_pearson_says_and_a_fortnight_is_needed():
    rate = CHART_X.sum() / CHART_N.sum()
    table = np.array([CHART_X, CHART_N - CHART_X])
    assert day_dispersion(CHART_X, CHART_N) == close(stats.chi2_contingency(table, correction=False).statistic / 19)
    assert 0 < rate < 1 and day_dispersion(CHART_X[:13], CHART_N[:13]) is None
    assert day_dispersion(np.zeros(20), CHART_N) == 1.0
    assert correlation_of(1.0, 1000, 1) == 0.0


# practices


def weeks_of(late):
    return pd.DataFrame({"week": pd.date_range("2026-01-05", periods=len(late), freq="7D"), "late": late, "parcels": [400] * len(late)})


def test_weeks_with_a_practice_are_set_against_weeks_without():
    late = [10, 12, 9, 11, 8, 10, 12, 9, 20, 24, 19, 22, 25, 21, 18, 23]
    found = {link.item: link for link in links(weeks_of(late), {
        "a.scan": [True] * 8 + [False] * 8, "b.always": [True] * 16, "c.new": [None] * 10 + [False] * 5 + [True],
    })}
    scan = found["a.scan"]
    assert scan.outcome == "linked" and scan.low < scan.difference < scan.high < 0
    raw = np.mean(late[:8]) / 400 - np.mean(late[8:]) / 400
    assert raw < scan.difference, "drawn towards no difference"
    welch = stats.ttest_ind(np.array(late[:8]) / 400, np.array(late[8:]) / 400, equal_var=False).confidence_interval(0.90)
    assert scan.high - scan.low == close(welch.high - welch.low)
    assert found["b.always"].outcome == "does_not_discriminate" and found["c.new"].outcome == "too_early"
    assert found["c.new"].difference is None


def test_only_whole_settled_weeks_count():
    days = pd.DataFrame({"day": pd.date_range("2026-10-07", periods=20), "total": 10.0, "missed": 1.0, "settled": [True] * 18 + [False] * 2})
    weeks = whole_weeks(days)
    assert [f"{week:%m-%d}" for week in weeks["week"]] == ["10-12"]
    assert weeks[["late", "parcels"]].to_numpy().tolist() == [[7.0, 70.0]]
    assert whole_weeks(days.iloc[:0]).empty


@pytest.mark.parametrize(
    ("claimed", "verdict", "alarm"), [(90, "fail", True), (89.9, "fail", False), (95, "too_early", False), (None, "fail", False)]
)
def test_a_full_checklist_of_a_late_shop_is_an_alarm(claimed, verdict, alarm):
    assert well_said_but_late(claimed, verdict) is alarm


# days


def test_a_day_counts_once_all_of_it_is_a_day_old():
    cells = some_cells(("中通", "2026-03-08", 9, 40, 2), ("圆通", "2026-03-08", 17, 10, 1), ("中通", "2026-03-09", 9, 30, 3), refunded=1)
    days = pickup_days(some_tables(cells=cells))
    assert days[["total", "missed", "settled"]].to_numpy().tolist() == [[48, 3, True], [29, 3, False]]
    steps = pickup_steps(some_tables(cells=cells))
    assert steps[["total", "missed"]].to_numpy().tolist() == [[39, 2], [9, 1]]


def test_promises_replies_and_seconds_by_day():
    promises = pd.DataFrame({"day": pd.to_datetime(["2026-03-09", "2026-03-10"]), "due": [50, 20], "kept": [45, 20]})
    replies = some_replies((100, 4, 6), (50, 2, 2)).assign(day=pd.to_datetime(["2026-03-09", "2026-03-09"]), mean_seconds=[30.0, 60.0])
    tables = some_tables(promises=promises, replies=replies)
    assert promise_days(tables)[["total", "missed", "settled"]].to_numpy().tolist() == [[50, 5, True], [20, 0, False]]
    assert reply_days(tables)[["total", "missed", "settled"]].to_numpy().tolist() == [[150, 7, True]]
    assert reply_seconds_days(tables)[["value", "settled"]].to_numpy().tolist() == [[40.0, True]]


def test_nothing_gives_no_days():
    empty = some_tables()
    assert all(frame.empty for frame in (pickup_days(empty), promise_days(empty), reply_days(empty), reply_seconds_days(empty)))
