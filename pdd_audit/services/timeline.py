"""Saved audits and review rounds of a shop in the order they happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pdd_audit.core.people import Right
from pdd_audit.core.result import Scope
from pdd_audit.metrics.audit_trend import FULL, ScoreTrend, score_trend
from pdd_audit.metrics.control_charts import Signal
from pdd_audit.services.access import needs
from pdd_audit.services.history import SavedAudit, list_audits
from pdd_audit.services.rounds import list_rounds
from pdd_audit.services.workspace import Workspace

__all__ = ["FULL", "TOTAL", "ScoreTrend", "Signal", "Stop", "Timeline", "timeline"]

TOTAL = "score"


@dataclass(frozen=True)
class Stop:
    """A saved audit on the way. ``values``: points of the whole (``TOTAL``) and of each practice, None where too little was answered;
    ``ruler``: tells lists of questions apart; ``round``: title of the review that was signed on it."""

    id: str
    name: str
    at: datetime
    values: Mapping[str, float | None]
    ruler: tuple[tuple[str, int], ...]
    round: str | None


@dataclass(frozen=True)
class Timeline:
    """``stops``: oldest first, of one scope; ``trends``: subject (``TOTAL`` or a practice) -> its trend over them; ``opened``: title and
    moment of each review round that was not dropped."""

    stops: tuple[Stop, ...]
    trends: Mapping[str, ScoreTrend]
    opened: tuple[tuple[str, datetime], ...]


@needs(Right.LOOK)
def timeline(workspace: Workspace, shop_id: str, scope: Scope) -> Timeline:
    """Audits of ``scope`` only: a quick check and a full one are not one series."""
    rounds = [one for one in list_rounds(workspace, shop_id) if one.phase != "dropped"]
    by_digest = workspace.state.audit_digests(shop_id)
    signed = {
        by_digest.get(word.signature.audit): one.opening.title
        for one in rounds if one.phase == "signed" for word in one.signatures if word.signature is not None
    }
    audits = sorted((audit for audit in list_audits(workspace, shop_id) if audit.result.score.scope == scope), key=lambda a: a.saved_at)
    stops = tuple(_stop(audit, signed.get(audit.id)) for audit in audits)
    subjects = list(dict.fromkeys(subject for stop in stops for subject in stop.values))
    rulers = [stop.ruler for stop in stops]
    trends = {subject: score_trend([stop.values.get(subject) for stop in stops], rulers) for subject in subjects}
    return Timeline(stops, trends, tuple((one.opening.title, one.opened_at) for one in rounds))


def _stop(audit: SavedAudit, round_title: str | None) -> Stop:
    result = audit.result
    values = {TOTAL: result.score.value if result.score.enough else None}
    values |= {name: practice.value for name, practice in result.practices.items()}
    return Stop(audit.id, audit.name, audit.saved_at, values, tuple(sorted(result.checklists.items())), round_title)
