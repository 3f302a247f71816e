"""A part of a shop: its parcels are those of the choice, all parts make the whole, and what was counted is kept."""

from datetime import timedelta

import pandas as pd
import pytest

from pdd_audit.core.details import DETAIL_COLUMNS
from pdd_audit.core.filters import ALL, Filters
from pdd_audit.services.choose import choices_of
from pdd_audit.services.details import count_ahead, detail_tables, filtered
from pdd_audit.services.measure import ask_about
from pdd_audit.services.shops import create_shop

COUNTED = ("shipped", "collected", "open", "mature", "open_over_limit")


@pytest.fixture(scope="module")
def shop(demo):
    workspace, shop = demo
    return workspace, shop.id, ask_about(workspace, shop.id, None)


def test_without_a_choice_it_is_the_whole_shop(shop):
    assert filtered(*shop)[1].counts == filtered(*shop, ALL)[1].counts


@pytest.mark.parametrize("name", ["courier", "province", "goods"])
def test_the_parts_make_the_whole(shop, name):
    whole = filtered(*shop)[1]
    parts = [filtered(*shop, Filters(**{name: (code,)}))[1] for code in choices_of(*shop[:2]).by[name]]
    for count in COUNTED:
        assert sum(part.counts[count] for part in parts) == whole.counts[count], count
    assert sum(part.cells["late"].sum() for part in parts) == whole.cells["late"].sum()
    assert sum(part.promises["due"].sum() for part in parts) <= whole.promises["due"].sum()


def test_a_period_includes_both_its_days(shop):
    cells = filtered(*shop)[1].cells
    days = sorted(pd.to_datetime(cells["day"]).dt.date.unique())
    start, end = days[3], days[5]
    part = filtered(*shop, Filters(start, end))[1]
    found = pd.to_datetime(part.cells["day"]).dt.date
    assert (found.min(), found.max()) == (start, end)
    assert part.cells["shipped"].sum() == cells.loc[pd.to_datetime(cells["day"]).dt.date.between(start, end), "shipped"].sum()


def test_a_choice_nobody_meets_is_empty_not_wrong(shop):
    part = filtered(*shop, Filters(courier=("没有这家",)))[1]
    assert part.counts["shipped"] == 0 and part.cells.empty and part.flags == filtered(*shop)[1].flags


def test_what_was_counted_is_read_back(shop, monkeypatch):
    first = choices_of(*shop[:2]).first + timedelta(days=2)
    chosen = Filters(first, None)
    key, tables = filtered(*shop, chosen)
    choices = detail_tables(*shop, ["choices"], chosen)["choices"]
    monkeypatch.setattr("pdd_audit.services.details.ground_of", None)  # whoever counts now fails
    again = filtered(*shop, chosen)
    assert again[0] == key and again[1].counts == tables.counts
    pd.testing.assert_frame_equal(detail_tables(*shop, ["choices"], chosen)["choices"], choices)


def test_the_choices_name_every_parcel_once(shop):
    whole = filtered(*shop)[1].counts["shipped"]
    found = choices_of(*shop[:2])
    for name in ("courier", "province", "goods"):
        assert sum(parcels for _, parcels in found.by[name].values()) == whole, name
    assert found.first <= found.last


def test_what_is_counted_ahead_is_not_counted_again_by_any_page(shop, monkeypatch):
    workspace, shop_id, ask = shop
    count_ahead(workspace, shop_id)
    monkeypatch.setattr("pdd_audit.services.details.ground_of", None)  # whoever counts now fails
    assert detail_tables(workspace, shop_id, ask, tuple(DETAIL_COLUMNS)).keys() == DETAIL_COLUMNS.keys()


def test_a_shop_without_orders_has_nothing_to_count_ahead(workspace):
    count_ahead(workspace, create_shop(workspace, "空店").id)
