"""Asking many waybills politely: at a bounded rate, again only where it helps, and not for ever against a closed door."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_attempt, wait_exponential_jitter

from pdd_audit.data.live.answers import Failed, Outcome, Parcel, SourceName, Stop

OURS_TO_CURE = {"refused", "phone_needed"}  # failures of one waybill: the source itself is well


class TraceSource(Protocol):
    """A source that is asked for one waybill at a time."""

    name: SourceName

    def ask(self, waybill: str, courier_code: str) -> Outcome: ...


@dataclass(frozen=True)
class Patience:
    """``rate``: questions a second at most, repeated ones included. ``give_up_after``: waybills in a row that the source fails."""

    rate: float = 5.0
    attempts: int = 4
    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 30.0
    give_up_after: int = 5
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class Asker:
    """Puts questions to one source with patience."""

    def __init__(self, source: TraceSource, patience: Patience) -> None:
        self._source, self._patience = source, patience
        self._free_at = patience.clock()
        growing = wait_exponential_jitter(multiplier=patience.first_wait_seconds, max=patience.longest_wait_seconds,
                                          jitter=patience.first_wait_seconds)
        self._retrying = Retrying(
            stop=stop_after_attempt(patience.attempts), retry=retry_if_result(_worth_asking_again), sleep=patience.sleep,
            wait=lambda state: max(growing(state), _asked_wait(state)), retry_error_callback=_last,
        )

    def ask(self, waybill: str, courier_code: str) -> Outcome:
        """The outcome after as many attempts as it deserves."""
        outcome: Outcome = self._retrying.copy()(self._once, waybill, courier_code)
        return outcome

    def _once(self, waybill: str, courier_code: str) -> Outcome:
        early = self._free_at - self._patience.clock()
        if early > 0:
            self._patience.sleep(early)
        self._free_at = max(self._patience.clock(), self._free_at) + 1 / self._patience.rate
        return self._source.ask(waybill, courier_code)


def ask_all(source: TraceSource, parcels: Sequence[tuple[Parcel, str]], patience: Patience) -> Iterator[tuple[Parcel, Outcome]]:
    """Each parcel with its outcome. After a ``Stop`` nothing follows; once the source has failed several waybills in a row, the rest
    come back as ``not_asked``."""
    asker, in_a_row = Asker(source, patience), 0
    for parcel, code in parcels:
        if in_a_row >= patience.give_up_after:
            yield parcel, Failed("not_asked")
            continue
        outcome = asker.ask(parcel.waybill, code)
        yield parcel, outcome
        if isinstance(outcome, Stop):
            return
        in_a_row = in_a_row + 1 if isinstance(outcome, Failed) and outcome.reason not in OURS_TO_CURE else 0


def _worth_asking_again(outcome: Outcome) -> bool:
    return isinstance(outcome, Failed) and outcome.again


def _asked_wait(state: RetryCallState) -> float:
    outcome = _last(state)
    return outcome.wait_seconds if isinstance(outcome, Failed) else 0.0


def _last(state: RetryCallState) -> Outcome:
    assert state.outcome is not None, "asked only after an attempt"
    outcome: Outcome = state.outcome.result()
    return outcome
