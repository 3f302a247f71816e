"""Which installation this is: an id that stands in the database and, beside it, in a file of the data folder.

Whoever puts another database there, or names another one, is told so instead of working on with the rows of one installation and the
files of the other. A backup carries no id: what is restored is an installation of its own and gets one when it is first opened.
"""

import re
import uuid
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from pdd_audit.core.errors import AuditError
from pdd_audit.data.storage.state import State
from pdd_audit.data.storage.tables import InstallationRow, ShopRow

FILE = "instance.id"
_ID = re.compile("[0-9a-f]{32}")


def noted_id(home: Path) -> str | None:
    """The id in the folder; None where there is none that could be one, as after a power cut."""
    with suppress(OSError, UnicodeDecodeError):
        found = (home / FILE).read_text("ascii").strip()
        return found if _ID.fullmatch(found) else None
    return None


def pair(state: State, home: Path, used: bool) -> None:
    """Folder and database belong together from now on; nothing where they do already. ``used``: whether the folder held anything before.

    Raises AuditError ``store_elsewhere`` for a new folder and a database whose shops have their files in another one.
    """
    if noted_id(home) is not None or state.only_readable:
        return  # opening the database has compared them; where nothing can be written nothing is lost either
    try:
        id = state.save(lambda session: _id_of(session, used))
    except AuditError as refusal:
        if refusal.code == "store_read_only":  # a server that only reads
            return
        raise
    part = home / f"{FILE}.{uuid.uuid4().hex[:8]}.part"
    with suppress(OSError):  # the database has the id: the next start writes it here
        part.write_text(id + "\n", "ascii")
        part.replace(home / FILE)


def _id_of(session: Session, used: bool) -> str:
    found = session.scalar(select(InstallationRow.id))
    if found is None:
        found = uuid.uuid4().hex
        session.add(InstallationRow(id=found))
    elif not used and session.scalar(select(ShopRow.id).limit(1)) is not None:
        raise AuditError("store_elsewhere", found=found[:8], stored=found)
    return found
