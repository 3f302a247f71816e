"""The chosen parcels and orders under two versions of the rules, judged by the same expressions as everywhere else."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from pdd_audit.core.terms import Amount, Terms
from pdd_audit.data.relations.parcels import REFUNDED_IN_TIME, Moment, fine, judged_orders, judged_parcels

if TYPE_CHECKING:
    from pdd_audit.data.relations.compact import Ground

ALWAYS = datetime(1970, 1, 1)


def compared(ground: "Ground", a: Terms, b: Terms) -> pd.DataFrame:
    """The groups ``metrics.rule_change`` adds up."""
    oldest = max(a.limit_hours, b.limit_hours)
    pickup = _paired(_parcels(ground, a, oldest), _parcels(ground, b, oldest), "waybill")
    unpriced = ground.known.filter(_unpriced(ground.known)).select("waybill", "order_no")
    parcels = _grouped(pickup, unpriced, "waybill", "pickup")
    promise = _paired(_orders(ground, a), _orders(ground, b), "order_no")
    for name in ("a", "b"):
        late = pickup.filter(pickup[f"broken_{name}"]).select("waybill")
        of_late = ground.known.semi_join(late, "waybill").select("order_no").distinct().mutate(**{f"also_{name}": True})
        promise = _joined(promise, of_late, "order_no").mutate(**{f"also_{name}": _[f"also_{name}"].fill_null(False)})
    orders = _grouped(promise, unpriced, "order_no", "promise")
    frames: list[pd.DataFrame] = [parcels.execute(), orders.execute()]
    return pd.concat(frames, ignore_index=True)


def past_limit(ground: "Ground", limit: str, other: str, which: str = "only") -> ir.Table:
    """Parcels past a limit (hours) and not past the ``other``; ``which`` "both": past both. Old enough for either."""
    oldest = max(float(limit), float(other))
    late = _watched(ground, float(limit), oldest).filter(_.late)
    others = _watched(ground, float(other), oldest).filter(_.late).select("waybill")
    return late.semi_join(others, "waybill") if which == "both" else late.anti_join(others, "waybill")


def past_promise(ground: "Ground", asks: str, grace: str, other_asks: str, other_grace: str) -> ir.Table:
    """Orders that broke their promise under one reading of it (``asks``: "1", the pickup counts too; ``grace``: hours) and not under the
    other; judged under both."""
    one = _promised(ground, asks == "1", float(grace)).filter(_.day.notnull() & ~_.blind)
    other = _promised(ground, other_asks == "1", float(other_grace)).filter(_.day.notnull() & ~_.blind)
    return one.filter(~_.kept).semi_join(other.filter(_.kept).select("order_no"), "order_no")


def _watched(ground: "Ground", limit_hours: float, oldest_hours: float, lines: ir.Table | None = None) -> ir.Table:
    """The chosen parcels on the pickup clock under a limit, those that had the time of the longer one."""
    moment = replace(ground.moment, limit_minutes=round(limit_hours * 60))
    table = judged_parcels(ground.known if lines is None else lines, ground.windows, moment)
    counted = (table.excluded.isnull() | (table.excluded == REFUNDED_IN_TIME)) & ~table.fresh
    old = table.shipped_at <= moment.cut - timedelta(minutes=round(oldest_hours * 60))
    return table.filter(counted & old).semi_join(ground.parcels.select("waybill"), "waybill")


def _parcels(ground: "Ground", terms: Terms, oldest_hours: float) -> ir.Table:
    lines = ground.known.mutate(cost_yuan=_taken(ground.known, terms.no_pickup, ground.moment))
    table = _watched(ground, terms.limit_hours, oldest_hours, lines)
    return table.select("waybill", broken=_.late, yuan=_.cost_yuan)


def _promised(ground: "Ground", asks: bool, grace_hours: float, lines: ir.Table | None = None) -> ir.Table:
    lines = ground.known if lines is None else lines
    if grace_hours:
        lines = lines.mutate(promised_ship_at=lines.promised_ship_at + ibis.interval(minutes=round(grace_hours * 60)))
    moment = replace(ground.moment, needs_pickup_from=ALWAYS if asks else None)
    return judged_orders(lines, ground.windows, moment).semi_join(ground.orders.select("order_no"), "order_no")


def _orders(ground: "Ground", terms: Terms) -> ir.Table:
    lines = ground.known.mutate(cost_yuan=_taken(ground.known, terms.late, ground.moment))
    judged = _promised(ground, terms.needs_pickup, terms.grace_hours, lines).filter(_.day.notnull() & ~_.blind)
    return judged.select("order_no", broken=~_.kept, yuan=_.cost_yuan)


def _taken(lines: ir.Table, amount: Amount, moment: Moment) -> ir.Value:
    """``core.terms.Amount.of`` where what was received is known; 0 where it is not, or the amount."""
    if amount.flat is not None:
        return ibis.ifelse(_unpriced(lines), 0.0, amount.flat)
    return fine(lines, replace(
        moment, fine_ratio=amount.ratio, fine_min=amount.least, fine_max=amount.most, fine_floor=amount.whole_yuan,
    ))


def _unpriced(lines: ir.Table) -> ir.BooleanValue:
    return (lines.received_yuan.isnull() | (lines.received_yuan < 0)).fill_null(True)


def _paired(a: ir.Table, b: ir.Table, key: str) -> ir.Table:
    left = a.select(key, broken_a=a.broken, yuan_a=a.yuan)
    right = b.select(key, broken_b=b.broken, yuan_b=b.yuan)
    return left.inner_join(right, key).select(key, "broken_a", "broken_b", "yuan_a", "yuan_b")


def _joined(table: ir.Table, more: ir.Table, key: str) -> ir.Table:
    columns = [*table.columns, *(name for name in more.columns if name != key)]
    return table.left_join(more, key).select(*columns)


def _grouped(table: ir.Table, unpriced: ir.Table, key: str, clock: str) -> ir.Table:
    flagged = unpriced.filter(unpriced[key].notnull()).select(key).distinct().mutate(unpriced=ibis.literal(1))
    told = _joined(table, flagged, key)
    if "also_a" not in told.columns:
        told = told.mutate(also_a=told.broken_a, also_b=told.broken_b)
    taken = {f"yuan_{name}": ibis.ifelse(told[f"broken_{name}"], told[f"yuan_{name}"], 0.0).sum().fill_null(0.0) for name in ("a", "b")}
    return told.group_by("broken_a", "broken_b", "also_a", "also_b").aggregate(
        n=_.count(), unpriced=_.unpriced.fill_null(0).sum(), **taken,
    ).mutate(clock=ibis.literal(clock)).select(
        "clock", "broken_a", "broken_b", "also_a", "also_b", "n", "yuan_a", "yuan_b", "unpriced",
    )
