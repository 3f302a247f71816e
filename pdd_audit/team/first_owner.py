"""The one-time setup code: whoever started the server reads it on the console and becomes the first person of the installation."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from pdd_audit.team.attempts import digest_of

MOST_TRIES, WINDOW = 5, timedelta(minutes=15)
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that reads as another


class FirstOwner:
    """``nobody``: whether the installation has no person yet; once it has one, there is no code any more."""

    def __init__(self, nobody: Callable[[], bool], clock: Callable[[], datetime]) -> None:
        self._nobody = nobody
        self._clock = clock
        self._came = False
        self._code = ""
        self._tries: list[datetime] = []

    @property
    def wanted(self) -> bool:
        """Whether the first person is still to come. Once somebody came it is not asked again: strangers may ask for every page."""
        self._came = self._came or not self._nobody()
        return not self._came

    def new_code(self) -> str:
        """A code for the console, 100 bits; the one before counts no more, and only a digest of this one is kept."""
        code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))
        self._code = digest_of(code)
        return code

    def locked(self) -> bool:
        """Whether too many wrong codes came of late."""
        self._tries = [one for one in self._tries if self._clock() - one < WINDOW]
        return len(self._tries) >= MOST_TRIES

    def opens(self, code: str) -> bool:
        """Whether this is the code. A wrong one is counted."""
        if not self._code or self.locked():
            return False
        clean = "".join(code.upper().split())
        if secrets.compare_digest(self._code, digest_of(clean)):
            return True
        self._tries.append(self._clock())
        return False
