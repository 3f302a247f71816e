"""What a metric says: a value that never travels without its n, its interval and, if missing, its reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Unit = Literal["ratio", "hours", "seconds", "count"]
Better = Literal["higher", "lower"]
Reason = Literal["no_data", "too_early", "not_trusted"]


@dataclass(frozen=True)
class Estimate:
    """One way of computing a number: value and 95 % interval in the metric's unit, n = size of its denominator."""

    value: float | None
    n: int = 0
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Measurement(Estimate):
    """The headline of a metric.

    ``reason`` says why there is no value, or why a value carries no verdict (immature, biased);
    ``estimates`` are the same quantity by other methods; ``mature_until`` is the moment the period is settled.
    """

    reason: Reason | None = None
    estimates: Mapping[str, Estimate] = field(default_factory=dict)
    mature_until: datetime | None = None

    @property
    def usable(self) -> bool:
        """Whether the value may confirm or contradict anything."""
        return self.value is not None and self.reason is None


@dataclass(frozen=True)
class MetricInfo:
    """What is always true of a metric, whatever the data: its id, unit, good direction and English definition."""

    id: str
    unit: Unit
    better: Better
    definition: str
    target: float | None = None
