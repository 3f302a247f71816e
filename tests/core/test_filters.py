"""The choice of parcels: what stands in an address comes back as the same choice, and nonsense restricts nothing."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from pdd_audit.core.filters import ALL, Filters, read_filters

names = st.lists(st.text(min_size=1, max_size=8), max_size=3, unique=True).map(sorted).map(tuple)
days = st.none() | st.dates()


@given(start=days, end=days, courier=names, outlet=names, province=names, goods=names)
def test_an_address_gives_back_the_choice_that_made_it(start, end, courier, outlet, province, goods):
    if start and end and end < start:
        start, end = end, start
    chosen = Filters(start, end, courier, outlet, province, goods)
    assert read_filters(chosen.address) == chosen
    assert bool(chosen) == (chosen != ALL)


@given(names, names)
def test_different_choices_have_different_keys(one, other):
    assert (Filters(courier=one).key == Filters(courier=other).key) == (one == other)
    assert not one or Filters(courier=one).key != Filters(outlet=one).key


def test_what_cannot_be_read_restricts_nothing():
    assert read_filters({"start": ["soon"], "end": [], "courier": [""], "unknown": ["x"]}) == ALL


def test_ends_the_wrong_way_round_change_places():
    chosen = read_filters({"start": ["2026-03-09"], "end": ["2026-03-01"]})
    assert (chosen.start, chosen.end) == (date(2026, 3, 1), date(2026, 3, 9))
