"""The Rules page: what is not verified is called so, and a figure the shop has checked counts at once."""

import pytest

from pdd_audit.texts import Words

KEY = "figure_shared_pickup_limit_hours"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_counts_what_nobody_has_checked_and_keeps_what_somebody_has(open_page, demo_home, lang):
    words = Words(lang)
    page = open_page("rules", lang)
    assert not page.exception
    assert words("rules.headline", used=7, open=7) in page.markdown[0].value
    page.text_input(key=f"{KEY}_by").set_value("小王").run()
    page.text_area(key=f"{KEY}_why").set_value("规则中心第 3 条").run()
    page.button(key=f"{KEY}_save").click().run()
    assert not page.exception and not page.error
    assert words("rules.headline", used=7, open=6) in page.markdown[0].value
    assert any("规则中心第 3 条" in caption.value for caption in page.caption)


def test_without_a_name_or_a_place_nothing_is_kept(open_page, demo_home):
    page = open_page("rules", "zh")
    page.button(key=f"{KEY}_save").click().run()
    assert page.error and not page.exception
    assert Words("zh")("rules.headline", used=7, open=7) in page.markdown[0].value


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_rule_change_is_told_with_both_sides_and_the_parcels_that_differ(open_page, demo_home, lang):
    words = Words(lang)
    page = open_page("rules", lang)
    page.session_state["rule_change_row"] = True
    page.run()
    assert not page.exception and not page.error
    assert words("rules.change.line.late_yuan") in str(page.table[0].value)
    if lang == "en":
        return  # the words are there; the figures are the same
    page.selectbox(key="rule_change_b").select("own").run()
    page.number_input(key="rule_change_limit").set_value(36.0).run()
    assert not page.exception and not page.error
    assert "36" in str(page.table[0].value)
    assert [button.key for button in page.button if button.key.startswith("rule_change_")] == ["rule_change_only_a", "rule_change_both"]
    page.number_input(key="rule_change_least").set_value(200.0).run()
    assert page.error and not page.exception, "the least is more than the most"
    page.selectbox(key="rule_change_b").select("douyin_from_2026_08_10").run()
    assert words("rules.unknown") in str(page.table[0].value), "an amount nobody names is not zero"


def test_another_platform_is_chosen_with_a_reason_and_every_page_says_so(open_page, demo_home):
    words = Words("zh")
    page = open_page("rules", "zh")
    page.radio(key="rules_platform").set_value("tmall").run()
    page.text_input(key="rules_platform_by").set_value("小王").run()
    page.button(key="rules_platform_save").click().run()
    assert page.error and not page.info, "no reason, no change"
    page.text_area(key="rules_platform_why").set_value("准备开天猫店").run()
    page.button(key="rules_platform_save").click().run()
    assert not page.exception and not page.error
    assert page.info[0].value == words("rules.platform.means", platform="天猫")
    header = words("rules.header", platform="天猫")
    assert header in str([text.value for text in open_page("home", "zh").caption])
