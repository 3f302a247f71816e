"""Answers: read, save the moment they are given, take back. Nobody's word is replaced unseen without being told so."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pdd_audit.core.answer_parts import AnswerPart, differing, merged, replaced
from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.core.questions import Answer
from pdd_audit.services.access import needs
from pdd_audit.services.overlay import checklists_of
from pdd_audit.services.workspace import Workspace, now

SAID = 20  # so far back whose word it is is looked up


@needs(Right.LOOK)
def load_answers(workspace: Workspace, shop_id: str) -> dict[str, Answer]:
    """Question id -> answer."""
    return workspace.state.answers(shop_id)


@needs(Right.LOOK)
def answer_of(workspace: Workspace, shop_id: str, question_id: str) -> Answer | None:
    """One answer as of now, whatever was read before: for whoever looks again and again."""
    return workspace.state.answer(shop_id, question_id)


@needs(Right.LOOK)
def who_said(workspace: Workspace, shop_id: str, question_id: str, answer: Answer | None, parts: Collection[AnswerPart]) -> tuple[str, ...]:
    """Whose words these parts of an answer are, or who took it back (None): names without their doubles, none where none is known."""
    said = workspace.state.said_of(shop_id, question_id, SAID)
    return tuple(dict.fromkeys(filter(None, (_first_so(said, answer, part) for part in parts))))


def _first_so(said: list[tuple[Answer | None, str]], answer: Answer | None, part: AnswerPart) -> str:
    """Who made the part what it is in ``answer``; those who changed other parts later left it so. ``said``: the newest first."""
    who = None
    for one, name in said:
        if part not in differing(one, answer):
            who = name
        elif who is not None:
            break
    return who or ""


@needs(Right.ANSWER)
def save_answer(workspace: Workspace, shop_id: str, question_id: str, answer: Answer, by: str = "") -> datetime:
    """Save one answer in one transaction; the moment it was saved. The question must exist. ``by``: who says so, where it is known."""
    checklists_of(workspace, shop_id).question(question_id)
    saved_at = now()
    workspace.state.save_answers(shop_id, {question_id: answer}, saved_at, by)
    return saved_at


@dataclass(frozen=True)
class Overtaken:
    """What somebody else had said since the answerer looked. ``answer`` None: they had taken the answer back; ``parts``: those of it that
    were replaced; ``by``: whose words those are, none where no name is known."""

    answer: Answer | None
    parts: tuple[AnswerPart, ...]
    by: tuple[str, ...]


@dataclass(frozen=True)
class Kept:
    """``at``: when it was saved; ``answer``: what stands now."""

    at: datetime
    answer: Answer
    overtaken: Overtaken | None


@needs(Right.ANSWER)
def save_over(workspace: Workspace, shop_id: str, question_id: str, said: Mapping[str, Any], seen: Answer | None, by: str = "") -> Kept:
    """Save what somebody changed of an answer, in one transaction; its other parts stay as they stand, whoever said them. The question must
    exist.

    ``said``: fields of ``Answer`` with their new values. ``seen``: the answer as they saw it while they said so, None: none. Where somebody
    else has changed the same part meanwhile, the later word counts and the earlier is handed back: both are in the history. An answer that
    was taken back meanwhile stands again as it was seen. Raises AuditError ``answer_gone`` for a word beside an answer that is not there.
    """
    checklists_of(workspace, shop_id).question(question_id)
    saved_at = now()

    def over(stood: Answer | None) -> Answer:
        if stood is None and seen is None and "answer" not in said:
            raise AuditError("answer_gone")
        return merged(stood, seen, said)

    stood, stands = workspace.state.change_answer(shop_id, question_id, over, saved_at, by)
    assert stands is not None, "it was just saved"
    parts = replaced(stood, seen, said)
    return Kept(saved_at, stands, Overtaken(stood, parts, who_said(workspace, shop_id, question_id, stood, parts)) if parts else None)


@needs(Right.ANSWER)
def clear_answer(workspace: Workspace, shop_id: str, question_id: str, seen: Answer | None, by: str = "") -> datetime:
    """Take an answer back: the question is unanswered again. ``seen``: the answer as whoever does it saw it.

    Raises AuditError ``answer_newer`` where it is another one by now: it stays."""

    def cleared(stood: Answer | None) -> None:
        if stood is not None and stood != seen:
            raise AuditError("answer_newer")

    saved_at = now()
    workspace.state.change_answer(shop_id, question_id, cleared, saved_at, by)
    return saved_at
