"""Rows and identity: footers, repeats, several parcels, several orders, several exports; and the layouts of ERP systems."""

from datetime import datetime, timedelta
from functools import partial

import pandas as pd
import pytest

from pdd_audit.data.relations.lines import OrderFile, lines_of
from pdd_audit.data.relations.snapshots import reshipped_flag
from tests.data.builders import LAYOUTS, as_csv, import_here, orders
from tests.data.catalogue.expected import case
from tests.data.catalogue.test_cells import said, table
from tests.data.test_parcels import order_rows, put

N1, N2 = "261020-000000000000001", "261020-000000000000002"
JST = ["订单号", "线上订单号", "店铺", "付款日期", "发货日期", "状态", "快递公司", "快递单号", "收货人姓名", "平台站点", "原始线上订单号",
       "商品编码", "数量", "是否赠品"]


def jst(**changed):
    cells = {"订单号": "100", "线上订单号": f"{N1},{N2}", "店铺": "甲店", "付款日期": "2026-10-20 09:00:00", "发货日期": "2026-10-21 08:00:30",
             "状态": "已发货", "快递公司": "中通快递", "快递单号": "780000000000001", "收货人姓名": "王某", "平台站点": "拼多多",
             "原始线上订单号": N1, "商品编码": "A", "数量": "2", "是否赠品": "否"} | changed
    return [cells[header] for header in JST]


@pytest.mark.parametrize("layout", ["L1", "L2", "L3", "L4"])
def test_every_layout_of_the_platform_is_read(layout):
    report, rows = import_here(as_csv(orders(3, LAYOUTS[layout])))
    assert (report.source, report.rows_kept, len(rows)) == ("pdd_orders", 3, 3)


def test_a_blank_order_time_is_said_and_the_number_tells_the_period():
    rows = orders(3, LAYOUTS["L4"], 订单成交时间="", 发货时间="\t", 快递单号="\t", 订单状态="已收货")
    report, found = import_here(as_csv(rows))
    assert {row["confirmed_at"] for row in found} == {None}
    assert said(report, "blank_confirmed_at") == {"rows": 3, "column": "订单成交时间"}
    assert report.period_from == report.period_to == datetime(2026, 10, 20)


def test_the_confirmation_of_old_layouts_goes_before_the_group():
    rows = orders(1, LAYOUTS["L1"], 订单确认时间="2026-10-20 09:30:01", 拼单成功时间="2026-10-20 09:20:01")
    _, found = import_here(as_csv(rows))
    assert found[0]["confirmed_at"] == datetime(2026, 10, 20, 9, 30, 1)


@case("BF-067")
def test_footers_are_no_orders():
    report, _ = import_here(as_csv([*orders(3), ["合计", "3"], ["总计"], ["汇总"], ["说明：仅供参考"]]))
    assert report.left_out["footer"] == 4 and report.rows_kept == 3


@case("BF-068")
def test_identical_rows_collapse():
    report, rows = import_here(as_csv([*orders(3), *orders(3)[1:]]))
    assert report.left_out == {"duplicate_row": 3} and len(rows) == 3


@case("BF-069")
def test_of_two_states_of_an_order_the_further_one_stays_and_both_rows_are_named():
    report, rows = import_here(as_csv([*orders(2), *orders(1, 订单状态="已收货")[1:]]))
    assert said(report, "repeated_order") == {"rows": 1, "row": 2, "stays": 4}
    assert sorted(row["status"] for row in rows) == ["received", "shipped"]


@pytest.mark.parametrize(
    "second", [pytest.param(["780000000000777"], id="BF-073"), pytest.param(None, id="BF-074")],
)
def test_several_parcels_of_an_order(second):
    rows = orders(2)
    if second:
        rows += orders(1, 快递单号=second[0])[1:]
    else:
        rows[1][rows[0].index("快递单号")] = "780000000000001，780000000000777"
    report, found = import_here(as_csv(rows))
    assert sorted(row["waybill"] for row in found if row["order_no"] == N1) == ["780000000000001", "780000000000777"]
    assert not report.distinct
    assert (said(report, "several_waybills") is None) == bool(second)


