"""Two audits side by side: answers as they were given, what only one of them asks, and which rules are not the same."""

import pytest

from pdd_audit.core.comparison import RuleChange, compare, compare_answers, compare_rules
from pdd_audit.core.errors import AuditError
from pdd_audit.core.questions import Answer, Blocker, Checklists, Limit, Text
from pdd_audit.core.result import RulesUsed
from tests.reports import sample

PICKUP, REVIEW, LAST_VAN = "courier_coordination.fixed_pickup_time", "courier_choice.outlet_review", "courier_choice.last_van"
NEW_WORDS = Text(zh="每天收货时间是固定的吗", en="Is the pickup time fixed?")


def ruled(**figures):
    return RulesUsed(pack="pdd", effective_from=None, figures=figures)


def other_checklists() -> Checklists:
    """Without the last question, with another weight, limit, must-have and words."""
    known = sample.some_checklists()
    practices = {practice.practice.id: practice for practice in known.practices}
    first, second = practices["courier_choice"], practices["courier_coordination"]
    pickup = second.items[0]
    verify = pickup.verify.model_copy(update={"claim": pickup.verify.claim | {"met": Limit(at_least=0.99)}})
    head = second.practice.model_copy(update={"version": 4})
    items = (pickup.model_copy(update={"weight": 3, "verify": verify, "ask": NEW_WORDS}), second.items[1].model_copy(update={"blocker": None}), second.items[2])
    practices["courier_choice"] = first.model_copy(update={"items": first.items[:2]})
    practices["courier_coordination"] = second.model_copy(update={"practice": head, "items": items})
    return known.model_copy(update={"practices": tuple(practices.values())})


def test_every_rule_that_is_another_one_is_told_from_and_to():
    before, after = sample.some_checklists(), other_checklists()
    old = sample.a_result(rules=ruled(late_fixed_yuan=3, compensation_rounding=None))
    measured = sample.some_measurements() | {"reply_3min_ratio": ("ratio", 0.9, sample.some_measurements()["reply_3min_ratio"][2])}
    new = sample.a_result(checklists=after, measured=measured, rules=ruled(late_fixed_yuan=5, compensation_rounding=None))
    found = compare_rules(old, new, (before, after))
    assert set(found.changes) == {
        RuleChange("figure", "late_fixed_yuan", 3, 5), RuleChange("target", "reply_3min_ratio", 0.95, 0.9), RuleChange("version", "courier_coordination", 3, 4),
        RuleChange("weight", PICKUP, 5, 3), RuleChange("must_have", "courier_coordination.handover_count", True, False),
        RuleChange("limit", PICKUP, Limit(at_least=0.98), Limit(at_least=0.99), "met"), RuleChange("words", PICKUP, None, NEW_WORDS, "ask"),
    }
    assert found.not_stored == {"before": (), "after": ()}


def test_a_rule_of_the_whole_audit_is_told_from_and_to():
    known = sample.some_checklists()
    first = known.practices[0]
    heavier = first.model_copy(update={"practice": first.practice.model_copy(update={"section_weight": 5})})
    after = known.model_copy(update={"practices": (heavier, *known.practices[1:])})
    old, new = sample.a_result(), sample.a_result(checklists=after, rules=RulesUsed(pack="tmall_2026", effective_from=None, platform="tmall"))
    assert compare_rules(old, new, (known, after)).changes == (
        RuleChange("platform", "", "pdd", "tmall"), RuleChange("pack", "", "pdd", "tmall_2026"), RuleChange("practice_weight", "courier_choice", 3, 5),
    )


@pytest.mark.parametrize("changed", ["verify", "scale"])
def test_data_that_judge_otherwise_without_another_limit_are_told(changed):
    after = sample.some_checklists()
    second = after.practices[1]
    pickup = second.items[0]
    other = {"verify": pickup.verify.model_copy(update={"min_n": 999}), "scale": "frequency_4"}[changed]
    items = (pickup.model_copy(update={changed: other}), *second.items[1:])
    after = after.model_copy(update={"practices": (after.practices[0], second.model_copy(update={"items": items}), *after.practices[2:])})
    found = compare_rules(sample.a_result(), sample.a_result(), (sample.some_checklists(), after))
    assert found.changes == (RuleChange("check", PICKUP, None, None),)


