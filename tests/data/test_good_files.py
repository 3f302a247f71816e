"""Files that merchants really hold are understood, whatever Excel or an ERP did to them."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from pdd_audit.core.errors import AuditError
from tests.data.builders import (
    EXPORT_NAME,
    LAYOUTS,
    PICKUP_HEADERS,
    START,
    an_order,
    as_csv,
    as_xlsx,
    import_here,
    orders,
    pickups,
    service,
)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("layout", ["L1", "L2", "L3", "L4"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_layout_is_read_in_every_encoding(layout, encoding):
    report, rows = import_here(as_csv(orders(3, LAYOUTS[layout]), encoding))
    assert (report.kind, report.rows_read, report.rows_kept) == ("pdd_orders", 3, 3)
    first = rows[0]
    assert first["order_no"] == "261020-000000000000001"
    assert (first["waybill"], first["courier"], first["status"], first["quantity"]) == ("780000000000001", "中通", "shipped", 1)
    assert first["received_yuan"] == Decimal("17.80")
    assert first["shipped_at"] == datetime(2026, 10, 21, 5, 1)
    assert [row["source_row"] for row in rows] == [2, 3, 4]
    assert report.snapshot_at == datetime(2026, 10, 28, 18) and report.snapshot_from == "file_name"


def test_personal_columns_are_dropped_and_named():
    report, rows = import_here(as_csv(orders(3, LAYOUTS["L1"])))
    assert {"收货人", "手机", "身份证姓名", "街道", "买家留言"} <= set(report.dropped_personal)
    assert not any("王某某" in str(value) or "13800000000" in str(value) for row in rows for value in row.values())
    assert "王某某" not in report.model_dump_json()


def test_every_spelling_of_a_status_is_known():
    spelt = {
        "待付款": "unpaid",
        "待发货": "to_ship",
        "已发货，待收货": "shipped",
        "已发货,待签收": "shipped",
        "已发货待签收": "shipped",
        "已签收": "received",
        "未发货，退款成功": "refunded_unshipped",
        "未发货退款成功": "refunded_unshipped",
        "已发货， 退款成功\t": "refunded_shipped",
        "已签收，退款成功": "refunded_received",
        "已取消": "cancelled",
        "已取消，退款成功": "cancelled",
        "神秘状态": "unknown",
    }
    sheet = orders(len(spelt))
    for row, text in zip(sheet[1:], spelt, strict=True):
        row[sheet[0].index("订单状态")] = text
    _, rows = import_here(as_csv(sheet))
    assert dict(zip(spelt, (row["status"] for row in rows), strict=True)) == spelt


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-10-21 05:01:00\t", datetime(2026, 10, 21, 5, 1)),
        ("2026/10/21 5:01", datetime(2026, 10, 21, 5, 1)),
        ("2026/10/21 5:01:09", datetime(2026, 10, 21, 5, 1, 9)),
        ("2026年10月21日 5时01分", datetime(2026, 10, 21, 5, 1)),
        ("20261021050100", datetime(2026, 10, 21, 5, 1)),
        ("2026-10-20T21:01:00Z", datetime(2026, 10, 21, 5, 1)),
        ("2026-10-21 06:01:00+09:00", datetime(2026, 10, 21, 5, 1)),
        ("46316.209028", datetime(2026, 10, 21, 5, 1)),
        ("1792530060", datetime(2026, 10, 21, 5, 1)),
        ("2026-10-20 24:00:00", datetime(2026, 10, 21)),
        ('="2026-10-21 05:01:00"', datetime(2026, 10, 21, 5, 1)),
        ("２０２６-10-21 05:01:00", datetime(2026, 10, 21, 5, 1)),
        ("2026-10-21 05:01:00\\t", datetime(2026, 10, 21, 5, 1)),
        ("\t", None),
        ("", None),
        ("--", None),
        ("0", None),
        ("1970-01-01 08:00:00", None),
        ("2000-01-01 00:00:00", None),
        ("0000-00-00 00:00:00", None),
        ("1900/1/0 0:00", None),
        ("946656000000", None),
    ],
)
def test_a_time_is_read_whatever_wrote_it(text, moment):
    report, rows = import_here(as_csv(orders(1, 发货时间=text)))
    assert rows[0]["shipped_at"] == moment
    assert not [notice for notice in report.notices if notice.code == "bad_times"]


@pytest.mark.parametrize(
    ("text", "waybills"),
    [
        ('="780000000000001"', ["780000000000001"]),
        ("'780000000000001", ["780000000000001"]),
        ("780000000000001.0", ["780000000000001"]),
        ("yt1234567890123", ["YT1234567890123"]),
        ("7800 0000 0000 001", ["780000000000001"]),
        ("７８0000000000001", ["780000000000001"]),
        ("7.80000000000001E+14", ["780000000000001"]),
        ("\u00a0780000000000001\u200b", ["780000000000001"]),
        ("780000000000001\\t", ["780000000000001"]),
        ("780000000000001,780000000000002", ["780000000000001", "780000000000002"]),
        ("780000000000001；780000000000002", ["780000000000001", "780000000000002"]),
        ("780000000000001 780000000000002", ["780000000000001", "780000000000002"]),
        ("无需物流", [None]),
        ("\t", [None]),
        ("无", [None]),
    ],
)
def test_a_waybill_is_read_whatever_wrote_it(text, waybills):
    report, rows = import_here(as_csv(orders(1, 快递单号=text)))
    assert [row["waybill"] for row in rows] == waybills
    assert report.rows_kept == 1


def test_title_rows_footer_rows_and_blank_rows_are_no_orders():
    table = [["名称：十月订单"], ["导出时间：2026-10-28 18:00:00"], *orders(3), [], ["合计", "3"], ["说明：仅供参考"]]
    report, rows = import_here(as_csv(table), "导出.csv")
    assert report.header_row == 3
    assert report.left_out == {"blank": 1, "footer": 2}
    assert [row["source_row"] for row in rows] == [4, 5, 6]
    assert (report.snapshot_at, report.snapshot_from) == (datetime(2026, 10, 28, 18), "sheet")


def test_quoted_line_breaks_keep_the_row_numbers_of_excel():
    table = orders(3)
    table[1][table[0].index("商家备注")] = '第一行\n第二行，"引号"'
    report, rows = import_here(as_csv(table))
    assert [row["source_row"] for row in rows] == [2, 4, 5]
    assert report.rows_kept == 3


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_other_delimiters_are_noticed(delimiter):
    table = [[cell.strip() for cell in row] for row in orders(3)]
    report, _ = import_here(as_csv(table, delimiter=delimiter))
    assert report.rows_kept == 3
    assert "other_delimiter" in [notice.code for notice in report.notices]


def test_the_further_state_of_a_repeated_order_wins():
    table = [*orders(2), *orders(1, 订单状态="已收货")[1:], *orders(1)[1:]]
    report, rows = import_here(as_csv(table))
    assert report.left_out == {"repeated_order": 2}
    assert {row["order_no"]: row["status"] for row in rows} == {"261020-000000000000001": "received", "261020-000000000000002": "shipped"}
    report, _ = import_here(as_csv([*orders(2), *orders(2)[1:]]))
    assert report.left_out == {"duplicate_row": 2}


@pytest.mark.usefixtures("way")
def test_the_quick_pass_and_the_strict_pass_agree():
    table = orders(300)
    for number, row in enumerate(table[1:]):
        place = table[0].index
        row[place("订单状态")] = ("已收货", "已取消", "未发货，退款成功", "已发货,待签收")[number % 4]
        row[place("发货时间")] = row[place("发货时间")] if number % 3 else "2026/10/22 8:05"
        row[place("快递单号")] = row[place("快递单号")] if number % 50 else "780000000099991,780000000099992"
        row[place("商品")] = '杯子, "大" 号'
    for encoding in ("utf-8-sig", "gb18030"):
        content = as_csv([*table, ["合计", *[""] * (len(table[0]) - 1)]], encoding)
        quick, strict = import_here(content), import_here(content, strict=True)
        assert quick == strict


@pytest.mark.usefixtures("way")
def test_totals_below_a_pickup_sheet_are_one_row_less_however_it_is_read():
    sheet = pickups(4)
    broken = [[cell.replace("江东", "江\n东") for cell in row] for row in sheet]
    for table in (sheet, broken):  # the second one only the strict pass can read, after the totals were taken off
        utf8, copied = import_here(as_csv(table), "courier.csv"), import_here(as_csv(table, "gb18030"), "courier.csv")
        assert utf8[1] == copied[1] and len(copied[1]) == 4
        assert (copied[0].rows_read, copied[0].left_out) == (utf8[0].rows_read, utf8[0].left_out) == (5, {"footer": 1})
    last = [["780000000000009", *row[1:]] if row[0] == "合计" else row for row in sheet]
    assert import_here(as_csv(last, "gb18030"), "courier.csv")[0].left_out == {"bad_time": 1}  # 4票 is no time, and no totals either


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_ending_is_read(end):
    report, rows = import_here(as_csv(orders(4), end=end))
    assert (report.rows_read, [row["source_row"] for row in rows]) == (4, [2, 3, 4, 5])


def test_a_few_bad_rows_are_set_aside_and_counted():
    table = orders(100)
    table[5][table[0].index("订单号")] = "不是订单号"
    table[7] = [*table[7], "多出来的单元格"]
    table[9] = table[9][:3]
    report, rows = import_here(as_csv(table))
    assert report.left_out == {"bad_order_no": 1, "cell_count": 2}
    assert len(rows) == report.rows_kept == 97


@pytest.mark.usefixtures("way")
def test_an_excel_copy_says_the_same_as_the_csv():
    table = [[cell.strip() for cell in row] for row in orders(5)]
    _, from_csv = import_here(as_csv(table))
    report, from_sheet = import_here(as_xlsx([["订单明细"], *table]))
    assert report.header_row == 2
    assert [{**row, "source_row": row["source_row"] - 1} for row in from_sheet] == from_csv


def test_numbers_of_a_sheet_keep_their_digits_or_are_set_aside():
    table = [[*row] for row in pickups(60, total=False)]
    table[1][0] = 780000000000001  # 15 digits: whole
    table[2][0] = 7800000000000012345  # a spreadsheet has lost the last ones
    report, rows = import_here(as_xlsx(table), "揽收.xlsx")
    assert rows[0]["waybill"] == "780000000000001"
    assert report.left_out == {"bad_waybill": 1}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_collected_only_sheet_says_so(encoding):
    report, rows = import_here(as_csv(pickups(3), encoding), "courier.csv")
    assert (report.kind, report.reading, report.couriers, report.left_out) == ("courier_pickups", "collected_only", ["中通"], {"footer": 1})
    assert rows[0]["picked_up_at"] == report.first_scan == datetime(2026, 10, 21, 11, 1)
    assert rows[0]["first_move_at"] == datetime(2026, 10, 21, 17, 1)
    assert not rows[0]["collected_time_unknown"]


def test_a_blank_pickup_is_open_unless_a_later_scan_proves_it():
    table = pickups(4, total=False)
    for row, state, hub in ((table[2], "已签收", ""), (table[3], "等待揽收", ""), (table[4], "", "2026-10-22 08:00:00")):
        row[2], row[4], row[5] = "", hub, state
    report, rows = import_here(as_csv(table), "courier.csv")
    assert report.reading == "lists_open"
    assert [row["collected_time_unknown"] for row in rows] == [False, True, False, True]


def test_the_first_pickup_of_a_waybill_counts():
    table = [*pickups(2, total=False), ["780000000000001", "中通快递", "2026-10-21 09:00:00", "别的网点", "", ""]]
    report, rows = import_here(as_csv(table), "courier.csv")
    assert report.left_out == {"repeated_waybill": 1}
    assert {row["waybill"]: row["picked_up_at"] for row in rows}["780000000000001"] == datetime(2026, 10, 21, 9)


def test_a_snapshot_column_gives_the_snapshot():
    report, _ = import_here(as_csv(pickups(2, [*PICKUP_HEADERS, "数据时间"], 数据时间="2026-10-28 08:00:00")), "courier.csv")
    assert (report.snapshot_at, report.snapshot_from) == (datetime(2026, 10, 28, 8), "sheet")


def test_a_stated_export_time_counts_where_the_file_tells_none_and_never_before_its_newest_record():
    report, rows = import_here(as_csv(orders(30)), "订单.csv", snapshot_at=START + timedelta(days=9))
    assert (report.snapshot_at, report.snapshot_from) == (START + timedelta(days=9), "stated") and rows[0]["shipped_at"] is not None
    assert import_here(as_csv(orders(30)), snapshot_at=START + timedelta(days=2))[0].snapshot_from == "file_name"
    for content, name in ((as_csv(orders(30)), "订单.csv"), (as_csv(orders(30)), EXPORT_NAME), (as_csv(pickups(30)), "courier.csv")):
        with pytest.raises(AuditError) as caught:
            import_here(content, name, snapshot_at=START)
        assert caught.value.code == "export_time_early" and caught.value.place.row and caught.value.place.column


@pytest.mark.parametrize(
    ("header", "cell", "seconds"),
    [
        ("平均人工响应时长（分钟）", "1.5", 90),
        ("平均人工响应时长", "9秒", 9),
        ("平均人工响应时长", "0.5 分钟", 30),
        ("平均人工响应时长", "1分20秒", 80),
        ("平均人工响应时长", "9", None),
        ("平均响应时长(分)", "2", 120),
    ],
)
def test_the_unit_of_the_response_time_is_the_cells_else_the_headers(header, cell, seconds):
    table = service(1)
    table[0] = [header if name.startswith("平均人工") else name for name in table[0]]
    table[1][6] = cell
    _, rows = import_here(as_csv(table), "service.csv")
    assert rows[0]["mean_seconds"] == pytest.approx(seconds) if seconds is not None else rows[0]["mean_seconds"] is None


def test_service_rates_keep_their_printed_digits():
    _, rows = import_here(as_xlsx(service(2)), "service.xlsx")
    assert rows[0]["rate_3min"] == pytest.approx(0.9722) and rows[0]["rate_3min_digits"] == 2
    assert rows[0]["day"].isoformat() == "2026-10-01" and (rows[0]["inquiries"], rows[0]["missed_3min"]) == (36, 1)
    _, rows = import_here(as_csv(service(1, **{"3分钟人工回复率(8-23点)": "--"})), "service.csv")
    assert rows[0]["rate_3min"] is None


def test_absent_optional_columns_are_noticed():
    report, _ = import_here(as_csv(orders(3, LAYOUTS["L4"])))
    assert {"no_promised_ship_at", "no_paid_at"} <= {notice.code for notice in report.notices}


def test_an_order_under_review_or_of_a_community_is_marked():
    _, rows = import_here(as_csv(orders(1, LAYOUTS["L2"], 是否审核中="是", 是否社区团购="是")))
    assert rows[0]["under_review"] and rows[0]["excluded_kind"] == "community"


def test_booked_and_community_deliveries_run_on_no_clock_and_a_mark_nobody_knows_is_told():
    told = [("2026-11-05 10:00:00", ""), ("\t", "\t"), ("0", "无"), ("", "已送达自提点"), ("尽快", "")]
    rows = [
        [*orders(5)[0], "预约配送时间", "小区送达情况", "是否门店自提"],
        *([*row, *more, mark] for row, more, mark in zip(orders(5)[1:], told, ["", "否", "是", "待定", "\t"], strict=True)),
    ]
    report, stored = import_here(as_csv(rows))
    assert [row["excluded_kind"] for row in stored] == ["booked_delivery", None, "store_pickup", "community_delivery", None]
    marks = [notice.values for notice in report.notices if notice.code == "unknown_mark"]
    assert marks == [
        {"rows": 1, "row": 5, "found": "待定", "column": "是否门店自提"}, {"rows": 1, "row": 6, "found": "尽快", "column": "预约配送时间"},
    ]


def test_an_order_is_an_order_in_the_builder():
    assert an_order(2, 省="广东省")["省"] == "广东省"
