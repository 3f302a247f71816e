"""What the Pickup page is told, and that every row of any set of overlapping files is in one place."""

import csv
import io
import random
from datetime import date, timedelta

import pytest

from pdd_audit.core.filters import ALL, Filters
from pdd_audit.core.ladder import sound
from pdd_audit.services.demo_shop import DEMO_AS_OF, write_demo_files
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.look_at_pickup import look_at_pickup
from pdd_audit.services.rows import in_words, list_rows, rows_csv
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import Words

KINDS = {
    "superseded": ("superseded", "why"), "after_moment": ("after_moment", ""), "not_uploaded": ("not_uploaded", "why"), "merged": ("merged", ""),
    "excluded": ("excluded", "reason"), "refunded": ("excluded", "reason"), "too_fresh": ("too_fresh", ""), "not_yet": ("not_yet", ""),
}


def reconciled(workspace, shop_id, filters=ALL):
    """The look, once it is sure that its numbers and the files agree."""
    look = look_at_pickup(workspace, shop_id, filters)
    reports = workspace.ledger(shop_id).reports()
    for side, kind in (("orders", "pdd_orders"), ("pickups", "courier_pickups")):
        files = [report for report in reports if report.kind == kind]
        rungs = look.rungs[side]
        assert sound(rungs)
        assert rungs[0].rows == sum(report.rows_read for report in files)
        assert rungs[1].rows == sum(report.rows_kept for report in files)
        assert rungs[0].rows == rungs[-1].rows + sum(part.rows for rung in rungs for part in rung.parts)
    assert look.rungs["orders"][-1].rows == look.total
    for reason, parcels in look.tables.excluded.items():
        assert [part.rows for rung in look.rungs["orders"] for part in rung.parts if part.reason == reason] == [parcels]
    return look


@pytest.mark.parametrize("filters", [ALL, Filters(courier=("中通",)), Filters(start=date(2026, 11, 1), end=date(2026, 11, 14))], ids=["all", "courier", "days"])
def test_the_demo_shop_adds_up_row_by_row(demo, filters):
    workspace, shop = demo
    look = reconciled(workspace, shop.id, filters)
    metric = look.metrics["pickup_24h_ratio"]
    assert metric.n == look.total and round((1 - metric.value) * metric.n) == look.late
    for kind, total in (("late", look.late), ("included", look.total), ("on_time", look.total - look.late)):
        assert len(list_rows(workspace, shop.id, kind, None, filters)) == total
    whole = filters or ALL
    for part in (part for rung in look.rungs["orders"] for part in rung.parts if part.step in KINDS):
        kind, asks = KINDS[part.step]
        chosen = whole if part.step in ("excluded", "refunded", "too_fresh", "not_yet") else ALL
        assert len(list_rows(workspace, shop.id, kind, None, chosen, {asks: part.reason} if asks else {})) == part.rows


def exports(folder, seed):
    """The demo orders as a shop may hand them over: some pieces overlapping, of different moments, with rows of different states."""
    chance = random.Random(seed)
    orders = next(file for file in write_demo_files(folder, DEMO_AS_OF) if "orders" in file.name)
    header, *rows = list(csv.reader(io.StringIO(orders.read_text("utf-8-sig"))))
    shipped = header.index("发货时间")
    for number in range(3):
        start, length = chance.randrange(len(rows) - 600), chance.randrange(300, 600)
        piece = [list(row) for row in rows[start : start + length]]
        early = DEMO_AS_OF - timedelta(days=2 - number)
        for row in piece:
            if row[shipped].strip() and row[shipped].strip() > f"{early:%Y-%m-%d %H:%M:%S}":  # not known yet on that day
                row[shipped] = row[header.index("快递单号")] = "\t"
                row[header.index("订单状态")] = "待发货"
        piece += piece[: chance.randrange(0, 4)]  # identical doubles
        text = io.StringIO()
        csv.writer(text).writerows([header, *piece])
        yield Upload(f"orders_export{early:%Y-%m-%d-%H-%M-%S}.csv", text.getvalue().encode("utf-8-sig"))


@pytest.mark.parametrize("seed", range(3))
def test_overlapping_exports_of_several_days_add_up(workspace, tmp_path, seed):
    shop = create_shop(workspace, f"店{seed}")
    sheet = next(file for file in write_demo_files(tmp_path, DEMO_AS_OF) if "orders" not in file.name and file.suffix == ".csv")
    outcomes = import_files(workspace, shop.id, [*exports(tmp_path, seed), Upload(sheet.name, sheet)])
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    look = reconciled(workspace, shop.id)
    assert look.rungs["orders"][0].rows > look.rungs["orders"][-1].rows > 0
    assert len(list_rows(workspace, shop.id, "superseded", None)) == sum(
        part.rows for rung in look.rungs["orders"] for part in rung.parts if part.step == "superseded"
    )


