from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from pdd_audit.core.questions import Answer
from pdd_audit.services.answers import load_answers, save_answer
from pdd_audit.services.profile import profile_of
from pdd_audit.services.quick_path import walk
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shops import create_shop
from pdd_audit.services.waivers import waivers_of
from pdd_audit.services.workspace import now, open_workspace


@pytest.fixture
def shop(empty_home):
    ws = open_workspace(empty_home)
    return ws, create_shop(ws, "自家小店").id


def question_with(ws, **wanted):
    for practice in ws.checklists.practices:
        for item in practice.items:
            if item.kind == "question" and not item.retired and all(getattr(item, name) == value for name, value in wanted.items()):
                return item
    pytest.skip(f"no question with {wanted}")


def key_of(app, field, question_id):
    widgets = {"answer": app.radio, "tick": app.checkbox, "reason": app.selectbox, "note": app.text_area, "proof": app.text_area}[field]
    return next(widget for widget in widgets if widget.key and widget.key.startswith(f"{field}:") and question_id in widget.key)


def test_an_unanswered_question_has_nothing_picked(shop, open_page):
    ws, _ = shop
    question = question_with(ws, scale="coverage_4", blocker=None)
    app = open_page("checklist", question=question.id)
    assert key_of(app, "answer", question.id).value is None


def test_a_picked_answer_is_saved_at_once(shop, open_page):
    ws, shop_id = shop
    question = question_with(ws, scale="coverage_4", blocker=None)
    app = open_page("checklist", question=question.id)
    key_of(app, "answer", question.id).set_value("mostly").run()
    assert load_answers(ws, shop_id)[question.id].answer == "mostly"
    assert any("已保存" in caption.value for caption in app.caption)


def test_not_applicable_is_saved_only_with_its_reason(shop, open_page):
    ws, shop_id = shop
    question = question_with(ws, scale="coverage_4", blocker=None)
    app = open_page("checklist", question=question.id)
    key_of(app, "answer", question.id).set_value("na").run()
    assert question.id not in load_answers(ws, shop_id)
    reason = key_of(app, "reason", question.id)
    reason.select_index(0).run()
    saved = load_answers(ws, shop_id)[question.id]
    assert (saved.answer, saved.reason) == (
        "na",
        next(iter(next(p for p in ws.checklists.practices if question in p.items).practice.na_reasons)),
    )


def test_a_must_have_offers_no_not_applicable(shop, open_page):
    ws, _ = shop
    question = next(
        item
        for p in ws.checklists.practices
        for item in p.items
        if item.blocker and item.kind == "question" and item.scale != "criteria_share"
    )
    app = open_page("checklist", question=question.id)
    assert len(key_of(app, "answer", question.id).options) == len(ws.checklists.scales[question.scale].levels) + 1


def test_note_and_proof_are_kept_when_the_answer_changes(shop, open_page):
    ws, shop_id = shop
    question = question_with(ws, scale="coverage_4", blocker=None)
    app = open_page("checklist", question=question.id)
    key_of(app, "answer", question.id).set_value("partly").run()
    key_of(app, "proof", question.id).set_value("交接单第 3 页").run()
    key_of(app, "answer", question.id).set_value("met").run()
    saved = load_answers(ws, shop_id)[question.id]
    assert (saved.answer, saved.proof) == ("met", "交接单第 3 页")


def test_clearing_an_answer_leaves_nothing_picked(shop, open_page):
    ws, shop_id = shop
    question = question_with(ws, scale="coverage_4", blocker=None)
    app = open_page("checklist", question=question.id)
    key_of(app, "answer", question.id).set_value("partly").run()
    app.button(key="clear_answer").click().run()
    assert load_answers(ws, shop_id) == {}
    assert key_of(app, "answer", question.id).value is None


