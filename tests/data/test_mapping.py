"""A file nobody recognises, read by the columns a person has named: proposed, checked, applied, remembered."""

import random
import tempfile
from dataclasses import asdict
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.file_preview import FilePreview
from pdd_audit.core.mapping import MAPPED_KINDS, ByHand, Mapping, Remembered, header_fingerprint
from pdd_audit.data.reading.child import run
from pdd_audit.data.reading.circumstances import Circumstances
from pdd_audit.data.reading.hand_over import held
from pdd_audit.data.reading.limits import COMMAND_LINE
from pdd_audit.data.reading.mapping import target
from pdd_audit.data.reading.mapping_file import mapping_yaml, read_mapping
from pdd_audit.data.reading.preview import PREVIEW, Choice, preview_file
from pdd_audit.data.reading.read_file import checked
from pdd_audit.data.reading.sources import sources
from pdd_audit.data.reading.value_shapes import HIDDEN
from pdd_audit.data.storage.ledger import Ledger
from tests.data.builders import EXPORT_NAME, as_csv, as_xlsx, import_here, orders, pickups, service

STRANGE = ["运单", "承运商家", "首次扫描", "揽收点", "打单时间", "收件人", "联系方式", "派送地"]
BY_HAND = {"waybill": "运单", "courier": "承运商家", "picked_up_at": "首次扫描", "outlet": "揽收点"}
ROWS = 25


def strange_rows(count=ROWS, headers=STRANGE):
    """A courier's sheet in words of its own, with people in it."""
    cells = [["中通快递", f"2026-10-21 {8 + n % 12:02d}:30:11", "义乌江东网点", "2026-10-21 08:00:00", "王小明", "13800001234", "浙江省杭州市文三路 5 号"] for n in range(count)]
    return [list(headers), *([f"78{n:013d}", *row] for n, row in enumerate(cells))]


def in_child(content, name="sheet.csv", **job):
    """(report, rows) of the child's work, done in this process."""
    with tempfile.TemporaryDirectory() as folder, held(content, Path(folder)) as file:
        asked = {"path": file.path, "size": file.size, "name": name, "expected": None, "snapshot_at": None, "imported_at": "2026-11-01T00:00:00"}
        answer = run(asked | job, COMMAND_LINE, Path(folder), sha256=lambda: "a" * 64, progress=lambda share: None)
        if job.get("mode") == "preview":
            return FilePreview.model_validate_json((Path(folder) / PREVIEW).read_bytes())
        report = checked(Path(folder), "a" * 64, answer["rows"])
        return report, pq.read_table(Path(folder) / "rows.parquet").to_pylist()


def mapped(content, mapping, name="sheet.csv", on="2026-11-20"):
    return in_child(content, name, by_hand=ByHand(Mapping.model_validate(mapping), on).as_job())


def looked_at(content, name="sheet.csv", **choice):
    return in_child(content, name, mode="preview", choice=asdict(Choice(**choice)))


def refused(content, mapping, name="sheet.csv"):
    with pytest.raises(AuditError) as caught:
        mapped(content, mapping, name)
    return caught.value


MOMENTS = [f"2026-10-{20 + n % 8} {9 + n % 8:02d}:30:11" for n in range(ROWS)]
NUMBERS = [f"261020-{n:015d}" for n in range(1, ROWS + 1)]
WAYBILLS = [f"78{n:013d}" for n in range(1, ROWS + 1)]
NEIGHBOURS = {
    "scan_log": [
        ["运单号", "快递公司", "扫描类型", "扫描内容", "扫描时间", "扫描员"],
        *([waybill, "中通快递", "揽收", f"【义乌江东网点】的业务员【王小明(13800001234)】已取件 {n}", moment, "王小明"]
          for n, (waybill, moment) in enumerate(zip(WAYBILLS, MOMENTS, strict=True))),
    ],
    "chat_log": [
        ["会话ID", "消息时间", "发送方", "客服账号", "消息内容"],
        *([f"{'王李张刘陈杨黄赵周吴徐孙'[n // 2]}小明", f"2026-10-21 10:{n:02d}:{30 if n % 2 else 0}", "客服" if n % 2 else "买家", "客服甲" if n % 2 else "", f"亲，在吗？我是第{n}位。"]
          for n in range(ROWS - 1)),
    ],
    "pdd_after_sales": [
        ["售后编号", "订单编号", "售后状态", "售后原因", "同意退款时间", "退款金额(元)"],
        *([f"10{n:04d}", number, "退款成功" if n % 3 else "买家撤销", "快递停滞", moment, "17.80"]
          for n, (number, moment) in enumerate(zip(NUMBERS, MOMENTS, strict=True))),
    ],
    "pdd_bill": [
        ["商户订单号", "发生时间", "收入金额（+元）", "支出金额（-元）", "业务描述"],
        *([number if n % 4 else "", moment, "", "-3.00", "0040004|售后费用-延迟发货"] for n, (number, moment) in enumerate(zip(NUMBERS, MOMENTS, strict=True))),
    ],
    "pdd_violations": [
        ["订单号", "快递单号", "违规类型", "扣款金额(元)"],
        *([number, waybill, "揽收超时" if n % 2 else "虚假发货", "5.00"] for n, (number, waybill) in enumerate(zip(NUMBERS, WAYBILLS, strict=True))),
    ],
    "waybill_labels": [
        ["电子面单号", "快递公司", "网点名称", "取号时间"],
        *([waybill, "中通快递", "义乌江东网点", moment] for waybill, moment in zip(WAYBILLS, MOMENTS, strict=True)),
    ],
}


