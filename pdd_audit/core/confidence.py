"""How much of a score rests on something recent: never points, only how far they can be trusted.

A figure checked against data counts whole. An answer loses half of its weight in ``freshness_days``; with proof it starts at 0.8, as a
bare claim at 0.5. Whatever is unanswered or unknown counts nothing.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pdd_audit.core.result import PracticeRecord
from pdd_audit.core.waterfall import AuditInputs

WITH_PROOF, BARE_CLAIM = 0.8, 0.5
STALE = 0.25  # less freshness than this: the question comes first in the next review
HIGH, MEDIUM = 0.75, 0.50
SECONDS_A_DAY = 86400

ConfidenceLevel = Literal["high", "medium", "low"]


@dataclass(frozen=True)
class Confidence:
    """``value`` 0..1; ``stale``: ids of the questions whose answers are too old, the oldest by their own measure first."""

    value: float
    stale: tuple[str, ...]

    @property
    def level(self) -> ConfidenceLevel:
        return "high" if self.value >= HIGH else "medium" if self.value >= MEDIUM else "low"


def freshness(age_days: float, half_life_days: float) -> float:
    """1 today, 1/2 after one half-life, 1/4 after two; an answer dated ahead of now is as fresh as can be."""
    return min(1.0, math.pow(2.0, -age_days / half_life_days))


def confidence(
    practices: Iterable[PracticeRecord], inputs: AuditInputs, answered_at: Mapping[str, datetime], now: datetime
) -> Confidence:
    """Of a scored audit. ``answered_at``: question id -> when; an answer without a date was given now."""
    total = 0.0
    old: list[tuple[float, str]] = []
    for item in (item for practice in practices for item in practice.items):
        if item.verified is not None:
            total += item.share
            continue
        if item.state != "answered":
            continue
        age = (now - answered_at.get(item.id, now)).total_seconds() / SECONDS_A_DAY
        fresh = freshness(age, inputs.checklists.question(item.id).freshness_days)
        total += item.share * (WITH_PROOF if inputs.answers[item.id].proven else BARE_CLAIM) * fresh
        if fresh < STALE and item.share:
            old.append((fresh, item.id))
    return Confidence(total, tuple(name for _, name in sorted(old)))
