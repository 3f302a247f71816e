"""BF-001 to BF-029 and BF-104 to BF-106: what a file is packed in, and how its text is encoded."""

import gzip
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pdd_audit.core.errors import AuditError
from pdd_audit.data.reading import hand_over, read_file
from pdd_audit.data.reading.limits import COMMAND_LINE
from pdd_audit.data.reading.ods_facts import facts_of_ods
from pdd_audit.data.reading.packages import unpacked
from pdd_audit.data.reading.unpacking import LIST, unpack
from pdd_audit.services.home import Home
from pdd_audit.services.import_files import Upload, import_files, read_again
from pdd_audit.texts import LANGS, error_text
from tests.data.builders import EXPORT_NAME, START, as_csv, as_xlsx, import_here, orders, pickups, service, with_sheet_xml
from tests.data.catalogue import containers as box
from tests.data.catalogue.expected import Case, Read, Refused, ask

SECRET = "Mì码-7788"
MB = 1024 * 1024


def _stripped(rows):
    """Excel saves no TAB inside a cell."""
    return [[cell.strip() for cell in row] for row in rows]


def _with_cell(rows, row, header, text):
    rows[row - 1][rows[0].index(header)] = text
    return rows


def _glued(first, second):
    return as_csv(orders(5), first) + as_csv(orders(5)[1:], second)


def _nuls(count, of=400):
    lines = as_csv(orders(of)).split(b"\r\n")
    for at in range(count):
        lines[3 + at] = lines[3 + at].replace(b"500g", b"500\0g")
    return b"\r\n".join(lines)


def _odd_blanks():
    rows = _with_cell(orders(3), 3, "快递单号", "\u00a078000\u200b0000000002\u3000")
    rows[0] = [f"\u3000{header[:1]}\u200b{header[1:]}\u00a0" for header in rows[0]]
    return as_csv(rows)


def _cut_after(text, further, encoding="utf-8"):
    """Thirty orders, the last broken off that many bytes behind the beginning of ``text``."""
    content = as_csv(orders(30), encoding)
    return content[: content.rindex(text.encode(encoding)) + further]


def _four_byte(rows):
    """𠮷 has four bytes in GB18030 and none in GBK."""
    return as_csv(_with_cell(rows, 2, "商品", "𠮷祥茶 500g"), "gb18030")


def _sheet_bomb(megabytes):
    """An xlsx whose sheet is that large, honest about it and small on disk."""
    data, crc = box.repeated_deflate(b" " * MB, megabytes)
    book = as_xlsx(orders(2))
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(member.filename, old.read(member) if "sheet1" not in member.filename else b"")
    return _swapped(sink.getvalue(), "xl/worksheets/sheet1.xml", data, crc, megabytes * MB)


def _swapped(package, name, data, crc, size):
    """A ZIP with one entry's stream replaced by ready-made deflate data."""
    out, listed = b"", []
    with zipfile.ZipFile(io.BytesIO(package)) as old:
        for member in old.infolist():
            raw = package[member.header_offset :]
            start = 30 + len(member.filename.encode()) + int.from_bytes(raw[28:30], "little")
            body = (data, crc, size, 8) if member.filename == name else (
                raw[start : start + member.compress_size], member.CRC, member.file_size, member.compress_type)
            listed.append((member.filename.encode(), *body, len(out)))
            out += b"PK\x03\x04" + _fields(*body, member.filename.encode()) + member.filename.encode() + body[0]
    directory = b"".join(
        b"PK\x01\x02\x14\0" + _fields(*body, title) + bytes(10) + offset.to_bytes(4, "little") + title for title, *body, offset in listed
    )
    count = len(listed).to_bytes(2, "little")
    return out + directory + b"PK\x05\x06" + bytes(4) + count * 2 + len(directory).to_bytes(4, "little") + len(out).to_bytes(4, "little") + bytes(2)


def _fields(data, crc, size, method, name):
    numbers = ((20, 2), (0, 2), (method, 2), (0, 2), (23412, 2), (crc, 4), (len(data), 4), (size, 4), (len(name), 2), (0, 2))
    return b"".join(number.to_bytes(width, "little") for number, width in numbers)


def _without_part(workbook, name):
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(sink, "w") as new:
        for member in old.infolist():
            if member.filename != name:
                new.writestr(member.filename, old.read(member))
    return sink.getvalue()


SPREADSHEET_ML = '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
LOGIN = "<!DOCTYPE html><html><head><title>登录</title><script>document.write('<table><tr><td>订单号</td><td>订单状态</td></tr></table>')</script></head><body><form><table><tr><td>账号</td><td>密码</td></tr></table></form></body></html>"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BOOK = as_xlsx(_stripped(orders(3)))
ENTITIES = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'

