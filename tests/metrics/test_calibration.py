"""Past evenings: forecast from days before them only, counted by hand, and covered as promised by simulation."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from pdd_audit.core.kept_forecasts import KeptForecast
from pdd_audit.core.replay import SLOT
from pdd_audit.metrics.calibration import MIN_EVENINGS, calibrate, dispersion_of, held_against

LIMIT = 1440
AGE_SLOT = 20 * 60 // SLOT  # uploaded at 22:00, looked at 20 hours later
MONTHS = 15
FIRST = pd.Timestamp("2026-03-01")
CUT = datetime(2026, 4, 20)
PLACE = {"courier": "中通", "band": "21–24", "day_type": "work"}


def day_of(place):
    return FIRST + pd.Timedelta(days=place)


def waits_of(days):
    """(early, later, never) parcels of each day: collected within 10 h, at 22 h, not by the limit."""
    rows = []
    for place, (early, later, never) in enumerate(days):
        rows += [(day_of(place), 60.0, early), (day_of(place), 22 * 60 / SLOT, later), (day_of(place), None, never)]
    return pd.DataFrame(rows, columns=["day", "slot", "parcels"]).assign(**PLACE).astype({"slot": "float64"})


def open_of(days):
    """What stood open on the evening after each day: (later, never)."""
    rows = [(day_of(place), later + never, never) for place, (_, later, never) in enumerate(days)]
    frame = pd.DataFrame(rows, columns=["day", "parcels", "late"]).assign(**PLACE, days_later=1, age_slot=AGE_SLOT, due_slot=LIMIT // SLOT)
    return frame[frame["parcels"] > 0]


def test_an_evening_is_forecast_from_the_days_before_it():
    days = [(80, 15, 5)] * 10 + [(80, 0, 20)]
    found = calibrate(open_of(days), waits_of(days), LIMIT, CUT).evenings
    last = found[found["day"] == day_of(11)].iloc[0]
    assert last["due"] == 20
    assert last["expected"] == pytest.approx(20 * 5 / 20)  # of the parcels that waited so long, 5 of 20 were late on every day before
    assert last["late"] == 20
    assert not last["inside"]


def test_what_came_later_is_not_known_to_an_earlier_evening():
    days = [(80, 15, 5)] * 10
    other = days[:8] + [(0, 0, 100)] * 2
    first, second = (calibrate(open_of(days[:9]), waits_of(made), LIMIT, CUT).evenings for made in (days, other))
    until = day_of(9)  # learns from uploads up to two days before it
    pd.testing.assert_frame_equal(first[first["day"] <= until], second[second["day"] <= until])


def test_there_is_no_forecast_without_a_hundred_parcels_ten_of_them_late_enough():
    days = [(80, 15, 5)] * 10
    found = calibrate(open_of(days), waits_of(days), LIMIT, CUT).evenings
    assert found["day"].min() == day_of(3)  # the uploads of days 0 and 1: 10 parcels were still there at the limit
    few = calibrate(open_of(days), waits_of([(8, 1, 1)] * 10), LIMIT, CUT)
    assert few.evenings.empty and few.missing == MIN_EVENINGS and few.dispersion == 1


def test_an_evening_that_is_not_over_does_not_count():
    days = [(80, 15, 5)] * 10
    found = calibrate(open_of(days), waits_of(days), LIMIT, datetime(2026, 3, 9, 23, 59)).evenings
    assert found["day"].max() == pd.Timestamp("2026-03-08")


def test_the_last_evenings_must_be_seven():
    days = [(80, 15, 5)] * 8
    found = calibrate(open_of(days), waits_of(days), LIMIT, CUT)
    assert len(found.evenings) + found.missing == MIN_EVENINGS and found.missing > 0


def test_an_unknown_stratum_learns_from_a_wider_one():
    days = [(80, 15, 5)] * 10
    other = open_of(days).assign(courier=None)
    found = calibrate(other, waits_of(days), LIMIT, CUT).evenings
    assert found["expected"].iloc[-1] == pytest.approx(5)


def test_dispersion_is_the_mean_surprise_and_at_least_one():
    assert dispersion_of([]) == 1
    assert dispersion_of([0.1, 0.2]) == 1
    assert dispersion_of([1.0, 9.0]) == 5


def test_no_evening_without_parcels():
    empty = calibrate(open_of([]), waits_of([]), LIMIT, CUT)
    assert empty.evenings.empty and empty.missing == MIN_EVENINGS


@pytest.mark.parametrize("vans", [False, True])
def test_the_bands_cover_what_they_promise(vans):
    """15 months of 40 days; with ``vans`` a day's chance changes from day to day, as when vans fail."""
    random = np.random.default_rng(11)
    inside = evenings = 0
    for _ in range(MONTHS):
        days = []
        for _ in range(40):
            chance = random.beta(3, 9) if vans else 0.25
            waiting = int(random.integers(20, 60))
            never = int(random.binomial(waiting, chance))
            days.append((200, waiting - never, never))
        found = calibrate(open_of(days), waits_of(days), LIMIT, CUT)
        inside, evenings = inside + found.inside, evenings + len(found.evenings)
        if vans:
            assert found.dispersion > 1.5
    assert evenings == MONTHS * 28
    assert inside / evenings >= 0.90


def test_a_kept_forecast_is_held_against_the_deadlines_missed_between_its_snapshot_and_midnight():
    def given(day, hour, expected, made):
        return KeptForecast(as_of=datetime(2026, 4, day, hour), due=40, expected=expected, sd=2.0, low=expected - 3, high=expected + 3, made_at=made)

    kept = [given(day, 18, 5.0, datetime(2026, 4, day, 18)) for day in range(1, 9)]
    kept.append(given(3, 12, 99.0, datetime(2026, 4, 9)))  # a second one of the third, counted later
    kept.append(given(20, 18, 5.0, datetime(2026, 4, 20, 18)))  # not over yet
    missed = pd.DataFrame([
        *((day_of(30 + place), 1, 1100, 0, 5) for place in range(7)),  # uploaded the day before, due at 18:20 from the first to the seventh
        (day_of(30), 1, 1079, 0, 7), (day_of(30), 0, 1200, 0, 7),  # due before the snapshot of the first; the evening before
        (day_of(38), 0, 1300, 900, 9), (day_of(38), 0, 1300, 1090, 50),  # due on the eighth, uploaded that day at 15:00 and at 18:10
    ], columns=["day", "days_later", "due_minute", "from_minute", "parcels"])
    found = held_against(kept, missed, CUT)
    assert found.evenings["day"].dt.day.tolist() == list(range(1, 9))
    assert found.evenings["late"].tolist() == [5] * 7 + [9]
    assert found.evenings["inside"].tolist() == [True] * 7 + [False] and (found.inside, found.missing) == (7, 0)
    assert found.dispersion == 1.0 and held_against(kept[:3], missed, CUT).missing == MIN_EVENINGS - 3
    odd = missed.assign(parcels=missed["parcels"] * 3)
    assert held_against(kept, odd, CUT).dispersion == pytest.approx((7 * ((15 - 5) / 2) ** 2 + ((27 - 5) / 2) ** 2) / 8)
