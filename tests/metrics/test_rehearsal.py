"""A queue in which the first come are the first taken: against one that is walked parcel by parcel, and small cases by hand."""

from collections import deque
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdd_audit.metrics.rehearsal import hourly, late_parcels, rehearse

LIMIT = 1440
hours = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=80)


def walked(arrivals, room, after):
    """Parcels of each hour still there ``after`` hours later, by a queue that is really walked."""
    queue, waited = deque(), np.full(len(arrivals), 0)
    taken_at = [[] for _ in arrivals]
    for hour, (came, space) in enumerate(zip(arrivals, room, strict=True)):
        queue.extend([hour] * came)
        for _ in range(min(space, len(queue))):
            taken_at[queue.popleft()].append(hour)
    for hour, came in enumerate(arrivals):
        end = min(hour + after, len(arrivals) - 1)
        waited[hour] = came - sum(at <= end for at in taken_at[hour])
    return waited


@settings(deadline=None)
@given(hours)
def test_it_equals_a_queue_that_is_walked(rows):
    arrivals, room = (np.array(column) for column in zip(*rows, strict=True))
    expected = (walked(arrivals, room, 24) + walked(arrivals, room, 23)) / 2
    assert late_parcels(arrivals.astype(float), room.astype(float), LIMIT) == pytest.approx(expected)


@settings(deadline=None)
@given(hours)
def test_more_volume_is_never_less_late(rows):
    arrivals, room = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    late = late_parcels(arrivals * np.array([1.0, 1.5, 3.0])[:, None], room, LIMIT).sum(axis=1)
    assert (np.diff(late) >= -1e-9).all()


def month(uploads=10, taken=10, days=20, van=17, missed=(), courier="中通"):
    """``uploads`` at 10:00, a van at ``van`` every day but those missed."""
    rows = []
    for place in range(days):
        day = pd.Timestamp("2026-03-01") + pd.Timedelta(days=place)
        rows.append(("upload", courier, day, 10, "work", uploads, uploads if place in missed else 0))
        if place not in missed:
            rows.append(("pickup", courier, day, van, "work", taken, 0))
    return pd.DataFrame(rows, columns=["what", "courier", "day", "hour", "day_type", "parcels", "late"])


CUT = datetime(2026, 3, 22)


def test_vans_with_room_take_everything_and_full_ones_do_not():
    found = rehearse(month(), 0.03, LIMIT, CUT)
    share = found.table.set_index("times")["share"]
    assert share[1.0] == 0
    # twice the volume: each day 10 more stay than are taken; day d's parcels are collected after the 10 * d that wait before them
    assert share[2.0] > 0.8
    assert found.breaks["中通"] < 1.5
    assert found.first == ("中通",)


def test_a_missed_van_is_late_in_the_model_as_it_was():
    found = rehearse(month(missed=(7,)), 0.03, LIMIT, CUT)
    (check,) = found.check.to_dict("records")
    assert check["late"] == 10
    # the next van takes the old parcels first, and the day's own wait a day: every later day is late by one van
    assert check["modelled"] >= 10


def test_the_room_of_an_hour_is_that_of_a_full_one():
    rows = month(days=11)
    rows.loc[rows["what"] == "pickup", "parcels"] = range(11)
    _, arrivals, room = hourly(rows)
    assert set(room[room > 0]) == {9.0}  # the 90th percentile of 0..10
    assert arrivals.sum() == 110
    assert (room > 0).sum() == 11


def test_parcels_too_young_to_be_late_load_the_queue_and_are_not_counted():
    whole = rehearse(month(), 0.03, LIMIT, CUT)
    early = rehearse(month(), 0.03, LIMIT, CUT - timedelta(days=10))
    assert whole.check["parcels"].item() == 200
    assert early.check["parcels"].item() == 100
    assert early.table["parcels"].max() == 500


def test_uploads_collected_before_wait_for_no_van():
    rows = month()
    extra = rows[rows["what"] == "upload"].assign(what="at_once")
    found = rehearse(pd.concat([rows, extra], ignore_index=True), 0.03, LIMIT, CUT)
    plain = rehearse(rows, 0.03, LIMIT, CUT)
    assert found.check["parcels"].item() == 2 * plain.check["parcels"].item()
    assert list(found.table["late"]) == pytest.approx(list(plain.table["late"]))


def test_the_courier_with_less_room_breaks_first():
    rows = pd.concat([month(), month(taken=30, courier="圆通")], ignore_index=True)
    found = rehearse(rows, 0.03, LIMIT, CUT)
    assert found.first == ("中通",)
    assert found.breaks["圆通"] == pytest.approx(3.1, abs=0.11)


def test_a_courier_with_a_handful_of_parcels_says_nothing():
    found = rehearse(month(days=5), 0.03, LIMIT, CUT)
    assert found.table.empty and found.check.empty and found.first == ()
    assert rehearse(month().iloc[:0], 0.03, LIMIT, CUT).table.empty
