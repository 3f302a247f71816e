"""Uploads before and after the last van of a courier, learnt from its own scans."""

from datetime import date, timedelta

import pandas as pd
import pytest

from pdd_audit.metrics.last_van import same_day_pickup_ratio, uploads_after_cutoff_ratio
from tests.metrics.builders import some_cells, some_tables

DAYS = [date(2026, 3, 2) + timedelta(days=n) for n in range(21)]  # three whole weeks, Monday first
WEEKDAYS = [day for day in DAYS if day.weekday() < 6]  # no van on Sundays
SCANS = pd.DataFrame([("中通", day, hour, 20) for day in WEEKDAYS for hour in (14, 18)], columns=["courier", "day", "hour", "parcels"])


def cells(same_day=9, stopped=False):
    rows = [("中通", day.isoformat(), hour, 10, 0) for day in DAYS for hour in (10, 20)]
    frame = some_cells(*rows)
    early = frame["hour"].eq(10) & pd.to_datetime(frame["day"]).dt.day_of_week.lt(6)
    return frame.assign(same_day=early.astype(int) * same_day, stopped=stopped)


def test_uploads_before_the_last_van_count_for_the_day_and_those_after_it_do_not():
    tables = some_tables(cells=cells(), scan_hours=SCANS)
    same_day, after = same_day_pickup_ratio(tables), uploads_after_cutoff_ratio(tables)
    assert (same_day.value, same_day.n) == (pytest.approx(0.9), 180)  # 18 weekdays of 10 in the morning; Sundays have no van
    assert (after.value, after.n) == (pytest.approx((18 * 10 + 3 * 20) / 420), 420)
    assert same_day.low < 0.9 < same_day.high and same_day.reason is after.reason is None


def test_days_on_which_the_courier_had_stopped_and_couriers_without_a_schedule_say_nothing():
    stopped = cells().assign(stopped=lambda frame: frame["day"].eq("2026-03-02"))
    assert uploads_after_cutoff_ratio(some_tables(cells=stopped, scan_hours=SCANS)).n == 400
    few = SCANS[SCANS["day"] < date(2026, 3, 9)]
    for metric in (same_day_pickup_ratio, uploads_after_cutoff_ratio):
        assert metric(some_tables(cells=cells(), scan_hours=few)).reason == "too_early"
        assert metric(some_tables(cells=cells())).reason == "no_data"
        assert metric(some_tables(cells=cells(), scan_hours=SCANS, flags=frozenset({"cut_by_pickup_day"}))).reason == "not_trusted"
