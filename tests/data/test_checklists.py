"""Checklists, rule packs and answers from files: read whole, or refused with file, line, key and cure."""

import json
import re
from collections.abc import Collection
from datetime import date
from pathlib import Path

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.core.measurement import Better
from pdd_audit.core.questions import Answer, Circumstance
from pdd_audit.data.content.checklists import AnswersFile, check_checklists, load_answers, load_checklists, load_rules, load_sources
from pdd_audit.data.content.folder import default_folder
from pdd_audit.data.content.schema import schema_text
from pdd_audit.texts import LANGS, all_texts, error_text
from tests.data.checklist_files import PRACTICE, SCALES, SOURCES, a_folder, changed, rules_text

METRICS: dict[str, Better] = {"pickup_24h_ratio": "higher", "reply_seconds_mean": "lower", "refund_before_pickup_ratio": "lower"}
Where = tuple[str | None, int | None, str | None]


def where(error: AuditError) -> Where:
    return error.place.file, error.place.row, error.place.column


def worded(error: AuditError) -> str:
    """Both languages have words for it, and the English ones come back."""
    return [" ".join(error_text(error, lang)) for lang in LANGS][-1]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_a_folder_is_read_whole(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "c")
    checklists = load_checklists(folder)
    assert [item.id for item in checklists.practices[0].items] == ["demo.levels", "demo.ticks", "demo.number"]
    assert checklists.question("demo.levels").remedies[0].levels == ("unmet", "partly", "mostly")
    assert load_sources(folder)["own"].trust == "D"
    assert [error.code for error in check_checklists(folder, METRICS) if error.code != "checklist_cause_unaddressed"] == []


def test_practices_come_in_file_order(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "c")
    (folder / "practices" / "05_first.yaml").write_text(PRACTICE.replace("demo", "first"), "utf-8")
    assert [practice.practice.id for practice in load_checklists(folder).practices] == ["first", "demo"]


@pytest.mark.parametrize(
    ("old", "new", "code", "column"),
    [
        ("    weight: 3\n", "    wieght: 3\n", "checklist_missing_key", "items[demo.levels].weight"),
        ("    quick: true\n", "    qiuck: true\n", "checklist_unknown_key", "items[demo.levels].qiuck"),
        ("weight: 3\n    weight_why", "weight: -1\n    weight_why", "checklist_out_of_range", "items[demo.levels].weight"),
        ("weight: 3\n    weight_why", 'weight: "3"\n    weight_why', "checklist_needs_number", "items[demo.levels].weight"),
        ("quick: true", "quick: yes", "checklist_needs_truth", "items[demo.levels].quick"),
        ("scale: coverage_4", "scale: coverage_5", "checklist_not_in_list", "items[demo.levels].scale"),
        ("ask: {zh: 好不好？", "ask: {zh: 24", "checklist_needs_text", "items[demo.levels].ask.zh"),
        (', en: "Is it good?"}', "}", "checklist_missing_key", "items[demo.levels].ask.en"),
        ("id: demo.levels", "id: levels", "checklist_bad_pattern", "items[levels].id"),
        ("[missed_van]", "[missed_vann]", "checklist_not_in_list", "items[demo.levels].remedies[0].addresses[0]"),
        ("addresses: [missed_van]", "addresses: missed_van", "checklist_needs_list", "items[demo.levels].remedies[0].addresses"),
        ("schema: 1", "schema: 2", "checklist_not_in_list", "schema"),
        ("effort_hours: 2", "effort_hours: 2\n        effort_hours: 3", "checklist_yaml_duplicate_key", "items[0].remedies[0]"),
        ("    why: {zh: 有原因, en: a reason}", '    why: {zh: "", en: a reason}', "checklist_wrong_length", "items[demo.levels].why.zh"),
        ("weight: 3\n    weight_why", "weight: 2.5\n    weight_why", "checklist_needs_number", "items[demo.levels].weight"),
        ("weight: 3\n    weight_why", "weight: 6\n    weight_why", "checklist_out_of_range", "items[demo.levels].weight"),
        ("effort_hours: 2", "effort_hours: .nan", "checklist_needs_number", "items[demo.levels].remedies[0].effort_hours"),
        ("effort_hours: 2", "effort_hours: .inf", "checklist_needs_number", "items[demo.levels].remedies[0].effort_hours"),
        ("quick: true", "freshness_days: 0", "checklist_out_of_range", "items[demo.levels].freshness_days"),
        ("quick: true", "when: [fresh]", "checklist_not_in_list", "items[demo.levels].when[0]"),
        ("quick: true", "when: dropshipping", "checklist_needs_list", "items[demo.levels].when"),
        ("zh: 会超时, en: it goes late", "zh: 会超时", "checklist_missing_key", "items[demo.levels].weight_why.en"),
        ("works_prior: 0.5", "works_prior: 1", "checklist_out_of_range", "items[demo.levels].remedies[0].works_prior"),
        ("min_n: 200", "min_n: 0", "checklist_out_of_range", "items[demo.levels].verify.min_n"),
        ("cap_when_blocker_fails: 59", "cap_when_blocker_fails: 60", "checklist_out_of_range", "practice.cap_when_blocker_fails"),
        ("section_weight: 3", "section_weight: 0", "checklist_out_of_range", "practice.section_weight"),
        ("basis: derived}", "basis: guessed}", "checklist_not_in_list", "items[demo.levels].source.basis"),
        ("quick: true", "ask_next: demo.ticks", "checklist_unknown_key", "items[demo.levels].ask_next"),
        ("weight: 3\n    weight_why", "weight: 12:30\n    weight_why", "checklist_needs_number", "items[demo.levels].weight"),
        ('"2026-11-23"', '"11/12/2026"', "checklist_bad_pattern", "practice.effective_from"),
        ('"2026-11-23"', '"2026-1-2"', "checklist_bad_pattern", "practice.effective_from"),
    ],
)
def test_a_wrong_shape_names_file_line_and_key(tmp_path: Path, old: str, new: str, code: str, column: str) -> None:
    text = changed(PRACTICE, old, new)
    errors = check_checklists(a_folder(tmp_path / "c", practice=text), METRICS)
    error = next(error for error in errors if error.code == code)
    assert where(error)[0] == "practices/10_demo.yaml"
    assert error.place.column == column
    assert error.place.row is not None
    assert worded(error)
    with pytest.raises(AuditError):
        load_checklists(tmp_path / "c")


