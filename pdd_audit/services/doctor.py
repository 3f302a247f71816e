"""What is unsafe or broken here. Nothing is repaired, migrated or made: whoever looks at a sick home must not change it. One probe without
a name is written and gone again."""

import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pdd_audit.core.errors import AuditError
from pdd_audit.core.health import (
    OF_LOCAL_MODE,
    STATES,
    Check,
    State,
    backup_check,
    clock_check,
    forbids_serving,
    heads_check,
    rights_check,
    space_check,
    sqlite_check,
    worst,
)
from pdd_audit.core.soundness import Finding
from pdd_audit.data.storage.head import HEAD
from pdd_audit.data.storage.instance import noted_id
from pdd_audit.data.storage.ledger import is_old
from pdd_audit.data.storage.log import KEY, noted_at
from pdd_audit.data.storage.readings import PART
from pdd_audit.data.storage.server_look import Seen, look_at_server
from pdd_audit.data.storage.shop_rows import SQLITE, instance_of, shops_in, tables_version, troubles_of_state
from pdd_audit.data.storage.state import Shop
from pdd_audit.services.backup import last_backup
from pdd_audit.services.doctor_disks import look_at_disks
from pdd_audit.services.doctor_program import look_at_program
from pdd_audit.services.home import Home
from pdd_audit.services.ledger_care import nobodys, verify_shop
from pdd_audit.services.workspace import SHANGHAI, SHOP_FOLDER, now

__all__ = ["STATES", "Check", "State", "forbids_serving", "look_at_home", "look_at_program", "look_before_serving", "worst"]

UNOPENED = {"OperationalError"}  # what SQLite says of a file that it may not read, or that holds no tables
PROBE_BYTES = 4096


def look_before_serving(folder: Path, database: str | None = None) -> list[Check]:
    """What a server for a team looks at before it listens: program, settings and home, but not every file of every ledger, which takes as
    long as there are data. How the app is started otherwise does not matter: the server says all of that itself."""
    program = [check for check in look_at_program(None) if check.what not in OF_LOCAL_MODE]
    return [*program, *look_at_home(folder, database=database, files=False)]


def look_at_home(folder: Path, at: datetime | None = None, database: str | None = None, files: bool = True) -> list[Check]:
    """The folder of one installation: rights, room, database, ledgers, what killed work left, clock and backup. ``at``: now.
    ``database``: URL of the server that holds the rows; None: they are a file in the folder. ``files``: read the ledgers through."""
    home, moment = Home(folder), at or now()
    if not folder.is_dir():
        return [Check("home", "broken", "file") if folder.exists() else Check("home", "warning", "missing"), _clock(moment, None)]
    size = home.database.stat().st_size if home.database.is_file() else 0
    server = None if database is None else _server(database)
    shops = shops_in(home.database) if server is None else server.shops
    names = {shop.id: shop.name for shop in shops}
    folders = {entry.name for entry in home.shops.iterdir() if SHOP_FOLDER.fullmatch(entry.name)} if home.shops.is_dir() else set()
    has_data = bool(folders)
    rows = [_database(home, has_data), sqlite_check(SQLITE)] if server is None else [_of_server(home, server, has_data)]
    disks = look_at_disks(home, server is None)
    about = [_writable(folder), *_rights(folder), space_check(shutil.disk_usage(folder).free, size), *disks, *rows]
    real = [shop for shop in shops if not shop.is_demo]
    kept = [backup_check(moment, last_backup(folder), len(real)), _heads(folder, moment, real)]
    if not files:
        return [*about, _clock(moment, None), *kept]
    found = {id: verify_shop(home, id) for id in (names or sorted(folders))}
    strangers = nobodys(home, names) if rows[0].state != "broken" else []  # of a broken database nobody knows whose folder is whose
    return [
        *about, *_ledgers(found, names), *_nobodys(strangers), _left(home, found), _clock(moment, _newest(home, list(found))), *kept,
    ]


def _writable(folder: Path) -> Check:
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(PROBE_BYTES))
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return Check("home", "broken", "locked", {"said": error.strerror or ""})
    return Check("home", "well", "well")


def _rights(folder: Path) -> list[Check]:
    """Nothing on Windows: there the folder of a user is guarded by lists that mode bits do not show."""
    if os.name == "nt":
        return []
    checks = [rights_check(folder.stat().st_mode)]
    key = folder / KEY
    if key.is_file() and key.stat().st_mode & 0o077:
        checks.append(Check("key", "warning", "read", {"mode": f"{key.stat().st_mode & 0o777:03o}"}))
    return checks


