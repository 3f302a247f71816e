"""The score: answers and findings in, points out. One pure function, ``score``; everything else in this file serves it.

Items are folded into sections, sections into the total, with the blocker caps on the way. Values are 0..1 inside and points 0..100 in
the records.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pdd_audit.core.grades import grade_of
from pdd_audit.core.items import Finding, ItemValue, evaluate, fails
from pdd_audit.core.questions import Answer, Checklists, Practice, Scale
from pdd_audit.core.result import Coverage, ItemRecord, PracticeRecord, Scope, ScoreRecord

TOTAL_CAP = 0.69
COVERAGE_FOR_GRADE = 0.80


@dataclass(frozen=True)
class Section:
    """One practice with its items that count (weight above zero, applicable)."""

    practice: Practice
    items: tuple[ItemValue, ...]

    @property
    def weight(self) -> int:
        return self.practice.practice.section_weight

    @property
    def valued(self) -> list[ItemValue]:
        return [item for item in self.items if item.value is not None]


def _mean(pairs: Iterable[tuple[float, float]]) -> float | None:
    """Weighted mean of (weight, value); None when there is no weight."""
    total = weighted = 0.0
    for weight, value in pairs:
        total += weight
        weighted += weight * value
    return weighted / total if total else None


@dataclass(frozen=True)
class Totals:
    """One reading (value, low or high) of all sections, before and after the blocker caps. ``sections``: by id, in file order."""

    sections: dict[str, "Folded"]
    total: float | None
    uncapped: float | None

    @property
    def capped_by(self) -> list[str]:
        return [question for folded in self.sections.values() for question in folded.capped_by]


@dataclass(frozen=True)
class Folded:
    """One section: its value after the cap and before, and the must-haves that fail."""

    weight: int
    value: float | None = None
    uncapped: float | None = None
    capped_by: Sequence[str] = ()


def fold(sections: Iterable[Section], scales: Mapping[str, Scale], reading: str) -> Totals:
    """Section means, section caps, total mean, total cap, in this order. ``reading``: value | low | high."""
    return _totals({section.practice.practice.id: _folded(section, scales, reading) for section in sections})


def _folded(section: Section, scales: Mapping[str, Scale], reading: str) -> Folded:
    items = section.valued if reading == "value" else section.items
    mean = _mean((item.question.weight, getattr(item, reading)) for item in items)
    failed = [item.question.id for item in items if fails(item, getattr(item, reading), scales)]
    capped = mean if mean is None or not failed else min(mean, section.practice.practice.cap_when_blocker_fails / 100)
    return Folded(section.weight, capped, mean, failed)


def _totals(sections: dict[str, Folded]) -> Totals:
    live = [folded for folded in sections.values() if folded.value is not None]
    before = _mean((folded.weight, folded.uncapped or 0.0) for folded in live)
    total = _mean((folded.weight, folded.value or 0.0) for folded in live)
    if total is not None and any(folded.capped_by for folded in live):
        total = min(total, TOTAL_CAP)
    return Totals(sections, total, before)


@dataclass(frozen=True)
class Scored:
    """The total, the practices in file order, and the items behind them."""

    score: ScoreRecord
    practices: dict[str, PracticeRecord]
    items: dict[str, ItemValue]


def score(
    checklists: Checklists,
    answers: Mapping[str, Answer],
    findings: Mapping[str, Finding],
    scope: Scope = "full",
) -> Scored:
    """Points of a shop from its answers and its data.

    ``answers``: question id -> answer; ids that are missing are unanswered. ``findings``: metric id -> finding.
    ``scope``: "quick" asks only the questions marked quick. No input is changed; equal inputs give equal results.
    """
    scales = {str(name): scale for name, scale in checklists.scales.items()}
    everything = {
        practice.practice.id: tuple(_evaluate_asked(practice, answers, findings, scales, scope)) for practice in checklists.practices
    }
    sections = _sections(checklists, everything)
    live = [section for section in sections if section.items]
    value, low, high = (fold(live, scales, reading) for reading in ("value", "low", "high"))
    shares = _shares(live)
    alphas = _shares([Section(section.practice, tuple(section.valued)) for section in live if section.valued])
    total, low_total, high_total = _ordered(low.total, value.total, high.total)
    practices = {
        section.practice.practice.id: _practice_record(
            section, everything[section.practice.practice.id], scales, (value, low, high), shares, alphas
        )
        for section in sections
    }
    items = {item.question.id: item for values in everything.values() for item in values}
    return Scored(_score_record(live, shares, alphas, value, (total, low_total, high_total), scope), practices, items)


def points_with(
    checklists: Checklists, answers: Mapping[str, Answer], findings: Mapping[str, Finding], scope: Scope, best: Collection[str]
) -> float | None:
    """Points of the total if the questions ``best`` were at their best and the data bore that out, caps included."""
    scales = {str(name): scale for name, scale in checklists.scales.items()}
    everything = {
        practice.practice.id: tuple(
            replace(item, value=1.0) if item.question.id in best and item.applies else item
            for item in _evaluate_asked(practice, answers, findings, scales, scope)
        )
        for practice in checklists.practices
    }
    return _points(fold([section for section in _sections(checklists, everything) if section.items], scales, "value").total)


def _sections(checklists: Checklists, everything: Mapping[str, tuple[ItemValue, ...]]) -> list[Section]:
    """The practices with those of their items that count."""
    return [
        Section(practice, tuple(v for v in everything[practice.practice.id] if v.applies and v.question.weight > 0))
        for practice in checklists.practices
    ]


def _evaluate_asked(
    practice: Practice, answers: Mapping[str, Answer], findings: Mapping[str, Finding], scales: Mapping[str, Scale], scope: Scope
) -> Iterable[ItemValue]:
    for question in practice.items:
        if question.retired or (scope == "quick" and not question.quick):
            continue
        finding = findings.get(question.verify.metric) if question.verify else None
        yield evaluate(question, answers.get(question.id), finding, scales)


def _ordered(low: float | None, value: float | None, high: float | None) -> tuple[float | None, float | None, float | None]:
    """Value, low, high with low <= value <= high: data that bound open questions may pull the value down, never the range up."""
    if value is None:
        return None, low, high
    top = value if high is None else high
    value = min(value, top)
    return value, min(value if low is None else low, value), top


def _shares(sections: list[Section]) -> dict[str, float]:
    """Each item's share of the total weight; they add up to 1."""
    total = sum(section.weight for section in sections)
    return {
        item.question.id: section.weight / total * item.question.weight / sum(other.question.weight for other in section.items)
        for section in sections
        for item in section.items
    }


