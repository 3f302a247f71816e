"""BF-071, 075 to 077 and 083: one order or parcel in several files, rows or shops, as the ledger and the whole of a shop tell it."""

from datetime import datetime

import pytest

from pdd_audit.cli import main
from pdd_audit.core.errors import AuditError
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.ledger_care import restore_import
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import LANGS, all_texts, error_text
from tests.data.builders import EXPORT_NAME, as_csv, import_here, orders, pickups
from tests.data.catalogue.expected import case
from tests.data.catalogue.test_coverage import SHEET, audited, mixed, warned  # noqa: F401 - fixtures among them
from tests.data.test_neighbour_files import BILL_HEADER, ONE, a_booking

LATER = EXPORT_NAME.replace("10-28-18", "10-29-18")


@case("BF-071")
def test_the_same_bytes_under_another_name_are_not_taken_twice(tmp_path, capsys):
    for name in ("一.csv", "二.csv"):
        (tmp_path / name).write_bytes(as_csv(orders(5)))
        assert main(["import", "--home", str(tmp_path / "home"), "--shop", "甲", str(tmp_path / name)]) == 0
    assert all_texts()["cli.already"]["zh"] in capsys.readouterr().err
    workspace = open_workspace(tmp_path / "elsewhere")
    shop = create_shop(workspace, "甲").id
    first, again = (import_files(workspace, shop, [Upload(name, as_csv(orders(3)))])[0] for name in ("a.csv", "b.csv"))
    assert (first.already, again.already, again.report.file) == (False, True, "a.csv")
    assert len(workspace.ledger(shop).reports()) == 1
    workspace.state.close()


@pytest.fixture
def two_shops(tmp_path):
    workspace = open_workspace(tmp_path / "two")
    yield workspace, create_shop(workspace, "甲店").id, create_shop(workspace, "乙店").id
    workspace.state.close()


def _renumbered(rows):
    return [rows[0], *([f"261020-{900 + at:015d}" if header == "订单号" else cell for header, cell in zip(rows[0], row, strict=True)]
                       for at, row in enumerate(rows[1:]))]


@case("BF-075")
def test_an_order_of_another_shop_refuses_the_file_with_both_rows_and_leaves_nothing_behind(two_shops):
    workspace, one, other = two_shops
    assert import_files(workspace, one, [Upload("甲.csv", as_csv([["十月"], *orders(9)]))])[0].elsewhere == ()
    content = as_csv([orders(5)[0], *orders(20)[8:]])
    error = import_files(workspace, other, [Upload("乙.csv", content)])[0].error
    assert (error.code, error.found, error.place.file, error.place.row, error.place.column) == (
        "order_in_other_shop", "261020-000000000000008", "乙.csv", 2, "订单号",
    )
    assert error.values == {"count": 2, "shop": "甲店", "file": "甲.csv", "other": 10}
    for lang in LANGS:
        assert "甲店" in error_text(error, lang)[0]
    assert list(workspace.ledger(other).stored()) == []
    # the shop of it may have it, and so may another one once it has been removed there; there it does not come back then
    (first,) = workspace.ledger(one).reports()
    workspace.ledger(one).remove(first.sha256)
    assert import_files(workspace, other, [Upload("乙.csv", content)])[0].error is None
    with pytest.raises(AuditError) as caught:
        restore_import(workspace, one, first.sha256)
    assert caught.value.code == "order_in_other_shop" and workspace.ledger(one).reports() == []


@case("BF-075 the demo")
def test_the_demos_orders_belong_to_nobody(two_shops):
    workspace, one, _ = two_shops
    demo = workspace.state.add_shop("演示", True, datetime(2026, 11, 1)).id
    for shop in (demo, one):
        assert import_files(workspace, shop, [Upload("甲.csv", as_csv(orders(9)))])[0].error is None


@case("BF-075 a waybill")
def test_a_waybill_in_two_shops_is_warned_of(two_shops):
    workspace, one, other = two_shops
    import_files(workspace, one, [Upload("甲.csv", as_csv(orders(9)))])
    (told,) = import_files(workspace, other, [Upload("乙.csv", as_csv(_renumbered(orders(3))))])[0].elsewhere
    assert (told.code, told.shared.count, told.shared.row, told.shared.other_row) == ("waybill_in_other_shop", 3, 2, 2)


@case("BF-075 none")
def test_shops_of_their_own_and_other_kinds_of_files_are_quiet(two_shops):
    workspace, one, other = two_shops
    mine = [[*row] for row in _renumbered(orders(3))]
    for row in mine[1:]:
        row[mine[0].index("快递单号")] = "9" + row[mine[0].index("快递单号")]
    files = [Upload("甲.csv", as_csv(orders(9))), Upload("揽收.csv", as_csv(pickups(9)))]
    import_files(workspace, one, files)
    outcomes = import_files(workspace, other, [Upload("乙.csv", as_csv(mine)), files[1]])
    assert [outcome.elsewhere for outcome in outcomes] == [(), ()] and not any(outcome.error for outcome in outcomes)


@case("BF-075 on the command line")
def test_the_command_names_the_other_shop(tmp_path, capsys):
    (tmp_path / "十月.csv").write_bytes(as_csv(orders(5)))
    for shop, code in (("甲店", 0), ("乙店", 2)):
        assert main(["import", "--home", str(tmp_path / "home"), "--shop", shop, "--lang", "en", str(tmp_path / "十月.csv")]) == code
    told = capsys.readouterr().err
    assert '5 of its orders are in shop "甲店" already' in told and "row 2" in told


