"""Who stands on this machine, and which of four signs says that somebody else asks."""

import pytest

from pdd_audit.core.loopback import is_loopback, reach


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost", "LOCALHOST", "::ffff:127.0.0.1"])
def test_these_mean_this_machine(address):
    assert is_loopback(address)


@pytest.mark.parametrize("address", ["", "0.0.0.0", "::", "192.168.1.5", "localhost.example.com", "127.0.0.1.example.com", "::ffff:10.0.0.1",
                                     "unix:///run/app", "2130706433", "127.1"])
def test_these_do_not(address):
    assert not is_loopback(address)


@pytest.mark.parametrize(("refusal", "given"), [
    (None, ("127.0.0.1",)),
    (None, ("localhost", "localhost:8501", "127.0.0.1", ["127.0.0.1, ::1"])),
    (None, ("::1", "[::1]:8501")),
    (None, ("::1", "::1")),
    ("listens", (None,)),
    ("listens", ("0.0.0.0", "localhost:8501")),
    ("named", ("127.0.0.1", "audit.example.com:8501")),
    ("named", ("127.0.0.1", "127.0.0.1.example.com")),
    ("named", ("127.0.0.1", "localhost:x")),
    ("asked", ("127.0.0.1", "localhost", "10.0.0.7")),
    ("forwarded", ("127.0.0.1", "127.0.0.1:8501", "", ["127.0.0.1, 203.0.113.9"])),
    ("forwarded", ("127.0.0.1", "127.0.0.1:8501", "", ["127.0.0.1", ""])),
])
def test_what_leads_beyond_this_machine_is_named(refusal, given):
    assert reach(*given) == refusal
