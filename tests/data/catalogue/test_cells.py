"""Cells and ids of order files: what is repaired without a word, what is said with its row, and what is refused."""

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.texts import Words
from tests.data.builders import as_csv, as_xlsx, import_here, orders, pickups
from tests.data.catalogue.expected import case


def table(count=40, headers=None, **cells):
    """Orders of which the first carries the cells of the case."""
    rows = orders(count, headers)
    for header, text in cells.items():
        rows[1][rows[0].index(header)] = text
    return rows


def said(report, code):
    return next((notice.values for notice in report.notices if notice.code == code), None)


@pytest.mark.parametrize(
    ("header", "text", "column", "value"),
    [
        pytest.param("快递单号", "780000000000001\t", "waybill", "780000000000001", id="BF-084 a TAB behind"),
        pytest.param("发货时间", "\t", "shipped_at", None, id="BF-084 a lone TAB"),
        pytest.param("快递单号", "780000000000001\\t", "waybill", "780000000000001", id="BF-085"),
        pytest.param("快递单号", '="780000000000001"', "waybill", "780000000000001", id="BF-086 wrapper"),
        pytest.param("快递单号", "'780000000000001", "waybill", "780000000000001", id="BF-086 apostrophe"),
        pytest.param("快递单号", "780000000000001.0", "waybill", "780000000000001", id="BF-089"),
        pytest.param("快递单号", "yt 1234567890１23", "waybill", "YT1234567890123", id="BF-092"),
        pytest.param("订单状态", "已发货,待签收", "status", "shipped", id="BF-098"),
        pytest.param("省", "暂无", "province", None, id="BF-100 a word"),
        pytest.param("快递公司", "--", "courier", None, id="BF-100 dashes"),
        pytest.param("商家实收金额(元)", "NaN", "received_yuan", None, id="BF-122 NaN stands for an empty cell"),
    ],
)
def test_is_repaired_silently(header, text, column, value):
    report, rows = import_here(as_csv(table(**{header: text})))
    assert rows[0][column] == value
    assert report.rows_kept == 40


@pytest.mark.parametrize(
    ("header", "text", "code", "found"),
    [
        pytest.param("快递单号", "7.89E+14", "set_aside_waybill", "7.89E+14", id="BF-087"),
        pytest.param("快递单号", "7.89306513736651E+14", "restored_waybill", None, id="BF-088"),
        pytest.param("快递单号", "78000000000001", "short_waybill", "78000000000001", id="BF-091"),
        pytest.param("快递单号", "无需物流", "not_a_waybill", None, id="BF-093"),
        pytest.param("快递单号", "YT1234567890123", "other_prefix", "中通 YT1234567890123", id="BF-094"),
        pytest.param("订单号", "261020000000000000001", "restored_hyphen", None, id="BF-097"),
        pytest.param("订单号", "不是", "set_aside_order_no", "", id="BF-096 few"),
        pytest.param("发货时间", "########", "cell_error", None, id="BF-103 hashes"),
        pytest.param("商家实收金额(元)", "#N/A", "cell_error", None, id="BF-103 error"),
    ],
)
def test_is_said_with_its_row_and_column(header, text, code, found):
    report, _ = import_here(as_csv(table(**{header: text})))
    values = said(report, code)
    assert values["rows"] == 1 and values["row"] == 2
    if found is not None:
        assert (values["column"], values["found"]) == (header, found)


def test_a_restored_waybill_has_all_its_digits():
    _, rows = import_here(as_csv(table(快递单号="7.89306513736651E+14")))
    assert rows[0]["waybill"] == "789306513736651"


@case("BF-095")
def test_an_unknown_courier_is_kept_and_listed():
    report, rows = import_here(as_csv(table(快递公司="飞马特快")))
    assert rows[0]["courier"] == "飞马特快"
    assert said(report, "unknown_couriers") == {"names": "飞马特快", "count": 1}


@case("BF-099")
def test_an_unknown_status_stays_outside_the_rates():
    report, rows = import_here(as_csv(table(订单状态="神秘状态")))
    assert (rows[0]["status"], rows[0]["excluded_kind"]) == ("unknown", "unknown_status")
    assert said(report, "unknown_status") == {"rows": 1, "text": "神秘状态", "row": 2}


@case("BF-101")
def test_personal_columns_are_dropped_and_said():
    report, rows = import_here(as_csv(table(收货人="王*")))
    assert "收货人" in said(report, "personal_dropped")["columns"]
    assert not any("王" in str(value) for row in rows for value in row.values())


def test_no_phone_of_a_shifted_row_is_quoted():
    report, _ = import_here(as_csv(table(订单号="13800000000")))
    assert said(report, "set_aside_order_no")["found"] == ""


@case("BF-102 xlsx")
def test_formulas_speak_by_their_stored_result():
    import io

    import xlsxwriter

    sink, rows = io.BytesIO(), [[cell.strip() for cell in row] for row in orders(30)]
    book = xlsxwriter.Workbook(sink, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    sheet.write_formula(1, rows[0].index("快递单号"), "=1/0", None, "780000000000777")
    book.close()
    _, found = import_here(sink.getvalue(), "a.xlsx")
    assert found[0]["waybill"] == "780000000000777"


@case("BF-090")
def test_a_number_of_a_sheet_beyond_fifteen_digits_is_set_aside():
    rows = [[cell.strip() for cell in row] for row in orders(40)]
    rows[1][rows[0].index("快递单号")] = 7800000000000012345
    report, _ = import_here(as_xlsx(rows), "a.xlsx")
    assert said(report, "set_aside_waybill")["row"] == 2


@pytest.mark.parametrize(
    ("header", "text", "code"),
    [
        pytest.param("快递单号", "7.89E+14", "destroyed_numbers", id="BF-087 whole column"),
        pytest.param("订单号", "2.61E+20", "destroyed_numbers", id="BF-097 scientific"),
        pytest.param("订单号", "123", "order_number_mismatch", id="BF-096 many"),
    ],
)
def test_a_destroyed_column_is_refused(header, text, code):
    rows = orders(40)
    for row in rows[1:]:
        row[rows[0].index(header)] = text
    with pytest.raises(AuditError) as caught:
        import_here(as_csv(rows))
    assert (caught.value.code, caught.value.place.row, caught.value.place.column) == (code, 2, header)
    assert caught.value.found


def test_a_notice_names_twenty_rows_and_counts_the_rest():
    report, _ = import_here(as_csv(orders(30, **{"商品数量(件)": "-5"})))
    values = said(report, "bad_quantity")
    assert (values["rows"], values["row"], values["named"]) == (30, 2, list(range(2, 22)))
    assert Words("zh").notice("bad_quantity", values).endswith("21，另有 10 行）") and Words("en").notice("bad_quantity", values).endswith("21 and 10 more)")


def test_rows_left_out_for_their_time_are_named():
    rows = pickups(60, total=False)
    rows[2][2], rows[8][2], rows[5][2] = "昨天", "明天", "2027-10-21 05:01:00"
    report, _ = import_here(as_csv(rows), "courier2026-10-28-18-00-00.csv")
    assert said(report, "set_aside_time") == {"rows": 2, "row": 3, "named": [3, 9], "found": "", "column": "第一条揽收时间"}
    assert (said(report, "set_aside_future_time")["rows"], said(report, "set_aside_future_time")["row"]) == (1, 6)
    assert Words("en").notice("set_aside_time", said(report, "set_aside_time")).endswith("(rows 3, 9)")
