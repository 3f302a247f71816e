"""Each bad file is refused with one code and the right place; nothing but a report or an AuditError ever comes out."""

import gzip
import io
import zipfile
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pdd_audit.core.errors import AuditError
from pdd_audit.data.reading.limits import COMMAND_LINE
from pdd_audit.texts import LANGS, error_text
from tests.data.builders import (
    EXPORT_NAME,
    LAYOUTS,
    SERVICE_HEADERS,
    as_csv,
    as_xlsx,
    import_here,
    orders,
    pickups,
    service,
    with_sheet_xml,
)


def _without(rows, header):
    at = rows[0].index(header)
    return [row[:at] + row[at + 1 :] for row in rows]


def _broken(rows, row, raw):
    lines = as_csv(rows).split(b"\r\n")
    lines[row - 1] = lines[row - 1].replace("浙江省".encode(), raw)
    return b"\r\n".join(lines)


def _glued():
    return as_csv(orders(5)) + as_csv(orders(5)[1:], "gb18030")


def _glued_other_way():
    return as_csv(orders(5), "gb18030") + as_csv(orders(5)[1:])


def _quote(rows, row):
    at = rows[0].index("商品")
    lines = as_csv(rows).decode().split("\r\n")
    cells = lines[row - 1].split(",")
    cells[at] = '"没有闭合'
    lines[row - 1] = ",".join(cells)
    return "\r\n".join(lines).encode()


def _zip(**members):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return sink.getvalue()


def _far(cell):
    return with_sheet_xml(
        as_xlsx(orders(2)), lambda xml: xml.replace(b"</sheetData>", f'<row r="9"><c t="n" {cell}><v>1</v></c></row></sheetData>'.encode())
    )


def _bad_orders(count, of):
    rows = orders(of)
    for row in rows[1 : count + 1]:
        row[rows[0].index("订单号")] = "123"
    return as_csv(rows)


def _lost_digits():
    rows = pickups(40)
    for row in rows[1:-1]:
        row[0] = "7.89E+14"
    return as_csv(rows)


def _time_column(rows, header, text):
    for row in rows[1:]:
        row[rows[0].index(header)] = text
    return as_csv(rows)