# --- reading by a mapping ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [as_csv(strange_rows()), as_csv(strange_rows(), "gb18030", delimiter="\t"), as_csv(strange_rows(), delimiter="|"), as_xlsx(strange_rows())], ids=["csv", "gbk tabs", "pipes", "xlsx"])
def test_an_unknown_layout_is_refused_and_imports_after_mapping(content):
    with pytest.raises(AuditError) as before:
        import_here(content, "sheet.csv")
    assert before.value.code == "unknown_layout"
    report, rows = mapped(content, {"kind": "courier_pickups", "columns": BY_HAND})
    assert (report.kind, report.rows_read, report.rows_kept) == ("courier_pickups", ROWS, ROWS)
    assert rows[0]["courier"] == "中通" and rows[0]["waybill"] == "780000000000000" and rows[0]["picked_up_at"].hour == 8
    assert report.columns == {column: BY_HAND[column] for column in report.columns} and set(report.columns) == set(BY_HAND)
    assert "打单时间" in report.ignored_columns and "收件人" in report.dropped_personal
    notice = next(notice for notice in report.notices if notice.code == "mapped_by_hand")
    assert notice.values["date"] == "2026-11-20"


@pytest.mark.parametrize("book", [False, True], ids=["csv", "xlsx"])
def test_a_file_without_a_header_is_mapped_by_its_letters(book):
    rows = strange_rows()[1:]
    content = as_xlsx(rows) if book else as_csv(rows)
    columns = {"waybill": "[A]", "courier": "[B]", "picked_up_at": "[C]"}
    report, stored = mapped(content, {"kind": "courier_pickups", "columns": columns, "header_row": 0})
    assert (report.rows_read, report.rows_kept, report.first_row) == (ROWS, ROWS, 1)
    assert stored[0]["waybill"] == "780000000000000"


def test_a_byte_order_mark_is_no_part_of_the_first_cell_of_a_file_without_a_header():
    content = as_csv(strange_rows()[1:], "utf-8-sig")
    report, stored = mapped(content, {"kind": "courier_pickups", "columns": {"waybill": "[A]", "picked_up_at": "[C]"}, "header_row": 0})
    assert report.rows_kept == ROWS and stored[0]["waybill"] == "780000000000000"


@pytest.mark.parametrize("asked", [None, 4], ids=["found by its headers", "named"])
@pytest.mark.parametrize("book", [False, True], ids=["csv", "xlsx"])
def test_the_header_may_stand_below_titles(asked, book):
    rows = [["某快递网点"], ["制表", "", "10 月"], [""], *strange_rows()]
    report, _ = mapped(as_xlsx(rows) if book else as_csv(rows), {"kind": "courier_pickups", "columns": BY_HAND, "header_row": asked})
    assert (report.header_row, report.first_row, report.rows_kept) == (4, 5, ROWS)


