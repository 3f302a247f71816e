"""From a shop's ledger to its compact tables, metrics and chart frames."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from pdd_audit.core.coverage import flags_of, snapshot_of, windows_of
from pdd_audit.core.figures import RulePacks
from pdd_audit.core.imports import ImportReport, Kind, Reading
from pdd_audit.core.people import Right
from pdd_audit.core.tables import CompactTables, empty_tables
from pdd_audit.core.working_days import Calendar
from pdd_audit.data.relations.table_store import load_tables, store_tables
from pdd_audit.data.storage.ledger import Ledger
from pdd_audit.metrics import registry
from pdd_audit.metrics.pictures import draw
from pdd_audit.services.access import needs
from pdd_audit.services.calendars import calendar_flag, calendar_years, days_noted, days_off_of, first_day
from pdd_audit.services.measured import Measured
from pdd_audit.services.moment import once
from pdd_audit.services.rules import rules_of
from pdd_audit.services.workspace import Workspace, digest_of

if TYPE_CHECKING:
    from pdd_audit.data.relations.compact import Ground
    from pdd_audit.data.relations.engines import Engine
    from pdd_audit.data.relations.neighbours import Neighbours

TABLES_VERSION = 8  # raise it whenever the compact tables change their meaning
SCANS_ARRIVE_WITHIN = timedelta(hours=2)
MOVE_COLUMNS = {"first_move_at", "hub_scan_at", "hub_handover_at"}  # columns of a pickup sheet that show a first move
USUAL_LIMIT_HOURS = 24  # the limit in the name of the offence; used only if a rule pack does not know it


@dataclass(frozen=True)
class Ask:
    """What is to be measured: the files, how they are read, and the moment."""

    reports: Sequence[ImportReport]
    readings: Mapping[str, Reading]
    as_of: datetime

    def key(self, rules_digest: str) -> str:
        """Names everything the tables depend on."""
        until = {report.version: "" if report.snapshot_at else f" {report.newest_event}" for report in self.reports}
        files = ",".join(sorted(f"{version}{event}" for version, event in until.items()))
        return digest_of(TABLES_VERSION, files, sorted(self.readings.items()), self.as_of.isoformat(), rules_digest)


def load_engine() -> None:
    """Loads what counting needs, which takes a second; a caller that waits for something else does it meanwhile."""
    import pdd_audit.data.relations.compact
    import pdd_audit.data.relations.engines.duckdb_engine  # noqa: F401 - loading is the purpose


@needs(Right.LOOK)
def ask_about(workspace: Workspace, shop_id: str, as_of: datetime | None) -> Ask | None:
    """What a shop's files allow to ask; None for a shop without files."""
    reports = workspace.ledger(shop_id).reports()
    moment = as_of or snapshot_of(reports)
    return None if moment is None else Ask(reports, workspace.state.readings(shop_id), moment)


@needs(Right.LOOK)
def as_of_files(workspace: Workspace, shop_id: str) -> datetime | None:
    """The moment of which the shop's numbers will speak, as its files tell it before anything is counted; None for a shop without files."""
    ask = ask_about(workspace, shop_id, None)
    if ask is None:
        return None
    return pickup_moment(ask) if any(report.kind == "pdd_orders" for report in ask.reports) else ask.as_of


@needs(Right.LOOK)
def key_of(workspace: Workspace, shop_id: str, ask: Ask) -> str:
    """Names everything the tables of a shop depend on: its files, the rules and the calendar."""
    return ask.key(ruled_by(workspace, shop_id))


@needs(Right.LOOK)
def ruled_by(workspace: Workspace, shop_id: str) -> str:
    """Names what a shop is measured by: the platform's figures and the calendar, its own word on both included, and the export times it
    has stated."""
    return once(("ruled_by", workspace.home, workspace.content, shop_id), lambda: _ruled_by(workspace, shop_id))


def _ruled_by(workspace: Workspace, shop_id: str) -> str:
    own, stated = days_noted(workspace, shop_id), sorted(workspace.ledger(shop_id).stated.items())
    return digest_of(rules_of(workspace, shop_id).model_dump_json(), own.calendar.key, own.waivers, *([stated] if stated else []))


def pickup_moment(ask: Ask) -> datetime:
    """For the pickup clock: the earlier of the snapshot and what the pickup sheets know (their own time, where they have one)."""
    stamps = [report.snapshot_at for report in ask.reports if report.kind == "courier_pickups" and report.snapshot_at]
    return min(ask.as_of, max(stamps)) if stamps else ask.as_of


@needs(Right.LOOK)
def compact(workspace: Workspace, shop_id: str, ask: Ask | None) -> tuple[str, CompactTables]:
    """The key and the compact tables, from the cache when nothing changed."""
    if ask is None:
        return "empty", empty_tables()
    key = key_of(workspace, shop_id, ask)
    known = workspace.measured.get(key)
    if known is not None:
        return key, known.tables
    folder = workspace.cache(shop_id)
    found = load_tables(folder, key)
    if found is None:
        found = _with_flags(_count(workspace, shop_id, ask), ask, days_noted(workspace, shop_id).calendar)
        store_tables(folder, key, found)
    return key, found


