"""Small builders of the files merchants hold. Every number, name and place in them is invented."""

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pdd_audit.core.imports import ImportReport
from pdd_audit.data.reading.child import run
from pdd_audit.data.reading.hand_over import held
from pdd_audit.data.reading.limits import COMMAND_LINE, Limits
from pdd_audit.data.reading.read_file import checked

EXPORT_NAME = "0123456789abcdef0123456789abcdeforders_export2026-10-28-18-00-00.csv"
START = datetime(2026, 10, 20, 9, 0, 0)

# Only here: what these ask is asked of both engines by another test, and Spark takes seconds for each.
ON_DUCKDB = pytest.mark.parametrize("engine_name", ["duckdb"], indirect=True)

LAYOUTS: dict[str, list[str]] = {
    "L1": [
        "商品",
        "订单号",
        "订单状态",
        "商品总价(元)",
        "店铺优惠折扣(元)",
        "用户实付金额(元)",
        "商家实收金额(元)",
        "商品数量(件)",
        "身份证姓名",
        "身份证号码",
        "收货人",
        "手机",
        "是否审核中",
        "省",
        "市",
        "区",
        "街道",
        "支付时间",
        "拼单成功时间",
        "订单确认时间",
        "承诺发货时间",
        "发货时间",
        "确认收货时间",
        "商品id",
        "商品规格",
        "用户购买手机号",
        "样式ID",
        "商家编码-SKU维度",
        "商家编码-商品维度",
        "快递单号",
        "快递公司",
        "商家备注",
        "售后状态",
        "买家留言",
        "是否门店自提",
    ],
    "L2": [
        "商品",
        "订单号",
        "订单状态",
        "商家实收金额(元)",
        "顾客实付金额(元)",
        "商品数量(件)",
        "下单时间",
        "支付时间",
        "发货时间",
        "确认收货时间",
        "订单成交时间",
        "是否审核中",
        "多多支付立减金额(元)",
        "订单来源",
        "是否社区团购",
        "快递单号",
        "快递公司",
        "承诺发货时间",
        "售后状态",
        "商品id",
    ],
    "L3": [
        "商品",
        "订单号",
        "订单状态",
        "商品总价(元)",
        "邮费(元)",
        "店铺优惠折扣(元)",
        "平台优惠折扣(元)",
        "多多支付立减金额(元)",
        "用户实付金额(元)",
        "商家实收金额(元)",
        "商品数量(件)",
        "发货时间",
        "确认收货时间",
        "商品id",
        "商品规格",
        "样式ID",
        "商家编码-规格维度",
        "商家编码-商品维度",
        "商家备注",
        "售后状态",
        "快递单号",
        "快递公司",
        "订单成交时间",
        "是否分期",
    ],
    "L4": [
        "订单成交时间",
        "商品",
        "订单号",
        "订单状态",
        "商品总价(元)",
        "邮费(元)",
        "多多支付立减金额(元)",
        "用户实付金额(元)",
        "商家实收金额(元)",
        "商品数量(件)",
        "发货时间",
        "确认收货时间",
        "商品id",
        "商品规格",
        "样式ID",
        "商家编码-规格维度",
        "商家编码-商品维度",
        "商家备注",
        "售后状态",
        "快递单号",
        "快递公司",
    ],
    "L5": [
        "商品",
        "订单号",
        "订单状态",
        "商品数量(件)",
        "订单成交时间",
        "支付时间",
        "承诺发货时间",
        "售后状态",
        "商家实收金额(元)",
        "用户实付金额(元)",
        "快递单号",
    ],
}
PICKUP_HEADERS = ["运单号", "快递公司", "第一条揽收时间", "第一条揽收网点名称", "第一条分拨扫描时间", "最新状态"]
SERVICE_HEADERS = [
    "日期",
    "客服账号",
    "咨询人数",
    "需要人工回复的咨询人数",
    "3分钟未回复人数",
    "3分钟人工回复率(8-23点)",
    "平均人工响应时长（分钟）",
    "30秒应答率(8-23点)",
    "3分钟人工回复率(全天)",
]


def stamp(moment: datetime | None) -> str:
    return moment.isoformat(" ", "seconds") if moment else "\t"


def an_order(number: int = 1, **changed: str) -> dict[str, str]:
    """One shipped order as the platform writes it: trailing TABs, lone TABs, full-width commas."""
    confirmed = START + timedelta(minutes=number)
    cells = {
        "商品": "测试商品 500g",
        "订单号": f"{confirmed:%y%m%d}-{number:015d}",
        "订单状态": "已发货，待收货",
        "商品数量(件)": "1\t",
        "商家实收金额(元)": "17.80\t",
        "用户实付金额(元)": "18.80\t",
        "顾客实付金额(元)": "18.80\t",
        "支付时间": stamp(confirmed),
        "拼单成功时间": stamp(confirmed),
        "订单确认时间": stamp(confirmed),
        "订单成交时间": stamp(confirmed),
        "承诺发货时间": stamp(confirmed + timedelta(days=2)),
        "发货时间": stamp(confirmed + timedelta(hours=20)),
        "确认收货时间": "\t",
        "商品id": "754299429500\t",
        "样式ID": "1408384000\t",
        "快递单号": f"78{number:013d}\t",
        "快递公司": "中通快递",
        "售后状态": "无售后或售后取消",
        "省": "浙江省",
        "收货人": "王某某",
        "手机": "13800000000",
        "是否审核中": "否",
    }
    return cells | changed


