"""Stands in front of everything: nobody is answered who has not logged in, and whoever is has a name that only the gate can give.

A refusal is the default: what is not known to be allowed is not passed on.
"""

import logging
from collections import deque
from time import monotonic
from urllib.parse import quote

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pdd_audit.core.team_settings import Settings
from pdd_audit.services.team_mode import IDENTITY, MARK, PREFIX, TOKEN, gate_mark
from pdd_audit.team import paths
from pdd_audit.team.cookies import read_cookie, without_cookie
from pdd_audit.team.doors import Doors, Guest
from pdd_audit.team.pages import Pages
from pdd_audit.team.sockets import MOST_EACH, Wire, refuse

LOGIN_COOKIE, ATTEMPT_COOKIE = "pdd_audit", "pdd_audit_attempt"
MOST_A_MINUTE = 1_200  # requests of one person: a page is about a hundred
SAFE = ("GET", "HEAD")
FRAMES = "frame-ancestors 'none'; object-src 'none'; base-uri 'self'"
Headers = list[tuple[bytes, bytes]]
_log = logging.getLogger("pdd_audit.team.access")


class Gate:
    """ASGI middleware around everything that answers, faults of the app included: it is the outermost."""

    def __init__(self, app: ASGIApp, settings: Settings, doors: Doors, pages: Pages) -> None:
        self._app = app
        self._settings = settings
        self._doors = doors
        self._pages = pages
        self._asked: dict[str, deque[float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        guest, status = None, 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": self._guarded(path, message.get("headers", []))}
            await send(message)

        try:
            guest = await self._guest(scope)
            refusal = self._refusal(scope, guest)
            if refusal is None:
                await self._app(self._named(scope, guest), receive, answer)
            else:
                await self._pages.refusal(scope, *refusal)(scope, receive, answer)
        except Exception:
            _log.exception("%s %s failed", method, _masked(path))
            if not status:  # a fault is an answer too, with the same headers and not a word of what it was
                await PlainTextResponse("500\n", 500)(scope, receive, answer)
        finally:
            _log.info("%s %s %s %s", method, _masked(path), status, guest.login.person[:8] if guest else "-")

    def _refusal(self, scope: Scope, guest: Guest | None) -> tuple[int, str] | None:
        """Why a request is not passed on, as status and where to go instead; None: it is."""
        path, method = scope["path"], scope["method"]
        if paths.twisted(path) or (path != paths.HEALTH and not self._named_right(scope)):
            return 400, ""
        if guest is None and path not in paths.OPEN:
            wanted = paths.login_for(path, scope.get("query_string", b"").decode("latin-1"))
            return (302, wanted) if path == "/" and method in SAFE else (401, wanted)
        if paths.closed(path, method):
            return 404, ""
        if method not in SAFE and not self._from_here(scope):
            return 403, ""
        return (429, "") if guest is not None and self._hurried(guest) else None

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        guest = await self._guest(scope)
        right = scope["path"] == paths.STREAM and self._named_right(scope) and self._from_here(scope)
        if guest is None or not right or self._doors.sockets.of(guest.login.person) >= MOST_EACH:
            _log.info("WEBSOCKET refused %s", guest.login.person[:8] if guest else "-")
            await refuse(scope, receive, send, self._guarded(scope["path"], []))
            return
        socket = self._doors.sockets.open(guest.login)
        wire = Wire(socket, receive, send)

        async def hear() -> Message:
            message = await wire.receive()
            if message["type"] == "websocket.receive":
                await self._doors.heard(guest.login)
            return message

        try:
            await self._app(self._named(scope, guest), hear, wire.send)
        finally:
            self._doors.sockets.close(socket)

    async def _guest(self, scope: Scope) -> Guest | None:
        return await self._doors.who(read_cookie(scope["headers"], self._settings.cookie(LOGIN_COOKIE)))

    def _named(self, scope: Scope, guest: Guest | None) -> Scope:
        """The request as those behind the gate see it: without our cookies, and with no word about who asks but ours."""
        headers: Headers = [(key, value) for key, value in scope["headers"] if not _speaks_of_people(key)]
        if not paths.own(scope["path"]):
            headers = without_cookie(headers, (self._settings.cookie(LOGIN_COOKIE), self._settings.cookie(ATTEMPT_COOKIE)))
        headers.append((MARK.lower().encode(), gate_mark().encode()))
        if guest is not None:
            headers += [(IDENTITY.lower().encode(), guest.login.person.encode()), (TOKEN.lower().encode(), guest.token.encode())]
        return {**scope, "headers": headers, "state": {**scope.get("state", {}), "guest": guest}}

    def _named_right(self, scope: Scope) -> bool:
        """Whether the browser asked for our name: exactly one Host, and it is ours."""
        return [host.decode("latin-1").lower() for host in _all(scope, b"host")] == [self._settings.host]

    def _from_here(self, scope: Scope) -> bool:
        """Whether a page of ours asks: exactly one Origin, and it is ours; none is not enough."""
        return [origin.decode("latin-1") for origin in _all(scope, b"origin")] == [self._settings.public_url]

    def _hurried(self, guest: Guest) -> bool:
        """Whether a person asks for more than people can look at."""
        at, asked = monotonic(), self._asked.setdefault(guest.login.person, deque())
        while asked and at - asked[0] > 60:
            asked.popleft()
        asked.append(at)
        return len(asked) > MOST_A_MINUTE

    def _guarded(self, path: str, headers: Headers) -> Headers:
        """The headers of an answer, with ours on it."""
        ours: dict[bytes, bytes] = {
            b"x-frame-options": b"DENY", b"content-security-policy": FRAMES.encode(), b"x-content-type-options": b"nosniff",
            b"referrer-policy": b"no-referrer",
        }
        if self._settings.secure:
            ours[b"strict-transport-security"] = b"max-age=31536000"
        if paths.own(path):
            ours[b"cache-control"] = b"no-store"
        stricter = dict(headers).get(b"content-security-policy") if paths.own(path) else None
        if stricter is not None:
            ours[b"content-security-policy"] = stricter
        return [*((key, value) for key, value in headers if key.lower() not in ours), *ours.items()]


def _all(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key.lower() == name]


def _speaks_of_people(key: bytes) -> bool:
    """Whether a header is one that only the gate may send, in whatever spelling."""
    return key.lower().replace(b"_", b"-").startswith(PREFIX.encode())


def _masked(path: str) -> str:
    """A path for the log, without the ids in it that open something."""
    parts = path.split("/")
    shown = 3 if parts[1:2] == ["_stcore"] or path in paths.OPEN else 2
    return quote("/".join(parts[:shown]), safe="/") + ("/..." if len(parts) > shown else "")
