"""What absence from a pickup sheet means."""

from datetime import datetime

from pdd_audit.core.coverage import Window, flags_of, snapshot_of, windows_of
from pdd_audit.core.imports import ImportReport

AS_OF = datetime(2026, 10, 28, 18)


def a_sheet(sha="p", reading="collected_only", couriers=("中通",), first=datetime(2026, 10, 1, 10, 6), snapshot=None, kind="courier_pickups", **more):
    return ImportReport(file=f"{sha}.csv", kind=kind, source=kind, sha256=sha, size_bytes=1, rows_read=1, rows_kept=1, reading=reading,
                        couriers=list(couriers), first_scan=first, snapshot_at=snapshot, **more)


def test_a_collected_only_list_covers_its_couriers_from_the_day_of_its_first_scan():
    assert windows_of([a_sheet()], {}, AS_OF) == [Window("中通", datetime(2026, 10, 1), AS_OF)]


def test_a_list_that_names_no_courier_covers_all():
    assert windows_of([a_sheet(couriers=())], {}, AS_OF)[0].courier is None


def test_a_sheet_with_blank_pickups_speaks_only_of_its_own_rows():
    assert windows_of([a_sheet(reading="lists_open")], {}, AS_OF) == []


def test_the_user_may_read_a_sheet_the_other_way():
    assert windows_of([a_sheet()], {"p": "lists_open"}, AS_OF) == []


def test_a_sheet_speaks_only_up_to_its_own_snapshot():
    early = datetime(2026, 10, 20)
    assert windows_of([a_sheet(snapshot=early)], {}, AS_OF)[0].end == early


def test_overlapping_sheets_are_one_window():
    sheets = [a_sheet("a", snapshot=datetime(2026, 10, 15)), a_sheet("b", first=datetime(2026, 10, 14)), a_sheet("c", couriers=("圆通",))]
    assert windows_of(sheets, {}, AS_OF) == [Window("中通", datetime(2026, 10, 1), AS_OF), Window("圆通", datetime(2026, 10, 1), AS_OF)]


def test_the_snapshot_is_the_newest_order_exports_own_time_else_the_newest_stamp():
    order = a_sheet("o", kind="pdd_orders", snapshot=datetime(2026, 10, 28, 18), snapshot_from="file_name")
    sheet = a_sheet("p", period_to=datetime(2026, 10, 29))
    assert snapshot_of([order, sheet]) == datetime(2026, 10, 28, 18)
    assert snapshot_of([sheet]) == datetime(2026, 10, 29)
    assert snapshot_of([]) is None


def orders_until(newest, snapshot=AS_OF, sha="o"):
    return a_sheet(sha, kind="pdd_orders", snapshot=snapshot, period_to=newest, snapshot_from="file_name" if snapshot else "none")


def test_pickups_to_the_day_are_told_unless_a_sheet_with_times_spans_their_couriers_and_days():
    def sheet(sha, days, **more):
        first, last = days
        return a_sheet(sha, columns={"picked_up_at": "揽收时间"}, period_from=datetime(2026, 10, first, 9), period_to=datetime(2026, 10, last, 9), **more)

    coarse = sheet("d", (2, 20), notices=[{"code": "day_only_times", "values": {"column": "揽收时间"}}])
    other = sheet("o", (2, 20), notices=[{"code": "day_only_times", "values": {"column": "数据时间"}}])
    orders = orders_until(AS_OF)
    for beside, told in (
        ([], True), ([sheet("t", (2, 20))], False), ([sheet("t", (3, 20))], True), ([sheet("t", (1, 19))], True),
        ([sheet("t", (1, 28), couriers=("圆通",))], True), ([sheet("t", (1, 28), couriers=())], False),
    ):
        assert ("pickup_day_resolution" in flags_of([coarse, *beside, orders], AS_OF)) is told, beside
    assert flags_of([other, orders], AS_OF) == {}


def test_lists_without_the_orders_they_were_cut_from_are_named():
    assert flags_of([a_sheet()], AS_OF) == {"collected_without_orders": {}}
    assert flags_of([a_sheet(kind="pdd_bill")], AS_OF) == flags_of([a_sheet(kind="pdd_violations")], AS_OF) == {"penalised_without_orders": {}}
    assert flags_of([a_sheet(), a_sheet("b", kind="pdd_bill"), orders_until(AS_OF)], AS_OF) == {}
    assert flags_of([a_sheet(kind="pdd_service")], AS_OF) == {}


def test_a_sheet_hours_older_than_the_last_upload_is_named_with_both_times():
    sheet = a_sheet(snapshot=datetime(2026, 10, 28, 12))
    assert flags_of([sheet, orders_until(datetime(2026, 10, 28, 14))], AS_OF) == {}
    told = flags_of([sheet, orders_until(datetime(2026, 10, 28, 14, 1))], AS_OF)
    assert told == {"sheet_older_than_orders": {"sheet": "2026-10-28 12:00", "orders": "2026-10-28 14:01"}}
    assert flags_of([sheet, orders_until(datetime(2026, 10, 28, 17))], datetime(2026, 10, 28, 13)) == {}  # a replay knew nothing later
    assert flags_of([a_sheet(), orders_until(datetime(2026, 10, 28, 17))], AS_OF) == {}  # a sheet that does not know its own time


def test_without_any_export_time_the_moment_is_a_lower_bound():
    orders = orders_until(datetime(2026, 10, 27), snapshot=None)
    told = {"files": "o.csv", "newest": "2026-10-27 00:00", "moment": "2026-10-27 00:00"}
    assert flags_of([orders], datetime(2026, 10, 27)) == {"snapshot_lower_bound": told}
    assert flags_of([orders], AS_OF) == {}  # it was asked for


def test_one_export_without_a_time_among_others_is_named_whatever_was_asked():
    told = flags_of([orders_until(AS_OF), *(orders_until(datetime(2026, 10, 27), None, sha) for sha in "abcd")], AS_OF)
    assert flags_of([orders_until(AS_OF), orders_until(datetime(2026, 10, 27), None, "a")], datetime(2026, 10, 26))["snapshot_lower_bound"]
    assert told["snapshot_lower_bound"] == {"files": "a.csv、b.csv、c.csv … (4)", "newest": "2026-10-27 00:00", "moment": "2026-10-28 18:00"}


def test_an_event_later_than_every_export_time_is_the_moment_and_a_year_to_come_is_none():
    stamped, later = orders_until(datetime(2026, 10, 27)), orders_until(datetime(2026, 10, 29), None, "l")
    assert snapshot_of([stamped, later]) == datetime(2026, 10, 29)
    mistyped = later.model_copy(update={"period_to": datetime(2126, 10, 29), "imported_at": datetime(2026, 10, 30)})
    assert mistyped.seen_until is None and snapshot_of([stamped, mistyped]) == AS_OF
    assert mistyped.model_copy(update={"newest_event": datetime(2026, 10, 29, 12)}).seen_until == datetime(2026, 10, 29, 12)
