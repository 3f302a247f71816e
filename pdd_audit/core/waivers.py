"""What a shop lets stand for a while: a question it knows it does not meet, by whose leave, why, and until when.

A waiver never changes the score: a second score, without the waived questions, stands beside it. A question without which a good score
would mislead cannot be waived, and only so many can be at once. When its last day is over the question is as before, without a word.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from pdd_audit.core.periods import Fault
from pdd_audit.core.questions import Checklists, Part, Question, QuestionId, Text


class WaiverRules(Part):
    """``checklists/waivers.yaml``: ``most_at_once`` may stand, each for ``longest_days`` at most; ``why`` there is a ceiling at all."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    most_at_once: Annotated[int, Field(ge=0, le=50)]
    longest_days: Annotated[int, Field(ge=1, le=366)]
    why: Text

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Waiver(Part):
    """One word on one question, never edited; the last one on it counts. ``until``: the last day it stands, None: taken back before.

    ``by`` gave leave, ``reason`` in their words. ``at``: when it was said, Shanghai time without an offset.
    """

    question: QuestionId
    until: date | None
    by: Annotated[str, Field(min_length=1, max_length=60)]
    reason: Annotated[str, Field(max_length=400)] = ""
    at: datetime


def standing(said: Iterable[Waiver], day: date) -> list[Waiver]:
    """Those that stand on a day, the first to end first."""
    last = {one.question: one for one in said}
    return sorted((one for one in last.values() if one.until is not None and one.until >= day), key=lambda one: (one.until, one.question))


def waivable(question: Question) -> bool:
    """Whether a waiver could mean anything: asked of people, part of the score, and no must-have."""
    return question.kind == "question" and question.weight > 0 and question.blocker is None and not question.retired


def in_effect(checklists: Checklists, waivers: Iterable[Waiver]) -> list[Waiver]:
    """Those on questions the shop is asked and may waive; a question that has become a must-have since is waived no longer."""
    open_to = {item.id for practice in checklists.practices for item in practice.items if waivable(item)}
    return [one for one in waivers if one.question in open_to]


def without(checklists: Checklists, questions: Collection[str]) -> Checklists:
    """The checklists as if these questions were not in them."""
    left = [
        practice.model_copy(update={"items": items})
        for practice in checklists.practices
        if (items := tuple(item for item in practice.items if item.id not in questions))
    ]
    return checklists.model_copy(update={"practices": tuple(left)})


def renewed(said: Iterable[Waiver]) -> frozenset[str]:
    """Questions that were waived more than once, whether prolonged or waived anew."""
    times: dict[str, int] = {}
    for one in said:
        times[one.question] = times.get(one.question, 0) + (one.until is not None)
    return frozenset(question for question, number in times.items() if number > 1)


def faults(wanted: Waiver, question: Question | None, others: Collection[Waiver], rules: WaiverRules, day: date) -> Iterable[Fault]:
    """Why a waiver cannot be, the first reason first. ``others``: those that stand on ``day`` already, in effect."""
    values: Mapping[str, object] = {"name": wanted.question}
    if question is None or not waivable(question):
        yield ("question",), "waiver_question" if question is None or question.blocker is None else "waiver_blocker", values
        return
    if not wanted.reason.strip():
        yield ("reason",), "waiver_reason", {"name": ""}
    last = day + timedelta(days=rules.longest_days)
    if wanted.until is None or not day <= wanted.until <= last:
        found = "" if wanted.until is None else wanted.until.isoformat()
        yield ("until",), "waiver_until", {"name": found, "first": day.isoformat(), "last": last.isoformat()}
    elsewhere = {one.question for one in others} - {wanted.question}
    if len(elsewhere) >= rules.most_at_once:
        yield ("question",), "waiver_ceiling", {"name": str(len(elsewhere)), "most": rules.most_at_once}
