"""What holds for every module of the screen."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from streamlit import config

from pdd_audit.texts import all_texts

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [ROOT / "app.py", *sorted((ROOT / "pdd_audit" / "ui").rglob("*.py"))]
OURS = (
    "app", "home", "data", "checklist", "metrics", "pickup", "couriers", "filters", "service", "trends", "tonight", "today", "cost", "days", "rules",
    "overlay", "results", "trust", "what_if", "history", "shops", "charts", "mapping", "appeals", "messages", "remedies", "actions", "rounds", "loopback", "people",
)
# looked up by the name of a column, a list, a state, a reason why rows left, or the class a wording stands for
FAMILIES = [r"app\.columns\..+", r"app\.rows\.title\..+", r"app\.rows\.state\..+", r"pickup\.way\.part\..+", r"mapping\.class\..+"]


def calls(tree, name):
    return [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name
    ]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_page_writes_its_own_html_or_offers_a_file_by_itself(path):
    source = path.read_text("utf-8")
    tree = ast.parse(source)
    assert "unsafe_allow_html" not in source
    assert path.name == "browser.py" or not calls(tree, "html")
    assert path.name == "downloads.py" or not calls(tree, "download_button")


def patterns_used():
    """Every text key that the sources name, with the changing parts of f-strings left open."""
    found = set()
    for path in [*SOURCES, ROOT / "pdd_audit" / "texts" / "__init__.py"]:  # notices join their rows there
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[a-z_]+(\.[a-zA-Z0-9_]+)+", node.value):
                found.add(re.escape(node.value))
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                parts = [re.escape(part.value) if isinstance(part, ast.Constant) else r"[^.]+" for part in node.values]
                found.add("".join(parts))
    return found


def test_every_word_of_the_screen_is_used():
    used = re.compile("|".join(f"(?:{pattern})" for pattern in [*patterns_used(), *FAMILIES]))
    assert [key for key in all_texts() if key.split(".")[0] in OURS and not used.fullmatch(key)] == []


def test_every_word_that_is_asked_for_exists():
    keys = all_texts()
    missing = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
            if not named or "words" not in ast.unparse(node.func).split(".")[-1] or not node.args:
                continue
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value not in keys:
                missing.append((path.name, first.value))
    assert missing == []


def test_every_option_of_the_configuration_is_known():
    options = set(config.get_config_options())
    given = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    named = [f"{section}.{option}" for section, values in given.items() for option in values]
    assert [name for name in named if name not in options] == []


def test_nothing_leaves_the_machine_and_nobody_else_gets_in():
    given = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    assert given["server"]["address"] == "127.0.0.1"
    assert given["browser"]["gatherUsageStats"] is False
    assert given["client"]["showErrorDetails"] == "none"
    icons = (ROOT / "app.py").read_text("utf-8")
    assert 'page_icon=":material' not in icons, "a named page icon is fetched from a server outside"
