"""Orders whose buyer may have to be told something, on a shop worked out by hand, on either engine; and what became of late ones."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pandas as pd
import pytest

from pdd_audit.core.coverage import Window
from pdd_audit.data.relations.buyers import COLUMNS, buyers, late_outcomes
from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.lines import OrderFile, lines_of
from pdd_audit.data.relations.neighbours import read_neighbours
from pdd_audit.data.relations.parcels import Moment
from tests.data.test_parcels import at, order_rows, pickup_rows, put

AS_OF = datetime(2026, 3, 20, 20)
MOMENT = Moment(AS_OF, AS_OF - timedelta(hours=2), 1440, datetime(2026, 3, 1), 0.05, 5, 100)
WINDOWS = [Window("中通", datetime(2026, 3, 1), AS_OF)]

# id, uploaded, collected, promised, status
ORDERS = [
    ("A1", "19 22:00:00", None, None, "shipped"),  # two hours left
    ("A2", "20 16:00:00", None, "20 21:00:00", "shipped"),  # the promise comes first: one hour left
    ("A3", "18 20:00:00", None, None, "shipped"),  # a day past the limit
    ("A4", "18 20:00:00", "20 10:00:00", None, "shipped"),  # collected today, late
    ("A5", "20 10:00:00", "20 12:00:00", None, "shipped"),  # in time
    ("A6", "01 10:00:00", None, None, "shipped"),  # longer ago than a message helps
    ("A7", "20 10:00:00", None, None, "refunded_shipped"),  # the export says refunded; nobody knows when
    ("A8", "20 09:00:00", None, None, "shipped"),  # a refund was agreed an hour ago
    ("A9", "20 08:00:00", None, None, "shipped"),  # a refund is asked for
    ("B1", "19 08:00:00", "19 12:00:00", None, "shipped"),  # asked for on the way
    ("B2", None, None, "20 23:00:00", "to_ship"),  # to be uploaded
    ("B3", "05 10:00:00", "07 12:00:00", None, "shipped"),  # late, refunded two days after the landmark
    ("B4", "05 10:00:00", "06 18:00:00", None, "shipped"),  # late, kept
    ("B5", "05 10:00:00", None, None, "shipped"),  # late, refunded before the landmark: it did not stand then
]
CASES = [  # order, status, kind, requested, agreed
    ("A8", "refunded", "refund_only", "20 18:00:00", "20 19:00:00"),
    ("A9", "open", "refund_only", "20 19:30:00", None),
    ("A5", "open", "exchange", "20 19:00:00", None),  # wants other goods, not the money
    ("A1", "refunded", "refund_only", "20 21:00:00", "20 21:30:00"),  # after the moment: nobody knows it yet
    ("B1", "open", "return_refund", "20 10:00:00", None),
    ("B3", "refunded", "refund_only", "08 10:00:00", "09 10:00:00"),
    ("B5", "refunded", "refund_only", "06 12:00:00", "06 13:00:00"),
]


def order_no(id):
    return f"260308-{id}"


SETTINGS = [("duckdb", False), ("duckdb", True), pytest.param(("spark", True), marks=pytest.mark.spark)]


@pytest.fixture(scope="module", params=SETTINGS, ids=lambda setting: f"{setting[0]}-{'grouped' if setting[1] else 'distinct'}")
def setting(request):
    """An engine, and whether the lines are grouped though each stands alone."""
    if request.param[0] == "spark":
        request.getfixturevalue("spark")
    return request.param


@pytest.fixture(scope="module")
def engine_name(setting):
    return setting[0]


@pytest.fixture(scope="module")
def ground(setting, engine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("buyers")
    rows = order_rows([(id, shipped, picked) for id, shipped, picked, *_ in ORDERS])
    rows["waybill"] = [id if shipped else None for id, shipped, *_ in ORDERS]
    rows["status"] = [status for *_, status in ORDERS]
    rows["goods_id"], rows["goods_name"] = "1", "毛毯"
    rows["promised_ship_at"] = pd.to_datetime([at(promised) for *_, promised, _ in ORDERS]).astype("datetime64[us]")
    sheet = pickup_rows([row[:3] for row in ORDERS])
    cases = pd.DataFrame(
        [(order_no(id), status, kind, at(asked), at(agreed)) for id, status, kind, asked, agreed in CASES],
        columns=["order_no", "status", "kind", "requested_at", "refunded_at"],
    ).astype({"requested_at": "datetime64[us]", "refunded_at": "datetime64[us]"}).assign(import_id="s")
    paths = [put(folder, "orders", rows)], [put(folder, "pickups", sheet)], [put(folder, "cases", cases)]
    kept = partial(engine.kept, tmp_path_factory.mktemp("cache") / "one")
    beside = read_neighbours(engine, {"pdd_after_sales": paths[2], "courier_pickups": paths[1]})
    lines = lines_of(engine, [OrderFile(paths[0][0], 2)], paths[1], kept, beside)
    return Ground(replace(lines, distinct=lines.distinct and not setting[1]), WINDOWS, MOMENT, kept, beside)


def test_whoever_is_concerned_is_found_with_the_minutes_left(ground):
    found = buyers(ground)
    assert tuple(found.columns) == COLUMNS
    seen = {
        row.order_no.removeprefix("260308-"): (row.state, None if pd.isna(row.left_minutes) else int(row.left_minutes), row.asked, row.refunded)
        for row in found.itertuples()
    }
    assert seen == {
        "A1": ("open", 120, False, False), "A2": ("open", 60, False, False), "A3": ("open", -1440, False, False),
        "A4": ("collected", -840, False, False), "A7": ("open", None, False, True), "A8": ("open", 780, False, True),
        "A9": ("open", 720, True, False), "B1": ("collected", 1200, True, False), "B2": ("not_uploaded", 180, False, False),
    }
    assert set(found["goods_name"]) == {"毛毯"} and set(found["received_yuan"]) == {129.0}


def test_named_orders_are_looked_up_whatever_their_state(ground):
    found = buyers(ground, [order_no("A5"), order_no("A6"), "unknown", order_no("A5")])
    assert sorted(found["order_no"]) == [order_no("A5"), order_no("A6")]


def test_late_orders_are_watched_from_a_landmark_for_a_week(ground):
    whole = late_outcomes(ground)
    assert (int(whole["orders"].sum()), int(whole["refunded"].sum())) == (3, 1)  # A6, B3 and B4; B5 did not stand any more
    some = late_outcomes(ground, [order_no("B4"), order_no("A4")])
    assert [(row.order_no, bool(row.refunded)) for row in some.itertuples()] == [(order_no("B4"), False)]
    assert pd.Timestamp(some["landmark"].iloc[0]) == pd.Timestamp("2026-03-07 10:00:00")
