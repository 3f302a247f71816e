"""Order files that contradict themselves, or hold less than they seem to."""

import pytest

from tests.data.builders import as_csv, import_here, orders
from tests.data.catalogue.expected import case
from tests.data.catalogue.test_cells import said, table


@pytest.mark.parametrize(
    ("cells", "code", "column", "found"),
    [
        pytest.param({"发货时间": "2026-10-20 08:00:01"}, "ship_before_pay", "发货时间", "2026-10-20 08:00:01 < 2026-10-20 09:01:00", id="BF-126"),
        pytest.param({"发货时间": "2026-10-18 08:00:01"}, "ship_before_order", "发货时间", "2026-10-18 08:00:01 < 261020", id="BF-127"),
        pytest.param(
            {"承诺发货时间": "2026-10-19 08:00:01"}, "promise_before_confirm", "承诺发货时间", "2026-10-19 08:00:01 < 2026-10-20 09:01:00", id="BF-128"
        ),
        pytest.param({"订单状态": "待发货"}, "status_contradiction", "订单状态", "待发货", id="BF-129 waits and has gone"),
        pytest.param({"发货时间": "\t"}, "status_contradiction", "订单状态", "", id="BF-129 gone without time"),
        pytest.param({"快递单号": "\t"}, "status_contradiction", "订单状态", "", id="BF-129 gone without waybill"),
    ],
)
def test_a_contradiction_is_named_with_its_row_and_both_cells(cells, code, column, found):
    report, rows = import_here(as_csv(table(**cells)))
    values = said(report, code)
    assert (values["rows"], values["row"], values["column"]) == (1, 2, column)
    assert not found or found == values["found"] or code == "status_contradiction"
    assert len(rows) == 40


def test_a_parcel_that_waits_and_has_gone_runs_no_clock():
    _, rows = import_here(as_csv(table(订单状态="待发货")))
    assert [row["excluded_kind"] for row in rows[:2]] == ["status_contradiction", None]


@case("BF-130")
def test_one_status_only_is_a_warning():
    report, _ = import_here(as_csv(orders(30)))
    assert said(report, "single_status") == {"status": "shipped"}
    report, _ = import_here(as_csv(table(30, 订单状态="已收货")))
    assert said(report, "single_status") is None


@pytest.mark.parametrize(("count", "cut"), [(10_000, True), (9_999, False)], ids=["BF-138", "BF-138 one less"])
def test_a_round_number_of_rows_was_perhaps_cut_off(count, cut):
    report, _ = import_here(as_csv(orders(count)))
    assert said(report, "round_row_count") == ({"rows": count} if cut else None)
