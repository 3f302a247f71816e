"""What must hold of the questions as a whole: every level reachable, every remedy useful, every claim decidable by data.

Pure: it gets the checklists and returns what is wrong with them. Shape and types are the models' business, not repeated here.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, get_args

from pdd_audit.core.items import Finding, curve_value
from pdd_audit.core.measurement import Better, Measurement, MetricInfo
from pdd_audit.core.periods import is_day
from pdd_audit.core.questions import ESTIMATE, CauseCode, Checklists, LevelCode, Practice, Question, Scale, Text, Verify

LEVEL_ORDER: tuple[LevelCode, ...] = get_args(LevelCode)
Z = 1.959963984540054
WORST_MAY_BE_WORTH = 0.05
LIMIT_MAY_DIFFER = 0.30
PLACEHOLDERS = ("TODO", "TBD", "FIXME", "XXX", "待补", "待定")

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and where: a practice id (or ``scales``), a path inside its file, the item, a code with its values.

    A warning does not keep the checklists from being used.
    """

    practice: str
    path: Path
    code: str
    item: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    severity: Literal["error", "warning"] = "error"


def prove(checklists: Checklists, metrics: Mapping[str, Better] | None = None, sources: Collection[str] | None = None) -> list[Problem]:
    """Everything wrong with the checklists, in file order.

    ``metrics``: metric id -> its good direction; without it, nothing that needs a direction is checked. ``sources``: known keys.
    """
    problems = [problem for name, scale in checklists.scales.items() for problem in _scale(name, scale)]
    problems += _identities(checklists)
    for practice in checklists.practices:
        problems += _practice(practice)
        for at, item in enumerate(practice.items):
            for path, code, values in _item(item, checklists, metrics, sources):
                severity: Literal["error", "warning"] = "warning" if code in _WARNINGS else "error"
                problems.append(
                    Problem(practice.practice.id, ("items", at, *path), code, item.id, {"item": item.id, **values}, severity)
                )
    problems += _unaddressed(checklists)
    return problems


_WARNINGS = frozenset({"checklist_limit_far_from_level"})
Fault = tuple[Path, str, dict[str, Any]]


def _scale(name: str, scale: Scale) -> Iterator[Problem]:
    def problem(code: str, **values: Any) -> Problem:
        return Problem("scales", ("scales", name, "levels"), code, values={"item": name, **values})

    values = [level.value for level in scale.levels]
    codes = [LEVEL_ORDER.index(level.code) for level in scale.levels]
    if values[0] != 0 or values[-1] != 1 or any(a >= b for a, b in pairwise(values)):
        yield problem("checklist_scale_values", values=", ".join(f"{value:g}" for value in values))
    if codes[0] != 0 or codes[-1] != len(LEVEL_ORDER) - 1 or any(a >= b for a, b in pairwise(codes)):
        yield problem("checklist_scale_codes", codes=", ".join(level.code for level in scale.levels))
    for words in ([level.means for level in scale.levels], [level.label for level in scale.levels]):
        if len({text.zh for text in words}) < len(words) or len({text.en for text in words}) < len(words):
            yield problem("checklist_scale_same_words")
    for level in scale.levels:
        for _, code, found in _text(level.means, ()):
            yield problem(code, **found)


def _identities(checklists: Checklists) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for practice in checklists.practices:
        head = practice.practice
        if head.id in seen:
            yield Problem(head.id, ("practice", "id"), "checklist_id_twice", values={"item": head.id, "other": seen[head.id]})
        seen.setdefault(head.id, head.id)
        for at, item in enumerate(practice.items):
            if item.id in seen:
                yield Problem(head.id, ("items", at, "id"), "checklist_id_twice", item.id, {"item": item.id, "other": seen[item.id]})
            seen.setdefault(item.id, head.id)
            if not item.id.startswith(f"{head.id}."):
                yield Problem(head.id, ("items", at, "id"), "checklist_id_prefix", item.id, {"item": item.id, "practice": head.id})


