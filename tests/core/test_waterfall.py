"""Why a score moved: against a worked example, and the sum that must always hold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdd_audit.core.waterfall import SOURCES, AuditInputs, shown_parts, waterfall
from tests.core.builders import a_blocker, a_finding, a_practice, a_question, checklists, said
from tests.core.test_scoring import ANSWERS, CUTOFF, FINDINGS, FIXED, MEDIAN, REPLY, TEMPLATE

OLD_TEMPLATE = checklists(
    a_practice("cr", 3, a_question("cr.backup", 4), a_question("cr.last_van", 3), a_question("cr.review", 2)),
    a_practice("co", 4, a_question("co.fixed", 5, verify=FIXED), a_question("co.handover", 3, blocker=a_blocker("unmet"))),
    a_practice(
        "pr", 4, a_question("pr.cutoff", 5, verify=CUTOFF), a_question("pr.zero", 2), a_question("pr.weekly", 2), a_question("pr.list", 2)
    ),
    a_practice("cs", 3, a_question("cs.first", 4, verify=REPLY), a_question("cs.median", 3, kind="metric", verify=MEDIAN), a_question("cs.notice", 2)),
)
OLD_ANSWERS = {
    "cr.backup": said("unmet"), "cr.last_van": said("met"), "cr.review": said("partly"), "co.fixed": said("met"),
    "co.handover": said("partly"), "pr.cutoff": said("mostly"), "pr.zero": said("partly"), "pr.weekly": said("met"), "cs.first": said("mostly"),
}
OLD_FINDINGS = {
    "pickup_24h_ratio": a_finding("pickup_24h_ratio", 1 - 64 / 790, 1 - 0.102129, 1 - 0.063951, 790),
    "reply_3min_ratio": a_finding("reply_3min_ratio", 1 - 43 / 540, 1 - 0.105544, 1 - 0.059653, 540),
    "reply_seconds_mean": a_finding("reply_seconds_mean", 140, 110, 200, 208, unit="seconds", better="lower"),
}
OLD, NEW = AuditInputs(OLD_TEMPLATE, OLD_ANSWERS, OLD_FINDINGS), AuditInputs(TEMPLATE, ANSWERS, FINDINGS)
EFFECTS = {
    "answers": 7.619048, "metrics": 6.682989, "template": -0.707122, "weights": -0.349669, "not_applicable": 1.564626, "coverage": -5.141898,
}


def test_the_worked_example_gives_its_six_effects():
    found = waterfall(OLD, NEW)
    assert (found.before, found.after) == pytest.approx((51.226065, 60.894038), abs=1e-5)
    assert found.effects == pytest.approx(EFFECTS, abs=1e-5)
    assert sum(found.effects.values()) == pytest.approx(found.after - found.before, abs=1e-9)


def test_what_is_shown_adds_up_to_what_is_shown():
    shown = shown_parts(waterfall(OLD, NEW).effects, waterfall(OLD, NEW).after - waterfall(OLD, NEW).before)
    assert list(shown.values()) == [7.6, 6.7, -0.7, -0.4, 1.6, -5.1]
    assert sum(shown.values()) == pytest.approx(9.7)


def test_nothing_changed_nothing_moved():
    assert set(waterfall(NEW, NEW).effects.values()) == {0.0}


def test_without_a_score_on_one_side_there_is_no_waterfall():
    assert waterfall(AuditInputs(TEMPLATE, {}, {}), NEW) is None


CODES = ["unmet", "partly", "mostly", "met", "unknown", "na", None]
QUESTIONS = [q.id for p in TEMPLATE.practices for q in p.items if q.kind == "question" and q.blocker is None]
answers = st.fixed_dictionaries({name: st.sampled_from(CODES) for name in QUESTIONS}).map(
    lambda codes: {name: said(code) for name, code in codes.items() if code is not None}
)


@settings(max_examples=25, deadline=None)
@given(answers, answers, st.sampled_from([TEMPLATE, OLD_TEMPLATE]), st.sampled_from([FINDINGS, OLD_FINDINGS, {}]))
def test_the_effects_always_add_up_to_the_change(before, after, template, findings):
    found = waterfall(AuditInputs(template, before, findings), AuditInputs(TEMPLATE, after, FINDINGS))
    if found is not None:
        assert sum(found.effects[source] for source in SOURCES) == pytest.approx(found.after - found.before, abs=1e-9)
