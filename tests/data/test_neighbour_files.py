"""Files beside orders and pickups: after-sale cases, bills, penalised orders, labels. Each is read, and only what is needed is kept."""

from datetime import datetime
from decimal import Decimal

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.data.reading.sources import source
from tests.data.builders import as_csv, as_xlsx, import_here
from tests.data.catalogue.expected import Case, Read, Refused, ask

ONE, TWO, THREE = (f"261020-{number:015d}" for number in (1, 2, 3))
CASES_HEADER = ["售后编号", "订单编号", "订单状态", "售后状态", "售后类型", "售后原因", "申请时间", "同意退款时间", "退款金额(元)", "退货运单号"]
BILL_HEADER = ["商户订单号", "发生时间", "收入金额（+元）", "支出金额（-元）", "账务类型", "备注", "业务描述"]
PENALISED_HEADER = ["订单号", "发货时间", "店铺ID", "店铺名称", "商品ID", "商品名称", "商品类型", "快递公司", "快递单号", "违规类型", "可参考规则"]
LABEL_HEADER = ["电子面单号", "快递公司", "网点名称", "showStatus", "取号时间", "订单号"]
AT = "2026-10-21 09:00:00"


def a_case(number="1001", order=ONE, status="退款成功", kind="仅退款", reason="快递停滞", agreed="2026-10-21 15:00:00\t", amount="17.80\t"):
    return [number, order, "已发货，退款成功", status, kind, reason, AT, agreed, amount, ""]


def a_booking(order=ONE, income="", expense="-3.00", business="0040004|售后费用-延迟发货", at=AT):
    return [order, at, income, expense, "其他", "", business]


def a_penalty(order=ONE, violation="揽收超时", waybill="780000000000001"):
    return [order, AT, "1", "测试店", "1", "测试商品", "普通", "中通快递", waybill, violation, "发货规则"]


def a_label(waybill="780000000000001", state="2", outlet="义乌江东网点"):
    return [waybill, "中通快递", outlet, state, AT, ONE]


def read(header, *rows, name="file2026-10-28-18-00-00.csv", **more):
    return import_here(as_csv([header, *rows]), name, **more)


def test_a_case_says_when_the_refund_was_agreed_and_keeps_no_words_of_the_buyer():
    report, (row,) = read(CASES_HEADER, a_case(reason="快递停滞，请联系王某某13800000000"))
    assert (report.kind, row["order_no"], row["after_sale_no"]) == ("pdd_after_sales", ONE, "1001")
    assert (row["status"], row["kind"], row["reason"]) == ("refunded", "refund_only", "slow_transport")
    assert (row["requested_at"], row["refunded_at"], row["amount_yuan"]) == (datetime(2026, 10, 21, 9), datetime(2026, 10, 21, 15), Decimal("17.80"))
    assert "王某某" not in str(row) + report.model_dump_json()


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("退款成功", "refunded"), ("无售后或售后取消", "closed"), ("无售后/取消售后", "closed"), ("售后处理中", "open"), ("退款中", "open"),
        ("商家同意退货退款，待买家发货", "open"), ("用户已发货，待商家处理", "open"), ("售后取消，退款失败", "closed"), ("买家撤销", "closed"),
        ("换货成功", "exchanged"), ("商家已发货，待消费者确认收货", "open"), ("平台拒绝退款，退款关闭", "closed"), ("神秘状态", "unknown"), ("\t", "unknown"),
    ],
)
def test_every_after_sale_status_has_its_class(text, status):
    _, (row,) = read(CASES_HEADER, a_case(status=text))
    assert row["status"] == status


def test_the_further_state_of_a_case_wins():
    report, rows = read(CASES_HEADER, a_case(status="退款中", agreed=""), a_case(), a_case(), a_case("1002", TWO, agreed=""))
    assert report.left_out == {"duplicate_row": 1, "repeated_case": 1}
    assert {row["after_sale_no"]: row["status"] for row in rows} == {"1001": "refunded", "1002": "refunded"}
    assert {notice.code: notice.values for notice in report.notices}["refunds_undated"] == {"rows": 1, "refunds": 2, "row": 5}


