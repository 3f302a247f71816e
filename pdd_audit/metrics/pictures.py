"""Small frames for the charts, from the same compact tables and the same estimators as the metrics."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pdd_audit.core.measurement import Estimate
from pdd_audit.core.tables import CompactTables
from pdd_audit.metrics.intervals import kept, wilson
from pdd_audit.metrics.pickup import mature_rate, pickup_curve
from pdd_audit.metrics.service import reply_share
from pdd_audit.metrics.survival import MIN_PARCELS
from pdd_audit.metrics.waves import wave_table

CURVE_MINUTES = 72 * 60
CURVE_STEP = 10
TWO_HOURS = 2


@dataclass(frozen=True)
class Pictures:
    """What the charts draw. Ratios are the kept form; ``low``/``high`` are 95 % limits; any frame may be empty.

    ``pickup_curve``: hour, open_share, low, high (up to 72 h after the upload). ``daily``: day, ratio, low, high, parcels, late,
    mature (bool: the whole day is settled). ``hour_weekday``: weekday (0 Monday), band ("08–10"), parcels, late, share, low, high.
    ``couriers``: courier, ratio, low, high, parcels, late. ``outlets``: the same with outlet (None: never scanned).
    ``replies``: day, ratio, low, high, inquiries, missed. ``agents``: the same per agent.
    ``waves``: courier, day, band, parcels, late, missed.
    """

    pickup_curve: pd.DataFrame
    daily: pd.DataFrame
    hour_weekday: pd.DataFrame
    couriers: pd.DataFrame
    outlets: pd.DataFrame
    replies: pd.DataFrame
    agents: pd.DataFrame
    waves: pd.DataFrame


def draw(tables: CompactTables) -> Pictures:
    """All frames of one shop."""
    return Pictures(
        pickup_curve=_curve(tables), daily=_daily(tables), hour_weekday=_hour_weekday(tables),
        couriers=_rates(tables.cells, ["courier"], _late_share).sort_values("ratio", ignore_index=True),
        outlets=_outlets(tables), replies=_replies(tables.replies, "day"), agents=_replies(tables.replies, "agent"),
        waves=wave_table(tables.cells),
    )


def _curve(tables: CompactTables) -> pd.DataFrame:
    curve = pickup_curve(tables)
    if curve.n < MIN_PARCELS:
        return pd.DataFrame(columns=["hour", "open_share", "low", "high"])
    watched = np.flatnonzero(curve.at_risk > 0)
    minutes = np.arange(0, min(CURVE_MINUTES, int(watched[-1])) + 1, CURVE_STEP)
    return pd.DataFrame({"hour": minutes / 60, "open_share": curve.share[minutes], "low": curve.low[minutes], "high": curve.high[minutes]})


def _late_share(cells: pd.DataFrame) -> tuple[Estimate, int, int]:
    rate = mature_rate(cells)
    return kept(rate), rate.n, int(cells["late"].sum())


def _rates(
    frame: pd.DataFrame, keys: list[str], measure: Callable[[pd.DataFrame], tuple[Estimate, int, int]]
) -> pd.DataFrame:
    rows = []
    for key, cells in frame.groupby(keys, dropna=False, sort=True):
        estimate, parcels, late = measure(cells)
        if estimate.value is not None:
            names = key if isinstance(key, tuple) else (key,)
            rows.append([*names, estimate.value, estimate.low, estimate.high, parcels, late])
    return pd.DataFrame(rows, columns=[*keys, "ratio", "low", "high", "parcels", "late"])


def _daily(tables: CompactTables) -> pd.DataFrame:
    frame = _rates(tables.cells, ["day"], _late_share)
    if frame.empty or tables.cut is None:
        return frame.assign(mature=pd.Series(dtype=bool))
    end_of_day = pd.to_datetime(frame["day"]) + pd.Timedelta(days=1)
    settled = end_of_day <= pd.Timestamp(tables.cut) - pd.Timedelta(minutes=tables.limit_minutes)
    return frame.assign(day=pd.to_datetime(frame["day"]), mature=settled)


def _hour_weekday(tables: CompactTables) -> pd.DataFrame:
    columns = ["weekday", "band", "parcels", "late", "share", "low", "high"]
    if tables.cells.empty:
        return pd.DataFrame(columns=columns)
    start = tables.cells["hour"].astype(int) // TWO_HOURS * TWO_HOURS
    cells = tables.cells.assign(
        weekday=pd.to_datetime(tables.cells["day"]).dt.day_of_week, parcels=tables.cells["mature"] - tables.cells["refunded"],
        band=[f"{hour:02d}–{hour + TWO_HOURS:02d}" for hour in start],
    )
    grouped = cells.groupby(["weekday", "band"], as_index=False)[["parcels", "late"]].sum()
    grouped = grouped[grouped["parcels"] > 0].reset_index(drop=True)
    ends = [wilson(float(late), float(parcels)) for late, parcels in zip(grouped["late"], grouped["parcels"], strict=True)]
    lows, highs = [low for low, _ in ends], [high for _, high in ends]
    return grouped.assign(share=grouped["late"] / grouped["parcels"], low=lows, high=highs)[columns]


def _outlets(tables: CompactTables) -> pd.DataFrame:
    frame = tables.outlets.assign(refunded=0)
    return _rates(frame, ["courier", "outlet"], _late_share).sort_values("ratio", ignore_index=True)


def _replies(replies: pd.DataFrame, key: str) -> pd.DataFrame:
    rows = []
    for name, group in replies[replies[key].notna()].groupby(key, sort=True):
        estimate = reply_share(group, "3min")
        if estimate.value is not None:
            missed = float(group["missed_3min_low"].sum() + group["missed_3min_high"].sum()) / 2
            rows.append([name, estimate.value, estimate.low, estimate.high, estimate.n, round(missed)])
    return pd.DataFrame(rows, columns=[key, "ratio", "low", "high", "inquiries", "missed"])
