"""The two ways in which bytes reach the child: descriptors of Linux, and the named files of Windows and macOS."""

import pytest

from pdd_audit.data import hand_over

WAYS = ["descriptor", "named file"]


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    """The test runs once in each way."""
    choose_way(monkeypatch, request.param)
    return request.param


def choose_way(monkeypatch, way):
    monkeypatch.delenv(hand_over.NAMED_FILES, raising=False)
    if way == "named file":
        monkeypatch.setenv(hand_over.NAMED_FILES, "1")
    elif hand_over.named_files():
        pytest.skip("this system has no paths for descriptors")
