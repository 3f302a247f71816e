"""What the doctor looked at, what it found, and how bad that is. The limits are here; who measures is elsewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from pdd_audit.core.loopback import is_loopback

State = Literal["well", "warning", "broken"]
STATES: tuple[State, ...] = ("well", "warning", "broken")  # in the order of the exit codes 0, 1, 2

OLDEST_PYTHON, NEWEST_TRIED_PYTHON = (3, 11), (3, 13)
GIGABYTE = 1_000_000_000
FULL_BYTES, LOW_BYTES = 200_000_000, GIGABYTE  # an import writes some hundred megabytes at most
ROOM_FOR_DATABASE = 2.2  # a migration needs the database once more, and a journal of its size
OLD_BACKUP_DAYS = 7
FIRST_WITH_WAL, FIRST_WITHOUT_RACE = (3, 7, 0), (3, 51, 3)  # between them two writers at once can, very rarely, damage a file
LARGE_JOURNAL_BYTES = 64_000_000  # SQLite empties it at four megabytes, unless somebody keeps it from doing so
OLD_HEAD_DAYS = 30
# File systems of another machine, by their names in Linux. SQLite's journal needs memory that all its users share, and locks that hold.
NETWORK_DRIVES = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "lustre", "davfs", "fuse.sshfs", "fuse.rclone",
    "fuse.s3fs", "fuse.glusterfs", "fuse.davfs", "fuse.davfs2", "fuse.gvfsd-fuse", "fuse.curlftpfs", "fuse.juicefs", "fuse.ceph",
})
LAG = timedelta(minutes=5)  # clocks of two machines differ by as much


@dataclass(frozen=True)
class Check:
    """``what`` and ``found`` name their words under ``doctor.check``. ``values``: what those words need; never a secret."""

    what: str
    state: State
    found: str
    values: Mapping[str, str | int] = field(default_factory=dict)


def worst(checks: Iterable[Check]) -> State:
    """``well`` when nothing was looked at."""
    return max((check.state for check in checks), key=STATES.index, default="well")


def forbids_serving(check: Check) -> bool:
    """Whether a server for a team must not listen with this. A full disk and a slow clock are cured while it runs, better with its pages
    open; a database server that is away is tried again when it is opened."""
    return check.state == "broken" and check.what not in {"space", "clock"} and check.found != "away"


def python_check(version: tuple[int, int, int]) -> Check:
    """``version``: of the running Python."""
    found = {"version": ".".join(map(str, version))}
    if version[:2] < OLDEST_PYTHON:
        return Check("python", "broken", "old", found)
    return Check("python", "warning", "untried", found) if version[:2] > NEWEST_TRIED_PYTHON else Check("python", "well", "well", found)


def space_check(free_bytes: int, database_bytes: int) -> Check:
    """Free space where the home lies."""
    needed = max(LOW_BYTES, round(ROOM_FOR_DATABASE * database_bytes))
    values = {"free": f"{free_bytes / GIGABYTE:.1f}", "room": f"{needed / GIGABYTE:.1f}"}
    if free_bytes < FULL_BYTES:
        return Check("space", "broken", "full", values)
    return Check("space", "warning" if free_bytes < needed else "well", "low" if free_bytes < needed else "well", values)


def drive_check(kind: str | None, database: bool) -> Check:
    """``kind``: of the file system of the home, None where nobody knows. ``database``: whether the database lies there too."""
    if kind is None:
        return Check("drive", "well", "unknown")
    if kind not in NETWORK_DRIVES:
        return Check("drive", "well", "well", {"kind": kind})
    return Check("drive", "broken" if database else "warning", "database" if database else "files", {"kind": kind})


def journal_check(journal_bytes: int, database_bytes: int) -> Check:
    """Sizes of the journal (``-wal``) and of the database beside it."""
    large = journal_bytes > max(LARGE_JOURNAL_BYTES, database_bytes)
    values = {"size": f"{journal_bytes / _MEGABYTE:.1f}", "database": f"{database_bytes / _MEGABYTE:.1f}"}
    return Check("journal", "warning" if large else "well", "large" if large else "well", values)


_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Temporary:
    """The folder for temporary files. ``passed_over``: the variable that names another one, which cannot be used. ``free``: bytes, None
    where it lies on the disk of the home. Permission bits of the folder and of a new file in it; None where they say nothing."""

    passed_over: str = ""
    free: int | None = None
    folder_mode: int | None = None
    file_mode: int | None = None


def temporary_check(seen: Temporary | None) -> Check:
    """None: there is no folder for them at all."""
    if seen is None:
        return Check("temporary", "broken", "none")
    if seen.passed_over:
        return Check("temporary", "warning", "passed_over", {"name": seen.passed_over})
    if seen.file_mode is not None and seen.file_mode & 0o077:
        return Check("temporary", "warning", "read", {"mode": f"{seen.file_mode & 0o777:03o}"})
    if seen.folder_mode is not None and seen.folder_mode & 0o022 and not seen.folder_mode & _ONLY_OWNERS_REMOVE:
        return Check("temporary", "warning", "written", {"mode": f"{seen.folder_mode & 0o777:03o}"})
    if seen.free is not None and seen.free < LOW_BYTES:
        return Check("temporary", "warning", "low", {"free": f"{seen.free / GIGABYTE:.1f}"})
    return Check("temporary", "well", "well")


_ONLY_OWNERS_REMOVE = 0o1000  # as /tmp has it: everybody may make files there, nobody may replace another's


def heads_check(now: datetime, shops: Mapping[str, tuple[datetime, datetime | None]]) -> Check:
    """``shops``: name -> when it was made, and when a head of its log was last noted outside the database; the demo shop aside."""
    if not shops:
        return Check("heads", "well", "needless")
    name, since = min(((name, noted or made) for name, (made, noted) in shops.items()), key=lambda one: one[1])
    noted_of, days = sum(noted is not None for _, noted in shops.values()), max((now - since).days, 0)
    values: dict[str, str | int] = {"shop": name, "shops": len(shops), "n": noted_of, "days": days}
    if days > OLD_HEAD_DAYS:
        return Check("heads", "warning", "old" if shops[name][1] else "never", values)
    return Check("heads", "well", "well" if noted_of else "none", values)


def sqlite_check(version: tuple[int, int, int]) -> Check:
    """``version``: of SQLite. A remark and no warning: few systems have a newer one yet, and it takes two programs at the same instant."""
    racing = FIRST_WITH_WAL <= version < FIRST_WITHOUT_RACE
    return Check("sqlite", "well", "race" if racing else "well", {"version": ".".join(map(str, version))})


def rights_check(mode: int) -> Check:
    """``mode``: permission bits of the home folder, POSIX."""
    values = {"mode": f"{mode & 0o777:03o}"}
    if mode & 0o022:
        return Check("rights", "broken", "written", values)
    return Check("rights", "warning", "read", values) if mode & 0o055 else Check("rights", "well", "well", values)


def clock_check(now: datetime, offset: timedelta | None, newest: datetime | None) -> Check:
    """``offset``: of Shanghai from UTC, None when nobody knows the zone. ``newest``: when the newest import was made, in Shanghai."""
    values = {"now": f"{now:%Y-%m-%d %H:%M}", "newest": f"{newest:%Y-%m-%d %H:%M}" if newest else ""}
    if offset != timedelta(hours=8):
        return Check("clock", "broken", "zone", values)
    late = newest is not None and now + LAG < newest
    return Check("clock", "broken", "slow", values) if late else Check("clock", "well", "well", values)


def backup_check(now: datetime, made: datetime | None, shops: int) -> Check:
    """``made``: when the newest known backup was made; ``shops``: how many there are to lose, the demo shop aside."""
    if not shops:
        return Check("backup", "well", "needless")
    if made is None:
        return Check("backup", "warning", "unknown")
    days = max((now - made).days, 0)
    values: dict[str, str | int] = {"at": f"{made:%Y-%m-%d}", "days": days}
    return Check("backup", "warning" if days > OLD_BACKUP_DAYS else "well", "old" if days > OLD_BACKUP_DAYS else "well", values)


def server_checks(options: Mapping[str, object]) -> list[Check]:
    """``options``: what the app would be started with, name of the option -> value; one that is not there has Streamlit's own default."""
    address = options.get("server.address")
    here = isinstance(address, str) and is_loopback(address)
    found = "well" if here else "open" if address else "everywhere"
    checks = [Check("address", "well" if here else "broken", found, {"address": str(address or "")})]
    for what, option, default, needed, bad in _SWITCHES:
        right = options.get(option, default) is needed
        checks.append(Check(what, "well" if right else bad, "well" if right else "off"))
    if options.get("server.trustedUserHeaders"):  # only the gate of team mode may tell who somebody is, and it sets this itself
        checks.append(Check("named_by_headers", "broken", "set"))
    return checks


_SWITCHES: tuple[tuple[str, str, bool, bool, State], ...] = (  # what, option, Streamlit's default, what is needed, else how bad
    ("xsrf", "server.enableXsrfProtection", True, True, "broken"),
    ("cors", "server.enableCORS", True, True, "broken"),
    ("stats", "browser.gatherUsageStats", True, False, "warning"),
)
# What a server of team mode sets itself, whatever the files for local mode say.
OF_LOCAL_MODE = frozenset({"app", "address", "named_by_headers", *(what for what, *_ in _SWITCHES)})