# name of the case -> (bytes, file name, code, row, column)
CASES = {
    "0 bytes": (b"", "a.csv", "empty_file", None, None),
    "only a BOM and blanks": (b"\xef\xbb\xbf \r\n\r\n", "a.csv", "blank_file", None, None),
    "only delimiters": (b",,,\r\n,,,\r\n", "a.csv", "blank_file", None, None),
    "header only": (as_csv(orders(0)), "a.csv", "header_only", 1, None),
    "header and total only": (as_csv([*orders(0), ["合计"]]), "a.csv", "header_only", 1, None),
    "header-only workbook": (as_xlsx(orders(0)), "a.xlsx", "header_only", 1, None),
    "blank workbook": (as_xlsx([]), "a.xlsx", "blank_file", None, None),
    "Douyin orders": (
        as_csv([["主订单编号", "子订单编号", "选购商品", "订单状态", "发货时间", "售后状态"], ["1"] * 6]),
        "a.csv",
        "wrong_platform",
        1,
        None,
    ),
    "Douyin service": (as_csv([["客服账号", "人工已接待人数", "不满意率"], ["1"] * 3]), "a.csv", "wrong_platform", 1, None),
    "Taobao": (as_csv([["订单编号", "买家会员名", "宝贝标题", "订单状态"], ["1"] * 4]), "a.csv", "wrong_platform", 1, None),
    "Tmall": (
        as_csv([["订单编号", "总金额", "买家实际支付金额", "订单创建时间", "订单付款时间 "], ["1"] * 5]),
        "a.csv",
        "wrong_platform",
        1,
        None,
    ),
    "Qianniu": (as_csv([["订单编号", "快递单号", "应揽收时间", "预计赔付金额"], ["1"] * 4]), "a.csv", "wrong_platform", 1, None),
    "1688": (as_csv([["订单编号", "买家公司名", "卖家公司名", "货品总价(元)"], ["1"] * 4]), "a.csv", "wrong_platform", 1, None),
    "Alipay": (as_csv([["账务流水号", "商户订单号", "账户余额（元）"], ["1"] * 3]), "a.csv", "wrong_platform", 1, None),
    "unknown layout": (as_csv([["甲", "乙", "丙"], ["1", "2", "3"]]), "a.csv", "unknown_layout", 1, None),
    "bill without amounts": (as_csv([["商户订单号", "发生时间", "账务类型"], ["1"] * 3]), "a.csv", "missing_column", 1, "支出金额(-元)"),
    "exemption list": (as_csv([["商品", "订单编号", "豁免类型"], ["1"] * 3]), "a.csv", "unread_kind", 1, None),
    "weighing only": (
        as_csv([["运单号", "首条称重时间", "最新状态"], ["780000000000001", "2026-10-01 08:00:00", ""]]),
        "a.csv",
        "no_pickup_column",
        1,
        None,
    ),
    "hub only": (
        as_csv([["运单号", "首次分拨扫描时间"], ["780000000000001", "2026-10-01 08:00:00"]]),
        "a.csv",
        "no_pickup_column",
        1,
        None,
    ),
    "blank pickups": (as_csv(pickups(5, 第一条揽收时间="")), "a.csv", "blank_pickup_column", 1, "第一条揽收时间"),
    "L5 without ship time": (as_csv(orders(3, LAYOUTS["L5"])), "a.csv", "missing_column", 1, "发货时间"),
    "no waybill column": (as_csv(_without(orders(3), "快递单号")), "a.csv", "missing_column", 1, "快递单号"),
    "no order column": (as_csv(_without(orders(3), "订单号")), "a.csv", "missing_column", 1, "订单号"),
    "pickups with pickup lost": (as_csv(_without(pickups(3), "第一条揽收时间")), "a.csv", "no_pickup_column", 1, None),
    "broken byte": (_broken(orders(9), 5, b"\xe6\xb5\xff"), "a.csv", "bad_encoding", 5, None),
    "glued encodings": (_glued(), "a.csv", "bad_encoding", 7, None),
    "glued the other way": (_glued_other_way(), "a.csv", "bad_encoding", 7, None),
    "destroyed statuses": (as_csv(orders(3, 订单状态="锟斤拷锟斤拷")), "a.csv", "destroyed_text", 2, "订单状态"),
    "replacement characters": (as_csv(orders(3, 快递公司="\ufffd\ufffd快递")), "a.csv", "destroyed_text", 2, None),
    "destroyed header": (as_csv([["订单号", "订单状态", "锟斤拷", "样式ID"], ["1"] * 4]), "a.csv", "destroyed_text", 1, None),
    "UTF-8 shown as Latin-1": (as_csv(orders(2)).decode("latin-1").encode(), "a.csv", "destroyed_text", 1, None),
    "HTML as xls": ("<html><body><table><tr><td>订单号</td></tr></table>".encode(), "a.xls", "html_page", None, None),
    "XML as xls": (b'<?xml version="1.0"?><Workbook></Workbook>', "a.xls", "not_a_table", None, None),
    "PDF": (b"%PDF-1.7\n...", "a.pdf", "not_a_table", None, None),
    "PNG": (b"\x89PNG\r\n\x1a\n\0\0", "a.csv", "not_a_table", None, None),
    "RAR": (b"Rar!\x1a\x07\0", "a.rar", "archive_file", None, None),
    "gzip": (gzip.compress(as_csv(orders(3))), "a.csv.gz", "archive_file", None, None),
    "zip of a csv": (_zip(**{"a.csv": "x"}), "a.zip", "archive_file", None, None),
    "Word": (_zip(**{"word/document.xml": "<x/>", "[Content_Types].xml": "<x/>"}), "a.docx", "not_a_table", None, None),
    "encrypted xlsx": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
        "a.xlsx",
        "encrypted_workbook",
        None,
        None,
    ),
    "cut xlsx": (as_xlsx(orders(3))[:-400], "a.xlsx", "damaged_workbook", None, None),
    "xlsx without workbook": (_zip(**{"xl/x.xml": "<x/>"}), "a.xlsx", "damaged_workbook", None, None),
    "zip bomb": (
        _zip(**{"xl/workbook.xml": "<x/>", "xl/worksheets/sheet1.xml": b"<x>" + b" " * 60_000_000}),
        "a.xlsx",
        "zip_bomb",
        None,
        None,
    ),
    "parent path": (_zip(**{"xl/workbook.xml": "<x/>", "../evil.xml": "<x/>"}), "a.xlsx", "unsafe_workbook", None, None),
    "DOCTYPE": (
        with_sheet_xml(as_xlsx(orders(2)), lambda xml: b'<!DOCTYPE a [<!ENTITY b "c">]>' + xml),
        "a.xlsx",
        "unsafe_workbook",
        None,
        None,
    ),
    "far cell": (_far('r="XFD1048576"'), "a.xlsx", "far_cell", None, None),
    "far cell, single quotes": (_far("r = 'XFD1048576'"), "a.xlsx", "far_cell", None, None),
    "far row": (_far('r="CV1048576"'), "a.xlsx", "far_cell", None, None),
    "lock file": (b"\x05user", "~$a.xlsx", "lock_file", None, None),
    "NULs": (b"\x00\x01\x02\x03" * 4000, "a.csv", "binary_file", None, None),
    "open quote": (_quote(orders(60), 7), "a.csv", "open_quote", 7, "商品"),
    "open quote near the end": (_quote(orders(9), 9), "a.csv", "open_quote", 9, "商品"),
    "too many columns": (as_csv([[*orders(0)[0], *[f"x{n}" for n in range(2100)]]]), "a.csv", "too_many_columns", 1, None),
    "a million columns": (b",".join([b"x"] * 200_000), "a.csv", "too_many_columns", 1, None),
    "one giant line": (as_csv(orders(3)) + b"x" * 3_000_000, "a.csv", "giant_line", 5, None),
    "full-width commas": (
        "，".join(["订单号", "订单状态", "快递单号", "发货时间", "样式ID"]).encode() + b"\r\n1\r\n",
        "a.csv",
        "full_width_delimiter",
        1,
        None,
    ),
    "order numbers of another kind": (_bad_orders(4, 40), "a.csv", "order_number_mismatch", 2, "订单号"),
    "too many bad rows": (_bad_orders(30, 400), "a.csv", "too_many_bad_rows", 2, "订单号"),
    "lost digits": (_lost_digits(), "a.csv", "destroyed_numbers", 2, "运单号"),
    "all times bad": (_time_column(orders(30), "发货时间", "昨天"), "a.csv", "bad_times", 2, "发货时间"),
    "all times in the future": (_time_column(orders(30), "发货时间", "2027-01-01 00:00:00"), EXPORT_NAME, "future_times", 2, "发货时间"),
}


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("case", CASES)
def test_a_bad_file_is_refused_with_its_code_and_place(case):
    content, name, code, row, column = CASES[case]
    with pytest.raises(AuditError) as caught:
        import_here(content, name)
    error = caught.value
    assert (error.code, error.place.row) == (code, row)
    if column is not None:
        assert error.place.column == column
    for lang in LANGS:
        title, body = error_text(error, lang)
        assert title and body and "{" not in title + body


