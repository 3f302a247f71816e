"""Where the files of one installation lie. Light on purpose: files are being read, and kept texts are given, while nothing else loads."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdd_audit.data.storage.ledger import Ledger
    from pdd_audit.data.storage.proofs import Proofs


@dataclass(frozen=True)
class Home:
    """The folder of one installation."""

    home: Path

    @property
    def database(self) -> Path:
        """Shops, answers and saved audits."""
        return self.home / "state.db"

    @property
    def shops(self) -> Path:
        """One folder per shop, named by its id."""
        return self.home / "shops"

    def shop_name(self, shop_id: str) -> str | None:  # noqa: ARG002 - a folder alone knows no names; a workspace does
        """What people call the shop, where that is known."""
        return None

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


def default_home() -> Path:
    """$PDD_AUDIT_HOME, else the platform's folder for application data."""
    chosen = os.environ.get("PDD_AUDIT_HOME")
    if chosen:
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_data_dir("pdd-audit", appauthor=False))