def test_a_misspelt_key_is_told_the_nearest_one_and_its_line(tmp_path: Path) -> None:
    text = changed(PRACTICE, "quick: true", "qiuck: true")
    with pytest.raises(AuditError) as caught:
        load_checklists(a_folder(tmp_path / "c", practice=text))
    assert where(caught.value) == ("practices/10_demo.yaml", line_of(text, "qiuck"), "items[demo.levels].qiuck")
    assert caught.value.values["nearest"] == "quick"
    assert "quick" in worded(caught.value)


SECOND_REMEDY = "      - for: [unmet]\n        do: {zh: 先做这个, en: do this first}\n        effort_hours: 1\n"
PROVER = [
    # what is changed in the practice file, the refusal, and the line it points at
    ("id: demo.ticks", "id: demo.levels", "checklist_id_twice", "id: demo.levels\n    weight: 2"),
    ("id: demo.ticks", "id: other.ticks", "checklist_id_prefix", "id: other.ticks"),
    ("{zh: 不好, en: bad}", "{zh: 好, en: bad}", "checklist_same_titles", "title:\n      ok: {zh: 好"),
    ("zh: 去做", "zh: do", "checklist_text_not_chinese", "do: {zh: do"),
    ("en: do it", "en: 去做", "checklist_text_not_english", "do: {zh: 去做, en: 去做"),
    ("zh: 去做", "zh: 待补去做", "checklist_placeholder", "do: {zh: 待补"),
    ("for: [unmet, partly, mostly]", "for: [unmet, mostly]", "checklist_remedy_missing", "remedies:"),
    ("for: [unmet, partly, mostly]", "for: [unmet, partly, mostly, met]", "checklist_remedy_unreachable", "for: [unmet, partly, mostly, met]"),
    ("effort_hours: 2", "effort_hours: 0", "checklist_remedy_free", "effort_hours: 0"),
    ("fails_at: unmet", "fails_at: met", "checklist_blocker", "blocker:"),
    ("id: second", "id: first", "checklist_criteria_ids", "criteria:\n      - {id: first"),
    ("key: own", "key: owm", "checklist_source_unknown", "source: {key: owm"),
    ("2026-11-23", "2026-11-31", "checklist_bad_date", "effective_from"),
    ("met: {at_least: 0.98}", "met: {}", "checklist_limit_one_side", "met: {}"),
    ("met: {at_least: 0.98}", "met: {at_least: 0.98, at_most: 1}", "checklist_limit_one_side", "met: {at_least: 0.98, at"),
    ("        mostly: {at_least: 0.96}\n", "", "checklist_claim_missing", "claim:"),
    ("      curve: {p10: 0.99, median: 0.95, worst: 0}\n", "", "checklist_curve_missing", "verify:"),
    ("      curve: {p10: 30, median: 180, worst: 1800}\n", "", "checklist_metric_item", "- id: demo.number"),
    ("at_least: 0.98", "at_most: 0.98", "checklist_limit_direction", "met: {at_most"),
    ("at_least: 0.98", "at_least: 98", "checklist_limit_outside", "met: {at_least: 98"),
    ("at_least: 0.96", "at_least: 0.99", "checklist_limit_not_looser", "mostly: {at_least: 0.99"),
    ("min_n: 200", "min_n: 180", "checklist_min_n", "min_n: 180"),
    ("at_least: 0.98", "at_least: 0.965", "checklist_limit_far_from_level", "met: {at_least: 0.965"),
    ("p10: 0.99, median: 0.95", "p10: 0.95, median: 0.99", "checklist_curve_order", "curve: {p10: 0.95"),
    ("worst: 1800", "worst: 900", "checklist_curve_worst", "curve: {p10: 30"),
    ("pickup_24h_ratio", "pickup_24_ratio", "checklist_metric_unknown", "metric: pickup_24_ratio"),
    ("    weight: 3\n", "    weight: 5\n", "checklist_weight_over_half", "weight: 5"),
    ("kind: metric\n    weight: 2", "weight: 2", "checklist_question_incomplete", "- id: demo.number"),
    ("    scale: criteria_share\n    blocker", "    scale: met_unmet\n    blocker", "checklist_scale_missing", "scale: met_unmet"),
    ("    weight_why: {zh: 会超时, en: it goes late}\n", "", "checklist_weight_unexplained", "    weight: 3"),
    ("zh: 会超时", "zh: TODO 会超时", "checklist_placeholder", "weight_why: {zh: TODO"),
    ("    blocker: {fails_at", "    when: [dropshipping]\n    blocker: {fails_at", "checklist_blocker_conditional", "when: [dropshipping]"),
    ("fails_at: unmet", "fails_at: mostly", "checklist_blocker", "blocker:"),
    ("works_prior: 0.5", "works_from: owm", "checklist_works_from_unknown", "works_from: owm"),
    ("      - for: [unmet]\n", SECOND_REMEDY + "      - for: [unmet]\n", "checklist_remedy_never_shown", "for: [unmet]\n        do: {zh: 补上"),
    ("quick: true", 'quick: true\n    retired: "2026-13"', "checklist_bad_date", "retired:"),
    ("        met: {at_least: 0.98}\n", "        met: {at_least: 0.98}\n        unmet: {at_least: 0.5}\n", "checklist_not_in_list", "unmet: {at"),
    ("      - {id: second, zh: 乙, en: two}\n", "", "checklist_criteria_ids", "criteria:"),
    ("id: demo\n", "id: other\n", "checklist_id_prefix", "id: demo.number"),
    ("zh: 由供应商发货", "zh: supplier", "checklist_text_not_chinese", "supplier_ships"),
]