@pytest.mark.parametrize("income", source("pdd_bill").headers["income_yuan"])
@pytest.mark.parametrize("expense", source("pdd_bill").headers["expense_yuan"])
def test_every_spelling_of_the_amounts_is_known(income, expense):
    wide = {"(": "（", ")": "）"}
    for spelled in (lambda text: text, lambda text: "".join(wide.get(letter, letter) for letter in text)):
        header = ["商家订单号", "发生时间", spelled(income), spelled(expense), "账务类型", "备注", "业务描述"]
        report, rows = read(header, a_booking(), a_booking(income="5.00", expense=""))
        assert report.kind == "pdd_bill" and [(row["income_yuan"], row["expense_yuan"]) for row in rows] == [(None, 3), (5, None)]


@pytest.mark.parametrize(
    ("business", "code", "name", "category"),
    [
        ("0040004|售后费用-延迟发货", "0040004", "售后费用-延迟发货", "fine_late_shipping"),
        ("0040005|售后费用-虚假发货", "0040005", "售后费用-虚假发货", "fine_false_shipping"),
        ("0040002|售后费用-售后补偿消费者", "0040002", "售后费用-售后补偿消费者", "compensation"),
        ("0010002|订单收入", "0010002", "订单收入", "other"),
        ("0099999|没见过的业务", "0099999", "没见过的业务", "other"),
        ("其他收入-申诉补回", None, "申诉补回", "appeal_refund"),
        ("售后费用-缺货", None, "售后费用-缺货", "fine_out_of_stock"),
        ("售后费用-欺诈发货", None, "欺诈发货", "fine_false_shipping"),
        ("王某某 13800000000", None, None, "other"),
        ("", None, None, "other"),
    ],
)
def test_a_booking_is_known_by_its_code_else_by_its_name(business, code, name, category):
    _, (row,) = read(BILL_HEADER, a_booking(business=business))
    assert (row["code"], row["code_name"], row["category"]) == (code, name, category)


@pytest.mark.parametrize("cell", ["-3.00", "3.00", "3.00\t", "￥3.00", "3"])
def test_an_expense_counts_by_its_size_whatever_its_sign(cell):
    _, (row,) = read(BILL_HEADER, a_booking(expense=cell))
    assert row["expense_yuan"] == 3


def test_bookings_without_an_order_are_kept_and_summed():
    """BF-083."""
    rows = [a_booking(""), a_booking("\t"), a_booking("平台扣款"), a_booking(ONE), a_booking(TWO, expense="5", business="0040005|售后费用-虚假发货")]
    report, kept = read(BILL_HEADER, *rows, a_booking(ONE, "3.00", "", "其他收入-申诉补回"))
    assert [row["order_no"] for row in kept] == [None, None, None, ONE, TWO, ONE]
    said = {notice.code: notice.values for notice in report.notices}
    assert said["bill_fines"] == {"late": 4, "late_yuan": "12.00", "false": 1, "false_yuan": "5.00", "won": 1, "won_yuan": "3.00"}
    assert said["bill_unlinked"] == {"rows": 3, "fines": 5}
    assert report.dropped_personal == ["备注"]


def test_equal_deductions_of_one_second_are_two_deductions():
    report, rows = read(BILL_HEADER, a_booking(""), a_booking(""))
    assert report.left_out == {} and len(rows) == 2


@pytest.mark.parametrize(
    ("text", "violation"),
    [("发货超时", "late_shipping"), ("揽收超时", "late_pickup"), ("虚假发货超时", "false_shipping"), ("虚假轨迹", "false_shipping"),
     ("24小时未揽收", "late_pickup"), ("缺货", "out_of_stock"), ("服务态度", "other"), ("\t", "other")],
)
def test_a_violation_has_its_class(text, violation):
    report, (row,) = read(PENALISED_HEADER, a_penalty(violation=text))
    assert (report.kind, row["violation"], row["waybill"], row["courier"]) == ("pdd_violations", violation, "780000000000001", "中通")


