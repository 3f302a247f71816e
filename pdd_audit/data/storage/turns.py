"""Who writes next: the threads of one program take turns in the order they came, so that nobody is passed over while others hurry."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock

from pdd_audit.data.storage.faults import PassingAuditError


class Turns:
    """One writer at a time. A thread that has its turn must not ask for another."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._taken = False
        self._waiting: deque[Event] = deque()

    @contextmanager
    def mine(self, seconds: float) -> Iterator[None]:
        """Raises AuditError ``store_busy`` when the turn does not come within ``seconds``."""
        self._take(seconds)
        try:
            yield
        finally:
            with self._guard:
                if self._waiting:
                    self._waiting.popleft().set()  # the turn goes from hand to hand
                else:
                    self._taken = False

    def _take(self, seconds: float) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            called = Event()
            self._waiting.append(called)
        if called.wait(seconds):
            return
        with self._guard:
            if called in self._waiting:
                self._waiting.remove(called)
                raise PassingAuditError("store_busy", found="queue")
