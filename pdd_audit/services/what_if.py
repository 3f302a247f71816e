"""What the score and the month would be if some steps of the plan were done."""

from collections.abc import Collection
from dataclasses import dataclass

from pdd_audit.core.plan import Saving, saved_together
from pdd_audit.core.scoring import points_with
from pdd_audit.services.run_audit import Audit, at_the_limits

Span = tuple[float | None, float | None]


@dataclass(frozen=True)
class Outlook:
    """``points``: the total, None where there is no score; ``hours``: of work a month, over the first three months; ``orders`` and
    ``yuan``: what is saved at the limits of the late rate, None where those are not known."""

    points: float | None
    saving: Saving
    hours: float
    orders: Span = (None, None)
    yuan: Span = (None, None)


def what_if(audit: Audit, questions: Collection[str]) -> Outlook:
    """The steps of these questions done: each at its best level, the data bearing it out."""
    inputs, plan = audit.inputs, audit.plan
    chosen = [step for step in plan.steps if step.question.id in questions]
    saving = saved_together(chosen, plan.losses, plan.days)
    return Outlook(
        points_with(inputs.checklists, inputs.answers, inputs.findings, inputs.scope, set(questions)),
        saving, sum(step.hours for step in chosen),
        at_the_limits(saving.orders, inputs.findings), at_the_limits(saving.yuan, inputs.findings),
    )
