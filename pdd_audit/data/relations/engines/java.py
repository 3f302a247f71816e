"""Whether this machine can run Spark at all: the package and a Java."""

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from pdd_audit.core.errors import AuditError

JAVA_NEEDED = 17


def require_spark() -> None:
    """Raises AuditError ``engine_missing`` that says what this machine lacks."""
    if find_spec("pyspark") is None:
        raise AuditError("engine_missing", found="pyspark: -")
    version = java_version()
    if version < JAVA_NEEDED:
        raise AuditError("engine_missing", found=f"Java: {version or '-'}")


def java_version() -> int:
    """The Java that Spark would take, e.g. 17; 0 without one."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None:
        return 0
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - the user's own Java
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', said.stderr)
    return int(found.group(1)) if found else 0
