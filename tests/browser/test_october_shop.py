"""Files with real timings dropped into the browser: the figures on screen are those that were worked out independently."""

import json
import re

import pytest

from pdd_audit.texts.numbers import count, percent, percent_range

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.shared]


@pytest.mark.parametrize("lang", ["zh"])
def test_the_screen_shows_what_the_files_say(visit, shared_data):
    folder = shared_data / "october_shop"
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    page, words = visit.page, visit.words
    visit.open()
    visit.drop(next(folder.glob("*orders_export*.csv")), folder / "courier_first_pickup.csv")
    page.wait_for_url(re.compile("/data"), timeout=90_000)
    expect(page.get_by_role("heading", level=1)).to_have_text(words("data.title", n=2), timeout=90_000)
    visit.settled()
    visit.turn_to("pickup")
    tiles = page.get_by_test_id("stMetricValue")
    expect(tiles.nth(0)).to_have_text(percent(expected["mature_ratio"]))
    expect(tiles.nth(1)).to_have_text(count(expected["open_over_limit"]))
    late = expected["mature"] - round(expected["mature_ratio"] * expected["mature"])
    figures = [count(expected["mature"]), count(late), percent(1 - expected["mature_ratio"]), count(expected["open_at_risk"])]
    for method in ("mature", "survival"):
        figures += [percent(expected[f"{method}_ratio"]), percent_range(expected[f"{method}_low"], expected[f"{method}_high"])]
    for figure in figures:  # waited for one by one: the pictures and the methods come after the tiles
        expect(page.get_by_test_id("stMain")).to_contain_text(re.compile(rf"(?<!\d){re.escape(figure)}"))
    for flattering in ("naive_collected", "naive_all"):
        expect(page.locator("del", has_text=percent(expected[flattering])).first).to_be_visible()
