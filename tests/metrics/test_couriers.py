"""Couriers and outlets at a like mix: the worked example, an independent computation, and what no renaming or reordering may change."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from pdd_audit.metrics.couriers import by_band, compare, compare_outlets, with_day_type
from pdd_audit.metrics.strata import discoveries, expected_late, standardised, stratified

EARLY, LATE = (4, 200, 16, 800), (64, 800, 17, 200)  # late and parcels of A, late and parcels of B, before and after 16:00


def against(*strata, deff=1.0):
    a, n1, c, n0 = (np.array(column) for column in zip(*strata, strict=True))
    return stratified(a, n1, c, n0, deff)


def peer(*strata):
    return StratifiedTable([np.array([[a, n1 - a], [c, n0 - c]], dtype=float) for a, n1, c, n0 in strata])


def a_mix(*rows):
    """(courier, outlet, band, parcels, late) of one working day each."""
    frame = pd.DataFrame(rows, columns=["courier", "outlet", "band", "parcels", "late"])
    days = pd.to_datetime("2026-03-02") + pd.to_timedelta(np.arange(len(frame)) % 5, "D")
    return with_day_type(frame.assign(day=days, remote=False, promise="48h"), lambda _: "work")


def test_the_worked_example_turns_round_at_a_like_mix():
    found = against(EARLY, LATE)
    assert (found.crude, found.crude_others) == pytest.approx((0.068, 0.033), abs=1e-12)
    assert (found.odds, found.odds_low, found.odds_high) == pytest.approx((0.948875, 0.575389, 1.564793), abs=1e-6)
    assert (found.chi2, found.p) == pytest.approx((0.042493, 0.836683), abs=1e-6)
    assert (found.homogeneity, found.homogeneity_p) == pytest.approx((0.010913, 0.916801), abs=1e-6)
    assert (found.difference, found.low, found.high) == pytest.approx((-0.0025, -0.026572, 0.021572), abs=1e-6)


def test_the_standardised_rates_of_the_worked_example():
    late, parcels = np.array([[4, 64], [16, 17]]), np.array([[200, 800], [800, 200]])
    rates, errors = standardised(late, parcels)
    assert [*rates, *errors] == pytest.approx([0.05, 0.0525, 0.006892, 0.010166], abs=1e-6)
    assert 1.959963984540054 * np.hypot(*errors) == pytest.approx(0.024072, abs=1e-6)
    assert late.sum(axis=1) / expected_late(late, parcels) == pytest.approx([0.988372, 1.024845], abs=1e-6)


@pytest.mark.parametrize(
    "strata", [[EARLY, LATE], [(30, 400, 12, 500), (9, 80, 25, 300), (2, 60, 1, 90)], [(1, 20, 3, 400), (7, 900, 4, 35), (40, 41, 9, 12)]]
)
def test_it_agrees_with_statsmodels(strata):
    found, other = against(*strata), peer(*strata)
    assert found.odds == pytest.approx(other.oddsratio_pooled, abs=1e-9)
    assert (found.odds_low, found.odds_high) == pytest.approx(other.oddsratio_pooled_confint(), abs=1e-9)
    assert (found.chi2, found.p) == pytest.approx((other.test_null_odds().statistic, other.test_null_odds().pvalue), abs=1e-9)
    equal = other.test_equal_odds()
    assert (found.homogeneity, found.homogeneity_p) == pytest.approx((equal.statistic, equal.pvalue), abs=1e-9)


def test_parcels_that_share_their_fate_widen_every_interval_and_weaken_every_test():
    plain, wide = against(EARLY, LATE), against(EARLY, LATE, deff=4.0)
    assert wide.high - wide.difference == pytest.approx(2 * (plain.high - plain.difference))
    assert np.log(wide.odds_high / wide.odds) == pytest.approx(2 * np.log(plain.odds_high / plain.odds))
    assert (wide.chi2, wide.homogeneity) == pytest.approx((plain.chi2 / 4, plain.homogeneity / 4))
    assert wide.p == pytest.approx(stats.chi2.sf(plain.chi2 / 4, 1))


def test_without_any_late_parcel_there_is_no_odds_ratio_and_no_difference():
    found = against((0, 50, 0, 60))
    assert (found.odds, found.chi2, found.p, found.homogeneity, found.difference) == (None, None, 1.0, None, 0.0)


def test_more_than_five_comparisons_are_corrected_for():
    assert discoveries([0.04, 0.2, 0.9]) == [True, False, False]
    p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.9]
    expected = stats.false_discovery_control(p) <= 0.10
    assert discoveries(p) == expected.tolist() == [True] * 6 + [False]
    assert discoveries([0.03, 0.5, 0.6, 0.7, 0.8, 0.9]) == [False] * 6


def test_a_courier_that_only_has_the_bad_hours_is_cleared_with_a_warning():
    found = compare(a_mix(("A", "a", "00–09", 200, 4), ("A", "a", "16–18", 800, 64), ("B", "b", "00–09", 800, 16), ("B", "b", "16–18", 200, 17)), "courier")
    one, other = found.units
    assert (one.name, one.crude, one.simpson, one.worse) == ("A", pytest.approx(0.068), True, False)
    assert found.method == "direct"
    assert (one.adjusted, other.adjusted) == pytest.approx((0.05, 0.0525))
    assert found.dropped.empty and found.small == ()


def test_a_courier_that_is_worse_at_every_hour_is_named_without_a_warning():
    rows = [(name, name, band, 500, late) for band in ("00–09", "16–18") for name, late in (("A", 45), ("B", 15), ("C", 15))]
    found = compare(a_mix(*rows), "courier")
    assert [unit.name for unit in found.units if unit.worse] == ["A"]
    assert not [unit.name for unit in found.units if unit.simpson]


def test_hours_nobody_else_sends_in_are_dropped_and_named():
    found = compare(a_mix(("A", "a", "00–09", 300, 9), ("B", "b", "00–09", 300, 9), ("A", "a", "21–24", 40, 30)), "courier")
    assert found.dropped[["band", "parcels"]].to_numpy().tolist() == [["21–24", 40]]
    a = next(unit for unit in found.units if unit.name == "A")
    assert (a.late, a.parcels) == (39, 340), "what is shown as it stands holds all its parcels"
    assert a.against.difference == pytest.approx(0.0)


def test_small_couriers_are_named_and_not_compared_and_two_are_needed():
    found = compare(a_mix(("A", "a", "00–09", 300, 9), ("B", "b", "00–09", 300, 9), ("C", "c", "00–09", 99, 50)), "courier")
    assert found.small == ("C",)
    assert compare(a_mix(("A", "a", "00–09", 300, 9), ("C", "c", "00–09", 99, 50)), "courier") is None


def test_a_thin_cell_turns_to_observed_over_expected():
    found = compare(a_mix(("A", "a", "00–09", 300, 9), ("A", "a", "16–18", 10, 5), ("B", "b", "00–09", 200, 6), ("B", "b", "16–18", 100, 20)), "courier")
    assert found.method == "indirect"
    expected = 300 * 15 / 500 + 10 * 25 / 110
    a = next(unit for unit in found.units if unit.name == "A")
    assert a.adjusted == pytest.approx(40 / 610 * 14 / expected)
    assert a.low < a.adjusted < a.high


def outlets(*, unscanned):
    good = [("韵达", "好", band, 400, 8) for band in ("00–09", "12–16")]
    bad = [("韵达", "慢", band, 400, 32) for band in ("00–09", "12–16")]
    return a_mix(*good, *bad, ("韵达", None, "12–16", unscanned, unscanned), ("中通", "独", "00–09", 500, 5))


def test_a_slow_outlet_is_found_within_its_courier_and_its_rate_has_bounds():
    found = compare_outlets(outlets(unscanned=10))
    worst = found[0]
    assert (worst.courier, worst.unit.name, worst.worse, worst.unscanned) == ("韵达", "慢", True, 10)
    assert worst.bounds == pytest.approx((64 / 800, 74 / 810))
    assert {outlet.unit.name for outlet in found} == {"好", "慢"}, "an outlet alone has nobody to be compared with"


def test_an_outlet_is_not_blamed_when_the_unscanned_parcels_could_be_the_others():
    worst = next(outlet for outlet in compare_outlets(outlets(unscanned=60)) if outlet.unit.name == "慢")
    assert worst.unit.worse
    assert not worst.worse


def test_an_outlet_is_praised_only_if_the_unscanned_parcels_could_all_be_its_own():
    verdicts = {unscanned: {outlet.unit.name: outlet.verdict for outlet in compare_outlets(outlets(unscanned=unscanned))}["好"] for unscanned in (0, 5, 60)}
    assert verdicts == {0: "better", 5: "better", 60: "same"}


def test_hours_are_set_side_by_side():
    bands = by_band(a_mix(("A", "a", "00–09", 10, 1), ("B", "b", "00–09", 30, 2), ("B", "b", "16–18", 5, 0)), "A")
    assert bands.to_numpy().tolist() == [["00–09", 10, 1, 30, 2], ["16–18", 0, 0, 5, 0]]


def test_the_type_of_a_day_is_asked_of_the_calendar():
    frame = pd.DataFrame({"courier": "A", "band": "00–09", "day": pd.to_datetime(["2026-10-01", "2026-10-09"]), "remote": [True, None], "promise": [None, "24h"]})
    typed = with_day_type(frame, lambda day: "off" if day == date(2026, 10, 1) else "work")
    assert typed["day_type"].tolist() == ["off", "work"]
    assert typed["promise"].tolist() == ["unknown", "24h"]
    assert typed["remote"].tolist() == [True, False]


CELLS = st.lists(
    st.tuples(st.sampled_from("ABC"), st.sampled_from(["00–09", "12–16", "21–24"]), st.integers(60, 400), st.integers(0, 60)), min_size=4, max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(CELLS, st.randoms())
def test_order_and_names_change_nothing(cells, random):
    rows = [(courier, courier.lower(), band, parcels, late) for courier, band, parcels, late in cells]
    mix = a_mix(*rows)
    shuffled = mix.sample(frac=1, random_state=random.randrange(1000)).assign(courier=lambda f: f["courier"].map({"A": "甲", "B": "乙", "C": "丙"}))
    one, other = compare(mix, "courier"), compare(shuffled, "courier")
    assert (one is None) == (other is None)
    if one is not None:
        back = {"甲": "A", "乙": "B", "丙": "C"}
        found = {back[unit.name]: unit for unit in other.units}
        for unit in one.units:
            twin = found[unit.name]
            assert (twin.late, twin.tells, twin.simpson) == (unit.late, unit.tells, unit.simpson)
            assert [twin.adjusted, twin.low, twin.high, twin.against.difference] == pytest.approx([unit.adjusted, unit.low, unit.high, unit.against.difference])
