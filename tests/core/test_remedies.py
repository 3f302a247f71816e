"""Which remedy is suggested: apt, affordable, not dearer than what it saves; and it says why."""

from dataclasses import replace
from pathlib import Path

import pytest

from pdd_audit.core.incidents.remedies import Case, PastRemedy, Prices, budgeted_yuan, stage_of, suggest, suggest_all
from pdd_audit.data.content.responses import load_responses

MENU = load_responses(Path(__file__).resolve().parents[2] / "checklists").menu
KNOWN = Prices(
    {"remedy_urgent_yuan": 4.0, "remedy_gift_yuan": 1.0, "remedy_coupon_yuan": 3.0, "remedy_payment_yuan": 2.0, "reship_yuan": 5.0},
    {"remedy_gift_left": 100, "remedy_resend_left": 100}, margin_ratio=0.2, redeemed_ratio=0.5, refund_chance=0.3, refund_cases=100,
)
LATE = Case("1", "late", 90, 60.0, 5.0)


def codes(suggestion):
    return [why.code for why in suggestion.why]


@pytest.mark.parametrize(("case", "remedy", "cost"), [
    (LATE, "urgent_shipping", 4.0),
    (replace(LATE, stage="in_time", over_minutes=-90), "information", 0.0),
    (replace(LATE, stage="not_uploaded", over_minutes=-90), "urgent_shipping", 4.0),
    (replace(LATE, stage="very_late", over_minutes=2000), "resend", 5.0),
    (replace(LATE, stage="very_late", order_yuan=20.0), "refund", 4.0),  # the second postage costs more than the margin
    (replace(LATE, stage="collected_late"), "coupon", 1.5),  # half of the coupons are redeemed; 0.3 of 12 yuan can be kept
    (replace(LATE, stage="collected_late", order_yuan=10.0), "information", 0.0),  # nothing else is worth 0.6 yuan
    (replace(LATE, stage="refund_asked"), "refund", 12.0),
])
def test_the_first_apt_and_worthwhile_remedy_is_suggested(case, remedy, cost):
    found = suggest(case, MENU, KNOWN, None)
    assert found.remedy == remedy and found.cost_yuan == pytest.approx(cost)
    assert f"for_{case.stage}" in codes(found)


def test_a_budget_that_is_used_up_leaves_what_costs_nothing():
    found = suggest(replace(LATE, stage="not_uploaded"), MENU, KNOWN, 3.0)
    assert found.remedy == "new_date" and "over_budget" in codes(found)
    gone = suggest(replace(LATE, stage="collected_late"), MENU, Prices(), 0.0)
    assert gone.remedy == "information" and codes(gone).count("budget_gone") == 2
    cheaper = suggest(LATE, MENU, KNOWN, 1.2)
    assert cheaper.remedy == "small_gift" and cheaper.why[1].values["left"] == 1.2


def test_a_remedy_dearer_than_what_it_saves_is_passed_over_with_the_reason():
    found = suggest(replace(LATE, stage="collected_late", order_yuan=10.0), MENU, KNOWN, None)
    assert [why.values["remedy"] for why in found.why if why.code == "dearer"] == ["coupon", "small_payment"]


def test_what_is_unknown_is_said_and_not_guessed():
    nothing = Prices()
    found = suggest(replace(LATE, stage="collected_late"), MENU, nothing, 10.0)
    assert (found.remedy, found.cost_yuan, found.gain_yuan) == ("coupon", None, None) and codes(found)[-1] == "cost_unknown"
    few = suggest(replace(LATE, stage="collected_late"), MENU, replace(KNOWN, refund_cases=29), None)
    assert few.gain_yuan is None and codes(few)[-1] == "gain_unknown", "a share of few orders decides nothing"


def test_one_remedy_an_order_and_another_only_if_it_failed():
    fresh = suggest(replace(LATE, past=(PastRemedy("urgent_shipping", 3.0),)), MENU, KNOWN, None)
    assert fresh.remedy is None and codes(fresh) == ["stage", "had"]
    failed = suggest(replace(LATE, past=(PastRemedy("urgent_shipping", 30.0),)), MENU, KNOWN, None)
    assert failed.remedy == "small_gift" and "tried" in codes(failed)


def test_the_budget_is_given_out_once_the_urgent_ones_first():
    cases = [replace(LATE, order_no=str(at), stage=stage) for at, stage in enumerate(["not_uploaded", "late", "very_late", "late"])]
    found = suggest_all(cases, MENU, KNOWN, 10.0)
    assert [(one.case.stage, one.remedy) for one in found] == [
        ("very_late", "resend"), ("late", "urgent_shipping"), ("late", "small_gift"), ("not_uploaded", "new_date"),
    ]
    assert budgeted_yuan(found, MENU) == 10.0
    assert suggest_all(list(reversed(cases)), MENU, KNOWN, 10.0) == found, "the order of the files does not matter"


def test_what_can_run_out_is_suggested_only_while_the_shop_says_it_is_there():
    cases = [replace(LATE, order_no=str(at), stage="very_late") for at in range(3)]
    one_left = suggest_all(cases, MENU, replace(KNOWN, stock={"remedy_resend_left": 1}), None)
    assert [one.remedy for one in one_left] == ["resend", "refund", "refund"]
    assert [codes(one)[1] for one in one_left] == ["for_very_late", "no_stock", "no_stock"]
    unsaid = suggest(cases[0], MENU, replace(KNOWN, stock={}), None)
    assert unsaid.remedy == "refund" and codes(unsaid)[1] == "stock_unsaid", "nobody said that there is any"
    late = suggest(replace(LATE, past=(PastRemedy("urgent_shipping", 30.0),)), MENU, replace(KNOWN, stock={"remedy_gift_left": 0}), None)
    assert late.remedy == "coupon" and "no_stock" in codes(late)


@pytest.mark.parametrize(("state", "left", "asked", "refunded", "stage"), [
    ("open", 30, False, False, "in_time"), ("open", 0, False, False, "late"), ("open", -1440, False, False, "very_late"),
    ("open", None, False, False, None), ("open", 30, True, False, "refund_asked"), ("open", 30, True, True, None),
    ("collected", -1, False, False, "collected_late"), ("collected", 1, False, False, None), ("not_uploaded", 5, False, False, "not_uploaded"),
])
def test_where_an_order_stands(state, left, asked, refunded, stage):
    assert stage_of(state, left, asked, refunded) == stage
