"""What the words of a review add up to: how far people are apart, and when the next round is due."""

from datetime import date, datetime

import pytest

from pdd_audit.core.questions import Answer, Criterion, Level, Question, Scale, Source, Text, Title
from pdd_audit.core.rounds import HIDDEN, Opening, RoundWord, disagreement, next_due, rounds_of

SAID = Text(zh="题", en="q")
LEVELS = (("unmet", 0.0), ("partly", 0.3), ("mostly", 0.7), ("met", 1.0))
SCALES = {"coverage_4": Scale(levels=tuple(Level(code=code, value=value, label=SAID, means=SAID) for code, value in LEVELS))}
QUESTION = Question(
    id="p.q", weight=1, scale="coverage_4", title=Title(ok=SAID, fail=SAID), why=SAID, source=Source(key="s", basis="stated"),
)


@pytest.mark.parametrize(("answers", "apart"), [
    (["met", "met", "met"], 0.0), (["met", "unmet"], 1.0), (["met", "met", "unmet"], 2 / 3), (["met", "unknown"], 0.5), (["na", "met"], 1.0),
    (["unknown", "unknown"], 0.0), (["partly", "mostly"], 0.4), (["met"], 0.0), ([], 0.0),
    (["met", "met", "unmet", "unknown", "na"], (0 + 2 * 1 + 2 * 0.5 + 0.5 + 4 * 1) / 10), (["met"] * 4 + ["unmet"] * 6, 24 / 45),
])
def test_disagreement_is_the_mean_distance_of_all_pairs(answers, apart):
    assert disagreement([Answer(answer=answer) for answer in answers], QUESTION, SCALES) == pytest.approx(apart)


def test_ticks_are_apart_by_what_only_one_ticked_and_their_order_means_nothing():
    ticked = QUESTION.model_copy(update={"criteria": tuple(Criterion(id=id, zh="条", en="c") for id in "abc")})
    said = [Answer(answer=ticks) for ticks in (("a", "b"), ("b", "a"), ("c",), ("a",))]
    assert disagreement(said, ticked, SCALES) == pytest.approx((0 + 1 + 1 / 3 + 1 + 1 / 3 + 2 / 3) / 6)


def test_words_of_several_rounds_are_told_apart_and_a_round_nobody_opened_is_not_heard():
    def word(of, kind, by, **more):
        return RoundWord(round=of, kind=kind, by=by, at=datetime(2026, 11, 20), **more)

    opening = Opening(title="t", questions=("p.q",), members=("甲", "乙"), due=date(2026, 11, 30), template="0" * 64)
    met, unmet, hers = Answer(answer="met"), Answer(answer="unmet"), Answer(answer="unmet", note="乙的话")
    one, other = rounds_of([
        word("b", "answered", "甲", question="p.q", answer=unmet), word("a", "opened", "甲", opening=opening),
        word("b", "opened", "乙", opening=opening), word("a", "answered", "甲", question="p.q", answer=unmet),
        word("b", "answered", "甲", question="p.q", answer=met), word("a", "answered", "甲", question="p.q", answer=met),
        word("a", "answered", "乙", question="p.q", answer=hers), word("c", "answered", "甲", question="p.q", answer=met),
    ])
    assert (one.id, one.done(), one.version("answered", "p.q", "甲")) == ("a", {"甲": 1, "乙": 1}, 2)
    assert (other.id, other.done(), other.version("answered", "p.q", "甲")) == ("b", {"甲": 1, "乙": 0}, 1), "what came before the opening is not heard"
    seen = one.as_seen_by("甲")
    assert (seen.done(), seen.answers_of("甲"), seen.answers_of("乙")) == ({"甲": 1, "乙": 1}, {"p.q": met}, {"p.q": HIDDEN})
    assert "乙的话" not in repr(vars(seen)) and "乙的话" in repr(vars(one)), "nothing of it is handed over"


@pytest.mark.parametrize(("again", "due", "following"), [
    ("never", date(2026, 11, 30), None), ("weekly", date(2026, 12, 28), date(2027, 1, 4)), ("monthly", date(2027, 1, 31), date(2027, 2, 28)),
    ("monthly", date(2026, 12, 15), date(2027, 1, 15)), ("after_sale", date(2026, 11, 30), date(2026, 12, 15)),
    ("after_sale", date(2026, 12, 15), None),
])
def test_the_next_round_is_due_a_week_a_month_or_a_sale_later(again, due, following):
    opening = Opening(title="t", questions=("p.q",), members=("甲",), due=due, again=again, template="0" * 64)
    assert next_due(opening, [date(2026, 11, 11), date(2026, 12, 12)]) == following
