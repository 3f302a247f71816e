"""Who or what the late parcels come from: everything the Couriers page draws, and the single late parcels with what was found of each."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from pdd_audit.core.filters import ALL, Filters
from pdd_audit.core.people import Right
from pdd_audit.core.spreadsheet import safe_cell
from pdd_audit.metrics.bias import bias_of
from pdd_audit.metrics.causes import Pareto, pareto
from pdd_audit.metrics.couriers import Compared, Comparison, OutletCompared, by_band, compare, compare_outlets, with_day_type
from pdd_audit.metrics.funnel import Funnel, funnel
from pdd_audit.metrics.responsibility import RULES, Responsibility, Schedule, judge, responsibility, schedules_of
from pdd_audit.metrics.scans import ScanCheck, scans_to_check
from pdd_audit.metrics.shrinkage import Prior, prior_of, shrunk
from pdd_audit.metrics.waves import MISSED_MIN, MISSED_SHARE, ClusterRobust, MissedVan, Split, cluster_robust, split_waves
from pdd_audit.services.access import needs
from pdd_audit.services.calendars import calendar_of
from pdd_audit.services.details import detail_tables, filtered
from pdd_audit.services.measure import Ask, ask_about, has_moves
from pdd_audit.services.overlay import target_of
from pdd_audit.services.rows import list_rows
from pdd_audit.services.workspace import Workspace

__all__ = [
    "MISSED_MIN", "MISSED_SHARE", "RULES",
    "Compared", "Comparison", "CouriersLook", "Funnel", "MissedVan", "Pareto", "Ranking", "Responsibility", "ScanCheck", "Split",
    "as_csv", "judged_breaches", "late_parcels", "look_at_couriers",
]
MINUTES_AN_HOUR = 60
FEWEST_UNITS = 2
SHOWN = (
    "waybill", "order_no", "courier", "outlet", "shipped_at", "picked_up_at", "cause", "party", "rule", "reason", "file", "source_row",
)


@dataclass(frozen=True)
class Ranking:
    """Outlets (couriers where no outlet is known) by the chance that their rate lies above ``line``. ``units``: name, courier, late,
    parcels, raw, shrunk, low, high (90 %), above, unscanned_high (the rate with all unscanned parcels of the courier), where (in the
    funnel), van_late (late parcels of missed vans). ``funnel`` None: nothing or everything was late."""

    units: pd.DataFrame
    funnel: Funnel | None
    prior: Prior
    line: float
    by_outlet: bool


@dataclass(frozen=True)
class CouriersLook:
    """``parcels``: mature ones, ``late`` of them. ``trusted``: whether the files allow to believe any of it. Parts that need more than
    there is are None or empty. ``bands``: couriers whose one number misleads -> ``metrics.couriers.by_band``."""

    parcels: int
    late: int
    limit_hours: float
    trusted: bool
    split: Split
    robust: ClusterRobust | None
    couriers: Comparison | None
    bands: Mapping[str, pd.DataFrame]
    outlets: tuple[OutletCompared, ...]
    ranking: Ranking | None
    causes: Pareto | None
    parties: Responsibility | None
    schedules: dict[str, Schedule]
    scans: ScanCheck
    labels_known: bool

    @property
    def misleading(self) -> tuple[Compared, ...]:
        """Couriers that look worse than the others, and do not at a like mix."""
        units = self.couriers.units if self.couriers else ()
        return tuple(unit for unit in units if unit.simpson and unit.against.crude_difference > 0 and not unit.worse)

    @property
    def worse_outlets(self) -> tuple[OutletCompared, ...]:
        return tuple(outlet for outlet in self.outlets if outlet.worse)

    @property
    def worse_couriers(self) -> tuple[Compared, ...]:
        return tuple(unit for unit in (self.couriers.units if self.couriers else ()) if unit.worse)


@needs(Right.LOOK)
def look_at_couriers(workspace: Workspace, shop_id: str, filters: Filters) -> CouriersLook:
    """Raises AuditError when the engine cannot run."""
    ask = ask_about(workspace, shop_id, None)
    _, tables = filtered(workspace, shop_id, ask, filters)
    found = detail_tables(workspace, shop_id, ask, ["mix", "breaches", "scans"], filters)
    mix, breaches = found["mix"], found["breaches"]
    whole, schedules = _whole(workspace, shop_id, ask)
    split = split_waves(mix, whole=whole.waves) if filters else whole
    calendar = calendar_of(workspace, shop_id)
    typed = with_day_type(mix, calendar.day_type)
    parcels, late = int(mix["parcels"].sum()), int(mix["late"].sum())
    limit_hours = tables.limit_minutes / MINUTES_AN_HOUR
    judged = judge(breaches, whole.waves, schedules, limit_hours)
    some = 0 < late < parcels
    couriers = compare(typed, "courier") if some else None
    units = couriers.units if couriers else ()
    bands = {unit.name: by_band(mix, unit.name) for unit in units if unit.simpson or unit.uneven}
    return CouriersLook(
        parcels=parcels, late=late, limit_hours=limit_hours, trusted=bias_of(tables) is None,
        split=split,
        robust=cluster_robust(split.waves["parcels"].to_numpy(), split.waves["late"].to_numpy()) if some and len(split.waves) > 1 else None,
        couriers=couriers, bands=bands,
        outlets=compare_outlets(typed) if some else (),
        ranking=_ranking(mix, split, target_of(workspace, shop_id, "pickup_24h_ratio")) if parcels else None,
        causes=_causes(judged) if len(judged) else None,
        parties=responsibility(judged, late / parcels if parcels else None) if len(judged) else None,
        schedules=schedules, scans=scans_to_check(found["scans"], ask is not None and has_moves(ask)),
        labels_known=bool(breaches["label"].notna().any()),
    )


@needs(Right.LOOK)
def judged_breaches(workspace: Workspace, shop_id: str, filters: Filters) -> pd.DataFrame:
    """Late parcels by courier, outlet, day and hour with what was found of them; see ``metrics.responsibility.judge``."""
    ask = ask_about(workspace, shop_id, None)
    whole, schedules = _whole(workspace, shop_id, ask)
    _, tables = filtered(workspace, shop_id, ask, filters)
    breaches = detail_tables(workspace, shop_id, ask, ["breaches"], filters)["breaches"]
    return judge(breaches, whole.waves, schedules, tables.limit_minutes / MINUTES_AN_HOUR)


def _whole(workspace: Workspace, shop_id: str, ask: Ask | None) -> tuple[Split, dict[str, Schedule]]:
    """Waves and schedules of all parcels: whether a van came does not depend on which part of them one looks at."""
    tables = detail_tables(workspace, shop_id, ask, ["mix", "pickup_hours"], ALL)
    calendar = calendar_of(workspace, shop_id)
    return split_waves(tables["mix"], calendar.is_stopped), schedules_of(tables["pickup_hours"])


def _causes(judged: pd.DataFrame) -> Pareto | None:
    exempt = judged["rule"] == "exempt"
    rest = judged[~exempt]
    return pareto(rest, int(judged.loc[exempt, "parcels"].sum())) if len(rest) else None


def _ranking(mix: pd.DataFrame, split: Split, target: float | None) -> Ranking | None:
    known = mix.dropna(subset=["courier"])
    by_outlet = known.dropna(subset=["outlet"]).groupby(["courier", "outlet"]).ngroups >= FEWEST_UNITS
    keys = ["courier", "outlet"] if by_outlet else ["courier"]
    units = known.dropna(subset=keys).groupby(keys, as_index=False)[["parcels", "late"]].sum()
    if len(units) < FEWEST_UNITS:
        return None
    units = units.assign(name=units["outlet"] if by_outlet else units["courier"], unscanned_high=units["late"] / units["parcels"])
    if by_outlet:
        lost = known[known["outlet"].isna()].groupby("courier")[["parcels", "late"]].sum().reindex(units["courier"]).fillna(0)
        high = (units["late"].to_numpy() + lost["late"].to_numpy()) / (units["parcels"].to_numpy() + lost["parcels"].to_numpy())
        units = units.assign(unscanned_high=high)
    assert target is not None, "the limit of the headline metric"
    line = 1 - target
    late, parcels = int(units["late"].sum()), int(units["parcels"].sum())
    shape = funnel(units) if 0 < late < parcels else None
    units = units.assign(where="inside" if shape is None else shape.units["where"])
    vans = [(van.courier, van.outlet, van.late) for van in split.vans]
    held = [
        sum(late for courier, outlet, late in vans if courier == row.courier and (not by_outlet or outlet == row.name))
        for row in units[["courier", "name"]].itertuples(index=False)
    ]
    units = units.assign(van_late=held)
    prior = prior_of(units["late"].to_numpy(), units["parcels"].to_numpy())
    return Ranking(shrunk(units, line, prior), shape, prior, line, by_outlet)


@needs(Right.LOOK)
def late_parcels(workspace: Workspace, shop_id: str, filters: Filters, party: str = "", cause: str = "") -> pd.DataFrame:
    """The late parcels one by one, with the rule that fired (``rule``, ``party``, ``reason``) and the ``cause``; only those of a party or
    a cause where one is named. Oldest first."""
    rows = list_rows(workspace, shop_id, "breaches", None, filters)
    if rows.empty:
        return rows
    ask = ask_about(workspace, shop_id, None)
    whole, schedules = _whole(workspace, shop_id, ask)
    _, tables = filtered(workspace, shop_id, ask, filters)
    uploaded = pd.to_datetime(rows["shipped_at"])
    facts = rows.assign(scanned=rows["seen"], day=uploaded.dt.normalize(), hour=uploaded.dt.hour, parcels=1, yuan=0.0)
    judged = judge(facts, whole.waves, schedules, tables.limit_minutes / MINUTES_AN_HOUR)
    chosen = (judged["party"] == party) | (not party)
    chosen &= (judged["cause"] == cause) | (not cause)
    return judged.loc[chosen, list(SHOWN)].reset_index(drop=True)


def as_csv(frame: pd.DataFrame) -> bytes:
    """CSV with BOM; every cell quoted, none starting a formula, long numbers kept as text."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(frame.columns)
    writer.writerows([safe_cell(value) for value in row] for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False))
    return text.getvalue().encode("utf-8-sig")
