"""BF-044 to BF-066 (without BF-061 and BF-062): where the header is, what it names, and whose file it is."""

import dataclasses
from datetime import datetime

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.data.reading import recognise, sources
from pdd_audit.data.reading.second_look import SecondLook
from pdd_audit.texts import error_text
from tests.data.builders import LAYOUTS, an_order, as_csv, as_xlsx, import_here, orders, pickups, service
from tests.data.catalogue.expected import Case, Read, Refused, ask

SHEET = "courier.csv"
WIDE = [*LAYOUTS["L3"], "承诺发货时间", "支付时间", "省", "收货人"]
JOINED = {"first": 1, "last": 2}


def _stripped(rows):
    return [[cell.strip() for cell in row] for row in rows]


def _under(*header):
    """The rows of a pickup sheet below a header of several rows."""
    return [*(list(row) for row in header), *pickups(3, total=False)[1:]]


def _without(rows, *headers):
    places = [rows[0].index(header) for header in headers]
    return [[cell for at, cell in enumerate(row) if at not in places] for row in rows]


def _twice(rows, header, change=None):
    """A further column of the same header; ``change``: row -> another cell."""
    at = rows[0].index(header)
    return [[*row, (change or {}).get(number, row[at])] for number, row in enumerate(rows, 1)]


def _swapped(headers, one, other):
    places = {one: other, other: one}
    return [places.get(header, header) for header in headers]


def _foreign(*headers, row=None):
    return as_csv([list(headers), row or ["1"] * len(headers)])


GROUPED = _under(
    ["运单信息", "", "揽收", "", "中转", "物流"],
    ["运单号", "快递公司", "第一条揽收时间", "网点名称", "第一条分拨扫描时间", "最新状态"],
)
SPLIT = _under(
    ["运单", "快递", "第一条", "第一条揽收", "第一条分拨", "最新"],
    ["号", "公司", "揽收时间", "网点名称", "扫描时间", "状态"],
)
UPRIGHT = _under(["运单号", "快递公司", "揽收", "", "分拨", "最新状态"], ["", "", "时间", "网点名称", "时间", ""])
THREE = _under(
    ["快件", "", "首条", "", "首条分拨", ""],
    ["运单", "快递", "揽收", "", "扫描", ""],
    ["号", "公司", "时间", "网点名称", "时间", "最新状态"],
)
REMARKS = _under(
    ["运单号", "快递公司", "第一条揽收时间", "第一条揽收网点名称", "第一条分拨扫描时间", "最新状态"], ["(必填)", "", "(年-月-日)", "", "", ""]
)
RETURNED = _under(
    ["发货", "", "", "退货", "", ""],
    ["运单号", "快递公司", "第一条揽收时间", "快递单号", "分拨扫描时间", "最新状态"],
)
GLUED = [*orders(2), *orders(4)[:1], *orders(4)[3:]]
DECORATED = [
    [f"\ufeff{header} " if header == "商品" else "商品ID\t" if header == "商品id" else header.replace("(", "（").replace(")", "） ") for header in WIDE],
    *orders(3)[1:],
]

