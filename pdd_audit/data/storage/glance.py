"""What an installation holds, seen without loading the database's library or the models: enough to tell whether anything changed.

Everything here gives None for whatever is not plain and up to date; the long way then does its work, or says what is wrong.
"""

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pdd_audit.data.storage.head import HEAD
from pdd_audit.data.storage.readings import counting

WAIT_SECONDS = 5.0
# What no score depends on: saved results, the history of answers, how files were mapped when they were imported, who was told of what,
# who changed what, what was said in a review, who may see the shop and who has logged in.
APART = frozenset({
    "audits", "templates", "answer_events", "mappings", "notices", "log_rows", "round_words", "people", "person_names", "members",
    "invitations", "logins",
})


@dataclass(frozen=True)
class Glimpse:
    """A shop of the database, and everything there that its score depends on, as one text."""

    shop_id: str
    state: str


def shop_seen(database: Path, name: str | None) -> Glimpse | None:
    """The shop of that name, or the only one. Nothing is written."""
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=WAIT_SECONDS)) as connection:
            connection.execute("PRAGMA trusted_schema=OFF")
            connection.execute("BEGIN")  # all of it at one moment
            if connection.execute("SELECT version_num FROM alembic_version").fetchall() != [(HEAD,)]:
                return None
            shops = connection.execute("SELECT id, name FROM shops").fetchall()
            found = [str(id) for id, called in shops if name is None or called == name]
            return Glimpse(found[0], _decisive(connection, found[0])) if len(found) == 1 else None
    except sqlite3.Error:
        return None


def _decisive(connection: sqlite3.Connection, shop_id: str) -> str:
    """Every row that is not of another shop, so that a table yet to come counts without being named here."""
    said: dict[str, list[str]] = {}
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall():
        if table in APART:
            continue
        columns = {column[1] for column in connection.execute("SELECT * FROM pragma_table_info(?)", (table,))}
        whose, values = (" WHERE shop_id = ?", (shop_id,)) if "shop_id" in columns else ("", ())
        rows = connection.execute(f'SELECT * FROM "{table}"{whose}', values)  # noqa: S608 - names of our own tables
        said[table] = sorted(map(repr, rows))
    return json.dumps(said, ensure_ascii=False)


def imports_seen(ledger: Path) -> str | None:
    """One digest for the imports of a ledger and their reports; None when there are none, or one without its report."""
    folders = counting(ledger)
    try:
        reports = {folder: hashlib.sha256((folder / "report.json").read_bytes()).hexdigest() for folder in folders}
    except OSError:
        return None
    parts = [f"{folder.parent.name}/{folder.name} {digest}" for folder, digest in reports.items()]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest() if parts else None


def deletions_wait(shops: Path) -> bool:
    """Whether something was left half done among the shops' folders: a mark or a part, never the plain name of a shop."""
    try:
        return any(entry.suffix for entry in shops.iterdir())
    except OSError:
        return False


def files_seen(folder: Path, *patterns: str) -> str:
    """One digest for the names and bytes of the files below a folder. Raises OSError."""
    total = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in folder.rglob(pattern)}):
        if path.is_file() and "__pycache__" not in path.parts:
            content = path.read_bytes()
            total.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode("utf-8", "surrogateescape"))
            total.update(content)
    return total.hexdigest()
