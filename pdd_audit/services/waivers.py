"""Questions a shop lets stand for a while: said, taken back, and what of it holds today."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.core.plan import Loss, saved_together, step_of
from pdd_audit.core.questions import Checklists
from pdd_audit.core.result import ScoreRecord, WaiverRecord
from pdd_audit.core.scoring import Scored, score
from pdd_audit.core.waivers import Waiver, faults, in_effect, renewed, standing, without
from pdd_audit.core.waterfall import AuditInputs
from pdd_audit.services.access import needs
from pdd_audit.services.overlay import checklists_of
from pdd_audit.services.profile import questions_for
from pdd_audit.services.workspace import Workspace, digest_of, now


@needs(Right.LOOK)
def waivers_of(workspace: Workspace, shop_id: str, checklists: Checklists | None = None) -> list[Waiver]:
    """Those that hold today, the first to end first. ``checklists``: what the shop is asked, where that is known already."""
    said = workspace.state.said(Waiver, shop_id)
    return in_effect(checklists or questions_for(workspace, shop_id), standing(said, now().date())) if said else []


@needs(Right.LOOK)
def waived_again(workspace: Workspace, shop_id: str) -> frozenset[str]:
    """Questions that were waived more than once."""
    return renewed(workspace.state.said(Waiver, shop_id))


@needs(Right.LOOK)
def waivers_version(workspace: Workspace, shop_id: str) -> str:
    """Changes with what holds today, so also when a waiver ends."""
    said = workspace.state.said(Waiver, shop_id)
    return digest_of(*(one.model_dump_json() for one in standing(said, now().date()))) if said else ""


@needs(Right.DECIDE)
def waive(workspace: Workspace, shop_id: str, question: str, until: date | None, by: str, reason: str) -> Waiver:
    """Let a question stand until the end of a day. Raises AuditError for a must-have, without a name, a reason or a day in reach, and
    when as many stand as may."""
    if not by.strip():
        raise AuditError("waiver_who", found="")
    said = Waiver(question=question, until=until, by=by.strip()[:60], reason=reason.strip()[:400], at=now())
    asked = {item.id: item for practice in checklists_of(workspace, shop_id).practices for item in practice.items}
    if workspace.waiver_rules is None:
        raise AuditError("waiver_ceiling", found="0", most=0)
    for _, code, values in faults(said, asked.get(question), waivers_of(workspace, shop_id), workspace.waiver_rules, now().date()):
        more = {name: value for name, value in values.items() if name != "name"}
        raise AuditError(code, found=str(values["name"]), **more)
    workspace.state.say(shop_id, said)
    return said


@needs(Right.DECIDE)
def take_back(workspace: Workspace, shop_id: str, question: str, by: str) -> None:
    """The waiver holds no longer; that it did stays on record. Raises AuditError without a name."""
    if not by.strip():
        raise AuditError("waiver_who", found="")
    if any(one.question == question for one in standing(workspace.state.said(Waiver, shop_id), now().date())):
        workspace.state.say(shop_id, Waiver(question=question, until=None, by=by.strip()[:60], at=now()))


def after(inputs: AuditInputs, waived: Collection[str]) -> ScoreRecord | None:
    """The score as if the waived questions were not asked; None where nothing is waived. Must-haves are never among them."""
    return score(without(inputs.checklists, waived), inputs.answers, inputs.findings, inputs.scope).score if waived else None


def waiver_records(waived: Iterable[Waiver], scored: Scored, losses: Sequence[Loss], days: float) -> list[WaiverRecord]:
    """The waivers with what it costs to wait."""
    items = {item.id: (item, practice) for practice, record in scored.practices.items() for item in record.items}
    records = []
    for one in waived:
        item, practice = items[one.question]
        value = scored.items[one.question]
        step = step_of(value.question, practice, value, item.gain)
        yuan = None if step is None else saved_together([step], losses, days).yuan
        assert one.until is not None, "only standing waivers are recorded"
        records.append(WaiverRecord(
            question=one.question, by=one.by, reason=one.reason, since=one.at.date(), until=one.until,
            points=0.0 if step is None else step.points, yuan=yuan or None,
        ))
    return records
