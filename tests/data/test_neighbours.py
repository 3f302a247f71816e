"""Refund times, labels, bills and lists of violations beside the sixteen parcels worked out by hand."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count

import pandas as pd
import pytest

from pdd_audit.core.coverage import Window
from pdd_audit.data.relations.compact import Ground, compact_tables, without_orders
from pdd_audit.data.relations.lines import OrderFile, lines_of
from pdd_audit.data.relations.neighbours import Neighbours, read_neighbours
from pdd_audit.data.relations.replies import reply_rows
from pdd_audit.metrics import registry
from pdd_audit.metrics.pickup import mature_rate, pickup_curve
from tests.data.test_parcels import AS_OF, D1, MOMENT, WINDOWS, order_rows, pickup_rows

P06 = ("P06", "09 10:00:00", None)
SIXTEEN = [*D1, P06]


def refunded(*ids):
    """Orders whose export says that they were refunded after shipping."""
    return ["refunded_shipped" if id in ids else "shipped" for id, *_ in SIXTEEN]


def cases(*rows, import_id="s"):
    """After-sale rows: (order id, refund agreed on, status)."""
    frame = pd.DataFrame(
        [(f"260308-{id}", pd.Timestamp(f"2026-03-{at}") if at else pd.NaT, status) for id, at, status in rows],
        columns=["order_no", "refunded_at", "status"],
    )
    return frame.astype({"refunded_at": "datetime64[us]"}).assign(import_id=import_id)


def labels(*rows):
    return pd.DataFrame(rows, columns=["waybill", "outlet", "state"]).astype("str").assign(import_id="l")


def booked(*rows, import_id="b"):
    """Bill rows: (order id or None, expense, income, category)."""
    frame = pd.DataFrame(rows, columns=["order_no", "expense_yuan", "income_yuan", "category"])
    frame["order_no"] = [None if pd.isna(id) else f"260308-{id}" for id in frame["order_no"]]
    more = frame.assign(booked_at=pd.Timestamp("2026-03-09"), code="0040004", code_name="售后费用-延迟发货", import_id=import_id)
    return more.astype({"order_no": "str", "expense_yuan": "float64", "income_yuan": "float64", "booked_at": "datetime64[us]"})


@pytest.fixture(scope="module", params=["duckdb"])
def engine_name(request):
    """Both engines are compared on a whole shop in ``test_engines``; here the numbers are worked out by hand."""
    return request.param


@pytest.fixture
def write(tmp_path):
    def put(kind, frame):
        path = tmp_path / kind / f"import_id={frame['import_id'].iloc[0]}" / "rows.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.drop(columns="import_id").to_parquet(path)
        return path

    return put


@pytest.fixture
def ground(tmp_path, write, engine):
    grounds = count()

    def make(orders=None, *, pickups=None, grouped=False, windows=WINDOWS, moment=MOMENT, **beside):
        kept = partial(engine.kept, tmp_path / f"ground-{next(grounds)}" / "one")
        order_file = write("pdd_orders", order_rows(SIXTEEN, status=refunded("P06")) if orders is None else orders)
        sheet = [] if pickups is False else [write("courier_pickups", pickup_rows(SIXTEEN) if pickups is None else pickups)]
        files = {kind: [write(kind, frame) for frame in (frames if isinstance(frames, list) else [frames])] for kind, frames in beside.items()}
        neighbours = read_neighbours(engine, {**files, "courier_pickups": sheet})
        lines = lines_of(engine, [OrderFile(order_file, 2)], sheet, kept, neighbours)
        return Ground(replace(lines, distinct=lines.distinct and not grouped), windows, moment, kept, neighbours)

    return make


def counted(ground):
    return compact_tables(ground, reply_rows([]), has_moves=False)


@pytest.mark.parametrize("grouped", [False, True])
def test_a_refund_within_the_limit_leaves_the_denominator_and_competes(ground, grouped):
    tables = counted(ground(pdd_after_sales=cases(("P06", "09 15:00:00", "refunded")), grouped=grouped))
    assert tables.excluded == {"pickup_unknown": 1, "too_fresh": 1, "refunded_before_limit": 1}
    rate = mature_rate(tables.cells)
    assert (rate.value, rate.n, tables.cells["mature"].sum(), tables.cells["refunded"].sum()) == (pytest.approx(3 / 7), 7, 8, 1)
    lags = tables.lags[tables.lags["clock"] == "pickup"]
    assert lags.loc[lags["kind"] == "refund", ["minute", "parcels"]].values.tolist() == [[300, 1]]
    curve = pickup_curve(tables)
    assert (curve.share[1440], curve.refunded[1440], curve.variance[1440]) == pytest.approx((0.409091, 0.077922, 0.147186), abs=1e-6)
    assert (curve.low[1440], curve.high[1440]) == pytest.approx((0.125804, 0.680190), abs=1e-6)
    assert tables.counts["covered"] == tables.counts["collected"] + tables.counts["open"] == 14


def test_every_parcel_is_inside_or_outside_for_one_reason(ground):
    tables = counted(ground(pdd_after_sales=cases(("P06", "09 15:00:00", "refunded"))))
    outside = sum(parcels for reason, parcels in tables.excluded.items() if reason != "too_fresh")
    assert tables.counts["shipped"] == tables.counts["covered"] + outside == len(SIXTEEN)
    assert tables.counts["refund_time_unknown"] == 0


def test_without_a_refund_time_the_parcel_waits_apart(ground):
    """BF-142: the order export says that it was refunded, and never when."""
    for beside in ({}, {"pdd_after_sales": cases(("P06", None, "refunded"))}, {"pdd_after_sales": cases(("P06", "09 15:00:00", "open"))}):
        tables = counted(ground(**beside))
        assert tables.excluded["refund_time_unknown"] == tables.counts["refund_time_unknown"] == 1
        assert "refund" not in set(tables.lags["kind"])


@pytest.mark.parametrize(("refund", "late"), [("10 10:00:00", 3), ("10 10:00:01", 4)])
def test_a_refund_at_the_limit_is_in_time_and_one_second_later_the_parcel_was_late(ground, refund, late):
    tables = counted(ground(pdd_after_sales=cases(("P06", refund, "refunded"))))
    assert tables.cells["late"].sum() == late
    assert ("refunded_before_limit" in tables.excluded) == (late == 3)
    minutes = tables.lags.loc[tables.lags["kind"] == "refund", "minute"].tolist()
    assert minutes == [1440 if late == 3 else 1441]


def test_a_refund_after_the_moment_is_not_known_yet(ground):
    tables = counted(ground(pdd_after_sales=cases(("P06", "10 21:00:00", "refunded"))))
    assert "refund_time_unknown" not in tables.excluded and "refunded_before_limit" not in tables.excluded
    assert tables.cells["late"].sum() == 4 and tables.counts["open_over_limit"] == 3


def test_a_refund_after_the_cut_has_not_happened_for_the_estimators(ground):
    orders = order_rows(SIXTEEN, status=["refunded_shipped" if id == "P12" else "shipped" for id, *_ in SIXTEEN])
    tables = counted(ground(orders, pdd_after_sales=cases(("P12", "10 19:00:00", "refunded"))))
    assert tables.excluded["refunded_before_limit"] == 1 and "refund" not in set(tables.lags["kind"])
    assert int(tables.lags.loc[tables.lags["clock"] == "pickup", "parcels"].sum()) == 14  # 16 less one uncovered, one too fresh


def test_a_scan_before_the_refund_is_a_pickup_and_one_after_it_is_none(ground):
    orders = order_rows(SIXTEEN, status=refunded("P01", "P08"))
    tables = counted(ground(orders, pdd_after_sales=cases(("P01", "08 20:00:00", "refunded"), ("P08", "10 09:00:00", "refunded"))))
    assert tables.excluded["refunded_before_limit"] == 1  # P08, collected on the 10th at 18:10; P01 was collected first
    assert tables.cells["refunded"].sum() == 1


def test_a_case_of_an_order_that_was_not_refunded_changes_nothing(ground):
    tables = counted(ground(pdd_after_sales=cases(("P05", "09 10:00:00", "refunded"), ("P07", "09 12:00:00", "refunded"))))
    expected = counted(ground())
    assert (tables.counts, tables.excluded) == (expected.counts, expected.excluded)
    pd.testing.assert_frame_equal(tables.cells, expected.cells)


def test_a_parcel_of_two_orders_ends_when_both_are_refunded(ground):
    rows = [D1[0], ("P06", "09 10:00:00", None), ("P06", "09 10:00:00", None)]
    orders = order_rows(rows, status=["shipped", *["refunded_shipped"] * 2]).assign(order_no=["260308-P01", "260308-a", "260308-b"])
    one = counted(ground(orders, pdd_after_sales=cases(("a", "09 15:00:00", "refunded"))))
    both = counted(ground(orders, pdd_after_sales=cases(("a", "09 15:00:00", "refunded"), ("b", "09 16:00:00", "refunded"))))
    assert (one.excluded, both.excluded) == ({"refund_time_unknown": 1}, {"refunded_before_limit": 1})
    assert both.lags.loc[both.lags["kind"] == "refund", "minute"].tolist() == [360]


def test_a_refund_after_the_promise_leaves_the_promise_broken(ground):
    rules = replace(MOMENT, needs_pickup_from=datetime(2025, 5, 15))
    promised = [pd.NaT, pd.Timestamp("2026-03-09 20:00")]
    orders = order_rows([D1[0], P06], status=["shipped", "refunded_shipped"], promised_ship_at=promised).astype({"promised_ship_at": "datetime64[us]"})

    def promises(**beside):
        frame = counted(ground(orders, moment=rules, **beside)).promises
        return int(frame["due"].sum()), int(frame["kept"].sum())

    assert promises() == (0, 0)
    assert promises(pdd_after_sales=cases(("P06", "09 15:00:00", "refunded"))) == (0, 0)
    assert promises(pdd_after_sales=cases(("P06", "09 21:00:00", "refunded"))) == (1, 0)


def test_a_label_names_the_outlet_only_where_no_scan_does(ground):
    given = labels(("P07", "面单网点", "used"), ("P01", "面单网点", "used"), ("P08", "退回的网点", "recycled"))
    tables = counted(ground(waybill_labels=given))
    outlets = {str(row.outlet): int(row.mature) for row in tables.outlets.itertuples()}
    assert outlets == {"一号网点": 6, "面单网点": 1}
    assert tables.flag_values["outlet_by_label"] == {"parcels": "1"}
    assert "outlet_by_label" not in counted(ground()).flags
    assert tables.counts["collected"] == counted(ground()).counts["collected"]


def test_equal_bookings_of_one_bill_are_several_and_of_two_bills_the_same(ground):
    one = booked((None, 3, None, "fine_late_shipping"), (None, 3, None, "fine_late_shipping"), ("P01", 5, None, "fine_false_shipping"))
    again = booked((None, 3, None, "fine_late_shipping"), ("P01", 5, None, "fine_false_shipping"), import_id="c")
    fines = counted(ground(pdd_bill=[one, again])).fines
    assert fines[["category", "link", "bookings", "yuan"]].values.tolist() == [
        ["fine_false_shipping", "known", 1, 5.0], ["fine_late_shipping", "unlinked", 2, 6.0],
    ]


def test_bookings_are_matched_or_not_and_never_given_away(ground):
    bill = booked(
        ("P01", 5, None, "fine_late_shipping"), ("elsewhere", 3, None, "fine_late_shipping"), (None, 3, None, "fine_late_shipping"),
        ("P01", None, 5, "appeal_refund"), ("P02", None, 129, "other"),
    )
    fines = counted(ground(pdd_bill=bill)).fines
    assert {(row.category, row.link): row.yuan for row in fines.itertuples()} == {
        ("fine_late_shipping", "known"): 5, ("fine_late_shipping", "elsewhere"): 3, ("fine_late_shipping", "unlinked"): 3,
        ("appeal_refund", "known"): -5,
    }
    assert counted(ground()).fines.empty


def test_a_bill_without_orders_matches_nothing(write, engine):
    beside = read_neighbours(engine, {"pdd_bill": [write("pdd_bill", booked(("P01", 5, None, "fine_late_shipping")))]})
    assert without_orders(AS_OF, reply_rows([]), beside).fines["link"].tolist() == ["elsewhere"]
    assert without_orders(AS_OF, reply_rows([]), Neighbours()).fines.empty


def many(count, status="shipped", picked=True):
    """Parcels of ten days, one every two hours, each collected three hours later."""
    start = AS_OF - timedelta(days=8)
    moments = [start + timedelta(hours=number % 60) for number in range(count)]
    rows = [(f"W{number:05d}", f"{at:%d %H:%M:%S}", f"{at + timedelta(hours=3):%d %H:%M:%S}" if picked else None) for number, at in enumerate(moments)]
    return rows, order_rows(rows, status=status, confirmed_at=[at - timedelta(hours=5) for at in moments])


TEN_DAYS = [Window("中通", AS_OF - timedelta(days=10), AS_OF)]


def verdicts(tables):
    return {name: registry[name].compute(tables).reason for name in ("pickup_24h_ratio", "ship_hours_p50")}


def test_an_export_of_shipped_orders_only_spoils_what_says_something_of_shipping(ground):
    rows, orders = many(60, status=["shipped", "received"] * 30)
    tables = counted(ground(orders, pickups=pickup_rows(rows[:50]), windows=TEN_DAYS))
    assert "export_only_shipped" in tables.flags and "export_only_collected" not in tables.flags
    assert verdicts(tables) == {"pickup_24h_ratio": None, "ship_hours_p50": "not_trusted"}
    whole = counted(ground(orders.assign(status=["cancelled", *["received"] * 59]), pickups=pickup_rows(rows[:50]), windows=TEN_DAYS))
    assert not whole.flags & {"export_only_shipped", "export_only_collected"}


def test_an_export_of_collected_orders_only_spoils_the_pickups(ground):
    rows, orders = many(60, status=["shipped", "received"] * 30)
    tables = counted(ground(orders, pickups=pickup_rows(rows), windows=TEN_DAYS))
    assert {"export_only_shipped", "export_only_collected"} <= tables.flags
    assert verdicts(tables) == {"pickup_24h_ratio": "not_trusted", "ship_hours_p50": "not_trusted"}


def test_an_export_of_penalised_orders_only_spoils_the_pickups(ground):
    rows, orders = many(40, status=["shipped", "received", "cancelled", "received"] * 10)
    named = pd.DataFrame({"order_no": orders["order_no"].iloc[:37], "import_id": "v"})
    tables = counted(ground(orders, pickups=pickup_rows(rows), windows=TEN_DAYS, pdd_violations=named))
    assert "export_only_penalised" in tables.flags and verdicts(tables)["pickup_24h_ratio"] == "not_trusted"
    few = counted(ground(orders, pickups=pickup_rows(rows), windows=TEN_DAYS, pdd_violations=named.iloc[:20]))
    assert "export_only_penalised" not in few.flags and verdicts(few)["pickup_24h_ratio"] is None


def test_a_sheet_of_other_parcels_leaves_every_pickup_unknown(ground):
    other = pickup_rows(D1).assign(waybill=lambda frame: "X" + frame["waybill"])
    for windows in (WINDOWS, []):
        tables = counted(ground(order_rows(D1), pickups=other, windows=windows))
        assert tables.counts["covered"] == 0 and tables.excluded == {"pickup_unknown": len(D1)}
        assert tables.flag_values["no_overlap"] == {
            "orders": "P01、P02", "orders_period": "2026-03-08 – 2026-03-10", "sheets": "XP01、XP02", "sheets_period": "2026-03-08 – 2026-03-10",
        }
        assert "no_pickups" not in tables.flags
    assert "no_overlap" not in counted(ground(order_rows(D1))).flags


def test_a_replay_before_the_first_scan_is_no_lack_of_overlap(ground):
    early = replace(MOMENT, as_of=datetime(2026, 3, 8, 11), cut=datetime(2026, 3, 8, 9))
    assert "no_overlap" not in counted(ground(order_rows(D1), moment=early)).flags
