"""Every row of the files is in one place: two overlapping exports and a sheet, counted by hand, on every engine."""

from datetime import datetime, timedelta
from functools import partial

import pandas as pd
import pytest

from pdd_audit.core.coverage import Window
from pdd_audit.core.filters import ALL, Filters
from pdd_audit.core.ladder import ladder_of, sound
from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.details.ladder import ladder
from pdd_audit.data.relations.details.perfect import perfect
from pdd_audit.data.relations.lines import OrderFile, lines_of
from pdd_audit.data.relations.neighbours import read_neighbours
from pdd_audit.data.relations.rows import ROWS, rows_behind
from tests.data.builders import ON_DUCKDB
from tests.data.test_neighbours import cases
from tests.data.test_parcels import AS_OF, MOMENT, at, order_rows, pickup_rows

WINDOWS = [Window(None, datetime(2026, 3, 8), AS_OF)]
NEWER = AS_OF - timedelta(hours=1)

# Yesterday's export: P01 waits; P02 has a number that is replaced today; P05 stands as it did.
OLD = [("P01", None, None), ("P02x", "08 16:00:00", None), ("P05", "09 09:00:00", None)]
# Today's: P03 and P03b are two orders in one parcel, P20 waits, P21 was cancelled, P22 is confirmed after the moment.
NEW = [
    ("P01", "08 10:00:00", "08 18:00:00"), ("P02", "08 16:30:00", "08 18:30:30"), ("P03", "08 19:00:00", "09 19:00:00"),
    ("P03b", "08 19:00:00", None), ("P04", "08 20:00:00", "09 20:00:01"), ("P05", "09 09:00:00", "09 18:00:00"), ("P07", "09 11:00:00", None),
    ("P12", "10 15:00:00", None), ("P13", "10 19:30:00", None), ("P20", None, None), ("P21", None, None), ("P22", None, None),
]


def old_export():
    frame = order_rows(OLD, "old", AS_OF - timedelta(days=1))
    return frame.assign(
        order_no=["260308-P01", "260308-P02", "260308-P05"], waybill=[None, "P02x", "P05"], status=["to_ship", "shipped", "shipped"], trouble=None,
    ).astype({"trouble": "str"})


def new_export():
    waybills = [None if shipped is None else "P03" if id == "P03b" else id for id, shipped, _ in NEW]
    status = {"P20": "to_ship", "P21": "cancelled", "P22": "to_ship"}
    confirmed = [pd.Timestamp("2026-03-10 21:00") if id == "P22" else pd.Timestamp("2026-03-08") for id, *_ in NEW]
    return order_rows(NEW, "new", NEWER).assign(
        waybill=waybills, status=[status.get(id, "shipped") for id, *_ in NEW], confirmed_at=confirmed,
        trouble=["negative_yuan" if id == "P04" else None for id, *_ in NEW],
    ).astype({"confirmed_at": "datetime64[us]"})


def sheet():
    found = pickup_rows([*NEW, ("Q99", None, "09 12:00:00")])
    return found.assign(source_row=range(2, len(found) + 2))


@pytest.fixture
def ground(tmp_path, engine):
    def make(exports, pickups=None, windows=WINDOWS, **beside):
        places = []
        for kind, frame in [*(("pdd_orders", frame) for frame in exports), ("courier_pickups", sheet() if pickups is None else pickups),
                            *beside.items()]:
            path = tmp_path / kind / f"import_id={frame['import_id'].iloc[0]}" / "rows.parquet"
            path.parent.mkdir(parents=True)
            frame.drop(columns="import_id").to_parquet(path)
            places.append((kind, path))
        files = {kind: [path for found, path in places if found == kind] for kind, _ in places}
        kept = partial(engine.kept, tmp_path / "kept" / "one")
        neighbours = read_neighbours(engine, files)
        lines = lines_of(engine, [OrderFile(path, 2) for path in files["pdd_orders"]], files["courier_pickups"], kept, neighbours)
        return Ground(lines, windows, MOMENT, kept, neighbours)

    return make


def way(ground, side="orders", read=None):
    frame = ladder(ground).execute()
    counted = {(row.side, row.step, row.reason): int(row.rows) for row in frame.itertuples()}
    return ladder_of(side, counted[side, "stored", ""] if read is None else read, {}, counted)


