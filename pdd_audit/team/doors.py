"""Who is at the door: the cookie of a request looked up among the logins, and the sockets that end with them.

Lookups are remembered for two seconds, since a page asks for a hundred files at once; what ends here is forgotten at once, what
ends elsewhere (another process disables a person) within those seconds.
"""

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from starlette.concurrency import run_in_threadpool

from pdd_audit.services.logins import SEEN_EVERY, Login, log_in, log_out, login_of, still_in, sweep_logins, used
from pdd_audit.services.workspace import Workspace
from pdd_audit.team.sockets import Sockets

FRESH_SECONDS = 2.0
LOOK_SECONDS = 2.0  # a socket of somebody disabled closes within five
SWEEP_EVERY = 900  # looks
MOST_REMEMBERED = 10_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Guest:
    """Somebody logged in. ``token``: what their pages must send back with whatever changes something (CSRF)."""

    login: Login
    token: str


class Doors:
    """Of one server process; used from its event loop. ``clock``: now."""

    def __init__(self, ws: Workspace, clock: Callable[[], datetime], fresh_seconds: float = FRESH_SECONDS) -> None:
        self.sockets = Sockets()
        self._ws = ws
        self._clock = clock
        self._fresh = fresh_seconds
        self._remembered: dict[str, tuple[float, Login]] = {}
        self._touched: dict[str, datetime] = {}

    async def who(self, cookie: str | None) -> Guest | None:
        """Whose cookie this is; None: nobody's."""
        if cookie is None:
            return None
        kept = self._remembered.get(cookie)
        if kept is not None and monotonic() - kept[0] < self._fresh:
            return Guest(kept[1], csrf_token(cookie))
        login = await run_in_threadpool(login_of, self._ws, cookie, self._clock())
        self._remembered.pop(cookie, None)
        if login is None:
            return None
        while len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.pop(next(iter(self._remembered)))
        self._remembered[cookie] = (monotonic(), login)
        return Guest(login, csrf_token(cookie))

    async def enter(self, person: str) -> str:
        """A new login; the value for its cookie."""
        return await run_in_threadpool(log_in, self._ws, person, self._clock())

    async def leave(self, login: Login) -> None:
        """This login is over, and so are its sockets."""
        await run_in_threadpool(log_out, self._ws, login)
        self._forget({login.digest})

    async def heard(self, login: Login) -> None:
        """Somebody spoke into a socket."""
        at, before = self._clock(), self._touched.get(login.digest)
        if before is None or at - before >= SEEN_EVERY:
            self._touched[login.digest] = at
            await run_in_threadpool(used, self._ws, login, at)

    async def look(self) -> None:
        """Close the sockets of logins that are over, by time or because somebody was disabled."""
        held = self.sockets.digests()
        if held:
            self._forget(held - await run_in_threadpool(still_in, self._ws, held, self._clock()))

    async def watch(self, chore: Callable[[], None]) -> None:
        """Look again and again, until cancelled. A database that does not answer closes nothing and is asked again. ``chore``: short, done
        at each look."""
        looks = 0
        while True:
            try:
                await self.look()
                chore()
                if looks % SWEEP_EVERY == 0:
                    await run_in_threadpool(sweep_logins, self._ws, self._clock())
                    self._touched.clear()
            except Exception:
                _log.exception("the logins could not be looked at")
            looks += 1
            await asyncio.sleep(LOOK_SECONDS)

    def _forget(self, digests: set[str]) -> None:
        self.sockets.end(digests)
        self._remembered = {cookie: kept for cookie, kept in self._remembered.items() if kept[1].digest not in digests}


def csrf_token(cookie: str) -> str:
    """Follows from the cookie and tells nothing of it."""
    return hmac.new(cookie.encode(), b"token of pages", hashlib.sha256).hexdigest()
