"""Vans that did not come: named, joined, counted; and intervals that survive them."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from pdd_audit.metrics.waves import cluster_robust, more_parcels_needed, split_waves, two_part
from tests.metrics.builders import some_cells

N = np.array([62, 58, 71, 66, 54, 60, 69, 73, 57, 64, 61, 55, 68, 59, 63, 60])
X = np.array([1, 0, 2, 1, 0, 41, 1, 0, 0, 2, 0, 0, 1, 22, 0, 1])
CALM = np.where(np.arange(16) == 5, 2, np.where(np.arange(16) == 13, 1, X))


def mix_of(*rows):
    """(courier, outlet, day of March, band, parcels, late)."""
    frame = pd.DataFrame(rows, columns=["courier", "outlet", "day", "band", "parcels", "late"])
    return frame.assign(day=pd.to_datetime("2026-03-01") + pd.to_timedelta(frame["day"] - 1, "D"))


def test_the_cluster_robust_check_of_the_worked_example():
    found = cluster_robust(N, X)
    assert (found.rate, found.se, found.deff, found.effective) == pytest.approx((0.072, 0.044753, 29.975025, 33.3611), abs=1e-4)
    assert found.se**2 == pytest.approx(0.0020028113, abs=1e-10)
    assert (found.deff, found.low, found.high) == pytest.approx((29.975025, 0.022107, 0.210282), abs=1e-6)
    assert found.within == pytest.approx(0.475257, abs=1e-6)


@pytest.mark.parametrize(("late", "more"), [(X, 2686), (CALM, 7435)])
def test_how_many_more_parcels_until_the_line_is_cleared(late, more):
    cells = some_cells(*(("中通", f"2026-03-{day:02d}", 10, n, x) for day, (n, x) in enumerate(zip(N, late, strict=True), 1)))
    assert more_parcels_needed(cells, 0.04) == more


def test_late_parcels_are_those_of_missed_vans_and_scattered_ones():
    mix = mix_of(*(("中通", "一号", day, "09–12", n, x) for day, (n, x) in enumerate(zip(N, X, strict=True), 1)))
    split = split_waves(mix)
    assert (split.late, split.in_vans, split.scattered, split.bad_days, len(split.vans)) == (72, 63, 9, 2, 2)
    first = split.vans[0]
    assert (first.courier, first.outlet, first.day, first.start, first.end, first.parcels, first.late) == ("中通", "一号", date(2026, 3, 6), 9, 12, 60, 41)


def test_missed_bands_next_to_each_other_are_one_van_and_a_collected_one_parts_them():
    mix = mix_of(
        ("极兔", "甲", 1, "12–16", 6, 6), ("极兔", "甲", 1, "18–21", 21, 21), ("极兔", "甲", 1, "21–24", 35, 18),
        ("极兔", "甲", 2, "00–09", 20, 20), ("极兔", "甲", 2, "09–12", 50, 1), ("极兔", "甲", 2, "12–16", 20, 12), ("中通", "乙", 2, "12–16", 20, 20),
    )
    found = [(van.courier, van.day.day, van.start, van.end, van.parcels, van.late) for van in split_waves(mix).vans]
    assert found == [("极兔", 1, 12, 24, 62, 45), ("中通", 2, 12, 16, 20, 20), ("极兔", 2, 0, 9, 20, 20), ("极兔", 2, 12, 16, 20, 12)]


def test_a_van_has_an_outlet_only_where_one_holds_most_of_its_parcels():
    mix = mix_of(("极兔", "甲", 1, "09–12", 30, 30), ("极兔", "乙", 1, "09–12", 10, 0), ("极兔", None, 2, "09–12", 30, 30), ("极兔", "甲", 2, "09–12", 10, 0))
    assert [van.outlet for van in sorted(split_waves(mix).vans, key=lambda van: van.day)] == ["甲", None]


def test_a_parcel_of_an_unknown_courier_belongs_to_a_wave_too():
    split = split_waves(mix_of((None, None, 1, "09–12", 10, 10)))
    assert [(van.courier, van.late) for van in split.vans] == [(None, 10)]


@pytest.mark.parametrize(("parcels", "late", "missed"), [(16, 5, True), (17, 5, False), (4, 4, False), (100, 30, True), (100, 29, False)])
def test_a_wave_is_missed_from_thirty_percent_and_five_parcels_on(parcels, late, missed):
    assert bool(split_waves(mix_of(("极兔", "甲", 1, "09–12", parcels, late))).vans) == missed


def test_a_courier_that_had_stopped_missed_no_van():
    mix = mix_of(("极兔", "甲", 1, "09–12", 20, 20), ("中通", "乙", 1, "09–12", 20, 20))
    split = split_waves(mix, lambda courier, outlet, day: courier == "极兔" and day == date(2026, 3, 1))
    assert [van.courier for van in split.vans] == ["中通"]
    assert split.waves.loc[split.waves["stopped"], "courier"].tolist() == ["极兔"]
    assert split.scattered == 20


def test_looking_at_a_part_does_not_change_whether_the_van_came():
    whole = split_waves(mix_of(("极兔", "甲", 1, "09–12", 50, 30), ("极兔", "乙", 1, "09–12", 50, 2)))
    part = split_waves(mix_of(("极兔", "乙", 1, "09–12", 50, 2)), whole=whole.waves)
    assert [(van.parcels, van.late) for van in part.vans] == [(50, 2)]


def test_without_parcels_there_is_nothing_to_split():
    split = split_waves(mix_of().astype({"parcels": int, "late": int}))
    assert (split.late, split.vans, split.bad_days) == (0, (), 0)


@pytest.mark.parametrize(("chance", "waves", "seed"), [(0.10, 30, 11), (0.03, 60, 12), (0.0, 40, 13), (0.10, 120, 14)])
def test_the_two_part_interval_holds_the_truth(chance, waves, seed):
    """Waves of about 60 parcels; seven in ten parcels of a missed van are late, one in a hundred of the others."""
    random = np.random.default_rng(seed)
    truth, held, repeats = chance * 0.7 + (1 - chance) * 0.01, 0, 500
    for _ in range(repeats):
        n = random.poisson(60, waves) + 1
        x = random.binomial(n, np.where(random.random(waves) < chance, 0.7, 0.01))
        found = two_part(n, x, (x >= 5) & (x >= 0.3 * n))
        held += found.low <= truth <= found.high
    assert held / repeats >= 0.93
