"""A day with trouble, in a real browser and in both languages: call the outlet, tell a buyer, appeal a fine and open the file it makes."""

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest

from pdd_audit.services.deeds import deeds
from pdd_audit.services.demo_bill import fined, write_demo_bill
from pdd_audit.services.demo_shop import DEMO_AS_OF, demo_orders, write_demo_files
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.incidents.appeals import cases, guide_of
from pdd_audit.services.incidents.tell_buyers import responses_of
from pdd_audit.texts.numbers import count

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = [pytest.mark.browser, pytest.mark.slow]

CODE, ALERT, COPIED = '[data-testid="stCode"]', '[data-testid="stAlert"]', "navigator.clipboard.readText()"
LABEL = {"name": "面单 13800000000 王某.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + b"\x00" * 64}
SEEDS = {"zh": 7, "en": 8}  # shops of their own: an order belongs to one shop of an installation
BUYER = ("13800000000", "王某")


def call_the_outlet(visit, ws):
    """Copy the message, note the call and the promise."""
    page, words = visit.page, visit.words
    visit.open("today")
    page.get_by_role("button", name=words("today.message.button")).first.click()
    message = page.locator(CODE).first
    message.hover()
    message.get_by_role("button").click()
    page.wait_for_function(f"{COPIED}.then(text => text.length > 20)")
    copied = page.evaluate(COPIED)
    page.keyboard.press("Escape")
    visit.keyed("today_by", "input").fill("小李")
    visit.keyed("today_by", "input").press("Enter")
    visit.settled()
    page.get_by_role("button", name=words("today.mark.called")).first.click()
    promise = page.get_by_role("button", name=words("today.mark.promised"))
    card = page.get_by_test_id("stVerticalBlock").filter(has_text="小李").filter(has=promise).last  # the innermost, wherever it moved to
    expect(card).to_be_visible()
    visit.settled()
    card.get_by_role("button", name=words("today.mark.promised")).click()
    page.get_by_role("button", name=words("today.mark.save")).click()
    expect(page.get_by_role("button", name=words("today.mark.undo"))).to_have_count(2)
    visit.settled()
    called, promised = deeds(ws, visit.shop)
    assert (called.kind, promised.kind) == ("called", "promised") and called.subjects == promised.subjects
    assert all(waybill in copied for waybill in called.subjects), "what was copied names every parcel that was called about"


def tell_a_buyer(visit, ws):
    """A forbidden word keeps the text from being sent, and the reason stands there; without it the buyer is told, once."""
    page, words = visit.page, visit.words
    visit.turn_to("messages")
    text = visit.keyed("text_refund_before_pickup_zh", "textarea")
    kept = text.input_value()
    expect(page.locator(CODE).first).to_be_visible()
    text.fill(kept + "加薇 信 详聊")
    text.press("Control+Enter")
    why = next(rule.why for rule in responses_of(ws).wording.rules if rule.id == "private_contact")
    expect(page.locator(ALERT).filter(has_text=words("messages.refused.title"))).to_contain_text(why.in_language(visit.lang))
    expect(visit.keyed("mark_told")).to_have_count(0)
    visit.settled()
    visit.keyed("reset_text_refund_before_pickup_zh", "button").click()
    expect(visit.keyed("mark_told", "button")).to_be_visible()
    visit.keyed("told_by", "input").fill("小李")
    visit.keyed("told_by", "input").press("Enter")
    visit.settled()
    visit.keyed("mark_told", "button").click()
    told = page.locator(ALERT).filter(has_text=re.compile(re.escape(words("messages.marked", n="@")).replace("@", r"\d+")))
    expect(told).to_be_visible()
    (deed,) = deeds(ws, visit.shop, ["told"])
    assert deed.what["situation"] == "refund_before_pickup" and deed.by == "小李"


def appeal(visit, ws, order):
    """Open the case, read the four steps, add the label, build the file; its bytes."""
    page, words = visit.page, visit.words
    visit.turn_to("appeals")
    visit.keyed("appeal_by", "input").fill("小李")
    visit.keyed("appeal_by", "input").press("Enter")
    visit.settled()
    visit.keyed("appeal_opened", "button").click()
    expect(page.locator('[class*="st-key-case_"]').first).to_contain_text(order)
    visit.settled()
    (case,) = cases(ws, visit.shop)
    assert case.orders == (order,)
    page.get_by_role("button", name=words("appeals.path")).click()
    steps = page.get_by_test_id("stPopoverBody")
    for step in guide_of(ws).steps:
        expect(steps).to_contain_text(step.name.in_language(visit.lang))
    page.keyboard.press("Escape")
    page.get_by_role("button", name=words("appeals.add")).click()
    page.locator(f'[class*="st-key-upload_{case.id}"] input[type="file"]').set_input_files(LABEL)
    dated = visit.keyed(f"dated_{case.id}", "input")
    dated.fill("2026-11-12")
    dated.press("Enter")
    visit.keyed(f"add_{case.id}_by", "input").click()  # the calendar lies over the button until something else has the focus
    visit.settled()
    visit.keyed(f"keep_{case.id}", "button").click()
    expect(page.locator('[class*="st-key-case_"]').first).to_contain_text("2026-11-12")
    page.keyboard.press("Escape")
    visit.settled()
    visit.keyed(f"build_{case.id}", "button").click()
    expect(page.locator(ALERT).filter(has_text=words("appeals.built", n=count(1), files=count(1)))).to_be_visible()
    visit.settled()
    with page.expect_download() as download:
        visit.keyed(f"zip_{case.id}", "button").click()
    return Path(download.value.path()).read_bytes()


def everything_in(pack):
    """Name -> bytes, what lies in the Word letter included."""
    with zipfile.ZipFile(io.BytesIO(pack)) as opened:
        found = {name: opened.read(name) for name in opened.namelist()}
    with zipfile.ZipFile(io.BytesIO(found["letter.docx"])) as letter:
        return found | {f"letter.docx/{name}": letter.read(name) for name in letter.namelist()}


def test_a_day_with_trouble_from_the_call_to_the_appeal_file(visit, ws, tmp_path):
    seed = SEEDS[visit.lang]
    files = [*write_demo_files(tmp_path, DEMO_AS_OF, seed)[:2], write_demo_bill(tmp_path, DEMO_AS_OF, seed)]
    assert [outcome.error for outcome in import_files(ws, visit.shop, [Upload(file.name, file) for file in files])] == [None, None, None]
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    call_the_outlet(visit, ws)
    tell_a_buyer(visit, ws)
    order = fined(demo_orders(DEMO_AS_OF, seed), DEMO_AS_OF).in_time
    inside = everything_in(appeal(visit, ws, order.number))
    index = list(csv.reader(io.StringIO(inside["index.csv"].decode("utf-8-sig"))))
    assert {row[0] for row in index[1:]} == {name for name in inside if name != "index.csv" and not name.startswith("letter.docx/")}
    assert order.number in inside["facts.csv"].decode("utf-8-sig") and order.number in inside["letter.docx/word/document.xml"].decode()
    assert not [(name, word) for name, data in inside.items() for word in (*BUYER, order.receiver) if word in name or word.encode() in data]
