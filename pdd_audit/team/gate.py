"""Stands in front of everything: nobody is answered who has not logged in, and whoever is has a name that only the gate can give.

A refusal is the default: what is not known to be allowed is not passed on.
"""

import logging
from ipaddress import IPv6Address, IPv6Network, ip_address
from urllib.parse import quote

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pdd_audit.core.team_settings import Settings
from pdd_audit.services.team_mode import IDENTITY, MARK, PREFIX, TOKEN, gate_mark
from pdd_audit.team import paths
from pdd_audit.team.cookies import read_cookie, without_cookie
from pdd_audit.team.doors import Doors, Guest
from pdd_audit.team.pace import Pace
from pdd_audit.team.pages import Pages
from pdd_audit.team.sockets import MOST_EACH, Wire, refuse

LOGIN_COOKIE, ATTEMPT_COOKIE = "pdd_audit", "pdd_audit_attempt"
MOST_A_MINUTE = 1_200  # requests of one person: a page is about a hundred
MOST_OF_STRANGERS = 600  # without a login, from one address: an office of 50 behind one address comes in with some 250 at nine o'clock
MOST_ENTRIES = 60  # times the login is begun, from one address: in its ten minutes they cannot push out what others have begun (Attempts)
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
        self._people, self._strangers, self._entries = Pace(MOST_A_MINUTE), Pace(MOST_OF_STRANGERS), Pace(MOST_ENTRIES)

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
        """Why a request is not passed on, as status and what else to say of it (see ``Pages.refusal``); None: it is."""
        path, method = scope["path"], scope["method"]
        wait = self._hurried(scope, guest)
        if wait:
            return 429, str(wait)
        if paths.twisted(path) or (path != paths.HEALTH and not self._named_right(scope)):
            return 400, ""
        if guest is None and path not in paths.OPEN:
            wanted = paths.login_for(path, scope.get("query_string", b"").decode("latin-1"))
            return (302, wanted) if path == "/" and method in SAFE else (401, wanted)
        if paths.closed(path, method):
            return 404, ""
        return (403, "") if method not in SAFE and not self._from_here(scope) else None

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

    def _hurried(self, scope: Scope, guest: Guest | None) -> int:
        """Seconds to wait for whoever asks for more than people can look at; 0: none. Strangers never slow down those who are in.

        The health check is not counted: it costs nothing, and a container whose check is refused is started again."""
        if guest is not None:
            return self._people.wait(guest.login.person)
        if scope["path"] == paths.HEALTH:
            return 0
        address = self._address(scope)
        enters = scope["method"] == "POST" and scope["path"] in (paths.LOGIN, paths.SETUP)
        return self._strangers.wait(address) or (self._entries.wait(address) if enters else 0)

    def _address(self, scope: Scope) -> str:
        """Who is counted as one stranger: whom the proxy names, where a header of its is configured, else whoever is connected. Of IPv6 a
        whole /64, which one household has to itself."""
        name = self._settings.client_header
        told = _all(scope, name.lower().encode()) if name else []
        peer = str((scope.get("client") or ("",))[0])
        given = told[0].decode("latin-1").strip() if len(told) == 1 else peer
        try:
            found = ip_address(given)
        except ValueError:
            return peer
        if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
            return str(IPv6Network((int(found), 64), strict=False))
        return str(getattr(found, "ipv4_mapped", None) or found)

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
