"""Everything of one installation in one file, and back from it into an empty folder and, where one is named, an empty database."""

import hashlib
import re
import shutil
import uuid
from collections.abc import Collection
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.log_chain import BACKUPS, RESTORED, Anchor, Said
from pdd_audit.core.soundness import Finding
from pdd_audit.data.reading.hand_over import patiently
from pdd_audit.data.reading.import_folder import sync_folder
from pdd_audit.data.storage.archive import Archive, Contents, Member, appearing, write_archive
from pdd_audit.data.storage.connecting import sqlite_url
from pdd_audit.data.storage.forecasts import NAME as FORECASTS
from pdd_audit.data.storage.forecasts import Forecasts
from pdd_audit.data.storage.head import HEAD
from pdd_audit.data.storage.ledger import Ledger
from pdd_audit.data.storage.log import append, carry_log, key_of, note_anchor
from pdd_audit.data.storage.proofs import Proofs
from pdd_audit.data.storage.readings import PART
from pdd_audit.data.storage.shop_rows import shop_ids, troubles_of_state
from pdd_audit.data.storage.state import State
from pdd_audit.data.storage.state_copy import copy_state, pour_state, prove_empty
from pdd_audit.data.storage.unpacked import prove_readable
from pdd_audit.data.storage.upgrade_copies import copies_of
from pdd_audit.services.access import machine_only
from pdd_audit.services.ledger_care import STATE
from pdd_audit.services.shop_archive import IMPORT, PROOF
from pdd_audit.services.workspace import Workspace, now

NAMES = re.compile(rf"{re.escape(STATE)}|shops/[0-9a-f]{{32}}/(ledger/{IMPORT}|{PROOF}|{re.escape(FORECASTS)})")
LAST_BACKUP = "last-backup.txt"  # beside the database: when the newest backup was made, in Shanghai; never where to
NAMED = re.compile(r"pdd-audit-\d{4}-\d\d-\d\d-\d{6}\.zip")
_TRIES = 3


def last_backup(home: Path) -> datetime | None:
    """When the newest backup of a home was made, as far as this program made it; None: none is known."""
    try:
        return datetime.fromisoformat((home / LAST_BACKUP).read_text("ascii").strip()).replace(tzinfo=None)
    except (OSError, ValueError):
        return None


def backup_named() -> str:
    """The name of a backup made now; names sort as their moments do."""
    return f"pdd-audit-{now():%Y-%m-%d-%H%M%S}.zip"


def forget_older(folder: Path, keep: int) -> int:
    """Of the backups named by ``backup_named`` the newest ``keep`` stay; how many went. Whatever else lies there stays too."""
    named = sorted(path for path in folder.iterdir() if NAMED.fullmatch(path.name))
    older = named[:-keep]
    for path in older:
        path.unlink(missing_ok=True)
    return len(older)


@machine_only
def back_up(workspace: Workspace, target: Path) -> int:
    """The database and every shop's files, as of one moment; how many files. Caches are not in it: they are made again.

    It takes the place of ``target`` whole or not at all; the program may be in use meanwhile. Raises AuditError.
    """
    try:
        files = _written(workspace, target)
        with suppress(OSError):  # the backup is there; only its age stays unknown
            (workspace.home / LAST_BACKUP).write_text(now().isoformat(), "ascii")
        return files
    except OSError as error:
        raise AuditError("archive_not_written", found=error.strerror or "") from error


def _written(workspace: Workspace, target: Path) -> int:
    for left in reversed(range(_TRIES)):
        try:
            with TemporaryDirectory(prefix="backup-", suffix=PART, dir=workspace.home) as scratch, appearing(target) as file:
                state = Path(scratch) / STATE
                copy_state(workspace.state, state)
                members = [Member(STATE, state)]
                for shop_id in shop_ids(state):
                    ledger = workspace.ledger(shop_id)
                    inside = ledger.folder.relative_to(workspace.home).as_posix()
                    members += [Member(f"{inside}/{ledger.packed_name(path)}", path) for path in ledger.stored()]
                    beside = [*workspace.proofs(shop_id).stored(), *Forecasts(ledger.folder.parent).stored()]
                    members += [Member(path.relative_to(workspace.home).as_posix(), path) for path in beside]
                contents = Contents(format="pdd-audit-home", version=1, tables=HEAD, made_at=now().isoformat(), files={})
                write_archive(file, contents, members)
                return len(members)
        except FileNotFoundError:  # an import moved while it was being copied
            if not left or not target.parent.is_dir():
                raise
    raise AssertionError("the loop returns or raises")


@dataclass(frozen=True)
class Restore:
    """``who`` puts it back. ``log_from``: folder with the ``log.key`` and the noted heads of the installation that this one takes the place
    of: its log goes on, and what it had beyond the backup is known. None: a new key, as for a try."""

    who: str = ""
    log_from: Path | None = None