def _coverage(items: Iterable[ItemValue], shares: Mapping[str, float]) -> Coverage:
    parts = {"verified": 0.0, "evidenced": 0.0, "claimed": 0.0, "unknown": 0.0}
    for item in items:
        if not item.covered:
            name = "unknown"
        elif item.checked is not None:
            name = "verified"
        else:
            name = "evidenced" if item.evidenced else "claimed"
        parts[name] += shares[item.question.id]
    whole = sum(parts.values())
    return Coverage(**{name: part / whole if whole else 0.0 for name, part in parts.items()})


def _points(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _score_record(
    live: list[Section],
    shares: dict[str, float],
    alphas: dict[str, float],
    value: Totals,
    ends: tuple[float | None, float | None, float | None],
    scope: Scope,
) -> ScoreRecord:
    items = [item for section in live for item in section.items]
    total, low, high = ends
    answered = sum(shares[item.question.id] for item in items if item.covered)
    blockers_open = any(item.question.blocker and item.state == "unanswered" for item in items)
    enough = total is not None and answered >= COVERAGE_FOR_GRADE - 1e-9
    graded = enough and not blockers_open
    checked = [item for item in items if item.checked is not None]
    both = [(shares[item.question.id], item.said - item.checked) for item in checked if item.said is not None and item.checked is not None]
    gap = _mean(both)
    capped = value.capped_by
    data_low, data_high = _data_interval(items, alphas, total, capped)
    return ScoreRecord(
        value=_points(total), low=_points(low), high=_points(high), data_low=_points(data_low), data_high=_points(data_high),
        grade=grade_of(_points(total)) if graded else None,
        grade_low=grade_of(_points(low)) if graded else None,
        grade_high=grade_of(_points(high)) if graded else None,
        claimed=_points(_mean((shares[item.question.id], item.said) for item in items if item.said is not None)),
        verified=_points(_mean((shares[item.question.id], item.checked) for item in checked if item.checked is not None)),
        verified_share=sum(shares[item.question.id] for item in checked),
        gap=_points(gap), uncapped=_points(value.uncapped), capped_by=capped, answered_share=answered, enough=enough, scope=scope,
        coverage=_coverage(items, shares),
    )


def _data_interval(
    items: list[ItemValue], alphas: Mapping[str, float], total: float | None, capped: list[str]
) -> tuple[float | None, float | None]:
    """Within one metric the deviations add (they move together), across metrics they add as squares. None for a capped total."""
    if total is None or capped:
        return None, None
    down: dict[str, float] = {}
    up: dict[str, float] = {}
    for item in items:
        if item.value is None or item.question.verify is None or item.data_low is None or item.data_high is None:
            continue
        metric, alpha = item.question.verify.metric, alphas[item.question.id]
        down[metric] = down.get(metric, 0.0) + alpha * (item.value - item.data_low)
        up[metric] = up.get(metric, 0.0) + alpha * (item.data_high - item.value)
    return max(0.0, total - math.hypot(*down.values())), min(1.0, total + math.hypot(*up.values()))


def _practice_record(
    section: Section,
    everything: tuple[ItemValue, ...],
    scales: Mapping[str, Scale],
    readings: tuple[Totals, Totals, Totals],
    shares: Mapping[str, float],
    alphas: Mapping[str, float],
) -> PracticeRecord:
    head = section.practice.practice
    value, low, high = (reading.sections.get(head.id, Folded(section.weight)) for reading in readings)
    own, own_low, own_high = _ordered(low.value, value.value, high.value)
    weights = {item.question.id: float(item.question.weight) for item in section.items}
    checked = [item for item in section.items if item.checked is not None]
    both = [item for item in checked if item.said is not None]
    whole = sum(weights.values())
    asked = [item for item in everything if item.question.kind == "question"]
    return PracticeRecord(
        value=_points(own), low=_points(own_low), high=_points(own_high),
        claimed=_points(_mean((weights[item.question.id], item.said) for item in section.items if item.said is not None)),
        verified=_points(_mean((weights[item.question.id], item.checked) for item in checked if item.checked is not None)),
        verified_share=sum(weights[item.question.id] for item in checked) / whole if whole else 0.0,
        claimed_where_verified=_points(_mean((weights[item.question.id], item.said or 0.0) for item in both)),
        verified_where_claimed=_points(_mean((weights[item.question.id], item.checked or 0.0) for item in both)),
        uncapped=_points(value.uncapped), capped_by=list(value.capped_by), weight=head.section_weight,
        answered=sum(item.state != "unanswered" for item in asked), questions=len(asked),
        coverage=_coverage(section.items, weights),
        items=[_item_record(item, section, scales, readings[0], shares, alphas) for item in everything],
    )


def _item_record(
    item: ItemValue,
    section: Section,
    scales: Mapping[str, Scale],
    now: Totals,
    shares: Mapping[str, float],
    alphas: Mapping[str, float],
) -> ItemRecord:
    question = item.question
    alpha = alphas.get(question.id, 0.0)
    worth = item.value or 0.0
    given = item.given.answer if item.given else None
    return ItemRecord(
        id=question.id, kind=question.kind, weight=question.weight, share=shares.get(question.id, 0.0), state=item.state,
        answer=list(given) if isinstance(given, tuple) else given, reason=item.given.reason if item.given else None,
        verdict=item.verdict, claimed=item.said, verified=item.checked, value=item.value,
        low=item.low, high=item.high, points=100 * alpha * worth, lost=100 * alpha * (1 - worth) if item.value is not None else 0.0,
        gain=_gain(item, section, scales, now), blocker=question.blocker is not None,
        blocker_failed=fails(item, item.value, scales), metric=question.verify.metric if question.verify else None,
    )


def _gain(item: ItemValue, section: Section, scales: Mapping[str, Scale], now: Totals) -> float:
    """Points of the total won if this item of the section were at its best and the data bore it out, caps included."""
    if not item.applies or item.question.weight == 0 or item.value == 1.0:
        return 0.0
    best = replace(item, value=1.0)
    better = Section(section.practice, tuple(best if other is item else other for other in section.items))
    after = _totals(now.sections | {section.practice.practice.id: _folded(better, scales, "value")}).total
    return 100 * ((after or 0.0) - (now.total or 0.0))
