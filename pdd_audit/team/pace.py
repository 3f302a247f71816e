"""How much anybody may ask for: so much at once, and as much again over each minute. One number is kept for each of them."""

from collections.abc import Callable
from math import ceil
from time import monotonic

MINUTE = 60.0
MOST_KEPT = 10_000  # a flood from many addresses pushes out who asked longest ago, not memory
_ROUNDING = 1e-6


class Pace:
    """``most``: at once, and a minute. ``clock``: seconds that only grow."""

    def __init__(self, most: int, clock: Callable[[], float] = monotonic) -> None:
        self._step = MINUTE / most
        self._clock = clock
        self._full: dict[str, float] = {}  # who -> when they may ask for all of it again; whoever asked last stands last

    def wait(self, who: str) -> int:
        """Seconds until this one may ask again; 0: now, and it is counted."""
        at = self._clock()
        full = max(self._full.pop(who, at), at)
        over = full + self._step - at - MINUTE
        self._full[who] = full if over > _ROUNDING else full + self._step
        while len(self._full) > MOST_KEPT:
            del self._full[next(iter(self._full))]
        return ceil(over) if over > _ROUNDING else 0
