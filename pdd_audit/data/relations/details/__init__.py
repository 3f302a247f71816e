"""One module a table of ``core.details``, one function that gives it from the ground, as an expression of any engine."""

from collections.abc import Callable

import ibis.expr.types as ir

from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.details.breaches import breaches
from pdd_audit.data.relations.details.choices import choices
from pdd_audit.data.relations.details.cost import cost
from pdd_audit.data.relations.details.cutoff import cutoff
from pdd_audit.data.relations.details.ladder import ladder
from pdd_audit.data.relations.details.missed_deadlines import missed_deadlines
from pdd_audit.data.relations.details.mix import mix
from pdd_audit.data.relations.details.open_now import open_now
from pdd_audit.data.relations.details.past_open import past_open
from pdd_audit.data.relations.details.past_waits import past_waits
from pdd_audit.data.relations.details.perfect import perfect
from pdd_audit.data.relations.details.pickup_hours import pickup_hours
from pdd_audit.data.relations.details.scans import scans
from pdd_audit.data.relations.details.vans import vans
from pdd_audit.data.relations.details.waiting import waiting
from pdd_audit.data.relations.details.waits import waits

DETAILS: dict[str, Callable[[Ground], ir.Table]] = {
    "choices": choices,
    "cost": cost,
    "cutoff": cutoff,
    "ladder": ladder,
    "missed_deadlines": missed_deadlines,
    "open_now": open_now,
    "past_open": past_open,
    "past_waits": past_waits,
    "perfect": perfect,
    "vans": vans,
    "waiting": waiting,
    "waits": waits,
    "breaches": breaches,
    "mix": mix,
    "pickup_hours": pickup_hours,
    "scans": scans,
}
