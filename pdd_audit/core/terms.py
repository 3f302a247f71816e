"""What a rule asks and what it takes, as far as an amount can be computed from an order. Yuan; hours; ratios of what the shop received.

None: the figure is not known, and neither is an amount that needs it.
"""

import math
from dataclasses import dataclass

from pdd_audit.core.figures import RulePack

USUAL_LIMIT_HOURS = 24.0  # the limit in the name of the offence, where a pack does not know it


@dataclass(frozen=True)
class Amount:
    """A share of what was received within two ends, or one flat sum."""

    ratio: float | None = None
    least: float | None = None
    most: float | None = None
    flat: float | None = None
    whole_yuan: bool = False

    @property
    def known(self) -> bool:
        return self.flat is not None or None not in (self.ratio, self.least, self.most)

    def of(self, received: float | None) -> tuple[float, float] | None:
        """Lowest and highest amount for one order: one number where what it paid is known (0 or more), the two ends where it is not."""
        if self.flat is not None:
            return self.flat, self.flat
        if self.ratio is None or self.least is None or self.most is None:
            return None
        if received is None or received < 0:
            return self.least, self.most
        share = received * self.ratio
        share = float(math.floor(share)) if self.whole_yuan else share
        taken = self.least if share <= self.least else min(share, self.most)
        return taken, taken


@dataclass(frozen=True)
class Terms:
    """One version of the rules. ``needs_pickup``: whether the promise asks for the pickup too; ``grace_hours``: how long after the promise
    nothing is taken yet."""

    limit_hours: float
    needs_pickup: bool
    no_pickup: Amount
    late: Amount
    grace_hours: float = 0.0


def terms_of(pack: RulePack) -> Terms:
    """What a pack says. ``pack``: with the shared figures in it."""

    def number(name: str) -> float | None:
        return pack.number(name) if name in pack.figures else None

    whole = pack.value("compensation_rounding") == "floor_to_yuan"
    limit = number("pickup_limit_hours")
    return Terms(
        limit_hours=USUAL_LIMIT_HOURS if limit is None else limit, needs_pickup=bool(pack.value("promise_needs_pickup")),
        no_pickup=Amount(
            number("false_shipment_ratio"), number("false_shipment_min_yuan"), number("false_shipment_max_yuan"), whole_yuan=whole,
        ),
        late=Amount(
            number("late_ratio"), number("late_min_yuan"), number("late_max_yuan"), number("late_fixed_yuan"), whole_yuan=whole,
        ),
        grace_hours=number("late_grace_hours") or 0.0,
    )
