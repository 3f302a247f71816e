"""One round on the screen, by two people: opened, answered alone, revealed, agreed, decided, signed, taken as a PDF."""

import io
import re
from datetime import date

from pypdf import PdfReader

from pdd_audit.core.questions import Answer
from pdd_audit.services.answers import load_answers, save_answer
from pdd_audit.services.log import check_log
from pdd_audit.services.rounds import Plan, agree, answer_alone, list_rounds, open_round, signed_result
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts.numbers import full_moment
from pdd_audit.ui import round_signing

ASKED = ("courier_coordination.fixed_pickup_time", "shipping_process.cutoff_time")


def the_round(ws, shop):
    return list_rounds(ws, shop.id)[0]


def words_of(app):
    return " ".join(each.value for kind in (app.markdown, app.caption, app.error) for each in kind)


def radio(app):
    return next(each for each in app.radio if each.key.startswith(("alone:", "agree:")))


def talk_note(app):
    return next(each for each in app.text_area if each.key.startswith("talk_note:"))


def front_page(pdf):
    return "".join(sign for sign in PdfReader(io.BytesIO(pdf)).pages[0].extract_text() if sign.isalnum())


def test_a_round_is_opened_answered_alone_revealed_agreed_and_signed_on_the_screen(empty_home, open_page, monkeypatch):
    offered = {}
    monkeypatch.setattr(round_signing, "offer", lambda label, make, stem, *rest, **more: offered.__setitem__(label, (make, stem)))
    ws = open_workspace(empty_home)
    shop = create_shop(ws, "自家小店")
    app = open_page("rounds")
    app.button(key="open_round").click().run()
    assert app.error and not list_rounds(ws, shop.id), "a round without members is refused in words"

    open_round(ws, shop.id, Plan("十一月复盘", ASKED, ("老板", "小李"), date(2026, 11, 30)), "老板")
    one = the_round(ws, shop)
    app = open_page("rounds", round=one.id, me="小李", round_question=ASKED[0])
    for question, level in zip(ASKED, ("unmet", "met"), strict=True):
        answer_alone(ws, shop.id, the_round(ws, shop), question, Answer(answer="met", note="只有我知道"), "老板")
        app.session_state["round_question"] = question
        app.run()
        radio(app).set_value(level).run()
    assert the_round(ws, shop).answers_of("小李")[ASKED[0]].answer == "unmet"
    assert "只有我知道" not in words_of(app) and "老板 2/2" in words_of(app)

    elsewhere = the_round(ws, shop)
    app.session_state["round_question"] = ASKED[0]
    app.run()
    answer_alone(ws, shop.id, elsewhere, ASKED[0], Answer(answer="partly"), "小李")  # in another window
    radio(app).set_value("mostly").run()
    assert app.error and the_round(ws, shop).answers_of("小李")[ASKED[0]].answer == "partly" == radio(app).value

    app.button(key="reveal").click().run()
    app.button(key="meet").click().run()
    assert "只有我知道" in words_of(app) and re.search(r"本题 \*\*0:\d\d\*\* · 全程 \*\*0:\d\d\*\*", words_of(app))
    kept = app.query_params
    assert kept["round_question"] == ASKED[0] and re.fullmatch(r"\d+-\d+", kept["meeting"]), "a reload goes on where it was"
    talk_note(app).set_value("周五改到 17:30").run()
    assert [word.text for word in the_round(ws, shop).notes(ASKED[0])] == ["周五改到 17:30"] and talk_note(app).value == ""
    agree(ws, shop.id, the_round(ws, shop), ASKED[0], Answer(answer="partly"), "老板")  # in another window
    app.run()
    assert radio(app).value == "partly" and "已定稿：部分（老板）" in words_of(app)
    agree(ws, shop.id, the_round(ws, shop), ASKED[0], Answer(answer="unmet"), "老板")
    radio(app).set_value("mostly").run()
    assert app.error and load_answers(ws, shop.id)[ASKED[0]].answer == "unmet" == radio(app).value
    app.button(key="replace_agreed").click().run()
    assert load_answers(ws, shop.id)[ASKED[0]].answer == "mostly" == radio(app).value
    next(each for each in app.text_input if each.key.startswith("decide_text")).set_value("加一班车").run()
    next(each for each in app.selectbox if each.key.startswith("decide_owner")).set_value("老板").run()
    app.button(key="decide").click().run()
    app.button(key="leave_meeting").click().run()
    app.button(key="agree_same").click().run()
    app.button(key="sign_reviewer").click().run()
    app.button(key="withdraw").click().run()
    assert the_round(ws, shop).phase == "revealed" and not app.error and "drop_round" in {button.key for button in app.button}
    app.button(key="sign_reviewer").click().run()
    assert not offered, "one name is not two"
    next(each for each in app.text_input if each.key.startswith("signer")).set_value("老板").run()
    app.button(key="sign_owner").click().run()
    assert not app.exception and not app.error
    one = the_round(ws, shop)
    assert one.phase == "signed" and len(one.agreed()) == 2 and one.decisions()[0].owner == "老板"
    assert "数据指纹" in words_of(app)
    assert not check_log(ws, shop.id).troubles
    save_answer(ws, shop.id, ASKED[1], Answer(answer="unmet"))
    english = open_page("rounds", lang="en", round=one.id)
    assert not english.exception and "Signed by both" in words_of(english) and "Changed since: the shop's answers" in words_of(english)
    for label, named, roles in (
        ("下载签字版报告（PDF）", "签字评审", ("复核人", "负责人")), ("Download the signed report (PDF)", "signed_review", ("Reviewer", "Owner")),
    ):
        make, stem = offered[label]
        front = front_page(make())
        assert stem.startswith(f"{named}_{one.signatures[-1].at:%Y-%m-%d}")
        assert signed_result(ws, shop.id, one).fingerprint[:12] in front, "it is what was signed, whatever changed since"
        for word, role in zip(one.signatures, roles, strict=True):
            assert "加一班车老板" in front and word.by + role in front and "".join(filter(str.isalnum, full_moment(word.at))) in front
    assert offered["Excel"][0]().startswith(b"PK") and "加一班车".encode() in offered["Web page"][0]()
    ws.state.close()
