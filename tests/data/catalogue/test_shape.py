"""BF-030 to BF-043: delimiters, quotes and the shape of a text table."""

import time

import pytest

from tests.data.builders import an_order, as_csv, as_xlsx, import_here, orders, with_sheet_xml
from tests.data.catalogue.expected import Case, Read, Refused, ask


def _stripped(rows):
    """Excel saves no TAB inside a cell."""
    return [[cell.strip() for cell in row] for row in rows]


def _raw(rows, row, header, raw):
    """The file with one cell written as it is, without the quotes a writer would add. ``row`` as Excel counts."""
    at = rows[0].index(header)
    lines = [",".join(cells) for cells in rows]
    cells = list(rows[row - 1])
    cells[at] = raw
    lines[row - 1] = ",".join(cells)
    return "\r\n".join(lines).encode()


def _with_cell(rows, row, header, text):
    rows[row - 1][rows[0].index(header)] = text
    return rows


def _mixed_ends():
    lines = as_csv(orders(6), end="\n").split(b"\n")
    return b"".join(line + end for line, end in zip(lines, [b"\r\n", b"\n", b"\r", b"\r\n", b"\r", b"\n", b"\r\n"], strict=False))


def _long_rows(count, of):
    """``count`` of ``of`` orders have a comma too many."""
    rows = orders(of)
    return as_csv([row if not 0 < at <= count else [*row, "多余"] for at, row in enumerate(rows)])


def _short(cells):
    rows = orders(9)
    return as_csv([row[:cells] if at == 4 else row for at, row in enumerate(rows)])


def _without_tail():
    """The last columns of the default layout are optional: promise, payment, province, receiver."""
    rows = orders(9)
    return as_csv([row[:-2] if at == 4 else row for at, row in enumerate(rows)])


WIDTH = len(orders(0)[0])
HUGE, BEYOND = "长" * 40_000, "x" * 1_200_000

def _wide(columns, name="列", book=False):
    """Three orders with so many columns that there are as many as asked."""
    rows = orders(3)
    more = columns - len(rows[0])
    wide = [[*rows[0], *(f"{name}{n}" for n in range(more))], *([*(cell.strip() for cell in row), *["x"] * more] for row in rows[1:])]
    return as_xlsx(wide) if book else as_csv(wide)


