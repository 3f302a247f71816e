"""The stretch of time that stands out: found where it was put, and not found where nothing was put."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, poisson

from pdd_audit.metrics.staffing import hour_gap, log_likelihood_ratio, row_gap, spread_of_days

DAYS = pd.date_range("2026-10-01", periods=28)


def a_month(rng, share, worse=None, per_hour=8):
    """Inquiries of 28 days, ``worse``: (weekday, hour) -> share missed instead of ``share``."""
    day, hour = (grid.ravel() for grid in np.meshgrid(np.arange(28), np.arange(8, 23), indexing="ij"))
    number = poisson.rvs(per_hour, size=len(day), random_state=rng)
    frame = pd.DataFrame({"day": np.repeat(DAYS[day], number), "hour": np.repeat(hour, number)})
    frame["weekday"] = frame["day"].dt.day_of_week
    chance = np.array([worse(w, h) if worse else share for w, h in zip(frame["weekday"], frame["hour"], strict=True)])
    missed = (rng.random(len(frame)) < chance).astype(float)
    return frame.assign(inquiries=1.0, missed_3min_low=missed, missed_3min_high=missed, agent="甲")


def test_a_gap_of_every_evening_is_found_with_what_it_costs():
    turns = a_month(np.random.default_rng(1), 0.03, lambda _, hour: 0.25 if hour in (20, 21) else 0.03)
    gap = hour_gap(turns)
    assert gap is not None and gap.clear
    assert (gap.kind, gap.weekdays, gap.from_hour, gap.to_hour) == ("hours", "all", 20, 22)
    inside = turns[turns["hour"].isin([20, 21])]
    outside = turns[~turns["hour"].isin([20, 21])]
    assert (gap.inquiries, gap.missed) == (len(inside), inside["missed_3min_low"].sum())
    assert gap.saved == pytest.approx(gap.missed - len(inside) * outside["missed_3min_low"].mean())
    assert gap.kept_then == pytest.approx(1 - outside["missed_3min_low"].mean())


def test_a_gap_of_weekends_only_is_named_as_such():
    gap = hour_gap(a_month(np.random.default_rng(2), 0.03, lambda day, hour: 0.4 if day >= 5 and 9 <= hour < 12 else 0.03))
    assert gap is not None and gap.clear
    assert (gap.weekdays, gap.from_hour, gap.to_hour) == ("weekend", 9, 12)


def test_one_bad_evening_is_no_gap_of_the_rota():
    turns = a_month(np.random.default_rng(3), 0.03)
    bad = (turns["day"] == DAYS[7]) & turns["hour"].ge(19)
    turns.loc[bad, ["missed_3min_low", "missed_3min_high"]] = 1.0
    gap = hour_gap(turns)
    assert gap is not None and not gap.clear


def test_without_a_gap_one_is_seldom_named():
    rng = np.random.default_rng(4)
    named = [gap.clear for _ in range(150) if (gap := hour_gap(a_month(rng, 0.05, per_hour=3))) is not None]
    assert sum(named) <= 0.05 * 150


def test_days_that_swing_among_themselves_raise_no_alarm():
    rng, named = np.random.default_rng(5), 0
    for _ in range(60):
        level = np.clip(0.05 * np.exp(rng.normal(0, 0.8, 28)), 0, 0.5)
        turns = a_month(rng, 0.0, per_hour=3)
        missed = (rng.random(len(turns)) < level[(turns["day"] - DAYS[0]).dt.days]).astype(float)
        gap = hour_gap(turns.assign(missed_3min_low=missed, missed_3min_high=missed))
        named += gap is not None and gap.clear
    assert named <= 0.05 * 60


def rows(day_agent):
    """{(day, agent): (inquiries, missed)}."""
    frame = pd.DataFrame([(DAYS[day], agent, n, x, x) for (day, agent), (n, x) in day_agent.items()],
                         columns=["day", "agent", "inquiries", "missed_3min_low", "missed_3min_high"])
    return frame.astype({"inquiries": float, "missed_3min_low": float, "missed_3min_high": float})


def test_without_hours_the_agent_or_the_day_is_named():
    calm = {(day, agent): (40, 1) for day in range(14) for agent in ("甲", "乙", "丙")}
    slow = row_gap(rows(calm | {(day, "丙"): (40, 9) for day in range(14)}))
    assert slow is not None and (slow.kind, slow.agent, slow.clear, slow.bad_days) == ("agent", "丙", True, 14)
    bad_day = row_gap(rows(calm | {(5, agent): (40, 30) for agent in ("甲", "乙", "丙")}))
    assert bad_day is not None and (bad_day.kind, bad_day.day) == ("day", DAYS[5].date())


def test_nothing_missed_or_too_little_to_say_is_no_gap():
    assert row_gap(rows({(day, "甲"): (40, 0) for day in range(5)})) is None
    assert row_gap(rows({(0, "甲"): (10, 9)})) is None
    assert hour_gap(a_month(np.random.default_rng(6), 0.5)[:20]) is None


def test_the_ratio_is_that_of_two_binomials():
    x, n, y, m = 30, 200, 60, 1200

    def likelihood(hits, total, share):
        return hits * np.log(share) + (total - hits) * np.log(1 - share)

    expected = likelihood(x, n, x / n) + likelihood(y, m, y / m) - likelihood(x + y, n + m, (x + y) / (n + m))
    assert log_likelihood_ratio(x, n, x + y, n + m) == pytest.approx(expected)
    assert log_likelihood_ratio(1, 200, 61, 1400) == 0
    assert chi2.sf(2 * expected, 1) < 0.001


def test_days_that_differ_by_luck_alone_have_no_spread():
    assert spread_of_days(rows({(day, "甲"): (40, 2) for day in range(10)})) == 1
    assert spread_of_days(rows({(day, "甲"): (40, 20 if day == 3 else 1) for day in range(10)})) > 5
