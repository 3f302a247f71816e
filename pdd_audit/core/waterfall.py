"""Why a score moved between two audits: six sources whose effects add up to the change exactly.

The effect of a source is its Shapley value (Shapley 1953): its mean contribution over all orders in which the six could have changed.
Template and weights are a changed ruler, never progress.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import factorial, isfinite
from typing import Any, Literal

from pdd_audit.core.items import Finding
from pdd_audit.core.measurement import Measurement, MetricInfo
from pdd_audit.core.questions import Answer, Checklists, Practice, Question
from pdd_audit.core.result import Scope
from pdd_audit.core.scoring import points_with, score

SourceName = Literal["answers", "metrics", "template", "weights", "not_applicable", "coverage"]
SOURCES: tuple[SourceName, ...] = ("answers", "metrics", "template", "weights", "not_applicable", "coverage")
RULER: frozenset[SourceName] = frozenset({"template", "weights"})


@dataclass(frozen=True)
class AuditInputs:
    """Everything a score was computed from."""

    checklists: Checklists
    answers: Mapping[str, Answer]
    findings: Mapping[str, Finding]
    scope: Scope = "full"

    def asks(self, question: Question) -> bool:
        return any(question.id == other.id for practice in self.checklists.practices for other in practice.items)


    def document(self) -> dict[str, Any]:
        """Everything but the template, as it is kept."""
        findings = {
            name: [finding.info.unit, finding.info.better, *(getattr(finding.measured, part) for part in _MEASURED)]
            for name, finding in self.findings.items()
        }
        answers = {name: one.model_dump(mode="json", exclude_defaults=True) for name, one in self.answers.items()}
        return {"scope": self.scope, "answers": answers, "findings": findings}


_MEASURED = ("value", "n", "low", "high", "reason")


def read_inputs(document: Mapping[str, Any], template: Checklists) -> AuditInputs:
    """The inputs of ``AuditInputs.document``, scored by the template that was kept with them."""
    findings = {
        name: Finding(MetricInfo(name, unit, better, ""), Measurement(**dict(zip(_MEASURED, measured, strict=True))))
        for name, (unit, better, *measured) in document["findings"].items()
    }
    answers = {name: Answer.model_validate(one) for name, one in document["answers"].items()}
    return AuditInputs(template, answers, findings, document["scope"])


@dataclass(frozen=True)
class Waterfall:
    """``before`` and ``after`` in points; ``effects``: source -> points, adding up to ``after - before``."""

    before: float
    after: float
    effects: dict[SourceName, float]


def waterfall(old: AuditInputs, new: AuditInputs) -> Waterfall | None:
    """The six effects, from 64 scores; None where either audit has no score. Audits of different scope must not be compared."""
    totals: dict[frozenset[SourceName], float] = {}
    for size in range(len(SOURCES) + 1):
        for taken in combinations(SOURCES, size):
            mixed = _mixed(old, new, frozenset(taken))
            value = score(mixed.checklists, mixed.answers, mixed.findings, mixed.scope).score.value
            if value is None or not isfinite(value):
                return None
            totals[frozenset(taken)] = value
    effects = {source: _effect(source, totals) for source in SOURCES}
    return Waterfall(totals[frozenset()], totals[frozenset(SOURCES)], effects)


def ruler_moved(old: AuditInputs, checklists: Checklists) -> Waterfall | None:
    """What other checklists make of the same answers and measurements: ``template`` and ``weights``, from four scores.

    The other four sources are the same on both sides, so that their effects are 0 and these two equal those of ``waterfall``.
    """
    new = AuditInputs(checklists, old.answers, old.findings, old.scope)
    points = {}
    for taken in _RULERS:
        mixed = _mixed(old, new, taken)
        points[taken] = points_with(mixed.checklists, mixed.answers, mixed.findings, mixed.scope, ())
    neither, template, weights, both = (points[taken] for taken in _RULERS)
    if neither is None or template is None or weights is None or both is None:
        return None
    by_template, by_weights = (template - neither + both - weights) / 2, (weights - neither + both - template) / 2
    return Waterfall(neither, both, {"template": by_template, "weights": by_weights})


_RULERS: tuple[frozenset[SourceName], ...] = (frozenset(), frozenset({"template"}), frozenset({"weights"}), RULER)


def _effect(source: SourceName, totals: Mapping[frozenset[SourceName], float]) -> float:
    others = len(SOURCES) - 1
    return sum(
        factorial(len(taken)) * factorial(others - len(taken)) / factorial(len(SOURCES)) * (totals[taken | {source}] - value)
        for taken, value in totals.items()
        if source not in taken
    )


def _mixed(old: AuditInputs, new: AuditInputs, taken: frozenset[SourceName]) -> AuditInputs:
    """The audit with the ``taken`` sources of the new one and the others of the old."""

    def sides(source: SourceName) -> tuple[AuditInputs, AuditInputs]:
        return (new, old) if source in taken else (old, new)

    template, _ = sides("template")
    answers = {}
    for question in (question for practice in template.checklists.practices for question in practice.items):
        given = _answer(question, sides("answers"), sides("not_applicable"), sides("coverage"))
        if given is not None:
            answers[question.id] = given
    return AuditInputs(_weighed(template.checklists, sides("weights")), answers, sides("metrics")[0].findings, new.scope)


Sides = tuple[AuditInputs, AuditInputs]  # the chosen one first


def _answer(question: Question, levels: Sides, applies: Sides, coverage: Sides) -> Answer | None:
    """What is missing on the chosen side (the question was not there, or did not apply) comes from the other; on neither: unanswered."""
    side = next((side for side in applies if side.asks(question)), applies[0])
    given = side.answers.get(question.id)
    if given is not None and given.answer == "na":
        return given
    for side in coverage:
        given = side.answers.get(question.id)
        if not side.asks(question) or (given is not None and given.answer == "na"):
            continue
        if given is None or given.answer == "unknown":
            return given
        return next((answer for other in levels if (answer := _level(other, question)) is not None), None)
    return None


def _level(side: AuditInputs, question: Question) -> Answer | None:
    """An answer that can be given to the question as it stands: ticks for a list of criteria, else one of the levels."""
    given = side.answers.get(question.id)
    if given is None or given.answer in ("na", "unknown"):
        return None
    if not isinstance(given.answer, tuple):
        return given
    there = {criterion.id for criterion in question.criteria}
    return given.model_copy(update={"answer": tuple(tick for tick in given.answer if tick in there)}) if there else None


def _weighed(checklists: Checklists, weights: tuple[AuditInputs, AuditInputs]) -> Checklists:
    """The template with the weights of the chosen side; what that side does not have keeps the other's."""
    practices: dict[str, int] = {}
    items: dict[str, int] = {}
    for side in reversed(weights):
        for practice in side.checklists.practices:
            practices[practice.practice.id] = practice.practice.section_weight
            items |= {question.id: question.weight for question in practice.items}

    def weighed(practice: Practice) -> Practice:
        head = practice.practice.model_copy(update={"section_weight": practices[practice.practice.id]})
        asked = tuple(question.model_copy(update={"weight": items[question.id]}) for question in practice.items)
        return practice.model_copy(update={"practice": head, "items": asked})

    return checklists.model_copy(update={"practices": tuple(weighed(practice) for practice in checklists.practices)})


def shown_parts(effects: Mapping[SourceName, float], total: float, digits: int = 1) -> dict[SourceName, float]:
    """The effects rounded for display so that the shown parts add up to the shown total (largest remainder)."""
    unit = 10**digits
    exact = {source: round(value * unit, 9) for source, value in effects.items()}
    floors = {source: int(value // 1) for source, value in exact.items()}
    missing = int((round(total * unit, 9) + 0.5) // 1) - sum(floors.values())
    by_remainder = sorted(exact, key=lambda source: (-(exact[source] - floors[source]), SOURCES.index(source)))
    each, more = divmod(missing, len(exact))  # a total that was rounded elsewhere may lie a unit beyond what one round of units reaches
    return {source: (floors[source] + each + (1 if source in by_remainder[:more] else 0)) / unit for source in effects}
