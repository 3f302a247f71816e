"""The score against a worked example (computed by hand, four decimals and more) and against what must always hold."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdd_audit.core.items import Finding, curve_value, evaluate
from pdd_audit.core.scoring import score
from tests.core.builders import SCALES, a_blocker, a_finding, a_practice, a_question, a_verify, checklists, said

FIXED = a_verify("pickup_24h_ratio", 0.99, 0.95, 0, 200, met_at_least=0.98, mostly_at_least=0.96, partly_at_least=0.90)
CUTOFF = a_verify("late_click_ratio", 0.02, 0.10, 1, 200, met_at_most=0.05, mostly_at_most=0.10, partly_at_most=0.25)
REPLY = a_verify("reply_3min_ratio", 0.98, 0.90, 0, 100, met_at_least=0.95, mostly_at_least=0.89, partly_at_least=0.75)
MEDIAN = a_verify("reply_seconds_mean", 30, 180, 7200, 100)

TEMPLATE = checklists(
    a_practice("cr", 3, a_question("cr.backup", 4), a_question("cr.last_van", 3), a_question("cr.review", 2)),
    a_practice(
        "co", 4, a_question("co.fixed", 5, verify=FIXED), a_question("co.handover", 4, blocker=a_blocker("unmet")), a_question("co.rescan", 2)
    ),
    a_practice(
        "pr", 4, a_question("pr.cutoff", 5, verify=CUTOFF), a_question("pr.zero", 2), a_question("pr.weekly", 2), a_question("pr.list", 2)
    ),
    a_practice("cs", 3, a_question("cs.first", 4, verify=REPLY), a_question("cs.median", 3, kind="metric", verify=MEDIAN), a_question("cs.notice", 2)),
)
ANSWERS = {
    "cr.backup": said("mostly", "p"), "cr.last_van": said("met"), "cr.review": said("na"),
    "co.fixed": said("met"), "co.handover": said("partly", "p"), "co.rescan": said("partly"),
    "pr.cutoff": said("mostly"), "pr.zero": said("unknown"), "pr.weekly": said("met"),
    "cs.first": said("mostly"), "cs.notice": said("unmet"),
}
FINDINGS = {
    "pickup_24h_ratio": a_finding("pickup_24h_ratio", 1 - 27 / 815, 1 - 0.047772, 1 - 0.022867, 815),
    "late_click_ratio": a_finding("late_click_ratio", 0.06, 0.020615, 0.162171, 50, better="lower"),
    "reply_3min_ratio": a_finding("reply_3min_ratio", 1 - 43 / 560, 1 - 0.101834, 1 - 0.057504, 560),
    "reply_seconds_mean": a_finding("reply_seconds_mean", 75, 75, 110, 208, unit="seconds", better="lower"),
}


def test_the_worked_example_gives_its_totals():
    total = score(TEMPLATE, ANSWERS, FINDINGS).score
    shown = (total.value, total.low, total.high, total.claimed, total.verified, total.verified_share, total.gap, total.answered_share)
    assert shown == pytest.approx((60.8940, 57.7194, 68.1090, 68.3540, 70.8286, 0.296537, 17.3077, 0.896104), abs=5e-5)
    assert (total.data_low, total.data_high) == pytest.approx((60.2031, 61.3270), abs=5e-5)
    assert (total.grade, total.grade_low, total.grade_high) == ("D", "E", "D")
    cover = total.coverage
    assert (cover.verified, cover.evidenced, cover.claimed, cover.unknown) == pytest.approx((0.296537, 0.226345, 0.373222, 0.103896), abs=1e-6)


@pytest.mark.parametrize(
    ("practice", "claimed", "value", "low", "high"),
    [("cr", 82.8571, 82.8571, 82.8571, 82.8571), ("co", 61.8182, 48.1818, 48.1818, 48.1818),
     ("pr", 78.5714, 61.1111, 50.0, 86.3636), ("cs", 46.6667, 55.5911, 55.5911, 55.5911)],
)
def test_the_worked_example_gives_its_sections(practice, claimed, value, low, high):
    record = score(TEMPLATE, ANSWERS, FINDINGS).practices[practice]
    assert (record.claimed, record.value, record.low, record.high) == pytest.approx((claimed, value, low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("item", "verdict", "value", "points", "lost", "gain"),
    [("co.fixed", "contradicted", 0.7, 9.0909, 3.8961, 3.896104), ("pr.cutoff", "cannot_tell", 0.7, 11.1111, 4.7619, 4.761905),
     ("cs.first", "confirmed", 0.7, 6.6667, 2.8571, 2.857143), ("cs.median", None, 0.734401, 5.2457, 1.8971, 1.897134),
     ("co.handover", "no_claim", 0.3, 3.1169, 7.2727, 7.272727), ("pr.list", None, None, 0, 0, 2.020202)],
)
def test_the_worked_example_gives_its_items(item, verdict, value, points, lost, gain):
    items = {record.id: record for practice in score(TEMPLATE, ANSWERS, FINDINGS).practices.values() for record in practice.items}
    record = items[item]
    assert record.verdict == verdict
    assert record.value == (None if value is None else pytest.approx(value, abs=1e-6))
    assert (record.points, record.lost, record.gain) == pytest.approx((points, lost, gain), abs=5e-5)


def test_claims_and_data_of_a_section_are_told_over_the_questions_that_have_both():
    practices = score(TEMPLATE, ANSWERS, FINDINGS).practices
    told = {
        id: (one.claimed_where_verified, one.verified_where_claimed, one.gap, one.score_if_believed, one.overrated) for id, one in practices.items()
    }
    nothing = (None, None, None, None, False)
    assert {id: told[id] for id in ("cr", "pr")} == {"cr": nothing, "pr": nothing}
    assert told["co"] == pytest.approx((100, 70, -30, 48.1818 + 30 * 5 / 11, True), abs=5e-5)  # its one question with both weighs 5 of 11
    assert told["cs"] == pytest.approx((70, 70, 0, 55.5911, False), abs=5e-5)  # the median was never claimed, the notice never checked
    near = practices["co"].model_copy(update={"claimed_where_verified": 80.0})
    assert [near.model_copy(update={"verified_where_claimed": checked}).overrated for checked in (70.0, 70.1)] == [True, False]
    assert near.model_copy(update={"value": 95.0, "verified_share": 0.9}).score_if_believed == 100.0


def test_a_failed_blocker_caps_its_section_and_the_total_and_the_uncapped_number_stays():
    answers = {question.id: said("met") for practice in TEMPLATE.practices for question in practice.items}
    capped = score(TEMPLATE, answers | {"co.handover": said("unmet")}, {})
    assert capped.practices["co"].uncapped == pytest.approx(63.6364, abs=5e-5)
    assert capped.practices["co"].value == pytest.approx(59)
    assert capped.score.value == pytest.approx(69)
    assert capped.score.capped_by == ["co.handover"]
    assert capped.score.uncapped == pytest.approx(89.6104, abs=5e-5)


POINTS = [(0, 1.0), (10, 0.980649), (30, 0.9), (60, 0.784002), (75, 0.734401), (120, 0.614095), (180, 0.5), (300, 0.357419), (1800, 0.049787)]


@pytest.mark.parametrize(("seconds", "worth"), POINTS)
def test_the_curve_passes_its_published_points(seconds, worth):
    assert MEDIAN.curve is not None
    assert curve_value(MEDIAN.curve, seconds, FINDINGS["reply_seconds_mean"]) == pytest.approx(worth, abs=1e-6)


@pytest.mark.parametrize(("verify", "finding"), [(MEDIAN, "reply_seconds_mean"), (FIXED, "pickup_24h_ratio"), (CUTOFF, "late_click_ratio")])
def test_a_curve_holds_at_its_control_points_and_one_step_to_either_side(verify, finding):
    curve, found = verify.curve, FINDINGS[finding]
    assert curve is not None
    good, bad = (1.0, 0.0) if curve.p10 > curve.median else (0.0, math.inf)
    for point, worth in ((curve.p10, 0.9), (curve.median, 0.5)):
        better, worse = (curve_value(curve, math.nextafter(point, side), found) for side in (good, bad))
        assert better >= worth and worse < worth and curve_value(curve, point, found) >= worth
        assert better - worse < 1e-6
    assert curve_value(curve, good, found) == 1 and curve_value(curve, curve.worst, found) == 0
    nearly = curve.worst + (good - curve.worst) * 1e-6
    assert curve_value(curve, nearly, found) > 0


def test_one_step_above_a_control_point_is_below_its_worth():
    assert MEDIAN.curve is not None
    finding = FINDINGS["reply_seconds_mean"]
    assert curve_value(MEDIAN.curve, math.nextafter(30, 31), finding) < 0.9
    assert curve_value(MEDIAN.curve, math.nextafter(180, 181), finding) < 0.5
    assert curve_value(MEDIAN.curve, 7200, finding) == 0
    assert curve_value(MEDIAN.curve, math.inf, finding) == 0
    with pytest.raises(ValueError, match="NaN"):
        curve_value(MEDIAN.curve, math.nan, finding)


# --- what always holds -------------------------------------------------------------------------------------------------------

LEVELS = ("unmet", "partly", "mostly", "met")
QUESTIONS = [question for practice in TEMPLATE.practices for question in practice.items if question.kind == "question"]
codes = st.sampled_from([*LEVELS, "unknown", None])
audits = st.fixed_dictionaries({question.id: codes for question in QUESTIONS})


def ratio(metric: str) -> st.SearchStrategy[Finding]:
    def build(value: float, half: float, n: int) -> Finding:
        return a_finding(metric, value, max(0.0, value - half), min(1.0, value + half), n)

    return st.builds(build, st.floats(0, 1), st.floats(0, 0.2), st.integers(0, 1000))


findings = st.fixed_dictionaries({"pickup_24h_ratio": ratio("pickup_24h_ratio"), "reply_3min_ratio": ratio("reply_3min_ratio")})


def answers_of(codes):
    return {id: said(code) for id, code in codes.items() if code is not None}


def test_all_best_is_exactly_100_and_all_worst_exactly_0():
    plain = checklists(*(p.model_copy(update={"items": tuple(q for q in p.items if q.kind == "question")}) for p in TEMPLATE.practices))
    assert score(plain, {q.id: said("met") for q in QUESTIONS}, {}).score.value == 100
    assert score(plain, {q.id: said("unmet") for q in QUESTIONS}, {}).score.value == 0


@settings(max_examples=150, deadline=None)
@given(audits, findings, st.sampled_from(QUESTIONS), st.sampled_from([0, 1, 2]))
def test_raising_one_answer_never_lowers_the_score_or_its_range(codes, found, question, step):
    lower = score(TEMPLATE, answers_of(codes | {question.id: LEVELS[step]}), found).score
    higher = score(TEMPLATE, answers_of(codes | {question.id: LEVELS[step + 1]}), found).score
    for name in ("value", "low", "high"):
        assert getattr(higher, name) >= getattr(lower, name) - 1e-9


@settings(max_examples=150, deadline=None)
@given(audits, findings)
def test_the_score_lies_within_its_range(codes, found):
    result = score(TEMPLATE, answers_of(codes), found).score
    assert result.low is not None and result.high is not None
    assert -1e-9 <= result.low <= result.high + 1e-9 <= 100 + 1e-6
    if result.value is not None:
        assert result.low - 1e-9 <= result.value <= result.high + 1e-9


@settings(max_examples=80, deadline=None)
@given(audits, findings, st.sampled_from([q for q in QUESTIONS if q.blocker is None]))
def test_not_applicable_equals_deleting_the_question(codes, found, question):
    marked = score(TEMPLATE, answers_of(codes) | {question.id: said("na")}, found).score
    trimmed = checklists(*(p.model_copy(update={"items": tuple(q for q in p.items if q.id != question.id)}) for p in TEMPLATE.practices))
    deleted = score(trimmed, answers_of(codes), found).score
    for name in ("value", "low", "high", "data_low", "data_high", "claimed", "verified", "gap", "uncapped", "answered_share"):
        assert getattr(marked, name) == (None if getattr(deleted, name) is None else pytest.approx(getattr(deleted, name))), name


@settings(max_examples=50, deadline=None)
@given(audits, findings, st.randoms())
def test_the_order_of_files_and_questions_changes_nothing(codes, found, random):
    practices = [p.model_copy(update={"items": tuple(random.sample(p.items, len(p.items)))}) for p in TEMPLATE.practices]
    random.shuffle(practices)
    plain, shuffled = score(TEMPLATE, answers_of(codes), found).score, score(checklists(*practices), answers_of(codes), found).score
    for name in ("value", "low", "high", "claimed", "verified"):
        assert getattr(plain, name) == (None if getattr(shuffled, name) is None else pytest.approx(getattr(shuffled, name)))


def test_weight_zero_never_moves_anything():
    extra = a_question("cr.info", 0)
    more = checklists(*(p.model_copy(update={"items": (*p.items, extra)}) if p.practice.id == "cr" else p for p in TEMPLATE.practices))
    assert score(more, ANSWERS | {"cr.info": said("unmet")}, FINDINGS).score == score(TEMPLATE, ANSWERS, FINDINGS).score


def test_notes_never_move_anything():
    noted = {name: given.model_copy(update={"note": "看过了"}) for name, given in ANSWERS.items()}
    assert score(TEMPLATE, noted, FINDINGS).score == score(TEMPLATE, ANSWERS, FINDINGS).score


def test_a_value_of_zero_stays_in_every_mean():
    worst = a_finding("pickup_24h_ratio", 0.0, 0.0, 0.01, 900)
    template = checklists(a_practice("x", 3, a_question("x.zero", 1, scale="met_unmet", verify=FIXED), a_question("x.plain", 3)))
    total = score(template, {"x.zero": said("met"), "x.plain": said("met")}, {"pickup_24h_ratio": worst}).score
    assert (total.value, total.claimed, total.verified, total.gap) == (pytest.approx(75), 100, 0, 100)
    assert (total.verified_share, total.answered_share) == (pytest.approx(0.25), 1)
    unmet = score(template, {"x.zero": said("unmet"), "x.plain": said("met")}, {}).score
    assert (unmet.value, unmet.claimed) == (pytest.approx(75), pytest.approx(75))


def test_a_section_with_only_information_has_no_score_and_drops_out():
    more = checklists(*TEMPLATE.practices, a_practice("info", 5, a_question("info.one", 0)))
    result = score(more, ANSWERS | {"info.one": said("met")}, FINDINGS)
    assert result.practices["info"].value is None
    assert result.score == score(TEMPLATE, ANSWERS, FINDINGS).score


def test_a_section_with_only_not_applicable_items_has_no_score_and_drops_out():
    answers = {**ANSWERS, **{f"cr.{name}": said("na") for name in ("backup", "last_van", "review")}}
    result = score(TEMPLATE, answers, FINDINGS)
    assert result.practices["cr"].value is None
    others = sum(TEMPLATE.practices[i].practice.section_weight * (result.practices[TEMPLATE.practices[i].practice.id].value or 0) for i in (1, 2, 3)) / 11
    assert result.score.value == pytest.approx(others)


def test_a_metric_of_zero_is_a_measurement():
    question = a_question("x.late", 3, kind="metric", verify=a_verify("late_ratio", 0.01, 0.05, 1, 30))
    found = a_finding("late_ratio", 0.0, 0.0, 0.01, 500, better="lower")
    assert evaluate(question, None, found, SCALES).value == 1.0


def test_one_more_tick_is_always_worth_more_and_never_less_where_the_data_object():
    ticks = [{"id": f"c{i}", "zh": "字", "en": "word"} for i in range(4)]
    verify = a_verify("pickup_24h_ratio", 0.99, 0.95, 0, 200, met_at_least=0.98)
    question = a_question("x.list", 3, scale="criteria_share", criteria=ticks, verify=verify)
    bad = a_finding("pickup_24h_ratio", 0.80, 0.78, 0.82, 900)
    for finding in (None, bad):
        given = [said(tuple(f"c{i}" for i in range(k)) if k else "unmet") for k in range(5)]
        values = [evaluate(question, one, finding, SCALES).value for one in given]
        assert values[:4] == [0, 0.25, 0.5, 0.75]
        assert values[4] == (1 if finding is None else pytest.approx(0.75))


def test_data_that_prove_more_than_was_said_are_a_hint_and_no_points():
    good = {"pickup_24h_ratio": replace(FINDINGS["pickup_24h_ratio"], measured=replace(FINDINGS["pickup_24h_ratio"].measured, value=0.99, low=0.985, high=0.995))}
    item = evaluate(TEMPLATE.question("co.fixed"), said("partly"), good["pickup_24h_ratio"], SCALES)
    assert item.better_than_said and item.value == 0.3
