"""What an order costs under a rule, by hand."""

from datetime import date
from pathlib import Path

import pytest

from pdd_audit.core.terms import Amount, terms_of
from pdd_audit.data.content.checklists import load_rules

FOLDER = Path(__file__).resolve().parents[2] / "checklists"
NOW = Amount(0.05, 5, 100, whole_yuan=True)


@pytest.mark.parametrize(("received", "yuan"), [(100, 5), (430, 21), (200, 10), (2000, 100), (5000, 100), (0, 5)])
def test_a_share_is_cut_to_whole_yuan_and_kept_between_its_ends(received, yuan):
    assert NOW.of(received) == (yuan, yuan)


def test_an_unknown_order_costs_something_between_the_ends_and_an_unknown_figure_nothing_that_could_be_named():
    assert NOW.of(None) == NOW.of(-1) == (5, 100)
    assert Amount(0.05, 5, None).of(100) is None
    assert Amount(flat=3).of(None) == (3, 3)
    assert Amount(0.05, 5, 50).of(430) == (21.5, 21.5)


def test_packs_say_what_they_say():
    def on(platform, year, month, day):
        return terms_of(load_rules(FOLDER, platform).pack_for(date(year, month, day)))

    old, new = on("pdd", 2025, 5, 14), on("pdd", 2025, 5, 15)
    assert (old.needs_pickup, new.needs_pickup) == (False, True)
    assert (old.no_pickup.of(200), new.no_pickup.of(200)) == ((50, 50), (10, 10))
    assert new.late.of(200) == (3, 3)
    assert on("tmall", 2026, 11, 23).late.of(200) == (10, 10)
    then, today = on("douyin", 2026, 6, 1), on("douyin", 2026, 11, 23)
    assert then.no_pickup.of(200) == (3, 3)
    assert today.no_pickup.of(200) is None, "its texts name no amount an order any more"
    assert today.grace_hours == 48
