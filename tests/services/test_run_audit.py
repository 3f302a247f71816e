"""An audit from end to end: what holds for the demo shop, for a shop without anything, and after a save."""

import pytest

from pdd_audit.core.overlay import Adjustment, Overlay
from pdd_audit.core.questions import Answer
from pdd_audit.reports.html import render_report
from pdd_audit.reports.terminal import render_text
from pdd_audit.services.answers import clear_answer, load_answers, save_answer
from pdd_audit.services.demo_bill import demo_notice, write_demo_bill
from pdd_audit.services.demo_shop import write_demo_files
from pdd_audit.services.history import RulesMoved, compared, list_audits, save_audit
from pdd_audit.services.import_files import Upload, import_files, remove_import
from pdd_audit.services.measure import as_of_files
from pdd_audit.services.note_days import note_exemption
from pdd_audit.services.overlay import save_overlay
from pdd_audit.services.rows import list_rows, rows_csv, safe_cell
from pdd_audit.services.rules import confirm_figure
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shops import create_shop, open_demo_shop


def test_a_shop_without_anything_has_no_score_and_no_invented_numbers(workspace):
    result = run_audit(workspace, create_shop(workspace, "空店").id).result
    assert result.score.value is None and result.score.grade is None
    assert (result.score.low, result.score.high) == pytest.approx((0, 100))
    assert all(metric.value is None for metric in result.metrics.values())
    assert result.findings == [] or all(finding.verdict == "no_data" for finding in result.findings)
    assert result.plan == []


def test_answers_alone_give_a_score_that_rests_on_nothing_but_claims(workspace):
    shop = create_shop(workspace, "只答题")
    for practice in workspace.checklists.practices:
        for question in practice.items:
            if question.kind == "question":
                save_answer(workspace, shop.id, question.id, Answer(answer="met" if question.scale != "criteria_share" else tuple(c.id for c in question.criteria)))
    result = run_audit(workspace, shop.id).result
    assert result.score.value == pytest.approx(100)
    assert result.score.verified is None and result.score.coverage.verified == 0


def test_parcels_add_up(demo):
    workspace, shop = demo
    result = run_audit(workspace, shop.id).result
    assert as_of_files(workspace, shop.id) == result.as_of, "known before anything is counted"
    parcels = result.parcels
    assert parcels["covered"] == parcels["collected"] + parcels["open"]
    assert parcels["open"] == parcels["open_over_limit"] + parcels["open_at_risk"]
    outside = sum(count for reason, count in result.excluded.items() if reason != "too_fresh")
    assert parcels["shipped"] == parcels["covered"] + outside


def test_the_audit_is_the_same_twice(demo):
    workspace, shop = demo
    assert run_audit(workspace, shop.id).result == run_audit(workspace, shop.id).result


def test_both_languages_show_the_same_numbers(demo):
    workspace, shop = demo
    zh, en = (run_audit(workspace, shop.id, lang=lang).result for lang in ("zh", "en"))
    same = {"score", "metrics", "practices", "findings", "parcels", "waves"}
    assert zh.model_dump(include=same) == en.model_dump(include=same)
    assert zh.invented and en.invented


def test_the_demo_shop_shows_three_contradictions_and_a_priced_plan(demo):
    workspace, shop = demo
    result = run_audit(workspace, shop.id).result
    contradicted = [finding for finding in result.findings if finding.verdict == "contradicted"]
    assert len(contradicted) >= 3
    assert all(finding.rows for finding in contradicted)
    assert result.plan[0].yuan is not None and result.plan[0].yuan_low <= result.plan[0].yuan <= result.plan[0].yuan_high
    assert any(wave.verdict == "missed" for wave in result.waves)


def test_a_saving_says_whose_estimate_it_is(demo):
    workspace, shop = demo
    for lang, ours in (("zh", "（我们的估计）"), ("en", "(our estimate)")):
        priced = [step for step in run_audit(workspace, shop.id, lang=lang).result.plan if step.yuan]
        assert priced
        assert all(ours in step.why for step in priced)


def test_opening_the_demo_again_keeps_what_the_user_answered(workspace):
    shop = open_demo_shop(workspace)
    question, answer = next(iter(load_answers(workspace, shop.id).items()))
    clear_answer(workspace, shop.id, question, answer)
    assert open_demo_shop(workspace).id == shop.id
    assert question not in load_answers(workspace, shop.id)


def test_an_unknown_question_is_never_stored(workspace):
    shop = create_shop(workspace, "甲")
    with pytest.raises(KeyError):
        save_answer(workspace, shop.id, "no.such", Answer(answer="met"))


def test_a_saved_audit_stays_as_it_was_and_can_be_compared(demo):
    workspace, shop = demo
    before = run_audit(workspace, shop.id)
    saved = save_audit(workspace, shop.id, "十一月", before)
    assert list_audits(workspace, shop.id)[0].result == before.result == saved.result
    moved = compared(workspace, shop.id, saved, run_audit(workspace, shop.id)).why
    assert moved is not None and set(moved.effects.values()) == {0.0} and moved.after == before.result.score.value
    found = compared(workspace, shop.id, saved, run_audit(workspace, shop.id))
    assert found.differences and not [each for each in (*found.differences, *found.answers) if each.moved]
    assert {each.kind for each in found.differences} == {"score", "practice", "metric"}
    assert found.rules == RulesMoved((), {"before": (), "after": ()})


