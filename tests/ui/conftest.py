"""A fresh installation per test; the demo shop is a copy of the one built for all."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pdd_audit.ui import downloads, drop_zone, importing  # noqa: F401 - they hold logged_in by name: first loaded under a stand-in, they would keep it
from pdd_audit.ui.charts import kept
from pdd_audit.ui.session import freeze

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session", autouse=True)
def charts_are_checked() -> Iterator[None]:
    """Every chart of every page against the schema it is written in, the first time that it is drawn from the same things."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "CHECK", True)
        kept.forget()
        yield


@pytest.fixture(autouse=True)
def imports_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that begins an import shows what came of it; what shows while it runs has tests of its own."""
    monkeypatch.setattr(importing, "PATIENCE_SECONDS", 60.0)


@pytest.fixture(scope="module", autouse=True)
def frozen() -> None:
    """Every run of a page ends with a collection that walks all there is; what earlier tests have left need not be walked each time."""
    freeze()


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("PDD_AUDIT_HOME", str(home))
    monkeypatch.chdir(ROOT)
    return home


@pytest.fixture
def demo_home(built_demo: Path, empty_home: Path) -> Path:
    shutil.copytree(built_demo, empty_home)
    return empty_home


@pytest.fixture(scope="module")
def module_demo(built_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("shown") / "home"
    shutil.copytree(built_demo, home)
    return home


@pytest.fixture
def shown_demo(module_demo: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """For tests that change nothing: one installation for all of a module, so that what a page found is not found again."""
    monkeypatch.setenv("PDD_AUDIT_HOME", str(module_demo))
    monkeypatch.chdir(ROOT)
    return module_demo


@pytest.fixture
def open_page() -> Callable[..., AppTest]:
    """Run the app at a page, as a browser would open its address."""

    def start(page: str = "home", lang: str = "zh", **state: object) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        app.query_params["lang"] = lang
        for key, value in state.items():
            app.session_state[key] = value
        if page != "home":
            app.switch_page(f"pdd_audit/ui/pages/{page}.py")
        return app.run()

    return start
