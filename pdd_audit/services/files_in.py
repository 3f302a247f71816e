"""Files that people who are logged in have sent, until a page takes them in: in memory, for their sender alone, half an hour at most."""

import secrets
import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right

if TYPE_CHECKING:
    from pdd_audit.services.workspace import Workspace  # a page that takes files in need not wait for it

MEGABYTE = 1024 * 1024
MOST_BYTES = 50 * MEGABYTE  # of one file
MOST_EACH, MOST_ALL = 150 * MEGABYTE, 400 * MEGABYTE  # waiting, of one person and of all
AT_ONCE, AT_ONCE_ALL = 2, 8  # uploads, of one person and of all
KEPT_SECONDS = 1_800.0
LONGEST_NAME = 255  # bytes
TAKE_FILES = frozenset({Right.ANSWER, Right.IMPORT_FILES, Right.MANAGE})  # proofs and appeals; orders and their like; checklists


@dataclass(frozen=True)
class Sent:
    """``name``: as the sender's computer calls it, without folders and signs that cannot be seen."""

    name: str
    data: bytes


class FilesIn:
    """By random tickets. ``clock``: seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: dict[str, tuple[str, float, Sent]] = {}
        self._coming: dict[str, int] = {}

    @contextmanager
    def coming(self, person: str) -> Iterator[bool]:
        """Whether one more upload of this person may begin; while it does, it counts."""
        with self._lock:
            may = self._coming.get(person, 0) < AT_ONCE and sum(self._coming.values()) < AT_ONCE_ALL
            if may:
                self._coming[person] = self._coming.get(person, 0) + 1
        try:
            yield may
        finally:
            if may:
                with self._lock:
                    self._coming[person] -= 1
                    if not self._coming[person]:
                        del self._coming[person]

    def put(self, person: str, sent: Sent) -> str | None:
        """Its ticket; None when too much waits already. What the sender sent first makes room for what they send now."""
        with self._lock:
            self._sweep()
            while self._bytes(person) + len(sent.data) > MOST_EACH:
                oldest = next((ticket for ticket, (whose, _, _) in self._waiting.items() if whose == person), None)
                if oldest is None:
                    return None
                del self._waiting[oldest]
            if self._bytes() + len(sent.data) > MOST_ALL:
                return None
            ticket = secrets.token_urlsafe(24)
            self._waiting[ticket] = (person, self._clock(), sent)
            return ticket

    def find(self, ticket: str, person: str) -> Sent | None:
        """None alike for what is not there any more and for what somebody else has sent."""
        with self._lock:
            self._sweep()
            found = self._waiting.get(ticket)
        return found[2] if found is not None and found[0] == person else None

    def forget(self, ticket: str, person: str) -> None:
        """It was taken in, or is not wanted."""
        with self._lock:
            if ticket in self._waiting and self._waiting[ticket][0] == person:
                del self._waiting[ticket]

    def sweep(self) -> None:
        """Forget what nobody came for."""
        with self._lock:
            self._sweep()

    def _sweep(self) -> None:
        at = self._clock()
        for ticket in [ticket for ticket, (_, since, _) in self._waiting.items() if at - since >= KEPT_SECONDS]:
            del self._waiting[ticket]

    def _bytes(self, person: str | None = None) -> int:
        return sum(len(sent.data) for whose, _, sent in self._waiting.values() if person in (None, whose))


def plain_name(given: str) -> str | None:
    """The last part of a path of any system, signs that cannot be seen shown as one that can; None for no name, or one too long."""
    last = given.replace("\\", "/").rpartition("/")[2].strip()
    seen = "".join("\ufffd" if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else sign for sign in last)
    return seen if 0 < len(seen.encode("utf-8", "replace")) <= LONGEST_NAME else None


@dataclass(frozen=True)
class Into:
    """What a file is sent for, as the page that asks for it says: the shop (empty: one that is still to be made) and the right that taking
    it in will need."""

    shop: str
    right: str


def may_send(workspace: "Workspace", person_id: str, into: Into) -> bool:
    """Whether somebody may begin to send a file, as of now. What becomes of it is asked again by whatever takes it in."""
    if into.right not in TAKE_FILES:
        return False
    from pdd_audit.services.access import may, seated
    from pdd_audit.services.shops import may_found

    try:
        seat = seated(workspace, person_id)
    except AuditError as refusal:
        if refusal.code != "not_logged_in":  # of the store, and no word on the person
            raise
        return False
    return may(seat, into.shop, Right(into.right)) if into.shop else may_found(seat)


@cache
def files_in() -> FilesIn:
    """Of this process: the upload route and pages run in the same."""
    return FilesIn()
