"""The plan never saves one parcel twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdd_audit.core.plan import Loss, make_plan
from pdd_audit.core.questions import Remedy
from pdd_audit.core.scoring import score
from tests.core.builders import WORD, a_practice, a_question, checklists, said


def a_remedy(works, hours, *causes):
    return Remedy(levels=("unmet", "partly", "mostly"), do=WORD, effort_hours=0, effort_hours_per_month=hours, addresses=causes, works_prior=works)


BOOK = checklists(
    a_practice(
        "x", 3,
        a_question("x.van", 4, remedies=[a_remedy(0.5, 2, "missed_van")]),
        a_question("x.scan", 3, remedies=[a_remedy(0.7, 10, "missed_van", "no_handover_scan")]),
        a_question("x.talk", 5, remedies=[a_remedy(0.5, 1, "no_notice")]),
        a_question("x.done", 2, remedies=[a_remedy(0.5, 1, "missed_van")]),
        a_question("x.open", 2, remedies=[a_remedy(0.5, 1, "missed_van")]),
    )
)
ANSWERS = {"x.van": said("unmet"), "x.scan": said("partly"), "x.talk": said("unmet"), "x.done": said("met")}
LOSSES = [Loss("missed_van", 60, 300.0), Loss("no_handover_scan", 20, 100.0)]


def plan(answers=ANSWERS, losses=LOSSES, days=30.0):
    return make_plan(BOOK, score(BOOK, answers, {}), losses, days)


def test_money_comes_first_by_what_each_further_hour_adds():
    steps = plan()
    assert [step.question.id for step in steps] == ["x.van", "x.scan", "x.talk"]
    # 300 * 0.5 = 150 in 2 h; then the half of the vans that is left, and the scans. The second is partly done (0.3), so it can
    # take away only 0.7 of what it would from nothing: (150 + 100) * 0.7 * 0.7 = 122.5
    assert [step.yuan for step in steps] == [pytest.approx(150), pytest.approx(122.5), None]
    assert [step.orders for step in steps] == [pytest.approx(30), pytest.approx(24.5), None]


def test_amounts_are_scaled_to_a_month():
    assert plan(days=15.0)[0].yuan == pytest.approx(300)


def test_without_amounts_points_decide():
    steps = plan(losses=[Loss("missed_van", 60, None)])
    assert [step.question.id for step in steps] == ["x.talk", "x.van", "x.scan"]
    assert all(step.yuan is None for step in steps)


def test_what_holds_already_or_was_not_answered_is_no_step():
    assert {"x.done", "x.open"}.isdisjoint(step.question.id for step in plan())


def test_not_knowing_is_a_step_of_its_own():
    steps = plan({**ANSWERS, "x.open": said("unknown")})
    assert [step.question.id for step in steps if step.find_out] == ["x.open"]


@given(st.lists(st.sampled_from(["unmet", "partly", "mostly", "met"]), min_size=4, max_size=4), st.floats(0, 1e4), st.floats(0, 1e4))
def test_the_plan_never_saves_more_than_is_lost(codes, vans, scans):
    answers = {id: said(code) for id, code in zip(ANSWERS, codes, strict=True)}
    steps = plan(answers, [Loss("missed_van", 60, vans), Loss("no_handover_scan", 20, scans)])
    assert sum(step.yuan or 0 for step in steps) <= vans + scans + 1e-6


def test_equal_steps_keep_the_order_of_the_checklist():
    names = ["x.c", "x.a", "x.d", "x.b"]
    for order in (names, names[::-1]):
        book = checklists(a_practice("x", 3, *(a_question(name, 2, remedies=[a_remedy(0.5, 1, "no_notice")]) for name in order)))
        steps = make_plan(book, score(book, {name: said("unmet") for name in names}, {}), [], 30.0)
        assert [step.question.id for step in steps] == order
