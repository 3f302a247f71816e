"""Shrunk rates and the funnel: the worked example, scipy's own distributions, and the guards."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pdd_audit.metrics.funnel import funnel, limits, winsorised
from pdd_audit.metrics.intervals import Z95
from pdd_audit.metrics.shrinkage import log_likelihood, prior_of, shrunk

UNITS = pd.DataFrame({"name": list("ABCDEFGH"), "late": [30, 32, 6, 9, 1, 4, 0, 2], "parcels": [1200, 640, 310, 150, 90, 45, 28, 12]})
X, N = UNITS["late"].to_numpy(), UNITS["parcels"].to_numpy()
LINE = 0.04
# unit: raw, shrunk, low, high, P(> 4 %), z
TABLE = {
    "A": (0.025000, 0.026484, 0.019714, 0.034053, 0.003033, -1.7102), "B": (0.050000, 0.047844, 0.036030, 0.060961, 0.850751, 2.2439),
    "C": (0.019355, 0.025548, 0.014720, 0.038724, 0.037853, -1.4181), "D": (0.060000, 0.049331, 0.030586, 0.071510, 0.761654, 1.7627),
    "E": (0.011111, 0.028155, 0.013076, 0.047717, 0.135183, -1.1960), "F": (0.088889, 0.050262, 0.027363, 0.078448, 0.725406, 2.0357),
    "G": (0.000000, 0.032391, 0.013905, 0.056881, 0.253856, -0.9918), "H": (0.166667, 0.048129, 0.023937, 0.078723, 0.653607, 2.5392),
}


def test_the_prior_of_the_worked_example():
    prior = prior_of(X, N)
    assert (prior.alpha, prior.beta) == pytest.approx((5.701350, 142.312634), abs=1e-3)
    assert (prior.mean, prior.strength) == pytest.approx((0.038519, 148.014), abs=1e-3)
    assert prior.learnt and prior.differs


def test_the_likelihood_is_scipys():
    prior = prior_of(X, N)
    binomials = stats.betabinom.logpmf(X, N, prior.alpha, prior.beta).sum() - log_likelihood(X, N, prior.alpha, prior.beta)
    assert log_likelihood(X, N, prior.alpha, prior.beta) + binomials == pytest.approx(-21.768840, abs=1e-6)
    assert stats.binom.logpmf(X, N, X.sum() / N.sum()).sum() == pytest.approx(-24.203756, abs=1e-6)
    for alpha, beta in ((prior.alpha * 1.01, prior.beta), (prior.alpha, prior.beta * 1.01), (prior.alpha * 0.99, prior.beta * 0.99)):
        assert log_likelihood(X, N, alpha, beta) < log_likelihood(X, N, prior.alpha, prior.beta)


def test_units_are_ranked_by_certainty_and_not_by_their_raw_rate():
    found = shrunk(UNITS, LINE, prior_of(X, N)).set_index("name")
    for name, (raw, value, low, high, above, _) in TABLE.items():
        assert found.loc[name, ["raw", "shrunk", "low", "high", "above"]].tolist() == pytest.approx([raw, value, low, high, above], abs=2e-6)
    assert found.index[0] == "B"
    assert UNITS.assign(raw=X / N).set_index("name")["raw"].idxmax() == "H"


def test_the_interval_is_scipys():
    prior = prior_of(X, N)
    found = shrunk(UNITS, LINE, prior).set_index("name").loc["F"]
    posterior = stats.beta(4 + prior.alpha, 41 + prior.beta)
    assert [found["low"], found["high"], found["above"]] == pytest.approx([*posterior.interval(0.90), posterior.sf(LINE)], abs=1e-9)


def test_few_units_take_a_fixed_prior_and_equal_ones_do_not_differ():
    few = prior_of(X[:4], N[:4])
    assert (few.learnt, few.strength, few.mean) == (False, pytest.approx(50), pytest.approx(X[:4].sum() / N[:4].sum()))
    equal = prior_of(np.full(8, 30), np.full(8, 1000))
    assert equal.learnt and not equal.differs
    nothing = prior_of(np.zeros(8), np.full(8, 100))
    assert not nothing.learnt and 0 < nothing.mean < 1e-3


def test_the_funnel_of_the_worked_example():
    found = funnel(UNITS)
    units = found.units.set_index("name")
    assert found.centre == pytest.approx(0.03393939, abs=1e-8)
    assert units["z"].to_dict() == pytest.approx({name: row[5] for name, row in TABLE.items()}, abs=1e-4)
    assert units.loc["A", ["low95", "high95"]].tolist() == pytest.approx([0.023694, 0.044184], abs=1e-6)
    assert units.loc["B", ["low95", "high95", "low998", "high998"]].tolist() == pytest.approx([0.019911, 0.047968, 0.011821, 0.056058], abs=1e-6)
    assert units["where"].to_dict() == {name: "above95" if name == "B" else "inside" for name in "ABCDEFGH"}
    assert (units["z"] ** 2).mean() == pytest.approx(3.260464, abs=1e-6)
    assert (found.spread, found.widened) == (pytest.approx(3.052393, abs=1e-6), False)


def test_small_units_have_exact_limits():
    for n in (10, 28, 45, 90, 140):
        low, high = limits(np.array([n]), 0.034, Z95)
        assert [low[0] * n, high[0] * n] == pytest.approx(stats.binom.ppf([0.025, 0.975], n, 0.034), abs=1e-9)


def test_the_funnel_widens_where_many_units_differ_among_themselves():
    many = pd.concat([UNITS, UNITS], ignore_index=True)
    found = funnel(many)
    assert found.widened
    narrow = limits(np.array([1200]), found.centre, Z95)[1][0]
    wide = found.units["high95"].iloc[0]
    assert wide - found.centre == pytest.approx((narrow - found.centre) * np.sqrt(winsorised(found.units["z"].to_numpy())))


def test_luck_alone_leaves_about_one_unit_in_twenty_outside():
    random = np.random.default_rng(7)
    n = random.integers(300, 3000, 4000)
    z = (random.binomial(n, 0.03) / n - 0.03) / np.sqrt(0.03 * 0.97 / n)
    low, high = limits(n, 0.03, Z95)
    outside = np.mean((0.03 + z * np.sqrt(0.03 * 0.97 / n) > high) | (0.03 + z * np.sqrt(0.03 * 0.97 / n) < low))
    assert 0.03 < outside < 0.07