CASES = {
    "BF-001 0 bytes": Case(b"", Refused("empty_file")),
    "BF-002 only a BOM": Case(b"\xef\xbb\xbf", Refused("blank_file")),
    "BF-002 blanks and empty lines": Case(b" \t\r\n\r\n  \r\n" * 40, Refused("blank_file")),
    "BF-002 UTF-16 BOM and nothing": Case(b"\xff\xfe\r\0\n\0", Refused("blank_file")),
    "BF-003 header only": Case(as_csv(orders(0)), Refused("header_only", 1)),
    "BF-003 header only, third row": Case(as_csv([["十月"], ["导出"], *orders(0)]), Refused("header_only", 3)),
    "BF-003 header only, workbook": Case(as_xlsx(orders(0)), Refused("header_only", 1), "a.xlsx"),
    "BF-004 UTF-8": Case(as_csv(orders(3)), Read(3, silent=("encoding_gb18030", "encoding_utf16"))),
    "BF-004 UTF-8 with BOM": Case(as_csv(orders(3), "utf-8-sig"), Read(3, [2, 3, 4])),
    "BF-005 GB18030": Case(as_csv(orders(3), "gb18030"), Read(3, notices={"encoding_gb18030": {}})),
    "BF-005 four-byte characters": Case(_four_byte(orders(3)), Read(3, notices={"encoding_gb18030": {}})),
    "BF-006 UTF-16 with BOM and TABs": Case(
        as_csv(_stripped(orders(3)), "utf-16", delimiter="\t"), Read(3, notices={"encoding_utf16": {}, "other_delimiter": {"delimiter": "TAB"}}), "订单.txt"),
    "BF-007 UTF-16 LE without BOM": Case(as_csv(orders(3), "utf-16-le"), Read(3, notices={"encoding_utf16": {}})),
    "BF-007 UTF-16 BE without BOM": Case(as_csv(orders(3), "utf-16-be"), Read(3, notices={"encoding_utf16": {}})),
    "BF-007 no BOM and no known header": Case(as_csv([["abcdefgh", "ijklmnop"], ["1", "2"]] * 50, "utf-16-le"), Refused("binary_file")),
    "BF-008 UTF-8, then GB18030": Case(_glued("utf-8", "gb18030"), Refused("bad_encoding", 7, found=("d2 d1 b7 a2",))),
    "BF-008 GB18030, then UTF-8": Case(_glued("gb18030", "utf-8"), Refused("bad_encoding", 7, found=("a7 2c 09 2c",))),
    "BF-009 锟斤拷 in a header": Case(as_csv([["订单号", "订单状态", "锟斤拷", "样式ID"], ["1"] * 4]), Refused("destroyed_text", 1, "C", ("锟斤拷",))),
    "BF-009 ???? in headers": Case(as_csv([["订单号", "????", "???", "样式ID"], ["1"] * 4]), Refused("destroyed_text", 1, "B", ("????",))),
    "BF-009 锟斤拷 in a status": Case(as_csv(_with_cell(orders(6), 4, "订单状态", "锟斤拷锟斤拷")), Refused("destroyed_text", 4, "订单状态", ("锟斤拷锟斤拷",))),
    "BF-009 ???? in a status": Case(as_csv(_with_cell(orders(6), 4, "订单状态", "?????")), Refused("destroyed_text", 4, "订单状态", ("?????",))),
    "BF-009 U+FFFD in a courier": Case(as_csv(_with_cell(orders(6), 5, "快递公司", "中\ufffd\ufffd递")), Refused("destroyed_text", 5, "快递公司", ("中\ufffd",))),
    "BF-009 in a pickup sheet": Case(
        as_csv(_with_cell(pickups(6), 3, "最新状态", "锟斤拷")), Refused("destroyed_text", 3, "最新状态", ("锟斤拷",)), "courier.csv"),
    "BF-009 only in a free text": Case(
        as_csv(_with_cell(orders(6), 4, "商品规格", "锟斤拷")), Read(6, notices={"damaged_text": {"count": 1, "row": 4, "column": "商品规格"}})),
    "BF-009 in a free text that is kept": Case(
        as_csv(_with_cell(orders(6), 4, "商品", "红\ufffd茶\ufffd")), Read(6, notices={"damaged_text": {"count": 2, "row": 4, "column": "商品"}})),
    "BF-009 in a free text, GB18030": Case(
        as_csv(_with_cell(orders(6), 5, "商家备注", "锟斤拷，\n请"), "gb18030"), Read(6, notices={"damaged_text": {"count": 1, "row": 5, "column": "商家备注"}})),
    "BF-009 only in a free text of a workbook": Case(
        as_xlsx(_stripped(_with_cell(orders(6), 4, "商品规格", "锟斤拷"))), Read(6, notices={"damaged_text": {"count": 1, "row": 4, "column": "商品规格"}}), "a.xlsx"),
    "BF-009 question marks that somebody typed": Case(as_csv(_with_cell(orders(6), 4, "商品规格", "大号????")), Read(6, silent=("damaged_text",))),
    "BF-010 UTF-8 shown as Latin-1": Case(as_csv(orders(2)).decode("latin-1").encode(), Refused("destroyed_text", 1)),
    "BF-011 a few NULs": Case(_nuls(2), Read(400, notices={"nuls_removed": {"count": 2}})),
    "BF-011 binary": Case(b"\x00\x01\x02\x03" * 4000, Refused("binary_file")),
    "BF-012 odd blanks in headers and ids": Case(_odd_blanks(), Read(3)),
    "BF-013 xlsx named .csv": Case(BOOK, Read(3, notices={"content_not_name": {"content": "Excel"}}), "a.csv"),
    "BF-013 xls named .csv": Case(box.xls({"表": _stripped(orders(3))}), Read(3, notices={"content_not_name": {"content": "Excel"}}), "a.csv"),
    "BF-013 csv named .xlsx": Case(as_csv(orders(3)), Read(3, notices={"content_not_name": {"content": "CSV"}}), "a.xlsx"),
    "BF-014 one table": Case(box.html(_stripped(orders(3))), Read(3, [2, 3, 4], notices={"html_table": {"count": 1}}), "a.xls"),
    "BF-014 GB2312, title rows": Case(
        box.html([["导出时间：2026-10-28 18:00:00"], *_stripped(orders(3))], "gb2312"), Read(3, [3, 4, 5], notices={"header_row": {"row": 2}}), "a.xls"),
    "BF-014 header cells, scripts, a layout table": Case(
        box.html(pickups(3), before="<script>alert('<td>')</script><table><tr><td>菜单</td></tr></table>"),
        Read(3, [2, 3, 4], left_out={"footer": 1}, notices={"html_table": {}}, kind="courier_pickups"), "a.xls"),
    "BF-014 cut in the middle": Case(box.html(_stripped(orders(3)))[:-60], Read(3, notices={"html_table": {}}), "a.xls"),
    "BF-014 login page": Case(LOGIN.encode(), Refused("html_page", found=("HTML",)), "a.xls"),
    "BF-014 no table": Case(b"<html><body>login</body></html>", Refused("html_page"), "a.csv"),
    "BF-014 a web archive": Case(b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n", Refused("not_a_table", found=("MHTML",)), "a.xls"),
    "BF-015 SpreadsheetML": Case(SPREADSHEET_ML.encode(), Refused("not_a_table", found=("XML",)), "a.xls"),
    "BF-016 true .xls": Case(box.xls({"表": _stripped(orders(3))}), Read(3, [2, 3, 4], silent=("xls_row_limit", "content_not_name")), "a.xls"),
    "BF-017 .xlsb": Case(box.xlsb(_stripped(orders(3))), Read(3, [2, 3, 4], notices={"workbook_format": {"format": "XLSB"}}), "a.xlsb"),
    "BF-017 .ods": Case(box.ods(_stripped(orders(3))), Read(3, [2, 3, 4], notices={"workbook_format": {"format": "ODS"}}), "a.ods"),
    "BF-017 .xlsm": Case(box.xlsm(BOOK), Read(3, [2, 3, 4], notices={"workbook_format": {"format": "XLSM"}}), "a.xlsm"),
    "BF-018 .et": Case(OLE + bytes(2000), Refused("not_a_table", found=("WPS",)), "a.et"),
    "BF-018 .numbers": Case(box.zipped({"Index/Document.iwa": b"x"}), Refused("not_a_table", found=("Numbers",)), "a.numbers"),
    "BF-018 .rar": Case(b"Rar!\x1a\x07\x01\0", Refused("archive_file", found=("RAR",)), "a.rar"),
    "BF-018 .7z": Case(b"7z\xbc\xaf\x27\x1c\0\4", Refused("archive_file", found=("7z",)), "a.7z"),
    "BF-018 .gz": Case(gzip.compress(as_csv(orders(3))), Refused("archive_file", found=("gzip",)), "a.csv.gz"),
    "BF-020 encrypted xlsx, no password": Case(box.locked_xlsx(BOOK, SECRET), Refused("encrypted_workbook"), "a.xlsx"),
    "BF-020 encrypted xlsx, wrong password": Case(box.locked_xlsx(BOOK, SECRET), Refused("wrong_password"), "a.xlsx", {"password": "guess"}),
    "BF-020 encrypted xlsx, its password": Case(box.locked_xlsx(BOOK, SECRET), Read(3, [2, 3, 4]), "a.xlsx", {"password": SECRET}),
    "BF-020 encrypted ods": Case(box.locked_ods(orders(3)), Refused("encrypted_workbook"), "a.ods"),
    "BF-020 encrypted ods, a password": Case(box.locked_ods(orders(3)), Refused("unknown_encryption"), "a.ods", {"password": SECRET}),
    "BF-020 a password for an open file": Case(BOOK, Read(3), "a.xlsx", {"password": SECRET}),
    "BF-020 an envelope with nothing in it": Case(OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), Refused("damaged_workbook"), "a.xlsx", {"password": "x"}),
    "BF-021 a 2 GB sheet": Case(_sheet_bomb(2048), Refused("zip_bomb", found=("2048 MB",)), "a.xlsx"),
    "BF-021 huge shared strings": Case(
        _swapped(BOOK, "xl/sharedStrings.xml", *box.repeated_deflate(b"<si><t>x</t></si>" * 60_000, 900), 900 * 17 * 60_000), Refused("zip_bomb"), "a.xlsx"),
    "BF-023 an external entity in a sheet": Case(
        with_sheet_xml(BOOK, lambda xml: xml.replace(b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>', ENTITIES.encode())),
        Refused("unsafe_workbook", found=("DOCTYPE",)), "a.xlsx"),
    "BF-023 entity expansion in ods": Case(box.ods(orders(2), ENTITIES), Refused("unsafe_workbook", found=("DOCTYPE",)), "a.ods"),
    "BF-024 cut xlsx": Case(BOOK[:-400], Refused("damaged_workbook"), "a.xlsx"),
    "BF-024 no workbook part": Case(_without_part(BOOK, "xl/workbook.xml"), Refused("damaged_workbook"), "a.xlsx"),
    "BF-024 cut xls": Case(box.xls({"表": orders(30)})[:3000], Refused("damaged_workbook"), "a.xls"),
    "BF-025 lock file": Case(b"\x05admin" + bytes(159), Refused("lock_file"), "~$订单.xlsx"),
    "BF-026 PDF": Case(b"%PDF-1.7\n", Refused("not_a_table", found=("PDF",)), "a.csv"),
    "BF-026 picture": Case(b"\x89PNG\r\n\x1a\n\0\0", Refused("not_a_table", found=("PNG",)), "a.xlsx"),
    "BF-026 Word": Case(box.zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), Refused("not_a_table", found=("Word",)), "a.docx"),
    "BF-026 old Word": Case(OLE + bytes(600) + "WordDocument".encode("utf-16-le"), Refused("not_a_table", found=("Word",)), "a.doc"),
    "BF-027 beyond a limit of bytes": Case(b"x" * 5000, Refused("too_large"), "a.csv", {"limits": replace(COMMAND_LINE, file_bytes=4999)}),
    "BF-027 one line of 3 MB": Case(as_csv(orders(3)) + b"x" * 3_000_000, Refused("giant_line", 5)),
    "BF-027 more rows than are taken": Case(
        as_csv(orders(9)), Refused("too_many_rows", found=("9",)), more={"limits": replace(COMMAND_LINE, data_rows=8)}),
    "BF-027 more rows than are taken, in a workbook": Case(
        BOOK, Refused("too_many_rows", found=("3",)), "a.xlsx", {"limits": replace(COMMAND_LINE, data_rows=2)}),
    "BF-027 as many rows as are taken": Case(as_csv(orders(9)), Read(9), more={"limits": replace(COMMAND_LINE, data_rows=9)}),
    "BF-028 cut within a character": Case(_cut_after("浙江省", 2), Read(29, left_out={"cut_off": 1}, notices={"cut_off": {"row": 31}})),
    "BF-028 cut between cells": Case(_cut_after("中通快递", 30), Read(29, left_out={"cut_off": 1}, notices={"cut_off": {"row": 31}})),
    "BF-028 cut before the key cells": Case(_cut_after("测试商品", 40), Read(29, left_out={"cut_off": 1}, notices={"cut_off": {"row": 31}})),
    "BF-028 cut within a character, GB18030": Case(
        _cut_after("无售后", 1, "gb18030"), Read(29, left_out={"cut_off": 1}, notices={"cut_off": {"row": 31}})),
    "BF-029 another ending, no stamp": Case(as_csv(orders(3)), Read(3), "订单.dat"),
    "BF-029 a workbook under another ending, no stamp": Case(BOOK, Read(3, [2, 3, 4]), "订单.dat"),
    "BF-029 a web page under another ending, no stamp": Case(box.html(_stripped(orders(3))), Read(3, notices={"html_table": {"count": 1}}), "订单.txt"),
    "BF-029 a picture under the name of an export": Case(b"\x89PNG\r\n\x1a\n\0\0", Refused("not_a_table", found=("PNG",)), EXPORT_NAME),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_file_is_what_its_content_says(case):
    ask(CASES[case])


def test_bf_012_the_odd_blanks_are_gone():
    _, rows = import_here(_odd_blanks())
    assert rows[1]["waybill"] == "780000000000002"


def test_bf_014_spans_fill_their_cells_and_no_more():
    rows = [["运单号", "快递公司", "第一条揽收时间"], *([f"78{n:013d}", "中通快递", "2026-10-21 05:00:00"] for n in range(1, 4))]
    page = box.html(rows).decode()
    page = page.replace("<td>中通快递</td>", '<td rowspan="2">中通快递</td>', 1)
    cut = page.index("中通快递", page.index("中通快递") + 1)
    page = page[: cut - 4] + page[cut + len("中通快递</td>") :]
    _, read = import_here(page.encode(), "a.xls")
    assert [row["courier"] for row in read] == ["中通"] * 3


def test_bf_016_exactly_as_many_rows_as_xls_can_hold_look_cut_off():
    headers = ["运单号", "第一条揽收时间"]
    rows = [headers, *([f"78{number:013d}", "2026-10-21 05:00:00"] for number in range(65_535))]
    report, _ = import_here(box.xls({"表": rows}), "a.xls")
    assert (report.rows_read, [notice.code for notice in report.notices].count("xls_row_limit")) == (65_535, 1)
    report, _ = import_here(as_csv(rows), "a.csv")
    assert "xls_row_limit" not in [notice.code for notice in report.notices]


def test_bf_029_without_a_stamp_in_the_name_the_snapshot_is_not_taken_from_it():
    report, _ = import_here(as_csv(orders(3)), "订单.dat")
    assert report.snapshot_from != "file_name"


# BF-019 to BF-022: archives


def _tables(**more):
    return {"订单.csv": as_csv(orders(3)), "网点/揽收.xlsx": as_xlsx(pickups(3)), **more}


def unpack_here(content, password=None, limits=COMMAND_LINE):
    """(names and bytes of the entries, ignored names), or None for no package; the child's work done in this process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "input").write_bytes(content)
        try:
            if not unpack(str(folder / "input"), folder, limits, password, lambda share: None):
                return None
        except AuditError:
            # Names are ours, and a refusal on the directory's account leaves nothing.
            assert all(path.name == "input" or path.name.isdecimal() for path in folder.rglob("*"))
            raise
        told = json.loads((folder / LIST).read_text())
        assert sorted(path.name for path in folder.iterdir()) == sorted(["input", LIST, *(entry["file"] for entry in told["entries"])])
        return {entry["name"]: (folder / entry["file"]).read_bytes() for entry in told["entries"]}, told["ignored"]


def test_bf_019_every_table_of_a_zip_is_imported_under_its_own_name(tmp_path):
    content = box.zipped(_tables(**{"说明.pdf": b"%PDF", "__MACOSX/._订单.csv": b"x", "坏.csv": b"a,b\n1,2\n"}))
    outcomes = import_files(Home(tmp_path), "shop", [Upload("十月.zip", content)])
    assert [(outcome.file, outcome.report and outcome.report.kind, outcome.error and outcome.error.code) for outcome in outcomes] == [
        ("十月.zip › 订单.csv", "pdd_orders", None),
        ("十月.zip › 网点 › 揽收.xlsx", "courier_pickups", None),
        ("十月.zip › 坏.csv", None, "unknown_layout"),
    ]
    assert outcomes[2].error.place.file == "十月.zip › 坏.csv"
    assert [outcome.ignored for outcome in outcomes] == [("说明.pdf",), (), ()]
    alone = import_files(Home(tmp_path), "shop", [Upload("订单.csv", as_csv(orders(3)))])
    assert alone[0].already
    assert [path for path in tmp_path.rglob("*") if path.name.endswith(".part")] == []


def test_bf_019_uploads_keep_their_order_and_say_which_they_came_from(tmp_path):
    files = [Upload("a.csv", as_csv(orders(2))), Upload("b.zip", box.zipped(_tables())), Upload("c.xlsx", as_xlsx(service(2)))]
    assert [(outcome.upload, outcome.file) for outcome in import_files(Home(tmp_path), "shop", files)] == [
        (0, "a.csv"), (1, "b.zip › 订单.csv"), (1, "b.zip › 网点 › 揽收.xlsx"), (2, "c.xlsx"),
    ]  # fmt: skip


def test_bf_019_the_stamp_of_an_entry_counts_before_that_of_its_package(tmp_path):
    inner = EXPORT_NAME
    outer = EXPORT_NAME.replace("2026-10-28", "2026-10-30").replace(".csv", ".zip")
    for name, day in ((inner, 28), ("订单.csv", 30)):
        (outcome,) = import_files(Home(tmp_path / str(day)), "shop", [Upload(outer, box.zipped({name: as_csv(orders(3))}))])
        assert outcome.report.snapshot_at == datetime(2026, 10, day, 18)


@pytest.mark.parametrize(
    ("raw", "flags", "name"),
    [
        ("订单.csv".encode(), 0x800, "订单.csv"),
        ("订单.csv".encode("gb18030"), 0, "订单.csv"),
        ("订单.csv".encode(), 0, "订单.csv"),
        (b"caf\x82\xff.csv", 0, "café\N{NO-BREAK SPACE}.csv"),
        (b"a\\b\\c.csv", 0, "a › b › c.csv"),
        ("x\u202egpj.csv".encode(), 0x800, "x\ufffdgpj.csv"),
    ],
    ids=["UTF-8", "GB18030", "UTF-8 without the flag", "CP437", "backslashes", "turned text"],
)
def test_bf_019_names_are_read_as_they_were_written(raw, flags, name):
    entries, _ = unpack_here(box.raw_zip([(raw, b"x")], flags=flags))
    assert [entry.replace("�.csv", "\u00a0.csv") if "caf" in entry else entry for entry in entries] == [name]


def test_bf_019_a_workbook_is_no_package():
    for content in (BOOK, box.ods(orders(1)), box.xlsb(orders(1)), box.zipped({"word/document.xml": b""}), b"PK\x03\x04", b"PK\x03\x04" + bytes(90)):
        assert unpack_here(content) is None


LOCKED = {
    "old cipher": box.raw_zip([(name.encode(), content) for name, content in _tables().items()], flags=0x800, password=SECRET.encode()),
    "old cipher, password typed as GB18030": box.raw_zip([(b"a.csv", as_csv(orders(3)))], password=SECRET.encode("gb18030")),
    "AES": box.aes_zip(_tables(), SECRET),
}


@pytest.mark.parametrize("kind", LOCKED)
def test_bf_020_a_locked_zip_opens_with_its_password_only(kind):
    with pytest.raises(AuditError) as none:
        unpack_here(LOCKED[kind])
    assert (none.value.code, none.value.found) == ("encrypted_zip", "a.csv" if "GB" in kind else "订单.csv")
    with pytest.raises(AuditError) as wrong:
        unpack_here(LOCKED[kind], "guess")
    assert wrong.value.code == "wrong_password"
    entries, _ = unpack_here(LOCKED[kind], SECRET)
    assert next(iter(entries.values())) == as_csv(orders(3))


def test_bf_020_no_wrong_password_is_ever_called_damage():
    """One wrong password in 256 passes the old cipher's own check."""
    content = box.raw_zip([(b"a.csv", as_csv(orders(3)))], password=b"right")

    def passes(password):
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            try:
                package.open("a.csv", pwd=password.encode()).close()
            except RuntimeError:
                return False
        return True

    lucky = next(f"wrong{number}" for number in range(10_000) if passes(f"wrong{number}"))
    for password in ("wrong", lucky):
        with pytest.raises(AuditError, match="wrong_password"):
            unpack_here(content, password)


def test_bf_020_stronger_encryption_is_named():
    with pytest.raises(AuditError, match="unknown_encryption"):
        unpack_here(box.raw_zip([(b"a.csv", b"x")], flags=0x41), "x")


def test_bf_020_a_locked_file_is_read_after_its_password_came_and_nothing_remembers_it(tmp_path, monkeypatch):
    started = []
    popen = subprocess.Popen
    monkeypatch.setattr(read_file.subprocess, "Popen", lambda *args, **more: started.append((args, more["env"])) or popen(*args, **more))
    home, content = Home(tmp_path), box.zipped({"开.csv": as_csv(orders(3)), "锁.xlsx": box.locked_xlsx(as_xlsx(pickups(3)), SECRET)})
    upload = Upload("包.zip", content)
    first = import_files(home, "shop", [upload])
    assert [outcome.wants_password for outcome in first] == [False, True]
    wrong = read_again(home, "shop", replace(upload, password="guess"), first)
    assert [outcome.error and outcome.error.code for outcome in wrong] == [None, "wrong_password"]
    right = read_again(home, "shop", replace(upload, password=SECRET), wrong)
    assert [(outcome.report.kind, outcome.already) for outcome in right] == [("pdd_orders", False), ("courier_pickups", False)]
    assert SECRET not in repr(started) + repr(right) + repr(replace(upload, password=SECRET)) and len(started) >= 6
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept and not any(spelt in path.read_bytes() for path in kept for spelt in (SECRET.encode(), SECRET.encode("gb18030"), SECRET.encode("utf-16-le")))


def test_bf_021_a_zip_bomb_is_refused_by_its_directory():
    data, crc = box.repeated_deflate(b" " * MB, 2048)
    content = _swapped(box.zipped({"a.csv": b"x", "b.csv": b"x"}), "a.csv", data, crc, 2048 * MB)
    with pytest.raises(AuditError) as caught:
        unpack_here(content)
    assert (caught.value.code, caught.value.found) == ("zip_bomb", "2048 MB")


def test_bf_021_an_entry_that_lies_about_its_size_stops_at_it():
    with pytest.raises(AuditError, match="damaged_zip"):
        unpack_here(box.raw_zip([(b"a.csv", b"x" * 5_000_000)], claimed=1000))


def test_bf_021_unpacking_stops_at_the_limit(monkeypatch):
    """Should a directory be believed that lies, no byte beyond the limit is written."""
    monkeypatch.setattr("pdd_audit.data.reading.unpacking._checked", lambda members, *_: {member.filename: member for member in members})
    content, limits = box.zipped({"a.csv": b"x" * 900_000, "b.csv": b"y" * 3_000_000}), replace(COMMAND_LINE, zip_bytes=1_000_000)
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "input").write_bytes(content)
        with pytest.raises(AuditError, match="zip_bomb"):
            unpack(str(Path(name) / "input"), Path(name), limits, None, lambda share: None)
        assert sum((Path(name) / file).stat().st_size for file in ("0001", "0002")) <= 1_000_000


@pytest.mark.parametrize(
    ("members", "code", "found"),
    [
        ([(b"a.csv", b""), (b"../b.csv", b"")], "unsafe_zip", "b.csv"),
        ([(b"x/../../b.csv", b"")], "unsafe_zip", "b.csv"),
        ([(b"..\\b.csv", b"")], "unsafe_zip", "b.csv"),
        ([(b"/etc/b.csv", b"")], "unsafe_zip", "etc › b.csv"),
        ([(b"C:\\b.csv", b"")], "unsafe_zip", "C: › b.csv"),
        ([(b"a.csv", b"1"), (b"a.csv", b"2")], "unsafe_zip", "a.csv"),
        ([(b"a.csv", b""), ("里.zip".encode(), b"")], "nested_zip", "里.zip"),
        ([(b"a.pdf", b""), (b"b.jpg", b"")], "zip_without_tables", "a.pdf"),
        ([(f"{n}.csv".encode(), b"") for n in range(501)], "zip_entries", "501"),
    ],
    ids=["parent", "parent in the middle", "parent, backslash", "absolute", "drive", "twice", "nested", "no table", "501 entries"],
)
def test_bf_022_an_entry_that_is_not_right_refuses_the_zip(members, code, found):
    with pytest.raises(AuditError) as caught:
        unpack_here(box.raw_zip(members, flags=0x800))
    assert caught.value.code == code
    assert found in caught.value.found
    for lang in LANGS:
        assert "{" not in "".join(error_text(caught.value, lang))


def test_bf_022_a_symbolic_link_refuses_the_zip():
    with pytest.raises(AuditError) as caught:
        unpack_here(box.raw_zip([(b"a.csv", b"/etc/passwd")], mode=0o120777))
    assert (caught.value.code, caught.value.found) == ("unsafe_zip", "a.csv")


def test_bf_022_a_zip_that_calls_itself_csv_inside_a_zip_is_refused_by_its_content(tmp_path):
    (outcome,) = import_files(Home(tmp_path), "shop", [Upload("包.zip", box.zipped({"a.csv": box.zipped(_tables())}))])
    assert (outcome.error.code, outcome.error.place.file) == ("archive_file", "包.zip › a.csv")


@pytest.mark.usefixtures("way")
def test_a_package_vanishes_with_its_reading_whatever_happens(tmp_path):
    def stopped_while_reading():
        with unpacked(box.zipped(_tables()), "包.zip", tmp_path) as package:
            assert [entry.path.is_file() for entry in package.entries] == [True, True]
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        stopped_while_reading()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("way")
def test_a_package_with_limits_of_its_own_is_refused_with_its_name(tmp_path):
    with (
        pytest.raises(AuditError) as caught,
        unpacked(box.zipped(_tables()), "dir/包.zip", tmp_path, limits=replace(COMMAND_LINE, package_entries=1)),
    ):
        pass
    assert (caught.value.code, caught.value.place.file) == ("zip_entries", "包.zip")
    assert list(tmp_path.iterdir()) == []


# BF-104 to BF-106, BF-109: sheets


def test_bf_104_merged_cells_fill_their_range_and_nothing_below():
    rows = _stripped(pickups(6, total=False))
    for row in rows[2:5]:
        row[1] = ""
    merge = [(2, 4, 1, 1, "中通快递")]  # rows 3 to 5 of the sheet; row 6 is blank and stays so
    rows[5][1] = ""
    for content, name in (
        (box.xls({"表": rows}, merged=merge), "a.xls"),
        (box.xlsx({"表": rows}, after=lambda book, pages: pages["表"].merge_range(2, 1, 4, 1, "中通快递")), "a.xlsx"),
    ):
        report, read = import_here(content, name)
        assert [row["courier"] for row in read] == ["中通"] * 4 + [None, "中通"], name
        assert {"cells": 2, "row": 3} in [notice.values for notice in report.notices if notice.code == "merged_cells"]


def test_bf_104_a_banner_over_the_table_is_no_data():
    rows = [*_stripped(orders(3)), ["以下由系统生成"]]
    content = box.xlsx({"表": rows}, after=lambda book, pages: pages["表"].merge_range(4, 0, 4, len(rows[0]) - 1, "以下由系统生成"))
    report, _ = import_here(content, "a.xlsx")
    assert (report.rows_kept, "merged_cells" in [notice.code for notice in report.notices]) == (3, False)


def _with_hidden(book, pages):
    for name in ("藏", "更藏"):
        pages[name].hide()
    pages["订单"].set_row(2, None, None, {"hidden": True})
    pages["订单"].set_row(3, None, None, {"hidden": True})
    pages["藏"].set_row(1, None, None, {"hidden": True})


def test_bf_105_hidden_sheets_are_skipped_and_hidden_rows_read():
    sheets = {"藏": _stripped(orders(9)), "订单": _stripped(orders(4)), "更藏": _stripped(pickups(2))}
    after = _with_hidden
    report, rows = import_here(box.xlsx(sheets, after=lambda book, pages: (pages["订单"].activate(), pages["订单"].set_first_sheet(), after(book, pages))), "a.xlsx")
    said = {notice.code: notice.values for notice in report.notices}
    assert [row["source_row"] or at for at, row in enumerate(rows, 2)] == [2, 3, 4, 5]
    assert said["hidden_sheets"] == {"sheets": "藏、更藏"} and said["hidden_rows"] == {"rows": 2}


@pytest.mark.parametrize(
    ("write", "name"),
    [pytest.param(lambda rows, hidden: box.xls({"表一": rows}, hidden_rows=hidden), "a.xls", id="BF-105 xls"),
     pytest.param(lambda rows, hidden: box.xlsb(rows, hidden), "a.xlsb", id="BF-105 xlsb"),
     pytest.param(lambda rows, hidden: box.ods(rows, hidden=hidden), "a.ods", id="BF-105 ods")],
)
def test_hidden_and_filtered_rows_of_any_workbook_are_read_and_counted(write, name):
    for hidden in ((2, 4), ()):
        report, rows = import_here(write(_stripped(orders(4)), hidden), name)
        said = {notice.code: notice.values for notice in report.notices}
        assert len(rows) == 4 and said.get("hidden_rows") == ({"rows": 2} if hidden else None)


def test_bf_105_only_hidden_sheets_hold_no_table():
    content = box.xls({"说明": [], "订单": orders(3)}, hidden=["订单"])
    with pytest.raises(AuditError, match="blank_file"):
        import_here(content, "a.xls")


def _two_weeks():
    first, second = _stripped(orders(3)), _stripped(orders(7))
    return first, [second[0], *second[4:]]


def test_bf_106_sheets_of_one_kind_are_read_as_one_file():
    first, second = _two_weeks()
    order = list(range(len(second[0])))[::-1]
    turned = [["十月下旬"], *[[row[at] for at in order] for row in second]]
    sheets = {"上旬": first, "说明": [["本表由店长整理"]], "空": [], "下旬": turned}
    report, rows = import_here(box.xlsx(sheets), "a.xlsx")
    said = {notice.code: notice.values for notice in report.notices}
    assert [row["order_no"][-3:] for row in rows] == [f"{n:03d}" for n in range(1, 8)]
    assert [row["source_row"] for row in rows] == [2, 3, 4, 7, 8, 9, 10]
    assert said["sheets_joined"] == {"count": 2, "sheets": "上旬 1–4、下旬 5–10"}
    assert said["other_sheets"]["others"] == "说明"


def test_bf_106_a_row_of_the_second_sheet_is_named_as_that_sheet_counts():
    first, second = _two_weeks()
    second[2][second[0].index("订单状态")] = "锟斤拷"
    with pytest.raises(AuditError) as caught:
        import_here(box.xlsx({"上旬": first, "下旬": second}), "a.xlsx")
    place = caught.value.place
    assert (caught.value.code, place.sheet, place.row) == ("destroyed_text", "下旬", 3)


def test_bf_106_sheets_of_other_kinds_are_named_and_left():
    report, _ = import_here(box.xlsx({"订单": _stripped(orders(3)), "揽收": _stripped(pickups(3))}), "a.xlsx")
    said = {notice.code: notice.values for notice in report.notices}
    assert report.kind == "pdd_orders" and said["sheets_left"] == {"sheets": "揽收"}


def test_bf_106_the_kind_that_was_asked_for_is_found_on_any_sheet():
    content = box.xlsx({"订单": _stripped(orders(3)), "揽收": _stripped(pickups(3))})
    report, _ = import_here(content, "a.xlsx", expected="courier_pickups")
    assert (report.kind, report.rows_kept) == ("courier_pickups", 3)
    report, _ = import_here(content, "a.xlsx", expected="pdd_service")
    said = {notice.code: notice.values for notice in report.notices}
    assert (report.kind, said["other_slot"]["wanted_zh"], said["sheets_left"]) == ("pdd_orders", "拼多多客服绩效数据", {"sheets": "揽收"})


@pytest.mark.parametrize("since", [1900, 1904])
def test_bf_109_dates_follow_the_workbooks_own_system(since):
    moment = datetime(2026, 10, 21, 5, 1, 7)
    content = box.xlsx(
        {"表": _stripped(orders(1))},
        options={"date_1904": since == 1904},
        after=lambda book, pages: pages["表"].write_datetime(
            1, orders(0)[0].index("发货时间"), moment, book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        ),
    )
    _, rows = import_here(content, "a.xlsx")
    assert rows[0]["shipped_at"] == moment > START


def _serial(moment, since_1904):
    return (moment - datetime(1904 if since_1904 else 1899, 1 if since_1904 else 12, 1 if since_1904 else 30)).total_seconds() / 86400


@pytest.mark.parametrize("since_1904", [False, True], ids=["1900", "1904"])
@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_bf_109_bare_numbers_follow_the_workbooks_own_system_too(kind, since_1904):
    moment, rows = datetime(2026, 10, 21, 5, 1, 7), _stripped(orders(3))
    rows[1][rows[0].index("发货时间")] = _serial(moment, since_1904)
    if kind == "xls":
        content = _xls_of(rows, since_1904)
    else:
        content = box.xlsx({"表": rows}, options={"date_1904": since_1904})
    report, read = import_here(content, f"a.{kind}")
    assert read[0]["shipped_at"] == moment and read[1]["shipped_at"] == START.replace(hour=5, minute=2, day=21)
    said = {notice.code: notice.values for notice in report.notices}
    assert said["time_serial"] == {"column": "发货时间", "rows": 1, "row": 2} and ("dates_1904" in said) == since_1904


def _xls_of(rows, since_1904):
    import xlwt

    book = xlwt.Workbook()
    book.dates_1904 = since_1904
    sheet = book.add_sheet("表")
    for number, row in enumerate(rows):
        for at, cell in enumerate(row):
            sheet.write(number, at, cell)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def test_bf_109_a_serial_in_a_csv_counts_from_1899():
    rows = _with_cell(orders(3), 2, "发货时间", str(_serial(datetime(2026, 10, 21, 5, 1, 7), since_1904=False)))
    report, read = import_here(as_csv(rows))
    assert read[0]["shipped_at"] == datetime(2026, 10, 21, 5, 1, 7)
    assert {notice.code: notice.values for notice in report.notices}["time_serial"]["row"] == 2


def _formulas(xml):
    """Three cells of the sheet as a formula without a result, one with an empty and one with a stored one."""
    for cell, written in (
        (b"K3", b'<c r="K3"><f>SUM(A1:A2)</f></c>'), (b"K4", b'<c r="K4"><f>SUM(A1:A2)</f><v></v></c>'),
        (b"K2", b'<c r="K2"><f>1+1</f><v>2</v></c>'), (b"A3", b'<c r="A3"><f>1+1</f></c>'),
    ):
        start = xml.index(b'<c r="' + cell + b'"')
        end = min(place for place in (xml.find(b"/>", start) + 2, xml.find(b"</c>", start) + 4) if place > start + 4)
        xml = xml[:start] + written + xml[end:]
    return xml


def test_bf_102_a_formula_without_a_stored_result_is_blank_and_named():
    rows = _stripped(orders(4))
    column = rows[0][10]  # K
    assert column == "商品数量(件)" and rows[0][0] == "商品"
    for row in rows[1:]:
        row[10] = "1"
    report, read = import_here(with_sheet_xml(as_xlsx(rows), _formulas), "a.xlsx")
    said = [notice.values for notice in report.notices if notice.code == "formula_without_result"]
    assert [row["quantity"] for row in read] == [2, None, None, 1]
    assert {"cells": 2, "sheet": "Sheet0", "cell": "K3", "column": column} in said
    assert {"cells": 1, "sheet": "Sheet0", "cell": "A3", "column": "商品"} in said and len(said) == 2


def _with_formulas():
    """Two formulas among the quantities, the second never calculated; a waybill and a time that a formula gives."""
    rows, blank = _stripped(orders(4)), box.Formula(None)
    column = rows[0].index
    for row in rows[1:]:
        row[column("商品数量(件)")] = "1"
    rows[1][column("商品数量(件)")], rows[2][column("商品数量(件)")], rows[4][column("商品数量(件)")] = box.Formula(2), blank, blank
    rows[1][column("快递单号")], rows[1][column("发货时间")] = box.Formula(780000000000777), box.Formula(46316.25)
    rows[3][column("商家备注")] = blank  # nobody reads that column
    return rows


@pytest.mark.parametrize(
    ("write", "name"),
    [pytest.param(lambda rows: box.xls({"表一": rows}), "a.xls", id="BF-102 xls"), pytest.param(box.xlsb, "a.xlsb", id="BF-102 xlsb"),
     pytest.param(box.ods, "a.ods", id="BF-102 ods")],
)
def test_a_formula_of_any_workbook_speaks_by_its_stored_result(write, name):
    report, read = import_here(write(_with_formulas()), name)
    assert (read[0]["waybill"], read[0]["shipped_at"]) == ("780000000000777", datetime(2026, 10, 21, 6))
    assert [row["quantity"] for row in read] == [2, None, 1, None]
    said = [notice.values for notice in report.notices if notice.code == "formula_without_result"]
    # The two binary formats have no way to say that a formula was never calculated: its result is an empty text.
    assert said == ([{"cells": 2, "sheet": "表一", "cell": "K3", "column": "商品数量(件)"}] if name == "a.ods" else [])


def test_bf_102_rows_and_columns_that_an_ods_writes_once_count_as_often_as_they_stand():
    bare, blank = '<t:table-cell t:formula="of:=1+1"/>', '<t:table-cell t:number-columns-repeated="27"/>'
    rows = f'<t:table-row t:number-rows-repeated="9"/><t:table-row t:number-rows-repeated="3">{blank}{bare}</t:table-row><t:table-row>{bare}</t:table-row>'
    spaces = 'xmlns:t="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    content = box.zipped({"content.xml": f'<a {spaces}><t:table t:name="空"/><t:table t:name="表"><t:table-rows>{rows}</t:table-rows></t:table></a>'.encode()})
    told = {sheet: facts.empty_formulas for sheet, facts in facts_of_ods(io.BytesIO(content)).items()}
    assert told == {"空": {}, "表": {"AB": (3, 10), "A": (1, 13)}}


# Whatever comes: a report or a refusal, in bounded time and memory


def _worded(error):
    for lang in LANGS:
        title, body = error_text(error, lang)
        assert title and body


def _report_or_refusal(content, name="a.xlsx", password=None):
    try:
        report, _ = import_here(content, name, password=password)
    except AuditError as error:
        _worded(error)
        return
    assert report.rows_read == report.rows_kept + sum(report.left_out.values())


SAMPLES = {
    "xls": (box.xls({"表": service(3)}), None),
    "xlsb": (box.xlsb(service(3)), None),
    "ods": (box.ods(service(3)), None),
    "html": (box.html(service(3)), None),
    "locked": (box.locked_xlsx(as_xlsx(service(3)), "x"), "x"),
}
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FEW
@given(st.sampled_from(sorted(SAMPLES)), st.floats(0, 1), st.binary(min_size=1, max_size=8))
@example("xlsb", 0.7426553758092503, b"\x01")  # a part longer than its package says
@example("xls", 0.3254306518387498, b"\x9e")  # of so many rows that the child dies asking for memory: this process would too
def test_a_damaged_container_gives_a_report_or_a_refusal(kind, at, noise):
    content, password = SAMPLES[kind]
    at = int(at * (len(content) - 1))
    damaged = content[:at] + noise + content[at + len(noise) :]
    with tempfile.TemporaryDirectory() as folder:
        try:
            report = read_file.read_file(damaged, f"a.{kind}", Path(folder), password=password)
        except AuditError as error:
            _worded(error)
        else:
            assert report.rows_read == report.rows_kept + sum(report.left_out.values())


ZIPS = [(box.zipped(_tables()), None), (LOCKED["old cipher"], SECRET), (LOCKED["AES"], SECRET)]


@settings(FEW, max_examples=150)
@given(st.sampled_from(ZIPS), st.floats(0, 1), st.binary(min_size=1, max_size=8), st.booleans())
def test_a_damaged_zip_unpacks_or_is_refused(sample, at, noise, cut):
    content, password = sample
    at = int(at * (len(content) - 1))
    try:
        found = unpack_here(content[:at] + (b"" if cut else noise + content[at + len(noise) :]), password)
    except AuditError as error:
        _worded(error)
    else:
        assert found is None or len(found[0]) <= 2


@settings(FEW, max_examples=60)
@given(st.lists(st.tuples(st.binary(min_size=1, max_size=12), st.binary(max_size=30)), max_size=5), st.sampled_from([0, 0x800, 1, 8]))
def test_any_names_and_flags_of_a_zip_unpack_or_are_refused(members, flags):
    try:
        unpack_here(box.raw_zip(members, flags=flags))
    except AuditError as error:
        _worded(error)


@FEW
@given(st.lists(st.sampled_from(["<table>", "</table>", "<tr>", "</tr>", "<td>", "<td rowspan=9>", "<td colspan=999>", "</td>", "<th>", "运单号", "第一条揽收时间",
                                 "快递公司", "<script>", "</script>", "<!--", "-->", "<![CDATA[", "<!", "&#0;", "&#x110000;", "<a href='//x'>", "780000000000001"]), max_size=60))  # fmt: skip
def test_any_tags_give_a_report_or_a_refusal(parts):
    _report_or_refusal(("<html><table>" + "".join(parts)).encode(), "a.xls")


def _million_columns():
    return b",".join([b"x%d" % number for number in range(1_000_000)]) + b"\r\n"


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (_sheet_bomb(2048), "a.xlsx", "zip_bomb"),
        (_million_columns(), "a.csv", "too_many_columns"),
        (b"<table><tr>" + b"<td>" * 2_000_000, "a.xls", "too_many_columns"),
        (_swapped(box.zipped({"a.csv": b"x"}), "a.csv", *box.repeated_deflate(b" " * MB, 2048), 2048 * MB), "a.zip", "zip_bomb"),
    ],
    ids=["2 GB sheet", "a million columns", "two million HTML cells", "2 GB entry"],
)
def test_a_bomb_is_refused_for_what_it_is_within_little_memory(content, name, code, tmp_path):
    """700 MB of address space, half of which the libraries take by being loaded: whoever unpacked it would die of memory instead."""
    started = time.monotonic()
    with pytest.raises(AuditError) as caught:
        read_file.read_file(content, name, tmp_path, limits=replace(COMMAND_LINE, address_space_bytes=700 * MB, cpu_seconds=20))
    assert caught.value.code == code
    assert time.monotonic() - started < 20


