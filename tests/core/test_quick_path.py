"""The short way asks the dearest first and stops only when nothing left could change the first three steps."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdd_audit.core.plan import Loss, make_plan
from pdd_audit.core.questions import Criterion, Remedy
from pdd_audit.core.quick_path import FIRST, Stakes, possible_answers, quick_path
from pdd_audit.core.scoring import score
from pdd_audit.core.waterfall import AuditInputs
from tests.core.builders import SCALES, WORD, a_blocker, a_finding, a_practice, a_question, a_verify, checklists, said

CAUSES = ("missed_van", "late_upload", "no_notice")
LEVELS = ("unmet", "partly", "mostly")


def a_remedy(works, hours, *causes, levels=LEVELS):
    return Remedy(levels=levels, do=WORD, effort_hours=0, effort_hours_per_month=hours, addresses=causes, works_prior=works)


def first_three(inputs, stakes):
    scored = score(inputs.checklists, inputs.answers, inputs.findings, inputs.scope)
    steps = make_plan(inputs.checklists, scored, stakes.losses, stakes.days, stakes.put_off)[:FIRST]
    return [(step.question.id, step.remedy, step.find_out) for step in steps]


def completions(inputs):
    """The inputs with every open question answered in every way."""
    there = [q for p in inputs.checklists.practices for q in p.items if q.id not in inputs.answers]
    for answers in product(*(possible_answers(question, SCALES) for question in there)):
        given_now = {**inputs.answers, **{question.id: answer for question, answer in zip(there, answers, strict=True)}}
        yield AuditInputs(inputs.checklists, given_now, inputs.findings, inputs.scope)


@st.composite
def questions(draw, id):
    scale = draw(st.sampled_from(["coverage_4", "met_unmet", "met_unmet", "criteria_share"]))
    criteria = [Criterion(id=f"c{n}", zh="字", en="word") for n in range(2)] if scale == "criteria_share" else []
    causes = draw(st.lists(st.sampled_from(CAUSES), max_size=2, unique=True))
    remedies = [a_remedy(draw(st.sampled_from([0.3, 0.5, 0.7])), draw(st.sampled_from([0.5, 1, 2])), *causes)]
    blocker = a_blocker("unmet") if scale != "criteria_share" and draw(st.integers(0, 5)) == 0 else None
    verify = a_verify("pickup", 0.99, 0.95, 0, 20, met_at_least=0.98) if draw(st.booleans()) else None
    return a_question(id, draw(st.integers(0, 5)), scale=scale, criteria=criteria, remedies=remedies, blocker=blocker, verify=verify)


@st.composite
def situations(draw):
    """A small checklist, mostly answered, with losses of some causes."""
    sizes = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    items = [[draw(questions(f"{name}.q{n}")) for n in range(size)] for name, size in zip("xy", sizes, strict=True)]
    book = checklists(*(a_practice(name, draw(st.integers(1, 5)), *part) for name, part in zip("xy", items, strict=True)))
    every = [question for part in items for question in part]
    there = draw(st.sets(st.sampled_from(every).map(lambda question: question.id), max_size=3))
    answers = {q.id: draw(st.sampled_from(list(possible_answers(q, SCALES)))) for q in every if q.id not in there}
    losses = [Loss(cause, 10, draw(st.sampled_from([None, 50.0, 200.0, 331.7]))) for cause in draw(st.sets(st.sampled_from(CAUSES)))]
    finding = {"pickup": a_finding("pickup", 0.95, 0.94, 0.96, 500)} if draw(st.booleans()) else {}
    put_off = frozenset(draw(st.sets(st.sampled_from([q.id for q in every if not q.blocker] or [""]), max_size=1)))
    return AuditInputs(book, answers, finding), Stakes(losses, 30.0, put_off)


@settings(max_examples=150, deadline=None)
@given(situations())
def test_where_it_stops_no_way_of_answering_the_rest_changes_the_first_three_steps(situation):
    inputs, stakes = situation
    path = quick_path(inputs, stakes)
    now = first_three(inputs, stakes)
    assert [(step.question.id, step.remedy, step.find_out) for step in path.steps] == now
    if path.settled:
        assert all(first_three(later, stakes) == now for later in completions(inputs))


def chain(*weights, hours=(1, 2, 3, 4, 5), causes=("missed_van",) * 5, works=0.5):
    """A practice of questions, each with a remedy of its own."""
    return checklists(a_practice("x", 3, *(
        a_question(f"x.q{n}", weight, remedies=[a_remedy(works, hours[n], causes[n])]) for n, weight in enumerate(weights)
    )))


LOST = Stakes([Loss("missed_van", 60, 300.0)], 30.0)


def path_of(book, stakes=LOST, findings=None, **answers):
    return quick_path(AuditInputs(book, {f"x.{name}": said(code) for name, code in answers.items()}, findings or {}), stakes)


def test_three_steps_that_save_more_an_hour_than_the_rest_could_end_it():
    book = chain(3, 3, 3, 3)  # 300 yuan of missed vans; the fourth takes longest and finds an eighth of them left
    assert not path_of(book, q0="unmet", q1="unmet").settled
    done = path_of(book, q0="unmet", q1="unmet", q2="unmet")
    assert done.settled and done.open == ("x.q3",)
    assert [step.question.id for step in done.steps] == ["x.q0", "x.q1", "x.q2"]


def test_one_answer_that_could_save_more_keeps_it_going():
    book = chain(3, 3, 3, 3, hours=(1, 2, 3, 0.5))
    assert not path_of(book, q0="unmet", q1="unmet", q2="unmet").settled
    assert path_of(book, Stakes(LOST.losses, 30.0, frozenset({"x.q3"})), q0="unmet", q1="unmet", q2="unmet").settled, "it is waived"


def test_without_money_points_decide_and_only_what_weighs_less_is_left_out():
    free = Stakes([], 30.0)
    assert path_of(chain(5, 5, 5, 4), free, q0="unmet", q1="unmet", q2="unmet").settled
    assert not path_of(chain(5, 5, 5, 4), free, q0="unmet", q1="unmet", q2="partly").settled


@pytest.mark.parametrize(("causes", "stakes"), [((), Stakes([], 30.0)), (("missed_van",), LOST)], ids=["points", "a tie in money"])
def test_an_open_question_may_move_the_points_of_those_beside_it(causes, stakes):
    """3 x 4 of 4 is more than 3 x 5 of 6, until one more question of the same practice has a value: 3 x 4 of 5."""
    book = checklists(
        a_practice("x", 3, a_question("x.four", 4, remedies=[a_remedy(0.5, 1, *causes)]), a_question("x.open", 1)),
        a_practice("y", 3, a_question("y.five", 5, remedies=[a_remedy(0.5, 1, *causes)]), a_question("y.met", 1)),
        a_practice("z", 5, a_question("z.first", 5, remedies=[a_remedy(0.9, 1, *causes)])),
    )
    given_now = {"x.four": said("unmet"), "y.five": said("unmet"), "y.met": said("met"), "z.first": said("unmet")}
    inputs = AuditInputs(book, given_now, {})
    assert first_three(inputs, stakes) != first_three(next(completions(inputs)), stakes)
    assert not quick_path(inputs, stakes).settled


def test_an_open_question_that_saves_as_much_an_hour_may_have_more_points():
    assert not path_of(chain(3, 3, 3, 5, hours=(1, 2, 3, 3)), q0="unmet", q1="unmet", q2="unmet").settled


def test_money_that_nobody_has_answered_about_yet_comes_before_all_points():
    book = chain(5, 5, 5, 1, causes=("no_notice", "no_notice", "no_notice", "missed_van"))
    assert not path_of(book, q0="unmet", q1="unmet", q2="unmet").settled
    assert path_of(book, Stakes([], 30.0), q0="unmet", q1="unmet", q2="unmet").settled


def test_an_open_must_have_proves_nothing_about_points():
    book = checklists(a_practice("x", 3, *(a_question(f"x.q{n}", 5, remedies=[a_remedy(0.5, 1)]) for n in range(3)),
                                 a_question("x.q3", 1, blocker=a_blocker("unmet"), remedies=[a_remedy(0.5, 1)])))
    free = Stakes([], 30.0)
    assert not path_of(book, free, q0="unmet", q1="unmet", q2="unmet").settled
    assert path_of(book, free, q0="unmet", q1="unmet", q2="unmet", q3="met").settled, "nothing is left to ask"


def test_a_failed_must_have_keeps_steps_that_save_money_in_the_plan():
    book = checklists(
        a_practice("x", 3, *(a_question(f"x.q{n}", 4, remedies=[a_remedy(0.5, n + 1, "missed_van")]) for n in range(2))),
        a_practice("y", 5, a_question("y.must", 1, blocker=a_blocker("unmet"), remedies=[a_remedy(0.5, 1)]), a_question("y.good", 5)),
        a_practice("z", 5, a_question("z.good", 5)),
    )
    given_now = {"x.q0": said("mostly"), "x.q1": said("met"), "y.must": said("unmet"), "y.good": said("met"), "z.good": said("met")}
    steps = first_three(AuditInputs(book, given_now, {}), LOST)
    assert [step[0] for step in steps] == ["x.q0", "y.must"], "its points are zero under the cap, its parcels are not"


def test_the_dearest_and_least_certain_are_asked_first_whatever_is_answered():
    book = chain(2, 5, 2, 2, 3, causes=("no_notice", "no_notice", "missed_van", "late_upload", "no_notice"))
    stakes = Stakes([Loss("missed_van", 60, 300.0), Loss("late_upload", 60, 400.0)], 30.0)
    order = ("x.q3", "x.q2", "x.q1", "x.q4", "x.q0")
    assert path_of(book, stakes).order == order == path_of(book, stakes, q3="met", q0="unmet").order
    assert path_of(book, stakes, q3="met", q0="unmet").open == ("x.q2", "x.q1", "x.q4")


def test_what_the_data_have_bounded_already_is_asked_later():
    bounded = a_verify("pickup", 0.99, 0.95, 0, 20, met_at_least=0.98, mostly_at_least=0.96, partly_at_least=0.94)
    book = checklists(a_practice(
        "x", 3, a_question("x.q0", 3, verify=bounded, remedies=[a_remedy(0.5, 1, "missed_van")]),
        a_question("x.q1", 3, remedies=[a_remedy(0.5, 1, "missed_van")]),
    ))
    late = {"pickup": a_finding("pickup", 0.80, 0.79, 0.81, 500)}
    assert path_of(book).order == ("x.q0", "x.q1")
    assert path_of(book, findings=late).order == ("x.q1", "x.q0")


def test_every_worth_a_question_can_have_is_looked_at():
    criteria = [Criterion(id=f"c{n}", zh="字", en="word") for n in range(3)]
    ticks = a_question("x.ticks", 3, scale="criteria_share", criteria=criteria)
    assert [answer.answer for answer in possible_answers(ticks, SCALES)] == [
        "unmet", "met", ("c0",), ("c0", "c1"), ("c0", "c1", "c2"), "unknown", "na",
    ]
    assert "na" not in [answer.answer for answer in possible_answers(a_question("x.must", 3, blocker=a_blocker("unmet")), SCALES)]


@pytest.mark.parametrize("answered", [{}, {"q0": "unmet"}])
def test_a_shop_with_nothing_to_do_yet_is_asked_on(answered):
    assert not path_of(chain(3, 3), Stakes([], 30.0), **answered).settled
