"""Reply speed from the service team's export: counts are added, percentages never averaged."""

import pandas as pd

from pdd_audit.core.measurement import Estimate, Measurement
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


def _measured(estimate: Estimate) -> Measurement:
    reason = None if estimate.n >= MIN_VERDICT else "too_early" if estimate.n else "no_data"
    return Measurement(value=estimate.value, n=estimate.n, low=estimate.low, high=estimate.high, reason=reason)  # type: ignore[arg-type]


@metric(unit="ratio", better="higher", target=0.95)
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
