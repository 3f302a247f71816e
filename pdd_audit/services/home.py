"""Where the files of one installation lie. Light on purpose: files are being read, and kept texts are given, while nothing else loads."""

import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pdd_audit.core.errors import AuditError
from pdd_audit.core.log_chain import Said
from pdd_audit.core.people import Person

if TYPE_CHECKING:
    from pdd_audit.data.storage.ledger import Ledger
    from pdd_audit.data.storage.proofs import Proofs


@dataclass(frozen=True)
class Home:
    """The folder of one installation. ``person``: who is logged in; None: there is no login, and whoever sits here may do everything."""

    home: Path
    person: Person | None = field(default=None, kw_only=True)

    @property
    def database(self) -> Path:
        """Shops, answers and saved audits, where no other database is named."""
        return self.home / "state.db"

    @property
    def shops(self) -> Path:
        """One folder per shop, named by its id."""
        return self.home / "shops"

    def shop_name(self, shop_id: str) -> str | None:  # noqa: ARG002 - a folder alone knows no names; a workspace does
        """What people call the shop, where that is known."""
        return None

    def is_demo(self, shop_id: str) -> bool:  # noqa: ARG002 - as above
        """Whether the shop and its orders are invented."""
        return False

    def logged(self, shop_id: str, said: Said) -> AbstractContextManager[None]:  # noqa: ARG002 - a folder keeps no log; a workspace does
        """What is done in the block, together with its row in the log of the shop."""
        return nullcontext()

    def ledger_folder(self, shop_id: str) -> Path:
        return self.shops / shop_id / "ledger"

    def ledger(self, shop_id: str) -> "Ledger":
        from pdd_audit.data.storage.ledger import Ledger

        return Ledger(self.ledger_folder(shop_id))

    def proofs(self, shop_id: str) -> "Proofs":
        from pdd_audit.data.storage.proofs import Proofs

        return Proofs(self.shops / shop_id / "proofs")

    def cache(self, shop_id: str) -> Path:
        return self.shops / shop_id / "cache"


DATABASE_URL = "PDD_AUDIT_DATABASE_URL"


def database_url() -> str | None:
    """$PDD_AUDIT_DATABASE_URL, or what the file $PDD_AUDIT_DATABASE_URL_FILE holds; None: the database is a file in the home.

    It may hold a password. Raises AuditError ``database_url`` when the file cannot be read.
    """
    chosen, file = os.environ.get(DATABASE_URL), os.environ.get(f"{DATABASE_URL}_FILE")
    if chosen or not file:
        return chosen or None
    try:
        return Path(file).read_text("utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        raise AuditError("database_url", found=f"{DATABASE_URL}_FILE") from error


def default_home() -> Path:
    """$PDD_AUDIT_HOME, else the platform's folder for application data."""
    chosen = os.environ.get("PDD_AUDIT_HOME")
    if chosen:
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_data_dir("pdd-audit", appauthor=False))
