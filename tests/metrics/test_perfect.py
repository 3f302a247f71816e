"""Perfect orders against a thousand orders worked out by hand, and what must hold for any of them."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdd_audit.metrics.perfect import COMPONENTS, perfect_orders

LETTERS = dict(zip("ABCD", COMPONENTS, strict=True))
THOUSAND = {"": 846, "B": 52, "BD": 24, "AB": 12, "D": 20, "C": 14, "BC": 8, "A": 10, "CD": 6, "ABD": 8}


def masks(broken, **more):
    """``broken``: letters of the broken components -> orders. ``more``: a letter of an unknown or open component -> ..."""
    rows = [{name: "broken" if letter in letters else "ok" for letter, name in LETTERS.items()} | {"orders": orders, "yuan": 5.0 * orders}
            for letters, orders in broken.items()]
    return pd.DataFrame(rows + list(more.get("rows", ())))


def states(orders, **given):
    return dict.fromkeys(COMPONENTS, "ok") | given | {"orders": orders, "yuan": 0.0}


def test_a_thousand_orders_with_their_overlaps():
    found = perfect_orders(masks(THOUSAND))
    assert (found.perfect, found.known, found.unknown, found.early) == (846, 1000, 0, 0)
    assert found.rate.value == pytest.approx(0.846, abs=1e-6)
    assert found.product == pytest.approx(0.795787, abs=1e-6)
    parts = found.parts.set_index("component").rename(index={name: letter for letter, name in LETTERS.items()})
    assert parts["broken"].to_dict() == {"A": 30, "B": 104, "C": 28, "D": 58}
    assert parts["sole"].to_dict() == {"A": 10, "B": 52, "C": 14, "D": 20}
    assert parts["credit"].to_dict() == pytest.approx({"A": 18.666667, "B": 76.666667, "C": 21.0, "D": 37.666667}, abs=1e-6)
    assert list(parts["added"].items()) == [("B", 52), ("D", 44), ("A", 30), ("C", 28)]
    assert found.sets["orders"].tolist() == sorted((n for letters, n in THOUSAND.items() if letters), reverse=True)


def test_unknown_orders_widen_the_share_to_both_readings():
    found = perfect_orders(masks(THOUSAND, rows=[states(40, after_sale="unknown")]))
    assert (found.known, found.unknown) == (1000, 40)
    assert (found.low, found.high) == pytest.approx((0.813462, 0.851923), abs=1e-6)


def test_an_unknown_order_that_is_known_to_have_failed_is_never_perfect():
    found = perfect_orders(masks({"": 90}, rows=[states(10, after_sale="unknown", pickup="broken")]))
    assert (found.low, found.high) == pytest.approx((0.9, 0.9))


def test_a_component_nobody_knows_is_left_out_and_named():
    rows = pd.DataFrame([states(9, after_sale="unknown"), states(1, after_sale="unknown", pickup="broken")])
    found = perfect_orders(rows)
    assert found.missing == ("after_sale",)
    assert (found.perfect, found.known) == (9, 10)
    assert perfect_orders(rows, frozenset({"pickup"})).components == ("promise", "first_move")


def test_orders_that_still_run_are_neither_perfect_nor_failed():
    found = perfect_orders(pd.DataFrame([states(5), states(3, pickup="open"), states(2, promise="open", pickup="broken")]))
    assert (found.known, found.early) == (5, 5)


def test_what_was_never_to_be_judged_does_not_spoil_an_order_or_hide_its_failure():
    found = perfect_orders(pd.DataFrame([states(5), states(2, pickup="broken", first_move="none"), states(1, promise="broken", pickup="none")]))
    assert (found.perfect, found.known) == (5, 8)


def test_too_few_orders_are_not_told():
    assert [perfect_orders(masks({"": n - 1, "B": 1})).enough for n in (29, 30)] == [False, True]


def test_nothing_known_gives_no_share():
    for frame in (pd.DataFrame([states(5) | dict.fromkeys(COMPONENTS, "unknown")]), masks({"": 1}).iloc[:0]):
        found = perfect_orders(frame)
        assert (found.rate.value, found.low, found.product, found.known) == (None, None, None, 0)


@settings(deadline=None, max_examples=40)
@given(st.dictionaries(st.sampled_from(["", *"ABCD", "AB", "AC", "BD", "ABC", "ABCD"]), st.integers(0, 500), min_size=1))
def test_credit_adds_up_to_the_failures_and_lies_between_sole_and_broken(broken):
    found = perfect_orders(masks(broken))
    assert found.parts["credit"].sum() == pytest.approx(found.failed)
    assert found.parts["added"].sum() == found.failed
    assert (found.parts["sole"] <= found.parts["credit"] + 1e-9).all()
    assert (found.parts["credit"] <= found.parts["broken"] + 1e-9).all()
    assert found.sets["orders"].sum() == found.failed
