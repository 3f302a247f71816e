"""Open parcels' chances against the worked example D2, the ladder of strata, the forecast and its band."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from pdd_audit.metrics.live_risk import Curves, by_hour, chances, forecast, horizons
from pdd_audit.metrics.poisson_binomial import poisson_binomial
from tests.metrics.builders import OPEN, d2_lags

LIMIT = 1440


def d2_waits(**place):
    return d2_lags().assign(**{"band": "09–12", "day_type": "work", **place}).drop(columns=["clock", "mature"])


def some_open(rows, courier="中通", band="09–12", day_type="work"):
    """(age, parcels) of each row."""
    frame = pd.DataFrame(rows, columns=["age_minute", "parcels"])
    return frame.assign(courier=courier, band=band, day_type=day_type, left_minute=LIMIT - frame["age_minute"], yuan=5.0 * frame["parcels"])


@pytest.fixture
def d2():
    rows = some_open(list(OPEN.items()))
    return rows, chances(rows, Curves(d2_waits(), LIMIT))


def test_each_age_has_its_chance(d2):
    known = dict(zip(d2[0]["age_minute"], d2[1], strict=True))
    table = {45: 0.042309, 180: 0.059205, 360: 0.088504, 600: 0.140256, 900: 0.241371, 1200: 0.605891, 1410: 0.870968}
    assert {age: known[age] for age in table} == pytest.approx(table, abs=1e-6)


def test_a_parcel_past_its_deadline_has_no_chance_it_is_late(d2):
    rows, q = d2
    assert np.isnan(q[rows["age_minute"] >= LIMIT]).all()


def test_all_open_parcels_together(d2):
    rows, q = d2
    open_now = rows["left_minute"] > 0
    found = forecast(q[open_now], rows.loc[open_now, "parcels"].to_numpy(), rows.loc[open_now, "yuan"].to_numpy())
    assert (found.parcels, found.low, found.high) == (80, 5, 14)
    assert (found.expected, found.sd) == pytest.approx((9.513011, 2.607748), abs=1e-6)
    assert found.yuan == pytest.approx(47.565054, abs=1e-5)  # the ledger's example: 5 yuan each


def test_by_midnight_only_what_falls_due_by_midnight(d2):
    rows, q = d2
    until = by_hour(rows, q, datetime(2026, 3, 10, 18)).named[datetime(2026, 3, 11)]
    assert (until.parcels, until.expected) == (4, pytest.approx(2.688640, abs=1e-6))
    due = (rows["left_minute"] > 0) & (rows["left_minute"] <= 360)
    pmf = poisson_binomial(q[due], rows.loc[due, "parcels"])
    assert pmf == pytest.approx([0.007899, 0.089744, 0.301901, 0.406732, 0.193725], abs=1e-6)


def test_the_hours_add_up_to_one_forecast_of_all(d2):
    rows, q = d2
    ahead = rows["left_minute"] > 0
    whole = forecast(q[ahead], rows.loc[ahead, "parcels"].to_numpy(), rows.loc[ahead, "yuan"].to_numpy(), dispersion=2.0)
    last = by_hour(rows, q, datetime(2026, 3, 10, 9, 13), dispersion=2.0).hours.iloc[-1]
    assert (last["due"], last["low"], last["high"]) == (whole.parcels, pytest.approx(whole.low), pytest.approx(whole.high))
    assert (last["expected"], last["yuan"]) == (pytest.approx(whole.expected), pytest.approx(whole.yuan))


def test_a_promise_before_the_limit_is_the_deadline():
    rows = some_open([(45, 1)]).assign(left_minute=600 - 45)
    curve = Curves(d2_waits(), LIMIT)
    assert chances(rows, curve)[0] == pytest.approx(0.262166 / 0.869084, abs=1e-5)


def test_dispersion_widens_the_band_and_never_beyond_what_is_possible():
    q, parcels, yuan = np.array([0.5]), np.array([10]), np.array([0.0])
    plain, wide, widest = (forecast(q, parcels, yuan, dispersion) for dispersion in (1.0, 2.0, 1e6))
    assert (wide.expected - wide.low) == pytest.approx((plain.expected - plain.low) * 2**0.5)
    assert (wide.high - wide.expected) == pytest.approx((plain.high - plain.expected) * 2**0.5)
    assert (widest.low, widest.high) == (0, 10)


def test_the_narrowest_stratum_with_enough_parcels_speaks():
    slow = d2_waits(courier="极兔", band="18–21")
    slow = slow.assign(minute=(slow["minute"] * 1.2).astype(int).clip(upper=4321))
    few = d2_waits(courier="圆通", band="18–21").assign(parcels=1)
    curves = Curves(pd.concat([d2_waits(), slow, few], ignore_index=True), LIMIT)
    own = curves.of(("courier", "band"), ("极兔", "18–21"))
    assert curves.narrowest(courier="极兔", band="18–21", day_type="off") is own
    band = curves.narrowest(courier="圆通", band="18–21", day_type="work")
    assert band is curves.of(("band",), ("18–21",))
    assert band is not own
    assert curves.narrowest(courier=None, band="00–09", day_type="work") is curves.of((), ())


def test_too_little_history_gives_no_chance():
    rows = some_open([(45, 3)])
    q = chances(rows, Curves(d2_waits().assign(parcels=1), LIMIT))
    assert np.isnan(q).all()
    found = by_hour(rows, q, datetime(2026, 3, 10, 18))
    assert (found.unknown, found.hours["expected"].max()) == (3, 0)


@pytest.mark.parametrize(
    ("as_of", "first"), [((18, 0), (10, 20)), ((9, 0), (10, 18)), ((20, 30), (11, 0)), ((23, 59), (11, 0)), ((0, 0), (10, 18))]
)
def test_hours_that_have_passed_are_tomorrows(as_of, first):
    found = horizons(datetime(2026, 3, 10, *as_of))
    assert (found[0].day, found[0].hour) == first
    assert found == sorted(found) and len(found) == 3


def test_the_band_holds_what_it_promises():
    """Nominal 90 %: discrete, so at least that."""
    random = np.random.default_rng(4)
    inside = 0
    for _ in range(400):
        q = random.beta(0.7, 4, size=int(random.integers(20, 120)))
        found = forecast(q, np.ones(len(q), np.int64), np.zeros(len(q)))
        inside += found.low <= (random.random(len(q)) < q).sum() <= found.high
    assert inside / 400 >= 0.90
