"""The short way through the checklist, for a shop as it stands."""

from pdd_audit.core.quick_path import QuickPath, Stakes, quick_path
from pdd_audit.services.run_audit import Audit

__all__ = ["QuickPath", "walk"]


def walk(audit: Audit) -> QuickPath:
    """``audit``: a quick one of the stored answers."""
    plan = audit.plan
    return quick_path(audit.inputs, Stakes(plan.losses, plan.days, plan.put_off))
