"""Who may import whom. Dependencies point inwards; a module that breaks this names itself here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "pdd_audit"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Layer -> what it may import of the package, itself aside. Whatever is not named here is forbidden.
ALLOWED = {
    "core": set(),
    "metrics": {"core"},
    "data": {"core"},
    "texts": {"core.errors", "core.grades"},
    "reports": {"core", "texts"},
    "services": {"core", "metrics", "data", "texts"},
    "ui": {"core", "services", "reports", "texts"},
    "cli": {"core", "services", "reports", "texts", "team"},
    "team": {"core", "services", "texts"},
    "__main__": {"cli"},
    "__init__": set(),
}
# The rooms of ``data``, and what each may import of the others.
ROOMS = {
    "content": set(),
    "reading": {"content"},
    "storage": {"reading"},
    "relations": set(),
    "live": {"content", "reading"},
}
ENGINES = {"duckdb", "ibis", "pyspark", "py4j", "sqlalchemy", "sqlite3", "alembic", "python_calamine", "pyarrow"}
MAY_OPEN_A_WORKSPACE = {"cli/shops.py", "ui/session.py"}
MAY_PRINT = {"cli/talk.py", "cli/check.py", "cli/demo.py"}
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base", "tools"}


def name_of(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


def layer_of(module: Path) -> str:
    parts = module.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else module.stem


def imported(module: Path) -> Iterator[str]:
    """Every module imported anywhere in a file, inside functions too; ``from a import b`` counts as ``a`` and ``a.b``."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(module)} imports relatively"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def called(module: Path) -> set[str]:
    """The names of everything a file calls: ``f`` for ``f()`` and for ``x.f()``."""
    calls = [node.func for node in ast.walk(ast.parse(module.read_text("utf-8"))) if isinstance(node, ast.Call)]
    return {f.id for f in calls if isinstance(f, ast.Name)} | {f.attr for f in calls if isinstance(f, ast.Attribute)}


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def test_the_package_has_modules_to_look_at():
    assert len(MODULES) > 20


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_imports_only_what_its_layer_may(module):
    layer = layer_of(module)
    allowed = {f"pdd_audit.{name}" for name in ALLOWED[layer] | {layer}}
    wrong = {
        name
        for name in imported(module)
        if within(name, "pdd_audit") and name != "pdd_audit" and not any(within(name, other) or within(other, name) for other in allowed)
    }
    assert not wrong, f"{layer} may import {sorted(allowed)}"


@pytest.mark.parametrize("module", [m for m in MODULES if layer_of(m) == "data" and m.parent.name != "data"], ids=name_of)
def test_a_module_of_data_imports_only_what_its_room_may(module):
    room = module.relative_to(PACKAGE).parts[1]
    rooms = {name.split(".")[2] for name in imported(module) if within(name, "pdd_audit.data") and name.count(".") >= 2}
    assert rooms <= ROOMS[room] | {room}


@pytest.mark.parametrize("module", [m for m in MODULES if layer_of(m) != "ui" and name_of(m) != "team/server.py"], ids=name_of)
def test_only_the_screen_and_its_server_import_streamlit(module):
    assert not [name for name in imported(module) if within(name, "streamlit")]


@pytest.mark.parametrize("module", [m for m in MODULES if layer_of(m) in ("core", "metrics")], ids=name_of)
def test_the_pure_layers_open_nothing(module):
    assert not {name.partition(".")[0] for name in imported(module)} & (ENGINES | {"pathlib", "os", "io", "subprocess", "socket", "yaml"})


@pytest.mark.parametrize("module", [m for m in MODULES if layer_of(m) in ("core", "metrics")], ids=name_of)
def test_the_pure_layers_do_not_read_the_clock(module):
    assert not called(module) & {"now", "today", "utcnow", "time_ns"}, "time is an argument"


@pytest.mark.parametrize("module", [m for m in MODULES if layer_of(m) != "data"], ids=name_of)
def test_only_data_talks_to_an_engine_or_a_database(module):
    assert not {name.partition(".")[0] for name in imported(module)} & ENGINES


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_only_the_composition_roots_open_a_workspace(module):
    if name_of(module) not in MAY_OPEN_A_WORKSPACE:
        assert "pdd_audit.services.workspace.open_workspace" not in set(imported(module))


@pytest.mark.parametrize("module", [m for m in MODULES if name_of(m) not in MAY_PRINT], ids=name_of)
def test_nothing_but_the_command_line_prints(module):
    assert "print" not in called(module)


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_file_is_named_for_what_it_holds(module):
    assert not EMPTY_NAMES & set(module.relative_to(PACKAGE).with_suffix("").parts)


def test_a_checklist_folder_holds_data_only():
    assert not list((ROOT / "checklists").rglob("*.py"))
