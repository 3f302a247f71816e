"""Promises kept, time to ship, and what the order export alone can tell."""

from dataclasses import replace

from pdd_audit.core.measurement import Estimate, Measurement
from pdd_audit.core.tables import CompactTables
from pdd_audit.metrics.bias import SPOIL_SHIPPING, shipping_bias_of
from pdd_audit.metrics.intervals import MIN_VERDICT, share
from pdd_audit.metrics.pickup import in_hours, lags_of
from pdd_audit.metrics.registry import metric
from pdd_audit.metrics.survival import counts_of, quantile_minutes, survival_curve

NO_SCANS = {"no_pickups", "no_overlap"}
MOST_UNSEEN = 0.05  # of all due orders; above that nothing firm is said


def _measured(estimate: Estimate, minimum: int = MIN_VERDICT) -> Measurement:
    reason = None if estimate.n >= minimum else "too_early" if estimate.n else "no_data"
    return Measurement(value=estimate.value, n=estimate.n, low=estimate.low, high=estimate.high, reason=reason)  # type: ignore[arg-type]


@metric(unit="ratio", better="higher")
def promise_kept_ratio(tables: CompactTables) -> Measurement:
    """Share of orders with a promise already due that were shipped by it, and collected by it where the rules ask for that.

    Orders whose pickup nobody could have seen are left out, but those never uploaded are not: without any sheet of pickups only misses
    would be left, so nothing is said then."""
    due, kept = int(tables.promises["due"].sum()), int(tables.promises["kept"].sum())
    unseen = tables.counts.get("promise_unseen", 0)
    if unseen and tables.flags & NO_SCANS:
        return Measurement(value=None, n=due, reason="no_data")
    measured = _measured(share(kept, due))
    bias = shipping_bias_of(tables)
    if bias is None and "partial_coverage" in tables.flags and unseen > MOST_UNSEEN * (due + unseen):
        bias = "not_trusted"
    return measured if bias is None else Measurement(measured.value, measured.n, measured.low, measured.high, reason=bias)


@metric(unit="hours", better="lower")
def ship_hours_p50(tables: CompactTables) -> Measurement:
    """Hours from confirmation to waybill upload by which half of the orders were shipped; unshipped orders count as waiting."""
    curve = survival_curve(counts_of(lags_of(tables, "ship")), refunds_end_waiting=False)
    estimate = in_hours(quantile_minutes(curve, 0.50))
    if estimate.value is None:
        return Measurement(value=None, n=curve.n, reason="too_early" if curve.n else "no_data")
    measured = _measured(estimate)
    return replace(measured, reason="not_trusted") if tables.flags & SPOIL_SHIPPING else measured


@metric(unit="ratio", better="lower")
def courier_share_max(tables: CompactTables) -> Measurement:
    """Largest share of the shipped parcels that one courier carries."""
    by_courier = tables.cells.groupby("courier", dropna=False)["shipped"].sum()
    total = int(by_courier.sum())
    return _measured(share(int(by_courier.max()), total) if total else Estimate(None))


@metric(unit="ratio", better="lower")
def other_courier_ratio(tables: CompactTables) -> Measurement:
    """Share of shipped parcels uploaded under "other courier" (其他) instead of the real one."""
    total = int(tables.cells["shipped"].sum())
    other = int(tables.cells.loc[tables.cells["courier"] == "其他", "shipped"].sum())
    return _measured(share(other, total))


@metric(unit="count", better="lower")
def waybill_reuse_count(tables: CompactTables) -> Measurement:
    """Waybill numbers found on orders more than a day apart."""
    shipped = tables.counts.get("shipped", 0)
    if not shipped:
        return Measurement(value=None, reason="no_data")
    return Measurement(value=float(tables.counts.get("reused_waybills", 0)), n=shipped)
