"""The text of a score as it was last written, given again while nothing it depends on has changed.

Light on purpose: whoever asks again for what is known need not wait until tables, models and a database library are loaded.
"""

import hashlib
import os
import sys
import uuid
from contextlib import suppress
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pdd_audit.data.content.folder import default_folder
from pdd_audit.data.relations.engines import CHOSEN
from pdd_audit.data.storage.glance import deletions_wait, files_seen, imports_seen, shop_seen
from pdd_audit.services.home import Home, database_url, default_home

FOLDER = "reports"
KEEP = 20
PROGRAM = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Wanted:
    """What is asked of a shop of the ledger, by name (None: the only one). ``form``: json, text or html."""

    shop: str | None
    scope: str
    lang: str
    form: str
    as_of: datetime | None


@dataclass(frozen=True)
class Entry:
    """Where the text lies: its name is a digest of the program and its libraries, the checklists, the database's and the ledger's part
    of the shop, the day (where no file tells the moment, the rules are those of today), and what was asked. Whoever lets a score
    depend on anything else adds it to ``entry_for``."""

    path: Path

    def text(self) -> str | None:
        """The kept text; a damaged one counts as absent."""
        try:
            digest, _, body = self.path.read_bytes().partition(b"\n")
        except OSError:
            return None
        return body.decode("utf-8") if digest == _digest(body) else None

    def keep(self, text: str) -> None:
        """Appears by rename, whole or not at all; old ones make room. A text that cannot be kept is computed again."""
        folder, body = self.path.parent, text.encode("utf-8")
        part = folder / f".{uuid.uuid4().hex}"
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(_digest(body) + b"\n" + body)
            part.replace(self.path)
            for stale in sorted(folder.iterdir(), key=lambda entry: entry.stat().st_mtime, reverse=True)[KEEP:]:
                stale.unlink()


def entry_for(home: Path | None, checklists: Path | None, wanted: Wanted) -> Entry | None:
    """The place of this text as everything stands now; None when something must be looked at first, or an engine was chosen.

    Whoever computed the text asks again before keeping it: only if the place is still the same, it is the text of this state.
    """
    place = Home(home or default_home())
    if os.environ.get(CHOSEN) or database_url() or deletions_wait(place.shops):
        return None
    shop = shop_seen(place.database, wanted.shop)
    imports = None if shop is None else imports_seen(place.ledger_folder(shop.shop_id))
    if shop is None or imports is None:
        return None
    try:
        known = [files_seen(PROGRAM, "*"), files_seen(checklists or default_folder(), "*.yaml")]
    except OSError:
        return None
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    parts = [today, sys.version, *_libraries(), *known, shop.state, imports, *astuple(wanted)]
    name = hashlib.sha256("\x1f".join(map(str, parts)).encode("utf-8", "surrogateescape")).hexdigest()
    return Entry(place.cache(shop.shop_id) / FOLDER / name)


def _libraries() -> list[str]:
    """Name and version of all that is installed, as their folders say."""
    folders = [Path(entry) for entry in sys.path if entry and Path(entry).is_dir()]
    return sorted(info.name for folder in folders for info in folder.iterdir() if info.suffix in (".dist-info", ".egg-info"))


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode("ascii")