def told(rungs):
    return [(rung.step, rung.rows, {part.reason: part.rows for part in rung.parts}) for rung in rungs]


def test_each_row_of_overlapping_exports_has_one_place(ground):
    rungs = way(ground([old_export(), new_export()]))
    assert sound(rungs)
    assert told(rungs)[2:] == [
        ("stored", 15, {}),
        ("newest", 12, {"newer_row": 2, "waybill_replaced": 1}),
        ("lines", 11, {"after_moment": 1}),
        ("uploaded", 9, {"waiting": 1, "closed_unshipped": 1}),
        ("parcels", 8, {"merged": 1}),
        ("chosen", 8, {}),
        ("on_clock", 8, {}),
        ("included", 6, {"too_fresh": 1, "not_yet": 1}),
    ]


def test_the_rows_of_the_pickup_sheet_have_one_place(ground):
    rungs = way(ground([new_export()]), "pickups")
    assert sound(rungs)
    assert told(rungs)[2:] == [("stored", 6, {}), ("waybills", 6, {}), ("ours", 5, {"not_ours": 1}), ("scanned", 5, {})]


@ON_DUCKDB
def test_a_choice_of_parcels_is_one_more_step(ground):
    whole = ground([old_export(), new_export()])
    rungs = way(whole.only(Filters(start=at("09 00:00:00").date())))
    assert sound(rungs)
    assert told(rungs)[6:] == [
        ("parcels", 8, {"merged": 1}), ("chosen", 4, {"not_chosen": 4}), ("on_clock", 4, {}), ("included", 2, {"too_fresh": 1, "not_yet": 1}),
    ]


KINDS = {
    "superseded": ("superseded", "why"), "after_moment": ("after_moment", ""), "not_uploaded": ("not_uploaded", "why"), "merged": ("merged", ""),
    "excluded": ("excluded", "reason"), "refunded": ("excluded", "reason"), "too_fresh": ("too_fresh", ""), "not_yet": ("not_yet", ""),
    "not_ours": ("not_ours", ""), "without_time": ("without_time", ""),
}


@ON_DUCKDB
@pytest.mark.parametrize("filters", [ALL, Filters(courier=("中通",))], ids=["all", "chosen"])
@pytest.mark.parametrize("side", ["orders", "pickups"])
def test_every_number_on_the_way_opens_as_many_rows(ground, side, filters):
    whole = ground([old_export(), new_export()], windows=[Window("中通", datetime(2026, 3, 8), datetime(2026, 3, 9))])
    chosen = whole.only(filters)
    rungs = way(chosen, side)
    for part in (part for rung in rungs for part in rung.parts if part.step in KINDS):
        kind, asks = KINDS[part.step]
        at_step = {asks: part.reason} if asks else {}
        rows = rows_behind(chosen, kind, at_step).execute()
        assert len(rows) == part.rows, part
        assert rows["source_row"].notna().all() and rows["import_id"].notna().all()
    if side == "orders":
        counts = ladder(chosen).execute().set_index("step")["rows"]
        assert len(rows_behind(chosen, "included").execute()) == rungs[-1].rows == counts["late"] + counts["on_time"]
        assert [len(rows_behind(chosen, kind).execute()) for kind in ("late", "on_time")] == [counts["late"], counts["on_time"]]


@ON_DUCKDB
def test_a_doubt_about_a_row_comes_with_it(ground):
    rows = rows_behind(ground([old_export(), new_export()]), "late").execute().set_index("waybill")
    assert rows.loc["P04", "trouble"] == "negative_yuan"
    assert pd.isna(rows.loc["P07", "trouble"])
    assert tuple(rows.loc["P04", ["import_id", "source_row"]]) == ("new", 6)


@ON_DUCKDB
def test_a_row_is_found_where_it_stands_and_never_in_a_mixture_of_two_files(ground):
    rows = rows_behind(ground([old_export(), new_export()]), "included").execute().set_index("waybill")
    frame = new_export().set_index("waybill")
    assert set(rows["import_id"]) == {"new"}
    assert all(rows.loc[waybill, "source_row"] in frame.loc[[waybill], "source_row"].tolist() for waybill in rows.index)