@pytest.mark.parametrize(("old", "new", "code", "line"), PROVER, ids=[f"{row[2]}-{at}" for at, row in enumerate(PROVER)])
def test_the_prover_finds_what_cannot_work(tmp_path: Path, old: str, new: str, code: str, line: str) -> None:
    text = changed(PRACTICE, old, new)
    errors = {error.code: error for error in check_checklists(a_folder(tmp_path / "c", practice=text), METRICS)}
    assert code in errors
    assert where(errors[code])[:2] == ("practices/10_demo.yaml", line_of(text, line))
    assert errors[code].place.column
    for lang in LANGS:
        title, body = error_text(errors[code], lang)
        assert title
        assert body


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("value: 0.3", "value: 0.8", "checklist_scale_values"),
        ("value: 0\n", "value: 0.1\n", "checklist_scale_values"),
        ("code: partly", "code: mostly", "checklist_scale_codes"),
        ("zh: 一半以上", "zh: 少于一半", "checklist_scale_same_words"),
    ],
)
def test_the_prover_finds_what_is_wrong_with_a_scale(tmp_path: Path, old: str, new: str, code: str) -> None:
    errors = check_checklists(a_folder(tmp_path / "c", scales=changed(SCALES, old, new)), METRICS)
    error = next(error for error in errors if error.code == code)
    assert where(error)[0] == "scales.yaml"
    assert worded(error)