@pytest.mark.skipif(sys.platform == "win32", reason="no sparse files without asking for them")
def test_bf_027_a_line_of_a_gigabyte_takes_little_memory(tmp_path):
    file = tmp_path / "line.csv"
    with file.open("wb") as sink:
        sink.write(as_csv(orders(3)) + b"x" * 2 * MB)
        sink.truncate(1024 * MB)  # a hole: nothing is written
    with pytest.raises(AuditError) as caught:
        read_file.read_file(file, file.name, tmp_path / "ledger", limits=replace(COMMAND_LINE, address_space_bytes=700 * MB), sha256="a" * 64)
    assert (caught.value.code, caught.value.place.row) == ("giant_line", 5)


def test_the_password_is_no_part_of_the_childs_command_line(tmp_path):
    """A watcher of the process list sees it while it works."""
    if not Path("/proc/self/cmdline").exists() or hand_over.named_files():
        pytest.skip("this system shows no process list under /proc")
    seen = []

    def look(_share):
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal() and int(entry.name) != os.getpid():
                try:
                    seen.append((entry / "cmdline").read_bytes() + (entry / "environ").read_bytes())
                except OSError:
                    continue

    read_file.read_file(box.locked_xlsx(BOOK, SECRET), "a.xlsx", tmp_path, password=SECRET, on_progress=look)
    assert any(b"pdd_audit.data.reading.child" in one for one in seen)
    assert not any(SECRET.encode() in one for one in seen)
