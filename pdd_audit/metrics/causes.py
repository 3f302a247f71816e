"""Why parcels were late, as far as orders and scans can tell. One cause a parcel, first rule that fits."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pdd_audit.core.tables import CompactTables
from pdd_audit.metrics.intervals import wilson
from pdd_audit.metrics.waves import band_of, design_effect, wave_table

EVENING = 18  # uploads from this hour on usually wait for the next day's van
CAUSES = ("label_only", "missed_van", "late_upload", "no_handover_scan", "courier_stopped", "unknown")
FEWEST_SHARED = 20  # late parcels below which they are listed and not shared out
RECORD_CAUSES = 0.30  # a larger unknown part makes recording causes the first thing to do


@dataclass(frozen=True)
class Cause:
    """Late parcels of one cause in the period, with what they are expected to cost."""

    code: str
    orders: int
    yuan: float


def causes_of(tables: CompactTables) -> list[Cause]:
    """missed_van: its wave was missed; late_upload: uploaded at or after 18:00; no_handover_scan: never scanned at all; else unknown."""
    cells = tables.cells
    if cells.empty or not int(cells["late"].sum()):
        return []
    keyed = cells.assign(band=band_of(cells["hour"]))
    waves = wave_table(cells)[["courier", "day", "band", "missed"]]
    keyed = keyed.merge(waves, on=["courier", "day", "band"], how="left")
    missed = keyed["missed"].fillna(False).astype(bool)
    evening = ~missed & (keyed["hour"] >= EVENING)
    rest = ~missed & ~evening
    scanned_late, scanned_cost = keyed["late"] - keyed["late_open"], keyed["cost_yuan"] - keyed["cost_open_yuan"]
    found = [
        Cause("missed_van", *_late(keyed[missed])),
        Cause("late_upload", *_late(keyed[evening])),
        Cause("no_handover_scan", int(keyed.loc[rest, "late_open"].sum()), float(keyed.loc[rest, "cost_open_yuan"].sum())),
        Cause("unknown", int(scanned_late[rest].sum()), float(scanned_cost[rest].sum())),
    ]
    return [cause for cause in found if cause.orders]


def _late(cells: pd.DataFrame) -> tuple[int, float]:
    return int(cells["late"].sum()), float(cells["cost_yuan"].sum())


def days_covered(tables: CompactTables) -> float:
    """Length of the period behind the late parcels, in days; at least one."""
    mature = tables.cells[tables.cells["mature"] > 0]
    if mature.empty:
        return 1.0
    days = pd.to_datetime(mature["day"])
    return float((days.max() - days.min()).days + 1)


def primary_causes(judged: pd.DataFrame) -> pd.Series:
    """One cause a row of ``responsibility.judge``, the first that fits: label_only (its number was given back, or taken after the limit),
    late_upload (no van could come in time), courier_stopped, missed_van, late_upload (evening), no_handover_scan, unknown."""
    fits = [
        judged["rule"] == "no_label", judged["rule"] == "after_last_van", judged["reason"] == "courier_stopped",
        judged["missed"].astype(bool), judged["hour"] >= EVENING, ~judged["scanned"].astype(bool),
    ]
    names = ["label_only", "late_upload", "courier_stopped", "missed_van", "late_upload", "no_handover_scan"]
    return pd.Series(np.select(fits, names, "unknown"), index=judged.index)


@dataclass(frozen=True)
class CauseShare:
    """Late parcels of one cause. ``share`` of all late ones with its 95 % interval, ``cumulative`` down to here, and the same in yuan
    (None where no amount is known)."""

    code: str
    parcels: int
    share: float
    low: float
    high: float
    cumulative: float
    yuan: float
    yuan_share: float | None


@dataclass(frozen=True)
class Pareto:
    """``causes``: most parcels first, unknown last. ``exempt``: late parcels of exemption windows, on their own line. ``enough``: whether
    there are enough to speak of shares."""

    causes: tuple[CauseShare, ...]
    total: int
    yuan: float
    exempt: int

    @property
    def enough(self) -> bool:
        return self.total >= FEWEST_SHARED

    @property
    def record_first(self) -> bool:
        """Whether so much is unknown that recording causes comes first."""
        return any(cause.code == "unknown" and cause.share > RECORD_CAUSES for cause in self.causes)


def pareto(judged: pd.DataFrame, exempt: int = 0) -> Pareto:
    """``judged``: cause, parcels, yuan and what makes a wave (courier, day, band). Causes that come in waves are as uncertain as waves."""
    total, yuan = int(judged["parcels"].sum()), float(judged["yuan"].sum())
    sums = judged.groupby("cause")[["parcels", "yuan"]].sum()
    order = sorted(sums.index, key=lambda code: (code == "unknown", -int(sums.loc[code, "parcels"]), code))
    intervals = shares_in_waves(judged, "cause")
    causes, before = [], 0
    for code in order:
        parcels, cost = int(sums.loc[code, "parcels"]), float(sums.loc[code, "yuan"])
        before += parcels
        share_of_yuan = cost / yuan if yuan else None
        causes.append(CauseShare(str(code), parcels, parcels / total, *intervals[code], before / total, cost, share_of_yuan))
    return Pareto(tuple(causes), total, yuan, exempt)


def shares_in_waves(judged: pd.DataFrame, by: str) -> dict[str, tuple[float, float]]:
    """95 % interval of the share of every value of ``by``: Wilson on as many parcels as they are worth, given that those of one wave
    (courier, day, band) share their fate."""
    wave = judged.groupby(["courier", "day", "band"], dropna=False, sort=False).ngroup().to_numpy()
    parcels = judged["parcels"].to_numpy(dtype=float)
    n = np.bincount(wave, parcels)
    found = {}
    for value in judged[by].unique():
        x = np.bincount(wave, np.where(judged[by].to_numpy() == value, parcels, 0.0))
        deff = design_effect(n, x) if (n > 1).any() else 1.0
        found[str(value)] = wilson(float(x.sum()) / deff, float(n.sum()) / deff)
    return found
