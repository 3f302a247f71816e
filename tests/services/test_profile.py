"""What is so in a shop decides which questions exist for it, from the score to the plan and the comparison of two audits."""

import pytest

from pdd_audit.core.questions import Answer
from pdd_audit.services.answers import save_answer
from pdd_audit.services.history import compared, save_audit
from pdd_audit.services.profile import profile_of, questions_for, save_profile
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.score_all import version_of
from pdd_audit.services.shops import create_shop

DROPSHIPPED = "courier_choice.supplier_contract"


def asked(audit):
    return {item.id for practice in audit.result.practices.values() for item in practice.items}


@pytest.fixture
def shop(workspace):
    shop = create_shop(workspace, "某店")
    for practice in workspace.checklists.practices:
        for item in practice.items:
            if item.kind == "question" and item.id != DROPSHIPPED:
                save_answer(workspace, shop.id, item.id, Answer(answer="met"))
    save_answer(workspace, shop.id, DROPSHIPPED, Answer(answer="unmet"))
    return shop


def test_a_shop_that_has_said_nothing_ships_from_its_own_warehouse(workspace, shop):
    assert profile_of(workspace, shop.id) == frozenset()
    names = {item.id for practice in questions_for(workspace, shop.id).practices for item in practice.items}
    assert "courier_coordination.dock_attendance" in names
    assert DROPSHIPPED not in names


def test_the_last_word_replaces_the_one_before_and_stays_with_its_shop(workspace, shop):
    other = create_shop(workspace, "别家")
    save_profile(workspace, shop.id, ["presale", "dropshipping"])
    save_profile(workspace, shop.id, ["dropshipping", "night_shift", "night_shift"])
    assert profile_of(workspace, shop.id) == {"dropshipping", "night_shift"}
    assert profile_of(workspace, other.id) == frozenset()


def test_a_hidden_question_does_not_exist_for_the_score(workspace, shop):
    before = run_audit(workspace, shop.id)
    assert before.result.score.value == pytest.approx(100)
    assert DROPSHIPPED not in asked(before) and DROPSHIPPED not in before.inputs.answers
    version = version_of(workspace, shop)
    save_profile(workspace, shop.id, ["own_warehouse", "dropshipping"])
    after = run_audit(workspace, shop.id)
    assert asked(after) - asked(before) == {
        item.id for practice in workspace.checklists.practices for item in practice.items if "dropshipping" in item.when
    }
    assert after.result.score.value < 100
    assert any(step.question == DROPSHIPPED for step in after.result.plan)
    assert version_of(workspace, shop) != version


def test_an_answer_comes_back_with_its_question(workspace, shop):
    save_profile(workspace, shop.id, ["dropshipping"])
    there = run_audit(workspace, shop.id).result.score.value
    save_profile(workspace, shop.id, [])
    save_profile(workspace, shop.id, ["dropshipping"])
    assert run_audit(workspace, shop.id).result.score.value == there


def test_a_changed_profile_is_a_changed_ruler_and_the_effects_add_up(workspace, shop):
    saved = save_audit(workspace, shop.id, "之前", run_audit(workspace, shop.id))
    save_profile(workspace, shop.id, ["own_warehouse", "dropshipping"])
    now = run_audit(workspace, shop.id)
    moved = compared(workspace, shop.id, saved, now).why
    assert moved.after == pytest.approx(now.result.score.value) and moved.before == pytest.approx(100)
    assert sum(moved.effects.values()) == pytest.approx(moved.after - moved.before, abs=1e-9)
    assert moved.effects["template"] < 0


def test_a_file_may_speak_of_another_shop_than_the_stored_one(workspace, shop):
    audit = run_audit(workspace, shop.id, answers={DROPSHIPPED: Answer(answer="met")}, profile=["dropshipping"])
    assert DROPSHIPPED in asked(audit)
    assert profile_of(workspace, shop.id) == frozenset()
