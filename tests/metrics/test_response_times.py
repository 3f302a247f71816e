"""Waiting for a person: the worked example, an independent estimate of the same, and the clock that stands still at night."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from pdd_audit.metrics.response_times import (
    answered_within,
    drawn,
    staffed_seconds,
    wait_quantile,
    waits,
    waits_of,
    within_hours,
    without_unanswered,
)

ANSWERED = {20: 30, 45: 42, 75: 38, 110: 26, 150: 18, 175: 8, 200: 9, 300: 7, 600: 6, 1800: 4, 7200: 2}
UNANSWERED = {60: 3, 170: 2, 400: 4, 3600: 4, 50400: 5}
RUNS = st.lists(st.tuples(st.integers(0, 4000), st.booleans()), min_size=30, max_size=120)


def expanded(counts):
    return np.repeat(np.array(list(counts)), list(counts.values()))


@pytest.fixture
def example():
    seconds = np.concatenate([expanded(ANSWERED), expanded(UNANSWERED)])
    return waits(seconds, np.arange(len(seconds)) < sum(ANSWERED.values()))


def test_the_worked_example(example):
    assert (example.n, example.answered) == (208, 190)
    rate = answered_within(example, 180)
    assert (rate.value, rate.low, rate.high) == pytest.approx((0.790211, 0.731761, 0.843287), abs=1e-6)
    assert [wait_quantile(example, done).value for done in (0.5, 0.9, 0.95)] == [75, 600, 7200]
    median = wait_quantile(example, 0.5)
    assert (median.low, median.high) == (75, 110)


def test_the_answered_ones_alone_flatter(example):
    alone = without_unanswered(example)
    assert answered_within(alone, 180).value == pytest.approx(0.852632, abs=1e-6)
    assert [wait_quantile(alone, done).value for done in (0.9, 0.95)] == [200, 600]


@pytest.mark.parametrize("limit", [30, 180, 500])
def test_another_library_finds_the_same_share_and_interval(example, limit):
    sample = CensoredData(uncensored=expanded(ANSWERED), right=expanded(UNANSWERED))
    waiting = ecdf(sample).sf
    band = waiting.confidence_interval(method="log-log")
    found = answered_within(example, limit)
    theirs = [float(curve.evaluate(limit)) for curve in (waiting, band.high, band.low)]
    assert (found.value, found.low, found.high) == pytest.approx([1 - share for share in theirs], abs=1e-9)


@given(RUNS)
def test_any_turns_give_what_another_library_gives(runs):
    seconds, answered = np.array([s for s, _ in runs]), np.array([a for _, a in runs])
    found = waits(seconds, answered)
    theirs = ecdf(CensoredData(uncensored=seconds[answered], right=seconds[~answered])).sf
    assert found.curve.share == pytest.approx([float(theirs.evaluate(at)) for at in found.seconds], abs=1e-9)
    order = np.random.default_rng(1).permutation(len(runs))
    assert (waits(seconds[order], answered[order]).curve.share == found.curve.share).all()


def test_a_share_that_is_never_reached_has_no_seconds():
    found = waits(np.array([10] * 20 + [500] * 20), np.arange(40) < 20)
    assert wait_quantile(found, 0.5).value == 10
    assert wait_quantile(found, 0.9).value is None


def test_turns_that_nobody_watched_for_three_minutes_say_nothing_about_three_minutes():
    found = waits(np.array([10] * 20 + [60] * 20), np.arange(40) < 20)
    assert answered_within(found, 180).value is None
    assert answered_within(found, 30).value == pytest.approx(0.5)
    assert answered_within(waits(np.array([300] * 40), np.ones(40, dtype=bool)), 180).value == 0
    assert answered_within(waits(np.array([300] * 40), np.ones(40, dtype=bool)), 300).value == 1


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        ("2026-10-01 09:00:00", "2026-10-01 09:03:00", 180),
        ("2026-10-01 22:59:50", "2026-10-01 23:30:00", 10),
        ("2026-10-01 22:59:50", "2026-10-02 08:00:20", 30),
        ("2026-10-01 23:30:00", "2026-10-02 07:30:00", 0),
        ("2026-10-01 12:00:00", "2026-10-03 12:00:00", 2 * 15 * 3600),
        ("2026-12-31 22:00:00", "2027-01-01 09:00:00", 7200),
    ],
    ids=["within a day", "past eleven", "overnight", "at night", "two days", "new year"],
)
def test_the_clock_stands_still_at_night(start, end, seconds):
    assert staffed_seconds(pd.Series([pd.Timestamp(start)]), pd.Series([pd.Timestamp(end)])).tolist() == [seconds]


def test_turns_become_waits_and_those_at_night_are_left_out():
    turns = pd.DataFrame({
        "began_at": pd.to_datetime(["2026-10-01 09:00:00", "2026-10-01 22:59:59", "2026-10-01 23:00:00", "2026-10-01 07:59:59"]),
        "replied_at": pd.to_datetime(["2026-10-01 09:01:00", None, None, "2026-10-01 08:30:00"]),
        "seen_until": pd.to_datetime(["2026-10-02 09:00:00"] * 4),
    })
    found = waits_of(within_hours(turns))
    assert (found.seconds.tolist(), found.replies.tolist(), found.n) == ([60, 3601], [1, 0], 2)


def test_the_drawn_curve_begins_with_everybody_waiting_and_never_rises(example):
    curve = drawn(example)
    assert curve.iloc[0].tolist() == [0, 1, 1, 1] and curve["seconds"].max() <= 600
    assert (curve["waiting"].diff().dropna() <= 0).all() and (curve["low"] <= curve["waiting"]).all() and (curve["waiting"] <= curve["high"]).all()
