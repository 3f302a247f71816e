"""Logins that have begun: what went to the provider, held here until the browser comes back with it, once."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT = timedelta(minutes=10)
MOST = 1_000  # a flood of strangers pushes out strangers, not memory


@dataclass(frozen=True)
class Attempt:
    """``nonce``: must stand in the token. ``verifier``: proves to the provider who began (PKCE). ``browser``: digest of the value that
    the browser who began holds."""

    nonce: str
    verifier: str
    browser: str
    return_to: str
    at: datetime


class Attempts:
    """By their ``state``. In memory: whoever is on the way when the server restarts begins again."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._open: dict[str, Attempt] = {}

    def begin(self, browser: str, return_to: str) -> tuple[str, Attempt]:
        """(state, attempt) of a new one."""
        while len(self._open) >= MOST:
            self._open.pop(next(iter(self._open)))
        state = secrets.token_urlsafe(32)
        attempt = Attempt(secrets.token_urlsafe(32), secrets.token_urlsafe(48), digest_of(browser), return_to, self._clock())
        self._open[state] = attempt
        return state, attempt

    def take(self, state: str, browser: str | None) -> Attempt | None:
        """The attempt of this state, once, and only for the browser that began it; None otherwise."""
        attempt = self._open.pop(state, None)
        if attempt is None or browser is None or not secrets.compare_digest(attempt.browser, digest_of(browser)):
            return None
        return attempt if self._clock() - attempt.at <= KEPT else None


def digest_of(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
