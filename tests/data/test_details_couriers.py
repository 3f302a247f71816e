"""The tables behind the Couriers page, and the rows behind its numbers, on a shop made by hand; equal on both engines."""

from dataclasses import replace
from functools import partial

import pandas as pd
import pytest

from pdd_audit.core.coverage import Window
from pdd_audit.core.details import DETAIL_COLUMNS
from pdd_audit.core.exemptions import Waiver
from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.details import DETAILS
from pdd_audit.data.relations.lines import OrderFile, lines_of
from pdd_audit.data.relations.neighbours import Neighbours, read_neighbours
from pdd_audit.data.relations.rows import rows_behind
from tests.data.test_parcels import AS_OF, MOMENT, at, order_rows, put

# id, uploaded, picked up, outlet, first move, province, promise (dates of March 2026)
SHOP = [
    ("P01", "08 08:59:59", "08 18:00:05", "一号", "08 23:00:00", "浙江省", "09 00:00:00"),  # the promise is 24 h after the confirmation
    ("P02", "08 09:00:00", "09 09:00:01", "一号", None, "新疆维吾尔自治区", "10 00:00:00"),  # late by a second, never moved
    ("P03", "08 18:00:00", None, None, None, "内蒙古自治区", "10 00:00:01"),  # never scanned
    ("P04", "08 20:00:00", "09 10:00:00", "二号", "09 09:00:00", None, None),  # moved before its scan
    ("P05", "09 19:00:00", None, None, None, "浙江省", "10 00:00:00"),  # within the limit at the cut
    ("P06", "10 19:30:00", "10 19:40:00", "一号", None, "浙江省", "10 00:00:00"),  # fresh: scanned after the cut
    *((f"S{n:02d}", "08 10:00:00", "08 18:00:05", "二号", "09 12:00:00", "浙江省", "10 00:00:00") for n in range(10)),  # one second
    *((f"M{n:02d}", "08 10:00:00", "08 18:01:00", "二号", "09 12:00:00", "浙江省", "10 00:00:00") for n in range(10)),  # no second shown
]
LABELS = [
    ("P01", "used", "08 18:10:06"),  # scanned 10 minutes and a second before
    ("P02", "used", "08 08:00:00"),
    ("P03", "recycled", "08 08:00:00"),
    ("P04", "used", "09 10:10:00"),  # 10 minutes after the scan: two clocks
]


def orders():
    frame = order_rows([(id, shipped, picked) for id, shipped, picked, *_ in SHOP])
    promised = [at(promise) for *_, promise in SHOP]
    return frame.assign(province=[row[5] for row in SHOP], promised_ship_at=pd.Series(promised, dtype="datetime64[us]"), courier="中通").astype({"province": "str"})


def pickups():
    rows = [(id, at(picked), outlet, at(moved)) for id, _, picked, outlet, moved, *_ in SHOP if picked]
    frame = pd.DataFrame(rows, columns=["waybill", "picked_up_at", "outlet", "first_move_at"])
    frame = frame.assign(courier="中通", collected_time_unknown=False, snapshot_at=pd.NaT, import_id="p", source_row=range(2, len(frame) + 2), trouble=None)
    return frame.astype({**dict.fromkeys(("picked_up_at", "first_move_at", "snapshot_at"), "datetime64[us]"), "trouble": "str"})


def labels():
    frame = pd.DataFrame(LABELS, columns=["waybill", "state", "labelled_at"]).assign(outlet=None, import_id="l")
    return frame.assign(labelled_at=[at(time) for time in frame["labelled_at"]]).astype({"labelled_at": "datetime64[us]", "outlet": "str"})


def make(engine, folder, *, with_labels=True, moment=MOMENT):
    files = {"waybill_labels": [put(folder, "l", labels())]} if with_labels else {}
    sheet = [put(folder, "p", pickups())]
    beside = read_neighbours(engine, {**files, "courier_pickups": sheet}) if with_labels else Neighbours(pickups=engine.rows(sheet))
    kept = partial(engine.kept, folder / "cache" / "one")
    lines = lines_of(engine, [OrderFile(put(folder, "o", orders()), 2)], sheet, kept, beside)
    return Ground(lines, [Window("中通", at("08 00:00:00"), AS_OF)], moment, kept, beside)


@pytest.fixture(scope="module")
def ground(engine, tmp_path_factory):
    return make(engine, tmp_path_factory.mktemp("couriers"))