def test_a_changed_answer_is_named_as_the_reason_of_a_changed_score(own_demo):
    workspace, shop = own_demo
    saved = save_audit(workspace, shop.id, "之前", run_audit(workspace, shop.id))
    save_answer(workspace, shop.id, "courier_choice.missed_scan_liability", Answer(answer="met"))
    now = run_audit(workspace, shop.id)
    moved = compared(workspace, shop.id, saved, now).why
    assert moved is not None and moved.effects["answers"] > 0
    assert sum(moved.effects.values()) == pytest.approx(now.result.score.value - saved.result.score.value, abs=1e-9)
    assert [name for name, effect in moved.effects.items() if abs(effect) > 1e-9] == ["answers"]


def test_the_rows_behind_a_number_are_as_many_as_it_says(demo):
    workspace, shop = demo
    result = run_audit(workspace, shop.id).result
    assert len(list_rows(workspace, shop.id, "open_over_limit")) == result.metrics["open_over_limit_count"].value
    mature = result.metrics["pickup_24h_ratio"].estimates["mature"]
    assert len(list_rows(workspace, shop.id, "late", limit=None)) == round((1 - mature.value) * mature.n)


def test_rows_go_out_as_text_that_never_starts_a_formula(demo):
    workspace, shop = demo
    text = rows_csv(workspace, shop.id, "open_over_limit").decode("utf-8-sig")
    assert text.splitlines()[0].startswith('"waybill"')
    for hostile in ("=1+1", "+1", "-1", "@x", "＝1", "\tx"):
        assert safe_cell(hostile) == "'" + hostile
    assert safe_cell(-3) == "-3"


def test_the_result_is_named_by_what_it_rests_on_and_keeps_its_name_when_saved(own_demo):
    workspace, shop = own_demo
    first = run_audit(workspace, shop.id)
    name = first.result.fingerprint
    assert name == run_audit(workspace, shop.id, lang="en").result.fingerprint == save_audit(workspace, shop.id, "一", first).result.fingerprint
    say_again = load_answers(workspace, shop.id)["courier_choice.second_courier"]
    save_answer(workspace, shop.id, "courier_choice.second_courier", say_again.model_copy(update={"note": "只是一句话"}))
    assert run_audit(workspace, shop.id).result.fingerprint == name
    pack = workspace.rules.pack_for(first.result.as_of.date())
    confirm_figure(workspace, shop.id, pack.id, "false_shipment_max_yuan", 77.0, "店主", "规则中心")
    other_rules = run_audit(workspace, shop.id).result.fingerprint
    assert other_rules != name
    report = workspace.ledger(shop.id).reports()[0]
    remove_import(workspace, shop.id, report.sha256)
    assert run_audit(workspace, shop.id).result.fingerprint not in (name, other_rules)


def test_files_imported_in_another_order_give_the_same_result_under_the_same_name(demo, workspace, tmp_path):
    first, shop = demo
    there = create_shop(workspace, "倒着导入")
    for file in reversed([*write_demo_files(tmp_path / "files"), write_demo_bill(tmp_path / "files")]):
        import_files(workspace, there.id, [Upload(file.name, file)])
    note_exemption(workspace, there.id, demo_notice(), "店主")
    same, again = (run_audit(ws, id, answers=load_answers(first, shop.id)).result for ws, id in ((first, shop.id), (workspace, there.id)))
    assert again.fingerprint == same.fingerprint
    parts = {"score", "practices", "metrics", "parcels", "findings", "plan", "waves", "excluded"}
    assert again.model_dump(include=parts) == same.model_dump(include=parts)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_question_the_shop_leaves_out_is_in_no_part_of_its_score_and_the_report_names_it(workspace, lang):
    shop = create_shop(workspace, "甲")
    name = "courier_choice.remote_route"
    save_answer(workspace, shop.id, "courier_choice.second_courier", Answer(answer="met"))
    before = run_audit(workspace, shop.id)
    overlay = Overlay(questions={name: Adjustment(ignore=True, reason="偏远省份都不发")})
    save_overlay(workspace, shop.id, overlay, "店主", "试一试")
    audit = run_audit(workspace, shop.id, lang=lang)
    assert name not in {item.id for item in audit.result.practices["courier_choice"].items}
    assert audit.result.score.answered_share > before.result.score.answered_share
    assert [(one.question, one.reason) for one in audit.result.left_out] == [(name, "偏远省份都不发")]
    text = render_report(audit.result, audit.inputs.checklists, lang)
    assert audit.result.fingerprint[:4] in render_text(audit.result, audit.inputs.checklists, lang).splitlines()[-1]
    assert audit.result.left_out[0].title.in_language(lang) in text and "偏远省份都不发" in text
    assert before.result.left_out == [] and not before.result.invented
