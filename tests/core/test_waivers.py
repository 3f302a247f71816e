"""A waiver lets a question stand for a while. It hides nothing, ends by itself, and no must-have can be waived."""

from datetime import date, datetime

import pytest

from pdd_audit.core.questions import Text
from pdd_audit.core.waivers import Waiver, WaiverRules, faults, in_effect, renewed, standing, without
from tests.core.builders import a_blocker, a_practice, a_question, checklists

TODAY = date(2026, 11, 20)
RULES = WaiverRules(most_at_once=2, longest_days=30, why=Text(zh="少", en="few"))
BOOK = checklists(
    a_practice("x", 3, a_question("x.one", 3), a_question("x.two", 2), a_question("x.must", 5, blocker=a_blocker("unmet")),
               a_question("x.note", 0)),
    a_practice("y", 3, a_question("y.one", 3)),
)


def a_waiver(question="x.one", until="2026-12-01", by="老板", reason="网点还没开", at="2026-11-20"):
    return Waiver(question=question, until=date.fromisoformat(until) if until else None, by=by, reason=reason, at=datetime.fromisoformat(at))


def codes(wanted, others=(), question="x.one"):
    known = {item.id: item for practice in BOOK.practices for item in practice.items}
    return [code for _, code, _ in faults(wanted, known.get(question), others, RULES, TODAY)]


def test_a_waiver_stands_to_the_end_of_its_last_day_and_no_further():
    said = [a_waiver("x.one", "2026-12-01"), a_waiver("y.one", "2026-11-20"), a_waiver("x.two", "2026-11-19")]
    assert [one.question for one in standing(said, TODAY)] == ["y.one", "x.one"]
    assert [one.question for one in standing(said, date(2026, 11, 21))] == ["x.one"]
    assert standing(said, date(2026, 12, 2)) == []


def test_the_last_word_on_a_question_counts_and_one_taken_back_is_over():
    said = [a_waiver(until="2026-12-01"), a_waiver(until="2026-11-25"), a_waiver("y.one"), a_waiver("y.one", until=None)]
    assert [(one.question, one.until) for one in standing(said, TODAY)] == [("x.one", date(2026, 11, 25))]
    assert renewed(said) == {"x.one"}


def test_a_question_that_became_a_must_have_is_waived_no_longer():
    assert in_effect(BOOK, [a_waiver("x.must"), a_waiver("x.note"), a_waiver("gone.one"), a_waiver()]) == [a_waiver()]


def test_without_some_questions_a_practice_may_be_gone():
    left = without(BOOK, {"x.one", "y.one"})
    assert [(practice.practice.id, [item.id for item in practice.items]) for practice in left.practices] == [
        ("x", ["x.two", "x.must", "x.note"])
    ]


@pytest.mark.parametrize(("wanted", "question", "code"), [
    (a_waiver("x.must"), "x.must", "waiver_blocker"), (a_waiver("x.note"), "x.note", "waiver_question"),
    (a_waiver("gone.one"), "gone.one", "waiver_question"), (a_waiver(reason="  "), "x.one", "waiver_reason"),
    (a_waiver(until=None), "x.one", "waiver_until"), (a_waiver(until="2026-11-19"), "x.one", "waiver_until"),
    (a_waiver(until="2026-12-21"), "x.one", "waiver_until"),
])
def test_what_cannot_be_waived_says_why(wanted, question, code):
    assert codes(wanted, question=question) == [code]


def test_no_more_stand_at_once_than_the_ceiling_but_one_of_them_may_be_prolonged():
    others = [a_waiver("x.two"), a_waiver("y.one")]
    assert codes(a_waiver("x.one"), others) == ["waiver_ceiling"]
    assert codes(a_waiver("x.two", "2026-12-20"), others, "x.two") == []
    assert codes(a_waiver(until="2026-11-20")) == [], "today is a day"
