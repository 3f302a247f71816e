"""The last hour of upload: the worked example, the simulation against a count by hand, and orders that better wait."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from pdd_audit.metrics.cut_off import EARLIEST, MIN_HOUR, cheapest, cut_offs, hour_table, recommended_hour, simulate
from pdd_audit.metrics.hold_back import hold_back, next_morning
from pdd_audit.metrics.live_risk import Curves
from pdd_audit.metrics.survival import Counts, survival_curve

LIMIT = 1440
M23 = [(16, 420, 5), (17, 400, 6), (18, 380, 8), (19, 360, 22), (20, 300, 40)]


def some_hours(rows):
    """(hour, parcels, late)."""
    return pd.DataFrame(rows, columns=["hour", "parcels", "late"]).assign(missed=0)


def some_waits(band, events, open_at_limit, courier="中通", day_type="work"):
    """minute -> parcels collected, and how many never were."""
    rows = [(courier, band, day_type, "event", minute, n) for minute, n in events.items()]
    rows.append((courier, band, day_type, "open", 2000, open_at_limit))
    return pd.DataFrame(rows, columns=["courier", "band", "day_type", "kind", "minute", "parcels"])


def test_the_worked_example():
    hours = hour_table(some_hours(M23))
    assert list(hours["high"]) == pytest.approx([0.027562, 0.032335, 0.040986, 0.090790, 0.176472], abs=1e-6)
    assert recommended_hour(hours, 0.04) == 17
    assert recommended_hour(hours, 0.03) == 16
    assert recommended_hour(hours, 0.02) is None
    assert recommended_hour(hours, 0.20) == 20


def test_a_good_hour_after_a_bad_one_is_not_recommended():
    assert recommended_hour(hour_table(some_hours([(10, 400, 0), (11, 400, 60), (12, 400, 0)])), 0.03) == 10


def test_small_hours_are_judged_together_and_a_rest_not_at_all():
    few = [(8, 40, 0), (9, 60, 0), (10, 40, 0)]
    assert recommended_hour(hour_table(some_hours(few)), 0.05) == 9  # 100 of the first two; 40 are left over
    assert recommended_hour(hour_table(some_hours(few[:1])), 0.05) is None


def test_a_small_hour_is_drawn_towards_the_mean():
    hours = hour_table(some_hours([(10, 1000, 20), (11, 4, 2)])).set_index("hour")
    assert not hours.loc[10, "shrunk"] and hours.loc[10, "rate"] == 0.02
    assert hours.loc[11, "shrunk"] and 0.02 < hours.loc[11, "rate"] < 0.1
    assert hours.loc[11, "low"] < hours.loc[11, "rate"] < hours.loc[11, "high"]
    assert MIN_HOUR == 100


def a_curve(collected, refunded=()):
    event, refund, still = (np.zeros(4322) for _ in range(3))
    for minute, n in collected:
        event[minute] += n
    for minute, n in refunded:
        refund[minute] += n
    still[2000] = 1000 - event.sum() - refund.sum()
    return survival_curve(Counts(event, refund, still), refunds_end_waiting=True)


def some_uploads(rows):
    """(hour, promise_hours, asks, parcels, late, missed, broken, yuan)."""
    columns = ["hour", "promise_hours", "asks", "parcels", "late", "missed", "broken", "yuan"]
    return pd.DataFrame(rows, columns=columns).assign(courier="中通")


def test_the_simulation_counted_by_hand():
    """Mornings: 60 % within 2 h, 36 % more within 10 h, 4 % never. 20:00 uploads: 40 with their promise at 21:00 next day (12 h after
    09:00), 10 with it at 08:00 next day, 50 without any."""
    morning = a_curve([(120, 600), (600, 360)])
    rows = some_uploads([
        (14, 60, True, 100, 3, 2, 4, 500.0),
        (20, 45, True, 40, 8, 6, 9, 400.0),
        (20, 32, True, 10, 2, 2, 2, 100.0),
        (20, np.nan, False, 50, 5, 0, 5, 250.0),
    ])
    found = simulate(rows, morning, LIMIT).set_index("hour")
    assert found.loc[23, ["moved", "late", "missed", "broken"]].tolist() == [0, 18, 10, 20]
    assert found.loc[23, "yuan"] == pytest.approx(4 * 5 + 9 * 10 + 2 * 10 + 5 * 5)
    moved = found.loc[19]
    assert moved["moved"] == 100
    assert moved["late"] == pytest.approx(3 + 100 * 0.04)
    assert moved["missed"] == pytest.approx(2 + 40 * 0.04 + 10)  # 12 h are enough for 96 %; the ten are past their promise
    assert moved["broken"] == pytest.approx(4 + 40 * 0.04 + 10 + 50 * 0.04)
    assert moved["yuan"] == pytest.approx(4 * 5 + 40 * 0.04 * 10 + 10 * 10 + 50 * 0.04 * 5)
    assert moved["late_low"] < moved["late"] < moved["late_high"]
    assert found.index.min() == EARLIEST


def test_a_short_promise_makes_waiting_dear():
    """Room for 2 h after the morning upload: 40 % of the mornings are not collected by then."""
    morning = a_curve([(120, 600), (600, 360)])
    found = simulate(some_uploads([(20, 35, True, 100, 10, 10, 10, 500.0)]), morning, LIMIT).set_index("hour")
    assert found.loc[19, "missed"] == pytest.approx(40)
    assert cheapest(found.reset_index()) == 23


def test_refunds_do_not_pass_for_collected_parcels():
    plain = simulate(some_uploads([(20, np.nan, False, 100, 10, 0, 10, 0.0)]), a_curve([(120, 960)]), LIMIT)
    refunded = simulate(some_uploads([(20, np.nan, False, 100, 10, 0, 10, 0.0)]), a_curve([(120, 480)], [(60, 500)]), LIMIT)
    assert plain.set_index("hour").loc[19, "late"] == pytest.approx(4)
    assert refunded.set_index("hour").loc[19, "late"] == pytest.approx(4)  # 20 of the 500 that were not refunded


def test_without_amounts_the_fewest_broken_parcels_are_best_and_of_equals_the_latest():
    rows = some_uploads([(14, np.nan, False, 100, 3, 0, 3, 0.0), (20, np.nan, False, 100, 30, 0, 30, 0.0)])
    assert cheapest(simulate(rows, a_curve([(120, 960)]), LIMIT)) == 19


def test_each_courier_has_its_own_cut_off_and_none_without_mornings():
    rows = some_uploads([(14, np.nan, False, 300, 3, 0, 3, 0.0), (20, np.nan, False, 100, 30, 0, 30, 0.0)])
    both = pd.concat([rows, rows.assign(courier="极兔", parcels=rows["parcels"] * 2)], ignore_index=True)
    waits = some_waits("09–12", {120: 960}, 40)
    found = cut_offs(both, Curves(waits, LIMIT), 0.03, LIMIT)
    assert [(one.courier, one.best) for one in found] == [("极兔", 19), ("中通", 19)]
    unknown = cut_offs(both, Curves(waits.iloc[:0], LIMIT), 0.03, LIMIT)
    assert all(one.best is None and one.choices.empty and len(one.hours) == 2 for one in unknown)


# --- orders that better wait --------------------------------------------------------------------------------------------------


def evening_and_morning():
    return Curves(pd.concat([some_waits("21–24", {600: 700}, 300), some_waits("09–12", {120: 960}, 40)]), LIMIT)


def some_orders(rows):
    """(left_minute, asks, orders)."""
    return pd.DataFrame(rows, columns=["left_minute", "asks", "orders"]).assign(courier=None, yuan=lambda frame: 5.0 * frame["orders"])


AS_OF = datetime(2026, 3, 10, 22)


def test_an_order_waits_only_if_its_promise_allows_it():
    rows = some_orders([(600, True, 7), (2000, True, 11), (np.nan, False, 13), (-10, True, 17), (710, False, 19), (720, False, 23)])
    (found,) = hold_back(rows, evening_and_morning(), AS_OF, LIMIT)
    assert found.orders == 11 + 13 + 23  # 9 in the morning is 660 minutes away, and an hour to spare
    assert found.promised_from == datetime(2026, 3, 11, 10)
    assert (found.now, found.morning) == (pytest.approx(0.30), pytest.approx(0.04))
    assert found.saved_yuan == pytest.approx(0.26 * 5 * 47)


def test_a_promise_that_leaves_too_little_time_for_the_pickup_is_not_held_back():
    rows = some_orders([(660 + 90, True, 5), (2400, True, 3)])  # 90 minutes after 09:00 nobody is collected yet
    (found,) = hold_back(rows, evening_and_morning(), AS_OF, LIMIT)
    assert found.orders == 3
    assert found.promised_from > datetime(2026, 3, 11, 10, 30)


def test_nothing_is_held_back_on_chance_alone():
    few = Curves(pd.concat([some_waits("21–24", {600: 110}, 11), some_waits("09–12", {120: 960}, 60)]), LIMIT)
    assert hold_back(some_orders([(2400, False, 9)]), few, AS_OF, LIMIT) == []
    assert hold_back(some_orders([(2400, False, 9)]), Curves(some_waits("21–24", {}, 0).iloc[:0], LIMIT), AS_OF, LIMIT) == []
    assert hold_back(some_orders([]), evening_and_morning(), AS_OF, LIMIT) == []


def test_the_next_morning_is_todays_before_nine():
    assert next_morning(datetime(2026, 3, 10, 7)) == datetime(2026, 3, 10, 9)
    assert next_morning(datetime(2026, 3, 10, 9)) == datetime(2026, 3, 11, 9)
