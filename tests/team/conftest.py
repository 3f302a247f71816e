"""The gate and the login in front of a stand-in for the app that tells what reached it; a provider that the test holds in its hand."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from pdd_audit.core.team_settings import Settings
from pdd_audit.services.files_in import FilesIn, may_send
from pdd_audit.services.files_out import FilesOut
from pdd_audit.services.logins import log_in, nobody_yet
from pdd_audit.services.people import person_of
from pdd_audit.services.workspace import Workspace, open_workspace
from pdd_audit.team.attempts import Attempts
from pdd_audit.team.doors import Doors
from pdd_audit.team.first_owner import FirstOwner
from pdd_audit.team.gate import LOGIN_COOKIE, Gate
from pdd_audit.team.pages import Pages
from pdd_audit.team.provider import Provider
from pdd_audit.team.routes import Entrance
from pdd_audit.team.transfers import Transfers

URL = "https://audit.example.com"
ISSUER = "https://id.example.com"
SETTINGS = Settings(URL, ISSUER, "pdd-audit", "kf83-Qz71-mm20-Wa95")
COOKIE = SETTINGS.cookie(LOGIN_COOKIE)
KEY, STRANGER = (ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"}) for kid in ("one", "two"))


class Clock:
    """Goes only when told."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 9)

    def __call__(self) -> datetime:
        return self.at

    def later(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class FakeProvider:
    """What the provider says. ``claims``: over those of a good token; None takes one away. ``raw``: instead of any token."""

    claims: dict = field(default_factory=dict)
    key: ECKey = field(default_factory=lambda: KEY)
    raw: str | None = None
    down: bool = False
    metadata: dict = field(default_factory=dict)
    token_answer: httpx.Response | None = None
    asked: list[dict] = field(default_factory=list)
    nonce: str = ""

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("nobody there")
        if request.url.path.endswith("/openid-configuration"):
            return httpx.Response(200, json={
                "issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/auth", "token_endpoint": f"{ISSUER}/token", "jwks_uri": f"{ISSUER}/keys",
                "end_session_endpoint": f"{ISSUER}/end", "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
            } | self.metadata)
        if request.url.path == "/keys":
            return httpx.Response(200, json={"keys": [KEY.as_dict(private=False)]})
        self.asked.append({name: values[0] for name, values in parse_qs(request.content.decode()).items()})
        if self.token_answer is not None:
            return self.token_answer
        return httpx.Response(200, json={"access_token": "a", "token_type": "Bearer", "id_token": self.raw or self.token()})

    def token(self) -> str:
        now = int(time.time())
        good = {"iss": ISSUER, "sub": "1", "aud": "pdd-audit", "exp": now + 300, "iat": now, "nonce": self.nonce, "name": "Li Na"}
        told = {name: value for name, value in (good | self.claims).items() if value is not None}
        return jwt.encode({"alg": "ES256", "kid": KEY.kid}, told, self.key)


@dataclass
class House:
    """A server of team mode without its app. ``client``: keeps no cookies between requests."""

    ws: Workspace
    clock: Clock
    doors: Doors
    first: FirstOwner
    provider: FakeProvider
    gate: Gate
    client: TestClient
    out: FilesOut
    into: FilesIn

    def person(self, name: str) -> str:
        return person_of(self.ws, ISSUER, f"of {name}", name, None).id

    def inside(self, name: str = "Li Na") -> dict[str, str]:
        """Headers of a browser in which somebody is logged in."""
        return {"cookie": f"{COOKIE}={log_in(self.ws, self.person(name), self.clock())}"}

    def begin(self, path: str = "/login", **form: str) -> httpx.Response:
        """Press the button of the login page: off to the provider."""
        away = self.client.post(path, data=form, headers={"origin": URL})
        if away.status_code == 303:
            self.provider.nonce = parse_qs(urlsplit(away.headers["location"]).query)["nonce"][0]
        return away

    def come_back(self, away: httpx.Response, **changed: str) -> httpx.Response:
        """The provider sends the browser back, with its cookies."""
        state = parse_qs(urlsplit(away.headers["location"]).query)["state"][0]
        cookie = away.headers["set-cookie"].partition(";")[0]
        return self.client.get("/oidc/callback", params={"state": state, "code": "c"} | changed, headers={"cookie": cookie})


async def tell(request: Request) -> JSONResponse:
    return JSONResponse({"path": request.url.path, "headers": [[key.decode(), value.decode()] for key, value in request.headers.raw]})


async def fall(_request: Request) -> JSONResponse:
    raise RuntimeError("13800138000")


async def stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_json(dict(socket.headers))
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        pass


def make_house(home: Path) -> House:
    ws, clock, provider = open_workspace(home), Clock(), FakeProvider()
    doors, first, pages = Doors(ws, clock, fresh_seconds=0), FirstOwner(lambda: nobody_yet(ws), clock), Pages(frozenset({"home", "checklist"}))
    entrance = Entrance(
        SETTINGS, doors, pages, Provider(SETTINGS, httpx.MockTransport(provider.answer)), Attempts(clock), first,
        known=lambda who: person_of(ws, who.issuer, who.subject, who.name, who.email).id,
    )
    out, into = FilesOut(), FilesIn(lambda: clock().timestamp())
    app = Starlette(routes=[
        *entrance.routes(), *Transfers(pages, out, into, lambda person, wanted: may_send(ws, person, wanted)).routes(), WebSocketRoute("/_stcore/stream", stream), Route("/_stcore/fall", fall),
        Route("/{rest:path}", tell, methods=["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]),
    ])
    gate = Gate(app, SETTINGS, doors, pages)
    client = TestClient(gate, base_url=URL, follow_redirects=False, raise_server_exceptions=False)
    client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return House(ws, clock, doors, first, provider, gate, client, out, into)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = make_house(tmp_path_factory.mktemp("team") / "home")
    house.person("Li Na")
    yield house
    house.ws.state.close()


@pytest.fixture
def house(built: House) -> House:
    """The same house for every test of a module; each test lets its own people in and has a provider that has said nothing yet."""
    built.provider.__init__()
    built.gate.__init__(built.gate._app, SETTINGS, built.doors, built.gate._pages)  # nobody has asked for anything yet
    return built
