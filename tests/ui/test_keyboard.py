"""In a real browser: keys answer questions without stealing letters, and the page asks nobody outside for anything."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def address(demo_home: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PDD_AUDIT_HOME": str(demo_home)}, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.25)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture
def page(chromium_path):
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 1440, "height": 1000})
        browser.close()


def question_after(page, action, before):
    action()
    page.wait_for_function("before => document.querySelector('h2')?.innerText !== before", arg=before, timeout=20000)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=20000)
    return page.locator("h2").first.inner_text()


def test_keys_move_and_answer_and_never_steal_from_a_text_field(address, page):
    outside = []
    page.on("request", lambda request: outside.append(request.url) if not request.url.startswith((address, "data:", "blob:")) else None)
    page.goto(f"{address}/checklist?lang=zh")
    page.wait_for_selector(".st-key-question_card input[type=radio]", timeout=60000)
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    first = page.locator("h2").first.inner_text()
    radio = page.locator(".st-key-question_card input[type=radio]")
    page.locator("h2").first.click()
    page.keyboard.press("2")
    page.get_by_text("已保存").wait_for(timeout=20000)
    assert radio.nth(1).is_checked()
    radio.nth(1).focus()
    second = question_after(page, lambda: page.keyboard.press("n"), first)
    assert question_after(page, lambda: page.keyboard.press("p"), second) == first
    expect = pytest.importorskip("playwright.sync_api").expect
    proof = page.locator("textarea").first
    expect(proof).to_be_enabled(timeout=20000)
    page.wait_for_load_state("networkidle")  # a field that is still being drawn drops the first letters
    proof.click()
    expect(proof).to_be_focused()
    page.keyboard.type("n2p", delay=60)
    expect(proof).to_have_value("n2p")
    assert page.locator("h2").first.inner_text() == first
    for name in ("", "metrics", "results", "data"):
        page.goto(f"{address}/{name}?lang=en")
        page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60000)
    assert page.evaluate("document.documentElement.lang") == "en"
    assert outside == []
