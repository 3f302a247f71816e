"""The quick way to read a cell means the same as the thorough one, whatever surrounds the text."""

import duckdb
import pytest

from pdd_audit.data.reading.canonical.cells import Field, layered, time, whole, words, yuan
from pdd_audit.data.reading.canonical.orders import _filled

FIELDS = {"time": time("x", 0), "yuan": yuan("x", 0), "whole": whole("x", 0, 10_000)}
CELLS = {
    "time": ["2026-10-28 20:40:08", "2026/10/28 20:40", "2026-10-28", "28.10.2026", "", "-"],
    "yuan": ["12.00", "-3.5", "1,234.50", "￥17.80", "", "-"],
    "whole": ["1", "007", "1.5", "1,000", "", "-"],
}


def read(field: Field, cell: str) -> object:
    return duckdb.execute(f"SELECT {field.quick} FROM (SELECT ? AS c0000)", [cell]).fetchone()[0]


@pytest.mark.parametrize(("kind", "cell"), [(kind, cell) for kind, cells in CELLS.items() for cell in cells])
def test_tabs_change_nothing(kind, cell):
    plain = read(FIELDS[kind], cell)
    places = range(len(cell) + 1) if " " not in cell else (0, 3, len(cell))
    assert {read(FIELDS[kind], f"{cell[:at]}\t{cell[at:]}") for at in places} == {plain}
    assert read(FIELDS[kind], f"\t{cell}\t\t") == plain


@pytest.mark.parametrize("kind", FIELDS)
def test_some_cells_are_read_at_once_and_some_are_not(kind):
    assert {read(FIELDS[kind], cell) is None for cell in CELLS[kind]} == {True, False}


@pytest.mark.parametrize("cell", ["广东省", "\t广东省\t", " 广东省 ", "\u3000广东省\u00a0", "\u2003广东省", "广东省\t\u3000"])
def test_a_text_loses_tabs_and_the_blanks_of_any_script(cell):
    assert value(words("x", 0), cell) == "广东省"


@pytest.mark.parametrize(("cell", "kept"), [("省" * 67, 67), ("省" * 200, 200), ("省" * 201, 200), ("a" * 201, 200), ("\t" + "省" * 201, 200)])
def test_a_text_is_cut_by_its_characters_not_its_bytes(cell, kept):
    assert len(value(words("x", 0), cell)) == kept


def test_even_the_shortest_time_is_read():
    assert read(time("x", 0), "1/1/1 1:1") is not None


@pytest.mark.parametrize(("cell", "filled"), [
    (None, False), ("", False), ("\t", False), ("未预约", False), ("\t未预约", False), ("否", False), ("没有预约", False), ("946656000000", False),
    ("已预约", True), ("未预约成功，改 11-20", True), ("2026-11-20 10:00-12:00", True),
])
def test_a_cell_that_says_there_is_none_fills_nothing(cell, filled):
    assert duckdb.execute(f"SELECT {_filled('c0000', 'TRUE')} FROM (SELECT ? AS c0000)", [cell]).fetchone()[0] is filled


def value(field: Field, cell: str) -> str:
    return duckdb.execute(f"SELECT x FROM {layered([field], '(SELECT ? AS c0000)')}", [cell]).fetchone()[0]
