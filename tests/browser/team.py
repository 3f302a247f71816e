"""The tool in team mode, a real identity provider beside it, and people who log in, each with a browser of their own."""

import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.started import IDLE, ROOT, WAIT_MS, free_port, wait_for

PROVIDER = ROOT / ".venv" / "oidc"
CLIENT, SECRET = "pdd-audit", "made-up-for-a-test-51f0"
CODE = re.compile(r"[A-Z2-9]{5}(?:-[A-Z2-9]{5}){3}")
FIRST = "An Na"  # the first who ever comes


@dataclass(frozen=True)
class Server:
    url: str
    home: Path
    setup_code: str


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Provider and tool. Without Node the test skips, or fails where PDD_AUDIT_BROWSER_TESTS=required."""
    node = shutil.which("node")
    if node is None or not (PROVIDER / "node_modules" / "oidc-provider").is_dir():
        reason = "no identity provider to log in with; bash scripts/ensure_provider.sh says how to get one"
        if os.environ.get("PDD_AUDIT_BROWSER_TESTS") == "required":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    told, home, ports = folder / "told.txt", folder / "home", (free_port(), free_port())
    url, issuer = (f"http://127.0.0.1:{port}" for port in ports)
    provider = subprocess.Popen(
        [node, str(Path(__file__).parent / "provider.mjs"), str(PROVIDER), str(ports[1]), url, CLIENT, SECRET],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    tool = None
    try:
        wait_for(f"{issuer}/.well-known/openid-configuration", provider)
        settings = {
            "PDD_AUDIT_HOME": str(home), "PDD_AUDIT_PUBLIC_URL": url, "PDD_AUDIT_OIDC_ISSUER": issuer,
            "PDD_AUDIT_OIDC_CLIENT_ID": CLIENT, "PDD_AUDIT_OIDC_CLIENT_SECRET": SECRET,
        }
        with told.open("wb") as out:
            command = [sys.executable, "-m", "pdd_audit", "serve", "--port", str(ports[0])]
            tool = subprocess.Popen(command, cwd=ROOT, env=os.environ | settings, stdout=out, stderr=out)
        wait_for(f"{url}/_stcore/health", tool)
        yield Server(url, home, CODE.search(told.read_text("utf-8"))[0])
        assert SECRET not in told.read_text("utf-8")
    finally:
        for process in (tool, provider):
            if process is not None:
                process.terminate()
                process.wait(timeout=20)


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, browser, server: Server, name: str) -> None:
        self.name, self.server = name, server
        self.context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
        self.context.set_default_timeout(WAIT_MS)
        self.context.route(lambda url: "//127.0.0.1:" not in url, lambda route: route.abort())  # the provider's fonts lie outside
        self.page = self.context.new_page()
        self.frames: list[bytes] = []
        self.page.on("websocket", lambda one: one.on("framereceived", self._keep))

    def _keep(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            self.frames.append(frame)

    def set_up(self) -> None:
        """The first of all shows the code that the console has printed."""
        self.page.goto(self.server.url)
        assert self.page.url == f"{self.server.url}/setup", "before there is an owner everything leads here"
        self.page.get_by_label("Setup code").fill(self.server.setup_code)
        self.page.get_by_role("button").click()
        self.log_in()

    def come(self) -> None:
        """By the login page."""
        self.page.goto(f"{self.server.url}/?lang=en")
        self.page.get_by_role("button").click()
        self.log_in()

    def log_in(self) -> None:
        self.page.locator('input[name="login"]').fill(self.name)
        self.page.locator('input[name="password"]').fill("anything")
        self.page.locator('button[type="submit"]').click()
        self.page.locator('button[type="submit"]', has_text="Continue").click()  # the provider asks whether the tool may know the name
        self.settled()
        self.page.get_by_role("button", name=self.name).wait_for()  # who is logged in stands on the page

    def settled(self) -> None:
        self.page.wait_for_url(f"{self.server.url}/**")
        self.page.locator(IDLE).wait_for()

    def keyed(self, key: str, inside: str = ""):
        """The element that Streamlit marks with the key of its widget or container."""
        return self.page.locator(f".st-key-{key} {inside}".strip())

    @property
    def cookie(self) -> str:
        return "; ".join(f"{one['name']}={one['value']}" for one in self.context.cookies(self.server.url))

    @property
    def session(self) -> str:
        """The id of the Streamlit session on screen."""
        return next(filter(None, (session_in(frame) for frame in reversed(self.frames))))

    def status(self, path: str) -> int:
        request = urllib.request.Request(self.server.url + path, headers={"Cookie": self.cookie})
        try:
            with urllib.request.build_opener(Stay).open(request, timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            return refusal.code


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows nothing."""

    def redirect_request(self, *_):
        return None


def session_in(frame: bytes) -> str:
    message = ForwardMsg()
    message.ParseFromString(frame)
    return message.new_session.initialize.session_id
