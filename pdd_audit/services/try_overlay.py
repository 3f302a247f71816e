"""What a draft of a shop's own checklist would do before it is saved: to the score of today, and to every saved audit."""

from dataclasses import dataclass

from pdd_audit.core.errors import AuditError
from pdd_audit.core.overlay import Overlay, apply
from pdd_audit.core.people import Right
from pdd_audit.core.questions import Checklists
from pdd_audit.core.scoring import points_with
from pdd_audit.core.waterfall import Waterfall, ruler_moved
from pdd_audit.services.access import needs
from pdd_audit.services.history import inputs_of, list_audits
from pdd_audit.services.overlay import prover_of
from pdd_audit.services.profile import profile_of
from pdd_audit.services.run_audit import Audit
from pdd_audit.services.workspace import Workspace

NOTHING_MOVED = 1e-9


@dataclass(frozen=True)
class Moved:
    """A saved audit under a draft: its points, those by the draft, and what of the ruler made the difference."""

    name: str
    found: Waterfall


@dataclass(frozen=True)
class Reach:
    """What a draft does to saved audits. ``same``: how many would not move; ``unknown``: how many have no score or were kept without what
    they were computed from."""

    moved: list[Moved]
    same: int
    unknown: int


@dataclass(frozen=True)
class Trial:
    """Points of today by the shipped checklists and by the draft, None where too little is answered; ``errors`` keep the draft from being
    saved."""

    official: float | None
    own: float | None
    errors: list[AuditError]
    warnings: list[AuditError]


@needs(Right.LOOK)
def try_overlay(workspace: Workspace, shop_id: str, audit: Audit, draft: Overlay) -> Trial:
    """The score of today by the shipped checklists and by a draft, and what the prover says of it. ``audit``: of the stored answers."""
    errors, warnings = prover_of(workspace).said(draft)
    profile, answers, inputs = profile_of(workspace, shop_id), workspace.state.answers(shop_id), audit.inputs

    def points(checklists: Checklists) -> float | None:
        if not audit.result.score.enough:  # as everywhere: too little is answered to speak of a score
            return None
        return points_with(checklists.for_shop(profile), answers, inputs.findings, inputs.scope, ())

    return Trial(points(workspace.checklists), points(apply(workspace.checklists, draft)), errors, warnings)


@needs(Right.LOOK)
def reach_of(workspace: Workspace, shop_id: str, draft: Overlay | None) -> Reach:
    """Every saved audit of the shop scored again with the draft (None: the shipped checklists), on its own answers and measurements."""
    checklists = apply(workspace.checklists, draft).for_shop(profile_of(workspace, shop_id))
    moved, same, unknown = [], 0, 0
    for audit in list_audits(workspace, shop_id):
        inputs = inputs_of(workspace, shop_id, audit)
        found = None if inputs is None else ruler_moved(inputs, checklists)
        if found is None:
            unknown += 1
        elif abs(found.after - found.before) < NOTHING_MOVED:
            same += 1
        else:
            moved.append(Moved(audit.name, found))
    return Reach(moved, same, unknown)
