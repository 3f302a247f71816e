"""Proofs of answers: attach, take away, give back. The bytes lie with the shop and are given to nobody else."""

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.core.questions import Answer, Attachment
from pdd_audit.services.access import needs
from pdd_audit.services.workspace import Workspace, now

MOST = 10
KINDS = ("png", "jpg", "jpeg", "pdf")


@needs(Right.ANSWER)
def attach(workspace: Workspace, shop_id: str, question_id: str, name: str, data: bytes) -> Attachment:
    """Keep a photo or document with an answer. Raises AuditError: ``proof_kind``, ``proof_size``, ``proof_many``, ``proof_answer``."""
    _with(workspace.state.answer(shop_id, question_id), None)
    attachment = workspace.proofs(shop_id).keep(name, data)
    workspace.state.change_answer(shop_id, question_id, lambda stands: _with(stands, attachment), now(), "")
    return attachment


def _with(answer: Answer | None, one: Attachment | None) -> Answer:
    """Asked before the bytes are kept, and again of the answer as it stands then: meanwhile others go on."""
    if answer is None:
        raise AuditError("proof_answer")
    if one is not None and one.sha256 in {each.sha256 for each in answer.attached}:
        return answer
    if len(answer.attached) >= MOST:
        raise AuditError("proof_many", found=str(len(answer.attached)), most=MOST)
    return answer if one is None else answer.model_copy(update={"attached": (*answer.attached, one)})


@needs(Right.ANSWER)
def detach(workspace: Workspace, shop_id: str, question_id: str, sha256: str) -> None:
    """The answer no longer names it. Its bytes stay: an earlier answer or a saved audit may rest on them."""

    def without_it(stands: Answer | None) -> Answer | None:
        return stands and stands.model_copy(update={"attached": tuple(one for one in stands.attached if one.sha256 != sha256)})

    workspace.state.change_answer(shop_id, question_id, without_it, now(), "")


@needs(Right.LOOK)
def proof_bytes(workspace: Workspace, shop_id: str, attachment: Attachment) -> bytes:
    """The file as it was given. Raises AuditError ``proof_gone`` where it is no longer there whole."""
    data = workspace.proofs(shop_id).read(attachment)
    if data is None:
        raise AuditError("proof_gone", found=attachment.name)
    return data
