"""A whole shop: into one archive, out of one, or away for good."""

import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, TextIO

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.data.reading.hand_over import patiently
from pdd_audit.data.storage.archive import Archive, Contents, Member, appearing, write_archive
from pdd_audit.data.storage.forecasts import NAME as FORECASTS
from pdd_audit.data.storage.forecasts import Forecasts
from pdd_audit.data.storage.head import HEAD
from pdd_audit.data.storage.ledger import Ledger
from pdd_audit.data.storage.proofs import Proofs
from pdd_audit.data.storage.readings import PART
from pdd_audit.data.storage.shop_folders import mark, sweep
from pdd_audit.data.storage.shop_rows import LINE_CHARACTERS, UnfitRowError, add_shop_rows, delete_shop_rows, rows_of_shop
from pdd_audit.data.storage.state import Shop
from pdd_audit.data.storage.unpacked import prove_readable
from pdd_audit.services.access import needs
from pdd_audit.services.rounds import refuse_while_blind
from pdd_audit.services.shops import refuse_strangers
from pdd_audit.services.workspace import Workspace, now

STATE = "state.jsonl"
IMPORT = r"(removed/)?[a-z_]{1,40}/import_id=[0-9a-f]{64}/(rows\.parquet|report\.json|seal\.json)"
PROOF = r"proofs/[0-9a-f]{64}\.(png|jpg|pdf)"
NAMES = re.compile(rf"{re.escape(STATE)}|ledger/{IMPORT}|{PROOF}|{re.escape(FORECASTS)}")


@needs(Right.EXPORT_ROWS)
def export_shop(workspace: Workspace, shop: Shop, target: Path) -> None:
    """One file with everything of a shop: files read in and removed, answers with history and proofs, readings, saved audits.

    It takes the place of ``target`` whole or not at all. Raises AuditError, also while a review keeps answers from each other: the log
    speaks of every word, so that without them the archive would seem tampered with.
    """
    try:
        with appearing(target) as file:
            _write(workspace, shop, file)
    except OSError as error:
        raise AuditError("archive_not_written", found=error.strerror or "") from error


@needs(Right.EXPORT_ROWS)
def shop_as_bytes(workspace: Workspace, shop: Shop) -> bytes:
    """The same archive for a download. Raises AuditError."""
    file = BytesIO()
    try:
        _write(workspace, shop, file)
    except OSError as error:
        raise AuditError("archive_not_written", found=error.strerror or "") from error
    return file.getvalue()


def _write(workspace: Workspace, shop: Shop, file: BinaryIO) -> None:
    ledger = workspace.ledger(shop.id)
    workspace.shops.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="archive-", suffix=PART, dir=workspace.shops) as scratch:  # beside the shops: on a disk of ours
        state = Path(scratch) / STATE
        with state.open("w", encoding="utf-8", newline="\n") as lines:
            lines.writelines(f"{line}\n" for line in rows_of_shop(workspace.state, shop.id))
        refuse_while_blind(workspace, shop.id)  # only now: an answer given before the rows were read is either revealed or seen here
        members = [Member(STATE, state)]
        members += [Member(f"ledger/{ledger.packed_name(path)}", path) for path in ledger.stored()]
        members += [Member(f"proofs/{path.name}", path) for path in workspace.proofs(shop.id).stored()]
        members += [Member(path.name, path) for path in Forecasts(ledger.folder.parent).stored()]
        contents = Contents(format="pdd-audit-shop", version=1, tables=HEAD, made_at=now().isoformat(), shop=shop.name, files={})
        write_archive(file, contents, members)


def import_shop(workspace: Workspace, source: Path, name: str | None = None) -> Shop:
    """The shop of an archive as a new shop, whole or not at all. ``name``: another name than it had. Raises AuditError."""
    refuse_strangers(workspace)
    with closing(Archive(source, "pdd-audit-shop", NAMES)) as archive:
        if archive.contents.tables > HEAD:
            raise AuditError("newer_database", found=archive.contents.tables, needed_version=HEAD)
        part = workspace.shops / f"{uuid.uuid4().hex}{PART}"
        part.mkdir(parents=True, mode=0o700)
        try:
            return _unpacked(workspace, archive, part, name)
        except OSError as error:
            raise AuditError("archive_not_read", archive.place, found=error.strerror or "") from error
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _unpacked(workspace: Workspace, archive: Archive, part: Path, name: str | None) -> Shop:
    archive.unpack(part)
    ledger = Ledger(part / "ledger")
    for finding in ledger.verify():
        raise archive.damaged(f"{finding.where} {finding.code}")
    for name in Proofs(part / "proofs").damaged():
        raise archive.damaged(f"proofs/{name}")
    try:
        prove_readable([path for path in ledger.stored() if path.suffix == ".parquet"])
    except AuditError as error:
        raise archive.damaged(error.found) from error
    if not (part / STATE).is_file():
        raise archive.damaged(STATE)
    try:
        with (part / STATE).open(encoding="utf-8", newline="\n") as lines:
            shop_id = add_shop_rows(workspace.state, _bounded(lines), name, lambda new: _settle(workspace, part, new))
    except (UnfitRowError, UnicodeDecodeError) as error:
        raise AuditError("archive_rows", archive.place, found=str(error) if isinstance(error, UnfitRowError) else "UTF-8") from error
    return next(shop for shop in workspace.state.shops() if shop.id == shop_id)


def _bounded(lines: TextIO) -> Iterator[str]:
    while line := lines.readline(LINE_CHARACTERS):
        yield line


def _settle(workspace: Workspace, part: Path, shop_id: str) -> None:
    (part / STATE).unlink()
    (part / "ledger").mkdir(exist_ok=True)
    patiently(lambda: part.rename(workspace.shops / shop_id))


@needs(Right.MANAGE)
def delete_shop(workspace: Workspace, shop_id: str) -> None:
    """Everything of a shop, without a trace in the data folder: files, removed files, answers, audits, caches. Not in backups.

    Killed on the way, the shop is whole, or it is gone and what is left of its files goes when the installation is opened next.
    Raises AuditError when another program keeps old pages of the database alive; the shop is gone by then.
    """
    mark(workspace.shops, shop_id)
    workspace.measured.clear()
    try:
        delete_shop_rows(workspace.state, shop_id)
    finally:
        sweep(workspace.shops, lambda: {shop.id for shop in workspace.state.shops()})
