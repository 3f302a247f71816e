"""What any test may ask for: the real timings beside a checkout, a browser, and Spark."""

import os
import shutil
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
from ibis.backends.duckdb import Backend
from streamlit.components.v2 import manifest_scanner

from pdd_audit.core.details import DETAIL_COLUMNS
from pdd_audit.core.errors import AuditError
from pdd_audit.data.content.checklists import load_checklists
from pdd_audit.data.reading import read_file
from pdd_audit.data.relations.engines import opened
from pdd_audit.services import workspace as opening
from pdd_audit.services.details import detail_tables
from pdd_audit.services.measure import ask_about, compact
from pdd_audit.services.shops import open_demo_shop
from pdd_audit.ui import ahead
from tests.compiled_once import CompiledOnce
from tests.warm_reader import AVAILABLE, WarmReaders, as_subprocess

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
# A few rows deserve no compiler: Spark writes no code for them, and Java optimises none.
QUICK = (
    "--conf spark.driver.extraJavaOptions='-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' --conf spark.sql.codegen.wholeStage=false "
    "--conf spark.sql.codegen.factoryMode=NO_CODEGEN --conf spark.sql.adaptive.enabled=false"
)


@pytest.hookimpl(optionalhook=True)  # without xdist nobody asks
def pytest_xdist_make_scheduler(config, log):
    """A file to a worker, as ``--dist loadfile`` says, and whatever needs Spark to one of them: starting it again takes over ten seconds of CPU."""
    from xdist.scheduler import LoadFileScheduling

    class SparkOnOneWorker(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "spark" if "spark" in nodeid or "test_engines.py" in nodeid else super()._split_scope(nodeid)

    return SparkOnOneWorker(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Files with real timings. They may not be copied into the project, so a test that needs them skips without them."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no folder with real timings (../shared/data) beside this checkout")
    return folder


@pytest.fixture(scope="session", autouse=True)
def warm_readers():
    """Files are read by processes that need no start-up; see ``tests.warm_reader``."""
    readers = WarmReaders()
    with pytest.MonkeyPatch.context() as patch:
        if AVAILABLE:
            patch.setattr(read_file, "subprocess", as_subprocess(readers))
        yield
    readers.close()


@pytest.fixture(scope="session", autouse=True)
def read_once():
    """The checklists, for as long as their files stay as they are, and the manifests of installed packages: some thousand tests open an
    installation or a page, and reading these took longer than what they are about."""
    kept: dict[object, object] = {}

    def checklists(folder: Path):
        files = tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(folder.glob("*.yaml")))
        if (folder, files) not in kept:
            kept[folder, files] = load_checklists(folder)
        return kept[folder, files]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "load_checklists", checklists)
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="session", autouse=True)
def compiled_once():
    """The SQL of equal expressions is written once; see ``tests.compiled_once``."""
    once = CompiledOnce()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Backend, "compile", lambda backend, expression, /, **how: once.compile(backend, expression, **how))
        yield


@pytest.fixture(scope="session", autouse=True)
def nothing_ahead():
    """A test is about the page it opens: the others are not got ready beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ahead, "look_ahead", lambda _: None)
        yield


@pytest.fixture(scope="session")
def built_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of an installation with the demo shop, its tables counted: tests that change it, or are about what is made of them, copy it."""
    home = tmp_path_factory.mktemp("built") / "home"
    workspace = opening.open_workspace(home)
    shop = open_demo_shop(workspace)
    ask = ask_about(workspace, shop.id, None)
    assert ask is not None, "the demo shop has files"
    compact(workspace, shop.id, ask)
    detail_tables(workspace, shop.id, ask, list(DETAIL_COLUMNS))
    workspace.state.close()
    return home


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser of this machine. Without one the test skips, or fails where PDD_AUDIT_BROWSER_TESTS=required."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None and MAC_CHROME.exists():
        found = str(MAC_CHROME)
    if found is None:
        reason = "no Chromium on this machine; bash scripts/ensure_browser.sh says how to get one"
        if os.environ.get("PDD_AUDIT_BROWSER_TESTS") == "required":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server of the tests' own, started once. Without its programs the test skips, or fails where
    PDD_AUDIT_POSTGRES_TESTS=required."""
    try:
        from scripts.temporary_postgres import TemporaryPostgres

        server = TemporaryPostgres()
    except (ImportError, RuntimeError) as error:  # Windows has no users to start it as, and no sockets in folders
        if os.environ.get("PDD_AUDIT_POSTGRES_TESTS") == "required":
            pytest.fail(str(error), pytrace=False)
        pytest.skip(f"no PostgreSQL on this machine: {error}")
    yield server
    server.close()


@pytest.fixture(scope="module")
def postgres_database(postgres):
    """The name of a database of the module's own."""
    return postgres.database()


@pytest.fixture
def postgres_url(postgres, postgres_database):
    """An empty room of the test's own in that database."""
    return postgres.room(postgres_database)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """An empty database; the test runs once on each engine."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgres_url")
    return f"sqlite:///{tmp_path / 'state.db'}"


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """Spark, started once for the whole run: whoever opens the engine joins this session. Without pyspark or Java the test skips, or
    fails where PDD_AUDIT_SPARK_TESTS=required."""
    folder = tmp_path_factory.mktemp("spark")
    os.environ.setdefault("PYSPARK_SUBMIT_ARGS", f"{QUICK} pyspark-shell")
    with ExitStack() as stack:
        try:
            stack.enter_context(opened("spark", folder / "scratch", folder))
        except AuditError as error:
            if error.code != "engine_missing" or os.environ.get("PDD_AUDIT_SPARK_TESTS") == "required":
                raise
            pytest.skip(f"no Spark on this machine: {error.found}; needed: pyspark and Java 17 or later")
        yield