def restore_backup(source: Path, home: Path, database: str | None = None, how: Restore | None = None) -> int:
    """The installation of a backup into ``home``, which must be empty or not there; how many files. Whole or not at all.

    ``database``: URL of an empty PostgreSQL database for the rows; None: they stay a file in the home. A backup goes into either, whichever
    it was made from. Every digest is checked while unpacking, every import and the database before the folder appears, and again where it
    lies afterwards. The log of each shop says that it was put back, by whom and to what. Raises AuditError.
    """
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise AuditError("home_not_empty", found=home.name)
    if database:
        prove_empty(database)  # before minutes are spent on unpacking
    with closing(Archive(source, "pdd-audit-home", NAMES)) as archive:
        part = home.absolute().with_name(f"{home.name}.{uuid.uuid4().hex[:8]}{PART}")
        try:
            part.mkdir(parents=True, mode=0o700)
            if how and how.log_from:
                carry_log(how.log_from, part)
            archive.unpack(part)
            _prove(part, archive)
            _tell(part, Said(how.who if how else "", RESTORED, f"{BACKUPS}{_moment(archive)}", after=_digest(source)))
            known = set(shop_ids(part / STATE))
            if database:
                _pour(part, home, database)
            else:
                _appear(part, home)
        except OSError as error:
            raise AuditError("archive_not_read", Place(file=source.name), found=error.strerror or "") from error
        finally:
            shutil.rmtree(part, ignore_errors=True)
        for finding in [*(() if database else _of_state(home)), *_of_files(home, known)]:
            raise archive.damaged(f"{finding.where} {finding.code}")
        return len(archive.contents.files)


def _appear(part: Path, home: Path) -> None:
    if home.exists():
        home.rmdir()
    patiently(lambda: part.rename(home))
    sync_folder(home.absolute().parent)


def _pour(part: Path, home: Path, database: str) -> None:
    """The rows into the database; the folder appears in their transaction, and goes again when that does not come to its end."""
    rows = part.with_name(f"{part.name}-{STATE}")
    (part / STATE).rename(rows)
    try:
        pour_state(rows, database, lambda: _appear(part, home))
    except BaseException:
        if not part.exists():  # it had appeared
            shutil.rmtree(home, ignore_errors=True)
        raise
    finally:
        for left in (rows, *(rows.with_name(rows.name + ending) for ending in ("-wal", "-shm"))):
            left.unlink(missing_ok=True)


def _tell(home: Path, said: Said) -> None:
    """In the log of each shop, whose new head is noted. An older database is brought up to date for it."""
    database, key = home / STATE, key_of(home)
    state = State(sqlite_url(database), key)
    try:
        rows = state.save(lambda session: {shop_id: append(session, shop_id, said, key) for shop_id in shop_ids(database)})
    finally:
        state.close()
    for shop_id, row in rows.items():
        note_anchor(home, shop_id, Anchor(row.seq, row.hash))
    for copy in copies_of(database):  # the backup is as it was
        copy.unlink()


def _moment(archive: Archive) -> str:
    """When the backup was made, in Shanghai, as it says itself; empty where that is no time."""
    with suppress(ValueError):
        return f"{datetime.fromisoformat(archive.contents.made_at):%Y-%m-%dT%H:%M:%S}"
    return ""


def _digest(source: Path) -> str:
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _prove(folder: Path, archive: Archive) -> None:
    if not (folder / STATE).is_file():
        raise archive.damaged(STATE)
    for finding in findings_in(folder):
        raise archive.damaged(f"{finding.where} {finding.code}")
    try:
        prove_readable(sorted(folder.glob("shops/**/*.parquet")))
    except AuditError as error:
        raise archive.damaged(error.found) from error


def findings_in(home: Path) -> list[Finding]:
    """What is wrong in a home that nobody has opened yet."""
    found = _of_state(home)
    return found + _of_files(home, set() if found else set(shop_ids(home / STATE)))


def _of_state(home: Path) -> list[Finding]:
    return [Finding("state_damaged", STATE, line[:100]) for line in troubles_of_state(home / STATE)]


def _of_files(home: Path, known: Collection[str]) -> list[Finding]:
    found = []
    for folder in sorted((home / "shops").glob("*")):
        if folder.name not in known:
            found.append(Finding("nobodys_shop", folder.name))
        found += [replace(one, where=f"{folder.name[:8]}/{one.where}") for one in Ledger(folder / "ledger").verify()]
        found += [Finding("proof_damaged", f"{folder.name[:8]}/{name}") for name in Proofs(folder / "proofs").damaged()]
    return found
