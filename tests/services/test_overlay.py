"""A shop's own checklist counts from the moment it is saved, for this shop alone, and the official score stays beside it."""

from html import unescape

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.core.overlay import Adjustment, Overlay
from pdd_audit.core.questions import Answer, Limit
from pdd_audit.data.storage.shop_rows import UnfitRowError, add_shop_rows, rows_of_shop
from pdd_audit.reports.html import render_report
from pdd_audit.reports.terminal import render_text
from pdd_audit.services.answers import save_answer
from pdd_audit.services.content import prove_overlay, read_answers
from pdd_audit.services.history import compared, save_audit
from pdd_audit.services.overlay import (
    checklists_of,
    known_question,
    overlay_as_file,
    overlay_from_file,
    overlay_of,
    overlay_words,
    save_overlay,
    with_own_question,
)
from pdd_audit.services.profile import questions_for
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.score_all import version_of
from pdd_audit.services.shop_archive import delete_shop, export_shop, import_shop
from pdd_audit.services.shops import create_shop, list_shops
from pdd_audit.services.try_overlay import reach_of, try_overlay
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import points

QUESTION = "courier_coordination.fixed_pickup_time"
UNMET = "courier_coordination.volume_notice"
TEXTS = {
    "ask": ("打包台每单都拍照吗？", "Is every parcel photographed?"), "ok": ("每单都拍照", "Every parcel is photographed"),
    "fail": ("没有拍照", "No photos"), "why": ("申诉时拿得出来", "It helps an appeal"), "do": ("装一个摄像头", "Fit a camera"),
}
IGNORED = Overlay(questions={UNMET: Adjustment(ignore=True, reason="只有一个网点")})


@pytest.fixture
def shop(workspace):
    shop = create_shop(workspace, "某店")
    for practice in workspace.checklists.practices:
        for item in practice.items:
            if item.kind == "question":
                save_answer(workspace, shop.id, item.id, Answer(answer="unmet" if item.id == UNMET else "met"))
    return shop


def with_own(workspace, shop, draft=None, **facts):
    chosen = {"practice": "shipping_process", "scale": "met_unmet", "weight": 3, "hours": 1.0} | facts
    return with_own_question(workspace, shop.id, draft or Overlay(), TEXTS, **chosen)


def ids(checklists):
    return {item.id for practice in checklists.practices for item in practice.items}


def test_a_shop_without_a_word_has_the_shipped_checklists_and_one_score(workspace, shop):
    assert checklists_of(workspace, shop.id) is workspace.checklists
    assert run_audit(workspace, shop.id).result.official is None


def test_a_saved_overlay_counts_for_its_shop_and_the_official_score_stays(workspace, shop):
    other = create_shop(workspace, "别家")
    before, version = run_audit(workspace, shop.id).result.score, version_of(workspace, shop)
    save_overlay(workspace, shop.id, IGNORED, "小王", "只有一个网点")
    audit = run_audit(workspace, shop.id)
    assert audit.result.official == before
    assert audit.result.score.value == pytest.approx(100) and before.value < 100
    assert UNMET not in ids(audit.inputs.checklists) and UNMET not in audit.inputs.answers
    assert not [step for step in audit.result.plan if step.question == UNMET]
    assert version_of(workspace, shop) != version
    assert checklists_of(workspace, other.id) is workspace.checklists
    assert run_audit(workspace, shop.id, scope="quick").result.official.scope == "quick"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_reports_name_both_scores_and_word_the_shops_own_questions(workspace, shop, lang):
    save_overlay(workspace, shop.id, with_own(workspace, shop, IGNORED), "小王", "申诉要照片")
    save_answer(workspace, shop.id, "shipping_process.local_1", Answer(answer="unmet"))
    result, checklists = run_audit(workspace, shop.id, lang=lang).result, checklists_of(workspace, shop.id)
    official = points(result.official.value, 1)
    html, text = render_report(result, checklists, lang), render_text(result, checklists, lang)
    assert Words(lang)("report.own_list", value=points(result.score.value, 1), official=official) in unescape(html)
    assert Words(lang)("terminal.official", score=points(result.official.value)) in text
    assert TEXTS["do"][lang == "en"] in html


def test_an_overlay_and_what_is_so_in_the_shop_go_through_one_function(workspace, shop):
    save_overlay(workspace, shop.id, IGNORED, "小王", "x")
    asked = ids(questions_for(workspace, shop.id))
    assert UNMET not in asked and "courier_choice.supplier_contract" not in asked
    assert UNMET not in (dropshipping := ids(questions_for(workspace, shop.id, ["dropshipping"])))
    assert "courier_choice.supplier_contract" in dropshipping
    assert ids(run_audit(workspace, shop.id).inputs.checklists) == asked