CASES = {
    "BF-044 titles above the header": Case(
        as_csv([["名称：十月订单"], ["导出时间：2026-10-28 18:00:00"], *orders(3)]), Read(3, [4, 5, 6], notices={"header_row": {"row": 3}}), "导出.csv"
    ),
    "BF-044 in a workbook": Case(
        as_xlsx([["名称：十月订单"], [], *_stripped(orders(3))]), Read(3, [4, 5, 6], notices={"header_row": {"row": 3}}), "导出.xlsx"
    ),
    "BF-044 in row 12": Case(as_csv([*[["说明"]] * 11, *orders(2)]), Read(2, [13, 14], notices={"header_row": {"row": 12}})),
    "BF-044 below row 12": Case(as_csv([*[["说明"]] * 12, *orders(2)]), Refused("unknown_layout", 1)),
    **{
        f"BF-045 {name} in {where}": Case(
            write(rows),
            Read(3, [first + 1, first + 2, first + 3], notices={"joined_headers": {"last": first}}, silent=("header_row",), kind="courier_pickups"),
            file,
        )
        for name, rows, first in (
            ("groups over columns", GROUPED, 2), ("names split in two", SPLIT, 2), ("upright cells", UPRIGHT, 2), ("three rows", THREE, 3),
        )
        for where, write, file in (("CSV", as_csv, SHEET), ("a workbook", as_xlsx, "courier.xlsx"))
    },
    "a receipt that may be the buyer's": Case(
        as_csv([["收件时间" if header == "第一条揽收时间" else header for header in pickups(3)[0]], *pickups(3)[1:]]),
        Read(3, notices={"doubtful_pickup_column": {"column": "收件时间"}}, left_out={"footer": 1}, kind="courier_pickups"), SHEET,
    ),
    "BF-045 below a title": Case(
        as_csv([["十月揽收明细"], *GROUPED]),
        Read(3, [4, 5, 6], notices={"joined_headers": {"first": 2, "last": 3}, "header_row": {"row": 2}}, kind="courier_pickups"),
        SHEET,
    ),
    "BF-045 in GB18030": Case(as_csv(GROUPED, "gb18030"), Read(3, [3, 4, 5], notices={"joined_headers": JOINED}, kind="courier_pickups"), SHEET),
    "BF-045 a return is no parcel": Case(as_csv(RETURNED), Read(3, [3, 4, 5], silent=("repeated_header",), kind="courier_pickups"), SHEET),
    "BF-046 the same header": Case(
        as_csv(GLUED), Read(4, [2, 3, 5, 6], left_out={"repeated_header": 1}, notices={"header_within": {"rows": 1, "row": 4}})
    ),
    "BF-046 the same header in a workbook": Case(as_xlsx(_stripped(GLUED)), Read(4, [2, 3, 5, 6], left_out={"repeated_header": 1}), "订单.xlsx"),
    "BF-046 the same pickup header": Case(
        as_csv([*pickups(2, total=False), *pickups(4, total=False)[:1], *pickups(4, total=False)[3:]]),
        Read(4, [2, 3, 5, 6], left_out={"repeated_header": 1}, notices={"header_within": {"row": 4}}, kind="courier_pickups"),
        SHEET,
    ),
    "BF-046 the same service header": Case(
        as_csv([*service(2), *service(4)[:1], *service(4)[3:]]), Read(4, left_out={"repeated_header": 1}, kind="pdd_service"), "service.csv"
    ),
    "BF-046 with a BOM before it": Case(
        as_csv(orders(2), "utf-8-sig") + as_csv([orders(0)[0], *orders(4)[3:]], "utf-8-sig"), Read(4, left_out={"repeated_header": 1})
    ),
    "BF-046 two columns changed places": Case(
        as_csv([*orders(3, WIDE), *orders(9, _swapped(WIDE, "发货时间", "确认收货时间"))]), Refused("other_layout", 5, found=("订单号", "快递单号"))
    ),
    "BF-046 a wider layout": Case(as_csv([*orders(3, LAYOUTS["L4"]), *orders(9, LAYOUTS["L3"])]), Refused("other_layout", 5, found=("多多支付立减金额(元)",))),
    "BF-046 a narrower layout": Case(as_csv([*orders(3, LAYOUTS["L3"]), *orders(9, LAYOUTS["L4"])]), Refused("other_layout", 5, found=("订单号",))),
    "BF-046 a file of another kind": Case(as_csv([*orders(30), *pickups(9)]), Refused("other_layout", 32, found=("运单号", "第一条揽收时间"))),
    "BF-046 another layout in a workbook": Case(
        as_xlsx(_stripped([*orders(3, WIDE), *orders(9, _swapped(WIDE, "发货时间", "快递单号"))])), Refused("other_layout", 5), "订单.xlsx"
    ),
    "BF-046 another layout within the first rows": Case(as_csv([*orders(1, LAYOUTS["L4"]), *orders(9, LAYOUTS["L1"])]), Refused("other_layout", 3)),
    "BF-047 no header": Case(as_csv(orders(5)[1:]), Refused("no_header", 1)),
    "BF-047 no header in a workbook": Case(as_xlsx(_stripped(orders(5)[1:])), Refused("no_header", 1), "订单.xlsx"),
    "BF-047 no header in a pickup sheet": Case(as_csv(pickups(5)[1:]), Refused("no_header", 1), SHEET),
    "BF-048 spaces, TAB, BOM and full-width brackets": Case(as_csv(DECORATED), Read(3, [2, 3, 4])),
    "BF-049 a header twice": Case(
        as_csv(_twice(orders(3), "快递单号")), Read(3, notices={"repeated_header": {"column": "快递单号", "letters": "U、AC"}})
    ),
    "BF-049 three times": Case(
        as_csv(_twice(_twice(orders(3), "快递单号"), "快递单号")), Read(3, notices={"repeated_header": {"letters": "U、AC、AD"}})
    ),
    "BF-049 the same but for a TAB": Case(
        as_csv(_twice(orders(2), "快递单号", {2: "780000000000001"})), Read(2, notices={"repeated_header": {"letters": "U、AC"}})
    ),
    "BF-049 twins nobody reads": Case(as_csv(_twice(orders(3), "售后状态", {3: "退款成功"})), Read(3, silent=("repeated_header",))),
    "BF-050 a header twice, another content": Case(
        as_csv(_twice(orders(5), "快递单号", {4: "780000000000099", 5: "1"})), Refused("different_twins", 4, "快递单号", ("U、AC",))
    ),
    "BF-050 in a workbook": Case(
        as_xlsx(_stripped(_twice(orders(5), "发货时间", {3: "2026-10-22 08:00:00"}))), Refused("different_twins", 3, "发货时间"), "订单.xlsx"
    ),
    "BF-051 two headers for one field": Case(
        as_csv(orders(3, LAYOUTS["L1"])), Read(3, notices={"spare_header": {"column": "订单确认时间", "others": "拼单成功时间"}})
    ),
    **{
        f"BF-052 without {header}": Case(as_csv(_without(orders(3), header)), Refused("missing_column", 1, header, ("订单状态",)))
        for header in ("订单号", "快递单号", "发货时间")
    },
    "BF-052 the selection without the ship time": Case(as_csv(orders(3, LAYOUTS["L5"])), Refused("missing_column", 1, "发货时间", ("订单号",))),
    "BF-053 without the promise": Case(as_csv(_without(orders(3), "承诺发货时间")), Read(3, notices={"no_promised_ship_at": {}})),
    "BF-054 without payment and order time": Case(
        as_csv(_without(orders(3), "支付时间", "订单成交时间")), Read(3, notices={"no_paid_at": {}, "no_confirmed_at": {}})
    ),
    "BF-056 Douyin orders": Case(
        _foreign("主订单编号", "子订单编号", "选购商品", "订单状态", "售后状态", "发货时间", "达人ID", row=["\t6920000000000000001"] * 7),
        Refused("wrong_platform", 1, found=("主订单编号", "选购商品", "达人ID")),
    ),
    "BF-057 Taobao orders": Case(
        _foreign("订单编号", "买家会员名", "买家实际支付金额", "宝贝标题 ", "收货地址 ", "订单状态"),
        Refused("wrong_platform", 1, found=("买家会员名", "宝贝标题")),
    ),
    "BF-057 Tmall report": Case(
        _foreign("订单编号", "总金额", "买家实际支付金额", "订单创建时间", "订单付款时间 "), Refused("wrong_platform", 1, found=("总金额",))
    ),
    "BF-057 Qianniu parcels": Case(
        _foreign("订单编号", "快递单号", "超时类型", "应揽收时间", "预计赔付金额"), Refused("wrong_platform", 1, found=("应揽收时间", "预计赔付金额"))
    ),
    "BF-057 1688 orders": Case(
        _foreign("订单编号", "买家公司名", "卖家公司名", "货品总价(元)", "订单状态"), Refused("wrong_platform", 1, found=("卖家公司名",))
    ),
    "BF-058 Douyin service": Case(
        _foreign("客服账号", "咨询人数", "人工已接待人数", "不满意率"), Refused("wrong_platform", 1, found=("人工已接待人数", "不满意率"))
    ),
    "BF-059 Alipay ledger": Case(
        _foreign("账务流水号", "商户订单号", "发生时间", "收入金额（+元）", "支出金额（-元）", "账户余额（元）", "备注"),
        Refused("wrong_platform", 1, found=("账务流水号", "账户余额（元）")),
    ),
    "BF-060 pickups where orders belong": Case(
        as_csv(pickups(3)),
        Read(3, left_out={"footer": 1}, notices={"other_slot": {"title_zh": "快递揽收表", "wanted_zh": "拼多多订单导出"}}, kind="courier_pickups"),
        SHEET, {"expected": "pdd_orders"},
    ),
    "BF-060 a bill where orders belong": Case(
        _foreign("商户订单号", "发生时间", "收入金额（+元）", "支出金额（-元）", "业务描述",
                 row=["261020-000000000000001", "2026-10-21 09:00:00", "", "-3.00", "0040004|售后费用-延迟发货"]),
        Read(1, notices={"other_slot": {"wanted_zh": "拼多多订单导出"}}, kind="pdd_bill"), "货款.csv", {"expected": "pdd_orders"},
    ),
    "BF-060 service data where pickups belong": Case(
        as_xlsx(service(3)), Read(3, notices={"other_slot": {"wanted_zh": "快递揽收表"}}, kind="pdd_service"), "客服.xlsx", {"expected": "courier_pickups"}
    ),
    "BF-060 orders where they belong": Case(as_csv(orders(3)), Read(3, silent=("other_slot",)), more={"expected": "pdd_orders"}),
    "BF-060 orders in GB18030 where pickups belong": Case(
        as_csv(orders(3), "gb18030"), Read(3, notices={"other_slot": {}, "encoding_gb18030": {}}), more={"expected": "courier_pickups"}
    ),
    "BF-060 pickups anywhere": Case(as_csv(pickups(3)), Read(3, left_out={"footer": 1}, kind="courier_pickups"), "orders.csv"),
    "BF-060 service data anywhere": Case(as_csv(service(3)), Read(3, kind="pdd_service")),
    "BF-065 promotion report": Case(
        as_csv([["日期", "花费(元)", "交易额(元)", "投入产出比", "成交笔数", "曝光量", "点击量"], ["2026-10-20", "1", "2", "2", "1", "9", "3"], ["合计"]]),
        Refused("unread_kind", 1, found=("投入产出比",)),
        "推广.csv",
    ),
    "BF-066 unknown layout": Case(as_csv([["甲", "乙", "丙"], ["1", "2", "3"]]), Refused("unknown_layout", 1)),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_header_of_any_sort(case):
    ask(case)


def test_bf_044_a_time_in_a_title_proposes_the_snapshot():
    report, _ = import_here(as_csv([["导出时间：2026-10-28 18:00:00"], *orders(3)]), "导出.csv")
    assert (report.snapshot_at, report.snapshot_from) == (datetime(2026, 10, 28, 18), "sheet")


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
@pytest.mark.parametrize(
    ("table", "columns"),
    [
        (GROUPED, ["运单号", "快递公司", "第一条揽收时间", "揽收网点名称", "第一条分拨扫描时间"]),
        (SPLIT, ["运单号", "快递公司", "第一条揽收时间", "第一条揽收网点名称", "第一条分拨扫描时间"]),
        (UPRIGHT, ["运单号", "快递公司", "揽收时间", "揽收网点名称"]),
        (THREE, ["运单号", "快递公司", "首条揽收时间", "首条揽收网点名称", "首条分拨扫描时间"]),
        (REMARKS, ["运单号", "快递公司", "第一条揽收时间", "第一条揽收网点名称", "第一条分拨扫描时间"]),
        (RETURNED, ["运单号", "快递公司", "第一条揽收时间"]),
    ],
    ids=["groups", "split", "upright", "three", "remarks", "returned"],
)
def test_bf_045_the_columns_are_those_of_the_plain_sheet(write, table, columns):
    report, rows = import_here(write(table), "courier.xlsx" if write is as_xlsx else SHEET)
    used = {name: report.columns.get(name) for name in ("waybill", "courier", "picked_up_at", "outlet", "hub_scan_at")}
    assert [header for header in used.values() if header] == columns
    _, plain = import_here(as_csv(pickups(3, total=False)), SHEET)
    assert [(row["waybill"], row["courier"], row["picked_up_at"]) for row in rows] == [
        (row["waybill"], row["courier"], row["picked_up_at"]) for row in plain
    ]
    if "outlet" in report.columns:
        assert [row["outlet"] for row in rows] == [row["outlet"] for row in plain]


def test_bf_045_personal_groups_stay_personal():
    table = [
        ["运单", "", "收件人", "", "揽收"],
        ["运单号", "快递公司", "称呼", "城市", "第一条揽收时间"],
        ["780000000000001", "中通快递", "赵某", "杭州", "2026-10-21 11:00:00"],
    ]
    # 收件人 says that both columns below it are a person's
    report, _ = import_here(as_csv([*table[:1], ["运单号", "快递公司", "称呼", "城市", "时间"], *table[2:]]), SHEET)
    assert report.dropped_personal == ["收件人称呼", "收件人城市"]


def test_bf_048_decorated_headers_feed_the_same_columns():
    plain, rows = import_here(as_csv(orders(3)))
    decorated, same = import_here(as_csv(DECORATED))
    assert list(decorated.columns) == list(plain.columns) and same == rows


def test_bf_051_the_first_of_the_list_wins():
    table = orders(1, LAYOUTS["L1"], 订单确认时间="2026-10-20 10:00:00", 拼单成功时间="2026-10-20 09:00:00")
    for strict in (False, True):
        _, rows = import_here(as_csv(table), strict=strict)
        assert rows[0]["confirmed_at"] == datetime(2026, 10, 20, 10)


def test_bf_055_unknown_columns_are_listed():
    table = orders(2)
    report, _ = import_here(as_csv([[*table[0], "神秘列"], *([*row, "x"] for row in table[1:])]))
    assert "神秘列" in report.ignored_columns and report.rows_kept == 2


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        (("主订单编号", "选购商品"), "拼多多订单导出"),
        (("人工已接待人数", "客服账号"), "拼多多客服绩效数据"),
        (("账务流水号", "账户余额（元）"), "拼多多货款明细"),
    ],
)
def test_bf_056_to_059_the_refusal_names_our_own_file(headers, wanted):
    with pytest.raises(AuditError) as caught:
        import_here(_foreign(*headers), "a.csv")
    assert wanted in error_text(caught.value, "zh")[1] and "商家后台" in error_text(caught.value, "zh")[1]