def _with_flags(tables: CompactTables, ask: Ask, calendar: Calendar) -> CompactTables:
    """What the files' own reports tell against them, beside what their rows told."""
    files = {report.sha256: report.file for report in ask.reports}
    told = {flag: {name: files.get(value, value) for name, value in values.items()} for flag, values in tables.flag_values.items()}
    flags = {**told, **flags_of(ask.reports, ask.as_of), **calendar_flag(calendar, ask.reports, ask.as_of)}
    return replace(tables, flags=frozenset(flags), flag_values=flags)


def _count(workspace: Workspace, shop_id: str, ask: Ask) -> CompactTables:
    # imported here: the engine takes a second to load, and a score from the cache never needs it
    from pdd_audit.data.relations.compact import compact_tables, without_orders
    from pdd_audit.data.relations.replies import reply_rows

    ledger = workspace.ledger(shop_id)
    replies = reply_rows(ledger.paths("pdd_service"), ledger.stated)
    if not ledger.paths("pdd_orders"):
        with _counting(workspace, shop_id) as engine:
            return without_orders(ask.as_of, replies, _neighbours(engine, ledger))
    with ground_of(workspace, shop_id, ask) as ground:
        return compact_tables(ground, replies, has_moves(ask))


@contextmanager
def _counting(workspace: Workspace, shop_id: str) -> Iterator["Engine"]:
    """The engine, by which a file was exported when the shop says it was."""
    from pdd_audit.data.relations.engines import opened

    stated = workspace.ledger(shop_id).stated
    with opened(workspace.engine, workspace.cache(shop_id), workspace.home) as engine:
        if not stated:
            yield engine
            return
        from pdd_audit.data.relations.exported import Restated

        yield Restated(engine, stated)


def has_moves(ask: Ask) -> bool:
    """Whether any pickup sheet has a column for the first move at all."""
    return any(MOVE_COLUMNS & report.columns.keys() for report in ask.reports if report.kind == "courier_pickups")


def _neighbours(engine: "Engine", ledger: Ledger) -> "Neighbours":
    """The rows beside the orders."""
    from pdd_audit.data.relations.neighbours import read_neighbours

    kinds: tuple[Kind, ...] = ("courier_pickups", "pdd_after_sales", "waybill_labels", "pdd_bill", "pdd_violations")
    return read_neighbours(engine, {kind: ledger.paths(kind) for kind in kinds})


@needs(Right.LOOK)
@contextmanager
def ground_of(workspace: Workspace, shop_id: str, ask: Ask) -> Iterator["Ground"]:
    """The shop's parcels, ready to be asked. Raises AuditError when the engine cannot run."""
    from pdd_audit.data.relations.compact import Ground
    from pdd_audit.data.relations.lines import OrderFile, lines_of
    from pdd_audit.data.relations.parcels import Moment

    ledger = workspace.ledger(shop_id)
    as_of = pickup_moment(ask)
    rules = rules_of(workspace, shop_id)
    pack = rules.pack_for(as_of.date())
    limit = pack.number("pickup_limit_hours")
    days = days_noted(workspace, shop_id)
    years = calendar_years(days.calendar, ask.reports, as_of)
    moment = Moment(
        as_of=as_of, cut=as_of - SCANS_ARRIVE_WITHIN, limit_minutes=round((USUAL_LIMIT_HOURS if limit is None else limit) * 60),
        needs_pickup_from=_pickup_needed_from(rules),
        fine_ratio=pack.number("false_shipment_ratio"), fine_min=pack.number("false_shipment_min_yuan"),
        fine_max=pack.number("false_shipment_max_yuan"), fine_floor=pack.value("compensation_rounding") == "floor_to_yuan",
        waivers=days.waivers_since(first_day(ask.reports)), stops=days.calendar.stops,
        days_off=days_off_of(days.calendar, years), calendar_years=years,
    )
    kept_in = workspace.cache(shop_id) / "relations" / key_of(workspace, shop_id, ask)
    files = ledger.files("pdd_orders")
    orders = [
        OrderFile(
            path, report.first_row, report.distinct, report.source == "pdd_orders",
            seen_until=None if report.snapshot_at else report.seen_until, columns=report.columns.keys(),
        )
        for path, report in files
    ]
    with _counting(workspace, shop_id) as engine:
        kept, beside = partial(engine.kept, None if workspace.passing else kept_in), _neighbours(engine, ledger)
        lines = lines_of(engine, orders, ledger.paths("courier_pickups"), kept, beside)
        yield Ground(lines, windows_of(ask.reports, ask.readings, as_of), moment, kept, beside)


def _pickup_needed_from(rules: RulePacks) -> datetime | None:
    """From which confirmation day on an order must also be collected by its promise; None if no pack asks for it."""
    starts = [pack.valid_from or "1970-01-01" for pack in rules.packs]
    asking = [start for start in starts if rules.figure("promise_needs_pickup", date.fromisoformat(start)).value]
    return datetime.fromisoformat(min(asking)) if asking else None


def measure(workspace: Workspace, key: str, tables: CompactTables) -> Measured:
    """Every metric and every chart frame of the tables; remembered while the tables stay the same."""
    found = workspace.measured.get(key)
    if found is not None:
        return found
    metrics = {name: metric.compute(tables) for name, metric in registry.items()}
    return workspace.remember(key, Measured(tables, metrics, draw(tables)))
