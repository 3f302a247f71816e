"""A shop's appeals: open a case, copy its countdown, add evidence, say what became of it. Every word stays on record."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from pdd_audit.core.errors import BETWEEN, AuditError
from pdd_audit.core.incidents.appeal_claims import Finding, OrderFacts, check
from pdd_audit.core.incidents.appeal_guide import AppealGuide, Reason
from pdd_audit.core.incidents.appeals import (
    MOST_ORDERS,
    Added,
    AppealWord,
    Case,
    Counted,
    Dropped,
    Missing,
    Moved,
    Opened,
    Status,
    cases_of,
    in_a_case,
    missing,
)
from pdd_audit.core.people import Right
from pdd_audit.data.content.appeals import load_guide
from pdd_audit.data.content.folder import default_folder
from pdd_audit.services.access import needs
from pdd_audit.services.incidents.appeal_facts import facts_of
from pdd_audit.services.workspace import Workspace, now

MOST_FILES = 20
LARGEST_YUAN = 10_000_000.0


def guide_of(workspace: Workspace) -> AppealGuide:
    """The way to an appeal. Raises AuditError where the folder's own file is wrong."""
    return load_guide(workspace.content or default_folder())


@needs(Right.LOOK)
def cases(workspace: Workspace, shop_id: str) -> list[Case]:
    """Every case of the shop, oldest first."""
    return cases_of(workspace.state.said(AppealWord, shop_id))


@needs(Right.LOOK)
def case_of(workspace: Workspace, shop_id: str, case_id: str) -> Case:
    """Raises AuditError ``appeal_no_case`` for one this shop does not have."""
    found = next((case for case in cases(workspace, shop_id) if case.id == case_id), None)
    if found is None:
        raise AuditError("appeal_no_case", found=case_id[:12])
    return found


@needs(Right.ANSWER)
def open_case(workspace: Workspace, shop_id: str, orders: Sequence[str], reason_id: str, by: str) -> str:
    """Begin a case for one order or a batch of them; its id.

    Raises AuditError: ``appeal_who``, ``appeal_orders``, ``appeal_taken`` (an order that has a case), ``appeal_not_here`` (one the files do
    not hold), or the finding that contradicts the claim for the first of them.
    """
    named = tuple(dict.fromkeys(orders))
    if not 1 <= len(named) <= MOST_ORDERS:
        raise AuditError("appeal_orders", found=str(len(named)), most=MOST_ORDERS)
    taken = sorted(set(named) & in_a_case(cases(workspace, shop_id)))
    if taken:
        raise AuditError("appeal_taken", found=taken[0])
    reason = guide_of(workspace).reason(reason_id)
    facts = known_facts(workspace, shop_id, named)
    refuse([finding for one in facts if (finding := check(reason.claim, one)) is not None and finding.contradicted])
    yuan = sum(one.yuan or 0.0 for one in facts)
    case_id = uuid.uuid4().hex
    _say(workspace, shop_id, case_id, Opened(kind="opened", orders=named, reason=reason.id, yuan=yuan), by)
    return case_id


@needs(Right.LOOK)
def known_facts(workspace: Workspace, shop_id: str, orders: Sequence[str]) -> tuple[OrderFacts, ...]:
    """The facts of each order, in order. Raises AuditError ``appeal_not_here``."""
    found = facts_of(workspace, shop_id, orders)
    absent = [order for order in orders if order not in found]
    if absent:
        raise AuditError("appeal_not_here", found=absent[0])
    return tuple(found[order] for order in orders)


def refuse(findings: Sequence[Finding]) -> None:
    """Raises the first finding as an error that names its figures, file and row, and how many orders it is."""
    if findings:
        worst = next((finding for finding in findings if finding.contradicted), findings[0])
        raise AuditError(worst.code, worst.place, found=str(worst.values.get("at", worst.order_no)), **worst.values, more=len(findings))


@needs(Right.ANSWER)
def count_down(workspace: Workspace, shop_id: str, case_id: str, until: datetime | None, by: str) -> None:
    """Copy the end of the countdown from the page; None: it shows none."""
    case_of(workspace, shop_id, case_id)
    _say(workspace, shop_id, case_id, Counted(kind="counted", until=until), by)


