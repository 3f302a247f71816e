"""Login, its way back, logout, and the first owner's setup: our own routes in front of the app."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from pdd_audit.core.errors import AuditError
from pdd_audit.core.team_settings import Settings
from pdd_audit.team import paths
from pdd_audit.team.attempts import KEPT, Attempts
from pdd_audit.team.cookies import read_cookie, set_cookie
from pdd_audit.team.doors import Doors, Guest
from pdd_audit.team.first_owner import FirstOwner
from pdd_audit.team.gate import ATTEMPT_COOKIE, LOGIN_COOKIE
from pdd_audit.team.pages import Form, Pages
from pdd_audit.team.provider import Identity, LoginRefusedError, Provider, ProviderDownError

MOST_FORM = 8_192  # bytes
Known = Callable[[Identity], str]  # somebody's id here, made at their first login; raises AuditError for whoever may not come in
_log = logging.getLogger("pdd_audit.team.login")


@dataclass(frozen=True)
class Entrance:
    """What the routes need. ``known``: may block."""

    settings: Settings
    doors: Doors
    pages: Pages
    provider: Provider
    attempts: Attempts
    first: FirstOwner
    known: Known

    def routes(self) -> list[Route]:
        return [
            Route(paths.LOGIN, self.enter, methods=["GET", "POST"]),
            Route(paths.CALLBACK, self.come_back, methods=["GET"]),
            Route(paths.LOGOUT, self.leave, methods=["GET", "POST"]),
            Route(paths.SETUP, self.set_up, methods=["GET", "POST"]),
        ]

    async def enter(self, request: Request) -> Response:
        """The login page; its button leads to the provider. Before there is an owner nobody gets that far without the setup code."""
        if await self._first_wanted():
            return RedirectResponse(paths.SETUP, 303)
        if request.method == "POST":
            return await self._begin(request, (await form_of(request)).get("return_to", ""))
        wanted = paths.way_back(request.query_params.get("return_to", "/"), self.pages.names)
        if guest_of(request) is not None:
            return RedirectResponse(wanted, 303)
        return self.pages.show(request.scope, "enter", form=Form(paths.LOGIN, {"return_to": wanted}))

    async def set_up(self, request: Request) -> Response:
        """The first owner shows the code from the console, then logs in. Not there any more once somebody has."""
        if not await self._first_wanted():
            return PlainTextResponse("404\n", 404)
        wrong = None
        if request.method == "POST":
            if self.first.opens((await form_of(request)).get("code", "")):
                return await self._begin(request, "/")
            wrong = "setup.locked" if self.first.locked() else "setup.wrong"
            _log.warning("setup refused")
        return self.pages.show(request.scope, "setup", 403 if wrong else 200, form=Form(paths.SETUP, asks="code", wrong=wrong))

    async def come_back(self, request: Request) -> Response:
        """From the provider, with a code that is worth something only to whoever began."""
        given = request.query_params
        attempt = self.attempts.take(given.get("state", ""), read_cookie(request.scope["headers"], self._cookie(ATTEMPT_COOKIE)))
        if attempt is None or "error" in given or given.get("iss", self.settings.issuer) != self.settings.issuer:
            return self._refused(request, "no attempt" if attempt is None else "the provider said no")
        try:
            identity = await self.provider.finish(given.get("code", ""), attempt)
        except ProviderDownError as trouble:
            return self._down(request, trouble)
        except LoginRefusedError as reason:
            return self._refused(request, str(reason))
        try:
            person = await run_in_threadpool(self.known, identity)
        except AuditError as refusal:
            _log.warning("login refused: %s", refusal.code)
            return self.pages.show(request.scope, "locked", 403)
        before = guest_of(request)
        if before is not None:
            await self.doors.leave(before.login)
        value = await self.doors.enter(person)
        _log.info("login of %s", person[:8])
        answer = RedirectResponse(attempt.return_to, 303)
        answer.headers.append("set-cookie", set_cookie(self._cookie(LOGIN_COOKIE), value, secure=self.settings.secure))
        answer.headers.append("set-cookie", set_cookie(self._cookie(ATTEMPT_COOKIE), "", secure=self.settings.secure, seconds=0))
        return answer

    async def leave(self, request: Request) -> Response:
        """Asked once more, since a link alone may come from anywhere; then the login, its sockets and the provider's own login end."""
        guest = guest_of(request)
        assert guest is not None, "the gate lets nobody else come here"
        if request.method == "GET":
            return self.pages.show(request.scope, "leave", form=Form(paths.LOGOUT, {"token": guest.token}))
        if not secrets.compare_digest((await form_of(request)).get("token", "").encode(), guest.token.encode()):
            return PlainTextResponse("403\n", 403)
        await self.doors.leave(guest.login)
        farewell = await self.provider.farewell(f"{self.settings.public_url}{paths.LOGIN}")
        answer = RedirectResponse(farewell or paths.LOGIN, 303)
        answer.headers.append("set-cookie", set_cookie(self._cookie(LOGIN_COOKIE), "", secure=self.settings.secure, seconds=0))
        return answer

    async def _begin(self, request: Request, return_to: str) -> Response:
        browser = read_cookie(request.scope["headers"], self._cookie(ATTEMPT_COOKIE)) or secrets.token_urlsafe(32)
        state, attempt = self.attempts.begin(browser, paths.way_back(return_to, self.pages.names))
        try:
            answer = RedirectResponse(await self.provider.begin(state, attempt), 303)
        except ProviderDownError as trouble:
            return self._down(request, trouble)
        cookie = set_cookie(self._cookie(ATTEMPT_COOKIE), browser, secure=self.settings.secure, seconds=int(KEPT.total_seconds()))
        answer.headers.append("set-cookie", cookie)
        return answer

    async def _first_wanted(self) -> bool:
        return await run_in_threadpool(lambda: self.first.wanted)

    def _refused(self, request: Request, reason: str) -> Response:
        _log.warning("login refused: %s", "".join(one if one.isprintable() else " " for one in reason)[:80])
        return self.pages.show(request.scope, "refused", 401, link=paths.LOGIN)

    def _down(self, request: Request, trouble: ProviderDownError) -> Response:
        _log.warning("the identity provider does not answer: %s", trouble)
        return self.pages.show(request.scope, "down", 503, link=paths.LOGIN)

    def _cookie(self, name: str) -> str:
        return self.settings.cookie(name)


def guest_of(request: Request) -> Guest | None:
    """Who the gate says is asking."""
    guest: Guest | None = request.state.guest
    return guest


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a small form; one that is too long has none."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_FORM:
            return {}
    try:
        return {name: values[0] for name, values in parse_qs(body.decode("ascii"), max_num_fields=10).items()}
    except ValueError:
        return {}