def test_the_row_of_a_bad_cell_is_the_files_own():
    rows = strange_rows(60)
    rows[31][2] = "昨天下午"
    report, _ = mapped(as_csv([["标题"], *rows]), {"kind": "courier_pickups", "columns": BY_HAND})
    assert report.left_out == {"bad_time": 1}
    rows = strange_rows()
    for row in rows[1:]:
        row[2] = "昨天下午"
    error = refused(as_csv([["标题"], *rows]), {"kind": "courier_pickups", "columns": BY_HAND})
    assert (error.code, error.place.row, error.place.column) == ("bad_times", 3, "首次扫描")


def test_what_the_file_does_not_say_may_be_said_once():
    headers = ["平台单号", "快递编号", "出库", "金额"]
    rows = [headers, *([f"261020-{n:015d}", f"78{n:013d}", "2026-10-20 18:00:00", "17.80"] for n in range(ROWS))]
    columns = {"order_no": "平台单号", "waybill": "快递编号", "shipped_at": "出库", "received_yuan": "金额"}
    report, stored = mapped(as_csv(rows), {"kind": "pdd_orders", "columns": columns, "constants": {"status": "已发货", "courier": "圆通速递"}})
    assert report.rows_kept == ROWS
    assert {(row["status"], row["courier"]) for row in stored} == {("shipped", "圆通")}
    assert "no_courier" not in {notice.code for notice in report.notices}
    assert report.columns["courier"] == "= 圆通速递"
    in_book, _ = mapped(as_xlsx(rows), {"kind": "pdd_orders", "columns": columns, "constants": {"status": "已发货"}})
    assert in_book.rows_kept == ROWS


def test_a_shops_own_words_of_a_status_are_understood():
    headers = ["平台单号", "单据状态", "快递编号", "出库"]
    rows = [headers, *([f"261020-{n:015d}", "已出库 , 在途" if n % 2 else "待打包", f"78{n:013d}", "2026-10-20 18:00:00"] for n in range(ROWS))]
    mapping = {"kind": "pdd_orders", "columns": {"order_no": "平台单号", "status": "单据状态", "waybill": "快递编号", "shipped_at": "出库"}}
    without, _ = mapped(as_csv(rows), mapping)
    assert "unknown_status" in {notice.code for notice in without.notices}
    report, stored = mapped(as_csv(rows), mapping | {"statuses": {"已出库 , 在途": "shipped", "待打包": "to_ship"}})
    assert "unknown_status" not in {notice.code for notice in report.notices}
    assert [row["status"] for row in stored[:2]] == ["to_ship", "shipped"]


def test_the_second_of_two_equal_headers_can_be_meant():
    rows = [["运单", "时间", "时间"], *([f"78{n:013d}", "", "2026-10-21 18:30:00"] for n in range(ROWS))]
    report, stored = mapped(as_csv(rows), {"kind": "courier_pickups", "columns": {"waybill": "运单", "picked_up_at": "时间 #2"}})
    assert report.rows_kept == ROWS and stored[0]["picked_up_at"].hour == 18


def test_the_chosen_sheet_of_a_workbook_is_read():
    import io

    import xlsxwriter

    sink = io.BytesIO()
    book = xlsxwriter.Workbook(sink, {"in_memory": True})
    for name, rows in (("说明", [["怎么看这张表", "x"]]), ("十月", strange_rows()), ("九月", strange_rows(5))):
        page = book.add_worksheet(name)
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    book.close()
    content = sink.getvalue()
    one, _ = mapped(content, {"kind": "courier_pickups", "columns": BY_HAND, "sheet": "九月"}, "book.xlsx")
    assert one.rows_kept == 5
    absent = refused(content, {"kind": "courier_pickups", "columns": BY_HAND, "sheet": "八月"}, "book.xlsx")
    assert (absent.code, absent.found) == ("mapping_sheet_absent", "八月")
    preview = looked_at(content, "book.xlsx")
    assert preview.sheets == ["说明", "十月", "九月"] and preview.sheet == "十月"
    assert looked_at(content, "book.xlsx", sheet="九月").sheet == "九月"


# --- what a mapping may not do -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("changed", "code", "column"), [
    ({"picked_up_at": "打单时间"}, "mapping_wrong_meaning", "打单时间"),
    ({"outlet": "收件人"}, "mapping_personal_column", "收件人"),
    ({"outlet": "没有的列"}, "mapping_column_absent", "没有的列"),
    ({"outlet": "运单"}, "mapping_column_twice", "运单"),
    ({"waybill": "联系方式"}, "mapping_personal_cells", "联系方式"),
])
def test_a_mapping_that_cannot_be_right_is_refused_with_its_place(changed, code, column):
    error = refused(as_csv([["标题"], *strange_rows()]), {"kind": "courier_pickups", "columns": BY_HAND | changed})
    assert (error.code, error.place.row, error.place.column) == (code, 2, column)


