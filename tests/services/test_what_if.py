"""What if some steps were done: the score of the plan's own words, and savings that never count a parcel twice."""

import pytest

from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.what_if import what_if


@pytest.fixture(scope="module")
def audit(demo):
    workspace, shop = demo
    return run_audit(workspace, shop.id)


def test_nothing_done_nothing_moves(audit):
    found = what_if(audit, [])
    assert found.points == pytest.approx(audit.result.score.value) and found.hours == 0
    assert (found.saving.orders, found.saving.yuan) == (0, 0)


def test_one_step_moves_the_score_by_what_the_plan_says(audit):
    for step in audit.plan.steps[:8]:
        assert what_if(audit, [step.question.id]).points - audit.result.score.value == pytest.approx(step.points, abs=1e-9)


def test_the_first_steps_together_save_what_the_plan_gives_them_one_after_the_other(audit):
    first = [step for step in audit.plan.steps if step.yuan][:5]
    together = what_if(audit, [step.question.id for step in first]).saving
    assert together.yuan == pytest.approx(sum(step.yuan for step in first))
    assert together.orders == pytest.approx(sum(step.orders for step in first))


def test_all_steps_save_more_than_any_and_never_more_than_is_lost(audit):
    everything = what_if(audit, [step.question.id for step in audit.plan.steps]).saving
    alone = [what_if(audit, [step.question.id]).saving.yuan for step in audit.plan.steps]
    lost = sum(loss.yuan for loss in audit.plan.losses) * 30 / audit.plan.days
    assert max(alone) < everything.yuan < min(sum(alone), lost)
