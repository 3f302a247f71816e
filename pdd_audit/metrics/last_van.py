"""Uploads before and after a courier's last van of the day.

Nobody has told us the timetable: the last van is the hour by which nearly all of the courier's own scans are made (``schedules_of``).
Uploads on a weekday without collection come after the last van. Days on which the courier had stopped say nothing.
"""

import pandas as pd

from pdd_audit.core.measurement import Measurement
from pdd_audit.core.tables import CompactTables
from pdd_audit.metrics.bias import bias_of
from pdd_audit.metrics.intervals import MIN_VERDICT, share
from pdd_audit.metrics.registry import metric
from pdd_audit.metrics.responsibility import schedules_of


@metric(unit="ratio", better="higher")
def same_day_pickup_ratio(tables: CompactTables) -> Measurement:
    """Share of mature parcels, uploaded before the courier's last van and not refunded before pickup, collected that same day."""
    uploads = _uploads(tables)
    before = uploads[~uploads["after"]]
    return _measured(int(before["same_day"].sum()), int((before["mature"] - before["refunded"]).sum()), tables)


@metric(unit="ratio", better="lower")
def uploads_after_cutoff_ratio(tables: CompactTables) -> Measurement:
    """Share of shipped parcels whose waybill was uploaded after the courier's last van of that day."""
    uploads = _uploads(tables)
    return _measured(int(uploads.loc[uploads["after"], "shipped"].sum()), int(uploads["shipped"].sum()), tables)


def _uploads(tables: CompactTables) -> pd.DataFrame:
    """The cells of couriers whose vans are known, with ``after``: uploaded when no van was to come any more that day."""
    vans = schedules_of(tables.scan_hours)
    cells = tables.cells[tables.cells["courier"].isin(list(vans)) & ~tables.cells["stopped"].astype(bool)]
    days = pd.to_datetime(cells["day"]).dt.date
    after = [
        vans[str(courier)].hours_to_next_van(day, int(hour)) > 0
        for courier, day, hour in zip(cells["courier"], days, cells["hour"], strict=True)
    ]
    return cells.assign(after=pd.Series(after, index=cells.index, dtype=bool))


def _measured(hits: int, base: int, tables: CompactTables) -> Measurement:
    """``too_early`` too while the couriers' scans are too few to learn their vans from."""
    found = share(hits, base)
    if found.value is None:
        return Measurement(None, reason="too_early" if len(tables.scan_hours) else "no_data")
    reason = bias_of(tables) or ("too_early" if found.n < MIN_VERDICT else None)
    return Measurement(found.value, found.n, found.low, found.high, reason=reason, mature_until=tables.mature_until)