# ---- sheets of an ERP: several platforms, several shops ----

ERP_HEADERS = [*WIDE, "平台站点", "店铺"]


@pytest.fixture
def erp(monkeypatch):
    """A layout like an ERP's: the order export's columns with the platform and the shop of each row."""
    orders_of_ours = sources.source("pdd_orders")
    layout = dataclasses.replace(
        orders_of_ours,
        id="erp_orders",
        rank=1,
        signatures=(sources.Signature(all=("订单号", "平台站点", "店铺")),),
        columns={**orders_of_ours.columns, "platform": ("平台站点",), "shop": ("店铺",)},
        headers={**orders_of_ours.headers, "platform": ("平台站点",), "shop": ("店铺",)},
        extra={**orders_of_ours.extra, "only_platform": ["拼多多", "pdd"]},
    )
    monkeypatch.setattr(recognise, "sources", lambda: (layout, *sources.sources()))


def _erp(*owners, **changed):
    """One order for each (platform, shop); other platforms have order numbers of their own shape."""
    rows = [ERP_HEADERS]
    for number, (platform, shop) in enumerate(owners, 1):
        cells = an_order(number, 平台站点=platform, 店铺=shop, **changed)
        if platform and "拼多多" not in platform and platform != "PDD":
            cells["订单号"] = f"69200000000{number:05d}"
        rows.append([cells.get(header, "\t") for header in ERP_HEADERS])
    return as_csv(rows)


