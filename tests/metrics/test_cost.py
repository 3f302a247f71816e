"""What lateness costs: every line from its own rows, none guessed."""

import pandas as pd
import pytest

from pdd_audit.metrics.cost import TAKEN, Assumed, cost_lines, total_yuan

COST = pd.DataFrame(
    [("fine_false_shipping", "late", 3, 15.0), ("fine_late_shipping", "late", 1, 3.0), ("fine_false_shipping", "in_time", 2, 10.0),
     ("fine_false_shipping", "unlinked", 4, 20.0), ("appeal_refund", "in_time", 1, -5.0), ("compensation", "late", 9, 90.0),
     ("expected", "late", 7, 41.5)],
    columns=["category", "verdict", "orders", "yuan"],
)
NOBODY = COST.iloc[:0]


def told(lines):
    return {line.line: (line.orders, line.yuan) for line in lines}


def test_each_line_is_its_own_rows_and_what_is_not_a_fine_stays_out():
    lines = told(cost_lines(COST, late_orders=11, reshipped=0, assumed=Assumed()))
    assert lines == {
        "fined_late": (4, 18.0), "fined_in_time": (2, 10.0), "unlinked": (4, 20.0), "won_back": (1, -5.0), "expected": (7, 41.5),
        "handling": (11, None),
    }


def test_work_and_postage_count_once_the_shop_has_said_what_they_cost():
    lines = told(cost_lines(NOBODY, 10, 4, Assumed(minutes_per_case=6, wage_yuan_per_hour=30, reship_yuan=3.5)))
    assert lines == {"handling": (10, pytest.approx(30.0)), "reshipping": (4, 14.0)}
    assert told(cost_lines(NOBODY, 10, 4, Assumed(minutes_per_case=6)))["handling"] == (10, None)


def test_the_total_is_the_sum_of_what_has_an_amount():
    lines = cost_lines(COST, 11, 0, Assumed())
    assert total_yuan(lines) == pytest.approx(84.5)
    assert total_yuan(lines, TAKEN) == pytest.approx(43.0)


def test_nothing_late_costs_nothing():
    assert cost_lines(NOBODY, 0, 0, Assumed(6, 30, 3)) == []
