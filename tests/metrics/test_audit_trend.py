"""A score over saved audits: limits by hand, and what an earlier list of questions must not say."""

import pytest

from pdd_audit.metrics.audit_trend import score_trend

SAME = ["a"] * 20
STEADY = [60.0, 62.0] * 6


def test_limits_are_the_mean_and_the_mean_step_of_the_first_twelve():
    trend = score_trend([*STEADY, 61.0], SAME[:13])
    assert trend.limits.centre == pytest.approx(61.0)
    assert trend.limits.low[0] == pytest.approx(61 - 2.66 * 2) and trend.limits.high[-1] == pytest.approx(61 + 2.66 * 2)
    assert trend.signals == () and trend.more == 0


def test_what_leaves_the_band_is_said_and_the_band_stays_where_it_was():
    trend = score_trend([*STEADY, 70.0, 50.0], SAME[:14])
    assert [(signal.position, signal.rule) for signal in trend.signals] == [(12, "above"), (13, "below")]
    assert trend.limits.centre == pytest.approx(61.0)


def test_too_few_say_how_many_more():
    trend = score_trend([60.0, None, 61.0], SAME[:3])
    assert (trend.limits, trend.more, trend.signals) == (None, 10, ())


def test_an_earlier_list_of_questions_is_another_ruler():
    values, rulers = [5.0, 5.0, *STEADY], ["old", "old", *SAME[:12]]
    trend = score_trend(values, rulers)
    assert trend.limits.centre == pytest.approx(61.0) and trend.signals == ()
    assert score_trend([*values, 61.0], [*rulers, "new"]).more == 11


def test_no_score_is_above_a_hundred():
    assert score_trend([90.0, 100.0] * 6, SAME[:12]).limits.high[0] == 100.0
