"""One module a table of ``core.details``, one function that gives it from the ground, as an expression of any engine."""

from collections.abc import Callable

import ibis.expr.types as ir

from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.details.choices import choices

DETAILS: dict[str, Callable[[Ground], ir.Table]] = {
    "choices": choices,
}