@case("BF-076")
def test_a_changed_shipment_shows_its_old_and_its_new_values(audited):  # noqa: F811 - the fixture
    later = mixed()
    at = {name: later[0].index(name) for name in ("快递单号", "发货时间")}
    old = {name: later[1][place].strip() for name, place in at.items()}
    later[1][at["快递单号"]], later[1][at["发货时间"]] = "780000000000777", "2026-10-22 09:00:01"
    _, zh, en = audited(first=(EXPORT_NAME, as_csv(mixed())), later=(LATER, as_csv(later)), pickups=(SHEET, as_csv(pickups(40))))
    for result in (zh, en):
        told = warned(result)["reshipped"]
        assert all(value in told for value in (old["快递单号"], old["发货时间"], "780000000000777", "2026-10-22 09:00:01", ONE[:7]))


@case("BF-077")
def test_orders_of_one_parcel_are_one_parcel(audited):  # noqa: F811 - the fixture
    joined = mixed()
    at = joined[0].index("快递单号")
    joined[2][at] = joined[1][at]
    sizes = []
    for rows in (mixed(), joined):
        _, zh, _ = audited(orders=(EXPORT_NAME, as_csv(rows)), pickups=(SHEET, as_csv(pickups(40))), as_of=datetime(2026, 10, 28, 18))
        sizes.append(zh.metrics["pickup_24h_ratio"].n)
        assert "reused_waybill" not in {warning.code for warning in zh.warnings}
    assert sizes[1] == sizes[0] - 1
    report, found = import_here(as_csv(joined))
    assert report.rows_kept == 40 and not report.distinct and len({row["order_no"] for row in found}) == 40


@case("BF-080 on the clock")
def test_the_later_order_of_a_reused_waybill_is_off_the_clock_until_an_export_corrects_it(audited):  # noqa: F811 - the fixture
    again = mixed()
    number, shipped = (again[0].index(name) for name in ("快递单号", "发货时间"))
    own, again[2][number] = again[2][number], again[1][number]
    for name in ("支付时间", "订单成交时间", "承诺发货时间"):
        again[1][again[0].index(name)] = "2026-09-01 07:00:01"
    again[1][shipped] = "2026-09-01 08:00:01"
    corrected = [list(row) for row in again]
    corrected[2][number] = own
    scans = pickups(40)
    scans[1][scans[0].index("第一条揽收时间")] = "2026-09-01 18:00:00"
    sheet, moment = (SHEET, as_csv(scans)), datetime(2026, 10, 29, 18)
    _, before, _ = audited(orders=(EXPORT_NAME, as_csv(again)), pickups=sheet, as_of=moment)
    assert "reused_waybill" in {notice["code"] for file in before.inputs for notice in file.warnings}
    _, after, _ = audited(orders=(EXPORT_NAME, as_csv(again)), later=(LATER, as_csv(corrected)), pickups=sheet, as_of=moment)
    assert (before.metrics["pickup_24h_ratio"].n, after.metrics["pickup_24h_ratio"].n) == (38, 39)


@case("BF-128")
def test_a_move_before_the_pickup_is_off_the_clock_of_moves_and_on_that_of_pickups(audited):  # noqa: F811 - the fixture
    plain, early = pickups(40), pickups(40)
    early[1][early[0].index("第一条分拨扫描时间")] = "2026-10-21 08:00:00"
    sizes = []
    for sheet in (plain, early):
        _, zh, _ = audited(orders=(EXPORT_NAME, as_csv(mixed())), pickups=(SHEET, as_csv(sheet)), as_of=datetime(2026, 10, 28, 18))
        sizes.append((zh.metrics["pickup_24h_ratio"].n, zh.metrics["first_move_24h_ratio"].n))
    assert sizes[1] == (sizes[0][0], sizes[0][1] - 1)


@case("BF-083")
def test_bookings_without_an_order_stay_apart_and_are_summed(audited):  # noqa: F811 - the fixture
    bill = [BILL_HEADER, a_booking("", expense="-3.00"), a_booking("", expense="-4.00"), a_booking(ONE, expense="-5.00")]
    report, rows = import_here(as_csv(bill), "货款.csv")
    assert [row["order_no"] for row in rows] == [None, None, ONE] and report.rows_kept == 3
    assert {notice.code: notice.values for notice in report.notices}["bill_unlinked"] == {"rows": 2, "fines": 3}
    _, zh, _ = audited(orders=(EXPORT_NAME, as_csv(mixed())), bill=("货款.csv", as_csv(bill)))
    (fine,) = zh.fines
    assert (abs(fine.yuan), fine.bookings, fine.unlinked_bookings) == (12, 3, 2)


def test_a_home_with_one_shop_compares_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("pdd_audit.services.other_shops.shared", lambda *_: pytest.fail("compared"))
    workspace = open_workspace(tmp_path / "home")
    shop = create_shop(workspace, "甲").id
    for name, rows in ((EXPORT_NAME, orders(3)), (LATER, orders(4))):
        assert import_files(workspace, shop, [Upload(name, as_csv(rows))])[0].report is not None
    workspace.state.close()