def _practice(practice: Practice) -> Iterator[Problem]:
    head = practice.practice
    weights = [(at, item, item.weight) for at, item in enumerate(practice.items) if not item.retired]
    total = sum(weight for *_, weight in weights)
    if not any(weight for _, item, weight in weights if not item.when):
        yield Problem(head.id, ("items",), "checklist_no_weight", values={"item": head.id})
    for at, item, weight in weights:
        if weight * 2 > total > weight:  # a practice of one item is no surprise
            yield Problem(head.id, ("items", at, "weight"), "checklist_weight_over_half", item.id, {"item": item.id}, "warning")
    if not is_day(head.effective_from):
        yield Problem(head.id, ("practice", "effective_from"), "checklist_bad_date", values={"name": head.effective_from})
    for name in ("title", "short_title", "why"):
        for path, code, values in _text(getattr(head, name), (name,)):
            yield Problem(head.id, ("practice", *path), code, values={"item": head.id, **values})
    for reason, text in head.na_reasons.items():
        for path, code, values in _text(text, ("na_reasons", reason)):
            yield Problem(head.id, ("practice", *path), code, values={"item": head.id, **values})


def _item(
    item: Question, checklists: Checklists, metrics: Mapping[str, Better] | None, sources: Collection[str] | None
) -> Iterator[Fault]:
    yield from _words(item)
    if sources is not None and item.source.key not in sources:
        yield ("source", "key"), "checklist_source_unknown", {"name": item.source.key, "choices": sorted(sources)}
    for at, remedy in enumerate(item.remedies):
        if sources is not None and remedy.works_from != ESTIMATE and remedy.works_from not in sources:
            yield ("remedies", at, "works_from"), "checklist_works_from_unknown", {
                "name": remedy.works_from, "choices": [ESTIMATE, *sorted(sources)],
            }
    if item.weight and not item.retired and item.weight_why is None:
        yield ("weight",), "checklist_weight_unexplained", {"weight": item.weight}
    if item.retired and not is_day(f"{item.retired}-01"):
        yield ("retired",), "checklist_bad_date", {"name": item.retired}
    if item.kind == "metric":
        if item.scale is not None or item.verify is None or item.verify.curve is None or item.verify.claim:
            yield (), "checklist_metric_item", {}
            return
        levels: list[tuple[LevelCode, float]] = [(code, 0.0) for code in LEVEL_ORDER]
    else:
        if item.scale is None or item.ask is None:
            yield (), "checklist_question_incomplete", {}
            return
        if item.scale not in checklists.scales:
            yield ("scale",), "checklist_scale_missing", {"name": item.scale}
            return
        levels = [(level.code, level.value) for level in checklists.scales[item.scale].levels]
    yield from _criteria(item)
    yield from _blocker(item, [code for code, _ in levels])
    yield from _remedies(item, [code for code, _ in levels])
    if item.verify is not None:
        yield from _verify(item, item.verify, levels, metrics)


# --- texts -----------------------------------------------------------------------------------------------------------------


def _words(item: Question) -> Iterator[Fault]:
    texts: list[tuple[Path, Any]] = [(("title", "ok"), item.title.ok), (("title", "fail"), item.title.fail), (("why",), item.why)]
    texts += [((name,), getattr(item, name)) for name in ("weight_why", "ask", "show_me") if getattr(item, name) is not None]
    texts += [(("criteria", at), criterion) for at, criterion in enumerate(item.criteria)]
    texts += [(("remedies", at, "do"), remedy.do) for at, remedy in enumerate(item.remedies)]
    for path, text in texts:
        yield from _text(text, path)
    if item.weight and (item.title.ok.zh == item.title.fail.zh or item.title.ok.en == item.title.fail.en):
        yield ("title",), "checklist_same_titles", {}


