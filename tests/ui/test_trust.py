"""How far the score can be trusted is said under it, and what is out of date is one press away."""

from datetime import datetime, timedelta

import pytest

from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import Words


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_home_says_how_far_the_score_can_be_trusted(open_page, demo_home, lang):
    page, words = open_page("home", lang), Words(lang)
    assert not page.exception
    assert any(caption.value == words("trust.line", level=words("trust.level.medium")) for caption in page.caption)
    assert not [button for button in page.button if button.key == "answer_stale"], "the demo's answers are new"


def test_answers_of_long_ago_are_one_press_away(open_page, demo_home):
    workspace = open_workspace(demo_home)
    shop = workspace.state.shops()[0].id
    workspace.state.save_answers(shop, workspace.state.answers(shop), datetime.now() - timedelta(days=800))
    page = open_page("home")
    stale = next(button for button in page.button if button.key == "answer_stale")
    stale.click().run()
    assert not page.exception
    page = open_page("checklist", question="courier_choice.second_courier", practice="courier_choice")
    assert any(Words("zh")("trust.badge") in part.value for part in page.markdown)


def test_results_take_a_second_look_at_the_answers(open_page, demo_home):
    page = open_page("results")
    assert not page.exception
    assert any(Words("zh")("trust.title") in part.value for part in page.markdown), "the demo's answers were all given at once"