def test_a_mapping_that_names_no_header_of_the_file_says_so():
    error = refused(as_csv(strange_rows()), {"kind": "courier_pickups", "columns": {"waybill": "甲", "picked_up_at": "乙"}})
    assert error.code == "mapping_headers_absent" and "甲" in error.values["columns"]


@pytest.mark.parametrize("header", ["首次称重时间", "取号时间", "分拨扫描时间", "打单时间", "面单打印时间", "首条实际交件时间"])
def test_no_weighing_label_or_hub_time_is_a_pickup(header):
    rows = strange_rows(headers=[*STRANGE[:2], header, *STRANGE[3:4], "另一个时间", *STRANGE[5:]])
    error = refused(as_csv(rows), {"kind": "courier_pickups", "columns": BY_HAND | {"picked_up_at": header}})
    assert error.code == "mapping_wrong_meaning" and error.values["why_zh"] and error.values["why_en"]


def test_names_and_addresses_are_never_read_even_where_no_header_speaks():
    content = as_csv(strange_rows()[1:])
    for letter in "FGH":
        columns = {"waybill": "[A]", "picked_up_at": "[C]", "outlet": f"[{letter}]"}
        error = refused(content, {"kind": "courier_pickups", "columns": columns, "header_row": 0})
        assert (error.code, error.place.column) == ("mapping_personal_cells", f"[{letter}]")


def test_a_known_header_speaks_for_short_names_of_places():
    rows = [["运单", "扫描", "揽收网点"], *([f"78{n:013d}", "2026-10-21 18:30:11", "江东"] for n in range(ROWS))]
    columns = {"waybill": "运单", "picked_up_at": "扫描", "outlet": "揽收网点"}
    _, stored = mapped(as_csv(rows), {"kind": "courier_pickups", "columns": columns})
    assert stored[0]["outlet"] == "江东"


# --- the first look ------------------------------------------------------------------------------------------------------------


def test_the_first_look_shows_twenty_rows_and_nobody():
    preview = looked_at(as_csv([["十月揽收，联系 13800001234"], *strange_rows()]))
    assert preview.header_row == 2 and preview.names == STRANGE
    assert preview.hidden == [False] * 5 + [True] * 3
    assert len(preview.rows) == 2 + 20 and preview.rows[1] == (2, STRANGE)
    told = preview.model_dump_json()
    assert not [secret for secret in ("王小明", "1380000", "文三路") if secret in told]
    assert preview.rows[2][1][5:] == [HIDDEN] * 3
    proposed = {one.column: one.header for one in preview.proposals["courier_pickups"]}
    assert preview.kind == "courier_pickups"
    assert proposed["waybill"] == "运单" and proposed["courier"] == "承运商家"
    assert "打单时间" not in proposed.values()


def test_without_a_header_only_figures_and_words_of_the_trade_are_shown():
    rows = [[f"261020-{n:015d}", f"78{n:013d}", "中通快递", "2026-10-21 18:00:00", name, "13800001234", "浙江省", "玻璃杯 两只"] for n, name in enumerate(["王小明", "欧阳小红", "Li Lei", "某某"] * 5)]
    preview = looked_at(as_csv(rows))
    assert preview.header_row == 0 and preview.fingerprint is None
    assert preview.rows[0][1] == [rows[0][0], rows[0][1], "中通快递", "2026-10-21 18:00:00", HIDDEN, HIDDEN, "浙江省", HIDDEN]
    assert {one.column: one.header for one in preview.proposals["pdd_orders"]} == {"order_no": "[A]", "waybill": "[B]", "courier": "[C]"} | {
        one.column: one.header for one in preview.proposals["pdd_orders"] if one.column == "province"
    }


def test_a_choice_of_the_header_row_is_followed():
    rows = [["甲", "乙", "丙"], ["运单", "承运商家", "首次扫描"], *[row[:3] for row in strange_rows()[1:]]]
    assert looked_at(as_csv(rows)).header_row == 1
    chosen = looked_at(as_csv(rows), header_row=2)
    assert chosen.header_row == 2 and chosen.names == ["运单", "承运商家", "首次扫描"]
    assert looked_at(as_csv(rows), header_row=0).names == ["[A]", "[B]", "[C]"]


