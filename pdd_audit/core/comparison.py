"""Two saved audits side by side: numbers, answers, and the rules they were made by. Audits of different scope are never compared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pdd_audit.core.errors import AuditError
from pdd_audit.core.figures import FigureValue
from pdd_audit.core.questions import Checklists, Limit, Question, Text
from pdd_audit.core.result import AuditResult, ItemRecord

SAME = 1e-9
Side = Literal["before", "after"]
RuleKind = Literal["platform", "pack", "figure", "target", "version", "practice_weight", "weight", "must_have", "limit", "check", "words"]
RuleValue = FigureValue | Limit | Text
NotStored = Literal["figures", "wording"]


@dataclass(frozen=True)
class Difference:
    """One number that moved (or did not): ``before``/``after`` in points for score and practices, in the metric's unit for metrics; None
    where that audit had no value. ``only``: the one audit that knows it at all. ``ruler``: the checklist version differs, so part of it is
    a new ruler."""

    kind: Literal["score", "practice", "metric"]
    id: str
    before: float | None
    after: float | None
    ruler: bool = False
    only: Side | None = None

    @property
    def change(self) -> float | None:
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def moved(self) -> bool:
        return self.only is not None or (self.before != self.after and (self.change is None or abs(self.change) > SAME))


@dataclass(frozen=True)
class AnswerChange:
    """One question as each audit has it; None where it does not ask it."""

    id: str
    before: ItemRecord | None
    after: ItemRecord | None

    @property
    def change(self) -> float | None:
        """Of what the answer counts, -1..1; None where one of them counts nothing."""
        if self.before is None or self.after is None or self.before.value is None or self.after.value is None:
            return None
        return self.after.value - self.before.value

    @property
    def moved(self) -> bool:
        if self.before is None or self.after is None or _given(self.before) != _given(self.after):
            return True
        return self.before.value != self.after.value and (self.change is None or abs(self.change) > SAME)


@dataclass(frozen=True)
class RuleChange:
    """One rule that is another in each audit; None: it is not there, for a figure: not known. ``id``: figure, metric, practice or question.
    ``part``: of ``limit`` the level it belongs to, of ``words`` what of the question. ``check``: how data judge the answer differs in
    something that is no limit."""

    kind: RuleKind
    id: str
    before: RuleValue
    after: RuleValue
    part: str = ""


@dataclass(frozen=True)
class RulesMoved:
    """``not_stored``: what an audit was kept without, so that nothing can be said of it."""

    changes: tuple[RuleChange, ...]
    not_stored: Mapping[Side, tuple[NotStored, ...]]


def compare(old: AuditResult, new: AuditResult) -> list[Difference]:
    """Every number either audit speaks of, in the order score, practices, metrics. Refuses audits of different scope."""
    if old.score.scope != new.score.scope:
        raise AuditError("different_scope", found=f"{old.score.scope} / {new.score.scope}")
    changed_ruler = {name for name in _either(old.checklists, new.checklists) if old.checklists.get(name) != new.checklists.get(name)}
    practices = [{name: record.value for name, record in result.practices.items()} for result in (old, new)]
    metrics = [{name: record.value for name, record in result.metrics.items()} for result in (old, new)]
    return [
        Difference("score", "score", old.score.value, new.score.value, bool(changed_ruler)),
        *(
            Difference("practice", name, practices[0].get(name), practices[1].get(name), name in changed_ruler, _only(name, *practices))
            for name in _either(*practices)
        ),
        *(Difference("metric", name, metrics[0].get(name), metrics[1].get(name), only=_only(name, *metrics)) for name in _either(*metrics)),
    ]


def compare_answers(old: AuditResult, new: AuditResult) -> list[AnswerChange]:
    """Every question either audit asks; those that only the older one asks come last."""
    before, after = _items(old), _items(new)
    return [AnswerChange(name, before.get(name), after.get(name)) for name in _either(before, after)]


def compare_rules(
    old: AuditResult, new: AuditResult, templates: tuple[Checklists | None, Checklists | None]
) -> RulesMoved:
    """What the two were measured by, as far as they hold it. ``templates``: the checklists kept with each, the older one's first.

    Questions only one of them asks are told by ``compare_answers``, not here.
    """
    before, after = templates
    changes = [*_figures(old, new), *_targets(old, new), *_weights(old, new)]
    if before is not None and after is not None:
        changes += _wordings(before, after)
    stored = {"before": (old.rules.figures, before), "after": (new.rules.figures, after)}
    names: tuple[NotStored, NotStored] = ("figures", "wording")
    return RulesMoved(tuple(changes), {
        "before": tuple(name for name, kept in zip(names, stored["before"], strict=True) if kept is None),
        "after": tuple(name for name, kept in zip(names, stored["after"], strict=True) if kept is None),
    })


def _figures(old: AuditResult, new: AuditResult) -> Iterator[RuleChange]:
    if old.rules.platform != new.rules.platform:
        yield RuleChange("platform", "", old.rules.platform, new.rules.platform)
    if old.rules.pack != new.rules.pack:
        yield RuleChange("pack", "", old.rules.pack, new.rules.pack)
    first, second = old.rules.figures, new.rules.figures
    if first is not None and second is not None:
        for name in _either(first, second):
            if first.get(name) != second.get(name):
                yield RuleChange("figure", name, first.get(name), second.get(name))


def _targets(old: AuditResult, new: AuditResult) -> Iterator[RuleChange]:
    for name, metric in new.metrics.items():
        earlier = old.metrics.get(name)
        if earlier is not None and earlier.target != metric.target:
            yield RuleChange("target", name, earlier.target, metric.target)


def _weights(old: AuditResult, new: AuditResult) -> Iterator[RuleChange]:
    for name in _either(old.checklists, new.checklists):
        if old.checklists.get(name) != new.checklists.get(name):
            yield RuleChange("version", name, old.checklists.get(name), new.checklists.get(name))
    for name, practice in new.practices.items():
        if name in old.practices and old.practices[name].weight != practice.weight:
            yield RuleChange("practice_weight", name, old.practices[name].weight, practice.weight)
    before = _items(old)
    for name, item in _items(new).items():
        if name in before and before[name].weight != item.weight:
            yield RuleChange("weight", name, before[name].weight, item.weight)
        if name in before and before[name].blocker != item.blocker:
            yield RuleChange("must_have", name, before[name].blocker, item.blocker)


def _wordings(old: Checklists, new: Checklists) -> Iterator[RuleChange]:
    before = {item.id: item for practice in old.practices for item in practice.items}
    for item in (item for practice in new.practices for item in practice.items):
        earlier = before.get(item.id)
        if earlier is None or earlier == item:
            continue
        limits = list(_limits(earlier, item))
        yield from limits
        both_must = earlier.blocker is not None and item.blocker is not None  # else it is told as such
        if not limits and (earlier.verify != item.verify or earlier.scale != item.scale or (both_must and earlier.blocker != item.blocker)):
            yield RuleChange("check", item.id, None, None)
        first, second = _words_of(earlier), _words_of(item)
        for part in _either(first, second):
            if first.get(part) != second.get(part):
                yield RuleChange("words", item.id, first.get(part), second.get(part), part)


def _limits(old: Question, new: Question) -> Iterator[RuleChange]:
    """What the levels claim, where both are held against the same metric."""
    if old.verify is not None and new.verify is not None and old.verify.metric == new.verify.metric:
        first, second = ({str(level): limit for level, limit in one.verify.claim.items()} for one in (old, new) if one.verify)
        for level in _either(first, second):
            if first.get(level) != second.get(level):
                yield RuleChange("limit", new.id, first.get(level), second.get(level), level)


def _words_of(question: Question) -> dict[str, Text]:
    """What people read of it, by part; a criterion's part is its place."""
    asked = {"ask": question.ask, "ok": question.title.ok, "fail": question.title.fail, "why": question.why, "show_me": question.show_me}
    criteria = {f"criterion {at}": Text(zh=one.zh, en=one.en) for at, one in enumerate(question.criteria, 1)}
    return {part: text for part, text in asked.items() if text is not None} | criteria


def _given(item: ItemRecord) -> tuple[str, object, str | None]:
    answer = tuple(sorted(item.answer)) if isinstance(item.answer, list) else item.answer
    return item.state, answer, item.reason


def _items(result: AuditResult) -> dict[str, ItemRecord]:
    return {item.id: item for practice in result.practices.values() for item in practice.items}


def _either(old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    """Names of both, in the order of the newer one; what only the older one has comes last."""
    return [*new, *(name for name in old if name not in new)]


def _only(name: str, old: Mapping[str, object], new: Mapping[str, object]) -> Side | None:
    return None if name in old and name in new else "before" if name in old else "after"
