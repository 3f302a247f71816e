"""Where the files of one installation lie. Light on purpose: files are being read while everything else still loads."""

from dataclasses import dataclass
from pathlib import Path

from pdd_audit.data.storage.ledger import Ledger


@dataclass(frozen=True)
class Home:
    """The folder of one installation."""

    home: Path

    @property
    def shops(self) -> Path:
        """One folder per shop, named by its id."""
        return self.home / "shops"

    def shop_name(self, shop_id: str) -> str | None:  # noqa: ARG002 - a folder alone knows no names; a workspace does
        """What people call the shop, where that is known."""
        return None

    def ledger(self, shop_id: str) -> Ledger:
        return Ledger(self.shops / shop_id / "ledger")

    def cache(self, shop_id: str) -> Path:
        return self.shops / shop_id / "cache"
