"""Parcels by whom they come from: those of a van, late ones with what tells whose they are, and scans that are worth checking."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.core.scan_signs import CLOCKS_DIFFER_SECONDS, SAME_SECOND
from pdd_audit.data.relations.parcels import EXEMPT, seconds_between
from pdd_audit.data.relations.rows.pickup import included

if TYPE_CHECKING:
    from pdd_audit.data.relations.compact import Ground


def _same(column: ir.Value, name: str) -> ir.BooleanValue:
    """``name`` "": where it is not known."""
    return column == name if name else column.isnull()


def van(ground: "Ground", courier: str, day: str, start: str, end: str) -> ir.Table:
    """The parcels that count of one courier and day, uploaded from hour ``start`` to ``end``, the end not included."""
    table = included(ground)
    midnight = datetime.fromisoformat(day[:10])
    first, after = (midnight + timedelta(hours=int(hour)) for hour in (start, end))
    return table.filter(_same(table.courier, courier) & (table.shipped_at >= first) & (table.shipped_at < after))


def late_van(ground: "Ground", courier: str, day: str, start: str, end: str) -> ir.Table:
    """Those of them that were late."""
    return van(ground, courier, day, start, end).filter(_.late)


def of_outlet(ground: "Ground", courier: str, outlet: str) -> ir.Table:
    """The late parcels of one outlet, as far as a scan or a label names it."""
    table = included(ground)
    return table.filter(table.late & _same(table.courier, courier) & _same(table.outlet, outlet))


def breaches(ground: "Ground") -> ir.Table:
    """Late parcels, those of an exemption window included, with ``label`` ("never_used": its number was given back, or taken after the
    limit; null: nothing is known) and ``exempt``."""
    table = ground.parcels
    counted = table.excluded.isnull() | (table.excluded == EXEMPT)
    late = with_labels(ground, table.filter(counted & table.mature & table.late & ~table.fresh))
    after_limit = seconds_between(late.shipped_at, late.labelled_at) > ground.moment.limit_minutes * 60
    never = ((late.given_back & ~late.seen) | after_limit).fill_null(False)
    return late.mutate(
        exempt=(late.excluded == EXEMPT).fill_null(False),
        label=ibis.cases((never, "never_used"), (late.labelled.fill_null(False), "used"), else_=ibis.null("string")),
    )


def with_labels(ground: "Ground", parcels: ir.Table) -> ir.Table:
    """The parcels with what the label list says of their number: ``labelled`` (it is there), ``labelled_at`` (the earliest) and
    ``given_back`` (by every row of the list)."""
    labels = ground.beside.labels
    if labels is None:
        return parcels.mutate(labelled=ibis.literal(False), labelled_at=ibis.null("timestamp"), given_back=ibis.literal(False))
    said = labels.group_by("waybill").aggregate(
        labelled_at=_.labelled_at.min(), given_back=(_.state == "recycled").fill_null(False).all(), labelled=_.count() > 0,
    )
    return parcels.left_join(said, "waybill").drop("waybill_right")


def scanned(ground: "Ground") -> ir.Table:
    """Parcels with a scan that counts, and for each: ``same_second`` (parcels of its outlet in that second; 1 where the stamp shows no
    second), ``exact`` (it shows one), ``before_label``, ``settled`` (a whole limit ago) and ``standing`` (no movement within it)."""
    table = ground.parcels.filter(ground.parcels.excluded.isnull() & ground.parcels.seen)
    at, limit = ground.moment.cut, ground.moment.limit_minutes
    table = with_labels(ground, table).mutate(
        exact=_.picked_up_at.second() != 0, settled=_.picked_up_at <= at - timedelta(minutes=limit),
    )
    together = ibis.window(group_by=["courier", "outlet", "picked_up_at"])
    moved = (table.first_move_at <= at) & (seconds_between(table.picked_up_at, table.first_move_at) <= limit * 60)
    return table.mutate(
        same_second=ibis.ifelse(table.exact, table.count().over(together), 1),
        before_label=(seconds_between(table.picked_up_at, table.labelled_at) > CLOCKS_DIFFER_SECONDS).fill_null(False),
        standing=table.settled & ~moved.fill_null(False),
    )


def _worth_checking(ground: "Ground", courier: str, outlet: str) -> ir.Table:
    table = scanned(ground)
    return table.filter(_same(table.courier, courier) & _same(table.outlet, outlet))


def same_second(ground: "Ground", courier: str, outlet: str) -> ir.Table:
    """Scans of one outlet that share their second with many others."""
    return _worth_checking(ground, courier, outlet).filter(_.same_second >= SAME_SECOND)


def before_label(ground: "Ground", courier: str, outlet: str) -> ir.Table:
    """Scans of one outlet from before the label of their parcel existed."""
    return _worth_checking(ground, courier, outlet).filter(_.before_label)


def stood_still(ground: "Ground", courier: str, outlet: str) -> ir.Table:
    """Parcels of one outlet that did not move within the limit after their scan."""
    return _worth_checking(ground, courier, outlet).filter(_.standing)
