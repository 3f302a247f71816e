"""One app process and one browser for all journeys; a shop and a window of its own for each test."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pdd_audit.services.demo_shop import write_demo_files
from pdd_audit.services.shops import DEMO_AS_OF, create_shop
from pdd_audit.services.workspace import Workspace, open_workspace
from pdd_audit.texts import Lang, Words

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90
WAIT_MS = 45_000  # a busy machine of two cores
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("browser") / "home"


@pytest.fixture(scope="session")
def address(home: Path, chromium_path: str) -> Iterator[str]:
    """The app in a process of its own; without a browser it is not started."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PDD_AUDIT_HOME": str(home)}, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
                break
            except OSError:
                assert server.poll() is None, "the app ended by itself"
                assert time.monotonic() < deadline, f"the app did not answer within {START_SECONDS} s"
                time.sleep(0.1)  # there is nothing to wait on before it listens
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(scope="session")
def ws(home: Path, address: str) -> Workspace:
    """The installation that the app serves, opened beside it."""
    return open_workspace(home)


@pytest.fixture(scope="session")
def demo_files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_demo_files(tmp_path_factory.mktemp("files"), DEMO_AS_OF)


@pytest.fixture(scope="session")
def browser(chromium_path: str):
    playwright = pytest.importorskip("playwright.sync_api")
    playwright.expect.set_options(timeout=WAIT_MS)
    with playwright.sync_playwright() as engine:
        chromium = engine.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, address: str):
    """A window that remembers nothing; whatever it asked of anybody but the app fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, accept_downloads=True)
    context.set_default_timeout(WAIT_MS)
    window = context.new_page()
    outside: list[str] = []
    inside = re.compile(rf"({re.escape(address)}|{re.escape(address.replace('http', 'ws', 1))})(/|$)|data:|blob:")

    def note(request) -> None:
        if not inside.match(request.url):
            outside.append(request.url)

    window.on("request", note)
    window.on("websocket", note)
    yield window
    context.close()
    assert outside == []


@dataclass(frozen=True)
class Visit:
    """A window at one shop in one language, and the few moves that every journey makes."""

    page: object
    address: str
    shop: str
    lang: Lang

    @property
    def words(self) -> Words:
        return Words(self.lang)

    def open(self, name: str = "", shop: str | None = None, **more: str) -> None:
        query = "".join(f"&{key}={value}" for key, value in more.items())
        self.page.goto(f"{self.address}/{name}?lang={self.lang}&shop={shop or self.shop}{query}")
        self.settled()

    def settled(self) -> None:
        """The script has run and nothing is drawn any more."""
        self.page.locator(IDLE).wait_for()

    def keyed(self, key: str, inside: str = ""):
        """The element that Streamlit marks with the key of its widget or container."""
        return self.page.locator(f".st-key-{key} {inside}".strip())

    def turn_to(self, name: str) -> None:
        """Through the navigation, as people do."""
        self._link_to(self.words(f"app.pages.{name}")).click()
        self.page.wait_for_url(re.compile(rf"/{'' if name == 'home' else name}\?"))
        self.settled()

    def _link_to(self, title: str):
        """The entry of the menu with this name; its section is opened where it has one."""
        exact = re.compile(rf"{re.escape(title)}$")  # the name of its icon stands before it
        direct = self.page.get_by_test_id("stTopNavLink").filter(has_text=exact)
        if direct.count():
            return direct
        for section in self.page.get_by_test_id("stTopNavSection").all():
            section.click()
            self.page.get_by_test_id("stTopNavPopoverBody").last.wait_for()
            link = self.page.get_by_test_id("stTopNavDropdownLink").filter(has_text=exact)
            if link.count():
                return link
            self.page.keyboard.press("Escape")
        raise AssertionError(f"the menu has no page {title}")

    def drop(self, *files: Path | dict) -> None:
        self.page.locator('input[type="file"]').set_input_files(list(files))


@pytest.fixture(params=["zh", "en"])
def lang(request) -> Lang:
    return request.param


@pytest.fixture
def visit(page, address: str, ws: Workspace, lang: Lang) -> Visit:
    """A new, empty shop."""
    shop = create_shop(ws, f"Shop {uuid.uuid4().hex[:8]}")
    return Visit(page, address, shop.id, lang)