@pytest.mark.parametrize(
    ("content", "expected"),
    [(as_csv(pickups(3)), "pdd_orders"), (as_csv(orders(3)), "courier_pickups"), (as_csv(service(3)), "pdd_orders")],
)
def test_a_known_file_of_another_kind_is_read_as_what_it_is_and_named(content, expected):
    report, _ = import_here(content, "a.csv", expected=expected)
    assert report.kind != expected and "other_slot" in {notice.code for notice in report.notices}


def test_a_file_larger_than_its_limit_is_refused_before_it_is_read():
    with pytest.raises(AuditError, match="too_large"):
        import_here(as_csv(orders(3)), "a.csv", limits=replace(COMMAND_LINE, file_bytes=1000))


def test_a_refusal_never_shows_a_cell_of_a_personal_column():
    rows = orders(60)
    at = rows[0].index("收货人")
    lines = as_csv(rows).decode().split("\r\n")
    cells = lines[6].split(",")
    cells[at] = '"张三丰'
    lines[6] = ",".join(cells)
    with pytest.raises(AuditError) as caught:
        import_here("\r\n".join(lines).encode())
    assert (caught.value.code, caught.value.place.column, caught.value.found) == ("open_quote", "收货人", "")


def test_a_file_without_header_shows_nothing_of_its_rows():
    with pytest.raises(AuditError) as caught:
        import_here(as_csv([["张三丰", "13800000000", "某街道"]]), "a.csv")
    assert (caught.value.code, caught.value.found) == ("unknown_layout", "")


def _report_or_refusal(content, name="a.csv"):
    try:
        report, _ = import_here(content, name)
    except AuditError as error:
        for lang in LANGS:
            error_text(error, lang)
        return
    assert report.rows_read == report.rows_kept + sum(report.left_out.values())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400))
def test_any_bytes_give_a_report_or_a_refusal(content):
    _report_or_refusal(content)


CELLS = st.text(st.characters(codec="utf-8"), max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.lists(CELLS, min_size=6, max_size=7), min_size=1, max_size=6),
    st.sampled_from(["orders", "pickups", "service"]),
    st.booleans(),
)
def test_any_cells_below_a_known_header_balance(rows, kind, raw):
    header = {
        "orders": ["订单号", "订单状态", "快递单号", "发货时间", "样式ID", "商家实收金额(元)"],
        "pickups": pickups(0)[0],
        "service": SERVICE_HEADERS[:6],
    }[kind]
    if raw:
        _report_or_refusal("\n".join(",".join(row) for row in [header, *rows]).encode("utf-8", "replace"))
    else:
        _report_or_refusal(as_csv([header, *rows]))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 6000), st.binary(min_size=1, max_size=6))
def test_a_damaged_workbook_gives_a_report_or_a_refusal(at, noise):
    content = as_xlsx(service(3))
    at %= len(content)
    _report_or_refusal(content[:at] + noise + content[at + len(noise) :], "a.xlsx")


def test_limits_grow_with_the_file():
    assert COMMAND_LINE.for_size(10**9).cpu_seconds > COMMAND_LINE.cpu_seconds
