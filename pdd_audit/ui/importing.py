"""An import runs beside the pages, so that it can be stopped: one of each person and shop, found again after a reload.

Files that come meanwhile are read after those that are being read. What came of them is told once, to the session that began, or, once
that one is gone, to whichever looks next.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from pdd_audit.services.import_files import ImportOutcome, Progress

Key = tuple[str, str, str]  # home, shop, person; without a login there is one person
COUNTING = ""  # told in place of a file's name once all of a batch are read
PATIENCE_SECONDS = 1.0  # a small file is read before anybody could press a button
GRACE_SECONDS = 3.0  # how long the session that began is waited for
KEPT_SECONDS = 1_800.0  # an end that nobody looks at


@dataclass
class Batch:
    """Files that came together. ``work``: reads them, in a thread that may not draw. ``tell``: adds what came of them to what a session
    shows, lists by name."""

    work: Callable[[Progress, threading.Event], list[ImportOutcome]]
    tell: Callable[[dict[str, list[Any]], list[ImportOutcome]], None]
    stop: threading.Event = field(default_factory=threading.Event)
    result: Future[list[ImportOutcome]] = field(default_factory=Future)


class Job:
    """The batches of one key. ``latest``: what was told last, a file's name and a share, which is 0 while the file waits for its turn."""

    def __init__(self) -> None:
        self.starter = ""
        self.latest: tuple[str, float] | None = None
        self.idle = threading.Event()
        self.idle_since = 0.0
        self._lock = threading.Lock()
        self._batches: list[Batch] = []
        self._next = 0

    def add(self, batch: Batch, starter: str) -> None:
        with self._lock:
            self.starter = starter
            self._batches.append(batch)
            if len(self._batches) == 1 or self.idle.is_set():
                self.idle.clear()
                self.latest = None
                threading.Thread(target=self._run, name="import", daemon=True).start()  # the ledger outlives a process that ends meanwhile

    @property
    def stopping(self) -> bool:
        """Whether everything that is to be read has been stopped."""
        with self._lock:
            return all(batch.stop.is_set() for batch in self._batches[self._next :])

    def stop(self) -> None:
        """Ends what is being read and what waits; the thread is idle soon."""
        with self._lock:
            for batch in self._batches[self._next :]:
                batch.stop.set()

    def told_to(self, session: str) -> bool:
        """Whether it is done, and this session is the one to know: that which began, or any other once that has not asked for a while."""
        return self.idle.is_set() and (self.starter == session or monotonic() - self.idle_since >= GRACE_SECONDS)

    def batches(self) -> list[Batch]:
        with self._lock:
            return list(self._batches)

    def _run(self) -> None:
        while True:
            with self._lock:
                if self._next == len(self._batches):
                    self.idle_since = monotonic()
                    self.idle.set()
                    return
                batch = self._batches[self._next]
            try:
                batch.result.set_result(batch.work(self._hear, batch.stop))
            except Exception as error:  # whatever it is, the page that tells the end meets it
                batch.result.set_exception(error)
            with self._lock:
                self._next += 1

    def _hear(self, what: str, share: float) -> None:
        self.latest = (what, share)


_jobs: dict[Key, Job] = {}
_lock = threading.Lock()


def begin(key: Key, batch: Batch, starter: str) -> Job:
    """Reads the batch, after what is being read already. ``starter``: the session that will want to know."""
    with _lock:
        job = _jobs.setdefault(key, Job())
        job.add(batch, starter)
    return job


def running(key: Key) -> Job | None:
    """The job whose end has not been told yet."""
    with _lock:
        for old in [old for old, job in _jobs.items() if job.idle.is_set() and monotonic() - job.idle_since > KEPT_SECONDS]:
            del _jobs[old]
        return _jobs.get(key)


def take(key: Key, session: str) -> list[Batch]:
    """The batches of a job that is done, for the one session that tells of them; empty for every other, and while it runs."""
    with _lock:
        job = _jobs.get(key)
        if job is None or not job.told_to(session):
            return []
        del _jobs[key]
        return job.batches()


def stop_all(home: str, shop_id: str) -> None:
    """Ends the imports of a shop, whoever began them, and waits until nothing of them is written any more; nobody is told."""
    with _lock:
        jobs = [_jobs.pop(key) for key in list(_jobs) if key[:2] == (home, shop_id)]
    for job in jobs:
        job.stop()
    for job in jobs:
        job.idle.wait()
