"""Compact tables for the metric tests: sixteen dated parcels (D1) and 993 parcels as a histogram (D2)."""

from datetime import datetime
from typing import Any

import pandas as pd

from pdd_audit.core.tables import CompactTables, empty_tables

# D2: minute -> parcels
PICK_MATURE = {0: 14, 30: 96, 120: 210, 300: 168, 480: 126, 720: 84, 1020: 42, 1200: 30, 1380: 14, 1440: 4, 1441: 2, 1560: 9, 2100: 6}
PICK_FRESH = {0: 2, 30: 18, 120: 30, 300: 20, 480: 12, 720: 6, 1020: 2}
REFUND_MATURE, REFUND_FRESH = {240: 4, 900: 3, 1500: 1}, {240: 1}
OPEN = {45: 22, 180: 18, 360: 16, 600: 14, 900: 6, 1200: 3, 1410: 1, 1500: 5, 2400: 4}


def some_lags(*groups: tuple[str, bool, dict[int, int]], clock: str = "pickup") -> pd.DataFrame:
    rows = [(clock, "中通", kind, mature, minute, parcels) for kind, mature, counts in groups for minute, parcels in counts.items()]
    return pd.DataFrame(rows, columns=["clock", "courier", "kind", "mature", "minute", "parcels"])


def d2_lags() -> pd.DataFrame:
    return some_lags(
        ("event", True, PICK_MATURE), ("event", False, PICK_FRESH), ("refund", True, REFUND_MATURE), ("refund", False, REFUND_FRESH),
        ("open", False, {m: c for m, c in OPEN.items() if m < 1440}), ("open", True, {m: c for m, c in OPEN.items() if m >= 1440}),
    )


def some_cells(*rows: tuple[str, str, int, int, int], **more: Any) -> pd.DataFrame:
    """(courier, day, hour, mature, late); refunded may be given for all."""
    frame = pd.DataFrame(rows, columns=["courier", "day", "hour", "mature", "late"])
    return frame.assign(**{"shipped": frame["mature"], "refunded": 0, "late_open": 0, "cost_yuan": 0.0, "cost_open_yuan": 0.0, "stopped": False, "same_day": 0, **more})


def some_tables(**given: Any) -> CompactTables:
    base = vars(empty_tables())
    return CompactTables(**{**base, "as_of": datetime(2026, 3, 10, 20), "cut": datetime(2026, 3, 10, 18), **given})


def some_replies(*rows: tuple[float, float, float]) -> pd.DataFrame:
    """(inquiries, fewest missed, most missed) within 3 minutes."""
    frame = pd.DataFrame(rows, columns=["inquiries", "missed_3min_low", "missed_3min_high"])
    return frame.assign(day=pd.NaT, agent=None, missed_30s_low=float("nan"), missed_30s_high=float("nan"), mean_seconds=float("nan"), replies=frame["inquiries"])
