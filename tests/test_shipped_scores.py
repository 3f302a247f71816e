"""What must hold of the score for every question we ship, not only for a template made for a test."""

import math
from itertools import pairwise
from pathlib import Path

import pytest

from pdd_audit.core.items import Finding, evaluate
from pdd_audit.core.measurement import Measurement
from pdd_audit.core.plan import make_plan, remedy_at
from pdd_audit.core.questions import Answer, Question
from pdd_audit.core.scoring import score
from pdd_audit.data.content.checklists import load_checklists
from pdd_audit.metrics import registry

SHIPPED = load_checklists(Path(__file__).resolve().parents[1] / "checklists")
SCALES = {str(name): scale for name, scale in SHIPPED.scales.items()}
ITEMS = [item for practice in SHIPPED.practices for item in practice.items if not item.retired]
ASKED = [item for item in ITEMS if item.kind == "question"]


def rungs(question: Question) -> list[Answer]:
    """Every answer of a question, worst first; for a list of criteria one tick more at a time."""
    if question.scale == "criteria_share":
        ids = [criterion.id for criterion in question.criteria]
        return [Answer(answer=tuple(ids[:ticks])) for ticks in range(len(ids) + 1)]
    return [Answer(answer=level.code) for level in SHIPPED.scales[question.scale].levels]


def states(question: Question) -> list[Finding | None]:
    """No data, too few, and the metric at, just below and just above every number the question names, with a narrow and a wide interval."""
    if question.verify is None:
        return [None]
    verify, info = question.verify, registry[question.verify.metric].info
    numbers = {0.0, *(limit.value for limit in verify.claim.values())}
    numbers |= {verify.curve.p10, verify.curve.median, verify.curve.worst} if verify.curve else set()
    near = sorted({max(0.0, step) for number in numbers for step in (number, math.nextafter(number, math.inf), math.nextafter(number, -math.inf))})
    top = 1.0 if info.unit == "ratio" else math.inf
    found: list[Finding | None] = [None, Finding(info, Measurement(value=near[0], low=near[0], high=near[0], n=verify.min_n - 1))]
    for value in near:
        found += [
            Finding(info, Measurement(value=value, low=max(0.0, value - half), high=min(top, value + half), n=verify.min_n)) for half in (0.0, 0.03)
        ]
    return found


def best() -> dict[str, Answer]:
    return {question.id: rungs(question)[-1] for question in ASKED}


@pytest.mark.parametrize("question", ASKED, ids=lambda question: question.id)
def test_a_bolder_answer_is_never_worth_less_whatever_the_data_say(question):
    for finding in states(question):
        worths = [evaluate(question, answer, finding, SCALES) for answer in rungs(question)]
        for lower, upper in pairwise(worths):
            assert lower.value <= upper.value and lower.low <= upper.low and lower.high <= upper.high


@pytest.mark.parametrize("question", [question for question in ASKED if not question.blocker], ids=lambda question: question.id)
def test_a_question_that_does_not_apply_counts_as_if_it_were_not_there(question):
    answers = {id: Answer(answer="partly") if SHIPPED.question(id).scale == "coverage_4" else given for id, given in best().items()}
    reason = next(iter(next(p for p in SHIPPED.practices if question in p.items).practice.na_reasons))
    without = SHIPPED.model_copy(update={"practices": tuple(
        practice.model_copy(update={"items": tuple(item for item in practice.items if item is not question)}) for practice in SHIPPED.practices
    )})
    marked = score(SHIPPED, answers | {question.id: Answer(answer="na", reason=reason)}, {}).score
    deleted = score(without, {id: given for id, given in answers.items() if id != question.id}, {}).score
    assert (marked.value, marked.low, marked.high) == pytest.approx((deleted.value, deleted.low, deleted.high), abs=1e-9)


LISTS = [question for question in ASKED if question.scale == "criteria_share"]


@pytest.mark.parametrize("question", LISTS, ids=lambda question: question.id)
def test_one_more_tick_is_worth_more_unless_the_data_contradict_the_whole_list(question):
    for finding in states(question):
        worths = [evaluate(question, answer, finding, SCALES) for answer in rungs(question)]
        for lower, upper in pairwise(worths):
            bound = upper.verdict == "contradicted" and question.verify is not None and question.verify.effect == "value"
            assert upper.value > lower.value or (bound and upper.value == lower.value)


@pytest.mark.parametrize("question", [question for question in ASKED if question.weight], ids=lambda question: question.id)
def test_every_remedy_is_reached_by_an_answer_and_the_best_answer_by_none(question):
    alone = SHIPPED.model_copy(update={"practices": tuple(
        practice.model_copy(update={"items": (question,)}) for practice in SHIPPED.practices if question in practice.items
    )})
    reached = []
    for answer in rungs(question):
        steps = make_plan(alone, score(alone, {question.id: answer}, {}), [], 30.0)
        reached.append(steps[0].remedy if steps else None)
    assert reached[-1] is None and None not in reached[:-1]
    assert {id(one) for one in reached[:-1]} == {id(one) for one in question.remedies}


@pytest.mark.parametrize("question", [item for item in ITEMS if item.kind == "metric"], ids=lambda question: question.id)
def test_every_remedy_of_a_measured_item_is_reached_too(question):
    reached = [remedy_at(question, value, None) for value in (0.0, 0.29, 0.3, 0.69, 0.7, 0.99)]
    assert None not in reached
    assert {id(one) for one in reached} == {id(one) for one in question.remedies}
