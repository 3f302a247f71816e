"""Tables one page asks for (``core.details``), counted when nobody has asked before, for all parcels or for a part of them."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from pdd_audit.core.details import DETAIL_COLUMNS
from pdd_audit.core.errors import AuditError
from pdd_audit.core.filters import ALL, Filters
from pdd_audit.core.people import Right
from pdd_audit.core.tables import CompactTables
from pdd_audit.data.relations.table_store import load_tables, store_tables
from pdd_audit.services.access import needs
from pdd_audit.services.measure import Ask, ask_about, compact, ground_of, has_moves, key_of
from pdd_audit.services.workspace import Workspace, digest_of

if TYPE_CHECKING:
    from pdd_audit.data.relations.compact import Ground

DETAILS_VERSION = 3  # raise it whenever a table changes its meaning
KEEP = 40  # choices whose tables stay


@needs(Right.LOOK)
def filtered(workspace: Workspace, shop_id: str, ask: Ask | None, filters: Filters = ALL) -> tuple[str, CompactTables]:
    """The key and the compact tables of a part of the shop; all of it without filters. Raises AuditError when the engine cannot run."""
    key, whole = compact(workspace, shop_id, ask)
    if not filters or ask is None or not workspace.ledger(shop_id).paths("pdd_orders"):
        return key, whole
    key, folder = digest_of(key, filters.key), workspace.cache(shop_id)
    found = load_tables(folder, key)
    if found is None:
        from pdd_audit.data.relations.compact import filtered_tables  # the engine loads only when something is counted

        with ground_of(workspace, shop_id, ask) as ground:
            found = filtered_tables(ground.only(filters), whole, has_moves(ask))
        store_tables(folder, key, found)
    return key, found


@needs(Right.LOOK)
def detail_tables(
    workspace: Workspace, shop_id: str, ask: Ask | None, names: Sequence[str], filters: Filters = ALL
) -> dict[str, pd.DataFrame]:
    """The named tables; empty ones for a shop without orders. Raises AuditError when the engine cannot run."""
    if ask is None or not workspace.ledger(shop_id).paths("pdd_orders"):
        return {name: pd.DataFrame(columns=DETAIL_COLUMNS[name]) for name in names}
    folder = _folder(workspace, shop_id, ask, filters)
    found = {name: kept for name in names if (kept := _load(folder / f"{name}.parquet", DETAIL_COLUMNS[name])) is not None}
    missing = [name for name in names if name not in found]
    if missing:
        from pdd_audit.data.relations.details import DETAILS  # the engine loads only when something is counted

        with ground_of(workspace, shop_id, ask) as ground:
            chosen = ground.only(filters)
            for name in missing:
                columns = list(DETAIL_COLUMNS[name])
                frame: pd.DataFrame = DETAILS[name](chosen).execute()
                found[name] = frame[columns].sort_values(columns, ignore_index=True)
                _store(folder, name, found[name])
        _make_room(folder.parent)
    return found


@needs(Right.LOOK)
def kept_rows(
    workspace: Workspace, shop_id: str, ask: Ask, filters: Filters, wanted: Mapping[str, Callable[["Ground"], pd.DataFrame]]
) -> dict[str, pd.DataFrame]:
    """Lists of parcels or orders a page shows as they are, found when nobody has asked before. ``wanted``: a name that says all a list
    depends on beside the files, the rules and the filters -> what finds it. Raises AuditError when the engine cannot run."""
    folder = _folder(workspace, shop_id, ask, filters)
    files = {name: f"rows-{digest_of(name)}" for name in wanted}
    found = {name: kept for name, file in files.items() if (kept := _load(folder / f"{file}.parquet")) is not None}
    if missing := [name for name in wanted if name not in found]:
        with ground_of(workspace, shop_id, ask) as ground:
            chosen = ground.only(filters)
            for name in missing:
                found[name] = wanted[name](chosen)
                _store(folder, files[name], found[name])
        _make_room(folder.parent)
    return found


@needs(Right.LOOK)
def count_ahead(workspace: Workspace, shop_id: str) -> None:
    """Everything that pages show of the whole shop, counted while somebody waits for an import anyway. What cannot be counted is left to
    the page that asks for it, which says why."""
    ask = ask_about(workspace, shop_id, None)
    with suppress(AuditError):
        compact(workspace, shop_id, ask)
        detail_tables(workspace, shop_id, ask, tuple(DETAIL_COLUMNS))


def _folder(workspace: Workspace, shop_id: str, ask: Ask, filters: Filters) -> Path:
    return workspace.cache(shop_id) / "details" / digest_of(DETAILS_VERSION, key_of(workspace, shop_id, ask), filters.key)


def _load(path: Path, columns: tuple[str, ...] | None = None) -> pd.DataFrame | None:
    """A damaged file counts as absent: it is only a cache. ``columns``: what it must have."""
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError):
        return None
    return frame if columns in (None, tuple(frame.columns)) else None


def _store(folder: Path, name: str, frame: pd.DataFrame) -> None:
    """A table appears by rename, whole or not at all; a full disk only means that it is counted again."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".part-", delete=False) as part:
            frame.to_parquet(part)
        Path(part.name).replace(folder / f"{name}.parquet")
    except OSError:
        return


def _make_room(folder: Path) -> None:
    if not folder.is_dir():
        return
    entries = sorted((entry for entry in folder.iterdir() if entry.is_dir()), key=lambda entry: entry.stat().st_mtime, reverse=True)
    for stale in entries[KEEP:]:
        shutil.rmtree(stale, ignore_errors=True)
