"""What an appeal file is made of. Nothing is handed out for a claim that the shop's own data contradict, or do not bear out."""

from collections.abc import Collection, Iterable

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.figures import OwnFigure, RulePack
from pdd_audit.core.incidents.appeal_claims import OrderFacts, check
from pdd_audit.core.incidents.appeal_dossier import Dossier, EvidenceFile, RuleUsed
from pdd_audit.core.incidents.appeal_guide import Reason
from pdd_audit.core.incidents.appeals import Case
from pdd_audit.core.people import Right
from pdd_audit.services.access import needs
from pdd_audit.services.incidents.appeals import case_of, evidence_bytes, guide_of, known_facts, reason_of, refuse
from pdd_audit.services.rules import home_rules_of
from pdd_audit.services.workspace import Workspace, now

RESTS_ON = {
    "collected_in_time": ("pickup_limit_hours", "pickup_record_that_counts", "promise_needs_pickup"),
    "handed_over": ("pickup_limit_hours", "promise_needs_pickup"),
    "exempt": ("pickup_limit_hours", "promise_needs_pickup"),
    "number_corrected": ("pickup_limit_hours", "pickup_record_that_counts", "waybill_change_hours"),
    "refunded_in_time": ("pickup_limit_hours",),
}
OF_CLOCK = {"pickup_limit_hours": "pickup", "promise_needs_pickup": "promise"}


@needs(Right.ANSWER)
def dossier_of(workspace: Workspace, shop_id: str, case_id: str) -> Dossier:
    """Raises AuditError: the finding against the first order whose facts do not bear the claim out, with its figures, file and row; or
    ``appeal_no_evidence`` for a case without any."""
    case, guide = case_of(workspace, shop_id, case_id), guide_of(workspace)
    reason = reason_of(guide, case)
    orders = known_facts(workspace, shop_id, case.orders)
    handed_over = [one.handed_over_at for one in case.evidence if one.handed_over_at is not None]
    refuse([finding for facts in orders if (finding := check(reason.claim, facts, handed_over)) is not None])
    if not case.evidence:
        raise AuditError("appeal_no_evidence", found="0")
    order = [piece.id for piece in guide.evidence]
    known = [one for one in case.evidence if one.evidence in order]  # a kind may have left the guide since
    listed = sorted(known, key=lambda one: (order.index(one.evidence), one.dated, one.attachment.sha256))
    files = {report.file: report.sha256 for report in workspace.ledger(shop_id).reports()}
    named = {place.file for facts in orders for place in places_of(facts) if place.file is not None}
    return Dossier(
        shop=workspace.shop_name(shop_id) or "", case=case, reason=reason, orders=orders,
        evidence=tuple(EvidenceFile(at, guide.piece(one.evidence), one) for at, one in enumerate(listed, 1)),
        rules=tuple(_rules(workspace, shop_id, reason, orders)), files={name: files[name] for name in sorted(named) if name in files},
        made_at=now(),
    )


def places_of(facts: OrderFacts) -> list[Place]:
    """Where its facts stand."""
    stamps = [facts.confirmed, facts.promised, *facts.uploads, *facts.scans, facts.refunded]
    return [stamp.place for stamp in stamps if stamp is not None] + [penalty.place for penalty in facts.penalties]


@needs(Right.ANSWER)
def evidence_files(workspace: Workspace, shop_id: str, case: Case) -> dict[str, bytes]:
    """Digest -> bytes of every file of the case. Raises AuditError ``proof_gone``."""
    return {one.attachment.sha256: evidence_bytes(workspace, shop_id, one) for one in case.evidence}


def _rules(workspace: Workspace, shop_id: str, reason: Reason, orders: Collection[OrderFacts]) -> Iterable[RuleUsed]:
    rules = home_rules_of(workspace, shop_id)
    packs: dict[str, RulePack] = {}
    alleged = {clock for facts in orders for clock in facts.alleged}
    for facts in orders:
        stamp = facts.confirmed or facts.uploaded
        assert stamp is not None, "a claim about an order that was never uploaded is refused"
        packs[facts.limits.pack] = rules.pack_for(stamp.at.date())
    for _, pack in sorted(packs.items()):
        for name in RESTS_ON[reason.claim]:
            if reason.claim == "exempt" and OF_CLOCK[name] not in alleged:
                continue  # a rule of a clock nobody speaks of proves nothing
            figure = pack.figures[name]
            source = None if figure.source is None else rules.sources.get(figure.source)
            yield RuleUsed(name, pack.valid_from, figure, source, isinstance(figure, OwnFigure))