def test_ticked_criteria_are_saved_and_none_of_them_excludes_the_rest(shop, open_page):
    ws, shop_id = shop
    question = question_with(ws, scale="criteria_share")
    app = open_page("checklist", question=question.id)

    def box(name):
        return next(widget for widget in app.checkbox if question.id in widget.key and widget.key.endswith(f":{name}"))

    first, second = [criterion.id for criterion in question.criteria][:2]
    box(first).check().run()
    box(second).check().run()
    assert load_answers(ws, shop_id)[question.id].answer == (first, second)
    box("unmet").check().run()
    assert load_answers(ws, shop_id)[question.id].answer == "unmet"
    assert not box(first).value and not box(second).value
    box("unmet").uncheck().run()
    assert question.id not in load_answers(ws, shop_id)


def test_next_walks_through_every_question_of_the_quick_check_must_haves_first_where_no_money_is_known(shop, open_page):
    ws, _ = shop
    quick = [i for p in ws.checklists.practices for i in p.items if i.quick and i.kind == "question" and not i.retired]
    app = open_page("checklist", scope="quick")
    seen = [app.session_state["question"]]
    while not app.button(key="next").disabled:
        app.button(key="next").click().run()
        seen.append(app.session_state["question"])
    assert sorted(seen) == sorted(item.id for item in quick)
    must = {item.id for item in quick if item.blocker}
    assert set(seen[: len(must)]) == must


def test_the_quick_check_stops_once_the_first_three_steps_stand_and_lets_people_go_on(demo_home, open_page):
    ws = open_workspace(demo_home)
    shop_id = ws.state.shops()[0].id
    quick = {i.id: i for p in ws.checklists.practices for i in p.items if i.quick and i.kind == "question"}
    ws.state.save_answers(shop_id, dict.fromkeys(quick), ws.state.shops()[0].created_at)
    for _ in quick:
        way = walk(run_audit(ws, shop_id, scope="quick"))
        if way.settled:
            break
        worst = "unmet" if quick[way.open[0]].scale in ("criteria_share", "met_unmet") else "partly"
        save_answer(ws, shop_id, way.open[0], Answer(answer=worst))
    assert way.settled and 3 <= len(way.order) - len(way.open) <= 15, "with files about half of the questions are enough"
    app = open_page("checklist", scope="quick")
    assert any(f"剩下的 {len(way.open)} 题怎么答" in text.value for text in app.markdown)
    plan = run_audit(ws, shop_id, scope="quick").result.plan[:3]
    assert all(any(step.action in text.value for text in app.markdown) for step in plan)
    assert not app.radio, "no question is asked where it stops"
    app.button(key="quick_go_on").click().run()
    assert not app.exception and app.session_state["question"] == way.open[0] and not [b for b in app.button if b.key == "quick_go_on"]


def test_a_question_is_waived_below_it_and_the_waiver_ends_there(shop, open_page):
    ws, shop_id = shop
    question = question_with(ws, scale="coverage_4", blocker=None)
    app = open_page("checklist", question=question.id, scope="full")
    app.button(key=f"waiver_save_{question.id}").click().run()
    assert any("批准人" in error.value for error in app.error) and not waivers_of(ws, shop_id)
    app.date_input(key=f"waiver_until_{question.id}").set_value(now().date() + timedelta(days=9))
    app.text_input(key=f"waiver_by_{question.id}").set_value("王经理")
    app.text_input(key=f"waiver_reason_{question.id}").set_value("网点*还没*开")
    app.button(key=f"waiver_save_{question.id}").click().run()
    assert not app.exception and [one.question for one in waivers_of(ws, shop_id)] == [question.id]
    assert any("王经理" in text.value and "网点\\*还没\\*开" in text.value for text in app.caption)
    app.button(key=f"waiver_at_{question.id}").click().run()
    assert app.session_state["question"] == question.id
    app.button(key=f"waiver_end_{question.id}").click().run()
    assert not waivers_of(ws, shop_id)
    must = next(i for p in ws.checklists.practices for i in p.items if i.blocker)
    app = open_page("checklist", question=must.id, scope="full")
    assert not [button for button in app.button if button.key == f"waiver_save_{must.id}"]


