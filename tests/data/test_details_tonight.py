"""The tables of the Tonight page on a shop worked out by hand, on either engine; and the rows behind its numbers."""

from datetime import date, datetime, timedelta
from functools import partial

import pandas as pd
import pytest

from pdd_audit.core.coverage import Window
from pdd_audit.core.details import DETAIL_COLUMNS
from pdd_audit.core.filters import ALL
from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.details import DETAILS
from pdd_audit.data.relations.lines import OrderFile, lines_of
from pdd_audit.data.relations.parcels import Moment
from pdd_audit.data.relations.rows import rows_behind
from tests.data.test_parcels import at, order_rows, pickup_rows, put

AS_OF = datetime(2026, 3, 10, 20)
MOMENT = Moment(
    AS_OF, AS_OF - timedelta(hours=2), 1440, datetime(2026, 3, 1), 0.05, 5, 100, days_off=(date(2026, 3, 8),), calendar_years=(2026,)
)
WINDOWS = [Window("中通", datetime(2026, 3, 8), AS_OF)]

# id, uploaded, collected, promised
PARCELS = [
    ("A1", "09 20:30:00", None, "11 20:30:00"),
    ("A2", "10 10:00:00", None, "10 23:00:00"),  # the promise comes before the limit
    ("A3", "09 19:00:00", None, None),
    ("A4", "10 19:30:00", None, None),
    ("A5", "09 10:00:00", "09 18:00:00", "11 10:00:00"),
    ("A6", "08 16:00:00", "09 17:00:00", "09 20:00:00"),
    ("A7", "10 12:00:00", None, "10 09:00:00"),  # its promise was broken before the upload
    ("A8", "08 20:10:00", "09 19:00:00", "09 18:30:00"),
    ("A9", "08 22:00:00", "09 23:30:00", None),
    ("B0", "08 21:00:00", "09 12:00:00", "09 20:00:00"),
    ("B1", "09 14:00:00", "09 13:50:00", None),
]
ORDERS = [("C1", "11 10:05:00", "to_ship"), ("C2", None, "to_ship"), ("C3", "10 19:00:00", "to_ship"), ("C4", "11 10:00:00", "cancelled")]


def orders():
    uploaded = order_rows([(id, shipped, picked) for id, shipped, picked, _ in PARCELS])
    uploaded["promised_ship_at"] = pd.to_datetime([at(promised) for *_, promised in PARCELS]).astype("datetime64[us]")
    waiting = order_rows([(id, None, None) for id, *_ in ORDERS]).assign(waybill=None, courier=None, status=[status for *_, status in ORDERS])
    waiting["promised_ship_at"] = pd.to_datetime([at(promised) for _, promised, _ in ORDERS]).astype("datetime64[us]")
    whole = pd.concat([uploaded, waiting.astype({"waybill": "str", "courier": "str"})], ignore_index=True)
    return whole.assign(source_row=range(2, len(whole) + 2))


