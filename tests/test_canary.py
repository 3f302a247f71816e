"""Nobody's name, phone, address, number or remark gets past the import: not into a byte under the home, not into a file that is handed
out, not into a word that is said. Order numbers and waybills are kept on purpose, and show here that the search sees what is there."""

import base64
import io
import logging
import tempfile
import zipfile
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import pytest
import xlsxwriter

from pdd_audit.cli import main
from pdd_audit.core.errors import AuditError
from pdd_audit.core.filters import ALL
from pdd_audit.reports.appeal_pack import appeal_pack
from pdd_audit.reports.html import render_report
from pdd_audit.reports.import_list import render_imports
from pdd_audit.reports.pdf import render_pdf
from pdd_audit.reports.xlsx import render_xlsx
from pdd_audit.services.backup import back_up
from pdd_audit.services.figure_rows import figure_rows
from pdd_audit.services.history import save_audit
from pdd_audit.services.import_files import Upload, import_files, list_imports, remove_import
from pdd_audit.services.incidents.appeal_file import dossier_of, evidence_files
from pdd_audit.services.incidents.appeals import add_evidence, open_case
from pdd_audit.services.incidents.tell_buyers import Draft, batch_csv, concerned, responses_of, write_batch
from pdd_audit.services.ledger_care import export_parcels
from pdd_audit.services.look_at_appeals import find_appealable, look_at_appeals
from pdd_audit.services.look_at_couriers import look_at_couriers
from pdd_audit.services.look_at_pickup import look_at_pickup
from pdd_audit.services.look_at_service import look_at_service
from pdd_audit.services.look_at_today import look_at_today
from pdd_audit.services.look_at_trends import look_at_trends
from pdd_audit.services.map_columns import first_look
from pdd_audit.services.rows import list_rows, rows_csv
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shop_archive import shop_as_bytes
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import LANGS, Words, error_text
from tests.canaries import ACCOUNT, ENCODINGS, LONG, MARKS, PHONE, WORD, Canaries, database, finds, under, views, written
from tests.data.builders import LAYOUTS, PICKUP_HEADERS, START, an_order, as_csv, as_xlsx, import_here, stamp
from tests.data.trace_builders import fetched, kuaidi100, lines

SHOP = "青柠对照铺"
WAYBILL = "78{:013d}"
# As merchants' exports and the tools around them call what speaks of people. Written down here again: whoever takes one out of the
# program's own list finds out.
PEOPLE = [
    "身份证姓名", "身份证号码", "收货人", "手机", "街道", "用户购买手机号", "支付ID", "旅行类信息", "消费者资料", "收货人姓名", "收件人", "收件人手机",
    "收件人姓名", "收件人电话", "收货人电话", "收货人手机", "手机号", "联系电话", "联系人", "寄件人", "寄件人手机", "地址", "详细地址", "收货地址",
    "收件地址", "固话", "电话", "姓名", "买家账号", "买家ID", "买家昵称", "客户网名", "支付账号", "支付单号", "发货客户名称", "发货客户手机", "商家备注",
    "买家留言", "备注", "卖家备注", "receiver_name", "receiver_phone", "receiver_address",
]
UNKNOWN = ["仓库便签", "分拣说明"]  # headers nobody has heard of: ignored, whatever stands in them
ORDER_HEADERS = list(dict.fromkeys([*LAYOUTS["L1"], "售后状态", *PEOPLE, *UNKNOWN]))
SCAN_HEADERS = ["运单号", "快递公司", "扫描类型", "扫描时间", "扫描网点", "扫描内容", "操作员", "收件人电话"]
PICKUP_PEOPLE = ["最新轨迹状态", "业务员", "派件员", "寄件人手机", "收件地址", "备注"]
JST = ["线上订单号", "原始线上订单号", "状态", "快递公司", "快递单号", "付款日期", "发货日期", "平台站点", "商品编码", "商品名称", "数量", "是否赠品"]
JST_PEOPLE = ["收货人", "手机", "收货地址", "买家账号", "买家留言", "卖家备注", "便签"]
CHAT = ["买家", "消息时间", "发送方", "客服账号", "消息内容", "买家昵称"]
BILL = ["商户订单号", "发生时间", "收入金额（+元）", "支出金额（-元）", "账务类型", "备注", "业务描述", "对方姓名"]
AFTER_SALES = ["售后编号", "订单编号", "售后状态", "售后类型", "申请时间", "同意退款时间", "退款金额", "售后原因", "售后说明", "买家昵称", "退货地址"]
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


