"""Windows in which a rule is suspended, and day types, on either engine."""

from dataclasses import replace
from datetime import date, datetime
from functools import partial

import pandas as pd
import pytest

from pdd_audit.core.exemptions import Waiver
from pdd_audit.data.relations.compact import Ground, compact_tables
from pdd_audit.data.relations.day_types import day_type
from pdd_audit.data.relations.lines import OrderFile, lines_of
from pdd_audit.data.relations.neighbours import read_neighbours
from pdd_audit.data.relations.parcels import waived
from pdd_audit.data.relations.replies import reply_rows
from tests.data.builders import ON_DUCKDB
from tests.data.test_parcels import MOMENT, WINDOWS, at, order_rows, pickup_rows, put

MARCH_9 = (datetime(2026, 3, 9), datetime(2026, 3, 10))
PICKUP = Waiver("台风", *MARCH_9, "shipped", ("pickup",))
PROMISE = Waiver("春节", *MARCH_9, "paid", ("promise",))
# on either side of each midnight of the window
EDGES = [("P01", "08 23:59:59", None), ("P02", "09 00:00:00", None), ("P03", "09 23:59:59", None), ("P04", "10 00:00:00", "10 09:00:00")]


@pytest.fixture(scope="module")
def ground(engine, tmp_path_factory):
    def made(orders, scans, *waivers, after_sales=None, grouped=False, moment=MOMENT):
        folder = tmp_path_factory.mktemp("ground")
        files = {"courier_pickups": [put(folder, "p", pickup_rows(scans))]}
        if after_sales is not None:
            files["pdd_after_sales"] = [put(folder, "r", after_sales)]
        kept, beside = partial(engine.kept, folder / "kept" / "one"), read_neighbours(engine, files)
        lines = lines_of(engine, [OrderFile(put(folder, "orders", orders), 2)], files["courier_pickups"], kept, beside)
        return Ground(replace(lines, distinct=lines.distinct and not grouped), WINDOWS, replace(moment, waivers=waivers), kept, beside)

    return made


def tables_of(ground):
    return compact_tables(ground, reply_rows([]), has_moves=False)


def reasons(ground):
    frame = ground.parcels.execute()
    return {row.waybill: row.excluded for row in frame.itertuples() if isinstance(row.excluded, str)}


@pytest.mark.parametrize("grouped", [False, True], ids=["one row each", "grouped"])
def test_parcels_uploaded_inside_are_exempt_from_midnight_to_midnight(ground, grouped):
    found = ground(order_rows(EDGES), EDGES, PICKUP, grouped=grouped)
    assert reasons(found) == {"P02": "exempt", "P03": "exempt"}
    tables = tables_of(found)
    assert tables.excluded == {"exempt": 2}
    lags = tables.lags[tables.lags["clock"] == "pickup"]
    assert int(lags["parcels"].sum()) + sum(tables.excluded.values()) == len(EDGES)
    assert tables.counts["shipped"] == 4 and tables.counts["covered"] == 2


WHERE = [
    (replace(PICKUP, provinces=("浙江",)), {"P02"}),  # 浙江省 is 浙江
    (replace(PICKUP, provinces=("浙江", "广东")), {"P02", "P03"}),
    (replace(PICKUP, provinces=("西藏",)), set()),
    (replace(PICKUP, couriers=("中通",)), {"P02", "P03"}),
    (replace(PICKUP, couriers=("圆通",)), set()),
    (replace(PICKUP, couriers=("中通",), provinces=("广东",)), {"P03"}),
    (replace(PICKUP, waives=("promise",)), set()),
    (replace(PICKUP, counted_by="paid"), {"P01", "P02"}),
    (replace(PICKUP, counted_by="promised"), {"P04"}),
]


@pytest.fixture(scope="module")
def placed(ground):
    orders = order_rows(
        EDGES, province=["浙江省", "浙江省", "广东省", None], paid_at=[at("09 01:00:00"), at("09 02:00:00"), at("08 01:00:00"), at("08 02:00:00")],
        promised_ship_at=[at("10 01:00:00"), at("11 02:00:00"), None, at("09 23:59:59")],
    )
    return ground(orders.astype({"promised_ship_at": "datetime64[us]"}), EDGES)


@pytest.mark.parametrize(("waiver", "exempt"), WHERE)
def test_a_window_may_be_of_places_couriers_and_other_times(placed, waiver, exempt):
    inside = placed.lines.filter(waived(placed.lines, replace(MOMENT, waivers=(waiver,)), "pickup")).execute()
    assert set(inside["waybill"]) == exempt


def test_an_order_without_a_payment_time_counts_by_its_confirmation(ground):
    orders = order_rows(EDGES, confirmed_at=[at("09 01:00:00"), at("08 01:00:00"), at("10 01:00:00"), at("09 02:00:00")])
    assert set(reasons(ground(orders, EDGES, replace(PICKUP, counted_by="paid")))) == {"P01", "P04"}


