"""Practices of past audits beside the late share of the same weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from pdd_audit.core.people import Right
from pdd_audit.core.result import AuditResult
from pdd_audit.metrics.practice_link import DAYS_A_WEEK, MIN_WEEKS, Link, links, well_said_but_late, whole_weeks
from pdd_audit.services.access import needs
from pdd_audit.services.history import SavedAudit, list_audits
from pdd_audit.services.look_at_trends import TrendsLook
from pdd_audit.services.workspace import Workspace

__all__ = ["LEAST_WEEKS", "MIN_WEEKS", "Link", "PracticeHistory", "claims_too_much", "practice_history"]

LEAST_WEEKS = 2 * MIN_WEEKS

_WEEK = timedelta(days=DAYS_A_WEEK) - timedelta(seconds=1)  # what is saved as the next week begins belongs to that
DONE, NOT_DONE = 0.99, 0.01  # claimed value of an item from which, and up to which, a week counts as with or without it


@dataclass(frozen=True)
class PracticeHistory:
    """``weeks``: whole settled weeks of the files; ``audits``: saved ones, ``covered``: weeks that have one before them, both None while
    the files hold fewer than ``LEAST_WEEKS``; ``links``: per item (``metrics.practice_link``)."""

    weeks: int
    audits: int | None
    covered: int | None
    links: tuple[Link, ...]


@needs(Right.LOOK)
def practice_history(workspace: Workspace, shop_id: str, look: TrendsLook) -> PracticeHistory:
    """What each item was in each week, by the newest audit saved before the week began."""
    pickup = look.series.get("pickup")
    weeks = whole_weeks(pd.DataFrame() if pickup is None or look.biased else pickup.days)
    if len(weeks) < LEAST_WEEKS:  # past audits are large; nobody reads them for nothing
        return PracticeHistory(len(weeks), None, None, ())
    audits = sorted(list_audits(workspace, shop_id), key=lambda audit: audit.saved_at)
    known = weeks[[_before(audits, week) is not None for week in weeks["week"]]].reset_index(drop=True)
    items = sorted({item.id for audit in audits for practice in audit.result.practices.values() for item in practice.items})
    practised = {item: [_practised(audits, week, item) for week in known["week"]] for item in items} if len(known) else {}
    varied = {item: weekly for item, weekly in practised.items() if any(value is not None for value in weekly)}
    return PracticeHistory(len(weeks), len(audits), len(known), tuple(links(known, varied)) if len(known) else ())


def claims_too_much(result: AuditResult) -> bool:
    """Whether the answers claim a shop in order while its parcels are late beyond doubt."""
    rate = result.metrics.get("pickup_24h_ratio")
    return rate is not None and well_said_but_late(result.score.claimed, rate.verdict)


def _before(audits: Sequence[SavedAudit], moment: pd.Timestamp) -> SavedAudit | None:
    return next((audit for audit in reversed(audits) if audit.saved_at <= moment), None)


def _practised(audits: Sequence[SavedAudit], week: pd.Timestamp, item: str) -> bool | None:
    """Done or not during the whole week; None in part, unknown, or changed on the way."""
    at_start, at_end = (_claimed(_before(audits, moment), item) for moment in (week, week + _WEEK))
    if at_start is None or at_start != at_end:
        return None
    return True if at_start >= DONE else False if at_start <= NOT_DONE else None


def _claimed(audit: SavedAudit | None, item: str) -> float | None:
    if audit is None:
        return None
    return next((found.claimed for practice in audit.result.practices.values() for found in practice.items if found.id == item), None)