def test_a_ratio_where_lower_is_better_is_judged_by_its_own_form(tmp_path: Path) -> None:
    text = PRACTICE.replace("pickup_24h_ratio", "refund_before_pickup_ratio")
    text = changed(text, "p10: 0.99, median: 0.95, worst: 0}", "p10: 0.01, median: 0.05, worst: 1}")
    for kept, missed in (("at_least: 0.98", "at_most: 0.02"), ("at_least: 0.96", "at_most: 0.04"), ("at_least: 0.90", "at_most: 0.10")):
        text = changed(text, kept, missed)
    assert {error.code for error in check_checklists(a_folder(tmp_path / "c", practice=text), METRICS)} == {"checklist_cause_unaddressed"}


def test_every_practice_counts_for_every_shop(tmp_path: Path) -> None:
    text = PRACTICE.replace("    blocker: {fails_at: unmet}\n", "").replace("    weight_why:", "    when: [presale]\n    weight_why:")
    error = next(error for error in check_checklists(a_folder(tmp_path / "c", practice=text), METRICS) if error.code == "checklist_no_weight")
    assert where(error)[:2] == ("practices/10_demo.yaml", line_of(text, "items:"))
    assert "when" in worded(error)


def test_a_flag_claims_something_and_has_no_curve(tmp_path: Path) -> None:
    text = changed(PRACTICE, "      min_n: 200\n", "      effect: flag\n      min_n: 200\n")
    errors = check_checklists(a_folder(tmp_path / "c", practice=text), METRICS)
    assert "checklist_flag" in {error.code for error in errors}
    without = changed(text, "      curve: {p10: 0.99, median: 0.95, worst: 0}\n", "")
    assert "checklist_flag" not in {error.code for error in check_checklists(a_folder(tmp_path / "d", practice=without), METRICS)}


def test_a_warning_does_not_keep_the_checklists_from_loading(tmp_path: Path) -> None:
    assert load_checklists(a_folder(tmp_path / "c", practice=changed(PRACTICE, "    weight: 3\n", "    weight: 5\n")))


def test_a_folder_without_checklists_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AuditError) as caught:
        load_checklists(tmp_path)
    assert caught.value.code == "checklist_folder_missing"
    assert worded(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "c")
    (folder / "sources.yaml").unlink()
    with pytest.raises(AuditError) as caught:
        load_checklists(folder)
    assert where(caught.value)[0] == "sources.yaml"
    assert worded(caught.value)


