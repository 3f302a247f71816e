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
