"""The first journey, in a real browser and in both languages: the demo shop, one's own files, a broken file, the other language."""

import re
from pathlib import Path

import pytest

from pdd_audit.services.answers import load_answers
from pdd_audit.services.import_files import Upload, import_files, list_imports
from pdd_audit.services.quick_path import walk
from pdd_audit.services.run_audit import run_audit
from pdd_audit.texts.numbers import count
from pdd_audit.ui.plain import JOINER
from tests.browser.started import WAIT_MS

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCORE = '[data-testid="stMetricValue"]'
ALERT = '[data-testid="stAlert"]'
LOGIN_PAGE = b"<html><head><title>login</title></head><body><table><tr><td>1</td></tr></table></body></html>"
DOUYIN = "主订单编号,子订单编号,选购商品,订单提交时间,达人昵称\n1,1,杯子,2026-10-01 10:00:00,某人\n".encode("gb18030")
BROKEN = {
    "html_page": {"name": "orders_export.xls", "mimeType": "application/vnd.ms-excel", "buffer": LOGIN_PAGE},
    "wrong_platform": {"name": "订单_2026.csv", "mimeType": "text/csv", "buffer": DOUYIN},
    "empty_file": {"name": "empty.csv", "mimeType": "text/csv", "buffer": b""},
}


def test_the_demo_shop_in_one_click_then_the_rows_then_the_report(visit):
    page, words = visit.page, visit.words
    visit.open()
    expect(page.get_by_role("heading", level=1)).to_have_text(words("home.promise"))
    page.get_by_role("button", name=words("home.open_demo")).click()
    score = page.locator(SCORE).first
    expect(score).to_have_text(re.compile(r"^\d+$"), timeout=90_000)
    visit.settled()
    behind = page.locator('[class*="st-key-rows_"] button')
    expect(behind).to_have_count(3)
    expect(page.locator('[class*="st-key-step_"] button')).to_have_count(3)
    shown = score.inner_text()

    link = behind.first
    total = re.search(r"[\d,]+", link.inner_text()).group()
    link.click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_test_id("stDataFrame")).to_be_visible()
    expect(drawer).to_contain_text(total)  # the caption "500 of 4,595 rows", or
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()

    visit.turn_to("report")
    with page.expect_download() as download:
        visit.keyed("download_report", "button").click()
    report = Path(download.value.path()).read_text("utf-8")
    assert re.search(rf'class="value[^"]*">\s*{shown}\s*<', report), "the report shows the score of the screen"
    assert f'lang="{"zh-CN" if visit.lang == "zh" else "en"}"' in report


def as_shown(text: str) -> re.Pattern[str]:
    """``text`` with or without the joiner that keeps a colon from becoming an emoji."""
    return re.compile(f"^{re.escape(text).replace(':', f':{JOINER}?')}$")


def turn_the_page(visit, card, asked):
    """Press "next" as a person does: once the page has settled, and again if the press fell into a redraw and nothing happened."""
    for _ in range(3):
        visit.settled()
        visit.keyed("next", "button").click()
        try:
            expect(card.get_by_role("heading", level=2)).not_to_have_text(asked, timeout=8_000)
            return
        except AssertionError:
            continue


def tick_the_first(visit, card):
    """Tick as a person does: once the page has settled, and again if the press fell into a redraw and nothing is ticked."""
    saved = re.compile(visit.words("checklist.saved", time="@").replace("@", r"\d\d:\d\d"))
    for patience in (12_000, 12_000, WAIT_MS):
        visit.settled()
        if not card.locator("input:checked").count():
            card.locator("label:has(input[type=radio], input[type=checkbox])").first.click()
        try:
            expect(card).to_contain_text(saved, timeout=patience)
            return
        except AssertionError:
            if patience == WAIT_MS:
                raise


def test_own_files_then_one_practice_answered_and_never_saved_by_hand(visit, ws, demo_files):
    page, words = visit.page, visit.words
    visit.open()
    visit.drop(*demo_files)
    page.wait_for_url(re.compile("/data"), timeout=90_000)
    expect(page.get_by_role("heading", level=1)).to_have_text(words("data.title", n=3))
    visit.settled()
    for report in list_imports(ws, visit.shop):
        out = report.rows_read - report.rows_kept
        assert sum(report.left_out.values()) == out
        card = visit.keyed(f"file_{report.sha256[:16]}")
        expect(card).to_contain_text(words("data.rows", read=count(report.rows_read), kept=count(report.rows_kept), out=count(out)))
        expect(card).to_contain_text(words(f"data.kinds.{report.kind}.name"))

    visit.turn_to("home")
    before = page.get_by_test_id("stMain").inner_text()
    visit.open("checklist", scope="quick")
    order = walk(run_audit(ws, visit.shop, scope="quick")).order
    quick, every = [ws.checklists.question(id) for id in order[:4]], len(order)
    card = visit.keyed("question_card")
    for place, question in enumerate(quick, start=1):
        expect(card.get_by_role("heading", level=2)).to_have_text(as_shown(question.ask.in_language(visit.lang)))
        tick_the_first(visit, card)
        assert len(load_answers(ws, visit.shop)) == place
        if place < len(quick):
            turn_the_page(visit, card, question.ask.in_language(visit.lang))

    page.reload()
    visit.settled()
    progress = page.get_by_test_id("stProgress")
    expect(progress).to_contain_text(re.compile(rf"{len(quick)}\D+{every}\b"))  # the length of the check survives as well
    visit.turn_to("home")
    expect(page.locator(SCORE).first).to_have_text(re.compile(r"\d"))
    after = page.get_by_test_id("stMain").inner_text()
    assert after != before


@pytest.mark.parametrize("lang", ["zh", "en"], indirect=True)
def test_a_broken_file_gets_one_clear_message_and_takes_nothing_away(visit, ws, demo_files):
    page, words = visit.page, visit.words
    kept = min(demo_files, key=lambda file: file.stat().st_size)
    assert import_files(ws, visit.shop, [Upload(kept.name, kept.read_bytes())])[0].error is None
    visit.open("data")
    for code, file in BROKEN.items():
        visit.drop(file)
        alert = page.locator(ALERT).filter(has_text=file["name"])
        expect(alert).to_have_count(1)
        visit.settled()
        expect(page.locator(ALERT)).to_have_count(1)
        title = words(f"errors.{code}.title", title_zh="抖音订单", title_en="Douyin order export")
        expect(alert).to_contain_text(title.replace(":", f":{JOINER}"))  # foreign text is shown with its colons disarmed
        expect(alert).to_contain_text(words("data.still_there").strip())
        expect(page.get_by_role("heading", level=1)).to_have_text(words("data.title_refused", n=1, refused=1))
        expect(visit.keyed(f"file_{list_imports(ws, visit.shop)[0].sha256[:16]}")).to_be_visible()
        expect(page.get_by_test_id("stException")).to_have_count(0)
    assert len(list_imports(ws, visit.shop)) == 1


@pytest.mark.parametrize("lang", ["zh"], indirect=True)
def test_the_other_language_keeps_page_and_shop(visit, ws):
    page = visit.page
    visit.open("data")
    title = page.get_by_role("heading", level=1)
    for label, lang, code in (("EN", "en", "en"), ("中文", "zh", "zh-CN")):
        visit.keyed("language").get_by_text(label, exact=True).click()
        expect(page).to_have_url(re.compile(rf"/data\?lang={lang}&shop={visit.shop}$"))
        expect(title).to_have_text(type(visit.words)(lang)("data.title_empty"))
        expect(page.locator("html")).to_have_attribute("lang", code)
