"""The two ways in which bytes reach the child (descriptors of Linux, the named files of Windows and macOS), and the two engines."""

import pytest

from pdd_audit.data.reading import hand_over
from pdd_audit.data.relations.engines import opened

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


@pytest.fixture(scope="module", params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine_name(request):
    """The module runs once on each engine."""
    if request.param == "spark":
        request.getfixturevalue("spark")
    return request.param


@pytest.fixture(scope="module")
def engine(engine_name, tmp_path_factory):
    with opened(engine_name, tmp_path_factory.mktemp("scratch"), tmp_path_factory.getbasetemp()) as found:
        yield found