class Files:
    """What is handed in. A row of people stands in every row of every file."""

    def __init__(self) -> None:
        self.birds = Canaries()
        self.before_cut: dict[str, bytes] = {}

    def people(self, file: str, headers: list[str]) -> dict[str, str]:
        return {header: self.birds.put(file, header) for header in headers}

    def orders(self, file: str, first: int, count: int = 4, **changed: str) -> list[list[str]]:
        rows = []
        for number in range(first, first + count):
            cells = an_order(number) | self.people(file, [*PEOPLE, *UNKNOWN]) | changed
            rows.append([cells.get(header, "") for header in ORDER_HEADERS])
        return [ORDER_HEADERS, *rows]

    def pickups(self, file: str, numbers: range) -> list[list[str]]:
        rows = [["制表人：" + self.birds.put(file, "姓名")]]
        rows.append([*PICKUP_HEADERS, *PICKUP_PEOPLE])
        for number in numbers:
            at = START + timedelta(minutes=number, hours=26 if number % 3 else 60)
            cells = [WAYBILL.format(number), "中通快递", stamp(at), f"义乌江东网点{self.birds.put(file, '电话')}", stamp(at + timedelta(hours=6)), "运输中"]
            rows.append([*cells, *self.people(file, PICKUP_PEOPLE).values()])
        return [*rows, ["合计", "", "制表", self.birds.put(file, "姓名")]]

    def scans(self, file: str, numbers: range) -> list[list[str]]:
        rows = [SCAN_HEADERS]
        for number in numbers:
            at, who = START + timedelta(minutes=number, hours=26), self.people(file, ["操作员", "收件人电话"])
            said = f"【义乌江东网点】的{self.birds.put(file, '姓名')}({self.birds.put(file, '电话')}) 已揽收"
            rows.append([WAYBILL.format(number), "中通快递", "揽收", stamp(at), "义乌江东网点", said, *who.values()])
            strange = f"{self.birds.put(file, '姓名')}说 {self.birds.put(file, '电话')} 再来"
            rows.append([WAYBILL.format(number), "中通快递", "", stamp(at + timedelta(hours=1)), "义乌江东网点", strange, *who.values()])
        return rows

    def erp(self, file: str, first: int, platform: str = "拼多多") -> list[list[str]]:
        rows = [[*JST, *JST_PEOPLE]]
        for number in range(first, first + 4):
            order = an_order(number)
            cells = [order["订单号"], order["订单号"], "已发货", "中通快递", WAYBILL.format(number), order["支付时间"], order["发货时间"], platform]
            rows.append([*cells, "SKU1", "收纳盒", "1", "否", *self.people(file, JST_PEOPLE).values()])
        return rows

    def chat(self, file: str, at: str = "2026-10-20 10:{:02d}:00") -> list[list[str]]:
        rows = [CHAT]
        for number in range(0, 40, 2):
            buyer = self.birds.put(file, "买家ID")
            for minute, sender, agent in ((number, "买家", ""), (number + 1, "客服", "小林")):
                rows.append([buyer, at.format(minute), sender, agent, self.birds.put(file, "消息内容"), self.birds.put(file, "买家昵称")])
        return rows

    def bill(self, file: str, numbers: range) -> list[list[str]]:
        rows = [BILL]
        for number in numbers:
            who = self.people(file, ["备注", "对方姓名"])
            rows.append([an_order(number)["订单号"], "2026-10-25 03:00:07", "0.00", "-5.00", "其他支出", who["备注"], "0040005|虚假发货", who["对方姓名"]])
        return rows

    def after_sales(self, file: str, numbers: range) -> list[list[str]]:
        rows = [AFTER_SALES]
        for number in numbers:
            day = [stamp(START + timedelta(days=2)), stamp(START + timedelta(days=3))]
            cells = [f"80000{number}", an_order(number)["订单号"], "退款成功", "仅退款", *day, "5.00"]
            rows.append([*cells, *self.people(file, AFTER_SALES[7:]).values()])
        return rows

    def workbook(self, file: str, rows: list[list[str]]) -> bytes:
        """With what a workbook holds beside its cells: its author, a comment, a hidden column, a list of people on another sheet."""
        sink = io.BytesIO()
        book = xlsxwriter.Workbook(sink, {"in_memory": True})
        book.set_properties({"author": self.birds.put(file, "姓名"), "comments": self.birds.put(file, "备注")})
        page, other = book.add_worksheet("Sheet0"), book.add_worksheet("通讯录")
        for at, row in enumerate(rows):
            page.write_row(at, 0, row)
        page.write_comment(1, 1, self.birds.put(file, "备注"))
        page.set_column(4, 4, None, None, {"hidden": True})
        other.write_row(0, 0, ["姓名", "电话"])
        other.write_row(1, 0, [self.birds.put(file, "姓名"), self.birds.put(file, "电话")])
        book.close()
        return sink.getvalue()

    def good(self) -> dict[str, bytes]:
        name = "{:032x}orders_export2026-10-28-18-00-0{}.csv"
        first, second = (name.format(one, one) for one in (1, 2))
        third = name.format(3, 3).replace("csv", "xlsx")
        kept = {first: f"定制挂件 电话{{}}/{self.birds.put(first, '电话')}", second: "老王快运 {}", third: "等{}回电"}  # columns that are kept, with phones
        phones = {name: words.format(self.birds.put(name, "电话")) for name, words in kept.items()}
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr("after_sales.csv", as_csv(self.after_sales("all.zip", range(1, 3)), "gb18030"))
            package.writestr("scans.csv", as_csv(self.scans("all.zip", range(21, 25))))
            package.writestr("readme.md", self.birds.put("all.zip", "备注"))
        trace = [("2026-10-21 11:00:00", f"【义乌】{self.birds.put('traces.jsonl', '姓名')}（{self.birds.put('traces.jsonl', '电话')}）已揽收", None)]
        return {
            first: as_csv(self.orders(first, 1, 8, 商品=phones[first])),
            second: as_csv(self.orders(second, 11, 快递公司=phones[second]), "gb18030"),
            third: self.workbook(third, self.orders(third, 21, 订单状态=phones[third])),
            "all.zip": packed.getvalue(),
            "揽收表.xlsx": self.workbook("揽收表.xlsx", self.pickups("揽收表.xlsx", range(1, 15))),
            "聊天.csv": as_csv(self.chat("聊天.csv"), "gb18030"),
            "货款.csv": as_csv(self.bill("货款.csv", range(1, 5))),
            "聚水潭.csv": as_csv(self.erp("聚水潭.csv", 31)),
            "traces.jsonl": lines(fetched(kuaidi100(trace, ""), WAYBILL.format(31), source="kuaidi100")),
        }

    def broken(self) -> dict[str, tuple[bytes, str]]:
        """Name -> bytes and the code of their refusal."""
        orders = {name: self.orders(name, 51, 30) for name in ("open.csv", "bytes.csv", "shifted.csv", "times.csv", "cut.xlsx", "goods.csv")}
        quoted = {}
        for name, header in (("open.csv", "收货人"), ("goods.csv", "商品数量(件)")):
            text = as_csv(orders[name]).decode().split("\r\n")
            cells = text[6].split(",")
            cells[ORDER_HEADERS.index(header)] = '"' + cells[ORDER_HEADERS.index(header)]
            quoted[name] = "\r\n".join([*text[:6], ",".join(cells), *text[7:]]).encode()
        spoilt = as_csv(orders["bytes.csv"])
        at = spoilt.find("中通".encode(), 9000)
        shifted = [orders["shifted.csv"][0], *([row[-1], *row[:-1]] for row in orders["shifted.csv"][1:])]
        shifted[1:] = [[*row[:1], row[ORDER_HEADERS.index("收货人") + 1], *row[2:]] for row in shifted[1:]]
        timeless = [[self.birds.put("times.csv", "备注") if header == "发货时间" else cell for header, cell in zip(ORDER_HEADERS, row, strict=True)] for row in orders["times.csv"][1:]]
        whole = self.before_cut["cut.xlsx"] = self.workbook("cut.xlsx", orders["cut.xlsx"])
        nameless = self.orders("nameless.csv", 51)[1:]
        wide = [["，".join([self.birds.put("wide.csv", "姓名"), self.birds.put("wide.csv", "电话"), self.birds.put("wide.csv", "地址"), "好"])]] * 3
        damaged = [[f"锟斤拷{self.birds.put('damaged.csv', '备注')}", self.birds.put("damaged.csv", "电话"), "??"]] * 3
        strangers = [["序号", *PEOPLE[:9]], *([str(row), *self.people("people.csv", PEOPLE[:9]).values()] for row in range(5))]
        named = [[*PICKUP_HEADERS], *([self.birds.put("named.csv", "姓名"), self.birds.put("named.csv", "姓名"), stamp(START), "", "", ""] for _ in range(9))]
        unsold = [row[:3] + row[4:] for row in self.bill("unsold.csv", range(1, 5))]
        trace = [("2026-10-21 11:00:00", f"{self.birds.put('cut.json', '姓名')}（{self.birds.put('cut.json', '电话')}）已揽收", None)]
        return {
            "open.csv": (quoted["open.csv"], "open_quote"), "goods.csv": (quoted["goods.csv"], "open_quote"),
            "bytes.csv": (spoilt[: at + 1] + b"\xff\xfe" + spoilt[at + 1 :], "bad_encoding"),
            "shifted.csv": (as_csv(shifted), "order_number_mismatch"), "times.csv": (as_csv([ORDER_HEADERS, *timeless]), "bad_times"),
            "cut.xlsx": (whole[: len(whole) * 2 // 3], "damaged_workbook"), "nameless.csv": (as_csv(nameless), "no_header"),
            "wide.csv": (as_csv(wide), "full_width_delimiter"), "damaged.csv": (as_csv(damaged), "destroyed_text"),
            "people.csv": (as_csv(strangers, "gb18030"), "unknown_layout"), "named.csv": (as_csv(named), "too_many_bad_rows"),
            "timeless.csv": (as_csv(self.chat("timeless.csv", WORD + "{}")), "too_many_bad_rows"),
            "unsold.csv": (as_csv(unsold), "missing_column"), "cut.json": (lines(fetched(kuaidi100(trace, "")))[:-20], "bad_json"),
            "taobao.csv": (as_csv(self.erp("taobao.csv", 51, "淘宝")), "other_platform_only"),
        }


@dataclass
class House:
    """Everything that came of one shop's files."""

    home: Path
    birds: Canaries
    given: dict[str, bytes]
    handed_out: dict[str, bytes] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)

    @cached_property
    def seen(self) -> list[tuple[str, bytes]]:
        """Everything that was written or handed out, unpacked."""
        return [view for name, data in self.handed_out.items() for view in views(name, data)]

    def holds(self, name: str, word: str) -> bool:
        return any(word.encode() in data for place, data in self.seen if place.removeprefix("home/").startswith(name))


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A shop that has taken in good files and refused broken ones, looked at every page, and handed out whatever it can."""
    folder, make = tmp_path_factory.mktemp("canary"), Files()
    good, broken = make.good(), make.broken()
    house = House(folder / "home", make.birds, good | {name: data for name, (data, _) in broken.items()} | make.before_cut)
    (scratch := folder / "scratch").mkdir()
    heard, printed = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(scratch))
        patch.setenv("TMPDIR", str(scratch))
        patch.setattr("sys.stdout", printed)
        patch.setattr("sys.stderr", printed)
        listening = logging.StreamHandler(heard)
        logging.getLogger().addHandler(listening)
        logging.getLogger("pdd_audit").setLevel(logging.DEBUG)
        workspace = open_workspace(house.home)
        try:
            shop = create_shop(workspace, SHOP)
            _take_in(house, workspace, shop.id, good, broken)
            _on_the_command_line(house, folder, good, broken)
            _look(house, workspace, shop.id)
            _hand_out(house, workspace, shop, folder)
            house.handed_out |= {f"home/{name}": data for name, data in under(house.home)}  # while the database still has its journal
            for number, (name, value) in enumerate(database("state.db", house.home / "state.db")):
                house.handed_out[f"home/{name}#{number}"] = value
        finally:
            logging.getLogger().removeHandler(listening)
            logging.getLogger("pdd_audit").setLevel(logging.NOTSET)
            workspace.state.close()
    house.handed_out |= {f"scratch/{name}": data for name, data in under(scratch)}
    house.handed_out |= {f"closed/{name}": data for name, data in under(house.home) if name.startswith("state")}
    house.said |= {"log": heard.getvalue(), "screen": printed.getvalue()}
    return house


def _take_in(house, workspace, shop_id, good, broken):
    outcomes = import_files(workspace, shop_id, [Upload(name, data) for name, data in good.items()], who="lin")
    assert [str(outcome.error) for outcome in outcomes if outcome.error] == []
    assert {one.report.source for one in outcomes} == {
        "pdd_orders", "pdd_after_sales", "scan_log", "courier_pickups", "chat_log", "pdd_bill", "jst_orders", "traces",
    }
    house.said["outcomes"] = repr(outcomes)
    remove_import(workspace, shop_id, next(one.report.sha256 for one in outcomes if one.file == "聊天.csv"))
    by_service = ("cut.xlsx", "damaged.csv", "times.csv")
    refused = {one.file: one.error for one in import_files(workspace, shop_id, [Upload(name, broken[name][0]) for name in by_service])}
    for name in broken.keys() - by_service:  # what the child does, without the second it takes to start one
        with pytest.raises(AuditError) as refusal:
            import_here(broken[name][0], name)
        refused[name] = refusal.value
    assert {name: error and error.code for name, error in refused.items()} == {name: code for name, (_, code) in broken.items()}
    for name, error in refused.items():
        house.said[f"refusal of {name}"] = "\n".join([repr(vars(error)), *(" ".join(error_text(error, lang)) for lang in LANGS)])


def _on_the_command_line(house, folder, good, broken):
    for name in ("聊天.csv", "goods.csv", "people.csv"):
        (folder / name).write_bytes(house.given[name])
    shop = ["--home", str(house.home), "--shop", SHOP]
    assert main(["import", *shop, str(folder / "聊天.csv")]) == 0
    assert main(["import", *shop, "--lang", "en", str(folder / "goods.csv")]) == 2
    assert main(["preview", "--lang", "en", str(folder / "people.csv"), "--write-mapping", str(folder / "mapping.yaml")]) == 0
    house.handed_out["mapping.yaml"] = (folder / "mapping.yaml").read_bytes()
    house.said["preview"] = first_look(Upload("people.csv", house.given["people.csv"])).model_dump_json()


def _look(house, workspace, shop_id):
    for look in (look_at_pickup, look_at_couriers, look_at_trends, look_at_service, look_at_today):
        house.said[look.__name__] = repr(look(workspace, shop_id, ALL))
    house.said["appeals"] = repr(look_at_appeals(workspace, shop_id, find_appealable(workspace, shop_id)))
    save_audit(workspace, shop_id, "例会", run_audit(workspace, shop_id))


def _hand_out(house, workspace, shop, folder):
    out, audit, words = house.handed_out, run_audit(workspace, shop.id), Words("zh")
    tables = figure_rows(workspace, shop.id, audit.result, words)
    checklists = audit.inputs.checklists
    out["result.json"] = audit.result.model_dump_json().encode()
    out["report.html"] = render_report(audit.result, checklists, "zh").encode()
    out["report.pdf"] = render_pdf(audit.result, checklists, "zh")
    out["report.xlsx"] = render_xlsx(audit.result, checklists, "zh", rows=tables)
    out["imports.txt"] = render_imports(list_imports(workspace, shop.id), [], "zh").encode()
    out["late.csv"] = rows_csv(workspace, shop.id, "late", words=words)
    for ending in ("csv", "parquet"):
        export_parcels(workspace, shop.id, folder / f"parcels.{ending}")
        out[f"parcels.{ending}"] = (folder / f"parcels.{ending}").read_bytes()
    buyers, situation = concerned(workspace, shop.id).rows, responses_of(workspace).messages.situation("exceeded")
    out["messages.csv"] = batch_csv(write_batch(workspace, situation, buyers, Draft("{product} {courier} {waybill}", "zh")), words)
    good = list_rows(workspace, shop.id, "on_time")["order_no"].iloc[0]
    case = open_case(workspace, shop.id, [good], "collected_in_time", "王店长")
    add_evidence(workspace, shop.id, case, "waybill", "面单.png", PNG, date(2026, 10, 23), "王店长", shows=["number"])
    dossier = dossier_of(workspace, shop.id, case)
    out["appeal.zip"] = appeal_pack(dossier, evidence_files(workspace, shop.id, dossier.case), "zh")
    out["shop.zip"] = shop_as_bytes(workspace, shop)
    back_up(workspace, folder / "backup.zip")
    out["backup.zip"] = (folder / "backup.zip").read_bytes()


def test_every_person_is_in_the_files_that_are_handed_in(house):
    assert set(house.birds.made) == set(house.given)
    for file, values in house.birds.made.items():
        text = b"\n".join(data for _, data in views(file, house.given[file]))
        missing = [value for value in values if not any(way in text for way in written(value))]
        assert missing == [], file
    assert {mark for mark in MARKS for values in house.birds.made.values() for value in values if mark in value} == set(MARKS)


def test_the_search_sees_into_everything_that_was_written_and_handed_out(house):
    order, waybill = an_order(1)["订单号"], WAYBILL.format(1)
    kept = {
        "state.db": SHOP, "report.html": SHOP, "report.pdf": SHOP, "report.xlsx": SHOP, "appeal.zip": SHOP, "result.json": SHOP,
        "parcels.csv": order, "parcels.parquet": order, "late.csv": WAYBILL.format(3), "messages.csv": WAYBILL.format(33),
        "backup.zip": waybill, "shop.zip": waybill,
    }
    assert [name for name, word in kept.items() if not house.holds(name, word)] == []
    rows = [name for name in house.handed_out if name.startswith("home/") and name.endswith("rows.parquet")]
    assert len(rows) == 10, "one for each table, the removed one among them"
    assert any(house.holds(f"{name.removeprefix('home/')}#waybill", waybill) for name in rows)
    assert any(name.endswith("state.db-wal") for name in house.handed_out), "the journal was searched too"
    assert "聊天.csv" in house.said["screen"] and "people.csv" in house.said["preview"] + house.said["screen"]


def test_the_search_finds_a_person_in_every_encoding_and_container(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"note": [f"给{WORD}一二"] * 3 + ["x"]})
    pq.write_table(table, tmp_path / "a.parquet", compression="zstd")
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as package:
        package.write(tmp_path / "a.parquet", "a.parquet")
    planted = {encoding: f"x{WORD}x".encode(encoding) for encoding in ENCODINGS}
    planted |= {
        "json": rb'"\u82c7\u9cb8\u6c40"', "address": b"?courier=%E8%8B%87%E9%B2%B8%E6%B1%80", "sheet": as_xlsx([["a"], [f"{PHONE}001"]]),
        "nested": inner.getvalue(), "bytes": f"{ACCOUNT}7".encode(), "hex": f"给{WORD}".encode("gb18030").hex().encode(),
        "long": bytes(LONG) + f"给{WORD}".encode("utf-16-le") + bytes(LONG),
    }
    planted |= {f"base64 {before}": base64.urlsafe_b64encode(bytes(before) + f"{WORD}好".encode()) for before in range(4)}
    assert [name for name, data in planted.items() if not any(finds(*view) for view in views(name, data))] == []
    assert finds("b", "青鲸汀".encode() + as_csv([["1397531"]]) * LONG) == []


def test_nobody_is_in_anything_that_was_written_or_handed_out(house):
    assert [found for name, data in house.seen for found in finds(f"the name of {name}", name.encode()) + finds(name, data)] == []


def test_nobody_is_in_anything_that_was_said(house):
    assert [found for name, text in house.said.items() for found in finds(name, text.encode())] == []
