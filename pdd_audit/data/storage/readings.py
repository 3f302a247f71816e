"""Where imports lie in a ledger, and which reading of a file counts.

The first reading of a file lies under its kind, ``<ledger>/<kind>/import_id=<SHA-256 of its bytes>/``. A person may ask for another one,
in other units or under other columns: that lies in the same way below ``<ledger>/reading-2/``, a third below ``reading-3/``. Of each file
the highest counts. It appears by one rename, and only then goes what it replaces: whoever looks, and whoever is killed, leaves or meets
the old one or the new one.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import count, takewhile
from pathlib import Path

REMOVED = "removed"
PART = ".part"
NAME = re.compile(r"import_id=([0-9a-f]{64})")
LATER = re.compile(r"reading-([2-9]|[1-9][0-9]+)")
NOBODYS = {".DS_Store", "Thumbs.db", "desktop.ini"}  # what file managers leave wherever they look


def roots(ledger: Path) -> Iterator[Path]:
    """Where first readings lie, second ones and so on. Asked for one by one: a later reading may appear while an earlier one is looked at,
    and never goes before it."""
    yield ledger
    yield from takewhile(Path.is_dir, (ledger / f"reading-{number}" for number in count(2)))


def root_after(ledger: Path, folder: Path) -> Path:
    """Where a reading lies that takes the place of the one in ``folder``."""
    found = LATER.fullmatch(folder.parent.parent.name)
    return ledger / f"reading-{int(found[1]) + 1 if found else 2}"


def imports_in(root: Path) -> list[Path]:
    """The folders of imports below the kinds of a root."""
    kinds = (entry for entry in entries(root) if entry.name != REMOVED and entry.suffix != PART and not LATER.fullmatch(entry.name))
    return [folder for kind in kinds for folder in entries(kind) if NAME.fullmatch(folder.name)]


def all_readings(ledger: Path) -> list[Path]:
    """Every reading that was not removed, what takes the place of another one after it."""
    return [folder for root in roots(ledger) for folder in imports_in(root)]


def counting(ledger: Path) -> list[Path]:
    """The one reading of each file that counts, by digest."""
    last = {folder.name: folder for folder in all_readings(ledger)}
    return [last[name] for name in sorted(last)]


def replaced(ledger: Path) -> list[Path]:
    """Readings that a later one of the same file has taken the place of: whoever placed it died before they went."""
    every = all_readings(ledger)
    last = {folder.name: folder for folder in every}
    return [folder for folder in every if last[folder.name] != folder]


def entries(folder: Path) -> list[Path]:
    """What a folder holds; nothing when it is none, or went while it was being read: others import and remove meanwhile."""
    with suppress(FileNotFoundError, NotADirectoryError):
        return sorted(entry for entry in folder.iterdir() if entry.name not in NOBODYS)
    return []
