"""The page of a shop's own checklist: a draft with both scores and its reach, saved by somebody for a reason."""

import pytest

from pdd_audit.core.overlay import Adjustment, Overlay
from pdd_audit.services.history import save_audit
from pdd_audit.services.overlay import overlay_as_workbook, overlay_of, save_overlay, target_of
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shops import list_shops
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import points

QUESTION = "courier_coordination.fixed_pickup_time"


@pytest.fixture
def stored(demo_home):
    """(workspace, id of the demo shop) as the page's own process sees them."""
    workspace = open_workspace(demo_home)
    yield workspace, list_shops(workspace)[0].id
    workspace.state.close()


def opened(open_page, lang="zh"):
    app = open_page("overlay", lang)
    app.session_state["overlay_practice"] = "courier_coordination"
    app.session_state[f"row_{QUESTION}"] = True
    return app.run()


def key(name):
    return f"overlay_0_{QUESTION}_{name}"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_draft_shows_both_scores_and_is_saved_with_who_and_why(open_page, stored, lang):
    workspace, shop = stored
    words = Words(lang)
    app = opened(open_page, lang)
    assert words("overlay.title_none") in app.markdown[0].value
    official = app.metric[0].value
    app.checkbox(key=key("ignore")).check().run()
    assert app.error and "overlay_reason" not in app.error[0].value, "a reason is asked for in words"
    assert app.button(key="overlay_save").disabled
    app.text_input(key=key("reason")).set_value("没有固定网点").run()
    assert not app.error and not app.exception
    assert app.metric[0].value == official != app.metric[1].value
    app.text_input(key="overlay_by").set_value("小王").run()
    app.button(key="overlay_save").click().run()
    assert app.error, "nothing is saved without a reason"
    assert overlay_of(workspace, shop) is None
    app.text_area(key="overlay_why").set_value("门店直送").run()
    app.button(key="overlay_save").click().run()
    assert not app.error and not app.exception
    assert overlay_of(workspace, shop) == Overlay(questions={QUESTION: Adjustment(ignore=True, reason="没有固定网点")})
    assert words("overlay.title", n=1) in app.markdown[0].value
    assert any("门店直送" in caption.value for caption in app.caption)


def test_saved_audits_that_would_move_are_listed_before_saving(open_page, stored):
    workspace, shop = stored
    save_audit(workspace, shop, "十月体检", run_audit(workspace, shop))
    app = opened(open_page)
    app.checkbox(key=key("ignore")).check().run()
    app.text_input(key=key("reason")).set_value("没有固定网点").run()
    assert any(Words("zh")("overlay.reach.title", total=1, moved=1) in text.value for text in app.markdown)
    assert "十月体检" in str(app.table[0].value)


def test_a_weight_and_a_limit_change_the_draft_and_can_be_taken_back(open_page, stored):
    app = opened(open_page)
    app.number_input(key=key("met")).set_value(12.0).run()
    assert not app.error
    assert any("12" in caption.value and "95%" in caption.value for caption in app.caption), "the limit is said as a sentence"
    assert app.metric[2].value == "1"
    app.number_input(key=key("met")).set_value(23.0).run()
    assert app.error, "limits get looser downwards"
    app.button(key="overlay_discard").click().run()
    assert not app.error and app.metric[2].value == "0"


def test_a_must_have_offers_no_way_to_leave_it_out(open_page, stored):
    workspace, _ = stored
    blocker = next(item.id for practice in workspace.checklists.practices for item in practice.items if item.blocker)
    app = open_page("overlay", "zh")
    app.session_state["overlay_practice"] = blocker.split(".")[0]
    app.session_state[f"row_{blocker}"] = True
    app.run()
    assert [box.key for box in app.checkbox if box.key.endswith("_ignore")] == []


def test_a_question_of_ones_own_needs_every_sentence(open_page, stored):
    app = open_page("overlay", "zh")
    app.session_state["overlay_add_row"] = True
    app.run()
    app.button(key="own_add").click().run()
    assert app.error
    for name, zh, en in (
        ("ask", "打包台每单都拍照吗？", "Is every parcel photographed?"), ("ok", "每单都拍照", "Every parcel is photographed"),
        ("fail", "没有拍照", "No photos"), ("why", "申诉时拿得出来", "It helps an appeal"), ("do", "装一个摄像头", "Fit a camera"),
    ):
        app.text_input(key=f"own_{name}_zh").set_value(zh)
        app.text_input(key=f"own_{name}_en").set_value(en)
    app.button(key="own_add").click().run()
    assert not app.error and not app.exception
    assert any("每单都拍照" in text.value for text in app.markdown)


def test_home_and_results_name_both_scores_only_with_an_own_checklist(open_page, stored):
    workspace, shop = stored
    for page in ("home", "results"):
        assert not [caption for caption in open_page(page, "zh").caption if "官方清单" in caption.value]
    official = run_audit(workspace, shop).result.score.value
    save_overlay(workspace, shop, Overlay(questions={QUESTION: Adjustment(weight=0)}), "小王", "试一试")
    told = Words("zh")("overlay.beside", own=points(run_audit(workspace, shop).result.score.value, 1), official=points(official, 1))
    for page in ("home", "results", "history", "checklist", "report"):
        app = open_page(page, "zh")
        assert not app.exception and not app.error
        if page in ("home", "results"):
            assert told in [caption.value for caption in app.caption]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_says_so_when_there_is_no_shop(open_page, empty_home, lang):
    app = open_page("overlay", lang)
    assert not app.exception and not app.error


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_target_of_ones_own_needs_a_reason_and_is_named_with_ours(open_page, stored, lang):
    workspace, shop = stored
    words, prefix = Words(lang), "overlay_0_target_pickup_24h_ratio"
    app = open_page("overlay", lang)
    app.number_input(key=f"{prefix}_value").set_value(98.5).run()
    assert app.error and app.button(key="overlay_save").disabled, "a reason is asked for"
    app.text_input(key=f"{prefix}_reason").set_value("合同").run()
    assert not app.error and not app.exception
    assert app.metric[1].value != app.metric[0].value, "the score follows"
    app.text_input(key="overlay_by").set_value("小王").run()
    app.text_area(key="overlay_why").set_value("签了合同").run()
    app.button(key="overlay_save").click().run()
    assert not app.error and target_of(workspace, shop, "pickup_24h_ratio") == 0.985
    told = [caption.value.replace("\\", "") for caption in open_page("results", lang).caption]
    assert any("98.5%" in text and "97%" in text and "小王" in text and words("overlay.stricter") in text for text in told)


def test_a_workbook_becomes_the_draft_and_a_faulty_one_says_where(open_page, stored):
    workspace, _ = stored
    overlay = Overlay(questions={QUESTION: Adjustment(ignore=True, reason="没有固定网点")})
    app = open_page("overlay", "zh")
    for content, error in ((overlay_as_workbook(workspace, overlay, "en"), False), (b"PK\x03\x04", True)):
        app.file_uploader[0].upload("own.xlsx", content, "application/octet-stream").run()
        assert bool(app.error) is error and not app.exception
    assert app.metric[2].value == "1", "the faulty one left the draft as it was"