OURS, TAOBAO, OFFLINE = ("拼多多", "甲店"), ("淘宝", "淘宝店"), ("线下", "门市")
ERP_CASES = {
    "BF-063 several platforms": Case(
        _erp(OURS, TAOBAO, ("拼多多", "甲店"), OFFLINE, ("PDD", "甲店"), ("", "甲店")), Read(4, [2, 4, 6, 7], left_out={"other_platform": 2}), "erp.csv"
    ),
    "BF-063 none of ours": Case(_erp(TAOBAO, OFFLINE), Refused("other_platform_only", None, "平台站点"), "erp.csv"),
    "BF-064 one shop of ours among others'": Case(_erp(OURS, TAOBAO, OURS), Read(2, [2, 4], left_out={"other_platform": 1}), "erp.csv"),
    "BF-064 several shops": Case(
        _erp(OURS, ("拼多多", "乙店"), ("拼多多", "乙店")), Refused("several_shops", None, "店铺", ("乙店、甲店",)), "erp.csv"
    ),
    "BF-064 several shops, one of them ours": Case(
        _erp(OURS, ("拼多多", "乙店"), ("拼多多", "甲店 "), TAOBAO), Read(2, [2, 4], left_out={"other_platform": 1, "other_shop": 1}), "erp.csv", {"shop": "甲店"}
    ),
    "BF-064 several shops, times in an unusual form": Case(
        _erp(OURS, ("拼多多", "乙店"), TAOBAO, 发货时间="2026年10月21日 5时01分"),
        Read(1, [2], left_out={"other_platform": 1, "other_shop": 1}),
        "erp.csv",
        {"shop": "甲店"},
    ),
    "BF-064 several shops, days before months": Case(
        _erp(OURS, ("拼多多", "乙店"), TAOBAO, 发货时间="21/10/2026 05:01"),
        Read(1, [2], left_out={"other_platform": 1, "other_shop": 1}),
        "erp.csv",
        {"shop": "甲店"},
    ),
    "BF-064 several shops, none of them ours": Case(
        _erp(OURS, ("拼多多", "乙店")), Refused("several_shops", None, "店铺", ("甲店",)), "erp.csv", {"shop": "丙店"}
    ),
}