def test_the_page_and_the_audit_say_the_same(demo):
    workspace, shop = demo
    look, result = look_at_pickup(workspace, shop.id), run_audit(workspace, shop.id).result
    assert look.metrics["pickup_24h_ratio"] == result.metrics["pickup_24h_ratio"]
    assert look.van is not None and look.van.late <= look.late
    assert look.record == "immature", "the newest uploads of the demo are minutes old"


def test_a_finished_period_has_a_record_and_a_number_of_clean_parcels(demo):
    workspace, shop = demo
    look = look_at_pickup(workspace, shop.id, Filters(end=date(2026, 11, 14)))
    assert look.record in ("met", "not_met")
    assert (look.last, look.clean is None) == (date(2026, 11, 14), look.metrics["pickup_24h_ratio"].verdict == "pass")


def test_perfect_orders_leave_out_what_no_file_tells(demo):
    workspace, shop = demo
    perfect = look_at_pickup(workspace, shop.id).perfect
    assert perfect.missing == ("after_sale",)
    judged = {"judged": " ".join(perfect.components)}
    assert len(list_rows(workspace, shop.id, "imperfect", None, at=judged)) == perfect.failed
    assert len(list_rows(workspace, shop.id, "perfect", None, at=judged)) == perfect.perfect
    assert len(list_rows(workspace, shop.id, "undecided", None, at=judged)) == perfect.unknown + perfect.early


def test_a_shop_without_files_has_nothing_to_look_at(workspace):
    look = look_at_pickup(workspace, create_shop(workspace, "空店").id)
    assert (look.total, look.van, look.record, look.rungs, look.perfect.rate.value) == (0, None, None, {}, None)


def test_without_a_pickup_sheet_the_orders_are_accounted_for_all_the_same(workspace, tmp_path):
    shop = create_shop(workspace, "只有订单")
    orders = next(file for file in write_demo_files(tmp_path, DEMO_AS_OF) if "orders" in file.name)
    import_files(workspace, shop.id, [Upload(orders.name, orders)])
    look = look_at_pickup(workspace, shop.id)
    assert look.total == 0 and sound(look.rungs["orders"]) and "pickups" not in look.rungs
    assert look.metrics["pickup_24h_ratio"].verdict == "no_data"


def test_the_download_holds_every_row_with_its_file_in_the_readers_words(demo):
    workspace, shop = demo
    text = rows_csv(workspace, shop.id, "excluded", words=Words("zh")).decode("utf-8-sig")
    header, *rows = list(csv.reader(io.StringIO(text)))
    assert {"快递单号", "没算的原因", "文件", "第几行"} <= set(header)
    assert len(rows) == len(list_rows(workspace, shop.id, "excluded", None)) > 0
    assert {len(row) for row in rows} == {len(header)}
    assert "退款时间不明" in {row[header.index("没算的原因")] for row in rows}
    assert all(row[header.index("文件")].endswith(".csv") and row[header.index("第几行")].isdigit() for row in rows)


def test_doubts_about_a_row_read_as_words(demo):
    workspace, shop = demo
    frame = list_rows(workspace, shop.id, "late", 3)
    plain = in_words(frame, Words("zh"))
    assert "订单表里这一行有疑问" not in plain.columns, "a column that says nothing"
    doubtful = frame.assign(trouble=["negative_yuan=-3;serial_shipped_at", None, "a_code_of_tomorrow"])
    said = in_words(doubtful, Words("zh"))["订单表里这一行有疑问"].dropna().tolist()
    assert said == ["金额是负数（-3）；上传单号：表格的日期序号，已换算", "a_code_of_tomorrow"]


@pytest.mark.shared
def test_the_october_shop_adds_up_and_names_the_van_that_did_not_come(shared_data, tmp_path):
    import json

    folder = shared_data / "october_shop"
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    workspace = open_workspace(tmp_path)
    shop = create_shop(workspace, "十月店")
    import_files(workspace, shop.id, [Upload(path.name, path) for path in sorted(folder.iterdir()) if path.suffix in (".csv", ".xlsx")])
    look = reconciled(workspace, shop.id)
    assert (look.rungs["orders"][0].rows, look.rungs["pickups"][-1].rows) == (truth["orders"], truth["scans"])
    planted = truth["missed_van"]
    assert (look.van.day.isoformat(), planted["courier"].startswith(look.van.courier)) == (planted["day"], True)
    assert look.van.late == pytest.approx(planted["breached"], rel=0.15)
    workspace.state.close()
