"""What is done about imports after they were made: listed, looked through, put aside, taken back, forgotten, handed on."""

import csv
from collections.abc import Collection
from io import TextIOWrapper
from pathlib import Path

from pdd_audit.core.errors import AuditError
from pdd_audit.core.imports import ImportReport
from pdd_audit.core.log_chain import FILES, Said
from pdd_audit.core.people import Right
from pdd_audit.core.soundness import Finding
from pdd_audit.core.spreadsheet import safe_cell
from pdd_audit.data.storage.archive import appearing
from pdd_audit.data.storage.readings import PART
from pdd_audit.data.storage.shop_folders import DELETED
from pdd_audit.data.storage.shop_rows import forget_reading, troubles_of_state
from pdd_audit.services.access import machine_only, needs
from pdd_audit.services.home import Home
from pdd_audit.services.import_files import user_here
from pdd_audit.services.measure import ask_about, ground_of
from pdd_audit.services.other_shops import refuse_orders_of_others
from pdd_audit.services.workspace import SHOP_FOLDER, Workspace

SHORTEST = 6  # characters of a digest that a person must give
STATE = "state.db"


@needs(Right.LOOK)
def removed_imports(workspace: Workspace, shop_id: str) -> list[ImportReport]:
    """Files that were removed and can be taken back, oldest snapshot first."""
    return workspace.ledger(shop_id).removed()


@needs(Right.IMPORT_FILES)
def restore_import(workspace: Workspace, shop_id: str, sha256: str) -> None:
    """Take a removed file back into the ledger. Raises AuditError when another shop has its orders by now."""
    ledger = workspace.ledger(shop_id)
    for rows, report in ledger.removed_files():
        if report.sha256 == sha256:
            refuse_orders_of_others(workspace, shop_id, rows, report)
    kind = ledger.kind_of(sha256, removed=True)
    if kind is not None:
        with workspace.logged(shop_id, Said(user_here(), "file_restored", f"{FILES}{kind}", after=sha256)):
            ledger.restore(sha256)


@needs(Right.MANAGE)
def purge_import(workspace: Workspace, shop_id: str, sha256: str) -> None:
    """Forget a removed file for good, and what was said about how to read it."""
    ledger = workspace.ledger(shop_id)
    kind = ledger.kind_of(sha256, removed=True)
    if kind is not None:
        with workspace.logged(shop_id, Said(user_here(), "file_purged", f"{FILES}{kind}", before=sha256)):
            ledger.purge(sha256)
    forget_reading(workspace.state, shop_id, sha256)


@needs(Right.LOOK)
def digest_named(workspace: Workspace, shop_id: str, start: str, removed: bool = False) -> str:
    """The whole digest of the one import whose digest begins so. Raises AuditError."""
    given = start.strip().lower()
    fitting = [digest for digest in workspace.ledger(shop_id).digests(removed) if digest.startswith(given)]
    if len(given) < SHORTEST or len(fitting) != 1:
        raise AuditError("no_such_import", found=start)
    return fitting[0]


@needs(Right.LOOK)
def verify_shop(home: Home, shop_id: str) -> list[Finding]:
    """Everything that is wrong with a shop's files, removed ones and proofs too. Nothing is opened or changed."""
    proofs = [Finding("proof_damaged", f"proofs/{name}") for name in home.proofs(shop_id).damaged()]
    return home.ledger(shop_id).verify() + proofs


@machine_only
def verify_home(workspace: Workspace) -> list[Finding]:
    """The same for what all shops share: the database, and folders that belong to no shop."""
    found = []
    if workspace.state.engine.dialect.name == "sqlite":
        found = [Finding("state_damaged", STATE, line[:100]) for line in troubles_of_state(workspace.home / STATE)]
    return found + nobodys(workspace, {shop.id for shop in workspace.state.shops()})


@machine_only
def nobodys(home: Home, known: Collection[str]) -> list[Finding]:
    """Folders beside those of the shops with these ids."""
    found = []
    folders = sorted(home.shops.iterdir()) if home.shops.is_dir() else []
    for folder in folders:
        if folder.suffix in (PART, DELETED):
            found.append(Finding("stray_fresh", f"shops/{folder.name}", grave=False))
        elif SHOP_FOLDER.fullmatch(folder.name) and folder.name not in known:
            found.append(Finding("nobodys_shop", f"shops/{folder.name}"))
    return found


@needs(Right.EXPORT_ROWS)
def export_parcels(workspace: Workspace, shop_id: str, target: Path) -> int:
    """All parcels of a shop, one a row, as CSV (text that opens safely in a spreadsheet) or, by its ending, Parquet; how many.

    The file takes the place of ``target`` whole or not at all. Raises AuditError.
    """
    ask = ask_about(workspace, shop_id, None)
    if ask is None or not any(report.kind == "pdd_orders" for report in ask.reports):
        raise AuditError("nothing_to_export")
    from pdd_audit.data.relations.parcel_list import parcel_batches, write_parquet  # the engine loads only when rows are asked for

    names, scratch = {report.sha256: report.file for report in ask.reports}, workspace.cache(shop_id)
    try:
        with ground_of(workspace, shop_id, ask) as ground, appearing(target) as file:
            if target.suffix.lower() == ".parquet":
                return write_parquet(ground, names, scratch, file)
            file.write("\ufeff".encode())  # spreadsheets read a file without it as GBK
            text = TextIOWrapper(file, "utf-8", newline="", write_through=True)
            writer, rows = csv.writer(text, quoting=csv.QUOTE_ALL), 0
            for number, (columns, batch) in enumerate(parcel_batches(ground, names, scratch)):
                if not number:
                    writer.writerow(columns)
                writer.writerows([safe_cell(value) for value in row] for row in batch)
                rows += len(batch)
            text.detach()
            return rows
    except OSError as error:
        raise AuditError("archive_not_written", found=error.strerror or "") from error
