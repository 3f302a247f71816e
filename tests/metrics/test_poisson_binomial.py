"""The distribution of many unequal chances against brute force and scipy's own."""

import itertools
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pdd_audit.metrics.poisson_binomial import poisson_binomial

chances = st.lists(st.floats(0, 1), min_size=0, max_size=9)


def by_hand(q):
    """Every combination of outcomes, one by one."""
    pmf = np.zeros(len(q) + 1)
    for outcome in itertools.product((0, 1), repeat=len(q)):
        pmf[sum(outcome)] += np.prod([p if hit else 1 - p for p, hit in zip(q, outcome, strict=True)])
    return pmf


@settings(deadline=None)
@given(chances)
def test_it_equals_every_combination_counted(q):
    assert poisson_binomial(q) == pytest.approx(by_hand(q), abs=1e-12)


@pytest.mark.parametrize("parcels", [2, 37, 64, 300, 1000])
def test_it_equals_scipys(parcels):
    q = np.random.default_rng(parcels).random(parcels)
    assert poisson_binomial(q) == pytest.approx(stats.poisson_binom.pmf(np.arange(parcels + 1), q), abs=1e-12)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 5)), max_size=6))
def test_a_chance_named_three_times_counts_three_times(pairs):
    q, times = [p for p, _ in pairs], [n for _, n in pairs]
    assert poisson_binomial(q, times) == pytest.approx(poisson_binomial(np.repeat(q, times) if pairs else []), abs=1e-12)


def test_more_trials_than_are_taken_singly_are_grouped_and_equal_scipys_binomials():
    found = poisson_binomial([0.001, 0.5], [300_000, 40])
    rare, even = stats.binom(300_000, 0.001), stats.binom(40, 0.5)
    for k in (250, 300, 320, 370):
        by_hand = sum(even.pmf(j) * rare.pmf(k - j) for j in range(41))
        assert found[k] == pytest.approx(by_hand, abs=1e-12)
    assert len(found) == 300_041


@settings(deadline=None)
@given(chances, st.randoms())
def test_the_order_of_the_chances_changes_nothing(q, random):
    shuffled = random.sample(q, len(q))
    assert poisson_binomial(shuffled) == pytest.approx(poisson_binomial(q), abs=1e-12)


def test_eighty_thousand_parcels_are_counted_at_once_and_exactly():
    q = np.random.default_rng(1).random(80_000)
    started = time.process_time()
    pmf = poisson_binomial(q)
    assert time.process_time() - started < 0.5
    counts = np.arange(len(pmf))
    mean = float(counts @ pmf)
    assert mean == pytest.approx(q.sum(), abs=1e-6)
    assert float((counts - mean) ** 2 @ pmf) == pytest.approx(float((q * (1 - q)).sum()), rel=1e-9)


@pytest.mark.parametrize("bad", [([1.1], None), ([-0.1], None), ([float("nan")], None), ([0.5], [-1]), ([0.5, 0.5], [1])])
def test_what_is_no_chance_is_refused(bad):
    with pytest.raises(ValueError, match=r"chance|count"):
        poisson_binomial(*bad)
