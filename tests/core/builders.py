"""Small builders of checklists, answers and findings for the tests."""

from typing import Any

from pdd_audit.core.items import Finding
from pdd_audit.core.measurement import Better, Measurement, MetricInfo, Unit
from pdd_audit.core.questions import (
    Answer,
    Blocker,
    Checklists,
    Curve,
    Level,
    LevelCode,
    Limit,
    Practice,
    PracticeHead,
    Question,
    Scale,
    Source,
    Text,
    Title,
    Verify,
)

WORD = Text(zh="字", en="word")


def a_scale(*steps: tuple[LevelCode, float]) -> Scale:
    return Scale(levels=tuple(Level(code=code, value=value, label=WORD, means=WORD) for code, value in steps))


SCALES = {
    "coverage_4": a_scale(("unmet", 0), ("partly", 0.3), ("mostly", 0.7), ("met", 1)),
    "met_unmet": a_scale(("unmet", 0), ("met", 1)),
    "criteria_share": a_scale(("unmet", 0), ("met", 1)),
}


def a_question(id: str, weight: int, **given: Any) -> Question:
    title = Title(ok=WORD, fail=Text(zh="否", en="not"))
    kind = given.get("kind", "question")
    scale = None if kind == "metric" else given.pop("scale", "coverage_4")
    return Question(id=id, weight=weight, title=title, why=WORD, source=Source(key="own", basis="derived"), scale=scale, **given)


def a_verify(metric: str, p10: float, median: float, worst: float, min_n: int, **claims: float) -> Verify:
    """Claims as ``met_at_least=0.98`` or ``met_at_most=14``."""
    claim: dict[Any, Limit] = {}
    for name, value in claims.items():
        level, side = name.split("_", 1)
        claim[level] = Limit(**{side: value})
    return Verify(metric=metric, min_n=min_n, curve=Curve(p10=p10, median=median, worst=worst), claim=claim)


def a_practice(id: str, weight: int, *items: Question) -> Practice:
    head = PracticeHead(
        id=id, version=1, effective_from="2026-01-01", section_weight=weight, title=WORD, short_title=WORD, why=WORD, na_reasons={"other": WORD}
    )
    return Practice(schema_version=1, practice=head, items=items)


def checklists(*practices: Practice) -> Checklists:
    return Checklists(scales=SCALES, practices=practices)  # type: ignore[arg-type]  # pydantic checks the names


def said(answer: Any, proof: str = "") -> Answer:
    return Answer(answer=answer, reason="other" if answer == "na" else None, proof=proof)


def a_finding(id: str, value: float, low: float, high: float, n: int, unit: Unit = "ratio", better: Better = "higher", **more: Any) -> Finding:
    return Finding(MetricInfo(id, unit, better, ""), Measurement(value=value, low=low, high=high, n=n, **more))


def a_blocker(level: LevelCode) -> Blocker:
    return Blocker(fails_at=level)
