"""Files that pages offer to people who are logged in: made when they are fetched, handed to nobody else, kept nowhere."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

MOST = 5_000
MOST_EACH = 300  # of one person: pages drawn since, by whoever never comes back


@dataclass(frozen=True)
class Offer:
    """``make``: gives the bytes; raises AuditError where the person may not have them any more."""

    person: str
    name: str
    mime: str
    make: Callable[[], bytes]


class FilesOut:
    """By random ids. A page that is drawn again renews its offer under the same id."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offers: dict[str, Offer] = {}

    def put(self, offer: Offer, id: str | None = None) -> str:
        """The id under which it is found from now on; ``id``: of the offer it takes the place of. One of somebody else is left alone."""
        with self._lock:
            before = self._offers.pop(id, None) if id else None
            if before is not None and before.person != offer.person:
                self._offers[str(id)] = before
                id = None
            mine = [known for known, one in self._offers.items() if one.person == offer.person]
            for known in mine[: max(len(mine) - MOST_EACH + 1, 0)]:
                del self._offers[known]
            while len(self._offers) >= MOST:
                del self._offers[next(iter(self._offers))]
            found = id or secrets.token_urlsafe(24)
            self._offers[found] = offer
            return found

    def find(self, id: str, person: str) -> Offer | None:
        """None alike for an offer that is not there and for one made to somebody else."""
        with self._lock:
            offer = self._offers.get(id)
        return offer if offer is not None and offer.person == person else None


@cache
def files_out() -> FilesOut:
    """Of this process: pages and the download route run in the same."""
    return FilesOut()
