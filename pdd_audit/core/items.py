"""What one answer is worth once the data have spoken.

Values are 0..1. A finding is turned into *miss form* (lower is better: a kept ratio r becomes 1 - r) before it is compared, so that one
rule serves every metric.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from pdd_audit.core.measurement import Measurement, MetricInfo
from pdd_audit.core.questions import Answer, Curve, LevelCode, Question, Scale, Verify
from pdd_audit.core.result import AnswerVerdict

ERFINV_08 = 0.9061938024368232  # inverse error function of 0.8: makes the curve pass 0.9 and 0.5 at its control points
ROUNDING_NOISE = 1e-12


@dataclass(frozen=True)
class Finding:
    """A metric and what it measured."""

    info: MetricInfo
    measured: Measurement

    def miss(self, value: float) -> float:
        """``value`` of this metric with lower meaning better."""
        return 1 - value if self.info.unit == "ratio" and self.info.better == "higher" else value

    def miss_interval(self) -> tuple[float, float]:
        """Lower and upper limit in miss form; a number without an interval (a plain count) is exact."""
        value = self.measured.value
        assert value is not None, "only asked of usable findings"
        low = value if self.measured.low is None else self.measured.low
        high = value if self.measured.high is None else self.measured.high
        first, second = self.miss(low), self.miss(high)
        return min(first, second), max(first, second)


@dataclass(frozen=True)
class ItemValue:
    """What one question is worth. None means "has no such value", never zero.

    ``said``: from the answer alone. ``checked``: decided by data. ``value``: the headline, from both.
    ``low``/``high``: once open questions are answered. ``data_low``/``data_high``: within the metric's interval.
    """

    question: Question
    state: Literal["answered", "unanswered", "unknown", "na", "data"]
    said: float | None = None
    checked: float | None = None
    value: float | None = None
    low: float = 0.0
    high: float = 1.0
    data_low: float | None = None
    data_high: float | None = None
    verdict: AnswerVerdict | None = None
    counted_as: LevelCode | None = None
    better_than_said: bool = False
    given: Answer | None = None

    @property
    def evidenced(self) -> bool:
        return self.given is not None and self.given.proven

    @property
    def applies(self) -> bool:
        return self.state != "na"

    @property
    def covered(self) -> bool:
        return self.state == "answered" or (self.state == "data" and self.value is not None)


def curve_value(curve: Curve, value: float, finding: Finding) -> float:
    """Worth 0..1 of a metric's value: 0.9 at p10, 0.5 at the median, 0 from ``worst`` on; monotone. Raises ValueError on NaN."""
    if math.isnan(value):
        raise ValueError("a curve has no value at NaN")
    miss, p10, median, worst = (finding.miss(number) for number in (value, curve.p10, curve.median, curve.worst))
    if miss <= 0:
        return 1.0
    if miss >= worst:
        return 0.0
    raw = 0.5 * math.erfc(ERFINV_08 * math.log(miss / median) / math.log(median / p10))
    if miss <= p10:
        return max(0.9, raw)
    if miss <= median:
        return min(max(0.5, raw), math.nextafter(0.9, 0))
    return min(raw, math.nextafter(0.5, 0))


def judge(level: LevelCode, verify: Verify | None, finding: Finding | None) -> AnswerVerdict:
    """Whether the data bear out what a level claims."""
    limit = verify.claim.get(level) if verify is not None and level != "unmet" else None
    if verify is None or limit is None:
        return "no_claim"
    if finding is None or finding.measured.value is None or finding.measured.reason in ("no_data", "not_trusted"):
        return "no_data"
    low, high = finding.miss_interval()
    allowed = finding.miss(limit.value) + ROUNDING_NOISE  # 1 - 0.98 is a hair below 0.02: the hair decides nothing
    if finding.measured.reason == "too_early" or finding.measured.n < verify.min_n:
        return "cannot_tell"
    if high <= allowed:
        return "confirmed"
    return "contradicted" if low > allowed else "cannot_tell"


def levels_of(question: Question, scales: Mapping[str, Scale]) -> list[tuple[LevelCode, float]]:
    """Level codes with their values, worst first. For ``criteria_share``: none and all."""
    assert question.scale is not None, "metric items have no levels"
    return [(level.code, level.value) for level in scales[question.scale].levels]


