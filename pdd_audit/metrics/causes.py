"""Why parcels were late, as far as orders and scans can tell. One cause a parcel, first rule that fits."""

from dataclasses import dataclass

import pandas as pd

from pdd_audit.core.tables import CompactTables
from pdd_audit.metrics.waves import band_of, wave_table

EVENING = 18  # uploads from this hour on usually wait for the next day's van


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
