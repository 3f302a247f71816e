"""The shipped checklists and rules: they load, the prover finds nothing, and every sentence of the mission is asked by a question."""

import importlib
import pkgutil
import re
import time
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

import pdd_audit.metrics
from pdd_audit.core.questions import Answer, Checklists, Circumstance, Question
from pdd_audit.core.scoring import score
from pdd_audit.data.content.checklists import check_checklists, load_checklists, load_rules, load_sources
from pdd_audit.metrics.registry import registry
from pdd_audit.services.note_days import courier_names
from pdd_audit.services.run_audit import FIGURES_USED
from pdd_audit.texts import Words, all_texts

FOLDER = Path(__file__).resolve().parent.parent / "checklists"
CHECKLISTS = load_checklists(FOLDER)
ITEMS = {item.id: item for practice in CHECKLISTS.practices for item in practice.items}
QUESTIONS = [item for item in ITEMS.values() if item.kind == "question"]
BLOCKERS = {
    "courier_choice.registered_courier_option", "courier_coordination.no_empty_scan", "shipping_process.waybill_uniqueness",
    "shipping_process.open_parcel_list", "customer_service.wording_rules", "incident_response.true_evidence",
}

# What the tool is for, sentence by sentence, and the questions that ask for it.
MISSION = {
    "the demands are strict: after the limit the buyer may cancel and be compensated": [
        "shipping_process.two_deadline_view", "customer_service.agent_briefing", "incident_response.refund_choice"],
    "talk to the buyer as soon as an uncollected order is found": [
        "incident_response.first_notice", "customer_service.early_notice", "shipping_process.open_parcel_list"],
    "use phone, SMS or the platform's chat": ["incident_response.notice_channel", "customer_service.wording_rules"],
    "give the reason and apologise": ["incident_response.notice_content", "customer_service.true_reason_reply"],
    "timely contact eases worry and builds trust": [
        "incident_response.second_notice", "customer_service.reply_staffing", "customer_service.peak_hour_cover"],
    "offer remedies unasked": ["incident_response.remedy_menu", "incident_response.stop_loss"],
    "promise urgent shipping and keep it": [
        "incident_response.urgent_shipping", "courier_coordination.second_collection", "courier_choice.second_courier"],
    "give a small gift or a coupon": ["incident_response.remedy_menu", "incident_response.goodwill_record"],
    "remedies show sincerity and keep the buyer": ["incident_response.goodwill_record", "incident_response.second_notice"],
    "use the appeal when talking did not help": [
        "incident_response.case_triage", "incident_response.appeal_countdown", "incident_response.abnormal_order_request"],
    "appeal, step 1: log in and find the order or logistics appeal": ["incident_response.appeal_entry"],
    "appeal, step 2: choose the reason": ["incident_response.appeal_entry", "incident_response.violation_sheet_check"],
    "appeal, step 3: hand in waybill number and proof of shipping": [
        "incident_response.evidence_file", "incident_response.outlet_certificate", "shipping_process.shipping_proof_archive",
        "courier_coordination.signed_handover_list", "courier_coordination.trace_repair"],
    "appeal, step 4: wait for the review": ["incident_response.appeal_follow_up", "incident_response.fine_matching"],
    "evidence is true and exact": ["incident_response.true_evidence", "shipping_process.waybill_number_check"],
    "be patient, cooperate, keep the rules": [
        "incident_response.appeal_follow_up", "courier_coordination.no_empty_scan", "incident_response.exemption_calendar",
        "incident_response.force_majeure_report"],
    "prevent a repetition": ["incident_response.incident_review", "shipping_process.cause_breakdown"],
    "choose reliable couriers": [
        "courier_choice.outlet_pickup_review", "courier_choice.choice_by_data", "courier_choice.pickup_agreement"],
    "coordinate with couriers and know exceptions in time": [
        "courier_coordination.fixed_pickup_time", "courier_coordination.evening_reconciliation", "courier_coordination.suspension_watch",
        "courier_coordination.missing_pickup_channel", "shipping_process.first_hub_watch", "shipping_process.parcel_center_check"],
    "review and update the shipping process": [
        "shipping_process.process_review", "shipping_process.cutoff_time", "shipping_process.upload_after_pickup",
        "shipping_process.packing_scan", "shipping_process.label_address_match"],
    "raise service quality and response speed": [
        "customer_service.reply_speed", "customer_service.chat_quality_review", "customer_service.agent_briefing"],
}


