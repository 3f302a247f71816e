"""The pickup clock (waybill uploaded -> first pickup scan) and what follows the pickup."""

from dataclasses import replace

import pandas as pd

from pdd_audit.core.measurement import Estimate, Measurement, Reason
from pdd_audit.core.tables import CompactTables
from pdd_audit.metrics.bias import bias_of
from pdd_audit.metrics.intervals import MIN_VERDICT, kept, share
from pdd_audit.metrics.registry import metric
from pdd_audit.metrics.survival import Curve, counts_of, late_given_not_refunded, quantile_minutes, survival_curve, waiting_at
from pdd_audit.metrics.waves import rate_with_waves

PICKUP_CLOCK = "pickup"
MOVE_CLOCK = "first_move"


def lags_of(tables: CompactTables, clock: str) -> pd.DataFrame:
    """The rows of one clock."""
    return tables.lags[tables.lags["clock"] == clock]


def pickup_curve(tables: CompactTables) -> Curve:
    """All-cause curve of the pickup clock: a refund before pickup ends the waiting too."""
    return survival_curve(counts_of(lags_of(tables, PICKUP_CLOCK)), refunds_end_waiting=True)


def _totals(cells: pd.DataFrame) -> tuple[int, int]:
    """(late, mature and not refunded in time) of a table of cells."""
    return int(cells["late"].sum()), int(cells["mature"].sum() - cells["refunded"].sum())


def mature_rate(cells: pd.DataFrame) -> Estimate:
    """Late share of the mature parcels not refunded in time, with its Wilson interval."""
    late, base = _totals(cells)
    return share(late, base)


def _as_measurement(estimate: Estimate, tables: CompactTables, minimum: int = 1) -> Measurement:
    reason: Reason | None = bias_of(tables)
    if estimate.value is None:
        reason = reason or ("too_early" if estimate.n else "no_data")
    elif reason is None and estimate.n < minimum:
        reason = "too_early"
    return Measurement(estimate.value, estimate.n, estimate.low, estimate.high, reason=reason, mature_until=tables.mature_until)


@metric(unit="ratio", better="higher")
def pickup_24h_ratio(tables: CompactTables) -> Measurement:
    """Share of mature parcels, not refunded before pickup, whose first pickup scan came within the limit after the waybill upload."""
    estimates = _five_estimates(tables)
    headline = estimates["mature"]
    waves = rate_with_waves(tables.cells)
    if waves is not None:
        headline = kept(Estimate(value=waves.rate, n=waves.n, low=waves.low, high=waves.high))
    headline = _with_unknown_refunds(headline, tables)
    return replace(_as_measurement(headline, tables, MIN_VERDICT), estimates=estimates)


def _with_unknown_refunds(ratio: Estimate, tables: CompactTables) -> Estimate:
    """The interval widened to both readings of parcels refunded unscanned at an unknown time: all closed in time, or all late."""
    unknown = tables.counts.get("refund_time_unknown", 0)
    if not unknown or ratio.value is None or ratio.low is None:
        return ratio
    late, base = _totals(tables.cells)
    drop = (late + unknown) / (base + unknown) - late / base
    return replace(ratio, low=max(0.0, ratio.low - drop))


def _five_estimates(tables: CompactTables) -> dict[str, Estimate]:
    counts = counts_of(lags_of(tables, PICKUP_CLOCK))
    limit = tables.limit_minutes
    seen = tables.counts
    collected, shipped = seen.get("collected", 0), seen.get("covered", 0) + seen.get("refunded_before_limit", 0)
    naive_late = seen.get("collected_late", 0)
    breached = naive_late + seen.get("open_over_limit", 0)
    plain = survival_curve(counts, refunds_end_waiting=False)
    return {
        "mature": kept(mature_rate(tables.cells)),
        "survival": kept(_with_edges(waiting_at(plain, limit), tables)),
        "today": kept(_with_edges(late_given_not_refunded(pickup_curve(tables), limit), tables)),
        "naive_collected": kept(Estimate(naive_late / collected, collected) if collected else Estimate(None)),
        "naive_all": kept(Estimate(breached / shipped, shipped) if shipped else Estimate(None)),
    }


def naive_on_time(tables: CompactTables) -> Estimate:
    """On time so far out of all shipped: it counts every young parcel as if it had failed."""
    seen = tables.counts
    shipped = seen.get("covered", 0) + seen.get("refunded_before_limit", 0)
    in_time = seen.get("collected", 0) - seen.get("collected_late", 0)
    return Estimate(in_time / shipped, shipped) if shipped else Estimate(None)