@pytest.mark.parametrize("content", ["", "just a text", "- a\n- list\n"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(AuditError) as caught:
        load_checklists(a_folder(tmp_path / "c", practice=content))
    assert caught.value.code == "checklist_needs_mapping"
    assert worded(caught.value)


def test_the_default_folder_is_the_one_here_or_beside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    beside = default_folder()
    assert (beside / "scales.yaml").is_file()
    a_folder(tmp_path / "checklists")
    assert default_folder().resolve() == (tmp_path / "checklists").resolve()


def test_the_committed_schema_is_the_one_the_models_give() -> None:
    committed = Path(__file__).parents[2] / "checklists" / "schema.json"
    assert committed.read_text("utf-8") == schema_text()
    assert set(json.loads(schema_text())["$defs"]) >= {"Practice", "Question", "ScalesFile", "SourcesFile", "RulePacks"}


# --- rule packs ------------------------------------------------------------------------------------------------------------


def test_a_day_chooses_its_pack_and_shared_figures_hold_in_both(tmp_path: Path) -> None:
    rules = load_rules(a_folder(tmp_path / "c"))
    before, after = date(2025, 5, 14), date(2025, 5, 15)
    assert (rules.pack_for(before).id, rules.pack_for(after).id) == ("old", "new")
    assert (rules.figure("false_shipment_ratio", before).value, rules.figure("false_shipment_ratio", after).value) == (0.25, 0.05)
    assert rules.pack_for(after).number("pickup_limit_hours") == 24
    assert rules.pack_for(after).value("promise_needs_pickup") is True


def test_an_unknown_figure_is_none_and_is_named_as_unverified(tmp_path: Path) -> None:
    pack = load_rules(a_folder(tmp_path / "c")).pack_for(date(2026, 11, 1))
    assert pack.number("appeal_limit_days") is None
    assert pack.unknown == ["appeal_limit_days"]
    assert set(pack.unverified) == set(pack.figures)
    with pytest.raises(KeyError):
        pack.value("no_such_figure")
    with pytest.raises(TypeError):
        pack.number("reply_window_from")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("value: null\n", "value: 3\n", "checklist_figure_half_unknown"),
        ("source: page", "source: pagge", "checklist_source_unknown"),
        ("value: 0.25", "value: 25", "checklist_figure_unit"),
        ('value: "08:00"', "value: 8", "checklist_figure_unit"),
        ("  pickup_limit_hours:", "  pickup_limit_minutes:", "checklist_figure_missing"),
        ('"2025-05-15"', '"2025-05-16"', "checklist_pack_gap"),
        ('"2025-05-15"', '"2025-05-14"', "checklist_pack_gap"),
        ('valid_from: "2025-05-15"\n    valid_to: null', 'valid_from: "2025-05-15"\n    valid_to: "2026-01-01"', "checklist_pack_gap"),
        ('"2025-05-15"', '"2025-02-30"', "checklist_bad_date"),
        ("unit: hours", "unit: hour", "checklist_not_in_list"),
        ("trust: C", "trust: E", "checklist_not_in_list"),
    ],
)
def test_a_rule_file_that_cannot_be_trusted_is_refused(tmp_path: Path, old: str, new: str, code: str) -> None:
    folder = a_folder(tmp_path / "c", rules=changed(rules_text(), old, new))
    with pytest.raises(AuditError) as caught:
        load_rules(folder)
    assert (caught.value.code, caught.value.place.file) == (code, "rules/pdd.yaml")
    assert caught.value.place.row is not None
    assert worded(caught.value)
    assert code in {error.code for error in check_checklists(folder, METRICS)}


# --- answers ---------------------------------------------------------------------------------------------------------------


def answers_of(tmp_path: Path, text: str) -> dict[str, Answer]:
    path = tmp_path / "answers.yaml"
    path.write_text(text, "utf-8")
    return load_answers(path, load_checklists(a_folder(tmp_path / "c"))).answers


def conditional_answers(tmp_path: Path, text: str, stored: Collection[Circumstance] = ()) -> AnswersFile:
    """The same checklists, with ``demo.levels`` asked of dropshippers and presale shops only."""
    (tmp_path / "answers.yaml").write_text(text, "utf-8")
    practice = changed(PRACTICE, "    quick: true\n", "    quick: true\n    when: [dropshipping, presale]\n")
    return load_answers(tmp_path / "answers.yaml", load_checklists(a_folder(tmp_path / "c", practice=practice)), stored)


def test_what_is_so_in_the_shop_comes_with_the_answers(tmp_path: Path) -> None:
    said = conditional_answers(tmp_path, "profile: [presale, night_shift]\nanswers:\n  demo.levels: met\n")
    assert said.profile == {"presale", "night_shift"}
    assert said.answers == {"demo.levels": Answer(answer="met")}


def test_a_file_without_a_profile_leaves_the_stored_one(tmp_path: Path) -> None:
    said = conditional_answers(tmp_path, "answers:\n  demo.levels: met\n", stored=["dropshipping"])
    assert said.profile is None
    assert set(said.answers) == {"demo.levels"}


@pytest.mark.parametrize("profile", ["", "profile: [fresh_goods]\n", "profile: []\n"])
def test_an_answer_to_a_question_the_shop_is_not_asked_is_refused(tmp_path: Path, profile: str) -> None:
    text = f"{profile}answers:\n  demo.levels: met\n"
    with pytest.raises(AuditError) as caught:
        conditional_answers(tmp_path, text, stored=[] if profile == "" else ["presale"])
    assert (caught.value.code, caught.value.place.row) == ("checklist_answer_not_asked", line_of(text, "demo.levels"))
    assert "profile: [dropshipping]" in worded(caught.value)


def test_answers_come_short_or_with_reason_note_and_proof(tmp_path: Path) -> None:
    text = "answers:\n  demo.levels: {answer: na, reason: supplier_ships, note: 厂家发, proof: 合同}\n  demo.ticks: {answer: [second]}\n"
    assert answers_of(tmp_path, text) == {
        "demo.levels": Answer(answer="na", reason="supplier_ships", note="厂家发", proof="合同"),
        "demo.ticks": Answer(answer=("second",)),
    }


