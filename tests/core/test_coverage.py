"""What absence from a pickup sheet means."""

from datetime import datetime

from pdd_audit.core.coverage import Window, snapshot_of, windows_of
from pdd_audit.core.imports import ImportReport

AS_OF = datetime(2026, 10, 28, 18)


def a_sheet(sha="p", reading="collected_only", couriers=("中通",), first=datetime(2026, 10, 1, 10, 6), snapshot=None, kind="courier_pickups", **more):
    return ImportReport(file=f"{sha}.csv", kind=kind, sha256=sha, size_bytes=1, rows_read=1, rows_kept=1, reading=reading,
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
