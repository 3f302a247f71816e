"""Who may import whom. Dependencies point inwards; a module that breaks this names itself here."""

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path

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


@cache
def parsed(module: Path) -> ast.Module:
    return ast.parse(module.read_text("utf-8"))


@cache
def imported(module: Path) -> frozenset[str]:
    """Every module imported anywhere in a file, inside functions too; ``from a import b`` counts as ``a`` and ``a.b``."""
    names: set[str] = set()
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(module)} imports relatively"
            names |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(names)


@cache
def called(module: Path) -> set[str]:
    """The names of everything a file calls: ``f`` for ``f()`` and for ``x.f()``."""
    calls = [node.func for node in ast.walk(parsed(module)) if isinstance(node, ast.Call)]
    return {f.id for f in calls if isinstance(f, ast.Name)} | {f.attr for f in calls if isinstance(f, ast.Attribute)}


def tops(module: Path) -> set[str]:
    """The packages a file imports from."""
    return {name.partition(".")[0] for name in imported(module)}


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def breakers(fault: Callable[[Path], object], among: Callable[[Path], bool] = lambda module: True) -> dict[str, object]:
    """Module -> what is wrong with it."""
    return {name_of(module): found for module in MODULES if among(module) and (found := fault(module))}


def pure(module: Path) -> bool:
    return layer_of(module) in ("core", "metrics")


def test_the_package_has_modules_to_look_at():
    assert len(MODULES) > 20


def test_a_module_imports_only_what_its_layer_may():
    def strangers(module: Path) -> set[str]:
        allowed = {f"pdd_audit.{name}" for name in ALLOWED[layer_of(module)] | {layer_of(module)}}
        ours = {name for name in imported(module) if within(name, "pdd_audit") and name != "pdd_audit"}
        return {name for name in ours if not any(within(name, other) or within(other, name) for other in allowed)}

    assert not breakers(strangers)


def test_a_module_of_data_imports_only_what_its_room_may():
    def strangers(module: Path) -> set[str]:
        room = module.relative_to(PACKAGE).parts[1]
        rooms = {name.split(".")[2] for name in imported(module) if within(name, "pdd_audit.data") and name.count(".") >= 2}
        return rooms - ROOMS[room] - {room}

    assert not breakers(strangers, lambda module: layer_of(module) == "data" and module.parent.name != "data")


def test_only_the_screen_and_its_server_import_streamlit():
    assert not breakers(lambda module: "streamlit" in tops(module), lambda module: layer_of(module) != "ui" and name_of(module) != "team/server.py")


def test_the_pure_layers_open_nothing():
    assert not breakers(lambda module: tops(module) & (ENGINES | {"pathlib", "os", "io", "subprocess", "socket", "yaml"}), pure)


def test_the_pure_layers_do_not_read_the_clock():
    assert not breakers(lambda module: called(module) & {"now", "today", "utcnow", "time_ns"}, pure), "time is an argument"


def test_only_data_talks_to_an_engine_or_a_database():
    assert not breakers(lambda module: tops(module) & ENGINES, lambda module: layer_of(module) != "data")


def test_only_the_composition_roots_open_a_workspace():
    opens = "pdd_audit.services.workspace.open_workspace"
    assert set(breakers(lambda module: opens in imported(module))) == MAY_OPEN_A_WORKSPACE


def test_nothing_but_the_command_line_prints():
    assert set(breakers(lambda module: "print" in called(module))) == MAY_PRINT


def test_a_file_is_named_for_what_it_holds():
    assert not breakers(lambda module: EMPTY_NAMES & set(module.relative_to(PACKAGE).with_suffix("").parts))


def test_a_checklist_folder_holds_data_only():
    assert not list((ROOT / "checklists").rglob("*.py"))
