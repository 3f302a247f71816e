"""Orders and parcels of a new file that another shop of the installation has already: one of the two files lies in the wrong shop."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from pdd_audit.core.errors import AuditError
from pdd_audit.core.imports import ImportReport
from pdd_audit.data.storage.shared_keys import Shared, Stored, shared
from pdd_audit.services.home import Home

_KEYS: tuple[tuple[Literal["order_no", "waybill"], str], ...] = (("order_no", "order_in_other_shop"), ("waybill", "waybill_in_other_shop"))
_LEEWAY = timedelta(days=30)


@dataclass(frozen=True)
class InOtherShop:
    """``code``: of the warning. What is shared, in which file of which shop."""

    code: str
    shop: str
    file: str
    shared: Shared

    def values(self) -> dict[str, Any]:
        """Of the warning's sentence."""
        told = self.shared
        return {"count": told.count, "found": told.example, "row": told.row, "shop": self.shop, "file": self.file, "other": told.other_row}


def in_other_shops(home: Home, shop_id: str, report: ImportReport) -> list[InOtherShop]:
    """What an imported order export shares with those of each other shop: its orders, else its waybills. Nothing is refused for it."""
    if report.kind != "pdd_orders":
        return []
    files = home.ledger(shop_id).files("pdd_orders")
    mine = next((Stored(path, one.first_row) for path, one in files if one.sha256 == report.sha256), None)
    found: list[InOtherShop] = []
    if mine is None:
        return found
    for name, path, theirs in _order_files_of_others(home, shop_id):
        if not _may_meet(report, theirs):
            continue
        for key, code in _KEYS:
            told = shared(key, mine, Stored(path, theirs.first_row))
            if told is not None:
                found.append(InOtherShop(code, name, theirs.file, told))
                break
    return found


def _order_files_of_others(home: Home, shop_id: str) -> Iterator[tuple[str, Path, ImportReport]]:
    """(name of the shop, its file, the file's report); a folder without a name is no shop, or not one any more."""
    folders = sorted(home.shops.iterdir()) if home.shops.is_dir() else []
    for folder in folders:
        name = None if folder.name == shop_id else home.shop_name(folder.name)
        if name is not None:
            with suppress(AuditError):  # a damaged ledger is that shop's own matter
                for path, report in home.ledger(folder.name).files("pdd_orders"):
                    yield name, path, report


def _may_meet(one: ImportReport, other: ImportReport) -> bool:
    """By their periods, which are those of shipping, with leeway for orders that had not been shipped when the other was exported."""
    if None in (one.period_from, one.period_to, other.period_from, other.period_to):
        return True
    return one.period_from <= other.period_to + _LEEWAY and other.period_from <= one.period_to + _LEEWAY  # type: ignore[operator]  # none is None