def test_what_was_said_is_kept_and_can_be_taken_back(workspace, shop):
    save_overlay(workspace, shop.id, IGNORED, "小王", "只有一个网点")
    save_overlay(workspace, shop.id, None, "小李", "又多了一个网点")
    assert overlay_of(workspace, shop.id) is None
    assert [(one.by, one.overlay is None) for one in overlay_words(workspace, shop.id)] == [("小李", True), ("小王", False)]


@pytest.mark.parametrize(("overlay", "by", "why", "code"), [
    (IGNORED, " ", "x", "overlay_who"), (IGNORED, "王", "", "overlay_who"),
    (Overlay(questions={UNMET: Adjustment(ignore=True)}), "王", "x", "overlay_reason"),
    (Overlay(questions={QUESTION: Adjustment(claim={"met": Limit(at_most=23)})}), "王", "x", "checklist_limit_not_looser"),
    (Overlay(questions={"shipping_process.waybill_uniqueness": Adjustment(ignore=True, reason="x")}), "王", "x", "overlay_blocker"),
])
def test_what_cannot_be_is_refused_and_nothing_is_kept(workspace, shop, overlay, by, why, code):
    with pytest.raises(AuditError) as refused:
        save_overlay(workspace, shop.id, overlay, by, why)
    assert refused.value.code == code
    assert overlay_words(workspace, shop.id) == []


def test_an_own_question_is_asked_answered_and_planned(workspace, shop):
    draft = with_own(workspace, shop)
    own = draft.add[0].id
    with pytest.raises(KeyError):
        save_answer(workspace, shop.id, own, Answer(answer="unmet"))
    save_overlay(workspace, shop.id, draft, "小王", "申诉要照片")
    save_answer(workspace, shop.id, own, Answer(answer="unmet"))
    audit = run_audit(workspace, shop.id)
    assert any(step.question == own and step.action == "装一个摄像头" for step in audit.result.plan)
    assert audit.result.score.value < audit.result.official.value


def test_an_id_once_used_is_never_given_again(workspace, shop):
    save_overlay(workspace, shop.id, with_own(workspace, shop), "小王", "x")
    save_overlay(workspace, shop.id, None, "小王", "x")
    assert with_own(workspace, shop).add[0].id == "shipping_process.local_2"
    assert known_question(workspace, shop.id, "shipping_process.local_1").title.ok.zh == "每单都拍照"
    assert known_question(workspace, shop.id, "shipping_process.local_9") is None


def test_an_own_question_without_all_its_sentences_is_refused(workspace, shop):
    with pytest.raises(AuditError, match="overlay_own_words"):
        with_own_question(workspace, shop.id, Overlay(), TEXTS | {"do": ("装一个摄像头", " ")}, practice="shipping_process",
                          scale="met_unmet", weight=1, hours=1.0)


def test_a_file_of_answers_may_name_what_is_left_out_and_what_is_the_shops_own(workspace, shop, tmp_path):
    draft = with_own(workspace, shop, IGNORED)
    save_overlay(workspace, shop.id, draft, "小王", "x")
    file = tmp_path / "answers.yaml"
    file.write_text(f"answers:\n  {UNMET}: unmet\n  {draft.add[0].id}: met\n", "utf-8")
    said = read_answers(workspace, shop.id, file)
    audit = run_audit(workspace, shop.id, answers=said.answers)
    assert set(audit.inputs.answers) == {draft.add[0].id}


# --- before saving


def test_a_draft_shows_what_saving_it_would_do(workspace, shop):
    audit = run_audit(workspace, shop.id)
    trial = try_overlay(workspace, shop.id, audit, IGNORED)
    assert trial.official == pytest.approx(audit.result.score.value) and trial.errors == []
    save_overlay(workspace, shop.id, IGNORED, "小王", "x")
    after = run_audit(workspace, shop.id)
    assert trial.own == pytest.approx(after.result.score.value)
    again = try_overlay(workspace, shop.id, after, Overlay())
    assert (again.official, again.own) == pytest.approx((trial.official, trial.official)), "answers of questions left out are not lost"


def test_the_reach_of_a_draft_is_what_the_history_would_say(workspace, shop):
    saved = save_audit(workspace, shop.id, "之前", run_audit(workspace, shop.id))
    workspace.state.add_audit(shop.id, "很早", saved.result.model_dump_json(), saved.saved_at)
    assert reach_of(workspace, shop.id, None).moved == []
    draft = Overlay(questions={UNMET: Adjustment(weight=1), QUESTION: Adjustment(ignore=True, reason="x")})
    reach = reach_of(workspace, shop.id, draft)
    assert (len(reach.moved), reach.same, reach.unknown) == (1, 0, 1)
    save_overlay(workspace, shop.id, draft, "小王", "x")
    moved = compared(workspace, shop.id, saved, run_audit(workspace, shop.id)).why
    found = reach.moved[0].found
    assert (found.before, found.after) == pytest.approx((moved.before, moved.after))
    assert found.effects["weights"] == pytest.approx(moved.effects["weights"]) != 0
    assert found.effects["template"] == pytest.approx(moved.effects["template"])


