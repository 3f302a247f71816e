"""One workspace with the demo shop for all service tests: made once, never changed by a test that others rely on."""

import shutil

import pytest

from pdd_audit.services.shops import list_shops, open_demo_shop
from pdd_audit.services.workspace import open_workspace


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """(workspace, shop) of the demo."""
    workspace = open_workspace(tmp_path_factory.mktemp("home"))
    yield workspace, open_demo_shop(workspace)
    workspace.state.close()


@pytest.fixture
def own_demo(built_demo, tmp_path):
    """(workspace, shop) of a demo that the test may change."""
    workspace = open_workspace(shutil.copytree(built_demo, tmp_path / "demo"))
    yield workspace, list_shops(workspace)[0]
    workspace.state.close()


@pytest.fixture
def workspace(tmp_path):
    opened = open_workspace(tmp_path)
    yield opened
    opened.state.close()


@pytest.fixture
def home(tmp_path):
    """A workspace in a folder of its own, so that files of a test may lie beside it."""
    opened = open_workspace(tmp_path / "home")
    yield opened
    opened.state.close()
