"""Proofs of answers: attach, take away, give back. The bytes lie with the shop and are given to nobody else."""

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.core.questions import Attachment
from pdd_audit.services.access import needs
from pdd_audit.services.answers import save_answer
from pdd_audit.services.workspace import Workspace

MOST = 10
KINDS = ("png", "jpg", "jpeg", "pdf")


@needs(Right.ANSWER)
def attach(workspace: Workspace, shop_id: str, question_id: str, name: str, data: bytes) -> Attachment:
    """Keep a photo or document with an answer. Raises AuditError: ``proof_kind``, ``proof_size``, ``proof_many``, ``proof_answer``."""
    answer = workspace.state.answers(shop_id).get(question_id)
    if answer is None:
        raise AuditError("proof_answer")
    if len(answer.attached) >= MOST:
        raise AuditError("proof_many", found=str(len(answer.attached)), most=MOST)
    attachment = workspace.proofs(shop_id).keep(name, data)
    if attachment.sha256 not in {one.sha256 for one in answer.attached}:
        save_answer(workspace, shop_id, question_id, answer.model_copy(update={"attached": (*answer.attached, attachment)}))
    return attachment


@needs(Right.ANSWER)
def detach(workspace: Workspace, shop_id: str, question_id: str, sha256: str) -> None:
    """The answer no longer names it. Its bytes stay: an earlier answer or a saved audit may rest on them."""
    answer = workspace.state.answers(shop_id).get(question_id)
    if answer is not None:
        left = tuple(one for one in answer.attached if one.sha256 != sha256)
        save_answer(workspace, shop_id, question_id, answer.model_copy(update={"attached": left}))


@needs(Right.LOOK)
def proof_bytes(workspace: Workspace, shop_id: str, attachment: Attachment) -> bytes:
    """The file as it was given. Raises AuditError ``proof_gone`` where it is no longer there whole."""
    data = workspace.proofs(shop_id).read(attachment)
    if data is None:
        raise AuditError("proof_gone", found=attachment.name)
    return data