# --- files


def test_a_file_reads_back_as_it_was_written(workspace, shop):
    draft = with_own(workspace, shop, Overlay(questions={
        UNMET: Adjustment(ignore=True, reason="12:30 才来车: NO, \"x\" # 不是\n注释 & *引用"), QUESTION: Adjustment(weight=5, claim={"met": Limit(at_most=12.5)}),
    }))
    assert overlay_from_file(workspace, overlay_as_file(draft, "说明"), "a.yaml") == draft
    assert overlay_from_file(workspace, overlay_as_file(Overlay(), "说明"), "a.yaml") == Overlay()


HEAD = "schema: 1\nquestions:\n"


@pytest.mark.parametrize(("text", "code", "row", "column"), [
    (f"{HEAD}  shipping_process.waybill_uniquenes:\n    weight: 1\n", "overlay_unknown_question", 3, "questions.shipping_process.waybill_uniquenes"),
    (f"{HEAD}  {UNMET}:\n    ignore: true\n", "overlay_reason", 3, f"questions.{UNMET}"),
    (f"{HEAD}  {UNMET}:\n    wieght: 2\n", "checklist_unknown_key", 4, f"questions.{UNMET}.wieght"),
    (f"{HEAD}  {UNMET}:\n    weight: 6\n", "checklist_out_of_range", 4, f"questions.{UNMET}.weight"),
    (f"{HEAD}  {UNMET}:\n    ignore: yes\n", "checklist_needs_truth", 4, f"questions.{UNMET}.ignore"),
    (f"{HEAD}  {QUESTION}:\n    claim:\n      mostly:\n        at_most: 25\n", "checklist_limit_not_looser", None, f"questions.{QUESTION}.claim.partly"),
    (f"{HEAD}  {QUESTION}:\n    weight: 1\n    weight: 2\n", "checklist_yaml_duplicate_key", 5, None),
    ("schema: 2\n", "checklist_not_in_list", 1, "schema"),
    ("- a\n", "checklist_needs_mapping", 1, None),
])
def test_a_file_that_cannot_be_is_refused_with_line_and_key(workspace, text, code, row, column):
    with pytest.raises(AuditError) as refused:
        overlay_from_file(workspace, text.encode(), "own.yaml")
    error = refused.value
    assert (error.code, error.place.file) == (code, "own.yaml")
    assert row is None or error.place.row == row
    assert column is None or error.place.column == column


def test_the_command_line_proves_a_file_the_same_way(tmp_path):
    from pdd_audit.data.content.folder import default_folder

    file = tmp_path / "own.yaml"
    file.write_text(f"{HEAD}  {UNMET}:\n    weight: 2\n", "utf-8")
    assert prove_overlay(default_folder(), file) == []
    file.write_text(f"{HEAD}  {UNMET}:\n    ignore: true\n", "utf-8")
    assert [error.code for error in prove_overlay(default_folder(), file)] == ["overlay_reason"]


# --- archives


def test_an_archive_carries_the_overlay_and_deletion_takes_it(workspace, shop, tmp_path):
    save_overlay(workspace, shop.id, IGNORED, "小王", "只有一个网点")
    value = run_audit(workspace, shop.id).result.score.value
    export_shop(workspace, next(one for one in list_shops(workspace) if one.id == shop.id), tmp_path / "shop.zip")
    again = import_shop(workspace, tmp_path / "shop.zip", "丙")
    assert overlay_words(workspace, again.id) == overlay_words(workspace, shop.id)
    assert run_audit(workspace, again.id).result.score.value == value
    delete_shop(workspace, shop.id)
    assert overlay_words(workspace, shop.id) == [] and overlay_of(workspace, again.id) == IGNORED


def test_an_archive_with_a_word_that_is_none_is_refused(workspace, shop):
    save_overlay(workspace, shop.id, IGNORED, "小王", "x")
    lines = [line.replace('\\"ignore\\":true', '\\"ignore\\":7') for line in rows_of_shop(workspace.state, shop.id)]
    assert any('\\"ignore\\":7' in line for line in lines)
    with pytest.raises(UnfitRowError, match=r"overlays\.body"):
        add_shop_rows(workspace.state, iter(lines), "丁", lambda _: None)
    assert [one.name for one in list_shops(workspace)] == ["某店"]
