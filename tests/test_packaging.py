"""What gets installed: pyproject.toml and the requirements name the same packages, and nothing in them points at one machine."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)")


def names(lines):
    """Normalised package names of requirement lines; comments, options and includes are skipped."""
    found = (NAME.match(line.strip()) for line in lines)
    return {re.sub(r"[-_.]+", "-", match.group(1)).lower() for match in found if match}


def lines_of(file):
    return (ROOT / file).read_text("utf-8").splitlines()


def test_the_project_and_its_requirements_name_the_same_packages():
    assert names(PROJECT["dependencies"]) == names(lines_of("requirements.in"))
    assert names(PROJECT["optional-dependencies"]["dev"]) == names(lines_of("requirements-dev.in"))


@pytest.mark.parametrize(("wanted", "pinned"), [("requirements.in", "requirements.txt"), ("requirements-dev.in", "requirements-dev.txt")])
def test_every_requirement_is_pinned(wanted, pinned):
    assert names(lines_of(wanted)) <= names(lines_of(pinned))


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_has_a_hash_and_no_address(file):
    text = (ROOT / file).read_text("utf-8")
    pins = re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)
    assert len(pins) > 30
    for pin in pins:
        assert "==" in pin.splitlines()[0]
        assert "--hash=sha256:" in pin
    assert not re.search(r"://|index-url|find-links|file:|/home/|/root/", text)


def test_tests_run_with_the_packages_that_users_get():
    """The development pins hold every runtime pin unchanged."""
    pins = [{line for line in lines_of(file) if "==" in line} for file in ("requirements.txt", "requirements-dev.txt")]
    assert pins[0] <= pins[1]


def test_the_fonts_of_the_reports_ship_with_their_licence():
    fonts = ROOT / "pdd_audit" / "reports" / "fonts"
    assert {path.suffix for path in fonts.iterdir()} == {".otf", ".json", ".txt"}
    assert "pdd_audit/reports/fonts/OFL.txt" in PROJECT["license-files"]
    assert sum(path.stat().st_size for path in fonts.iterdir()) < 6_000_000
