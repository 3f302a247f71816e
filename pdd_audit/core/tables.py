"""The compact tables in which data and metrics meet: counts per group and whole minute. Their size does not grow with the orders.

Minute of an event = ceiling of its lag (24:00:00 is minute 1440 and in time, 24:00:01 is minute 1441 and late), 0 if it came
before its start; age of an open parcel = floor. Minutes above ``LAST_MINUTE`` share one bin.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

LAST_MINUTE = 4321

LAG_COLUMNS = ["clock", "courier", "kind", "mature", "minute", "parcels"]
CELL_COLUMNS = [
    "courier", "day", "hour", "shipped", "mature", "refunded", "late", "late_open", "cost_yuan", "cost_open_yuan",
    "stopped", "same_day",
]
SCAN_HOUR_COLUMNS = ["courier", "day", "hour", "parcels"]
OUTLET_COLUMNS = ["courier", "outlet", "mature", "late"]
PROMISE_COLUMNS = ["day", "due", "kept"]
REPLY_COLUMNS = [
    "day", "agent", "inquiries", "missed_3min_low", "missed_3min_high", "missed_30s_low", "missed_30s_high",
    "mean_seconds", "replies",
]
TURN_COLUMNS = ["began_at", "replied_at", "seen_until", "agent"]  # one buyer's turn of a chat log; not kept with the compact tables
FINE_COLUMNS = ["category", "code", "code_name", "link", "bookings", "orders", "yuan"]


@dataclass(frozen=True)
class Sample:
    """The rows behind a number: how many there are, and the first of their names (waybills, or day and agent)."""

    total: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class CompactTables:
    """Everything the metrics need, for one shop at one moment.

    ``lags``: clock (pickup | first_move | ship), courier, kind (event | refund | open), mature, minute, parcels.
    ``cells``: per courier, day and hour of upload: shipped, mature, mature refunded within the limit, mature and late, of these
    never collected (``late_open``), and what the late ones are expected to cost in yuan (0 where no amount is known); ``stopped``: whether
    the courier did not collect at all that day; ``same_day``: mature ones collected on the day of their upload, or before.
    ``scan_hours``: first scans per courier, day and hour.
    ``outlets``: mature and late parcels of outlets known from a scan; the rest under outlet None.
    ``promises``: orders whose promise has passed, per promised day.
    ``replies``: service rows with the counts that rounding allows. ``counts``: parcels at ``as_of`` and exclusions by reason.
    ``excluded``: parcels by reason; those of "refunded_before_limit" are out of every denominator and still compete as refunds in ``lags``.
    ``flags``: what the files cannot tell or tell with a bias, e.g. "cut_by_pickup_day", "no_pickups"; ``flag_values``: the values of
    their sentences. ``fines``: bookings of the bill per code and per what they name (link: known | elsewhere | unlinked), yuan taken.
    ``samples``: kind of rows (see ``core.lineage``) -> the rows behind a number.
    """

    as_of: datetime | None
    cut: datetime | None
    mature_until: datetime | None
    limit_minutes: int
    counts: Mapping[str, int]
    excluded: Mapping[str, int]
    flags: frozenset[str]
    lags: pd.DataFrame
    cells: pd.DataFrame
    outlets: pd.DataFrame
    promises: pd.DataFrame
    replies: pd.DataFrame
    scan_hours: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=SCAN_HOUR_COLUMNS))
    samples: Mapping[str, Sample] = field(default_factory=dict)
    flag_values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fines: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=FINE_COLUMNS))


def empty_tables() -> CompactTables:
    """The tables of a shop that has not imported anything."""
    return CompactTables(
        as_of=None, cut=None, mature_until=None, limit_minutes=1440, counts={}, excluded={}, flags=frozenset(),
        lags=pd.DataFrame(columns=LAG_COLUMNS), cells=pd.DataFrame(columns=CELL_COLUMNS),
        outlets=pd.DataFrame(columns=OUTLET_COLUMNS), promises=pd.DataFrame(columns=PROMISE_COLUMNS),
        replies=pd.DataFrame(columns=REPLY_COLUMNS),
    )