def orders(count: int = 3, headers: Sequence[str] | None = None, **changed: str) -> list[list[str]]:
    """Header row and ``count`` orders of a layout (default: L3 with the promise and the payment)."""
    columns = list(headers or [*LAYOUTS["L3"], "承诺发货时间", "支付时间", "省", "收货人"])
    made = (an_order(number, **changed) for number in range(1, count + 1))
    return [columns, *([order.get(column, "\t") for column in columns] for order in made)]


def pickups(count: int = 3, headers: Sequence[str] = PICKUP_HEADERS, total: bool = True, **changed: str) -> list[list[str]]:
    """A courier's first-pickup sheet of the same waybills, with its totals row."""
    rows = [list(headers)]
    for number in range(1, count + 1):
        at = START + timedelta(minutes=number, hours=26)
        cells = {
            "运单号": f"78{number:013d}",
            "快递公司": "中通快递",
            "第一条揽收时间": stamp(at),
            "第一条揽收网点名称": "义乌江东网点",
            "第一条分拨扫描时间": stamp(at + timedelta(hours=6)),
            "最新状态": "运输中",
        } | changed
        rows.append([cells.get(header, "") for header in headers])
    return [*rows, ["合计", "", f"{count}票", *[""] * (len(headers) - 3)]] if total else rows


def service(count: int = 2, **changed: str) -> list[list[str]]:
    cells = {
        "日期": "2026-10-01",
        "客服账号": "客服甲",
        "咨询人数": "42",
        "需要人工回复的咨询人数": "36",
        "3分钟未回复人数": "1",
        "3分钟人工回复率(8-23点)": "97.22%",
        "平均人工响应时长（分钟）": "1.27",
        "30秒应答率(8-23点)": "89.69%",
        "3分钟人工回复率(全天)": "90.00%",
    }
    days = [{**cells, "日期": f"2026-10-{day:02d}", **changed} for day in range(1, count + 1)]
    return [SERVICE_HEADERS, *([day.get(header, "") for header in SERVICE_HEADERS] for day in days)]


def as_csv(rows: Iterable[Sequence[str]], encoding: str = "utf-8", end: str = "\r\n", delimiter: str = ",") -> bytes:
    sink = io.StringIO(newline="")
    csv.writer(sink, lineterminator=end, delimiter=delimiter).writerows(rows)
    return sink.getvalue().encode(encoding)


def as_xlsx(rows: Iterable[Sequence[Any]], sheet: str = "Sheet0") -> bytes:
    import xlsxwriter

    sink = io.BytesIO()
    book = xlsxwriter.Workbook(sink, {"in_memory": True})
    page = book.add_worksheet(sheet)
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    return sink.getvalue()


def with_sheet_xml(workbook: bytes, change: Any) -> bytes:
    """A workbook whose sheet XML went through ``change(bytes) -> bytes``."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            content = old.read(member)
            new.writestr(member.filename, change(content) if member.filename.startswith("xl/worksheets/sheet") else content)
    return sink.getvalue()


def import_here(
    content: bytes,
    name: str = EXPORT_NAME,
    *,
    limits: Limits = COMMAND_LINE,
    expected: str | None = None,
    snapshot_at: datetime | None = None,
    strict: bool = False,
    password: str | None = None,
    shop: str | None = None,
) -> tuple[ImportReport, list[dict[str, Any]]]:
    """(report, rows) of the child's work done in this process: quick, and the debugger sees it."""
    with tempfile.TemporaryDirectory() as folder, held(content, Path(folder)) as file:
        job = {
            "path": file.path,
            "size": file.size,
            "name": name,
            "expected": expected,
            "strict": strict,
            "password": password,
            "shop": shop,
            "snapshot_at": snapshot_at.isoformat() if snapshot_at else None,
            "imported_at": "2026-11-01T00:00:00",
        }
        answer = run(job, limits, Path(folder), sha256=lambda: "a" * 64, progress=lambda share: None)
        report = checked(Path(folder), "a" * 64, answer["rows"])
        rows = pq.read_table(Path(folder) / "rows.parquet").to_pylist()
        for number, row in enumerate(rows, report.first_row):
            row["source_row"] = row["source_row"] or number
        return report, rows
