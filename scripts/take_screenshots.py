"""Takes the README's two pictures from the running app: the demo shop's home page in Chinese and in English.

``python scripts/take_screenshots.py [--out docs/images]``. Needs Chromium; starts the app on a free port with an empty home.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
VIEW = {"width": 1440, "height": 900}


@contextmanager
def running_app(home: str) -> Iterator[str]:
    """The address of the app, started with an empty home and stopped afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.headless", "true"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PDD_AUDIT_HOME": home}, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/_stcore/health")
        yield address
    finally:
        process.terminate()
        process.wait(10)


def wait_for(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urlopen(url, timeout=2):
                return
        except (URLError, ConnectionError):
            time.sleep(0.3)
    sys.exit(f"the app did not answer within {START_SECONDS} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    browser_path = next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None)
    flags = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium refuses to sandbox for root
    with tempfile.TemporaryDirectory() as home, running_app(home) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path, args=flags)
        page = browser.new_page(viewport=VIEW)
        page.goto(f"{address}/?lang=zh")
        page.locator(".st-key-open_demo button").click()
        page.wait_for_selector(".st-key-open_demo", state="detached", timeout=120_000)
        shop = page.url.partition("shop=")[2].partition("&")[0]
        for lang in ("zh", "en"):
            page.goto(f"{address}/?lang={lang}&shop={shop}")
            page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000)
            page.wait_for_timeout(1500)  # charts draw after the script has ended
            page.screenshot(path=folder / f"home-{lang}.png")
        browser.close()


if __name__ == "__main__":
    main()
