"""What any test may ask for: the real timings beside a checkout, and a browser."""

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


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
