"""What the doctor looks at on the disks below an installation: whose machine they are in, the journal, the place for temporary files."""

import os
import re
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path, PurePosixPath

from pdd_audit.core.health import Check, Temporary, drive_check, journal_check, temporary_check
from pdd_audit.services.home import Home

MOUNTS = Path("/proc/self/mountinfo")
PLACE = 4  # the field of a mount that says where it is
VARIABLES = ("TMPDIR", "TEMP", "TMP")  # as Python asks them


def look_at_disks(home: Home, database: bool) -> list[Check]:
    """``home`` must be there. ``database``: whether its database is the file in it."""
    checks = [_drive(home, database), temporary_check(_temporary(home.home))]
    journal = home.database.with_name(f"{home.database.name}-wal")
    if database and home.database.is_file() and journal.is_file():
        checks.append(journal_check(journal.stat().st_size, home.database.stat().st_size))
    return checks


def _drive(home: Home, database: bool) -> Check:
    """Only Linux is asked. Where folder and database lie on different disks, the worse one speaks."""
    kinds: list[str | None] = [None]
    with suppress(OSError):
        mounts = MOUNTS.read_text("utf-8", "surrogateescape")
        places = [home.home, *([home.database] if database else [])]
        kinds = [file_system_of(mounts, PurePosixPath(place.resolve())) for place in places]
    checks = [drive_check(kind, database) for kind in kinds]
    return next((check for check in checks if check.state != "well"), checks[0])


def file_system_of(mounts: str, path: PurePosixPath) -> str | None:
    """The kind of file system an absolute path lies on, None where none is told. ``mounts``: as Linux lists them in
    ``/proc/self/mountinfo``."""
    found, deepest = None, -1
    for line in mounts.splitlines():
        place, _, kind = line.partition(" - ")
        fields = place.split(" ")
        if len(fields) < PLACE + 1 or not kind:
            continue
        mounted = PurePosixPath(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[PLACE]))
        if path.is_relative_to(mounted) and len(mounted.parts) >= deepest:  # of two at one place the later one is seen
            found, deepest = kind.split(" ")[0], len(mounted.parts)
    return found


def _temporary(home: Path) -> Temporary | None:
    """Looked at with a file of ours, which has no name and is gone again."""
    try:
        folder = Path(tempfile.gettempdir())
        with tempfile.TemporaryFile(dir=folder) as probe:
            file, about = os.fstat(probe.fileno()), folder.stat()
    except OSError:
        return None
    named = next((name for name in VARIABLES if os.environ.get(name)), "")
    usable = not named or _same(Path(os.environ[named]), folder)
    return Temporary(
        passed_over="" if usable else named,
        free=None if about.st_dev == home.stat().st_dev else shutil.disk_usage(folder).free,
        folder_mode=None if os.name == "nt" else about.st_mode,
        file_mode=None if os.name == "nt" else file.st_mode,
    )


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
