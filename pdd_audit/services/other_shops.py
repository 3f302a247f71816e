"""Orders and parcels of a new file that another shop of the installation has already: one of the two files lies in the wrong shop."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.imports import ImportReport
from pdd_audit.core.people import Right
from pdd_audit.data.storage.shared_keys import Key, Shared, Stored, shared
from pdd_audit.services.access import may, needs
from pdd_audit.services.home import Home

_CODES: dict[Key, str] = {"order_no": "order_in_other_shop", "waybill": "waybill_in_other_shop"}
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


@needs(Right.IMPORT_FILES)
def refuse_orders_of_others(home: Home, shop_id: str, rows: Path, report: ImportReport) -> None:
    """Raises order_in_other_shop for an order export (``rows``: its Parquet file) with an order that another shop has: an order belongs to
    one shop. The demo's orders are invented and belong to nobody."""
    if report.kind == "pdd_orders":
        for one in _shared(home, shop_id, Stored(rows, report.first_row), report, "order_no"):
            more = {name: value for name, value in one.values().items() if name not in ("found", "row")}
            place = Place(file=report.file, row=one.shared.row, column=report.columns.get("order_no"))
            raise AuditError(one.code, place, found=one.shared.example, **more)


@needs(Right.IMPORT_FILES)
def in_other_shops(home: Home, shop_id: str, report: ImportReport) -> list[InOtherShop]:
    """What an imported order export shares with those of each other shop: its orders (of a file that was there before such files were
    refused), else its waybills."""
    if report.kind != "pdd_orders":
        return []
    files = home.ledger(shop_id).files("pdd_orders")
    mine = next((Stored(path, one.first_row) for path, one in files if one.sha256 == report.sha256), None)
    return [] if mine is None else list(_shared(home, shop_id, mine, report, "order_no", "waybill"))


def _shared(home: Home, shop_id: str, mine: Stored, report: ImportReport, *keys: Key) -> Iterator[InOtherShop]:
    """For each file of another shop the first of the keys that stands in both."""
    if home.is_demo(shop_id):
        return
    others = [(name, path, theirs) for name, path, theirs in _order_files_of_others(home, shop_id) if _may_meet(report, theirs)]
    if not others:
        return
    stored = [Stored(path, theirs.first_row) for _, path, theirs in others]
    found = [(key, shared(key, mine, stored)) for key in keys]
    for name, path, theirs in others:
        told = next(((key, both[path]) for key, both in found if path in both), None)
        if told is not None:
            yield InOtherShop(_CODES[told[0]], name, theirs.file, told[1])


def _order_files_of_others(home: Home, shop_id: str) -> Iterator[tuple[str, Path, ImportReport]]:
    """(name of the shop, its file, the file's report); a folder without a name is no shop, or not one any more, and the demo is none."""
    folders = sorted(home.shops.iterdir()) if home.shops.is_dir() else []
    for folder in folders:
        unseen = folder.name == shop_id or not may(home, folder.name, Right.LOOK)
        name = None if unseen else home.shop_name(folder.name)
        if name is not None and not home.is_demo(folder.name):
            with suppress(AuditError):  # a damaged ledger is that shop's own matter
                for path, report in home.ledger(folder.name).files("pdd_orders"):
                    yield name, path, report


def _may_meet(one: ImportReport, other: ImportReport) -> bool:
    """By their periods, which are those of shipping, with leeway for orders that had not been shipped when the other was exported."""
    if None in (one.period_from, one.period_to, other.period_from, other.period_to):
        return True
    return one.period_from <= other.period_to + _LEEWAY and other.period_from <= one.period_to + _LEEWAY  # type: ignore[operator]  # none is None
