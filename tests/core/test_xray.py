"""Signs that an audit was filled in to be done with, each shown by the smallest set of answers that has it, and by none without."""

from datetime import datetime, timedelta

import pytest

from pdd_audit.core.xray import FEWEST, signs
from tests.core.builders import a_practice, a_question, checklists, said

NAMES = [f"a.q{at}" for at in range(12)]
TEMPLATE = checklists(a_practice("a", 1, *(a_question(name, 1) for name in NAMES)))
START = datetime(2026, 11, 23, 9)
MIXED = {name: said(code, "照片") for name, code in zip(NAMES, ["met", "partly", "unmet", "mostly"] * 3, strict=True)}


def every(seconds, names=NAMES):
    return {name: START + timedelta(seconds=seconds * at) for at, name in enumerate(names)}


def codes(answers, answered_at=None, before=None):
    return [sign.code for sign in signs(TEMPLATE, answers, every(30) if answered_at is None else answered_at, before)]


def test_answers_given_with_care_show_nothing():
    assert codes(MIXED) == []
    assert codes({}) == []


def test_met_without_proof_counts_only_what_is_met():
    found = signs(TEMPLATE, {name: said("met") for name in NAMES[:9]} | {NAMES[9]: said("partly")}, every(30))
    assert [(sign.code, sign.n, sign.of) for sign in found] == [("met_without_proof", 9, 9)]
    assert "met_without_proof" not in codes({name: said("met", "照片") for name in NAMES[:9]} | {NAMES[9]: said("partly")})


def test_one_level_for_a_whole_practice_is_named_with_it():
    found = signs(TEMPLATE, {name: said("partly") for name in NAMES}, every(30))
    assert [(sign.code, sign.practice) for sign in found] == [("one_level", "a")]


@pytest.mark.parametrize(("seconds", "found"), [(2, ["in_a_rush"]), (5, []), (30, [])])
def test_faster_than_one_can_read(seconds, found):
    assert codes(MIXED, every(seconds)) == found


def test_too_few_answers_say_nothing_about_how_they_were_given():
    few = dict(list(MIXED.items())[: FEWEST - 1])
    assert codes(few, every(1)) == []


def test_many_that_do_not_apply_and_a_jump_since_the_last_time():
    four = MIXED | {name: said("na") for name in NAMES[:4]}
    three = MIXED | {name: said("na") for name in NAMES[:3]}
    assert codes(four) == ["many_not_applicable"]
    assert codes(three) == []
    assert codes(three, before=MIXED) == ["more_not_applicable"]
    assert codes(three, before=three) == []
