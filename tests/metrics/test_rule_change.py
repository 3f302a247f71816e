"""The same parcels under two versions of the rules, added up by hand."""

import pandas as pd

from pdd_audit.core.terms import Amount, Terms
from pdd_audit.metrics.rule_change import COLUMNS, rule_change

A = Terms(24, True, Amount(0.05, 5, 100, whole_yuan=True), Amount(flat=3))
B = Terms(48, False, Amount(0.25, 5, 100, whole_yuan=True), Amount(0.05, 5, 50))
# Parcels: 10 in time, 4 past A's limit alone (one of unknown amount), 2 past both. Orders: 9 kept, 3 broke A's promise (2 of them with a late
# parcel), 1 broke both and has one too.
GROUPS = pd.DataFrame([
    ("pickup", False, False, False, False, 10, 0.0, 0.0, 1),
    ("pickup", True, False, True, False, 4, 15.0, 0.0, 1),
    ("pickup", True, True, True, True, 2, 10.0, 50.0, 0),
    ("promise", False, False, False, False, 9, 0.0, 0.0, 0),
    ("promise", True, False, True, False, 2, 6.0, 0.0, 0),
    ("promise", True, False, False, False, 1, 3.0, 0.0, 0),
    ("promise", True, True, True, True, 1, 3.0, 8.0, 0),
], columns=list(COLUMNS))


def test_counts_and_yuan_are_those_of_a_sheet_of_paper():
    found = rule_change(GROUPS, A, B)
    assert (found.parcels, found.orders, found.both) == (16, 13, 2)
    assert (found.only, found.orders_only) == ({"a": 4, "b": 0}, {"a": 3, "b": 0})
    assert (found.a.parcels, found.a.orders, found.b.parcels, found.b.orders) == (6, 4, 2, 1)
    assert found.a.no_pickup == (15 + 10 + 5, 15 + 10 + 100), "the order of unknown amount takes 5 at least and 100 at most"
    assert found.a.late == (3, 12), "at least the one whose parcel was not late, at most all four"
    assert found.a.total == (33, 137)
    assert (found.b.no_pickup, found.b.late, found.b.total) == ((50, 50), (0, 8), (50, 58))


def test_an_unknown_amount_leaves_the_counts_and_no_total():
    found = rule_change(GROUPS, A, Terms(48, True, Amount(), Amount(flat=3), grace_hours=48))
    assert (found.b.parcels, found.b.no_pickup, found.b.total) == (2, None, None)
    assert found.b.late == (0, 8)


def test_no_parcels_cost_nothing():
    found = rule_change(GROUPS[:0], A, B)
    assert (found.parcels, found.a.total, found.b.total) == (0, (0, 0), (0, 0))