CASES = {
    "BF-030 TAB-delimited": Case(as_csv(_stripped(orders(3)), delimiter="\t"), Read(3, [2, 3, 4], notices={"other_delimiter": {"delimiter": "TAB"}})),
    "BF-030 TAB-delimited text file": Case(as_csv(_stripped(orders(3)), delimiter="\t"), Read(3), "订单.txt"),
    "BF-030 a TAB ends every cell": Case(
        as_csv([[f"{cell.strip()}\t" for cell in row] for row in orders(3)]), Read(3, [2, 3, 4], silent=("other_delimiter",))
    ),
    "BF-031 semicolons": Case(as_csv(_stripped(orders(3)), delimiter=";"), Read(3, [2, 3, 4], notices={"other_delimiter": {"delimiter": ";"}})),
    "BF-032 full-width commas": Case(
        "\r\n".join("，".join(row) for row in _stripped(orders(3))).encode(), Refused("full_width_delimiter", 1, found=("，", "订单号"))
    ),
    "BF-033 sep=,": Case(b"sep=,\r\n" + as_csv(orders(3)), Read(3, [3, 4, 5], notices={"header_row": {"row": 2}})),
    "BF-033 sep=;": Case(b"sep=;\r\n" + as_csv(_stripped(orders(3)), delimiter=";"), Read(3, [3, 4, 5])),
    "BF-033 sep= below a BOM": Case(b"\xef\xbb\xbfsep=,\r\n" + as_csv(orders(3)), Read(3, [3, 4, 5])),
    "BF-034 mixed line ends": Case(_mixed_ends(), Read(6, [2, 3, 4, 5, 6, 7])),
    "BF-034 as many lone CR as lone LF": Case(
        as_csv(orders(4)).replace(b"\r\n", b"\r", 2).replace(b"\r\n", b"\n", 2), Read(4, [2, 3, 4, 5])
    ),
    "BF-035 line breaks, commas and quotes in a cell": Case(
        as_csv(_with_cell(orders(3), 2, "商家备注", '第一行\r\n第二行, "加急"\n')), Read(3, [2, 5, 6])
    ),
    "BF-036 a quote that is never closed": Case(_raw(orders(60), 7, "商品", '"没有闭合'), Refused("open_quote", 7, "商品", ("没有闭合",))),
    "BF-036 in the last row": Case(_raw(orders(3), 4, "商品", '"没有闭合'), Refused("open_quote", 4, "商品", ("没有闭合",))),
    "BF-037 a quote inside a cell": Case(_raw(orders(3), 3, "商品", '5" 手机壳'), Read(3, [2, 3, 4])),
    "BF-037 a quote at the end of a cell": Case(_raw(orders(3), 3, "商品", '手机壳 5"'), Read(3, [2, 3, 4])),
    "BF-038 too many cells": Case(
        _long_rows(2, 30),
        Read(28, left_out={"cell_count": 2}, notices={"cell_count": {"rows": 2, "row": 2, "cells": WIDTH + 1, "width": WIDTH}}),
    ),
    "BF-038 too many such rows": Case(_long_rows(30, 60), Refused("too_many_bad_rows", 2, found=("30 / 60",))),
    "BF-039 the optional tail is missing": Case(
        _without_tail(), Read(9, notices={"short_rows": {"rows": 1, "row": 5, "cells": WIDTH - 2, "width": WIDTH}}, silent=("cell_count",))
    ),
    "BF-039 a key cell is missing": Case(
        _short(4), Read(8, left_out={"cell_count": 1}, notices={"cell_count": {"rows": 1, "row": 5, "cells": 4, "width": WIDTH}})
    ),
    "BF-040 a huge cell": Case(
        as_csv(_with_cell(orders(30), 5, "商家备注", HUGE)),
        Read(29, left_out={"giant_cell": 1}, notices={"giant_cell": {"rows": 1, "row": 5, "column": "商家备注", "length": 40_000}}),
    ),
    "BF-040 just too long": Case(as_csv(_with_cell(orders(30), 5, "商品", "x" * 32_768)), Read(29, left_out={"giant_cell": 1})),
    "BF-040 as long as a cell may be": Case(as_csv(_with_cell(orders(30), 5, "商品", "x" * 32_767)), Read(30)),
    "BF-040 many long cells in a row": Case(
        as_csv([[*row, *["长" * 32_000 if at == 4 else ""] * 10] if at else [*row, *(f"列{n}" for n in range(10))] for at, row in enumerate(orders(30))]),
        Read(29, left_out={"giant_cell": 1}, notices={"giant_cell": {"row": 5, "column": "列0"}}),
    ),
    "BF-040 above the parser's own limit": Case(
        as_csv(_with_cell(orders(30), 5, "商品", "x" * 200_000)), Read(29, left_out={"giant_cell": 1}, notices={"giant_cell": {"row": 5}})
    ),
    "BF-040 more than a megabyte": Case(as_csv(_with_cell(orders(30), 5, "商家备注", BEYOND)), Refused("giant_line", 5)),
    "BF-041 2,000 columns": Case(_wide(2000), Read(3)),
    "BF-041 2,000 columns with long headers": Case(_wide(2000, "店铺自己加的一列说明很长的文字"), Read(3)),
    "BF-041 2,001 columns": Case(_wide(2001), Refused("too_many_columns", 1, found=("2001",))),
    "BF-041 2,001 columns of a workbook": Case(_wide(2001, book=True), Refused("far_cell", found=("BXY",)), "a.xlsx"),
    "BF-041 2,000 columns of a workbook": Case(_wide(2000, book=True), Read(3), "a.xlsx"),
    "BF-041 a million columns": Case(b",".join([b"x"] * 1_000_000) + b"\r\n", Refused("too_many_columns", 1, found=(">",))),
    "BF-041 a known header and too many more": Case(
        as_csv([[*row, *["x"] * 2_500] for row in orders(2)]), Refused("too_many_columns", 1, found=(str(WIDTH + 2_500),))
    ),
    "BF-042 empty columns at the end": Case(as_csv([[*row, "", "", ""] for row in orders(3)]), Read(3, [2, 3, 4], silent=("cell_count",))),
    "BF-042 below the header only": Case(as_csv([row if not at else [*row, "", ""] for at, row in enumerate(orders(3))]), Read(3, [2, 3, 4])),
    "BF-043 blank rows between and below": Case(
        as_csv([*orders(2), [""] * WIDTH, *orders(4)[3:], *[[""] * WIDTH] * 500]), Read(4, [2, 3, 5, 6], left_out={"blank": 501})
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_table_of_any_shape(case):
    ask(case)


def test_bf_041_columns_are_counted_from_the_first_bytes():
    started = time.process_time()
    ask(Case(b",".join([b"x"] * 10_000_000) + b"\r\n", Refused("too_many_columns", 1)))
    assert time.process_time() - started < 5


@pytest.mark.parametrize("strict", [False, True])
def test_bf_043_a_flood_of_a_million_blank_rows_takes_seconds(strict):
    content = as_csv(orders(10)) + b"," * (WIDTH - 1) + b"\r\n" + (b"," * (WIDTH - 1) + b"\r\n") * 999_999
    started = time.process_time()
    report, rows = import_here(content, strict=strict)
    assert (report.rows_kept, report.left_out) == (10, {"blank": 1_000_000})
    assert [row["source_row"] for row in rows] == list(range(2, 12))
    assert time.process_time() - started < 40  # a loaded machine; alone it takes a tenth


def test_bf_035_the_text_of_a_cell_with_line_breaks_stays():
    table = _with_cell(orders(1), 2, "商品", '杯子\n"大", 红')
    for strict in (False, True):
        _, rows = import_here(as_csv(table), strict=strict)
        assert rows[0]["goods_name"] == '杯子 "大", 红'


def test_bf_037_a_stray_quote_is_part_of_the_text():
    for strict in (False, True):
        _, rows = import_here(_raw(orders(1), 2, "商品", '5" 手机壳'), strict=strict)
        assert rows[0]["goods_name"] == '5" 手机壳'


def test_bf_042_empty_columns_of_a_workbook_are_dropped():
    report, _ = import_here(as_xlsx([[*row, "", ""] for row in _stripped(orders(3))]), "订单.xlsx")
    assert (report.rows_kept, report.ignored_columns.count("")) == (3, 0)


def test_bf_043_blank_rows_of_a_workbook_are_counted():
    rows = _stripped(orders(2))
    report, _ = import_here(as_xlsx([*rows, *[[""] * WIDTH] * 3, _stripped([[an_order(9).get(h, "") for h in rows[0]]])[0]]), "订单.xlsx")
    assert (report.rows_kept, report.left_out) == (3, {"blank": 3})


def test_bf_043_formats_without_cells_are_no_rows():
    """Excel keeps the formats of rows that were cleared; their sheet reaches far below its data."""
    empty = "".join(f'<row r="{row}"><c r="A{row}" s="0"/></row>' for row in range(5, 60_000)).encode()
    content = with_sheet_xml(as_xlsx(_stripped(orders(3))), lambda xml: xml.replace(b"</sheetData>", empty + b"</sheetData>"))
    report, _ = import_here(content, "订单.xlsx")
    assert (report.rows_read, report.rows_kept) == (3, 3)
