"""What a finished period did, how many parcels without a breach would change the verdict, and how waiting ends. Worked out by hand."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from pdd_audit.core.measurement import Estimate
from pdd_audit.metrics.intervals import clean_to_line, clean_to_pass, record_of
from pdd_audit.metrics.pickup import naive_on_time, pickup_curve
from pdd_audit.metrics.survival import incidence
from tests.metrics.builders import d2_lags, some_tables


@pytest.mark.parametrize(("late", "total", "line", "clean"), [(9, 300, 0.04, 123), (27, 815, 0.04, 160), (9, 300, 0.02, 550), (5, 500, 0.03, 0)])
def test_parcels_without_a_breach_that_would_pass(late, total, line, clean):
    assert clean_to_pass(late, total, line) == clean


def test_parcels_without_a_breach_to_the_plain_line():
    assert clean_to_line(9, 300, 0.02) == 150
    assert clean_to_line(1, 300, 0.02) == 0


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(30, 5000), st.sampled_from([0.01, 0.02, 0.03, 0.05]))
def test_that_many_clean_parcels_pass_and_one_fewer_does_not(late, total, line):
    late = min(late, total)
    clean = clean_to_pass(late, total, line)
    high = binomtest(late, total + clean).proportion_ci(method="wilson").high
    assert high <= line + 1e-12 or math.isclose(high, line)
    if clean:
        assert binomtest(late, total + clean - 1).proportion_ci(method="wilson").high > line


@pytest.mark.parametrize(
    ("rate", "settled", "record"),
    [(0.03, True, "met"), (0.0301, True, "not_met"), (0.5, False, "immature"), (0.0, False, "immature"), (None, True, None)],
)
def test_a_record_counts_and_waits_for_the_end_of_the_period(rate, settled, record):
    assert record_of(Estimate(rate, 100), 0.03, settled) == record


def test_the_three_ends_of_waiting_add_up_to_all_parcels_at_every_minute():
    collected, refunded, waiting = incidence(pickup_curve(some_tables(lags=d2_lags())))
    assert (collected + refunded + waiting).tolist() == pytest.approx([1.0] * len(waiting))
    assert (collected[1440], refunded[1440], waiting[1440]) == pytest.approx((0.954360, 0.008869, 0.036770), abs=1e-6)


def test_counting_young_parcels_as_failures_slanders():
    found = naive_on_time(some_tables(counts={"covered": 985, "refunded_before_limit": 8, "collected": 895, "collected_late": 17}))
    assert (1 - found.value, found.n) == (pytest.approx(0.115811, abs=1e-6), 993)
    assert naive_on_time(some_tables()).value is None