@needs(Right.ANSWER)
def add_evidence(
    workspace: Workspace, shop_id: str, case_id: str, evidence: str, name: str, data: bytes, dated: date, by: str, *,
    shows: Sequence[str] = (), handed_over_at: datetime | None = None,
) -> Added:
    """Keep a photo or document with a case, by the digest of its bytes. ``dated``: the day it is from.

    Raises AuditError: ``appeal_closed`` (nothing is handed in any more), ``appeal_files``, ``appeal_dated`` (a day to come),
    ``appeal_handover_time``, and those of the proofs (kind, size, disk).
    """
    case, piece = case_of(workspace, shop_id, case_id), guide_of(workspace).piece(evidence)
    if not case.to_send:
        raise AuditError("appeal_closed", found=case.status)
    if len(case.evidence) >= MOST_FILES:
        raise AuditError("appeal_files", found=str(len(case.evidence)), most=MOST_FILES)
    at = handed_over_at if piece.handover else None
    if dated > now().date() or (at is not None and at > now()):
        raise AuditError("appeal_dated", found=dated.isoformat())
    if piece.handover and at is None:
        raise AuditError("appeal_handover_time", found="")
    known = {part.id for part in piece.shows}
    kept = workspace.proofs(shop_id).keep(name, data)
    seen = tuple(part for part in shows if part in known)
    added = Added(kind="added", evidence=piece.id, attachment=kept, dated=dated, shows=seen, handed_over_at=at)
    _say(workspace, shop_id, case_id, added, by)
    return added


@needs(Right.ANSWER)
def drop_evidence(workspace: Workspace, shop_id: str, case_id: str, evidence: str, sha256: str, by: str) -> None:
    """It no longer belongs to the case; its bytes stay. Raises AuditError ``appeal_closed``."""
    case = case_of(workspace, shop_id, case_id)
    if not case.to_send:
        raise AuditError("appeal_closed", found=case.status)
    _say(workspace, shop_id, case_id, Dropped(kind="dropped", evidence=evidence, sha256=sha256), by)


@needs(Right.ANSWER)
def move(
    workspace: Workspace, shop_id: str, case_id: str, status: Status, by: str, *, yuan: float | None = None, said: str = ""
) -> None:
    """The case goes on. Raises AuditError: ``appeal_step`` for a step it cannot take, ``appeal_over`` when the countdown has run out,
    ``appeal_yuan`` for an amount that cannot be, and whatever keeps the file from being built when it is to be sent."""
    case = case_of(workspace, shop_id, case_id)
    if status not in case.next:
        raise AuditError("appeal_step", found=f"{case.status} → {status}", allowed=BETWEEN.join(case.next) or "-")
    left = case.left(now())
    if status in ("submitted", "second_try") and left is not None and left.total_seconds() < 0:
        raise AuditError("appeal_over", found=f"{case.until:%Y-%m-%d %H:%M}")
    if yuan is not None and not 0 <= yuan <= LARGEST_YUAN:
        raise AuditError("appeal_yuan", found=f"{yuan:g}")
    _say(workspace, shop_id, case_id, Moved(kind="moved", status=status, yuan=yuan, said=" ".join(said.split())[:400]), by)


def still_missing(workspace: Workspace, case: Case) -> list[Missing]:
    """What the case still lacks of what its reason needs."""
    guide = guide_of(workspace)
    return missing(case, reason_of(guide, case).needed, guide.parts)


def reason_of(guide: AppealGuide, case: Case) -> Reason:
    """The reason of a case; the first one for a case whose reason is no longer in the file."""
    return next((reason for reason in guide.reasons if reason.id == case.reason), guide.reasons[0])


@needs(Right.LOOK)
def evidence_bytes(workspace: Workspace, shop_id: str, added: Added) -> bytes:
    """The file as it was given, of this shop only. Raises AuditError ``proof_gone`` where it is no longer there whole."""
    data = workspace.proofs(shop_id).read(added.attachment)
    if data is None:
        raise AuditError("proof_gone", found=added.attachment.name)
    return data


def _say(workspace: Workspace, shop_id: str, case_id: str, said: Opened | Counted | Added | Dropped | Moved, by: str) -> None:
    if not by.strip():
        raise AuditError("appeal_who", found="")
    workspace.state.say(shop_id, AppealWord(case=case_id, said=said, at=now(), by=by.strip()[:60]))
