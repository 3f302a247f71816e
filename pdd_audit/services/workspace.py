"""Where everything of one installation lives: the state, the ledgers, the checklists and the rules."""

import hashlib
import os
import re
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pdd_audit.core.errors import AuditError
from pdd_audit.core.export_times import ExportTime, standing
from pdd_audit.core.figures import HOME_PLATFORM, RulePacks, SourceEntry
from pdd_audit.core.log_chain import Said
from pdd_audit.core.overlay import Overlay
from pdd_audit.core.questions import Checklists
from pdd_audit.core.waivers import WaiverRules
from pdd_audit.core.working_days import Calendar
from pdd_audit.data.content.calendar import load_calendar
from pdd_audit.data.content.checklists import load_checklists, load_rules, load_sources
from pdd_audit.data.content.folder import default_folder
from pdd_audit.data.content.waiver_rules import load_waiver_rules
from pdd_audit.data.reading.sources import couriers
from pdd_audit.data.relations.engines import CHOSEN, DEFAULT, usable
from pdd_audit.data.storage.connecting import sqlite_url
from pdd_audit.data.storage.instance import noted_id, pair
from pdd_audit.data.storage.ledger import Ledger
from pdd_audit.data.storage.log import KEY, key_of
from pdd_audit.data.storage.shop_folders import sweep
from pdd_audit.data.storage.state import State
from pdd_audit.services.home import Home, database_url, default_home
from pdd_audit.services.measured import Measured

SHANGHAI = ZoneInfo("Asia/Shanghai")
KEPT_MEASURES = 8
SHOP_FOLDER = re.compile("[0-9a-f]{32}")


def now() -> datetime:
    """Now in Shanghai, without an offset, as every stored time is."""
    return datetime.now(SHANGHAI).replace(tzinfo=None, microsecond=0)


@dataclass(frozen=True)
class Workspace(Home):
    """One installation. ``measured``: the last few results by key of their tables, so that saving an answer need not count again;
    ``engine``: what counts, one of ``data.relations.engines.ENGINES``. ``passing``: it vanishes after one score, so no
    relation is kept for later. ``calendar``: what is known of days for every shop. ``waiver_rules``: None: nothing can be waived.
    ``content``: the folder of checklists and rules (None: the shipped one). ``lent``: a shop's own checklist that counts for this run
    instead of the saved one."""

    state: State
    checklists: Checklists
    rules: RulePacks
    sources: dict[str, SourceEntry]
    measured: dict[str, Measured] = field(default_factory=dict)
    engine: str = DEFAULT
    passing: bool = False
    calendar: Calendar = field(default_factory=Calendar)
    waiver_rules: WaiverRules | None = None
    content: Path | None = None
    lent: Overlay | None = None

    def ledger(self, shop_id: str) -> Ledger:
        """As of any home, with the export times the shop has stated."""
        said = standing(self.state.said(ExportTime, shop_id))
        return Ledger(self.ledger_folder(shop_id), {sha256: one.exported_at for sha256, one in said.items() if one.exported_at is not None})

    def shop_name(self, shop_id: str) -> str | None:
        return next((shop.name for shop in self.state.shops() if shop.id == shop_id), None)

    def logged(self, shop_id: str, said: Said) -> AbstractContextManager[None]:
        return self.state.logged(shop_id, said)

    @property
    def only_readable(self) -> bool:
        """Whether nothing can be saved at present: the database's file or folder is locked."""
        return self.state.only_readable

    def is_demo(self, shop_id: str) -> bool:
        return any(shop.is_demo for shop in self.state.shops() if shop.id == shop_id)

    @property
    def platforms(self) -> list[str]:
        """Whose rules are known, the home platform first."""
        folder = (self.content or default_folder()) / "rules"
        return [HOME_PLATFORM, *sorted(path.stem for path in folder.glob("*.yaml") if path.stem != HOME_PLATFORM)]

    def platform(self, name: str) -> RulePacks:
        """The rules of a platform, as they stand in its file. Raises AuditError when the file is wrong."""
        return self.rules if name == self.rules.platform else _rules_of(self.content or default_folder(), name)

    def remember(self, key: str, measured: Measured) -> Measured:
        while len(self.measured) >= KEPT_MEASURES:
            self.measured.pop(next(iter(self.measured)), None)
        self.measured[key] = measured
        return measured


def open_workspace(home: Path | None = None, checklists_folder: Path | None = None, database: str | None = None) -> Workspace:
    """Open (and create, when new) an installation. ``database``: URL of a PostgreSQL database; empty: a file in the home; None: whatever
    ``home.database_url`` says. Raises AuditError for a wrong checklist and for a database that cannot be used: see ``State``."""
    folder = home or default_home()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = checklists_folder or default_folder()
    checklists, rules, sources = load_checklists(content), load_rules(content), load_sources(content)
    url = (database_url() if database is None else database) or sqlite_url(Home(folder).database)
    id, used = noted_id(folder), _was_used(folder)
    state, engine = State(url, expected=id or ("" if used else None)), os.environ.get(CHOSEN) or DEFAULT
    try:
        pair(state, folder, used)
    except AuditError:
        state.close()
        raise
    state.log_key = key_of(folder)  # made after the first tables: where there is a key, there were tables
    opened = Workspace(
        folder, state, checklists, rules, sources, engine=engine, calendar=load_calendar(content, couriers()),
        waiver_rules=load_waiver_rules(content), content=content,
    )
    sweep(opened.shops, lambda: {shop.id for shop in opened.state.shops()})
    return opened


def _was_used(folder: Path) -> bool:
    """Whether a database must be there: without one this would be a new beginning, and what was kept would seem never to have been."""
    return (folder / KEY).exists() or any(SHOP_FOLDER.fullmatch(path.name) for path in (folder / "shops").glob("*"))


@cache
def _rules_of(folder: Path, name: str) -> RulePacks:
    """Read when somebody asks: most shops are measured by the home platform alone."""
    return load_rules(folder, name)


def with_engine(workspace: Workspace, name: str | None) -> Workspace:
    """The same installation, counted by this engine (None: the one of $PDD_AUDIT_ENGINE). Raises AuditError when it cannot run here."""
    return replace(workspace, engine=usable(name))


def digest_of(*parts: object) -> str:
    """A short stable name of some values."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:32]
