"""Whom the review rounds of a shop wait for, and their days."""

from functools import partial

from pdd_audit.core import round_duties
from pdd_audit.core.people import Right
from pdd_audit.core.round_duties import Duty, RoundDay
from pdd_audit.services.access import needs
from pdd_audit.services.rounds import due_after, list_rounds
from pdd_audit.services.workspace import Workspace

__all__ = ["Duty", "RoundDay", "duties", "round_days"]


@needs(Right.LOOK)
def duties(workspace: Workspace, shop_id: str) -> list[Duty]:
    """Everything that waits, the earliest due first."""
    return round_duties.duties(list_rounds(workspace, shop_id), partial(due_after, workspace))


@needs(Right.LOOK)
def round_days(workspace: Workspace, shop_id: str) -> list[RoundDay]:
    """For a calendar: each open round once, and each next one."""
    return round_duties.round_days(list_rounds(workspace, shop_id), partial(due_after, workspace))
