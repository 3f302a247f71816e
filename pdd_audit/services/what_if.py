"""What the score and the month would be if some steps of the plan were done."""

from collections.abc import Collection
from dataclasses import dataclass

from pdd_audit.core.plan import Saving, saved_together
from pdd_audit.core.scoring import points_with
from pdd_audit.services.run_audit import Audit


@dataclass(frozen=True)
class Outlook:
    """``points``: the total, None where there is no score; ``hours``: of work a month, over the first three months."""

    points: float | None
    saving: Saving
    hours: float


def what_if(audit: Audit, questions: Collection[str]) -> Outlook:
    """The steps of these questions done: each at its best level, the data bearing it out."""
    inputs, plan = audit.inputs, audit.plan
    chosen = [step for step in plan.steps if step.question.id in questions]
    return Outlook(
        points_with(inputs.checklists, inputs.answers, inputs.findings, inputs.scope, set(questions)),
        saved_together(chosen, plan.losses, plan.days), sum(step.hours for step in chosen),
    )
