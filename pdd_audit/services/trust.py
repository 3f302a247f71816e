"""How far a shop's score can be trusted today: how fresh its answers are, and how they were given."""

from dataclasses import dataclass

from pdd_audit.core.confidence import Confidence, confidence
from pdd_audit.core.people import Right
from pdd_audit.core.xray import Sign, signs, waiver_signs
from pdd_audit.services.access import needs
from pdd_audit.services.history import answers_of_last_audit
from pdd_audit.services.run_audit import Audit
from pdd_audit.services.waivers import waived_again
from pdd_audit.services.workspace import Workspace, now


@dataclass(frozen=True)
class Trust:
    confidence: Confidence
    signs: list[Sign]


@needs(Right.LOOK)
def trust_in(workspace: Workspace, shop_id: str, audit: Audit) -> Trust:
    """Of an audit of the shop's stored answers, at this moment."""
    given, inputs = workspace.state.answered_at(shop_id), audit.inputs
    told = signs(inputs.checklists, inputs.answers, given, answers_of_last_audit(workspace, shop_id))
    most = workspace.waiver_rules.most_at_once if workspace.waiver_rules else 0
    waived = [one.question for one in audit.result.waivers]
    return Trust(
        confidence(audit.result.practices.values(), inputs, given, now()),
        [*told, *waiver_signs(waived, waived_again(workspace, shop_id), most)],
    )
