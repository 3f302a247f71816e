"""The lines a metric is held against, and what a shop's own line does to the questions that look at the metric.

A target allows a share of misses, a number of hours, or a count. A shop that allows half as many wants half as many wherever that metric
decides, so every limit and both control points of a curve move by the same factor; what an own target is worth in points is therefore
what the standard one was worth. Where our own line is zero there is nothing to multiply: every limit moves up by what the shop allows.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from pdd_audit.core.items import ERFINV_08
from pdd_audit.core.measurement import Better
from pdd_audit.core.prover import WORST_MAY_BE_WORTH
from pdd_audit.core.questions import Checklists, Curve, Limit, Part, Verify

# Our own lines, ratios 0..1 of what was kept. Only these decide a verdict without a word of the shop.
STANDARD_TARGETS: Mapping[str, float] = MappingProxyType({
    "pickup_24h_ratio": 0.97, "promise_kept_ratio": 0.95, "reply_3min_ratio": 0.95,
})
MOST_MISSES = 2.0  # times the standard: looser, and a curve would no longer reach zero
STRICTEST = 0.999  # of what is kept
LEAST_PART = 20  # hours, seconds and bad shares: no stricter than this part of ours
MOST_OF_NONE = {"ratio": 0.05, "count": 100.0}  # where ours is zero, by the last word of the metric's name
Z = 1.959963984540054


class OwnTarget(Part):
    """A shop's own line for one metric, in its unit (ratios 0..1), and why it is another than ours (a draft may still lack it)."""

    value: Annotated[float, Field(ge=0, le=100_000)]
    reason: Annotated[str, Field(max_length=400)] = ""


@dataclass(frozen=True)
class Line:
    """What our questions ask of a metric at their best: where a shop's own target starts from. ``loosest``, ``strictest``: how far it
    may go."""

    value: float
    better: Better
    loosest: float
    strictest: float

    def allows(self, value: float) -> bool:
        low, high = sorted((self.loosest, self.strictest))
        return low <= value <= high


@lru_cache(maxsize=8)
def _lines(verifies: tuple[str, ...]) -> Mapping[str, Line]:
    asked: dict[str, list[Verify]] = {}
    for body in verifies:
        verify = Verify.model_validate_json(body)
        asked.setdefault(verify.metric, []).append(verify)
    asked |= {name: [] for name in STANDARD_TARGETS if name not in asked}
    names = sorted(asked, key=lambda name: ([*STANDARD_TARGETS, name].index(name), name))
    return MappingProxyType({name: line for name in names if (line := _line(name, asked[name])) is not None})


def lines_of(checklists: Checklists) -> Mapping[str, Line]:
    """Metric -> our line, those with a standard target first, then every metric a question looks at: the strictest claim of the best
    level, else the better control point of a curve."""
    items = (item for practice in checklists.practices for item in practice.items if item.verify is not None and not item.retired)
    return _lines(tuple(sorted({item.verify.model_dump_json() for item in items if item.verify is not None})))


def _line(name: str, verifies: list[Verify]) -> Line | None:
    best = [verify.claim["met"] for verify in verifies if "met" in verify.claim]
    curves = [verify.curve for verify in verifies if verify.curve is not None]
    if best:
        better: Better = "higher" if best[0].at_least is not None else "lower"
        found = [limit.value for limit in best]
    elif curves:
        better = "higher" if curves[0].p10 > curves[0].worst else "lower"
        found = [curve.p10 for curve in curves]
    elif name in STANDARD_TARGETS:
        better, found = "higher", [STANDARD_TARGETS[name]]
    else:
        return None
    value = STANDARD_TARGETS.get(name, max(found) if better == "higher" else min(found))
    if better == "higher":
        most = min([MOST_MISSES, *(_reaches_zero_until(curve) for curve in curves)])
        return Line(value, better, math.ceil((1 - most * (1 - value)) * 1e4 - 1e-6) / 1e4, STRICTEST)
    if value == 0:
        return Line(value, better, MOST_OF_NONE.get(name.rpartition("_")[2], 100.0), 0.0)
    loosest = MOST_MISSES * value
    return Line(value, better, min(loosest, STRICTEST) if value < 1 else loosest, round(value / LEAST_PART, 6))


def _reaches_zero_until(curve: Curve) -> float:
    """How many times the misses of its control points a curve of what is kept bears before it is worth too much at ``worst``."""
    p10, median, worst = (1 - value for value in (curve.p10, curve.median, curve.worst))
    steep = -NormalDist().inv_cdf(WORST_MAY_BE_WORTH) / math.sqrt(2) / ERFINV_08
    return worst / median / math.pow(median / p10, steep)


def is_change(metric: str, own: OwnTarget) -> bool:
    """Whether it is another line than the one that decides without it."""
    return own.value != STANDARD_TARGETS.get(metric)


def drawn_to(verify: Verify, target: float, line: Line) -> Verify:
    """The same check under another target than ``line``: limits and control points with as many times the misses, or the hours. ``worst``
    is where it was for what is kept, and as many times farther for hours. Enough cases are asked for that the strictest claim can still
    be confirmed."""

    def moved(value: float) -> float:
        if line.better == "higher":
            return round(1 - (1 - value) * (1 - target) / (1 - line.value), 9)
        return round(value * target / line.value, 9) if line.value else round(value + target, 9)

    def limit(shipped: Limit) -> Limit:
        if (shipped.at_least is not None) != (line.better == "higher"):
            return shipped  # it looks at the metric from the other side
        return Limit(at_least=moved(shipped.value)) if shipped.at_least is not None else Limit(at_most=moved(shipped.value))

    claim = {level: limit(shipped) for level, shipped in verify.claim.items()}
    curve = verify.curve
    if curve is not None:
        worst = curve.worst if line.better == "higher" else moved(curve.worst)
        curve = Curve(p10=moved(curve.p10), median=moved(curve.median), worst=worst)
    return with_enough_cases(verify.model_copy(update={"claim": claim, "curve": curve}))


def with_enough_cases(verify: Verify) -> Verify:
    """The check with as many cases asked for as its strictest share needs to be confirmed without a single miss; never fewer."""
    misses = [1 - limit.value for limit in verify.claim.values() if limit.at_least is not None and limit.at_least < 1]
    if verify.metric.endswith("_ratio"):  # a bad share: what is claimed is the miss itself
        misses += [limit.at_most for limit in verify.claim.values() if limit.at_most]
    needed = max((math.ceil(Z * Z * (1 - miss) / miss - 1e-9) for miss in misses), default=0)
    return verify if needed <= verify.min_n else verify.model_copy(update={"min_n": needed})
