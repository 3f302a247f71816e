"""The checklist in two windows: what one says appears in the other, and nobody's word goes unseen."""

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from pdd_audit.core.questions import Answer
from pdd_audit.services.answers import load_answers, save_answer
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace
from pdd_audit.ui import answer_fields
from tests.ui.test_checklist import key_of, question_with


@pytest.fixture
def two(empty_home, open_page):
    """The answer as it stands, a question that is answered, my window and the one of 小李."""
    ws = open_workspace(empty_home)
    shop = create_shop(ws, "自家小店").id
    question = question_with(ws, scale="coverage_4", blocker=None).id
    save_answer(ws, shop, question, Answer(answer="unmet", note="原来的"))
    mine, theirs = (open_page("checklist", question=question, me=me) for me in ("老板", "小李"))
    return lambda: load_answers(ws, shop).get(question), question, mine, theirs


@pytest.mark.parametrize("field", ["note", "proof"])
@pytest.mark.parametrize("picked", ["unmet", "partly"])
def test_what_is_being_typed_stays_in_its_field_when_the_words_of_another_arrive(monkeypatch, field, picked):
    state = {}
    monkeypatch.setattr(answer_fields.st, "session_state", state)
    monkeypatch.setattr(answer_fields, "held", lambda key, otherwise=None: state.get(key, otherwise))
    monkeypatch.setattr(answer_fields, "_tell", lambda *_: None)
    here, question = SimpleNamespace(shop=SimpleNamespace(id="甲店")), SimpleNamespace(id="q")
    drawn = answer_fields.fields_of(here, question, Answer(answer="unmet"))
    keys = {name: drawn.key(name) for name in ("answer", "note", "proof")}
    state |= {keys["note"]: "", keys["proof"]: "", keys[field]: "正在写"}
    again = answer_fields.fields_of(here, question, Answer(answer=picked, **{field: "小李的"}))
    assert (again.key("note"), again.key("proof")) == (keys["note"], keys["proof"]), "another key would be another field"
    assert again.typed() == {field: "正在写"} and getattr(again.shows, field) == ""
    assert (again.key("answer") != keys["answer"]) == (picked != "unmet"), "what is picked follows the store"


def lines(app):
    return " ".join(one.value for kind in (app.markdown, app.warning, app.toast, app.error) for one in kind)


def press(app, key):
    app.button(key=key).click().run()
    assert not app.exception


def test_what_is_picked_elsewhere_is_shown_before_it_can_be_replaced(two):
    stored, question, mine, theirs = two
    key_of(theirs, "answer", question).set_value("partly").run()
    key_of(mine, "proof", question).set_value("交接单").run()  # any run of my page
    assert key_of(mine, "answer", question).value == "partly" and "小李改了这题：回答是「部分」" in lines(mine)
    assert stored() == Answer(answer="partly", note="原来的", proof="交接单") and not mine.warning
    key_of(mine, "answer", question).set_value("met").run()
    assert stored().answer == "met" and not mine.warning, "it was in view"
    key_of(theirs, "answer", question).set_value("mostly").run()
    assert "老板也改了它：回答是「全部」" in lines(theirs), "and theirs is of an older view"
    press(theirs, "keep_mine_0")
    assert stored().answer == "mostly" and not theirs.warning


def test_words_of_two_people_stand_apart_and_the_choice_is_theirs(two):
    stored, question, mine, theirs = two
    key_of(theirs, "note", question).set_value("小李的").run()
    key_of(mine, "answer", question).set_value("met").run()
    assert stored() == Answer(answer="met", note="小李的") and not mine.warning, "each changed another part"
    assert key_of(mine, "note", question).value == "原来的", "nothing is put under whoever may be writing"
    assert "小李改了这题：备注是「小李的」" in lines(mine)
    key_of(mine, "note", question).set_value("我的").run()
    assert stored().note == "我的" and any("小李的" in warning.value for warning in mine.warning)
    key_of(mine, "answer", question).set_value("mostly").run()
    press(mine, "next")
    press(mine, "previous")
    assert mine.warning, "the offer stands until it is decided"
    press(mine, "take_theirs_0")
    assert stored() == Answer(answer="mostly", note="小李的") and key_of(mine, "note", question).value == "小李的" and not mine.warning

    key_of(theirs, "note", question).set_value("又一句").run()
    mine.run()
    press(mine, "show_news")
    assert key_of(mine, "note", question).value == "又一句" and "又一句" not in lines(mine)


def test_clearing_takes_back_only_what_was_in_view(two):
    stored, question, mine, theirs = two
    key_of(theirs, "note", question).set_value("小李的").run()
    press(mine, "clear_answer")
    assert stored().note == "小李的" and "没有清除" in " ".join(error.proto.title + error.value for error in mine.error)
    assert key_of(mine, "note", question).value == "小李的"
    press(mine, "clear_answer")
    assert stored() is None and not mine.error and key_of(mine, "answer", question).value is None
    key_of(theirs, "note", question).set_value("不该丢").run()
    assert stored() == Answer(answer="unmet", note="不该丢") and "老板也改了它：清除了回答" in lines(theirs)
    press(theirs, "take_theirs_0")
    assert stored() is None and not theirs.warning


def looked_again():
    """One look with the page and three after it, as the timer takes them."""
    from pdd_audit.core.questions import Answer
    from pdd_audit.services.answers import load_answers, save_answer
    from pdd_audit.ui import session
    from pdd_audit.ui.answer_fields import fields_of, news

    here = session.begin()
    question = here.checklists.practices[0].items[0]
    fields = fields_of(here, question, load_answers(here.ws, here.shop.id).get(question.id))
    news(here, question, fields)
    news(here, question, fields)
    save_answer(here.ws, here.shop.id, here.checklists.practices[1].items[0].id, Answer(answer="met"), "小李")
    news(here, question, fields)
    save_answer(here.ws, here.shop.id, question.id, Answer(answer="met"), "小李")
    news(here, question, fields)


def test_a_look_draws_only_what_changed_of_the_question_in_view(empty_home):
    create_shop(open_workspace(empty_home), "自家小店")
    app = AppTest.from_function(looked_again, default_timeout=60).run()
    assert not app.exception
    (line,) = app.markdown
    assert "小李改了这题" in line.value
