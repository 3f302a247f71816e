"""Roles and names."""

from itertools import pairwise

import pytest

from pdd_audit.core.people import ALLOWED, LONGEST_NAME, Right, Role, allows, clean_name, free_name, least, name_key


def test_each_role_may_do_what_those_before_may_and_the_owner_everything():
    roles = list(Role)
    assert roles == [Role.VIEWER, Role.MEMBER, Role.REVIEWER, Role.OWNER]
    for lower, higher in pairwise(roles):
        assert ALLOWED[lower] < ALLOWED[higher]
    assert ALLOWED[Role.OWNER] == set(Right)


@pytest.mark.parametrize(("right", "role"), [
    (Right.LOOK, Role.VIEWER), (Right.ANSWER, Role.MEMBER), (Right.DECIDE, Role.REVIEWER), (Right.SIGN, Role.REVIEWER),
    (Right.IMPORT_FILES, Role.OWNER), (Right.EXPORT_ROWS, Role.OWNER), (Right.MANAGE, Role.OWNER),
])
def test_a_right_begins_with_a_role(right, role):
    assert least(right) == role
    assert [one for one in Role if allows(one, right)] == list(Role)[list(Role).index(role):]


@pytest.mark.parametrize(("given", "shown"), [
    ("  张  三 ", "张 三"), ("Li\u200bWei", "LiWei"), ("\u202eevil", "evil"), ("a\nb\tc", "abc"), ("ｌｉ", "li"), ("", "#1"), ("\u200b \u3000", "#1"),
    ("x" * 300, "x" * LONGEST_NAME), ("a\x00b\ud800", "ab"),
])
def test_a_name_is_made_fit_to_be_shown(given, shown):
    assert clean_name(given, otherwise="#1") == shown


def test_names_that_look_alike_are_one_name_and_the_second_gets_a_number():
    assert name_key("Straße") == name_key("STRASSE") and name_key("Ｌｉ") == name_key("li")
    taken = {name_key("Li Wei"), name_key("LI WEI (2)")}
    assert free_name("li wei", taken) == "li wei (3)"
    assert free_name("Wang", taken) == "Wang"
    long = "名" * LONGEST_NAME
    assert len(free_name(long, {name_key(long)})) == LONGEST_NAME