@case("BF-078")
def test_a_waybill_with_two_couriers_names_both_rows():
    rows = table(3, 快递公司="韵达快递")
    for row in rows[1:3]:
        row[rows[0].index("快递单号")] = "780000000000009"
    report, _ = import_here(as_csv(rows))
    assert said(report, "two_couriers") == {"rows": 1, "row": 2, "other": 3}


@case("BF-080")
def test_a_waybill_of_orders_far_apart_looks_reused():
    rows = orders(3)
    for row, shipped in zip(rows[1:3], ("2026-09-01 08:00:01", "2026-10-21 08:00:01"), strict=True):
        row[rows[0].index("快递单号")], row[rows[0].index("发货时间")] = "780000000000009", shipped
    report, _ = import_here(as_csv(rows))
    assert said(report, "reused_waybill") == {"rows": 1, "row": 2, "other": 3}


@case("BF-063, BF-068, BF-081, BF-082")
def test_an_item_table_becomes_orders():
    sheet = [JST, jst(), jst(), jst(商品编码="B", 数量="3"), jst(商品编码="G", 数量="1", 是否赠品="是"), jst(状态="被合并"),
             jst(状态="被拆分"), jst(平台站点="淘宝", 原始线上订单号="123")]
    report, rows = import_here(as_csv(sheet), "a.csv")
    assert (report.source, report.kind) == ("jst_orders", "pdd_orders")
    assert report.left_out == {"duplicate_row": 1, "further_item": 2, "merged_parent": 2, "other_platform": 1}
    assert [(row["order_no"], row["waybill"], row["quantity"], row["status"]) for row in rows] == [(N1, "780000000000001", 5, "shipped")]
    assert said(report, "erp_ship_time") == {"column": "发货日期"}
    assert not any("王某" in str(value) for value in rows[0].values())


def test_merged_orders_of_one_cell_share_their_parcel():
    report, rows = import_here(as_csv([JST, jst(原始线上订单号="")]), "a.csv")
    assert [(row["order_no"], row["waybill"]) for row in rows] == [(N1, "780000000000001"), (N2, "780000000000001")]
    assert said(report, "several_orders") == {"rows": 1, "row": 2}


def test_outbound_items_are_read_in_gbk():
    header = ["订单编号", "原始单号", "子单原始单号", "订单来源", "出库单编号", "出库单状态", "物流公司", "物流单号", "支付时间", "发货时间", "子单应收金额 "]
    row = ["JY1", "x", N1, "拼多多", "CK1", "已发货", "圆通速递", "YT0000000000001", "46315.5", "46316.209028", "3.5"]
    report, rows = import_here(as_csv([header, row], "gb18030"), "a.csv")
    assert (report.source, rows[0]["order_no"], rows[0]["courier"]) == ("wdt_outbound", N1, "圆通")
    assert rows[0]["shipped_at"] == datetime(2026, 10, 21, 5, 1)


def test_the_platforms_ship_time_goes_before_the_erps():
    header = ["tid", "sid", "sysStatus", "payTime", "ptConsignTime", "consignTime", "outSid", "expressCompanyName", "source"]
    first = [N1, "9", "SELLER_SEND_GOODS", "2026-10-20 09:00:00", "2026-10-21 09:00:11", "2026-10-21 08:00:00", "780000000000001", "中通", "pdd"]
    other = [N2, "9", "WAIT_AUDIT", "2026-10-20 09:00:00", "946656000000", "946656000000", "", "", "pdd"]
    report, rows = import_here(as_csv([header, first, other]), "a.csv")
    assert [row["shipped_at"] for row in rows] == [datetime(2026, 10, 21, 9, 0, 11), None]
    assert said(report, "platform_ship_time") == {"column": "ptConsignTime"}


