"""The two ways in which bytes reach the child (descriptors of Linux, the named files of Windows and macOS), the two engines, the store,
and an installation for what many files say together."""

import pytest

from pdd_audit.data.reading import hand_over
from pdd_audit.data.relations.engines import opened
from pdd_audit.data.storage.state import State
from pdd_audit.services.shop_archive import delete_shop
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace

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


@pytest.fixture
def state(database_url):
    kept = State(database_url)
    yield kept
    kept.close()


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """One of the module's own."""
    workspace = open_workspace(tmp_path_factory.mktemp("home"))
    yield workspace
    workspace.state.close()


@pytest.fixture
def new_shop(installation):
    """Makes a shop in the place of all before it: an order belongs to one shop, and the files of these tests hold the same ones."""

    def make():
        for earlier in installation.state.shops():
            delete_shop(installation, earlier.id)
        return create_shop(installation, "店铺")

    return make
