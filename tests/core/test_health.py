"""The limits of the doctor, each at its edge; and everything it says has words in both languages."""

from datetime import datetime, timedelta

import pytest

from pdd_audit.core.health import (
    Check,
    Temporary,
    backup_check,
    clock_check,
    drive_check,
    heads_check,
    journal_check,
    python_check,
    rights_check,
    server_checks,
    space_check,
    temporary_check,
    worst,
)
from pdd_audit.texts import Words

NOW = datetime(2026, 11, 23, 12)
SHANGHAI = timedelta(hours=8)
MADE = NOW - timedelta(days=31)
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
    (drive_check(None, True), ("well", "unknown")),
    (drive_check("ext4", True), ("well", "well")),
    (drive_check("nfs4", True), ("broken", "database")),
    (drive_check("cifs", False), ("warning", "files")),
    (journal_check(64_000_000, 0), ("well", "well")),
    (journal_check(64_000_001, 64_000_000), ("warning", "large")),
    (journal_check(90_000_000, 90_000_000), ("well", "well")),
    (temporary_check(None), ("broken", "none")),
    (temporary_check(Temporary()), ("well", "well")),
    (temporary_check(Temporary("TMPDIR", 0, 0o777, 0o777)), ("warning", "passed_over")),
    (temporary_check(Temporary("", None, 0o41777, 0o100644)), ("warning", "read")),
    (temporary_check(Temporary("", None, 0o41777, 0o100600)), ("well", "well")),
    (temporary_check(Temporary("", None, 0o40777, 0o100600)), ("warning", "written")),
    (temporary_check(Temporary("", 999_000_000, 0o40700, 0o100600)), ("warning", "low")),
    (temporary_check(Temporary("", 1_000_000_000, 0o40700, 0o100600)), ("well", "well")),
    (heads_check(NOW, {}), ("well", "needless")),
    (heads_check(NOW, {"a": (NOW - timedelta(days=30), None)}), ("well", "none")),
    (heads_check(NOW, {"a": (MADE, None)}), ("warning", "never")),
    (heads_check(NOW, {"a": (MADE, NOW), "b": (MADE, MADE)}), ("warning", "old")),
    (heads_check(NOW, {"a": (MADE, NOW), "b": (NOW, None)}), ("well", "well")),
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