def texts_of(node: Any) -> list[dict[str, str]]:
    """Every zh/en pair of a YAML document."""
    if isinstance(node, dict):
        own = [node] if {"zh", "en"} <= set(node) else []
        return own + [pair for child in node.values() for pair in texts_of(child)]
    return [pair for child in node for pair in texts_of(child)] if isinstance(node, list) else []


FILES = sorted(path for path in FOLDER.rglob("*.yaml"))
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DOCUMENTS = {path: yaml.load(path.read_text("utf-8"), Loader=LOADER) for path in FILES}
PAIRS = [(path.name, pair) for path in FILES for pair in texts_of(DOCUMENTS[path])]


def test_the_prover_finds_nothing_wrong() -> None:
    for module in pkgutil.iter_modules(pdd_audit.metrics.__path__):
        importlib.import_module(f"pdd_audit.metrics.{module.name}")
    directions = {name: metric.info.better for name, metric in registry.items()}
    assert [str(error) for error in check_checklists(FOLDER, directions)] == []


def test_all_checklists_load_in_well_under_half_a_second() -> None:
    started = time.process_time()
    load_checklists(FOLDER)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize("sentence", MISSION)
def test_every_sentence_of_the_mission_is_asked(sentence: str) -> None:
    assert [name for name in MISSION[sentence] if name not in ITEMS] == []


def test_practices_have_their_weights_in_file_order() -> None:
    weights = {practice.practice.id: practice.practice.section_weight for practice in CHECKLISTS.practices}
    assert list(weights.items()) == [
        ("courier_choice", 3), ("courier_coordination", 4), ("shipping_process", 4), ("customer_service", 3), ("incident_response", 3),
    ]


def test_a_practice_has_one_name_in_chinese_where_a_short_one_saves_no_room() -> None:
    assert [p.practice.id for p in CHECKLISTS.practices if p.practice.title.zh != p.practice.short_title.zh] == []


def test_the_red_lines_are_these() -> None:
    assert {item.id for item in QUESTIONS if item.blocker} == BLOCKERS


def test_a_quick_audit_asks_twenty_eight_points_of_every_practice() -> None:
    assert sum(item.quick for item in QUESTIONS) == 28
    for practice in CHECKLISTS.practices:
        assert sum(item.quick for item in practice.items) >= 3


@pytest.mark.parametrize("item", [item for item in ITEMS.values() if item.weight], ids=lambda item: item.id)
def test_a_weight_has_its_reason_without_typed_in_figures(item: Question) -> None:
    assert item.weight_why is not None
    assert not re.search(r"[0-9]", item.weight_why.zh + item.weight_why.en)
    assert item.weight_why.zh.endswith("。")
    assert item.weight_why.en.endswith(".")
    assert item.weight_why not in [other.weight_why for other in ITEMS.values() if other is not item]


@pytest.mark.parametrize("item", QUESTIONS, ids=lambda item: item.id)
def test_a_question_says_what_to_look_at(item: Question) -> None:
    assert item.ask is not None
    assert item.ask.zh.endswith("？")
    assert item.ask.en.endswith("?")
    assert item.show_me is not None
    assert item.criteria


@pytest.mark.parametrize("item", ITEMS.values(), ids=lambda item: item.id)
def test_its_source_is_known_and_its_remedies_are_ours_to_do(item: Question) -> None:
    assert item.source.key in load_sources(FOLDER)
    for remedy in item.remedies:
        assert remedy.works_from == "estimate" or remedy.works_from in load_sources(FOLDER)
        assert remedy.works_prior in (0.3, 0.5, 0.7)
        assert not remedy.do.zh.endswith("。")  # an order, not a sentence


def test_chinese_and_latin_are_set_apart_and_punctuation_is_full_width() -> None:
    touching = re.compile(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]")
    half = re.compile(r"[\u4e00-\u9fff][,;:?!()]|[!！]")
    wrong = [(file, pair["zh"]) for file, pair in PAIRS if touching.search(pair["zh"]) or half.search(pair["zh"])]
    assert wrong == []
    assert [(file, pair["en"]) for file, pair in PAIRS if re.search(r"[!，。；：？！（）]", pair["en"])] == []


