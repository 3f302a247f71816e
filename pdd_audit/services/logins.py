"""Who is logged in: one row per login, known by the digest of a random value that only the browser holds.

Ends after 8 hours without use or 24 hours in all, at once when the person is disabled, and with the row.
"""

import hashlib
import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from pdd_audit.core.errors import AuditError
from pdd_audit.data.storage.logins import KeptLogin, Logins
from pdd_audit.services.workspace import Workspace

IDLE, LONGEST = timedelta(hours=8), timedelta(hours=24)
SEEN_EVERY = timedelta(minutes=1)  # a row is not written for every click


@dataclass(frozen=True)
class Login:
    """One browser of one person. ``digest`` names the row and opens nothing."""

    digest: str
    person: str


def nobody_yet(ws: Workspace) -> bool:
    """Whether no person ever logged in here. People are disabled, never deleted: it does not become true again."""
    return Logins(ws.state).nobody()


def log_in(ws: Workspace, person: str, at: datetime) -> str:
    """A new login; the value for the cookie, 32 random bytes in base64url, which is kept nowhere."""
    value = secrets.token_urlsafe(32)
    Logins(ws.state).add(_digest(value), person, at)
    return value


def login_of(ws: Workspace, value: str, at: datetime) -> Login | None:
    """Whose cookie this is; None: nobody's, or no longer. Being asked for counts as use."""
    kept = Logins(ws.state).find(_digest(value))
    if kept is None or over(kept, at):
        return None
    login = Login(kept.digest, kept.person)
    if at - kept.seen >= SEEN_EVERY:
        used(ws, login, at)
    return login


def over(kept: KeptLogin, at: datetime) -> bool:
    """Whether a login has ended by time. A clock set back ends none: it only lengthens it by as much."""
    return at - kept.seen >= IDLE or at - kept.created >= LONGEST


def used(ws: Workspace, login: Login, at: datetime) -> None:
    """Somebody asked for something, or spoke into a socket. Where nothing can be written now, the login only ends sooner."""
    with suppress(AuditError):
        Logins(ws.state).touch(login.digest, at)


def still_in(ws: Workspace, digests: Collection[str], at: datetime) -> set[str]:
    """Which of these logins hold."""
    return {kept.digest for kept in Logins(ws.state).some(digests) if not over(kept, at)}


def log_out(ws: Workspace, login: Login) -> None:
    """This login is over."""
    Logins(ws.state).remove(login.digest)


def sweep_logins(ws: Workspace, at: datetime) -> None:
    """Forget what is over: by time, or because the person is disabled."""
    Logins(ws.state).sweep(created_by=at - LONGEST, seen_by=at - IDLE)


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
