"""What the doctor looks at in the program itself: Python, packages, checklists, settings of the app, keys in the environment."""

import os
import sys
import tomllib
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from pdd_audit.core.errors import AuditError
from pdd_audit.core.health import Check, python_check, server_checks
from pdd_audit.core.team_settings import FROM_FILE, REQUIRED, read_settings
from pdd_audit.data.live.notifiers import VARIABLE
from pdd_audit.data.live.settings import KEYS
from pdd_audit.services.content import prove_checklists

ROOT = Path(__file__).resolve().parents[2]
SHOWN = 3
VARIABLES = {  # option of Streamlit -> the variable of the environment that goes before every file
    "server.address": "STREAMLIT_SERVER_ADDRESS",
    "server.enableXsrfProtection": "STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION",
    "server.enableCORS": "STREAMLIT_SERVER_ENABLE_CORS",
    "browser.gatherUsageStats": "STREAMLIT_BROWSER_GATHER_USAGE_STATS",
    "server.trustedUserHeaders": "STREAMLIT_SERVER_TRUSTED_USER_HEADERS",
}


def look_at_program(checklists: Path | None, environ: Mapping[str, str] = os.environ, root: Path = ROOT) -> list[Check]:
    """``checklists``: another folder than the one in use. ``root``: where app.py, its settings and the pinned requirements lie."""
    return [
        python_check(sys.version_info[:3]), _packages(root), _checklists(checklists), *_settings(root, environ), *_keys(environ),
        *_team(environ),
    ]


def _packages(root: Path) -> Check:
    wanted = _wanted(root)
    if not wanted:
        return Check("packages", "warning", "unknown")
    missing, other = [], []
    for one in wanted:
        try:
            version = metadata.version(one.name)
        except metadata.PackageNotFoundError:
            missing.append(one.name)
            continue
        if not one.specifier.contains(version, prereleases=True):
            other.append(f"{one.name} {version} ({one.specifier})")
    if missing:
        return Check("packages", "broken", "missing", {"n": len(missing), "names": _some(missing)})
    return Check("packages", "warning", "other", {"n": len(other), "names": _some(other)}) if other else Check(
        "packages", "well", "well", {"n": len(wanted)}
    )


def _wanted(root: Path) -> list[Requirement]:
    """The pins of a checkout, else what the installed package asks for; only what this Python and system need."""
    pins = root / "requirements.txt"
    if pins.is_file():
        lines = [line.rstrip("\\ ") for line in pins.read_text("utf-8").splitlines() if line[:1].isalnum()]
    else:
        try:
            lines = metadata.requires("pdd-audit") or []
        except metadata.PackageNotFoundError:
            lines = []
    try:
        found = [Requirement(line) for line in lines]
    except InvalidRequirement:
        return []
    return [one for one in found if one.marker is None or one.marker.evaluate({"extra": ""})]


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")


def _checklists(folder: Path | None) -> Check:
    try:
        looked_at, problems = prove_checklists(folder)
    except AuditError as error:
        return Check("checklists", "broken", "missing", {"code": error.code})
    if problems:
        first = problems[0]
        return Check("checklists", "broken", "wrong", {"n": len(problems), "file": first.place.file or "", "row": first.place.row or 0})
    return Check("checklists", "well", "well", {"folder": looked_at.name})


def _settings(root: Path, environ: Mapping[str, str]) -> list[Check]:
    """As Streamlit would start the app: its files in their order, then the environment."""
    if not (root / "app.py").is_file():
        return [Check("app", "well", "absent")]
    options: dict[str, object] = {}
    for folder in (Path.home(), root):
        file = folder / ".streamlit" / "config.toml"
        try:
            given = tomllib.loads(file.read_text("utf-8"))
        except FileNotFoundError:
            continue
        except (OSError, ValueError):
            return [Check("app", "broken", "unreadable")]
        for section, values in given.items():
            options |= {f"{section}.{name}": value for name, value in values.items()} if isinstance(values, dict) else {}
    for option, variable in VARIABLES.items():
        if variable in environ:
            told = environ[variable].strip()
            options[option] = {"true": True, "false": False}.get(told.lower(), told)
    return server_checks(options)


def _team(environ: Mapping[str, str]) -> list[Check]:
    """Nothing where nobody has set anything of team mode; its values are shown to nobody."""
    if not any(environ.get(name + end, "").strip() for name in REQUIRED for end in ("", FROM_FILE)):
        return []
    try:
        settings = read_settings(environ, lambda file: Path(file).read_text("utf-8"))
    except AuditError as refusal:
        return [Check("team", "broken", refusal.code, {"name": str(refusal.values["name"])})]
    open_files = [
        name + FROM_FILE for name in REQUIRED
        if os.name != "nt" and environ.get(name + FROM_FILE) and Path(environ[name + FROM_FILE]).stat().st_mode & 0o007
    ]
    if open_files:
        return [Check("team", "warning", "read", {"name": open_files[0]})]
    return [Check("team", "well", "well", {"url": settings.public_url})]


def _keys(environ: Mapping[str, str]) -> list[Check]:
    """Which keys are there, by the names of their variables; their values are looked at by nobody."""
    names = [name for keys in KEYS.values() for name in keys] + [VARIABLE]
    there = [name for name in names if environ.get(name, "").strip()]
    half = [name for keys in KEYS.values() if any(key in there for key in keys) for name in keys if name not in there]
    if half:
        return [Check("keys", "warning", "half", {"names": ", ".join(half)})]
    return [Check("keys", "well", "there" if there else "none", {"names": ", ".join(there)})]