def table(ground, name):
    frame = DETAILS[name](ground).execute()[list(DETAIL_COLUMNS[name])]
    return [tuple(None if pd.isna(value) else value for value in row) for row in frame.sort_values(list(frame.columns)).itertuples(index=False)]


def test_the_mix_counts_every_mature_parcel_once_by_what_it_is_compared_at(ground):
    day = pd.Timestamp("2026-03-08")
    assert sorted(table(ground, "mix"), key=str) == sorted([
        ("中通", "一号", day, "00–09", False, "24h", 1, 0), ("中通", "一号", day, "09–12", True, "48h", 1, 1),
        ("中通", None, day, "18–21", True, "longer", 1, 1), ("中通", "二号", day, "18–21", False, None, 1, 0),
        ("中通", "二号", day, "09–12", False, "48h", 20, 0),
    ], key=str)


def test_late_parcels_keep_what_tells_whose_they_are(ground):
    day = pd.Timestamp("2026-03-08")
    rows = {row[3]: row for row in table(ground, "breaches")}
    assert set(rows) == {9, 18}
    assert rows[9][:8] == ("中通", "一号", day, 9, "used", False, True, 1)
    assert rows[18][:8] == ("中通", None, day, 18, "never_used", False, False, 1)


def test_without_a_label_list_nothing_is_known_of_labels(engine, tmp_path):
    ground = make(engine, tmp_path, with_labels=False)
    assert {row[4] for row in table(ground, "breaches")} == {None}
    assert [row[5:7] for row in table(ground, "scans")] == [(0, 0), (0, 0)]


def test_late_parcels_of_an_exemption_window_are_kept_and_marked(engine, tmp_path):
    window = Waiver("台风", at("08 00:00:00"), at("09 00:00:00"), "shipped", ("pickup",))
    ground = make(engine, tmp_path, moment=replace(MOMENT, waivers=(window,)))
    assert table(ground, "mix") == []
    assert [row[3:8] for row in table(ground, "breaches")] == [(9, "used", True, True, 1), (18, "never_used", True, False, 1)]


def test_scans_are_counted_by_the_hour_they_were_made(ground):
    hours = {(row[1].day, row[2]): row[3] for row in table(ground, "pickup_hours")}
    assert hours == {(8, 18): 21, (9, 9): 1, (9, 10): 1}


def test_ten_scans_in_one_second_are_a_batch_where_the_stamp_shows_seconds(ground):
    found = {row[1]: row[2:] for row in table(ground, "scans")}
    # exact, bulk, batches, labelled, before_label, settled, standing
    assert found == {"一号": (2, 0, 0, 2, 1, 2, 1), "二号": (10, 10, 1, 1, 0, 21, 0)}


@pytest.mark.parametrize(
    ("kind", "outlet", "waybills"),
    [
        ("same_second", "二号", {f"S{n:02d}" for n in range(10)}), ("same_second", "一号", set()), ("before_label", "一号", {"P01"}),
        ("before_label", "二号", set()), ("stood_still", "一号", {"P02"}), ("stood_still", "二号", set()), ("of_outlet", "一号", {"P02"}),
        ("of_outlet", "", {"P03"}),
    ],
)
def test_the_rows_behind_a_count_are_as_many(ground, kind, outlet, waybills):
    rows = rows_behind(ground, kind, {"courier": "中通", "outlet": outlet}).execute()
    assert set(rows["waybill"]) == waybills


def test_a_van_opens_its_parcels_and_its_late_ones(ground):
    place = {"courier": "中通", "day": "2026-03-08", "start": "9", "end": "21"}
    assert len(rows_behind(ground, "van", place).execute()) == 23
    assert set(rows_behind(ground, "late_van", place).execute()["waybill"]) == {"P02", "P03"}
    assert len(rows_behind(ground, "van", {**place, "courier": ""}).execute()) == 0
    assert len(rows_behind(ground, "van", {**place, "start": "18", "end": "24"}).execute()) == 2


def test_late_parcels_one_by_one_say_their_label_and_whether_they_were_scanned(ground):
    rows = rows_behind(ground, "breaches").execute().set_index("waybill")
    assert rows[["label", "exempt", "seen"]].to_dict("index") == {
        "P02": {"label": "used", "exempt": False, "seen": True}, "P03": {"label": "never_used", "exempt": False, "seen": False},
    }
