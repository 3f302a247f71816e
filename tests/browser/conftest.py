"""One app process and one browser for all journeys; a shop and a window of its own for each test."""

import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pdd_audit.services.demo_shop import DEMO_SEED, write_demo_files
from pdd_audit.services.shops import DEMO_AS_OF, create_shop
from pdd_audit.services.workspace import Workspace, open_workspace
from pdd_audit.texts import LANGS, Lang, Words
from tests.browser.started import IDLE, ROOT, WAIT_MS, free_port, wait_for
from tests.browser.team import FIRST, Person, Server, serving

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("browser") / "home"


@pytest.fixture(scope="session")
def address(home: Path, chromium_path: str) -> Iterator[str]:
    """The app in a process of its own; without a browser it is not started."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PDD_AUDIT_HOME": str(home)}, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/_stcore/health", server)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(scope="session")
def team(browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The tool in team mode, one for all tests of it; its first owner has come and gone again."""
    with serving(tmp_path_factory.mktemp("team")) as server:
        first = Person(browser, server, FIRST)
        first.set_up()
        first.context.close()
        yield server


@pytest.fixture(scope="session")
def ws(home: Path, address: str) -> Workspace:
    """The installation that the app serves, opened beside it."""
    return open_workspace(home)


@pytest.fixture
def demo_files(lang: Lang, tmp_path: Path) -> list[Path]:
    """Other orders in each language: an order belongs to one shop."""
    return write_demo_files(tmp_path, DEMO_AS_OF, seed=DEMO_SEED + LANGS.index(lang))


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