@ON_DUCKDB
def test_the_first_rows_are_the_oldest(ground):
    rows = rows_behind(ground([new_export()]), "included", limit=2).execute()
    assert rows["waybill"].tolist() == ["P01", "P02"]


@ON_DUCKDB
def test_a_gap_is_seen(ground):
    frame = ladder(ground([new_export()])).execute()
    counted = {(row.side, row.step, row.reason): int(row.rows) for row in frame.itertuples()}
    counted["orders", "parcels", ""] -= 1
    rungs = ladder_of("orders", 12, {}, counted)
    assert not sound(rungs)
    assert [rung.gap for rung in rungs if rung.gap] == [1]


STATES = ["promise", "pickup", "first_move", "after_sale"]


def promised(**days):
    """Orders promised for the end of 9 March, but those named."""
    return [pd.Timestamp(days.get(id, "2026-03-09 23:00")) for id, *_ in NEW]


def states(ground):
    frame = perfect(ground).execute()
    return {tuple(row[:4]): row[4] for row in frame[[*STATES, "orders"]].itertuples(index=False)}


def test_what_each_order_got_right_by_hand(ground):
    frame = new_export().assign(promised_ship_at=promised(P12="2026-03-11"), status=lambda orders: orders["status"].replace("shipped", "received"))
    scans = sheet().assign(first_move_at=lambda rows: rows["picked_up_at"] + pd.Timedelta(hours=2))
    after = cases(("P04", "09 15:00:00", "refunded"), ("P01", None, "closed")).assign(
        order_no=["260308-P04", "260308-P01"], reason=["no_pickup", "no_pickup"], requested_at=pd.Timestamp("2026-03-08"),
        snapshot_at=pd.Timestamp("2026-03-10 19:00"),
    ).astype(dict.fromkeys(("requested_at", "snapshot_at"), "datetime64[us]"))
    found = states(ground([frame], scans, pdd_after_sales=after))
    assert found == {
        ("ok", "ok", "ok", "ok"): 3,  # P01, P02, P05: collected exactly a day before the cut
        ("ok", "ok", "open", "ok"): 2,  # P03 and P03b: collected less than a day before
        ("ok", "broken", "open", "broken"): 1,  # P04: late by one second, and a complaint
        ("ok", "broken", "none", "ok"): 1,  # P07: nobody came
        ("open", "open", "open", "ok"): 1,  # P12: not settled
        ("broken", "open", "open", "ok"): 1,  # P13: uploaded after its promise
        ("broken", "none", "none", "open"): 1,  # P20: never uploaded
    }


@ON_DUCKDB
def test_without_after_sale_cases_nobody_knows_of_complaints(ground):
    found = states(ground([new_export().assign(promised_ship_at=promised())]))
    assert {key[3] for key in found} == {"unknown"}


@ON_DUCKDB
@pytest.mark.parametrize("kind", ["perfect", "imperfect", "undecided"])
def test_orders_with_an_outcome_open_as_many_rows_as_are_counted(ground, kind):
    whole = ground([new_export().assign(promised_ship_at=promised(P12="2026-03-11"))])
    judged = ("promise", "pickup", "first_move")
    frame = perfect(whole).execute()
    doubtful = frame[list(judged)].isin(("open", "unknown")).any(axis=1)
    broken = frame[list(judged)].eq("broken").any(axis=1)
    expected = {"undecided": doubtful, "imperfect": ~doubtful & broken, "perfect": ~doubtful & ~broken}[kind]
    rows = rows_behind(whole, kind, {"judged": " ".join(judged)}).execute()
    assert len(rows) == frame.loc[expected, "orders"].sum()
    if kind == "imperfect":
        by_pickup = rows_behind(whole, kind, {"judged": " ".join(judged), "broken": "pickup"}).execute()
        assert set(by_pickup["pickup"]) == {"broken"} and len(by_pickup) < len(rows)


def test_every_kind_has_a_title():
    from pdd_audit.texts import all_texts

    assert [kind for kind in ROWS if f"app.rows.title.{kind}" not in all_texts()] == []
    assert [column for kind in ROWS.values() for column in kind.more if f"app.columns.{column}" not in all_texts()] == []