def test_what_was_not_kept_is_named_and_not_guessed():
    old, new = sample.a_result(), sample.a_result(rules=ruled(late_fixed_yuan=5))
    found = compare_rules(old, new, (None, sample.some_checklists()))
    assert found.changes == () and found.not_stored == {"before": ("figures", "wording"), "after": ()}


def test_a_stricter_must_have_is_told_though_it_has_no_limit():
    after = sample.some_checklists()
    second = after.practices[1]
    stricter = second.items[1].model_copy(update={"blocker": Blocker(fails_at="partly")})
    changed = second.model_copy(update={"items": (second.items[0], stricter, second.items[2])})
    after = after.model_copy(update={"practices": (after.practices[0], changed, *after.practices[2:])})
    found = compare_rules(sample.a_result(), sample.a_result(), (sample.some_checklists(), after))
    assert found.changes == (RuleChange("check", "courier_coordination.handover_count", None, None),)


def test_answers_are_compared_as_they_were_given_and_a_question_of_one_audit_only_is_told():
    old = sample.a_result()
    new = sample.a_result(answers=sample.some_answers() | {PICKUP: Answer(answer="na", reason="other"), LAST_VAN: Answer(answer="met", note="n")}, checklists=other_checklists())
    changes = {change.id: change for change in compare_answers(old, new)}
    one, other = (sample.a_result(answers={LAST_VAN: Answer(answer=level)}) for level in ("partly", "met"))
    (raised,) = [change for change in compare_answers(one, other) if change.moved]
    assert (raised.id, raised.change) == (LAST_VAN, pytest.approx(0.7)), "part of it was worth 0.3"
    reasons = [sample.a_result(answers={LAST_VAN: Answer(answer="na", reason=reason)}) for reason in ("other", "single_outlet")]
    assert [change.id for change in compare_answers(*reasons) if change.moved] == [LAST_VAN]
    assert changes[PICKUP].moved and changes[PICKUP].change is None and changes[PICKUP].after.state == "na"
    assert changes[REVIEW].moved and changes[REVIEW].after is None and list(changes)[-1] == REVIEW
    assert not changes[LAST_VAN].moved
    ticked = sample.a_result(answers=sample.some_answers() | {"shipping_process.weekly_review": Answer(answer=("cause", "list"))})
    assert not [change.id for change in compare_answers(old, ticked) if change.moved], "the order of ticks means nothing"


def test_a_number_that_only_one_audit_knows_is_told_and_audits_of_other_length_are_refused():
    old, measured = sample.a_result(), sample.some_measurements()
    del measured["wave_kept_ratio"]
    new = sample.a_result(measured=measured)
    gone = next(each for each in compare(old, new) if each.id == "wave_kept_ratio")
    assert (gone.only, gone.moved, gone.change, gone.before) == ("before", True, None, 0.964)
    whole = old.model_copy(update={"score": old.score.model_copy(update={"value": 40.0})})
    without = {name: record for name, record in old.practices.items() if name != "courier_choice"}
    other = old.model_copy(update={
        "score": old.score.model_copy(update={"value": 52.5}), "practices": without, "checklists": old.checklists | {"customer_service": 4},
    })
    found = {each.id: each for each in compare(whole, other)}
    assert (found["score"].before, found["score"].after, found["score"].change) == (40.0, 52.5, 12.5)
    assert (found["courier_choice"].only, found["courier_choice"].after) == ("before", None)
    assert [id for id, each in found.items() if each.ruler] == ["score", "customer_service"]
    with pytest.raises(AuditError, match="different_scope"):
        compare(old, old.model_copy(update={"score": old.score.model_copy(update={"scope": "quick"})}))
