"""What closed incidents point at, a month back. It feeds the plan by a line; points of the score do not change by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from pdd_audit.core.deeds import Deed
from pdd_audit.core.incidents.incident_causes import MONTH_DAYS, Pointing, by_practice, pointing
from pdd_audit.core.people import Right
from pdd_audit.services.access import needs
from pdd_audit.services.deeds import deeds
from pdd_audit.services.workspace import Workspace, now

__all__ = ["MONTH_DAYS", "Learnt", "closed_incidents", "learnt"]


@dataclass(frozen=True)
class Learnt:
    """Closed incidents of the last ``MONTH_DAYS``: question -> what points at it, and practice -> the same; most yuan first."""

    questions: Mapping[str, Pointing]
    practices: Mapping[str, Pointing]
    closed: int


@needs(Right.LOOK)
def closed_incidents(workspace: Workspace, shop_id: str) -> list[Deed]:
    """Closings that stand, the newest first."""
    return [deed for deed in reversed(deeds(workspace, shop_id, ["closed"])) if "incident" in deed.what]


@needs(Right.LOOK)
def learnt(workspace: Workspace, shop_id: str) -> Learnt:
    """Of the last ``MONTH_DAYS``."""
    since = now() - timedelta(days=MONTH_DAYS)
    closed = [deed for deed in closed_incidents(workspace, shop_id) if deed.at >= since]
    questions = pointing(closed, since)
    return Learnt(questions, by_practice(questions), len(closed))
