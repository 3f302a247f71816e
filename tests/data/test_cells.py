"""The quick way to read a cell means the same whether tabs stand in it or not."""

import duckdb
import pytest

from pdd_audit.data.reading.canonical.cells import Field, time, whole, yuan

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
