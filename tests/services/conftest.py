"""One workspace with the demo shop for all service tests: made once, never changed by a test that others rely on."""

import pytest

from pdd_audit.services.shops import open_demo_shop
from pdd_audit.services.workspace import open_workspace


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """(workspace, shop) of the demo."""
    workspace = open_workspace(tmp_path_factory.mktemp("home"))
    yield workspace, open_demo_shop(workspace)
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
