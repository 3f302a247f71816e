"""Parcels and orders under two versions of the rules against fifteen worked out by hand, on every engine."""

from functools import partial

import pandas as pd
import pytest

from pdd_audit.core.terms import Amount, Terms
from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.lines import OrderFile, lines_of
from pdd_audit.data.relations.rows import rows_behind
from pdd_audit.data.relations.rule_change import compared
from pdd_audit.metrics.rule_change import rule_change
from tests.data.builders import ON_DUCKDB
from tests.data.test_parcels import D1, MOMENT, WINDOWS, order_rows, pickup_rows, put

A = Terms(24, True, Amount(0.05, 5, 100, whole_yuan=True), Amount(flat=3))
B = Terms(30, False, Amount(0.25, 5, 100), Amount(flat=3))


@pytest.fixture(scope="module")
def ground(engine, tmp_path_factory):
    """Promised by 18:00 of the 9th, all of them; P04 paid 430, of P07 nobody knows."""
    folder = tmp_path_factory.mktemp("change")
    orders = order_rows(D1, promised_ship_at=pd.Timestamp("2026-03-09 18:00"))
    orders["received_yuan"] = orders["waybill"].map({"P04": 430.0}).fillna(129.0).where(orders["waybill"] != "P07")
    kept = partial(engine.kept, folder / "cache")
    lines = lines_of(engine, [OrderFile(put(folder, "orders", orders), 2)], [put(folder, "pickups", pickup_rows(D1))], kept)
    return Ground(lines, WINDOWS, MOMENT, kept)


def names(ground, kind, **at):
    return set(rows_behind(ground, kind, at).execute()["waybill"])


def test_what_each_version_takes_is_what_a_sheet_of_paper_says(ground):
    found = rule_change(compared(ground, A, B), A, B)
    assert (found.parcels, found.both, found.only) == (6, 1, {"a": 1, "b": 0}), "P01 to P05 and P07 are 30 hours old"
    assert found.a.no_pickup == (21 + 5, 21 + 100), "P04 takes 5 % of 430 in whole yuan, P07 anything"
    assert found.b.no_pickup == (5, 100)
    assert (found.orders, found.a.orders, found.b.orders) == (14, 11, 7), "P15 goes with a courier nobody sees"
    assert found.orders_only == {"a": 4, "b": 0}
    assert (found.a.late, found.b.late) == ((27, 33), (21, 21)), "P04 and P07 are late parcels too"


@ON_DUCKDB
def test_the_rows_are_those_that_make_the_difference(ground):
    assert names(ground, "past_limit", limit="24", other="30") == {"P04"}
    assert names(ground, "past_limit", limit="24", other="30", which="both") == {"P07"}
    assert names(ground, "past_limit", limit="30", other="24") == set()
    only = {"asks": "1", "grace": "0", "other_asks": "0", "other_grace": "0"}
    assert names(ground, "past_promise", **only) == {"P03", "P04", "P07", "P08"}


@ON_DUCKDB
def test_a_grace_after_the_promise_forgives_what_came_within_it(ground):
    grace = {"asks": "1", "grace": "0", "other_asks": "1", "other_grace": "3"}
    assert names(ground, "past_promise", **grace) == {"P03", "P04"}, "collected by 21:00; what is judged later is open"