KNOWN = {"pdd_orders": orders(ROWS), "courier_pickups": pickups(ROWS), "pdd_service": service(ROWS), **NEIGHBOURS}


@pytest.mark.parametrize(("kind", "rows"), KNOWN.items(), ids=KNOWN)
def test_known_headers_are_proposed_as_what_they_are(kind, rows):
    preview = looked_at(as_csv(rows), EXPORT_NAME)
    report, _ = import_here(as_csv(rows))
    assert preview.kind == kind
    proposed = {one.column: one.header for one in preview.proposals[kind] if one.confidence == "sure"}
    assert proposed.items() >= {column: header for column, header in report.columns.items() if column in target(kind).required}.items()


def test_the_real_child_answers_a_first_look(tmp_path):
    preview = preview_file(as_csv(strange_rows()), "揽收.csv", tmp_path, Choice())
    assert preview.names == STRANGE
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(AuditError) as empty:
        preview_file(b"\xef\xbb\xbf\r\n", "空.csv", tmp_path, Choice())
    assert (empty.value.code, empty.value.place.file) == ("blank_file", "空.csv")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.binary(max_size=400), st.text(alphabet="运单,\t;|\"\n\r0123456789-: 王小明省路号*", max_size=300).map(lambda text: text.encode())))
def test_any_bytes_give_a_first_look_or_a_refusal(content):
    try:
        preview = looked_at(content)
    except AuditError:
        return  # a refusal is an answer; any other error fails the test
    assert len(preview.names) == len(preview.hidden)


# --- every other kind ----------------------------------------------------------------------------------------------------------

# The same files in words of their own: (headers, columns that must be proposed, columns a person adds).
STRANGER = {
    "scan_log": (["运单", "承运商家", "动作", "轨迹描述", "扫描时刻", "操作人员"], {"waybill": "运单", "scanned_at": "扫描时刻", "label": "动作"}, {"text": "轨迹描述"}),
    "chat_log": (["访客", "聊天时间", "谁发的", "接待客服", "说了什么"], {"sent_at": "聊天时间", "sender": "谁发的"}, {"conversation": "访客"}),
    "pdd_after_sales": (["工单", "平台单号", "退款状态", "退款原因", "退款完成时间", "退款"], {"order_no": "平台单号", "status": "退款状态", "refunded_at": "退款完成时间"}, {}),
    "pdd_bill": (["平台单号", "入账时间", "入账金额", "出账金额", "费用项"], {"booked_at": "入账时间", "expense_yuan": "出账金额", "business": "费用项"}, {"order_no": "平台单号"}),
    "pdd_violations": (["平台单号", "运单", "处罚原因", "罚款金额"], {"order_no": "平台单号", "violation": "处罚原因", "fine_yuan": "罚款金额"}, {}),
    "waybill_labels": (["运单", "承运商家", "取号网点", "打单时间"], {"waybill": "运单", "labelled_at": "打单时间"}, {"outlet": "取号网点"}),
}


def stranger_rows(kind):
    known = NEIGHBOURS[kind]
    cells = {"scan_log": [0, 1, 2, 3, 4, 5], "chat_log": [0, 1, 2, 3, 4], "pdd_after_sales": [0, 1, 2, 3, 4, 5], "pdd_bill": [0, 1, 2, 3, 4],
             "pdd_violations": [0, 1, 2, 3], "waybill_labels": [0, 1, 2, 3]}[kind]
    return [STRANGER[kind][0], *([row[at] for at in cells] for row in known[1:])]


@pytest.mark.parametrize("kind", NEIGHBOURS)
def test_a_stranger_of_every_kind_is_proposed_as_what_it_is(kind):
    preview = looked_at(as_csv(stranger_rows(kind)))
    proposed = {one.column: one.header for one in preview.proposals[kind]}
    assert preview.kind == kind
    assert proposed.items() >= STRANGER[kind][1].items()
    assert "13800001234" not in preview.model_dump_json() and "王小明" not in preview.model_dump_json() and "亲，在吗" not in preview.model_dump_json()