def _text(text: Text, path: Path) -> Iterator[Fault]:
    """Words are there in both languages and are meant to be read."""
    if not any("\u4e00" <= char <= "\u9fff" for char in text.zh):
        yield (*path, "zh"), "checklist_text_not_chinese", {}
    if not any("a" <= char.lower() <= "z" for char in text.en):
        yield (*path, "en"), "checklist_text_not_english", {}
    for language, words in (("zh", text.zh), ("en", text.en)):
        for mark in PLACEHOLDERS:
            if mark in words:
                yield (*path, language), "checklist_placeholder", {"mark": mark}


# --- criteria, blockers, remedies ------------------------------------------------------------------------------------------


def _criteria(item: Question) -> Iterator[Fault]:
    if item.scale != "criteria_share":
        return
    ids = [criterion.id for criterion in item.criteria]
    if len(ids) < 2 or None in ids or len(set(ids)) < len(ids):
        yield ("criteria",), "checklist_criteria_ids", {}


def _blocker(item: Question, levels: list[LevelCode]) -> Iterator[Fault]:
    if item.blocker is None:
        return
    fails_at = item.blocker.fails_at
    if item.weight == 0 or item.kind == "metric" or fails_at == levels[-1] or fails_at not in levels:
        yield ("blocker",), "checklist_blocker", {"levels": ", ".join(levels[:-1])}
    if item.when:
        yield ("when",), "checklist_blocker_conditional", {}


def _remedies(item: Question, levels: list[LevelCode]) -> Iterator[Fault]:
    if item.weight == 0 or item.retired:
        return
    cured = {level for remedy in item.remedies for level in remedy.levels}
    for level in levels[:-1]:
        if level not in cured:
            yield ("remedies",), "checklist_remedy_missing", {"level": level}
    seen: set[LevelCode] = set()
    for at, remedy in enumerate(item.remedies):
        for level in remedy.levels:
            if level in seen:
                yield ("remedies", at, "for"), "checklist_remedy_never_shown", {"level": level}
            seen.add(level)
            if level not in levels[:-1]:
                yield ("remedies", at, "for"), "checklist_remedy_unreachable", {"level": level, "levels": ", ".join(levels[:-1])}
        if remedy.effort_hours <= 0:
            yield ("remedies", at, "effort_hours"), "checklist_remedy_free", {}


def _unaddressed(checklists: Checklists) -> Iterator[Problem]:
    """Every cause the data can name has a remedy somewhere; ``unknown`` is no cause one could remove."""
    cured = {
        cause for practice in checklists.practices for item in practice.items if not item.retired
        for remedy in item.remedies for cause in remedy.addresses
    }
    for cause in get_args(CauseCode):
        if cause not in cured and cause != "unknown":
            yield Problem("", (), "checklist_cause_unaddressed", values={"cause": cause}, severity="warning")


# --- metrics and claims ----------------------------------------------------------------------------------------------------


def _verify(
    item: Question, verify: Verify, levels: list[tuple[LevelCode, float]], metrics: Mapping[str, Better] | None
) -> Iterator[Fault]:
    for level, limit in verify.claim.items():
        if (limit.at_least is None) == (limit.at_most is None):
            yield ("verify", "claim", level), "checklist_limit_one_side", {"level": level}
            return
        if level not in [code for code, _ in levels[1:]]:
            yield ("verify", "claim", level), "checklist_claim_unreachable", {"level": level}
            return
    if item.kind == "question":
        yield from _claims_complete(verify, levels)
    if metrics is None:
        return
    if verify.metric not in metrics:
        yield ("verify", "metric"), "checklist_metric_unknown", {"name": verify.metric, "choices": sorted(metrics)}
        return
    scale = _MissForm(verify.metric, metrics[verify.metric])
    curve_faults = list(_curve(verify, scale))
    yield from curve_faults
    if not curve_faults:
        yield from _claims(verify, levels, scale)


