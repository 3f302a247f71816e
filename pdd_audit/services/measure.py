"""From a shop's ledger to its compact tables, metrics and chart frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pdd_audit.core.coverage import snapshot_of, windows_of
from pdd_audit.core.figures import RulePacks
from pdd_audit.core.imports import ImportReport, Reading
from pdd_audit.core.tables import CompactTables, empty_tables
from pdd_audit.data.table_store import load_tables, store_tables
from pdd_audit.metrics import registry
from pdd_audit.metrics.pictures import draw
from pdd_audit.services.workspace import Measured, Workspace, digest_of

TABLES_VERSION = 2  # raise it whenever the compact tables change their meaning
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
        files = ",".join(sorted(report.sha256 for report in self.reports))
        return digest_of(TABLES_VERSION, files, sorted(self.readings.items()), self.as_of.isoformat(), rules_digest)


def load_engine() -> None:
    """Loads what counting needs, which takes a second; a caller that waits for something else does it meanwhile."""
    import pdd_audit.data.compact  # noqa: F401 - loading is the purpose


def ask_about(workspace: Workspace, shop_id: str, as_of: datetime | None) -> Ask | None:
    """What a shop's files allow to ask; None for a shop without files."""
    reports = workspace.ledger(shop_id).reports()
    moment = as_of or snapshot_of(reports)
    return None if moment is None else Ask(reports, workspace.state.readings(shop_id), moment)


def pickup_moment(ask: Ask) -> datetime:
    """For the pickup clock: the earlier of the snapshot and what the pickup sheets know (their own time, where they have one)."""
    stamps = [report.snapshot_at for report in ask.reports if report.kind == "courier_pickups" and report.snapshot_at]
    return min(ask.as_of, max(stamps)) if stamps else ask.as_of


def compact(workspace: Workspace, shop_id: str, ask: Ask | None) -> tuple[str, CompactTables]:
    """The key and the compact tables, from the cache when nothing changed."""
    if ask is None:
        return "empty", empty_tables()
    key = ask.key(digest_of(workspace.rules.model_dump_json()))
    folder = workspace.cache(shop_id)
    found = load_tables(folder, key)
    if found is None:
        found = _count(workspace, shop_id, ask)
        store_tables(folder, key, found)
    return key, found


def _count(workspace: Workspace, shop_id: str, ask: Ask) -> CompactTables:
    # imported here: the engine takes a second to load, and a score from the cache never needs it
    from pdd_audit.data.compact import compact_tables, replies_only, reply_rows

    ledger = workspace.ledger(shop_id)
    replies = reply_rows(ledger.paths("pdd_service"))
    if not ledger.paths("pdd_orders"):
        return replies_only(ask.as_of, replies)
    ground = ground_of(workspace, shop_id, ask)
    has_moves = any(MOVE_COLUMNS & report.columns.keys() for report in ask.reports if report.kind == "courier_pickups")
    return compact_tables(ground, replies, has_moves)


def ground_of(workspace: Workspace, shop_id: str, ask: Ask):  # type: ignore[no-untyped-def]  # Ground is imported late, see _count
    """The shop's parcels, ready to be asked."""
    from pdd_audit.data.compact import Ground
    from pdd_audit.data.lines import OrderFile, connect, keeper, lines_of
    from pdd_audit.data.parcels import Moment

    ledger = workspace.ledger(shop_id)
    as_of = pickup_moment(ask)
    pack = workspace.rules.pack_for(as_of.date())
    limit = pack.number("pickup_limit_hours")
    moment = Moment(
        as_of=as_of, cut=as_of - SCANS_ARRIVE_WITHIN, limit_minutes=round((USUAL_LIMIT_HOURS if limit is None else limit) * 60),
        needs_pickup_from=_pickup_needed_from(workspace.rules),
        fine_ratio=pack.number("false_shipment_ratio"), fine_min=pack.number("false_shipment_min_yuan"),
        fine_max=pack.number("false_shipment_max_yuan"), fine_floor=pack.value("compensation_rounding") == "floor_to_yuan",
    )
    folder = workspace.cache(shop_id) / "relations" / ask.key(digest_of(workspace.rules.model_dump_json()))
    engine = connect(workspace.cache(shop_id))
    kept = keeper(engine, folder)
    orders = [OrderFile(path, report.first_row, report.distinct) for path, report in ledger.files("pdd_orders")]
    lines = lines_of(engine, orders, ledger.paths("courier_pickups"), kept)
    return Ground(lines, windows_of(ask.reports, ask.readings, as_of), moment, kept)


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
    return workspace.remember(key, Measured(metrics, draw(tables)))
