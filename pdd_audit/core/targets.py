"""The lines a metric is held against, and what a shop's own line does to the questions that look at the metric.

A target allows a share of misses. A shop that allows half as many wants half as many wherever that metric decides, so every limit and both
control points of a curve move by the same factor; what an own target is worth in points is therefore what the standard one was worth.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from pdd_audit.core.questions import Limit, Part, Verify

# Our own lines, ratios 0..1 of what was kept. Only these metrics have one, and only they can be given another.
STANDARD_TARGETS: Mapping[str, float] = MappingProxyType({
    "pickup_24h_ratio": 0.97, "promise_kept_ratio": 0.95, "reply_3min_ratio": 0.95,
})
MOST_MISSES = 2.0  # times the standard: looser, and a curve would no longer reach zero
STRICTEST = 0.999
Z = 1.959963984540054


class OwnTarget(Part):
    """A shop's own line for one metric, 0..1 of what is kept, and why it is another than ours (a draft may still lack it)."""

    value: Annotated[float, Field(gt=0, lt=1)]
    reason: Annotated[str, Field(max_length=400)] = ""


def loosest(metric: str) -> float:
    """The lowest line a shop may draw. KeyError for a metric without a standard target."""
    return round(1 - MOST_MISSES * (1 - STANDARD_TARGETS[metric]), 6)


def drawn_to(verify: Verify, target: float) -> Verify:
    """The same check under another target: limits and control points with as many times the misses, ``worst`` where it was. Enough cases
    are asked for that the strictest claim can still be confirmed."""
    factor = (1 - target) / (1 - STANDARD_TARGETS[verify.metric])

    def moved(value: float) -> float:
        return round(1 - (1 - value) * factor, 9)

    claim = {level: Limit(at_least=moved(limit.value)) if limit.at_least is not None else limit for level, limit in verify.claim.items()}
    curve = verify.curve
    if curve is not None:
        curve = curve.model_copy(update={"p10": moved(curve.p10), "median": moved(curve.median)})
    return with_enough_cases(verify.model_copy(update={"claim": claim, "curve": curve}))


def with_enough_cases(verify: Verify) -> Verify:
    """The check with as many cases asked for as its strictest share needs to be confirmed without a single miss; never fewer."""
    misses = [1 - limit.value for limit in verify.claim.values() if limit.at_least is not None and limit.at_least < 1]
    needed = max((math.ceil(Z * Z * (1 - miss) / miss - 1e-9) for miss in misses), default=0)
    return verify if needed <= verify.min_n else verify.model_copy(update={"min_n": needed})