class _MissForm:
    """A metric's numbers with lower meaning better, exactly as the score sees them."""

    def __init__(self, metric: str, better: Better) -> None:
        self.better = better
        self.ratio = metric.endswith("_ratio")
        self.finding = Finding(MetricInfo(metric, "ratio" if self.ratio else "hours", better, ""), Measurement(None))

    def miss(self, value: float) -> float:
        return self.finding.miss(value)

    def inside(self, value: float) -> bool:
        """Whether the metric can take this value at all."""
        return 0 <= value <= 1 if self.ratio else 0 <= value < math.inf

    def worth(self, verify: Verify, value: float, beyond_worst: bool = False) -> float:
        """Value of the curve; ``beyond_worst``: without the cut to 0 at ``worst``."""
        assert verify.curve is not None
        curve = verify.curve
        if beyond_worst:
            curve = curve.model_copy(update={"worst": -math.inf if self.miss(1) < self.miss(0) else math.inf})
        return curve_value(curve, value, self.finding)


def _claims_complete(verify: Verify, levels: list[tuple[LevelCode, float]]) -> Iterator[Fault]:
    if verify.effect == "flag":
        if not verify.claim or verify.curve is not None:
            yield ("verify",), "checklist_flag", {}
        return
    if verify.curve is None:
        yield ("verify",), "checklist_curve_missing", {}
    for level, _ in levels[1:]:
        if level not in verify.claim:
            yield ("verify", "claim"), "checklist_claim_missing", {"level": level}


def _curve(verify: Verify, scale: _MissForm) -> Iterator[Fault]:
    if verify.curve is None:
        return
    numbers = (verify.curve.p10, verify.curve.median, verify.curve.worst)
    p10, median, worst = (scale.miss(number) for number in numbers)
    if not all(scale.inside(number) for number in numbers) or not 0 < p10 < median < worst:
        yield ("verify", "curve"), "checklist_curve_order", {}
    elif scale.worth(verify, verify.curve.worst, beyond_worst=True) > WORST_MAY_BE_WORTH:
        worth = scale.worth(verify, verify.curve.worst, beyond_worst=True)
        yield ("verify", "curve", "worst"), "checklist_curve_worst", {"worth": f"{worth:.3f}", "limit": WORST_MAY_BE_WORTH}


def _claims(verify: Verify, levels: list[tuple[LevelCode, float]], scale: _MissForm) -> Iterator[Fault]:
    before: float | None = None
    for level, worth in reversed(levels):
        limit = verify.claim.get(level) if level != "unmet" else None
        if limit is None:
            continue
        path = ("verify", "claim", level)
        if (limit.at_least is not None) != (scale.better == "higher"):
            yield path, "checklist_limit_direction", {"level": level, "better": scale.better}
            return
        if not scale.inside(limit.value):
            yield path, "checklist_limit_outside", {"level": level}
            return
        miss = scale.miss(limit.value)
        if before is not None and miss <= before:
            yield path, "checklist_limit_not_looser", {"level": level}
        before = miss
        if scale.ratio:
            yield from _decidable(verify, level, miss)
        if verify.curve is not None:
            read = scale.worth(verify, limit.value)
            if abs(read - worth) > LIMIT_MAY_DIFFER:
                yield path, "checklist_limit_far_from_level", {"level": level, "read": f"{read:.2f}", "worth": f"{worth:g}"}


def _decidable(verify: Verify, level: LevelCode, miss: float) -> Iterator[Fault]:
    """``min_n`` cases without a single miss must be able to confirm the claim. A flag that says "never" can only be contradicted."""
    if verify.effect == "flag" and miss <= 0:
        return
    needed = math.inf if miss <= 0 else math.ceil(Z * Z * (1 - miss) / miss - 1e-9)
    if verify.min_n < needed:
        yield ("verify", "min_n"), "checklist_min_n", {"level": level, "found": verify.min_n, "least": needed}
