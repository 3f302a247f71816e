"""Folders of shops that are to go. A shop is deleted in the database first; a mark tells whoever comes later to finish the rest."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pdd_audit.data.storage.ledger import is_old
from pdd_audit.data.storage.readings import PART

DELETED = ".deleted"


def mark(shops: Path, shop_id: str) -> None:
    """Notes that this shop's folder goes as soon as the database does not know the shop any more."""
    shops.mkdir(exist_ok=True)
    (shops / f"{shop_id}{DELETED}").touch(mode=0o600)


def sweep(shops: Path, known: Callable[[], set[str]]) -> None:
    """Finishes deletions that were cut short, and removes what killed archives left. ``known``: the ids of the shops there are."""
    marks = list(shops.glob(f"*{DELETED}"))
    ids = known() if marks else set()
    for note in marks:
        folder = shops / note.name.removesuffix(DELETED)
        if folder.name not in ids:
            shutil.rmtree(folder, ignore_errors=True)
            if folder.exists():
                continue  # a file in use on Windows: next time
            with suppress(OSError):
                note.unlink()
        elif is_old(note):  # killed before the database had decided: the shop stays
            with suppress(OSError):
                note.unlink()
    for part in shops.glob(f"*{PART}"):
        if is_old(part):
            shutil.rmtree(part, ignore_errors=True)