def _joined(header, rows):
    """A file to which a tool that looks after several shops has added the shop of each row."""
    return as_csv([[header, *rows[0]], *([shop, *row] for shop, row in zip(["甲店", "乙店", "甲店", ""], rows[1:], strict=True))])


JOINED_SHEETS = {
    "BF-064 orders of two shops": Case(_joined("店铺名称", orders(4)), Refused("several_shops", None, "店铺名称", ("甲店、乙店",))),
    "BF-064 orders of two shops, one of them ours": Case(
        _joined("店铺名称", orders(4)), Read(3, [2, 4, 5], left_out={"other_shop": 1}), more={"shop": "甲店"}),
    "BF-064 service of two shops": Case(_joined("店铺名", service(4)), Refused("several_shops", None, "店铺名", ("甲店、乙店",)), "客服.csv"),
    "BF-064 service of two shops, one of them ours": Case(
        _joined("店铺名", service(4)), Read(3, [2, 4, 5], left_out={"other_shop": 1}, kind="pdd_service"), "客服.csv", {"shop": "甲店"}),
}


@pytest.mark.parametrize("case", JOINED_SHEETS.values(), ids=JOINED_SHEETS)
def test_files_of_several_shops_that_a_tool_has_joined(case):
    ask(case)


@pytest.mark.usefixtures("erp")
@pytest.mark.parametrize("case", ERP_CASES.values(), ids=ERP_CASES)
def test_a_sheet_of_several_platforms_or_shops(case):
    ask(case)