def _database(home: Home, has_data: bool) -> Check:
    """``has_data``: folders of shops are there, so that a missing database is a loss."""
    if not home.database.is_file():
        return Check("database", "broken", "lost") if has_data else Check("database", "well", "none")
    try:
        troubles = troubles_of_state(home.database)
    except AuditError:
        return Check("database", "broken", "newer", {"version": tables_version(home.database), "head": HEAD})
    if troubles:
        return Check("database", "broken", "unopened" if set(troubles) <= UNOPENED else "damaged", {"said": troubles[0][:100]})
    noted, stored = noted_id(home.home), instance_of(home.database)
    if noted is not None and stored != noted:
        return Check("database", "broken", "other", {"noted": noted[:8], "stored": (stored or "–")[:8]})
    version = tables_version(home.database)
    values = {"version": version, "head": HEAD}
    return Check("database", "well", "well", values) if version == HEAD else Check("database", "warning", "older", values)


@dataclass(frozen=True)
class _Server:
    """What one look at a server told; ``refused``: why there was nothing to see."""

    seen: Seen | None
    refused: str = ""

    @property
    def shops(self) -> list[Shop]:
        return [] if self.seen is None else self.seen.shops


def _server(url: str) -> _Server:
    try:
        return _Server(look_at_server(url))
    except AuditError as error:
        return _Server(None, error.code)


def _of_server(home: Home, server: _Server, has_data: bool) -> Check:
    if server.seen is None:
        return Check("server", "broken", "url" if server.refused == "database_url" else "away", {"code": server.refused})
    seen = server.seen
    values = {"server": seen.server, "version": seen.tables or "", "head": HEAD}
    if seen.tables is None:
        lost = "foreign" if seen.foreign else "lost" if has_data else ""
        return Check("server", "broken", lost, values) if lost else Check("server", "well", "none", values)
    if seen.tables > HEAD:
        return Check("server", "broken", "newer", values)
    noted = noted_id(home.home)
    if noted is not None and seen.instance != noted:
        return Check("server", "broken", "other", {"noted": noted[:8], "stored": (seen.instance or "–")[:8]})
    if noted is None and seen.instance and seen.shops and not (has_data or (home.home / KEY).exists()):
        return Check("server", "broken", "elsewhere", {"stored": seen.instance})
    return Check("server", "well", "well", values) if seen.tables == HEAD else Check("server", "warning", "older", values)


def _ledgers(found: dict[str, list[Finding]], names: dict[str, str]) -> list[Check]:
    """One check of each shop with something wrong, else one of all."""
    checks = []
    for id, findings in found.items():
        grave = [one for one in findings if one.grave]
        if grave:
            shop, first = names.get(id, id[:8]), grave[0]
            checks.append(Check("ledger", "broken", "wrong", {"shop": shop, "n": len(grave), "where": first.where, "finding": first.code}))
    return checks or [Check("ledger", "well", "well" if found else "none", {"shops": len(found)})]


def _nobodys(found: list[Finding]) -> list[Check]:
    grave = [one for one in found if one.grave]
    return [Check("nobodys", "warning", "there", {"n": len(grave), "where": grave[0].where})] if grave else []


def _left(home: Home, found: dict[str, list[Finding]]) -> Check:
    """What killed work left behind: of imports in the ledgers, of archives and backups beside them."""
    old = [f"shops/{id}/ledger/{one.where}" for id, findings in found.items() for one in findings if one.code == "stray_old"]
    beside = (*home.home.glob(f"*{PART}"), *home.shops.glob(f"*{PART}"))
    old += [path.relative_to(home.home).as_posix() for path in sorted(beside) if is_old(path)]
    return Check("left", "warning", "there", {"n": len(old), "where": old[0]}) if old else Check("left", "well", "none")


def _newest(home: Home, shop_ids: list[str]) -> datetime | None:
    """When the newest import was made, of those whose report can be read."""
    stamps = []
    for id in shop_ids:
        with suppress(AuditError):
            stamps += [report.imported_at.replace(tzinfo=None) for report in home.ledger(id).reports() if report.imported_at]
    return max(stamps, default=None)


def _heads(folder: Path, at: datetime, shops: list[Shop]) -> Check:
    noted: dict[str, datetime] = {}
    with suppress(OSError):  # one that cannot be read holds nothing against anybody
        noted = {id: moment.astimezone(SHANGHAI).replace(tzinfo=None) for id, moment in noted_at(folder).items()}
    return heads_check(at, {shop.name: (shop.created_at, noted.get(shop.id)) for shop in shops})


def _clock(at: datetime, newest: datetime | None) -> Check:
    return clock_check(at, at.replace(tzinfo=SHANGHAI).utcoffset(), newest)