def evaluate(question: Question, answer: Answer | None, finding: Finding | None, scales: Mapping[str, Scale]) -> ItemValue:
    """The value of one item, monotone by construction: a bolder answer is never worth less than a more modest one."""
    if question.kind == "metric":
        return _evaluate_metric(question, finding)
    best = _worth_of("met", 1.0, question, finding, scales)
    if answer is None:
        return ItemValue(question, "unanswered", low=0.0, high=best.value or 0.0)
    if answer.answer == "unknown":
        return ItemValue(question, "unknown", value=0.0, low=0.0, high=best.value or 0.0, data_low=0.0, data_high=0.0, given=answer)
    if answer.answer == "na":
        return ItemValue(question, "na", given=answer)
    if isinstance(answer.answer, tuple):
        share = len(answer.answer) / len(question.criteria)
        level: LevelCode = "met" if share == 1 else "unmet"
        return replace(_worth_of(level, share, question, finding, scales), given=answer)
    value = dict(levels_of(question, scales))[answer.answer]
    return replace(_worth_of(answer.answer, value, question, finding, scales), given=answer)


def _evaluate_metric(question: Question, finding: Finding | None) -> ItemValue:
    verify = question.verify
    assert verify is not None and verify.curve is not None, "the prover demands a curve of a metric item"
    if finding is None or not finding.measured.usable or finding.measured.n < verify.min_n:
        return ItemValue(question, "data")
    measured = finding.measured
    assert measured.value is not None
    value = curve_value(verify.curve, measured.value, finding)
    ends = [measured.value if end is None else end for end in (measured.low, measured.high)]
    worths = [curve_value(verify.curve, end, finding) for end in ends]
    return ItemValue(question, "data", checked=value, value=value, low=value, high=value, data_low=min(worths), data_high=max(worths))


def _worth_of(level: LevelCode, said: float, question: Question, finding: Finding | None, scales: Mapping[str, Scale]) -> ItemValue:
    """An answered level against the data: the best any level up to it is worth."""
    verify = question.verify
    ladder = _ladder(level, said, question, scales)
    verdict = judge(level, verify, finding)
    binding = verify is not None and verify.effect == "value" and verify.curve is not None

    def raw(code: LevelCode, value: float, at: float | None) -> float:
        if not binding or at is None or judge(code, verify, finding) != "contradicted":
            return value
        assert verify is not None and verify.curve is not None and finding is not None
        return min(value, curve_value(verify.curve, at, finding))

    def worth(at: float | None) -> float:
        return max(raw(code, value, at) for code, value in ladder)

    measured = finding.measured if finding is not None else None
    value = worth(measured.value if measured else None)
    data_low = data_high = value
    if verdict == "contradicted" and binding and measured is not None:
        ends = [worth(measured.value if end is None else end) for end in (measured.low, measured.high)]
        data_low, data_high = min(*ends, value), max(*ends, value)
    decided = verdict in ("confirmed", "contradicted") and verify is not None and verify.effect == "value"
    steps = levels_of(question, scales)
    return ItemValue(
        question, "answered", said=said, checked=value if decided else None, value=value, low=value, high=value,
        data_low=data_low, data_high=data_high, verdict=verdict,
        counted_as=max((step for step in steps if step[1] <= value + ROUNDING_NOISE), key=lambda step: step[1])[0],
        better_than_said=any(step > said and judge(code, verify, finding) == "confirmed" for code, step in steps),
    )


def _ladder(level: LevelCode, said: float, question: Question, scales: Mapping[str, Scale]) -> list[tuple[LevelCode, float]]:
    """The levels up to the answered one. One tick short of all claims nothing, so it bounds a contradicted full list from below."""
    if question.scale == "criteria_share":
        lower = said if level == "unmet" else 1 - 1 / len(question.criteria)
        return [("unmet", lower), ("met", said)] if level == "met" else [("unmet", lower)]
    codes = levels_of(question, scales)
    return [(code, value) for code, value in codes if value <= said]


def fails(item: ItemValue, value: float | None, scales: Mapping[str, Scale]) -> bool:
    """Whether a must-have fails at this value; what has no value, or is no must-have, does not."""
    blocker = item.question.blocker
    if blocker is None or value is None:
        return False
    return value <= dict(levels_of(item.question, scales))[blocker.fails_at] + ROUNDING_NOISE
