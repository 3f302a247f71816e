"""The worked example of the scoring page: shipped questions, invented answers and measurements, scored by the real functions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pdd_audit.core.confidence import Confidence, confidence
from pdd_audit.core.items import Finding
from pdd_audit.core.measurement import Measurement
from pdd_audit.core.questions import Answer, Checklists
from pdd_audit.core.result import ItemRecord
from pdd_audit.core.scoring import Scored, score
from pdd_audit.core.waterfall import AuditInputs
from pdd_audit.metrics import registry

MUST_HAVE = "courier_coordination.no_empty_scan"
NOT_ASKED = "customer_service.date_change_record"
ANSWERS = {
    "courier_coordination.fixed_pickup_time": Answer(answer="met"),
    "courier_coordination.scan_at_handover": Answer(answer="mostly"),
    MUST_HAVE: Answer(answer="met", proof="group chat of 12 November"),
    "customer_service.early_notice": Answer(answer="partly"),
    "customer_service.chat_quality_review": Answer(answer="unknown"),
    NOT_ASKED: Answer(answer="na", reason="no_case_in_period"),
}
UNANSWERED = "courier_coordination.second_collection"
DATA_ONLY = "customer_service.reply_speed"
MEASURED = {
    "pickup_hours_p90": Measurement(19.0, 640, 18.0, 21.0),
    "pickup_24h_ratio": Measurement(0.975, 1630, 0.968, 0.981),
    "reply_seconds_mean": Measurement(75.0, 208, 70.0, 82.0),
}
AGE_DAYS = 20
NOW = datetime(2026, 11, 23, 12)


@dataclass(frozen=True)
class Example:
    """``capped``: every answer at its best but the must-have, and no data."""

    scored: Scored
    capped: Scored
    confidence: Confidence

    @property
    def items(self) -> list[tuple[str, ItemRecord]]:
        """Practice and item, in file order."""
        return [(name, item) for name, practice in self.scored.practices.items() for item in practice.items]


def example(shipped: Checklists) -> Example:
    """Two practices cut down to four questions each."""
    chosen = {*ANSWERS, UNANSWERED, DATA_ONLY}
    practices = [
        practice.model_copy(update={"items": items}) for practice in shipped.practices
        if (items := tuple(item for item in practice.items if item.id in chosen))
    ]
    asked = shipped.model_copy(update={"practices": tuple(practices)})
    findings = {name: Finding(registry[name].info, measured) for name, measured in MEASURED.items()}
    scored = score(asked, ANSWERS, findings)
    best = {item.id: Answer(answer="met") for practice in practices for item in practice.items if item.kind == "question"}
    capped = score(asked, best | {MUST_HAVE: Answer(answer="unmet")}, {})
    answered_at = dict.fromkeys(ANSWERS, NOW - timedelta(days=AGE_DAYS))
    trust = confidence(scored.practices.values(), AuditInputs(asked, ANSWERS, findings), answered_at, NOW)
    return Example(scored, capped, trust)