@pytest.mark.parametrize("book", [False, True], ids=["csv", "xlsx"])
@pytest.mark.parametrize("kind", NEIGHBOURS)
def test_a_stranger_of_every_kind_is_read_as_its_twin_with_known_headers(kind, book):
    rows = stranger_rows(kind)
    mapping = {"kind": kind, "columns": STRANGER[kind][1] | STRANGER[kind][2]}
    used = [at for at, header in enumerate(STRANGER[kind][0]) if header in mapping["columns"].values()]
    twin = [[row[at] for at in used] for row in NEIGHBOURS[kind]]
    report, stored = mapped(as_xlsx(rows) if book else as_csv(rows), mapping)
    known, expected = import_here(as_xlsx(twin) if book else as_csv(twin), "twin.xlsx" if book else "twin.csv")
    assert (report.kind, report.rows_read, report.rows_kept, report.left_out) == (known.kind, known.rows_read, known.rows_kept, known.left_out)
    for row in (*stored, *expected):  # only a file that was walked through row by row has them
        row.pop("source_row")
    assert stored == expected and stored
    assert "王小明" not in str(stored) + report.model_dump_json() and "13800001234" not in str(stored) + report.model_dump_json()


def test_a_scan_log_must_say_what_each_scan_was():
    columns = {"waybill": "运单", "scanned_at": "扫描时刻"}
    error = refused(as_csv(stranger_rows("scan_log")), {"kind": "scan_log", "columns": columns})
    assert (error.code, "label" in error.values["columns"]) == ("mapping_none_of", True)
    report, stored = mapped(as_csv(stranger_rows("scan_log")), {"kind": "scan_log", "columns": columns, "constants": {"label": "揽收"}})
    assert report.kind == "courier_pickups" and all(row["picked_up_at"] for row in stored)


def test_a_buyers_name_tells_conversations_apart_and_feeds_nothing_else():
    rows = [["买家昵称", *row[1:]] if at == 0 else row for at, row in enumerate(stranger_rows("chat_log"))]
    columns = {"conversation": "买家昵称", "sent_at": "聊天时间", "sender": "谁发的"}
    report, stored = mapped(as_csv(rows), {"kind": "chat_log", "columns": columns})
    assert report.rows_kept == len(rows) - 1 and not any("王小明" in str(row.values()) for row in stored)
    for column in ("agent", "sender"):
        assert refused(as_csv(rows), {"kind": "chat_log", "columns": columns | {"conversation": "接待客服", column: "买家昵称"}}).code == "mapping_personal_column"


def test_what_buyers_wrote_is_shown_to_nobody():
    preview = looked_at(as_csv(stranger_rows("chat_log")))
    hidden = dict(zip(preview.names, preview.hidden, strict=True))
    assert hidden["说了什么"] and not hidden["谁发的"]


# --- remembered ----------------------------------------------------------------------------------------------------------------


def remembering(*mappings, on="2026-11-20"):
    return ByHand(remembered=tuple(Remembered(header_fingerprint(headers), Mapping.model_validate(mapping), on) for headers, mapping in mappings)).as_job()


@pytest.mark.parametrize("book", [False, True], ids=["csv", "xlsx"])
def test_a_remembered_mapping_is_used_whatever_the_order_of_the_columns(book):
    order = random.Random(3).sample(range(len(STRANGE)), len(STRANGE))
    rows = [["十一月"], *([row[at] for at in order] for row in strange_rows())]
    by_hand = remembering((["别的"], {"kind": "pdd_service", "columns": {"day": "别的"}}), (STRANGE, {"kind": "courier_pickups", "columns": BY_HAND}))
    report, _ = in_child(as_xlsx(rows) if book else as_csv(rows), by_hand=by_hand)
    assert report.rows_kept == ROWS
    assert next(notice.values["date"] for notice in report.notices if notice.code == "mapped_by_hand") == "2026-11-20"


def test_a_file_with_other_headers_is_read_as_if_nothing_were_remembered():
    by_hand = remembering((STRANGE, {"kind": "courier_pickups", "columns": BY_HAND}))
    report, _ = in_child(as_csv(orders()), EXPORT_NAME, by_hand=by_hand)
    assert report.kind == "pdd_orders" and "mapped_by_hand" not in {notice.code for notice in report.notices}


