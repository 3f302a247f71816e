"""The Remedies page: a picture first, suggestions with their reasons, costs of the shop's own, and a note that spends the budget."""

import re

import pytest

from pdd_audit.services.shops import DEMO_AS_OF
from pdd_audit.texts import Words
from tests.ui.test_pages import shown


@pytest.fixture
def clock(monkeypatch):
    for module in ("workspace", "incidents.remedies", "incidents.tell_buyers", "deeds"):
        monkeypatch.setattr(f"pdd_audit.services.{module}.now", lambda: DEMO_AS_OF)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_a_shop_the_page_says_what_is_missing(lang, empty_home, open_page):
    assert Words(lang)("remedies.empty") in shown(open_page("remedies", lang))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_remedy_is_suggested_priced_noted_and_taken_back(lang, demo_home, open_page, clock):
    words = Words(lang)
    app = open_page("remedies", lang)
    assert not app.exception and not app.error and not app.warning
    (chart,) = app.get("vega_lite_chart") + app.get("arrow_vega_lite_chart")
    assert chart.proto.alt.strip()
    text = shown(app)
    assert not re.search(r"\{[a-z_]+\}|None|nan", text)
    assert words("remedies.menu.not_known") in text, "the largest small payment is not known"
    assert words("remedies.effect.title_none") in text
    app.number_input(key="own_remedy_urgent_yuan").set_value(4.0).run()
    app.number_input(key="own_remedy_budget_yuan").set_value(30.0)
    app.number_input(key="own_remedy_gift_left_0").set_value(5).run()
    assert not app.exception and "¥30" in shown(app)
    app.button(key="record_urgent_shipping").click().run()
    assert len(app.error) == 1 and not app.success, "nobody is named who did it"
    app.text_input(key="by_urgent_shipping").input("小李")
    app.button(key="record_urgent_shipping").click().run()
    assert not app.exception and app.success, app.error
    assert words("remedies.done.title") in shown(app)
    assert any(words("remedies.menu.effect_none") in table.value.to_string() for table in app.table)
    assert app.number_input(key="own_remedy_gift_left_1").value == 5, "what is left is shown anew after every note"
    app.button(key="undo_remedy").click().run()
    assert len(app.error) == 1
    app.text_input(key="undo_remedy_by").input("老板")
    app.button(key="undo_remedy").click().run()
    assert not app.error and words("remedies.done.title") not in shown(app)
