"""The audit of the audit: signs in the answers themselves that they were given to be done with. Questions to ask, never points."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import Literal

from pdd_audit.core.questions import Answer, Checklists

SignCode = Literal[
    "met_without_proof", "one_level", "many_not_applicable", "more_not_applicable", "in_a_rush", "waived", "waived_again",
]

FEWEST = 8  # answers before anything can be said of how they were given
MOSTLY = 0.6
MANY_NOT_APPLICABLE = 0.30
JUMP = 0.10
SECONDS_TO_READ = 5  # a question takes longer than this to read, let alone to check


@dataclass(frozen=True)
class Sign:
    """``n`` of ``of`` answers show it; ``practice``: where, if it is of one practice only."""

    code: SignCode
    n: int
    of: int
    practice: str | None = None


def signs(
    checklists: Checklists, answers: Mapping[str, Answer], answered_at: Mapping[str, datetime], before: Mapping[str, Answer] | None = None
) -> list[Sign]:
    """Everything worth asking about. ``before``: the answers of the last saved audit."""
    asked = {item.id: item for practice in checklists.practices for item in practice.items if item.kind == "question" and not item.retired}
    given = {name: answer for name, answer in answers.items() if name in asked}
    found = [*_unproven(given), *_one_level(checklists, given), *_in_a_rush(given, answered_at)]
    return [*found, *_not_applicable(given, before)] if len(given) >= FEWEST else found


def waiver_signs(waived: Collection[str], again: Collection[str], most: int) -> list[Sign]:
    """What is let stand today, of as many as may be, and how much of it not for the first time. ``again``: waived more than once ever."""
    repeated = len(set(waived) & set(again))
    found = [Sign("waived", len(waived), most)] if waived else []
    return [*found, Sign("waived_again", repeated, len(waived))] if repeated else found


def _unproven(given: Mapping[str, Answer]) -> list[Sign]:
    met = [answer for answer in given.values() if answer.answer == "met"]
    bare = sum(not answer.proven for answer in met)
    return [Sign("met_without_proof", bare, len(met))] if len(met) >= FEWEST and bare > MOSTLY * len(met) else []


def _one_level(checklists: Checklists, given: Mapping[str, Answer]) -> list[Sign]:
    """Every question of a practice answered alike."""
    found = []
    for practice in checklists.practices:
        levels = [answer for item in practice.items if (one := given.get(item.id)) and isinstance(answer := one.answer, str)]
        if len(levels) >= FEWEST and len(set(levels)) == 1:
            found.append(Sign("one_level", len(levels), len(levels), practice.practice.id))
    return found


def _in_a_rush(given: Mapping[str, Answer], answered_at: Mapping[str, datetime]) -> list[Sign]:
    """Answers that follow each other faster than their questions can be read."""
    moments = sorted(answered_at[name] for name in given if name in answered_at)
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    if len(gaps) < FEWEST or median(gaps) >= SECONDS_TO_READ:
        return []
    return [Sign("in_a_rush", sum(gap < SECONDS_TO_READ for gap in gaps), len(gaps))]


def _not_applicable(given: Mapping[str, Answer], before: Mapping[str, Answer] | None) -> list[Sign]:
    share, now = _share(given), sum(answer.answer == "na" for answer in given.values())
    if share > MANY_NOT_APPLICABLE:
        return [Sign("many_not_applicable", now, len(given))]
    if before and len(before) >= FEWEST and share - _share(before) > JUMP:
        return [Sign("more_not_applicable", now, len(given))]
    return []


def _share(answers: Mapping[str, Answer]) -> float:
    return sum(answer.answer == "na" for answer in answers.values()) / len(answers)
