"""Reply speed from the service team's export: counts are added, percentages never averaged."""

import math

import numpy as np
import pandas as pd

from pdd_audit.core.measurement import Estimate, Measurement
from pdd_audit.core.reply_hours import LIMIT_SECONDS, QUICK_SECONDS
from pdd_audit.core.tables import CompactTables
from pdd_audit.metrics.intervals import MIN_VERDICT, wilson
from pdd_audit.metrics.registry import metric


def reply_share(replies: pd.DataFrame, limit: str) -> Estimate:
    """Share answered in time. ``limit``: "3min" | "30s". Where rounding leaves several counts possible, the interval spans them all."""
    rows = replies[replies["inquiries"].notna() & replies[f"missed_{limit}_low"].notna()]
    inquiries = float(rows["inquiries"].sum())
    if inquiries <= 0:
        return Estimate(value=None, n=0)
    fewest, most = float(rows[f"missed_{limit}_low"].sum()), float(rows[f"missed_{limit}_high"].sum())
    return Estimate(
        value=1 - (fewest + most) / 2 / inquiries, n=round(inquiries),
        low=1 - wilson(most, inquiries)[1], high=1 - wilson(fewest, inquiries)[0],
    )


def possible_misses(replies: pd.DataFrame, limit: str) -> tuple[float, float, float]:
    """(inquiries, fewest, most missed) over the rows that allow a count."""
    rows = replies[replies["inquiries"].notna() & replies[f"missed_{limit}_low"].notna()]
    return tuple(float(rows[name].sum()) for name in ("inquiries", f"missed_{limit}_low", f"missed_{limit}_high"))  # type: ignore[return-value]  # three names


def spare_misses(replies: pd.DataFrame, line: float) -> tuple[int, int]:
    """(fewest, most) further inquiries that may be missed before the 3-minute rate falls below ``line``; negative: as many had to be
    answered in time to reach it. The two differ where rounding leaves several counts possible."""
    inquiries, fewest, most = possible_misses(replies, "3min")
    allowed = math.floor((1 - line) * inquiries + 1e-9)
    return allowed - round(most), allowed - round(fewest)


def mean_of_days(replies: pd.DataFrame) -> float | None:
    """The mean of the daily 3-minute rates: wrong, because a day with few inquiries weighs as much as one with many. None for one day."""
    rates = rates_by(replies, "day")["ratio"]
    return float(rates.mean()) if len(rates) > 1 else None


def rates_by(replies: pd.DataFrame, key: str, limit: str = "3min") -> pd.DataFrame:
    """One row per value of a column: ``key``, ratio, low, high (kept form), inquiries, missed (in the middle of what rounding allows),
    fewest, most. Rows without the value are left out."""
    rows = replies[replies[key].notna() & replies["inquiries"].gt(0) & replies[f"missed_{limit}_low"].notna()]
    names = {"inquiries": "inquiries", f"missed_{limit}_low": "fewest", f"missed_{limit}_high": "most"}
    sums = rows.groupby(key, sort=True)[list(names)].sum().rename(columns=names).reset_index()
    ends = [
        (1 - wilson(most, n)[1], 1 - wilson(fewest, n)[0])
        for n, fewest, most in zip(sums["inquiries"], sums["fewest"], sums["most"], strict=True)
    ]
    missed = (sums["fewest"] + sums["most"]) / 2
    return sums.assign(
        ratio=1 - missed / sums["inquiries"], low=[low for low, _ in ends], high=[high for _, high in ends], missed=missed,
    )[[key, "ratio", "low", "high", "inquiries", "missed", "fewest", "most"]]


def turn_replies(turns: pd.DataFrame) -> pd.DataFrame:
    """Turns of a chat log (``TURN_COLUMNS``, within the hours that count) as reply rows of one inquiry each, with hour and weekday (0
    Monday); those that were not decided when the log ended are left out."""
    began, seconds = turns["began_at"], (turns["replied_at"] - turns["began_at"]).dt.total_seconds()
    decided = seconds.notna() | (began <= turns["seen_until"] - pd.Timedelta(seconds=LIMIT_SECONDS))
    late, slow = (~(seconds <= LIMIT_SECONDS)).astype(float), (~(seconds <= QUICK_SECONDS)).astype(float)
    frame = pd.DataFrame({
        "day": began.dt.normalize(), "hour": began.dt.hour, "weekday": began.dt.day_of_week, "agent": turns["agent"], "inquiries": 1.0,
        "missed_3min_low": late, "missed_3min_high": late, "missed_30s_low": slow, "missed_30s_high": slow,
        "mean_seconds": seconds, "replies": seconds.notna().astype(float),
    })
    return frame[decided]


def hourly(replies: pd.DataFrame) -> pd.DataFrame:
    """``turn_replies`` added up per day, hour and agent: as many rows as there are hours, however many turns."""
    counts = ["inquiries", *(f"missed_{limit}_{end}" for limit in ("3min", "30s") for end in ("low", "high")), "replies"]
    return replies.groupby(["day", "hour", "weekday", "agent"], dropna=False, as_index=False)[counts].sum()


SHIFTS = {"morning": (8, 13), "afternoon": (13, 18), "evening": (18, 23)}  # our own thirds of the day; a shop's rota is not in any file


def with_shift(replies: pd.DataFrame) -> pd.DataFrame:
    """``replies`` with an ``hour``, and beside it the ``shift`` it belongs to."""
    ends = [end for _, end in SHIFTS.values()]
    names = np.array(list(SHIFTS))
    return replies.assign(shift=names[np.searchsorted(ends, replies["hour"], side="right")])


def _measured(estimate: Estimate) -> Measurement:
    reason = None if estimate.n >= MIN_VERDICT else "too_early" if estimate.n else "no_data"
    return Measurement(value=estimate.value, n=estimate.n, low=estimate.low, high=estimate.high, reason=reason)  # type: ignore[arg-type]


@metric(unit="ratio", better="higher")
def reply_3min_ratio(tables: CompactTables) -> Measurement:
    """Share of buyers needing a human answer who got one within 3 minutes, 8:00 to 23:00."""
    return _measured(reply_share(tables.replies, "3min"))


@metric(unit="ratio", better="higher")
def reply_30s_ratio(tables: CompactTables) -> Measurement:
    """Share of buyers needing a human answer who got one within 30 seconds, 8:00 to 23:00."""
    return _measured(reply_share(tables.replies, "30s"))


@metric(unit="seconds", better="lower")
def reply_seconds_mean(tables: CompactTables) -> Measurement:
    """Mean seconds to a human answer, each row of the export weighted by its replies."""
    rows = tables.replies[tables.replies["mean_seconds"].notna() & (tables.replies["replies"] > 0)]
    weight = float(rows["replies"].sum())
    if weight <= 0:
        return Measurement(value=None, reason="no_data")
    mean = float((rows["mean_seconds"] * rows["replies"]).sum()) / weight
    return Measurement(value=mean, n=round(weight), reason=None if weight >= MIN_VERDICT else "too_early")