def test_the_verdict_of_the_data_waits_for_an_answer(demo_home, open_page):
    ws = open_workspace(demo_home)
    checked = next(i for p in ws.checklists.practices for i in p.items if i.verify and i.kind == "question" and i.scale == "coverage_4")
    app = open_page("checklist", question=checked.id)
    if load_answers(ws, app.session_state["shop"]).get(checked.id) is not None:
        app.button(key="clear_answer").click().run()
    assert not app.get("vega_lite_chart")
    key_of(app, "answer", checked.id).set_value("met").run()
    assert not app.exception
    assert app.get("vega_lite_chart") or any("没有数据" in badge.value for badge in app.markdown)


def total_asked(app):
    """"已答 0 / 103 题" says how many questions there are."""
    text = next(element.proto.text for element in app.get("progress"))
    return int(text.split("/")[1].split()[0])


def test_what_is_so_in_the_shop_is_saved_at_once_and_decides_what_is_asked(shop, open_page):
    ws, shop_id = shop
    app = open_page("checklist", scope="full")
    before = total_asked(app)
    assert app.pills(key=f"profile:{shop_id}").value == ["own_warehouse"]
    app.pills(key=f"profile:{shop_id}").set_value(["own_warehouse", "dropshipping"]).run()
    assert not app.exception
    assert profile_of(ws, shop_id) == {"own_warehouse", "dropshipping"}
    asked = sum("dropshipping" in item.when for practice in ws.checklists.practices for item in practice.items)
    assert total_asked(app) == before + asked > before
    app.pills(key=f"profile:{shop_id}").set_value([]).run()
    assert app.pills(key=f"profile:{shop_id}").value == ["own_warehouse"]
    assert total_asked(app) == before


def test_a_question_says_why_it_weighs_what_it_weighs(shop, open_page):
    ws, _ = shop
    question = question_with(ws, weight=5)
    app = open_page("checklist", question=question.id)
    assert any(question.weight_why.zh in element.value and "5/5" in element.value for element in app.markdown)


def test_two_people_who_answer_one_question_are_told_and_both_answers_stay_on_record(shop, open_page):
    ws, shop_id = shop
    question = question_with(ws, scale="coverage_4", blocker=None)
    mine = open_page("checklist", question=question.id)
    save_answer(ws, shop_id, question.id, Answer(answer="partly"))  # somebody else, after my page was drawn
    key_of(mine, "answer", question.id).set_value("met").run()
    assert not mine.exception
    assert load_answers(ws, shop_id)[question.id].answer == "met"
    assert any("有人也改了它：回答是「部分」" in warning.value for warning in mine.warning)
    with ws.state.engine.connect() as connection:
        bodies = connection.execute(text("SELECT body FROM answer_events WHERE question_id = :id ORDER BY id"), {"id": question.id}).scalars().all()
    assert [Answer.model_validate_json(body).answer for body in bodies] == ["partly", "met"]
    mine.button(key="take_theirs_0").click().run()
    assert not mine.warning and load_answers(ws, shop_id)[question.id].answer == "partly" == key_of(mine, "answer", question.id).value
    key_of(mine, "answer", question.id).set_value("mostly").run()
    assert not mine.warning


def test_progress_is_whole_only_when_nothing_is_unanswered(shop, open_page):
    ws, shop_id = shop
    everything = [q for p in ws.checklists.for_shop(()).practices for q in p.items if q.kind == "question"]
    best = {q.id: Answer(answer=tuple(c.id for c in q.criteria) if q.scale == "criteria_share" else "met") for q in everything}
    last = everything[-1].id
    ws.state.save_answers(shop_id, {name: one for name, one in best.items() if name != last}, datetime(2026, 11, 1))
    app = open_page("checklist", scope="full", question=last)
    (bar,) = app.get("progress")
    assert bar.proto.value == 99 and f"{len(everything) - 1} / {len(everything)}" in bar.proto.text
    save_answer(ws, shop_id, last, Answer(answer="unknown"))
    app.run()
    (bar,) = app.get("progress")
    assert bar.proto.value == 100 and "都答完了" in bar.proto.text
