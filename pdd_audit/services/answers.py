"""Answers: read, save the moment they are given, take back."""

from dataclasses import dataclass
from datetime import datetime

from pdd_audit.core.people import Right
from pdd_audit.core.questions import Answer
from pdd_audit.services.access import needs
from pdd_audit.services.overlay import checklists_of
from pdd_audit.services.workspace import Workspace, now


@needs(Right.LOOK)
def load_answers(workspace: Workspace, shop_id: str) -> dict[str, Answer]:
    """Question id -> answer."""
    return workspace.state.answers(shop_id)


@needs(Right.LOOK)
def answer_times(workspace: Workspace, shop_id: str) -> dict[str, datetime]:
    """Question id -> when it was last answered."""
    return workspace.state.answered_at(shop_id)


@needs(Right.ANSWER)
def save_answer(workspace: Workspace, shop_id: str, question_id: str, answer: Answer, by: str = "") -> datetime:
    """Save one answer in one transaction; the moment it was saved. The question must exist. ``by``: who says so, where it is known."""
    checklists_of(workspace, shop_id).question(question_id)
    saved_at = now()
    workspace.state.save_answers(shop_id, {question_id: answer}, saved_at, by)
    return saved_at


@dataclass(frozen=True)
class Kept:
    """``at``: when it was saved. ``overtaken``: what somebody else had answered since the answerer looked; it stays in the history."""

    at: datetime
    overtaken: Answer | None


@needs(Right.ANSWER)
def save_over(workspace: Workspace, shop_id: str, question_id: str, answer: Answer, seen: Answer | None, by: str = "") -> Kept:
    """Save one answer in one transaction, knowing what the answerer saw (None: nothing) while giving it. The question must exist."""
    checklists_of(workspace, shop_id).question(question_id)
    saved_at = now()
    before = workspace.state.save_answers(shop_id, {question_id: answer}, saved_at, by).get(question_id)
    unseen = before is not None and before != seen and before.answer != answer.answer
    return Kept(saved_at, before if unseen else None)


@needs(Right.ANSWER)
def clear_answer(workspace: Workspace, shop_id: str, question_id: str, by: str = "") -> datetime:
    """Take an answer back: the question is unanswered again."""
    saved_at = now()
    workspace.state.save_answers(shop_id, {question_id: None}, saved_at, by)
    return saved_at
