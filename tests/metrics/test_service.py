"""Reply rates from counts: by day, agent and shift, with what rounding leaves open, and the mean of percentages exposed."""

import pandas as pd
import pytest

from pdd_audit.data.relations.replies import reply_rows
from pdd_audit.metrics.service import mean_of_days, possible_misses, rates_by, reply_share, spare_misses, turn_replies, with_shift
from tests.data.builders import as_csv, import_here
from tests.data.catalogue.test_service import put_rows

EXAMPLE = [(40, 1), (52, 0), (38, 2), (45, 1), (300, 36), (60, 3), (25, 0)]


def replies(*rows, agent="甲"):
    """(inquiries, fewest, most) of successive days."""
    frame = pd.DataFrame(rows, columns=["inquiries", "missed_3min_low", "missed_3min_high"], dtype="float64")
    return frame.assign(day=pd.date_range("2026-10-01", periods=len(frame)), agent=agent)


def test_the_worked_example():
    rows = replies(*((n, x, x) for n, x in EXAMPLE))
    whole = reply_share(rows, "3min")
    assert whole.value == pytest.approx(0.923214, abs=1e-6)
    assert (1 - whole.high, 1 - whole.low) == pytest.approx((0.057504, 0.101834), abs=1e-6)
    assert mean_of_days(rows) == pytest.approx(0.961449, abs=1e-6)
    assert mean_of_days(rows[:1]) is None


@pytest.mark.parametrize(("inquiries", "printed", "possible"), [(40, "97.5%", (1, 1)), (300, "97%", (8, 10))])
def test_a_printed_percentage_allows_these_counts(inquiries, printed, possible, tmp_path):
    _, rows = import_here(as_csv([["日期", "客服账号", "需要人工回复的咨询人数", "3分钟人工回复率(8-23点)"], ["2026-10-01", "甲", str(inquiries), printed]]), "s.csv")
    found = reply_rows([put_rows(tmp_path, "a", rows)])
    assert possible_misses(found, "3min") == (inquiries, *possible)


def test_a_group_adds_counts_and_its_interval_spans_what_rounding_allows():
    rows = pd.concat([replies((100, 2, 4), (50, 0, 0)), replies((200, 10, 10), agent="乙")])
    by = rates_by(rows, "agent").set_index("agent")
    assert by.loc["甲", ["inquiries", "missed", "fewest", "most"]].tolist() == [150, 3, 2, 4]
    assert by.loc["甲", "ratio"] == pytest.approx(0.98)
    alone = reply_share(rows[rows["agent"] == "甲"], "3min")
    assert (by.loc["甲", "low"], by.loc["甲", "high"]) == pytest.approx((alone.low, alone.high))
    assert by["inquiries"].sum() == rates_by(rows, "day")["inquiries"].sum() == 350


@pytest.mark.parametrize(
    ("rows", "spare"),
    [([(200, 6, 6)], (4, 4)), ([(200, 14, 14)], (-4, -4)), ([(200, 10, 10)], (0, 0)), ([(200, 8, 12)], (-2, 2)), ([(19, 0, 0)], (0, 0))],
    ids=["to spare", "too many", "on the line", "rounding leaves it open", "too few for one"],
)
def test_how_many_more_may_be_missed(rows, spare):
    assert spare_misses(replies(*rows), 0.95) == spare


def test_rows_without_a_day_or_a_count_are_no_group():
    rows = pd.concat([replies((100, 5, 5)), replies((100, 5, 5)).assign(day=pd.NaT, agent=None), replies((50, float("nan"), float("nan")))])
    assert rates_by(rows, "day")["inquiries"].tolist() == [100]
    assert rates_by(rows, "agent")["missed"].tolist() == [5]
    assert rates_by(rows[:0], "day").empty


def turns(*rows):
    """(began, seconds until the reply or None)."""
    began = pd.to_datetime([at for at, _ in rows])
    replied = [at + pd.Timedelta(seconds=s) if s is not None else pd.NaT for at, (_, s) in zip(began, rows, strict=True)]
    return pd.DataFrame({"began_at": began, "replied_at": pd.to_datetime(replied), "seen_until": pd.Timestamp("2026-10-03 09:00"), "agent": "甲"})


def test_turns_count_once_each_and_late_from_one_second_past_three_minutes():
    rows = turns(("2026-10-01 08:00:00", 180), ("2026-10-01 12:59:59", 181), ("2026-10-02 13:00:00", None), ("2026-10-02 18:00:00", 30),
                 ("2026-10-03 08:57:00", None), ("2026-10-03 08:57:01", None), ("2026-10-02 22:59:00", 31))
    found = with_shift(turn_replies(rows))
    assert found["missed_3min_high"].tolist() == [0, 1, 1, 0, 1, 0]
    assert found["missed_30s_high"].tolist() == [1, 1, 1, 0, 1, 1]
    assert found["shift"].tolist() == ["morning", "morning", "afternoon", "evening", "morning", "evening"]
    assert found["weekday"].tolist() == [3, 3, 4, 4, 5, 4]
    assert rates_by(found, "shift")["missed"].sum() == reply_share(found, "3min").n - 3