def test_a_label_is_no_pickup_and_names_its_outlet():
    report, rows = read(LABEL_HEADER, a_label(), a_label("780000000000002", "3"), a_label("780000000000001", outlet="别的网点"))
    assert report.kind == "waybill_labels" and report.left_out == {"repeated_label": 1} and report.couriers == ["中通"]
    assert {row["waybill"]: (row["state"], row["labelled_at"]) for row in rows} == {
        "780000000000001": ("used", datetime(2026, 10, 21, 9)), "780000000000002": ("recycled", datetime(2026, 10, 21, 9)),
    }
    assert not any("picked_up_at" in row for row in rows)


def test_a_label_list_is_refused_where_pickups_belong():
    with pytest.raises(AuditError) as caught:
        read(LABEL_HEADER, a_label(), expected="courier_pickups")
    assert caught.value.code == "label_list"


FILES = {
    "cases": Case(as_csv([["导出时间：2026-10-28 18:00"], CASES_HEADER, a_case(), ["合计"]]), Read(1, [3], {"footer": 1}, kind="pdd_after_sales"), "售后.csv"),
    "cases without refund time": Case(
        as_csv([[cell for at, cell in enumerate(row) if at != 7] for row in (CASES_HEADER, a_case())]),
        Read(1, notices={"no_refunded_at": {}}, kind="pdd_after_sales"), "售后.csv",
    ),
    "cases without status": Case(as_csv([["售后编号", "订单编号", "申请时间"], ["1001", ONE, AT]]), Refused("missing_column", 1, "售后状态"), "售后.csv"),
    "cases of another platform": Case(as_csv([CASES_HEADER, a_case(order="T1"), a_case(order="T2")]), Refused("order_number_mismatch", 2, "订单编号"), "售后.csv"),
    "bill": Case(as_csv([["#拼多多货款明细"], BILL_HEADER, a_booking(), ["合计", "", "", "3"]]), Read(1, [3], {"footer": 1}, kind="pdd_bill"), "bill.csv"),
    "bill without amounts": Case(as_csv([BILL_HEADER, a_booking(expense="三元"), a_booking(expense="")]), Refused("too_many_bad_rows", 2), "bill.csv"),
    "one unreadable amount": Case(
        as_csv([BILL_HEADER, *[a_booking(order) for order in (ONE, TWO)], a_booking(THREE, expense="三元")]), Read(2, [2, 3], {"bad_amount": 1}, kind="pdd_bill"),
        "bill.csv",
    ),
    "penalised": Case(
        as_csv([PENALISED_HEADER, a_penalty(), a_penalty(), a_penalty(TWO, "发货超时"), a_penalty(THREE, "虚假发货")]),
        Read(3, [2, 4, 5], {"duplicate_row": 1}, {"violations_found": {"late_shipping": 1, "late_pickup": 1, "false_shipping": 1, "other": 0}},
             kind="pdd_violations"), "违规.csv",
    ),
    "labels": Case(as_csv([LABEL_HEADER, a_label(), a_label("不是单号")]), Read(1, [2], {"bad_waybill": 1}, {"labels_are_no_pickups": {}},
                                                                         kind="waybill_labels"), "面单.csv"),
    "labels in keys": Case(
        as_csv([["waybillCode", "shipName", "branchName", "showStatus", "createTime", "orderId"], a_label()]), Read(1, kind="waybill_labels"), "面单.csv"
    ),
    "workbook": Case(as_xlsx([CASES_HEADER, a_case()]), Read(1, kind="pdd_after_sales"), "售后.xlsx"),
}


@pytest.mark.parametrize("case", FILES.values(), ids=FILES)
def test_a_file_beside_the_orders_gets_its_answer(case):
    ask(case)


@pytest.mark.parametrize(("header", "row"), [(CASES_HEADER, a_case()), (BILL_HEADER, a_booking()), (PENALISED_HEADER, a_penalty()), (LABEL_HEADER, a_label())])
def test_a_time_after_the_export_is_not_believed(header, row):
    rows = [[cell.replace("0000000001", f"000000000{number}").replace("1001", f"100{number}") for cell in row] for number in range(4)]
    rows[3] = [cell.replace("2026-10-21", "2026-12-01") for cell in rows[3]]
    report, kept = read(header, *rows)
    assert {notice.code: notice.values for notice in report.notices}["later_than_export"]["rows"] == 1
    assert not any(value > datetime(2026, 11, 1) for row in kept for value in row.values() if isinstance(value, datetime))