def _jst(*owners):
    """Items of a real ERP's layout, one for each (platform, shop)."""
    headers = ["订单号", "线上订单号", "原始线上订单号", "店铺", "付款日期", "发货日期", "状态", "店铺状态", "快递公司", "快递单号", "平台站点", "商品编码", "数量"]
    rows = []
    for number, (platform, shop) in enumerate(owners, 1):
        order = an_order(number)
        key = order["订单号"] if platform == "拼多多" else f"69200000000{number:05d}"
        ship = order["发货时间"]
        rows.append([str(number), key, key, shop, order["支付时间"], ship, "已发货", "", "中通", f"78{number:013d}", platform, "A-1", "1"])
    return as_csv([headers, *rows])


def test_bf_063_and_064_in_an_erp_of_today():
    content = _jst(OURS, TAOBAO, ("拼多多", "乙店"), OURS)
    report, rows = import_here(content, "聚水潭.csv", shop="甲店")
    assert report.left_out == {"other_platform": 1, "other_shop": 1}
    assert [row["waybill"] for row in rows] == ["780000000000001", "780000000000004"]
    with pytest.raises(AuditError, match="several_shops"):
        import_here(content, "聚水潭.csv")


@pytest.mark.parametrize("content", [as_csv(orders(5)), as_csv([*orders(5), ["合计"]]), as_csv(pickups(5))], ids=["orders", "with a total", "pickups"])
def test_an_ordinary_file_is_walked_through_once(content, monkeypatch):
    def looked(look, *cells):
        raise AssertionError("a second look")

    monkeypatch.setattr(SecondLook, "_joined", looked)
    report, _ = import_here(content)
    assert report.rows_kept == 5
    with pytest.raises(AssertionError, match="a second look"):
        import_here(as_csv(GLUED))
