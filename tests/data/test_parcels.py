"""Parcels and compact tables against sixteen parcels worked out by hand, on both sides of every boundary."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pandas as pd
import pytest

from pdd_audit.core.coverage import Window
from pdd_audit.data.relations.compact import Ground, compact_tables
from pdd_audit.data.relations.exported import Restated
from pdd_audit.data.relations.lines import OrderFile, lines_of
from pdd_audit.data.relations.parcels import Moment
from pdd_audit.data.relations.replies import reply_rows
from pdd_audit.data.relations.rows import rows_behind
from pdd_audit.metrics import registry
from pdd_audit.metrics.pickup import mature_rate
from tests.data.builders import ON_DUCKDB

AS_OF = datetime(2026, 3, 10, 20)
MOMENT = Moment(AS_OF, AS_OF - timedelta(hours=2), 1440, None)
WINDOWS = [Window("中通", datetime(2026, 3, 8), AS_OF)]

# id, shipped, picked up (dates of March 2026); P15 goes with a courier no sheet covers
D1 = [
    ("P01", "08 10:00:00", "08 18:00:00"), ("P02", "08 16:00:00", "08 18:30:30"), ("P03", "08 19:00:00", "09 19:00:00"),
    ("P04", "08 20:00:00", "09 20:00:01"), ("P05", "09 09:00:00", "09 18:00:00"), ("P07", "09 11:00:00", None),
    ("P08", "09 17:00:00", "10 18:10:00"), ("P09", "09 19:00:00", None), ("P10", "09 21:00:00", "10 18:05:00"),
    ("P11", "10 09:00:00", "10 18:00:00"), ("P12", "10 15:00:00", None), ("P13", "10 19:30:00", None),
    ("P14", "10 10:00:00", "10 09:40:00"), ("P15", "10 11:00:00", None), ("P16", "10 08:00:00", None),
]
MINUTES = {"P01": 480, "P02": 151, "P03": 1440, "P04": 1441, "P05": 540, "P07": 1860, "P08": 1500, "P09": 1380, "P10": 1260,
           "P11": 540, "P12": 180, "P14": 0, "P16": 600}


def at(text):
    return None if text is None else datetime.fromisoformat(f"2026-03-{text}")


def order_rows(rows, import_id="a", snapshot=AS_OF, **more):
    frame = pd.DataFrame({
        "order_no": [f"260308-{id}" for id, *_ in rows], "waybill": [id for id, *_ in rows],
        "courier": ["圆通" if id == "P15" else "中通" for id, *_ in rows], "shipped_at": [at(shipped) for _, shipped, *_ in rows],
    }).assign(
        province=None, goods_id=None, goods_name=None, status="shipped", received_yuan=129.0, quantity=1, confirmed_at=pd.Timestamp("2026-03-08"),
        paid_at=pd.NaT, promised_ship_at=pd.NaT, under_review=False, excluded_kind=None, snapshot_at=snapshot, import_id=import_id,
        source_row=range(2, len(rows) + 2),
    ).assign(**more)
    times = ["confirmed_at", "paid_at", "promised_ship_at", "shipped_at", "snapshot_at"]
    return frame.astype(dict.fromkeys(times, "datetime64[us]") | dict.fromkeys(("province", "goods_id", "goods_name", "excluded_kind"), "str"))


def pickup_rows(rows):
    found = [(id, at(picked)) for id, _, picked in rows if picked]
    frame = pd.DataFrame(found, columns=["waybill", "picked_up_at"]).assign(
        courier="中通", outlet="一号网点", first_move_at=pd.NaT, collected_time_unknown=False, snapshot_at=pd.NaT, import_id="p", source_row=2
    )
    return frame.astype(dict.fromkeys(("picked_up_at", "first_move_at", "snapshot_at"), "datetime64[us]"))


def put(folder, name, frame):
    path = folder / f"import_id={name}" / "rows.parquet"
    path.parent.mkdir(exist_ok=True)
    frame.drop(columns="import_id").to_parquet(path)
    return path


@pytest.fixture
def write(tmp_path):
    return partial(put, tmp_path)


@pytest.fixture(scope="module")
def ground_of(engine, tmp_path_factory):
    def ground(orders, pickups, windows, moment, grouped=False):
        kept = partial(engine.kept, tmp_path_factory.mktemp("cache") / "one")
        lines = lines_of(engine, [OrderFile(path, 2) for path in orders], pickups, kept)
        return Ground(replace(lines, distinct=lines.distinct and not grouped), windows, moment, kept)

    return ground


@pytest.fixture(scope="module")
def d1(ground_of, tmp_path_factory):
    folder = tmp_path_factory.mktemp("d1")
    return ground_of([put(folder, "orders", order_rows(D1))], [put(folder, "pickups", pickup_rows(D1))], WINDOWS, MOMENT)


@pytest.fixture(scope="module")
def d1_tables(d1):
    return tables_of(d1)


def tables_of(ground):
    return compact_tables(ground, reply_rows([]), has_moves=False)


def test_every_parcel_has_its_minute_rounded_the_right_way(d1):
    frame = d1.parcels.execute()
    known = frame[frame["waybill"].isin(MINUTES)]
    assert dict(zip(known["waybill"], known["minute"], strict=True)) == MINUTES


def test_exactly_the_limit_is_in_time_and_one_second_more_is_late(d1):
    assert set(rows_behind(d1, "late").execute()["waybill"]) == {"P04", "P07", "P08"}


def test_included_and_excluded_add_up_to_all_parcels(d1_tables):
    lags = d1_tables.lags[d1_tables.lags["clock"] == "pickup"]
    assert int(lags["parcels"].sum()) + sum(d1_tables.excluded.values()) == len(D1)
    assert d1_tables.excluded == {"pickup_unknown": 1, "too_fresh": 1}


def test_the_mature_rate_counts_what_was_known_at_the_cut(d1_tables):
    rate = mature_rate(d1_tables.cells)
    assert (rate.value, rate.n) == (pytest.approx(3 / 7), 7)


def test_the_counts_belong_to_the_snapshot_and_not_to_the_cut(d1_tables):
    counts = d1_tables.counts
    assert (counts["shipped"], counts["covered"], counts["collected"], counts["open"]) == (15, 14, 9, 5)
    assert (counts["open_over_limit"], counts["open_at_risk"], counts["pickup_unknown"]) == (2, 3, 1)


@ON_DUCKDB
def test_the_order_of_rows_and_the_number_of_files_change_nothing(write, d1_tables, ground_of):
    shuffled = order_rows(D1[::-1])
    parts = [write("one", order_rows(D1[:6], "a")), write("two", order_rows(D1[6:], "b"))]
    for files in ([write("shuffled", shuffled)], parts, [*parts, write("again", order_rows(D1[3:9], "c", AS_OF - timedelta(days=1)))]):
        found = tables_of(ground_of(files, [write("p", pickup_rows(D1))], WINDOWS, MOMENT))
        assert found.counts == d1_tables.counts
        pd.testing.assert_frame_equal(found.cells, d1_tables.cells)


def test_the_newest_export_of_an_order_wins_whatever_the_order_of_import(write, ground_of):
    old = order_rows([("P01", "08 10:00:00", None)], "a", AS_OF - timedelta(days=1))
    new = order_rows([("P01", "08 12:00:00", None)], "b", AS_OF)
    files = [write("a", old), write("b", new)]
    for order in (files, files[::-1]):
        ground = ground_of(order, [], [], MOMENT)
        assert ground.parcels.execute()["shipped_at"].tolist() == [pd.Timestamp("2026-03-08 12:00")]


def test_parcels_of_one_order_in_two_exports_of_one_moment_are_all_there(write, ground_of):
    one = order_rows([("P01", "08 10:00:00", None)]).assign(order_no="260308-1")
    two = order_rows([("P01", "08 10:00:00", None), ("P02", "08 12:00:00", None)]).assign(order_no="260308-1")
    ground = ground_of([write("a", one), write("b", two)], [], [], MOMENT)
    assert sorted(ground.parcels.execute()["waybill"]) == ["P01", "P02"]
    ground = ground_of([write("z", one), write("b", two)], [], [], MOMENT)
    assert sorted(ground.parcels.execute()["waybill"]) == ["P01", "P02"]


@ON_DUCKDB
def test_a_parcel_far_before_its_upload_is_no_pickup_of_this_parcel(write, ground_of):
    rows = [("P01", "09 10:00:00", "08 09:59:59"), ("P02", "09 10:00:00", "08 10:00:00")]
    ground = ground_of([write("o", order_rows(rows))], [write("p", pickup_rows(rows))], WINDOWS, MOMENT)
    assert tables_of(ground).excluded == {"time_invalid": 1}


def test_goods_received_later_than_the_moment_were_not_refunded_by_then(write, ground_of):
    """An export knows the end of an order; a replay of an earlier evening must not."""
    rows = [("P01", "09 17:00:00", "10 18:10:00"), ("P02", "09 17:00:00", "09 18:00:00"), ("P03", "09 17:00:00", None)]
    orders = [write("o", order_rows(rows, status=["refunded_received", "refunded_received", "refunded_shipped"]))]
    evening = Moment(at("10 09:00:00"), at("10 07:00:00"), 1440, None)
    found = {
        moment.as_of: ground_of(orders, [write("p", pickup_rows(rows))], WINDOWS, moment).parcels.execute().set_index("waybill")
        for moment in (evening, MOMENT)
    }
    then, now = found[evening.as_of], found[MOMENT.as_of]
    assert pd.isna(then.loc["P01", "excluded"]) and pd.isna(then.loc["P01", "picked_up_at"]), "on that evening it stood open"
    assert now.loc["P01", "picked_up_at"] == at("10 18:10:00")
    assert then.loc["P03", "excluded"] == now.loc["P03", "excluded"] == "refund_time_unknown"


@ON_DUCKDB
def test_a_promise_asks_for_the_pickup_from_the_day_the_rule_says(write, ground_of):
    rows = [("P01", "08 10:00:00", "08 18:00:00"), ("P02", "09 17:00:00", "10 18:10:00"), ("P03", None, None), ("P05", None, None)]
    promised = [at("10 09:00:00"), at("09 20:00:00"), at("10 12:00:00"), at("11 09:00:00")]
    frame = order_rows(rows, promised_ship_at=promised, status=["shipped", "shipped", "to_ship", "to_ship"]).astype({"promised_ship_at": "datetime64[us]"})
    files = [write("o", frame)], [write("p", pickup_rows(rows))]
    shipping = tables_of(ground_of(*files, WINDOWS, MOMENT))
    collected = tables_of(ground_of(*files, WINDOWS, Moment(AS_OF, MOMENT.cut, 1440, datetime(2025, 5, 15))))
    assert (shipping.promises["due"].sum(), shipping.promises["kept"].sum()) == (3, 2)
    assert (collected.promises["due"].sum(), collected.promises["kept"].sum()) == (3, 1)


@ON_DUCKDB
def test_the_expected_fine_follows_the_rule_and_an_unknown_rule_costs_nothing(write, ground_of):
    frame = order_rows(D1, received_yuan=[399.0] * len(D1))
    rules = Moment(AS_OF, MOMENT.cut, 1440, None, 0.05, 5, 100, fine_floor=True)
    files = [write("o", frame)], [write("p", pickup_rows(D1))]
    assert tables_of(ground_of(*files, WINDOWS, rules)).cells["cost_yuan"].sum() == 3 * 19
    assert tables_of(ground_of(*files, WINDOWS, MOMENT)).cells["cost_yuan"].sum() == 0


@ON_DUCKDB
def test_orders_without_any_pickup_sheet_are_unknown_and_not_late(write, ground_of):
    tables = tables_of(ground_of([write("o", order_rows(D1))], [], [], MOMENT))
    assert tables.counts["pickup_unknown"] == len(D1)
    assert "no_pickups" in tables.flags
    assert registry["pickup_24h_ratio"].compute(tables).value is None


@ON_DUCKDB
def test_without_repeated_keys_grouping_changes_nothing(write, d1, d1_tables, ground_of):
    ground = ground_of([write("d", order_rows(D1))], [write("p", pickup_rows(D1))], WINDOWS, MOMENT, grouped=True)
    expected, found = d1_tables, tables_of(ground)
    assert (found.counts, found.excluded, found.samples) == (expected.counts, expected.excluded, expected.samples)
    for name in ("lags", "cells", "outlets", "promises"):
        order = list(getattr(expected, name).columns)
        frames = [getattr(tables, name).sort_values(order).reset_index(drop=True) for tables in (found, expected)]
        pd.testing.assert_frame_equal(*frames, check_dtype=False)
    rows = [rows_behind(one, "late").execute() for one in (ground, d1)]
    pd.testing.assert_frame_equal(rows[0].drop(columns="import_id"), rows[1].drop(columns="import_id"), check_dtype=False)


def test_a_parcel_of_two_orders_is_one_parcel_that_costs_both(write, ground_of):
    rows = [("P07", "09 11:00:00", None), ("P07", "09 11:30:00", None)]
    frame = order_rows(rows, received_yuan=[100.0, 200.0]).assign(order_no=["260308-1", "260308-2"])
    rules = Moment(AS_OF, MOMENT.cut, 1440, None, 0.05, 5, 100, fine_floor=True)
    tables = tables_of(ground_of([write("o", frame)], [write("p", pickup_rows(D1))], WINDOWS, rules))
    assert (tables.counts["shipped"], tables.counts["orders"], tables.cells["cost_yuan"].sum()) == (1, 2, 15)


def test_an_order_of_two_parcels_is_kept_only_when_both_are(write, ground_of):
    rows = [("P01", "08 10:00:00", "08 18:00:00"), ("P04", "08 20:00:00", "09 20:00:01")]
    frame = order_rows(rows).assign(order_no="260308-1", promised_ship_at=pd.Timestamp("2026-03-09 12:00")).astype({"promised_ship_at": "datetime64[us]"})
    rules = Moment(AS_OF, MOMENT.cut, 1440, datetime(2025, 5, 15))
    promises = tables_of(ground_of([write("o", frame)], [write("p", pickup_rows(rows))], WINDOWS, rules)).promises
    assert (promises["due"].sum(), promises["kept"].sum()) == (1, 0)


def test_a_stated_export_time_stands_in_the_rows_of_its_file_alone(engine, tmp_path):
    stated = pd.Timestamp("2026-03-12 08:00")
    files = [put(tmp_path, name, order_rows(D1[:2], import_id=name)) for name in ("a", "b")]
    rows = Restated(engine, {"b": stated.to_pydatetime(), "elsewhere": stated.to_pydatetime()}).rows(files)
    found = rows.select("import_id", "snapshot_at").distinct().execute()
    assert dict(zip(found["import_id"], pd.to_datetime(found["snapshot_at"]), strict=True)) == {"a": pd.Timestamp(AS_OF), "b": stated}
