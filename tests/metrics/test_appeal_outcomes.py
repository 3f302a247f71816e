"""Few cases say little: chances, win rates and what evidence goes with."""

import pytest

from pdd_audit.metrics.appeal_outcomes import Outcome, chances, overall, win_rates, worth_collecting


def outcomes(won, lost, reason="a", evidence=()):
    return [Outcome(reason, at < won, frozenset(evidence), 5.0, 0.0) for at in range(won + lost)]


def test_no_chance_is_named_below_five_decided_cases():
    assert chances(outcomes(3, 1), ["a", "b"]) == {}


def test_a_reason_with_few_cases_is_drawn_towards_the_others():
    found = chances(outcomes(30, 10) + outcomes(0, 2, "b"), ["a", "b", "c"])
    assert found["b"].value > 0.3, "two losses do not make a reason hopeless"
    assert found["b"].value < found["a"].value
    assert found["c"].value == pytest.approx(30 / 42, abs=0.02), "of one never tried the shop's mean is the guess"
    assert found["c"].decided == 0
    assert all(one.low < one.value < one.high for one in found.values())


def test_rates_count_cases_with_wilson_intervals():
    rate, = win_rates(outcomes(3, 1))
    assert (rate.won, rate.decided, rate.rate.value) == (3, 4, 0.75)
    assert rate.rate.low == pytest.approx(0.3006, abs=1e-3) and rate.rate.high == pytest.approx(0.9544, abs=1e-3)
    assert overall([]).rate.value is None


def test_evidence_is_compared_only_with_enough_cases_on_both_sides():
    few = worth_collecting(outcomes(4, 0, evidence=["seal"]) + outcomes(0, 20), ["seal", "chat"])
    assert [(one.evidence, one.verdict) for one in few] == [("seal", "too_few")], "and nothing is said of what was never handed in"
    many, = worth_collecting(outcomes(19, 1, evidence=["seal"]) + outcomes(4, 16), ["seal"])
    assert many.verdict == "helps"
    assert many.difference.value == pytest.approx(0.75) and 0.4 < many.difference.low < 0.6 < many.difference.high < 0.95
    same, = worth_collecting(outcomes(10, 10, evidence=["seal"]) + outcomes(9, 11), ["seal"])
    assert same.verdict == "cannot_tell"
