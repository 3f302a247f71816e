"""Answers: read, save the moment they are given, take back."""

from datetime import datetime

from pdd_audit.core.questions import Answer
from pdd_audit.services.overlay import checklists_of
from pdd_audit.services.workspace import Workspace, now


def load_answers(workspace: Workspace, shop_id: str) -> dict[str, Answer]:
    """Question id -> answer."""
    return workspace.state.answers(shop_id)


def answer_times(workspace: Workspace, shop_id: str) -> dict[str, datetime]:
    """Question id -> when it was last answered."""
    return workspace.state.answered_at(shop_id)


def save_answer(workspace: Workspace, shop_id: str, question_id: str, answer: Answer) -> datetime:
    """Save one answer in one transaction; the moment it was saved. The question must exist."""
    checklists_of(workspace, shop_id).question(question_id)
    saved_at = now()
    workspace.state.save_answers(shop_id, {question_id: answer}, saved_at)
    return saved_at


def clear_answer(workspace: Workspace, shop_id: str, question_id: str) -> datetime:
    """Take an answer back: the question is unanswered again."""
    saved_at = now()
    workspace.state.save_answers(shop_id, {question_id: None}, saved_at)
    return saved_at
