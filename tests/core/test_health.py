"""The limits of the doctor, each at its edge; and everything it says has words in both languages."""

from datetime import datetime, timedelta

import pytest

from pdd_audit.core.health import Check, backup_check, clock_check, python_check, rights_check, server_checks, space_check, worst
from pdd_audit.texts import Words

NOW = datetime(2026, 11, 23, 12)
SHANGHAI = timedelta(hours=8)
SAFE = {"server.address": "127.0.0.1", "browser.gatherUsageStats": False}


def said(check):
    """How it is, once its words were found and filled in both languages."""
    for lang in ("zh", "en"):
        for part in ("what", f"found.{check.found}", "needed", "cure"):
            assert Words(lang)(f"doctor.check.{check.what}.{part}", **check.values)
    return check.state, check.found


@pytest.mark.parametrize(("check", "expected"), [
    (python_check((3, 10, 14)), ("broken", "old")),
    (python_check((3, 11, 0)), ("well", "well")),
    (python_check((3, 14, 0)), ("warning", "untried")),
    (space_check(199_000_000, 0), ("broken", "full")),
    (space_check(999_000_000, 0), ("warning", "low")),
    (space_check(1_000_000_000, 400_000_000), ("well", "well")),
    (space_check(2_100_000_000, 1_000_000_000), ("warning", "low")),
    (rights_check(0o40700), ("well", "well")),
    (rights_check(0o40750), ("warning", "read")),
    (rights_check(0o40711), ("warning", "read")),
    (rights_check(0o40702), ("broken", "written")),
    (clock_check(NOW, SHANGHAI, None), ("well", "well")),
    (clock_check(NOW, SHANGHAI, NOW + timedelta(minutes=5)), ("well", "well")),
    (clock_check(NOW, SHANGHAI, NOW + timedelta(minutes=6)), ("broken", "slow")),
    (clock_check(NOW, timedelta(hours=9), None), ("broken", "zone")),
    (clock_check(NOW, None, None), ("broken", "zone")),
    (backup_check(NOW, None, 0), ("well", "needless")),
    (backup_check(NOW, None, 1), ("warning", "unknown")),
    (backup_check(NOW, NOW - timedelta(days=7, hours=23), 1), ("well", "well")),
    (backup_check(NOW, NOW - timedelta(days=8), 1), ("warning", "old")),
])
def test_a_limit_is_where_it_is_said_to_be(check, expected):
    assert said(check) == expected


@pytest.mark.parametrize(("change", "found"), [
    ({}, {}),
    ({"server.address": "localhost"}, {}),
    ({"server.address": None}, {"address": ("broken", "everywhere")}),
    ({"server.address": "0.0.0.0"}, {"address": ("broken", "open")}),
    ({"server.enableXsrfProtection": False}, {"xsrf": ("broken", "off")}),
    ({"server.enableCORS": False}, {"cors": ("broken", "off")}),
    ({"server.enableCORS": "yes"}, {"cors": ("broken", "off")}),
    ({"browser.gatherUsageStats": True}, {"stats": ("warning", "off")}),
])
def test_a_setting_that_opens_the_app_is_named(change, found):
    checks = server_checks(SAFE | change)
    assert {one.what: said(one) for one in checks if said(one)[0] != "well"} == found and len(checks) == 4


def test_streamlits_own_defaults_are_not_safe():
    assert {one.what for one in server_checks({}) if one.state != "well"} == {"address", "stats"}


def test_the_worst_speaks_for_all():
    checks = [Check("home", state, "well") for state in ("well", "broken", "warning")]
    assert [worst(checks[:n]) for n in range(4)] == ["well", "well", "broken", "broken"]