@pytest.mark.parametrize(
    ("said", "answer"), [("[]", "unmet"), ("[first, second]", ("first", "second")), ("unknown", "unknown"), ("met", "met")]
)
def test_ticked_points_are_answered_by_list_or_word(tmp_path: Path, said: str, answer: object) -> None:
    assert answers_of(tmp_path, f"answers:\n  demo.ticks: {said}\n")["demo.ticks"].answer == answer


@pytest.mark.parametrize(
    ("text", "code", "row", "nearest"),
    [
        ("answers:\n  demo.level: met\n", "checklist_answer_unknown_id", 2, "demo.levels"),
        ("answers:\n  demo.levels: mostley\n", "checklist_answer_code", 2, "mostly"),
        ("answers:\n  demo.levels: yes\n", "checklist_answer_code", 2, None),
        ("answers:\n  demo.levels:\n", "checklist_answer_code", 2, None),
        ("answers:\n  demo.ticks: partly\n", "checklist_answer_code", 2, None),
        ("answers:\n  demo.ticks: na\n", "checklist_answer_blocker_na", 2, None),
        ("answers:\n  demo.levels: na\n", "checklist_answer_reason", 2, None),
        ("answers:\n  demo.levels:\n    answer: na\n    reason: suplier_ships\n", "checklist_answer_reason", 4, "supplier_ships"),
        ("answers:\n  demo.levels: {answer: met, reason: supplier_ships}\n", "checklist_answer_reason_alone", 2, None),
        ("answers:\n  demo.levels:\n    anwser: met\n", "checklist_unknown_key", 3, "answer"),
        ("answers:\n  demo.levels: {answer: met, note: [x]}\n", "checklist_needs_text", 2, None),
        ("answers:\n  demo.levels: [first]\n", "checklist_answer_not_ticked", 2, None),
        ("answers:\n  demo.ticks:\n    - first\n    - secnd\n", "checklist_answer_criterion", 4, "second"),
        ("answers:\n  demo.ticks: [first, first]\n", "checklist_answer_ticked_twice", 2, None),
        ("answers:\n  demo.number: met\n", "checklist_answer_metric", 2, None),
        ("answers:\n  demo.levels: met\n  demo.levels: unmet\n", "checklist_yaml_duplicate_key", 3, None),
        ("answer:\n  demo.levels: met\n", "checklist_unknown_key", 1, "answers"),
        ("answers: met\n", "checklist_needs_mapping", 1, None),
        ("profile: presale\nanswers:\n  demo.levels: met\n", "checklist_needs_list", 1, None),
        ("profile:\n  - presale\n  - fresh\nanswers:\n  demo.levels: met\n", "checklist_not_in_list", 3, "fresh_goods"),
        ("profile: [[presale]]\nanswers:\n  demo.levels: met\n", "checklist_not_in_list", 1, None),
        ("- met\n", "checklist_needs_mapping", 1, None),
        (f"answers:\n  demo.levels: {{answer: met, note: {'x' * 4001}}}\n", "checklist_wrong_length", 2, None),
    ],
)
def test_an_answer_that_fits_no_question_is_refused_with_its_line(
    tmp_path: Path, text: str, code: str, row: int, nearest: str | None
) -> None:
    with pytest.raises(AuditError) as caught:
        answers_of(tmp_path, text)
    assert (caught.value.code, caught.value.place.row) == (code, row)
    assert nearest is None or caught.value.values["nearest"] == nearest
    assert worded(caught.value)


def test_sources_of_the_folder_have_titles_and_a_grade(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "c", sources=changed(SOURCES, "trust: D", "trust: Z"))
    with pytest.raises(AuditError) as caught:
        load_sources(folder)
    assert where(caught.value) == ("sources.yaml", 4, "sources.own.trust")


def test_every_refusal_has_words_and_no_words_are_left_over() -> None:
    package = Path(__file__).parents[2] / "pdd_audit"
    raised = {code for path in package.rglob("*.py") for code in re.findall(r'"(checklist_[a-z0-9_]+)"', path.read_text("utf-8"))}
    prefix = "errors_checklists."
    worded_codes = {key.removeprefix(prefix).split(".")[0] for key in all_texts() if key.startswith(prefix)}
    assert raised == {code for code in worded_codes if code.startswith("checklist_")}
