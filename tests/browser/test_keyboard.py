"""Keys answer questions without stealing letters, and no page asks anybody outside for anything (the window itself checks that)."""

import pytest

from pdd_audit.services.shops import open_demo_shop

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("lang", ["zh"], indirect=True)
def test_keys_move_and_answer_and_never_steal_from_a_text_field(visit):
    page, card = visit.page, visit.keyed("question_card")
    visit.open("checklist")
    title, radio = card.get_by_role("heading", level=2), card.locator("input[type=radio]")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")  # set by the script that listens for keys
    first = title.inner_text()
    title.click()
    page.keyboard.press("2")
    expect(card).to_contain_text("已保存")
    expect(radio.nth(1)).to_be_checked()
    radio.nth(1).focus()
    page.keyboard.press("n")
    expect(title).not_to_have_text(first)
    visit.settled()
    page.keyboard.press("p")
    expect(title).to_have_text(first)
    visit.settled()
    note = page.locator("textarea").first
    expect(note).to_be_enabled()
    note.click()
    page.keyboard.type("n2p")
    expect(note).to_have_value("n2p")
    visit.settled()
    expect(title).to_have_text(first)


@pytest.mark.parametrize("lang", ["en"], indirect=True)
def test_every_page_of_the_demo_shop_draws_without_a_trace_of_an_error(visit, ws):
    shop = open_demo_shop(ws).id
    for name in ("", "checklist", "pickup", "couriers", "service", "results", "history", "report", "data"):
        visit.open(name, shop=shop)
        expect(visit.page.locator('[data-testid="stException"], .vega-error')).to_have_count(0)
        expect(visit.page.locator("html")).to_have_attribute("lang", "en")