@pytest.fixture(scope="module")
def ground(engine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tonight")
    paths = [put(folder, "orders", orders())], [put(folder, "pickups", pickup_rows([row[:3] for row in PARCELS]))]
    kept = partial(engine.kept, tmp_path_factory.mktemp("cache") / "one")
    lines = lines_of(engine, [OrderFile(path, 2) for path in paths[0]], paths[1], kept)
    return Ground(lines, WINDOWS, MOMENT, kept)


@pytest.fixture(scope="module")
def table(ground):
    def of(name):
        frame = DETAILS[name](ground).execute()[list(DETAIL_COLUMNS[name])]
        return frame.sort_values(list(frame.columns), ignore_index=True)

    return of


def records(frame, *columns):
    """The rows as tuples, nothing for what is null."""
    rows = frame[list(columns)].astype(object).where(frame[list(columns)].notna(), None)
    return sorted(rows.itertuples(index=False, name=None), key=str)


def test_waits_are_those_of_the_cut(table):
    assert records(table("waits"), "band", "day_type", "kind", "minute", "parcels") == sorted([
        ("18–21", "work", "open", 1290, 1),  # A1
        ("09–12", "work", "open", 480, 1),  # A2
        ("18–21", "work", "open", 1380, 1),  # A3
        ("09–12", "work", "event", 480, 1),  # A5
        ("16–18", "off", "event", 1500, 1),  # A6
        ("12–16", "work", "open", 360, 1),  # A7
        ("18–21", "off", "event", 1370, 1),  # A8
        ("21–24", "off", "event", 1530, 1),  # A9
        ("21–24", "off", "event", 900, 1),  # B0
        ("12–16", "work", "event", 0, 1),  # B1
    ], key=str)


def test_open_parcels_have_their_age_at_the_snapshot_and_the_earlier_deadline(table):
    found = table("open_now")
    assert records(found, "band", "age_minute", "left_minute", "parcels") == sorted([
        ("18–21", 1410, 30, 1), ("09–12", 600, 180, 1), ("18–21", 1500, -60, 1), ("18–21", 30, 1410, 1), ("12–16", 480, 960, 1),
    ], key=str)
    assert found["yuan"].sum() == pytest.approx(5 * 6.45)


def test_past_evenings_hold_what_was_open_and_due(table):
    assert records(table("past_open"), "band", "days_later", "age_slot", "due_slot", "parcels", "late") == sorted([
        ("18–21", 1, 65, 67, 1, 1),  # A8: promised at 18:30, collected at 19:00
        ("21–24", 1, 60, 72, 1, 1),  # A9
    ], key=str)


def test_missed_deadlines_are_told_to_the_minute(table):
    assert records(table("missed_deadlines"), "day", "days_later", "due_minute", "from_minute", "parcels") == sorted([
        (pd.Timestamp(2026, 3, 8), 1, 15 * 60 + 59, 0, 1),  # A6: the last minute in time
        (pd.Timestamp(2026, 3, 8), 1, 18 * 60 + 29, 0, 1),  # A8: of its promise
        (pd.Timestamp(2026, 3, 8), 1, 21 * 60 + 59, 0, 1),  # A9
    ], key=str)


def test_past_waits_are_steps_rounded_up_and_null_past_the_limit(table):
    assert records(table("past_waits"), "band", "day_type", "slot", "parcels") == sorted([
        ("09–12", "work", 24.0, 1), ("16–18", "off", None, 1), ("18–21", "off", 69.0, 1), ("21–24", "off", None, 1),
        ("21–24", "off", 45.0, 1), ("12–16", "work", 0.0, 1),
    ], key=str)


def test_the_cut_off_table_judges_both_clocks(table):
    found = table("cutoff")
    assert records(found, "hour", "promise_hours", "asks", "parcels", "late", "missed", "broken") == sorted([
        (16, 44.0, True, 1, 1, 0, 1),  # A6
        (20, 42.0, True, 1, 0, 1, 1),  # A8
        (22, None, True, 1, 1, 0, 1),  # A9
        (21, 44.0, True, 1, 0, 0, 0),  # B0
        (14, None, True, 1, 0, 0, 0),  # B1; A5's promise is still ahead
    ], key=str)


def test_orders_to_be_uploaded_have_the_time_to_their_promise(table):
    assert records(table("waiting"), "courier", "left_minute", "asks", "orders") == sorted(
        [(None, 840.0, True, 1), (None, None, True, 1), (None, -10.0, True, 1)], key=str
    )


def test_vans_are_counted_by_the_hour_of_upload_and_of_pickup(table):
    found = table("vans").assign(day=lambda frame: pd.to_datetime(frame["day"]).dt.day)
    assert records(found[found["what"] == "pickup"], "day", "hour", "day_type", "parcels") == sorted(
        [(9, 12, "work", 1), (9, 17, "work", 1), (9, 18, "work", 1), (9, 19, "work", 1), (9, 23, "work", 1)], key=str
    )
    assert records(found[found["what"] == "at_once"], "day", "hour", "parcels") == [(9, 14, 1)]
    uploads = found[found["what"] == "upload"]
    assert (uploads["parcels"].sum(), uploads["late"].sum()) == (9, 2)


def test_a_limit_of_the_promise_is_none_where_the_rules_do_not_ask_for_it(ground):
    plain = ground.only(ALL)
    plain.moment = Moment(AS_OF, MOMENT.cut, 1440, None)
    found = DETAILS["open_now"](plain).execute()
    assert sorted(found["left_minute"]) == [-60, 30, 840, 960, 1410]


@pytest.mark.parametrize(
    ("kind", "place", "names"),
    [
        ("open_late", {}, {"A3"}),
        ("open_ahead", {}, {"A1", "A2", "A4", "A7"}),
        ("open_wave", {"courier": "中通", "outlet": "", "day": "2026-03-09", "band": "18–21"}, {"A1"}),
        ("open_wave", {"courier": "", "outlet": "", "day": "2026-03-09", "band": "18–21"}, set()),
        ("to_call", {}, {"A1", "A2", "A3", "A4", "A7"}),
        ("refunded_open", {"days": "7"}, set()),
        ("not_covered", {"hours": "72"}, set()),
    ],
)
def test_every_open_parcel_can_be_opened(ground, kind, place, names):
    assert set(rows_behind(ground, kind, place).execute()["waybill"]) == names


def test_the_orders_that_can_wait_are_those_promised_later_or_never(ground):
    found = rows_behind(ground, "can_wait", {"courier": "", "promised_from": "2026-03-11T10:00:00"}).execute()
    assert set(found["order_no"]) == {"260308-C1", "260308-C2"}
    later = rows_behind(ground, "can_wait", {"courier": "", "promised_from": "2026-03-11T10:06:00"}).execute()
    assert set(later["order_no"]) == {"260308-C2"}