@ON_DUCKDB
def test_what_keeps_a_parcel_out_anyway_is_named_first(ground):
    """Each reason once, all uploaded inside the window; a refund competes with nothing where there is no limit."""
    rows = [
        ("KIND", "09 09:00:00", None), ("REVIEW", "09 09:00:00", None), ("EARLY", "09 09:00:00", "08 01:00:00"),
        ("P15", "09 09:00:00", None), ("TIMELY", "09 09:00:00", None), ("UNTIMED", "09 09:00:00", None), ("PLAIN", "09 09:00:00", "09 12:00:00"),
    ]
    orders = order_rows(
        rows, excluded_kind=["presale", *[None] * 6], under_review=[False, True, *[False] * 5],
        status=["shipped"] * 4 + ["refunded_shipped"] * 2 + ["shipped"],
    )
    cases = pd.DataFrame({"order_no": ["260308-TIMELY"], "refunded_at": [at("09 12:00:00")], "status": ["refunded"], "import_id": "r"})
    cases = cases.astype({"refunded_at": "datetime64[us]"})
    plain = {"KIND": "presale", "REVIEW": "under_review", "EARLY": "time_invalid", "P15": "pickup_unknown"}
    ordinary = reasons(ground(orders, rows, after_sales=cases))
    assert ordinary == plain | {"TIMELY": "refunded_before_limit", "UNTIMED": "refund_time_unknown"}
    inside = ground(orders, rows, PICKUP, after_sales=cases)
    assert reasons(inside) == plain | {"TIMELY": "exempt", "UNTIMED": "exempt", "PLAIN": "exempt"}
    tables = tables_of(inside)
    assert "refund" not in set(tables.lags["kind"]) and tables.counts["refunded_before_limit"] == 0


@ON_DUCKDB
@pytest.mark.parametrize("grouped", [False, True], ids=["one row each", "grouped"])
def test_orders_inside_are_out_of_the_promise_and_counted_apart(ground, grouped):
    paid = [at("08 23:59:59"), at("09 00:00:00"), at("09 23:59:59"), at("10 00:00:00")]
    orders = order_rows([(id, "10 10:00:00", None) for id, *_ in EDGES], paid_at=paid, promised_ship_at=at("10 09:00:00"))
    before, after = (tables_of(ground(orders, EDGES, *windows, grouped=grouped)) for windows in ((), (PROMISE,)))
    assert (before.promises["due"].sum(), before.counts["promise_exempt"]) == (4, 0)
    assert (after.promises["due"].sum(), after.counts["promise_exempt"]) == (2, 2)
    assert after.excluded.get("exempt", 0) == 0  # the pickup goes on


@ON_DUCKDB
def test_an_order_whose_promise_is_still_to_come_is_not_counted_as_exempt(ground):
    orders = order_rows(EDGES, paid_at=at("09 10:00:00"), promised_ship_at=at("12 09:00:00"))
    assert tables_of(ground(orders, EDGES, PROMISE)).counts["promise_exempt"] == 0


@ON_DUCKDB
def test_a_rule_pack_begins_at_midnight_of_its_day(ground):
    """Who confirmed a second before it still has only to ship by the promise."""
    rows = [("P01", "09 10:00:00", "10 09:00:01"), ("P02", "09 10:00:00", "10 09:00:01")]
    orders = order_rows(rows, confirmed_at=[at("08 23:59:59"), at("09 00:00:00")], promised_ship_at=at("10 09:00:00"))
    promises = tables_of(ground(orders, rows, moment=replace(MOMENT, needs_pickup_from=datetime(2026, 3, 9)))).promises
    assert (promises["due"].sum(), promises["kept"].sum()) == (2, 1)


def test_day_types_are_those_of_the_calendar(ground):
    days = [("A", "07 10:00:00", None), ("B", "08 23:59:59", None), ("C", "09 00:00:00", None), ("D", "10 10:00:00", "10 12:00:00")]
    moment = replace(MOMENT, days_off=(date(2026, 3, 8), date(2026, 3, 10)), calendar_years=(2026,))
    found = ground(order_rows(days), days, moment=moment)
    typed = found.parcels.mutate(kind=day_type(found.parcels.shipped_at, found.moment)).execute()
    assert dict(zip(typed["waybill"], typed["kind"], strict=True)) == {"A": "work", "B": "off", "C": "work", "D": "off"}
    unknown = replace(moment, calendar_years=(2025,))
    assert set(found.parcels.mutate(kind=day_type(found.parcels.shipped_at, unknown)).execute()["kind"]) == {"unknown"}
    assert set(found.parcels.mutate(kind=day_type(found.parcels.shipped_at, MOMENT)).execute()["kind"]) == {"unknown"}
