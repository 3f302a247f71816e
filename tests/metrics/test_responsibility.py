"""Causes, whose late parcels they are, and scans worth checking: fixed orders, nothing shared out, nothing claimed that no file tells."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pdd_audit.metrics.causes import causes_of, pareto
from pdd_audit.metrics.responsibility import RULES, Schedule, judge, responsibility, schedules_of
from pdd_audit.metrics.scans import scans_to_check
from pdd_audit.metrics.waves import split_waves
from tests.metrics.builders import some_cells, some_tables

EVERY_DAY = Schedule(first=10, last=17, weekdays=frozenset(range(7)))
COUNTS = {"missed_van": 41, "late_upload": 19, "no_handover_scan": 12, "label_only": 9, "courier_stopped": 4, "unknown": 7}


def apart(causes):
    """Causes of single late parcels, no two of one wave."""
    return pd.DataFrame({
        "cause": causes, "parcels": 1, "yuan": 5.0, "courier": "中通", "day": pd.Timestamp("2026-03-01") + pd.to_timedelta(np.arange(len(causes)), "D"), "band": "09–12",
    })


def breaches(*rows):
    """(day of March 2026, hour, what is different from a parcel of 中通 that was scanned late)."""
    plain = {"courier": "中通", "outlet": None, "label": None, "exempt": False, "scanned": True, "parcels": 1, "yuan": 5.0}
    return pd.DataFrame([{**plain, "day": pd.Timestamp(2026, 3, day), "hour": hour, **more} for day, hour, more in rows])


def waves(*missed, stopped=()):
    rows = [("中通", pd.Timestamp(2026, 3, day), band, True, False) for day, band in missed] + [("中通", pd.Timestamp(2026, 3, day), band, False, True) for day, band in stopped]
    return pd.DataFrame(rows, columns=["courier", "day", "band", "missed", "stopped"]).astype({"day": "datetime64[us]"})


def test_the_pareto_of_the_worked_example():
    found = pareto(apart([cause for cause, n in COUNTS.items() for _ in range(n)]))
    assert [cause.code for cause in found.causes] == ["missed_van", "late_upload", "no_handover_scan", "label_only", "courier_stopped", "unknown"]
    assert [cause.share for cause in found.causes] == pytest.approx([0.445652, 0.206522, 0.130435, 0.097826, 0.043478, 0.076087], abs=1e-6)
    assert [cause.cumulative for cause in found.causes] == pytest.approx([0.445652, 0.652174, 0.782609, 0.880435, 0.923913, 1.0], abs=1e-6)
    assert (found.causes[0].low, found.causes[0].high) == pytest.approx((0.348298, 0.547363), abs=1e-6)
    interval = stats.binomtest(41, 92).proportion_ci(method="wilson")
    assert (found.causes[0].low, found.causes[0].high) == pytest.approx((interval.low, interval.high), abs=1e-9)
    assert (found.total, found.yuan, found.enough, found.record_first) == (92, 460.0, True, False)


def test_causes_that_come_in_waves_are_less_certain():
    single = apart(["missed_van"] * 40 + ["unknown"] * 40)
    one_van = single.assign(day=single["day"].where(single["cause"] == "unknown", pd.Timestamp("2026-03-01")))
    plain, wide = pareto(single).causes[0], pareto(one_van).causes[0]
    assert wide.share == plain.share
    assert wide.high - wide.low > 1.5 * (plain.high - plain.low)


def test_unknown_stands_last_however_many_and_asks_for_records():
    found = pareto(apart(["unknown"] * 15 + ["late_upload"] * 4))
    assert [cause.code for cause in found.causes] == ["late_upload", "unknown"]
    assert found.record_first and not found.enough


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(sorted(COUNTS)), min_size=1, max_size=60))
def test_every_late_parcel_has_one_cause(causes):
    found = pareto(apart(causes))
    assert sum(cause.parcels for cause in found.causes) == len(causes) == found.total
    assert found.causes[-1].cumulative == pytest.approx(1.0)
    assert all(0 <= cause.low <= cause.share <= cause.high <= 1 for cause in found.causes)


def test_the_first_rule_that_fits_decides_and_every_parcel_keeps_its_rule():
    rows = breaches(
        (2, 10, {"exempt": True, "label": "never_used"}), (2, 10, {"label": "never_used", "scanned": False}), (3, 10, {}), (4, 19, {}),
        (5, 10, {"scanned": False}), (6, 10, {}), (7, 10, {}),
    )
    judged = judge(rows, waves((3, "09–12"), stopped=[(6, "09–12")]), {}, 24)
    assert judged["rule"].tolist() == ["exempt", "no_label", "none", "none", "none", "none", "none"]
    assert judged["party"].tolist() == ["platform", "seller", *["unknown"] * 5]
    assert judged["reason"].tolist() == ["", "", "missed_van_no_proof", "scanned_late", "never_scanned", "courier_stopped", "scanned_late"]
    assert judged["cause"].tolist()[1:] == ["label_only", "missed_van", "late_upload", "no_handover_scan", "courier_stopped", "unknown"]
    assert [rule.code for rule in RULES if not rule.told] == ["buyer_asked", "handed_over", "missed_and_listed"]


def test_a_missed_van_is_nobodys_fault_without_a_handover_list():
    judged = judge(breaches(*((3, 10, {"scanned": False}),) * 30), waves((3, "09–12")), {}, 24)
    split = responsibility(judged, 0.03)
    assert {party.party: party.parcels for party in split.parties} == {"seller": 0, "courier": 0, "platform": 0, "buyer": 0, "unknown": 30}
    assert split.reasons == {"missed_van_no_proof": 30}
    assert split.controllable == 0.0


@pytest.mark.parametrize(
    ("day", "hour", "schedule", "sellers"),
    [
        (2, 23, EVERY_DAY, False),  # after the last van, the next one in half a day
        (7, 18, Schedule(10, 17, frozenset({0, 1, 2, 3, 4, 5})), True),  # Saturday evening, no van on Sunday
        (7, 17, Schedule(10, 17, frozenset({0, 1, 2, 3, 4, 5})), False),  # Saturday, a van may still come
        (8, 8, Schedule(10, 17, frozenset({0, 1, 2, 3, 4, 5})), True),  # Sunday morning: Monday's first van is 25 hours away
        (8, 12, Schedule(10, 17, frozenset({0, 1, 2, 3, 4, 5})), False),  # Sunday noon: 21 hours
    ],
)
def test_an_upload_is_the_sellers_only_if_no_van_could_come_within_the_limit(day, hour, schedule, sellers):
    judged = judge(breaches((day, hour, {})), waves(), {"中通": schedule}, 24)
    assert (judged["party"].tolist() == ["seller"]) == sellers
    assert (judged["cause"].tolist() == ["late_upload"]) == (sellers or hour >= 18)


def test_the_split_of_the_worked_example():
    party = {"no_label": "seller", "after_last_van": "seller", "handed_over": "courier", "missed_and_listed": "courier", "exempt": "platform", "buyer_asked": "buyer", "none": "unknown"}
    rules = ["no_label", "after_last_van", "after_last_van", "handed_over", "missed_and_listed", "missed_and_listed", "exempt", "buyer_asked", "none", "none"]
    judged = apart(["unknown"] * 10).assign(rule=rules, party=[party[rule] for rule in rules], reason="")
    split = responsibility(judged, 0.05)
    assert {one.party: one.parcels for one in split.parties} == {"seller": 3, "courier": 3, "platform": 1, "buyer": 1, "unknown": 2}
    seller = split.parties[0]
    assert (seller.share, seller.low, seller.high) == pytest.approx((0.3, 0.107791, 0.603222), abs=1e-6)
    assert split.controllable == pytest.approx(0.015)


def test_nothing_late_is_nobodys():
    split = responsibility(judge(breaches().reindex(columns=breaches((2, 10, {})).columns), waves(), {}, 24), None)
    assert (split.total, split.parties, split.controllable) == (0, (), None)


def pickups(days, hours, parcels=10, courier="中通"):
    return pd.DataFrame([{"courier": courier, "day": day, "hour": hour, "parcels": parcels} for day in days for hour in hours])


def test_a_schedule_is_learnt_from_the_couriers_own_scans():
    month = pd.date_range("2026-03-02", periods=28)
    worked = [day for day in month if day.day_of_week < 6]
    stray = pickups([pd.Timestamp("2026-03-08")], [11], parcels=1)
    found = schedules_of(pd.concat([pickups(worked, range(9, 19)), stray]))
    assert found == {"中通": Schedule(first=9, last=18, weekdays=frozenset(range(6)))}


def test_too_few_days_or_scans_teach_no_schedule():
    assert schedules_of(pickups(pd.date_range("2026-03-02", periods=13), [10], parcels=100)) == {}
    assert schedules_of(pickups(pd.date_range("2026-03-02", periods=20), [10], parcels=5)) == {}


def test_the_next_van_is_counted_from_the_end_of_the_hour_of_the_upload():
    assert EVERY_DAY.hours_to_next_van(date(2026, 3, 2), 18) == 24 + 10 - 19
    assert EVERY_DAY.hours_to_next_van(date(2026, 3, 2), 17) == 0
    assert Schedule(10, 17, frozenset()).hours_to_next_van(date(2026, 3, 2), 9) == float("inf")


def test_the_causes_of_the_page_are_those_of_the_plan_where_no_label_list_and_no_schedule_says_more():
    cells = some_cells(("中通", "2026-03-02", 10, 20, 12), ("中通", "2026-03-03", 19, 100, 6), ("中通", "2026-03-04", 10, 100, 3), late_open=[2, 1, 1])
    plan = {cause.code: cause.orders for cause in causes_of(some_tables(cells=cells))}
    rows = breaches(
        *((2, 10, {"scanned": at > 1}) for at in range(12)), *((3, 19, {"scanned": at > 0}) for at in range(6)), *((4, 10, {"scanned": at > 0}) for at in range(3)),
    )
    mix = cells.assign(band=["09–12", "18–21", "09–12"], outlet=None, parcels=cells["mature"], day=pd.to_datetime(cells["day"]))
    found = pareto(judge(rows, split_waves(mix).waves, {}, 24))
    assert {cause.code: cause.parcels for cause in found.causes} == plan == {"missed_van": 12, "late_upload": 6, "no_handover_scan": 1, "unknown": 2}


def scans(*rows):
    return pd.DataFrame(rows, columns=["courier", "outlet", "exact", "bulk", "batches", "labelled", "before_label", "settled", "standing"])


def test_scans_worth_checking_come_with_their_base_and_are_said_to_stand_out_only_beyond_luck():
    found = scans_to_check(scans(("中通", "甲", 900, 40, 3, 500, 0, 800, 60), ("中通", "乙", 900, 0, 0, 500, 7, 800, 10)), moves_told=True)
    told = [(one.kind, one.outlet, one.parcels, one.base, one.batches, one.more, one.worth_asking) for one in found.found]
    assert told == [
        ("same_second", "甲", 40, 900, 3, True, True), ("before_label", "乙", 7, 500, 0, False, True),
        ("stood_still", "甲", 60, 800, 0, True, True), ("stood_still", "乙", 10, 800, 0, False, False),
    ]
    assert found.usual["stood_still"] == pytest.approx(70 / 1600)


def test_what_the_files_cannot_show_has_no_base_and_no_finding():
    found = scans_to_check(scans((None, None, 0, 0, 0, 0, 0, 50, 50)), moves_told=False)
    assert found.bases == {"same_second": 0, "before_label": 0, "stood_still": 0}
    assert found.found == ()
