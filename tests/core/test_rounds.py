"""What the words of a review add up to: how far people are apart, and when the next round is due."""

from datetime import date

import pytest

from pdd_audit.core.questions import Answer, Level, Question, Scale, Source, Text, Title
from pdd_audit.core.rounds import Opening, disagreement, next_due

SAID = Text(zh="题", en="q")
LEVELS = (("unmet", 0.0), ("partly", 0.3), ("mostly", 0.7), ("met", 1.0))
SCALES = {"coverage_4": Scale(levels=tuple(Level(code=code, value=value, label=SAID, means=SAID) for code, value in LEVELS))}
QUESTION = Question(
    id="p.q", weight=1, scale="coverage_4", title=Title(ok=SAID, fail=SAID), why=SAID, source=Source(key="s", basis="stated"),
)


@pytest.mark.parametrize(("answers", "apart"), [
    (["met", "met", "met"], 0.0), (["met", "unmet"], 1.0), (["met", "met", "unmet"], 2 / 3), (["met", "unknown"], 0.5), (["na", "met"], 1.0),
    (["unknown", "unknown"], 0.0), (["partly", "mostly"], 0.4), (["met"], 0.0), ([], 0.0),
])
def test_disagreement_is_the_mean_distance_of_all_pairs(answers, apart):
    assert disagreement([Answer(answer=answer) for answer in answers], QUESTION, SCALES) == pytest.approx(apart)


@pytest.mark.parametrize(("again", "due", "following"), [
    ("never", date(2026, 11, 30), None), ("weekly", date(2026, 12, 28), date(2027, 1, 4)), ("monthly", date(2027, 1, 31), date(2027, 2, 28)),
    ("monthly", date(2026, 12, 15), date(2027, 1, 15)), ("after_sale", date(2026, 11, 30), date(2026, 12, 15)),
    ("after_sale", date(2026, 12, 15), None),
])
def test_the_next_round_is_due_a_week_a_month_or_a_sale_later(again, due, following):
    opening = Opening(title="t", questions=("p.q",), members=("甲",), due=due, again=again, template="0" * 64)
    assert next_due(opening, [date(2026, 11, 11), date(2026, 12, 12)]) == following