def test_a_miaoshou_sheet_tells_pickups():
    header = ["订单号", "店铺", "妙手包裹号", "物流单号", "首次揽收时间", "是否已揽收"]
    sheet = [header, *(["x", "甲", "p", f"78000000000000{n}", at, yes] for n, at, yes in ((1, "2026-10-21 09:00:11", "是"), (2, "", "是"), (3, "", "否")))]
    report, rows = import_here(as_csv(sheet), "a.csv")
    assert report.source == "miaoshou_pickups"
    assert [row["collected_time_unknown"] for row in rows] == [False, True, False]


@pytest.mark.parametrize(
    ("header", "name"),
    [(["outSid", "expressCompanyName", "acceptTime", "deliveringTime"], "快麦.csv"), (["物流单号", "妙手包裹号", "首次揽收时间", "派件时间"], "妙手.csv"),
     (["运单号", "快递公司", "首条揽收时间", "派件时间"], "courier.csv")],
    ids=["kuaimai", "miaoshou", "courier"],
)
def test_a_parcel_out_for_delivery_was_collected_whatever_its_pickup_cell_says(header, name):
    none = "946656000000"
    told = [("2026-10-21 09:00:11", "2026-10-22 09:00:11"), (none, "2026-10-22 09:00:11"), (none, none)]
    _, rows = import_here(as_csv([header, *([f"78000000000000{n}", "中通", *times] for n, times in enumerate(told))]), name)
    assert [(row["picked_up_at"] is not None, row["collected_time_unknown"]) for row in rows] == [(True, False), (False, True), (False, False)]


@pytest.fixture
def lines(engine, tmp_path):
    """The lines of several exports, given as (import id, days before the last snapshot, rows)."""

    def read(*files, erp=()):
        found = []
        for name, days, rows in files:
            frame = order_rows(rows, name, datetime(2026, 3, 10) - timedelta(days=days), **({"promised_ship_at": pd.NaT} if name in erp else {}))
            found.append(OrderFile(put(tmp_path, name, frame), 2, platform=name not in erp))
        return lines_of(engine, found, [], partial(engine.kept, tmp_path / "kept"))

    return read


@case("BF-070, BF-072")
def test_the_newest_export_speaks_in_whatever_order_they_come(lines):
    old, new = [("P01", "08 10:00:00", None), ("P02", "08 16:00:00", None)], [("P01", "08 10:00:00", None)]
    for files in ((("a", 2, old), ("b", 0, new)), (("b", 0, new), ("a", 2, old))):
        table = lines(*files).table.execute().sort_values("waybill")
        assert list(zip(table["waybill"], table["import_id"], strict=True)) == [("P01", "b"), ("P02", "a")]


@case("BF-076")
def test_an_upload_that_a_later_export_overwrites_stays_to_be_seen(lines):
    found = lines(("a", 2, [("P01", "08 10:00:00", None), ("P02", "08 16:00:00", None)]), ("b", 0, [("P01", "09 11:30:00", None), ("P02", "08 16:00:40", None)]))
    changed = found.reshipped.execute()  # P02 differs by seconds only, as a copy saved in Excel does
    assert changed["order_no"].to_list() == ["260308-P01"]
    row = changed.iloc[0]
    assert (row["first_shipped_at"], row["shipped_at"]) == (datetime(2026, 3, 8, 10), datetime(2026, 3, 9, 11, 30))
    assert (row["first_import_id"], row["first_source_row"]) == ("a", 2)
    flag = reshipped_flag(found.reshipped)["reshipped"]
    assert (flag["orders"], flag["order_no"]) == ("1", "260308-P01")


def test_a_single_export_has_nothing_to_overwrite(lines):
    found = lines(("a", 0, [("P01", "08 10:00:00", None)]))
    assert found.reshipped is None and reshipped_flag(found.reshipped) == {}


def test_the_platforms_upload_counts_beside_an_erps(lines):
    own, erp = [("P01", "08 10:00:00", None)], [("P01", "08 09:00:00", None), ("P02", "08 09:00:00", None)]
    table = lines(("a", 2, own), ("e", 0, erp), erp={"e"}).table.execute().sort_values("waybill")
    assert table["shipped_at"].to_list() == [datetime(2026, 3, 8, 10), datetime(2026, 3, 8, 9)]