def _with_edges(estimate: Estimate, tables: CompactTables) -> Estimate:
    """At exactly 0 or 1 the log-log interval does not exist: Wilson with the mature parcels instead, none without any."""
    if estimate.value is None or 0 < estimate.value < 1:
        return estimate
    base = _totals(tables.cells)[1]
    if base == 0:
        return replace(estimate, low=None, high=None)
    edge = share(estimate.value * base, base)
    return replace(estimate, low=edge.low, high=edge.high)


def _quantile(tables: CompactTables, done: float) -> Measurement:
    minutes = quantile_minutes(pickup_curve(tables), done)
    return _as_measurement(in_hours(minutes), tables)


def in_hours(minutes: Estimate) -> Estimate:
    """An estimate in minutes, in hours."""

    def hours(number: float | None) -> float | None:
        return None if number is None else number / 60

    return Estimate(value=hours(minutes.value), n=minutes.n, low=hours(minutes.low), high=hours(minutes.high))


@metric(unit="hours", better="lower")
def pickup_hours_p50(tables: CompactTables) -> Measurement:
    """Hours from waybill upload by which half of the parcels were collected; open parcels count as waiting."""
    return _quantile(tables, 0.50)


@metric(unit="hours", better="lower")
def pickup_hours_p90(tables: CompactTables) -> Measurement:
    """Hours from waybill upload by which nine in ten parcels were collected; open parcels count as waiting."""
    return _quantile(tables, 0.90)


@metric(unit="hours", better="lower")
def pickup_hours_p95(tables: CompactTables) -> Measurement:
    """Hours from waybill upload by which 95 in 100 parcels were collected; open parcels count as waiting."""
    return _quantile(tables, 0.95)


@metric(unit="ratio", better="higher")
def first_move_24h_ratio(tables: CompactTables) -> Measurement:
    """Share of parcels collected at least a day ago that had a further trace within the limit after the pickup."""
    mature = lags_of(tables, MOVE_CLOCK)
    mature = mature[mature["mature"].astype(bool)]
    within = int(mature.loc[(mature["kind"] == "event") & (mature["minute"] <= tables.limit_minutes), "parcels"].sum())
    total = int(mature["parcels"].sum())
    return _as_measurement(share(within, total), tables, MIN_VERDICT)


@metric(unit="ratio", better="lower")
def refund_before_pickup_ratio(tables: CompactTables) -> Measurement:
    """Share of uploaded parcels refunded within the limit before any pickup, refunds and pickups competing."""
    unknown = tables.counts.get("refund_time_unknown", 0)  # in time or not: the upper limit counts them all
    curve = pickup_curve(tables)
    if waiting_at(curve, tables.limit_minutes).value is None:
        return Measurement(value=None, n=curve.n, reason="too_early" if curve.n else "no_data")
    mature, refunded = int(tables.cells["mature"].sum()), int(tables.cells["refunded"].sum())
    if unknown and not refunded:  # no file tells when refunds were: that none was in time would be a guess
        return Measurement(value=None, n=mature + unknown, reason="no_data")
    low, high = share(refunded, mature).low, share(refunded + unknown, mature + unknown).high
    estimate = Estimate(float(curve.refunded[tables.limit_minutes]), mature, low, high)
    return _as_measurement(estimate, tables, MIN_VERDICT)


@metric(unit="count", better="lower")
def open_over_limit_count(tables: CompactTables) -> Measurement:
    """Parcels without a pickup scan now whose limit has passed."""
    covered = tables.counts.get("covered", 0)
    if not covered:
        return Measurement(value=None, reason="no_data")
    return Measurement(value=float(tables.counts.get("open_over_limit", 0)), n=covered)


@metric(unit="ratio", better="higher")
def upload_after_pickup_ratio(tables: CompactTables) -> Measurement:
    """Share of collected parcels whose first pickup scan is not later than the waybill upload."""
    collected = lags_of(tables, PICKUP_CLOCK)
    collected = collected[collected["kind"] == "event"]
    before = int(collected.loc[collected["minute"] == 0, "parcels"].sum())
    return _as_measurement(share(before, int(collected["parcels"].sum())), tables, MIN_VERDICT)
