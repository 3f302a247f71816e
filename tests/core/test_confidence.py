"""How far a score can be trusted: against a worked example, and what age does to it."""

from datetime import datetime, timedelta

import pytest

from pdd_audit.core.confidence import confidence, freshness
from pdd_audit.core.scoring import score
from pdd_audit.core.waterfall import AuditInputs
from tests.core.builders import a_practice, a_question, checklists, said
from tests.core.test_scoring import ANSWERS, FINDINGS, TEMPLATE

NOW = datetime(2026, 11, 23, 12)
HALF_LIVES = {
    "cr.backup": 180, "cr.last_van": 30, "co.handover": 30, "co.rescan": 30, "pr.cutoff": 60, "pr.weekly": 90, "cs.notice": 60,
}
AGES = {"cr.backup": 40, "cr.last_van": 10, "co.handover": 5, "co.rescan": 5, "pr.cutoff": 20, "pr.weekly": 200, "cs.notice": 5}


def ago(days):
    return NOW - timedelta(days=days)


def aged(template):
    return template.model_copy(update={"practices": tuple(
        practice.model_copy(update={"items": tuple(
            item.model_copy(update={"freshness_days": HALF_LIVES.get(item.id, 30)}) for item in practice.items
        )}) for practice in template.practices
    )})


def found(template, answers, findings, answered_at):
    practices = score(template, answers, findings).practices
    return confidence(practices.values(), AuditInputs(template, answers, findings), answered_at, NOW)


def test_the_worked_example_gives_its_confidence_and_names_what_is_stale():
    result = found(aged(TEMPLATE), ANSWERS, FINDINGS, {name: ago(days) for name, days in AGES.items()})
    assert result.value == pytest.approx(0.593725, abs=1e-6)
    assert (result.level, result.stale) == ("medium", ("pr.weekly",))


def test_freshness_halves_with_every_half_life_and_is_never_more_than_one():
    assert [freshness(days, 30) for days in (0, 30, 60, -5)] == [1, 0.5, 0.25, 1]


@pytest.mark.parametrize(("proof", "value"), [("", 0.5), ("照片", 0.8)])
def test_a_claim_of_today_is_half_trusted_and_with_proof_a_little_more(proof, value):
    template = checklists(a_practice("a", 1, a_question("a.one", 1)))
    assert found(template, {"a.one": said("met", proof)}, {}, {}).value == pytest.approx(value)


def test_nothing_answered_is_no_confidence():
    assert found(TEMPLATE, {}, {}, {}).value == 0
