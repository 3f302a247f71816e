"""Saved audits: keep, list, compare."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from pdd_audit.core.comparison import AnswerChange, Difference, RulesMoved, compare, compare_answers, compare_rules
from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.core.questions import Answer, Checklists
from pdd_audit.core.result import AuditResult
from pdd_audit.core.rounds import RoundWord, rounds_of
from pdd_audit.core.waterfall import AuditInputs, Waterfall, read_inputs, waterfall
from pdd_audit.services.access import needs
from pdd_audit.services.run_audit import Audit
from pdd_audit.services.workspace import Workspace, now

__all__ = [
    "AnswerChange", "Compared", "Difference", "RulesMoved", "SavedAudit", "answers_of_last_audit", "compare", "compared", "delete_audit",
    "inputs_of", "list_audits", "save_audit",
]


@dataclass(frozen=True)
class SavedAudit:
    """A snapshot as it was: its result names the digests of its files, its rules and its checklist versions."""

    id: str
    name: str
    saved_at: datetime
    result: AuditResult


@needs(Right.ANSWER)
def save_audit(workspace: Workspace, shop_id: str, name: str, audit: Audit, by: str = "") -> SavedAudit:
    """Keep a result under a name, with everything it was computed from."""
    inputs, template = json.dumps(audit.inputs.document()), audit.inputs.checklists.model_dump_json(by_alias=True, exclude_defaults=True)
    audit_id = workspace.state.add_audit(shop_id, name, audit.result.model_dump_json(), now(), inputs, template, by)
    return next(audit for audit in list_audits(workspace, shop_id) if audit.id == audit_id)


@needs(Right.LOOK)
def list_audits(workspace: Workspace, shop_id: str) -> list[SavedAudit]:
    """Saved audits, newest first."""
    return [
        SavedAudit(stored.id, stored.name, stored.saved_at, AuditResult.model_validate(stored.result))
        for stored in workspace.state.audits(shop_id)
    ]


@needs(Right.DECIDE)
def delete_audit(workspace: Workspace, shop_id: str, audit_id: str) -> None:
    """Take a saved audit away. Raises AuditError for one that a review was signed on."""
    rounds = rounds_of(workspace.state.said(RoundWord, shop_id))
    signed = {word.signature.audit for one in rounds for word in one.signatures if word.signature is not None}
    if signed and audit_id in {id for digest, id in workspace.state.audit_digests(shop_id).items() if digest in signed}:
        raise AuditError("audit_signed", found=audit_id)
    workspace.state.delete_audit(shop_id, audit_id)


@dataclass(frozen=True)
class Compared:
    """Two audits of one scope. ``why``: the sources of the change, None where an audit has no score or was kept without what it was
    computed from; ``templates``: the checklists of each, None where they were not kept; ``units``: figure -> unit, as far as the rules of
    their platforms are still known."""

    differences: list[Difference]
    answers: list[AnswerChange]
    rules: RulesMoved
    why: Waterfall | None
    templates: tuple[Checklists | None, Checklists | None]
    units: dict[str, str]


@needs(Right.LOOK)
def compared(workspace: Workspace, shop_id: str, old: SavedAudit, new: SavedAudit | Audit) -> Compared:
    """Everything that can be said of two audits side by side. Raises AuditError for audits of different scope."""
    differences = compare(old.result, new.result)
    before = inputs_of(workspace, shop_id, old)
    after = new.inputs if isinstance(new, Audit) else inputs_of(workspace, shop_id, new)
    templates = (None if before is None else before.checklists, None if after is None else after.checklists)
    why = None if before is None or after is None else waterfall(before, after)
    rules = compare_rules(old.result, new.result, templates)
    units = _units(workspace, {old.result.rules.platform, new.result.rules.platform})
    return Compared(differences, compare_answers(old.result, new.result), rules, why, templates, units)


def _units(workspace: Workspace, platforms: Collection[str]) -> dict[str, str]:
    known = [workspace.platform(name) for name in platforms if name in workspace.platforms]
    groups = [group for rules in known for group in (rules.shared, *(pack.figures for pack in rules.packs))]
    return {name: figure.unit for group in groups for name, figure in group.items()}


@needs(Right.LOOK)
def inputs_of(workspace: Workspace, shop_id: str, audit: SavedAudit) -> AuditInputs | None:
    """What a saved audit was computed from; None where it was kept without."""
    kept = workspace.state.audit_inputs(shop_id, audit.id)
    return None if kept is None else read_inputs(json.loads(kept[0]), Checklists.model_validate_json(kept[1]))


@needs(Right.LOOK)
def answers_of_last_audit(workspace: Workspace, shop_id: str) -> dict[str, Answer] | None:
    """What was answered when the newest audit was saved; None without one."""
    newest = next(iter(workspace.state.audit_ids(shop_id)), None)
    kept = None if newest is None else workspace.state.audit_inputs(shop_id, newest)
    return None if kept is None else {name: Answer.model_validate(one) for name, one in json.loads(kept[0])["answers"].items()}