def test_quotation_marks_are_the_same_everywhere() -> None:
    """「」 in Chinese, where straight ones hold code alone; straight ones in English."""
    pairs = [*PAIRS, *all_texts().items()]
    code = re.compile(r'"[\x20-\x7e]+"')
    assert [(where, pair["zh"]) for where, pair in pairs if re.search(r"""[“”‘’"']""", code.sub("", pair["zh"]))] == []
    assert [(where, pair["en"]) for where, pair in pairs if re.search("[“”‘’「」『』]", pair["en"])] == []


NAMES_WITH_FIGURES = ("24 小时未揽收", "24小时未揽收", "not collected in 24 hours")  # what the offence is called


def test_no_figure_of_the_platform_is_typed_inside_a_question() -> None:
    """Limits live in the rules; a text names them, so that a shop's own or a later figure never contradicts it."""
    wrong = []
    for path in sorted((FOLDER / "practices").glob("*.yaml")):
        for pair in texts_of(DOCUMENTS[path]):
            for text in (pair["zh"], pair["en"]):
                bare = text
                for name in NAMES_WITH_FIGURES:
                    bare = bare.replace(name, "")
                if re.search(r"[0-9]|二十四小时|四十八小时|三分钟|三十秒", bare):
                    wrong.append((path.name, text))
    assert wrong == []


IDS = Path(__file__).parent / "question_ids.txt"  # every id that was ever shipped: add to it, never take from it
WITHOUT_CAUSE = {  # what they prevent shows in no late parcel, so no cause of one stands with their remedies
    "courier_choice.promised_courier", "shipping_process.listing_promise", "shipping_process.indicator_log",
}


def test_an_id_once_shipped_is_never_lost_and_every_new_one_is_noted() -> None:
    """Answers are kept under ids. A question that goes is marked ``retired`` and stays, so that no other can take its id."""
    ever = IDS.read_text("utf-8").split()
    assert ever == sorted(set(ever))
    assert set(ever) == set(ITEMS), f"note new ids in {IDS.name}; mark what goes as retired"


@pytest.mark.parametrize("item", [item for item in ITEMS.values() if item.weight and not item.retired], ids=lambda item: item.id)
def test_an_item_that_counts_has_its_scale_freshness_remedies_and_causes(item: Question) -> None:
    assert (item.scale is not None) == (item.kind == "question")
    assert "freshness_days" in item.model_fields_set
    assert item.remedies
    assert all(bool(remedy.addresses) == (item.id not in WITHOUT_CAUSE) for remedy in item.remedies)


def all_answered(level: str, checklists: Checklists) -> dict[str, Answer]:
    return {item.id: Answer.model_validate({"answer": level}) for p in checklists.practices for item in p.items if item.kind == "question"}


def test_all_best_is_a_hundred_and_all_worst_is_nothing() -> None:
    best = score(CHECKLISTS, all_answered("met", CHECKLISTS), {})
    worst = score(CHECKLISTS, all_answered("unmet", CHECKLISTS), {})
    assert best.score.value == 100
    assert worst.score.value == 0
    assert {practice.value for practice in best.practices.values()} == {100}
    assert {practice.value for practice in worst.practices.values()} == {0}


SHOPS = [(), *((name,) for name in get_args(Circumstance)), get_args(Circumstance)]


@pytest.mark.parametrize("profile", SHOPS, ids=str)
def test_all_best_and_all_worst_hold_for_every_kind_of_shop(profile: tuple[Circumstance, ...]) -> None:
    asked = CHECKLISTS.for_shop(profile)
    for level, points in (("met", 100), ("unmet", 0)):
        scored = score(asked, all_answered(level, CHECKLISTS), {})
        assert [practice.value for practice in scored.practices.values()] == pytest.approx([points] * len(CHECKLISTS.practices))
        assert scored.score.answered_share > 0.8
    assert {item.id for practice in asked.practices for item in practice.items if item.blocker} == BLOCKERS


