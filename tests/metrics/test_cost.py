"""What lateness costs: every line from its own rows, none guessed."""

import pandas as pd
import pytest

from pdd_audit.metrics.cost import TAKEN, Assumed, affected_orders, cost_lines, total_yuan

COST = pd.DataFrame(
    [("fine_false_shipping", "late", 3, 15.0), ("fine_late_shipping", "late", 1, 3.0), ("fine_false_shipping", "in_time", 2, 10.0),
     ("fine_false_shipping", "unlinked", 4, 20.0), ("appeal_refund", "in_time", 1, -5.0), ("compensation", "late", 9, 90.0),
     ("expected", "late", 7, 41.5), ("refund", "said", 2, 80.0), ("refund", "inferred", 3, 120.5), ("affected", "", 17, 0.0)],
    columns=["category", "verdict", "orders", "yuan"],
)
NOBODY = COST.iloc[:0]


def told(lines):
    return {line.line: (line.orders, line.yuan) for line in lines}


def test_each_line_is_its_own_rows_and_what_is_not_a_fine_stays_out():
    lines = told(cost_lines(COST, late_orders=11, reshipped=0, assumed=Assumed()))
    assert lines == {
        "fined_late": (4, 18.0), "fined_in_time": (2, 10.0), "unlinked": (4, 20.0), "won_back": (1, -5.0), "expected": (7, 41.5),
        "refunds_said": (2, None), "refunds_inferred": (3, None), "handling": (11, None),
    }


def test_work_and_postage_count_once_the_shop_has_said_what_they_cost():
    lines = told(cost_lines(NOBODY, 10, 4, Assumed(minutes_per_case=6, wage_yuan_per_hour=30, reship_yuan=3.5)))
    assert lines == {"handling": (10, pytest.approx(30.0)), "reshipping": (4, 14.0)}
    assert told(cost_lines(NOBODY, 10, 4, Assumed(minutes_per_case=6)))["handling"] == (10, None)


def test_of_a_refund_only_the_part_counts_that_the_shop_says_is_lost():
    lines = {line.line: line for line in cost_lines(COST, 0, 0, Assumed(refund_loss_ratio=0.25))}
    assert (lines["refunds_said"].yuan, lines["refunds_said"].given_back) == (20.0, 80.0)
    assert (lines["refunds_inferred"].yuan, lines["refunds_inferred"].given_back) == (pytest.approx(30.125), 120.5)
    assert affected_orders(COST) == 17 and affected_orders(NOBODY) == 0


def test_the_total_is_the_sum_of_what_has_an_amount():
    lines = cost_lines(COST, 11, 0, Assumed())
    assert total_yuan(lines) == pytest.approx(84.5)
    assert total_yuan(lines, TAKEN) == pytest.approx(43.0)


def test_nothing_late_costs_nothing():
    assert cost_lines(NOBODY, 0, 0, Assumed(0.3, 6, 30, 3)) == []
