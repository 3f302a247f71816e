"""Amounts and quantities: read, said with their row, or refused."""

from decimal import Decimal

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.core.mapping import ByHand, Mapping
from tests.data.builders import EXPORT_NAME, as_csv, import_here, orders
from tests.data.catalogue.expected import case
from tests.data.catalogue.test_cells import said, table
from tests.data.test_mapping import in_child

YUAN, PIECES = "商家实收金额(元)", "商品数量(件)"


@pytest.mark.parametrize(
    ("text", "yuan"),
    [("1,234.50", "1234.50"), ("￥17.80", "17.80"), ("17.8元", "17.80"), ("１７.8", "17.80")],
    ids=lambda value: f"BF-119 {value}",
)
def test_an_amount_is_read_however_it_is_written(text, yuan):
    _, rows = import_here(as_csv(table(**{YUAN: text})))
    assert rows[0]["received_yuan"] == Decimal(yuan)


@pytest.mark.parametrize(
    ("header", "text", "code", "column", "value"),
    [
        pytest.param(YUAN, "17,8", "decimal_comma", "received_yuan", None, id="BF-118"),
        pytest.param(YUAN, "1.234,50", "decimal_comma", "received_yuan", None, id="BF-118 thousands"),
        pytest.param(YUAN, "-5.00", "negative_yuan", "received_yuan", Decimal("-5.00"), id="BF-120"),
        pytest.param(YUAN, "inf", "unread_amounts", "received_yuan", None, id="BF-122 inf"),
        pytest.param(YUAN, "1e400", "unread_amounts", "received_yuan", None, id="BF-122 overflow"),
        pytest.param(PIECES, "0", "bad_quantity", "quantity", None, id="BF-123 none"),
        pytest.param(PIECES, "-1", "bad_quantity", "quantity", None, id="BF-123 negative"),
        pytest.param(PIECES, "1.5", "bad_quantity", "quantity", None, id="BF-123 fraction"),
        pytest.param(PIECES, "10001", "bad_quantity", "quantity", None, id="BF-123 too many"),
    ],
)
def test_a_doubtful_figure_is_named(header, text, code, column, value):
    report, rows = import_here(as_csv(table(**{header: text})))
    assert rows[0][column] == value
    values = said(report, code)
    assert (values["rows"], values["row"], values["column"], values["found"]) == (1, 2, header, text)


@case("BF-118 whole column")
def test_a_whole_column_of_decimal_commas_is_refused():
    rows = orders(30)
    for row in rows[1:]:
        row[rows[0].index(YUAN)] = "17,80"
    with pytest.raises(AuditError) as caught:
        import_here(as_csv(rows))
    error = caught.value
    assert (error.code, error.place.row, error.place.column, error.found) == ("decimal_comma", 2, YUAN, "17,80")


@pytest.mark.parametrize(("amount", "asked"), [("178000", True), ("1780.50", False), ("17", False)], ids=lambda value: f"BF-121 {value}")
def test_amounts_that_look_like_fen_are_asked_about(amount, asked):
    rows = orders(30)
    for row in rows[1:]:
        row[rows[0].index(YUAN)] = amount
    report, _ = import_here(as_csv(rows))
    assert said(report, "perhaps_fen") == ({"column": YUAN, "median": amount} if asked else None)


@pytest.mark.parametrize("strict", [False, True], ids=["quick", "strict"])
@pytest.mark.parametrize(("unit", "first", "second"), [("fen", "1780.00", "0.05"), ("yuan", "178000.00", "5.00")], ids=lambda value: f"BF-121 answered {value}")
def test_an_answer_about_fen_reads_the_column_by_it_and_ends_the_question(unit, first, second, strict):
    rows = orders(30)
    for row in rows[1:]:
        row[rows[0].index(YUAN)] = "178000\t"
    rows[2][rows[0].index(YUAN)] = "5元"
    answer = ByHand(Mapping(kind="pdd_orders", units={"received_yuan": unit}), "2026-11-20").as_job()
    report, stored = in_child(as_csv(rows), EXPORT_NAME, by_hand=answer, strict=strict)
    assert [row["received_yuan"] for row in stored[:2]] == [Decimal(first), Decimal(second)]
    assert said(report, "perhaps_fen") is None and said(report, "mapped_by_hand") is None and report.units == {"received_yuan": unit}
    assert said(report, f"read_as_{unit}") == {"name": "received_yuan", "column": YUAN, "date": "2026-11-20"}