def test_each_circumstance_brings_questions_of_its_own_and_a_usual_shop_is_asked_few_of_them() -> None:
    usual = {item.id for practice in CHECKLISTS.for_shop(()).practices for item in practice.items}
    assert usual == {item.id for item in ITEMS.values() if not item.when or "own_warehouse" in item.when}
    for name in get_args(Circumstance):
        assert any(name in item.when for item in ITEMS.values()), name
    everything = CHECKLISTS.for_shop(get_args(Circumstance))
    assert {item.id for practice in everything.practices for item in practice.items} == set(ITEMS)


@pytest.mark.parametrize("broken", sorted(BLOCKERS))
def test_one_broken_red_line_caps_an_otherwise_perfect_shop(broken: str) -> None:
    answers = all_answered("met", CHECKLISTS) | {broken: Answer(answer="unmet")}
    scored = score(CHECKLISTS, answers, {})
    assert scored.score.value == pytest.approx(69)
    assert scored.practices[broken.split(".")[0]].value == pytest.approx(59)


# --- rules -----------------------------------------------------------------------------------------------------------------


def test_pinduoduo_rules_change_on_their_day_and_are_nowhere_called_official() -> None:
    rules = load_rules(FOLDER)
    before, after = rules.pack_for(date(2025, 5, 14)), rules.pack_for(date(2025, 5, 15))
    assert (before.id, after.id) == ("pdd_until_2025_05_14", "pdd_from_2025_05_15")
    assert (before.value("promise_needs_pickup"), after.value("promise_needs_pickup")) == (False, True)
    assert (before.number("false_shipment_ratio"), after.number("false_shipment_ratio")) == (0.25, 0.05)
    assert not rules.official
    assert set(after.unverified) == set(after.figures)


@pytest.mark.parametrize("platform", sorted(path.stem for path in (FOLDER / "rules").glob("*.yaml")))
def test_every_platform_has_packs_of_its_own_name_and_words_for_every_figure(platform: str) -> None:
    rules, words = load_rules(FOLDER, platform), all_texts()
    assert rules.platform == platform and f"rules.platform.{platform}" in words
    assert [pack.id for pack in rules.packs if not pack.id.startswith(f"{platform}_")] == [], "a word on one stands under its id"
    names = {*rules.shared, *(name for pack in rules.packs for name in pack.figures)}
    assert [name for name in sorted(names) if f"rules.figure.{name}" not in words] == []
    assert [name for pack in rules.packs for name in FIGURES_USED if name not in {**rules.shared, **pack.figures}] == []


def test_douyin_names_no_amount_for_a_missed_pickup_since_july_and_tmall_does() -> None:
    douyin, tmall = load_rules(FOLDER, "douyin"), load_rules(FOLDER, "tmall")
    assert douyin.pack_for(date(2026, 7, 8)).number("false_shipment_ratio") == 0.01
    assert "false_shipment_ratio" in douyin.pack_for(date(2026, 7, 9)).unknown
    assert "false_shipment_ratio" not in tmall.pack_for(date(2026, 11, 23)).unverified, "read in the official text"


def test_what_nobody_knows_stays_unknown() -> None:
    pack = load_rules(FOLDER).pack_for(date(2026, 11, 23))
    for name in ("appeal_limit_days", "star_thresholds", "pickup_limit_direct_mail_hours", "track_fine_yuan"):
        figure = pack.figures[name]
        assert (figure.value, figure.source, figure.trust, figure.checked) == (None, None, None, None)


def test_a_source_named_in_rules_and_practices_is_the_same_source() -> None:
    ours, theirs = load_rules(FOLDER).sources, load_sources(FOLDER)
    for key in ours.keys() & theirs.keys():
        assert ours[key].model_dump(exclude={"note"}) == theirs[key].model_dump(exclude={"note"})


def test_every_courier_that_is_recognised_has_a_name_in_both_languages_and_nobody_else_gets_one():
    texts = all_texts()
    assert {f"courier_names.{name}" for name in courier_names()} == {key for key in texts if key.startswith("courier_names.")}
    assert all(name in texts[f"courier_names.{name}"]["en"] for name in courier_names()), "the name the files give stays"
    assert [Words("en").courier(name) for name in ("圆通", "城北分部", "a.b")] == ["圆通 YTO", "城北分部", "a.b"]