def test_the_ledger_keeps_what_was_mapped_and_a_removed_one_is_read_the_new_way(tmp_path):
    ledger = Ledger(tmp_path / "ledger")
    content = as_csv(strange_rows())
    first = ByHand(Mapping(kind="courier_pickups", columns=BY_HAND), "2026-11-20")
    report, new = ledger.add(content, "揽收.csv", Circumstances(by_hand=first))
    assert new and report.rows_kept == ROWS and "outlet" in report.columns
    ledger.remove(report.sha256)
    fewer = {column: header for column, header in BY_HAND.items() if column != "outlet"}
    again, new = ledger.add(content, "揽收.csv", Circumstances(by_hand=ByHand(Mapping(kind="courier_pickups", columns=fewer), "2026-11-21")))
    assert new and "outlet" not in again.columns


# --- any known export, renamed and shuffled, is the same export ------------------------------------------------------------------


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["pdd_orders", "courier_pickups", "pdd_service"]), st.randoms(use_true_random=False))
def test_shuffled_and_renamed_headers_with_their_mapping_give_the_same_rows(kind, chance):
    rows = {"pdd_orders": orders(9), "courier_pickups": pickups(9, total=False), "pdd_service": service(9)}[kind]
    plain, expected = in_child(as_csv(rows), EXPORT_NAME)
    names = {header: column for column, header in plain.columns.items()}
    # the response time names its unit in its header, so that one keeps it
    renamed = [f"列{chance.randrange(10**6)}x{at}{'(分钟)' if '分钟' in header else ''}" if header in names else header for at, header in enumerate(rows[0])]
    keep = [at for at, header in enumerate(rows[0]) if header in names]
    order = chance.sample(keep, len(keep))
    shuffled = [[renamed[at] for at in order], *([row[at] for at in order] for row in rows[1:])]
    mapping = {"kind": kind, "columns": {names[rows[0][at]]: renamed[at] for at in keep}}
    _, found = mapped(as_csv(shuffled), mapping, EXPORT_NAME)
    assert found == expected


# --- as a file -----------------------------------------------------------------------------------------------------------------


def test_a_written_mapping_reads_back_as_it_was(tmp_path):
    preview = looked_at(as_csv([["十月"], *strange_rows()]))
    proposed = preview.proposed()
    path = tmp_path / "mapping.yaml"
    path.write_text(mapping_yaml(preview, target(proposed.kind), proposed, ["one line"]), "utf-8")
    assert read_mapping(path) == proposed
    assert "王小明" not in path.read_text("utf-8") and "138" not in path.read_text("utf-8")


def test_a_header_cannot_leave_its_quotes_in_the_written_mapping(tmp_path):
    headers = ["运单", '"}\nkind: pdd_orders', "首次扫描", "# x: !!python/object", "'; --", "\u2028行"]
    rows = [headers, *([f"78{n:013d}", "a\nb: c", "2026-10-21 18:00:00", "{{}}", "*a", "&b"] for n in range(5))]
    preview = looked_at(as_csv(rows))
    path = tmp_path / "mapping.yaml"
    path.write_text(mapping_yaml(preview, target("courier_pickups"), preview.proposed("courier_pickups"), []), "utf-8")
    assert read_mapping(path).kind == "courier_pickups"


@pytest.mark.parametrize(("text", "code"), [
    ("kind: pdd_orders\ncolumns: {order_no: a, colour: b}\ncolors: {}\n", "checklist_unknown_key"),
    ("kind: parcels\ncolumns: {order_no: a}\n", "checklist_not_in_list"),
    ("kind: pdd_orders\ncolumns: {}\n", "checklist_wrong_length"),
    ("kind: pdd_orders\ncolumns: {order_no: a}\nconstants: {courier: \"a'b\"}\n", "checklist_bad_pattern"),
    ("kind: pdd_orders\ncolumns: &a {order_no: a}\nconstants: *a\n", "checklist_yaml_alias"),
])
def test_a_wrong_mapping_file_names_its_line(tmp_path, text, code):
    path = tmp_path / "m.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(AuditError) as caught:
        read_mapping(path)
    assert caught.value.code == code and caught.value.place.file == "m.yaml" and caught.value.place.row


# --- the hints -----------------------------------------------------------------------------------------------------------------


def test_no_header_that_a_source_reads_by_itself_is_forbidden_to_a_mapping():
    from pdd_audit.core.mapping import why_never

    for one in sources():
        if one.id in MAPPED_KINDS:
            wanted = target(one.id)
            wrong = [(column, header) for column, headers in one.headers.items() for header in headers if why_never(wanted, column, header)]
            assert wrong == []
