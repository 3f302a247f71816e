"""Where the rows of the files went: how many stood at each step, and how many left between two of them, each counted by itself."""

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.parcels import REFUNDED_IN_TIME
from pdd_audit.data.relations.rows.orders import after_moment, not_uploaded, superseded, why_not_uploaded


def ladder(ground: Ground) -> ir.Table:
    """side (orders | pickups), step, reason ("" for what stands at the step itself), rows. The steps are those of ``core.ladder``."""
    return ibis.union(*_of_orders(ground), *_of_parcels(ground), *_of_pickups(ground))


def _counted(side: str, step: str, table: ir.Table, reason: str = "") -> ir.Table:
    """One row: how many rows a table has. Added to nothing, so that an empty table says 0 on every engine."""
    texts = {"side": ibis.literal(side), "step": ibis.literal(step), "reason": ibis.literal(reason)}
    return table.aggregate(rows=_.count()).select(**texts, rows=_.rows.cast("int64"))


def _by_reason(side: str, step: str, table: ir.Table, reason: ir.Value) -> ir.Table:
    grouped = table.group_by(reason=reason).aggregate(rows=_.count())
    return grouped.select(side=ibis.literal(side), step=ibis.literal(step), reason=grouped.reason, rows=grouped.rows.cast("int64"))


def _of_orders(ground: Ground) -> list[ir.Table]:
    """From stored rows to lines that were uploaded: of the whole shop, whatever is chosen."""
    assert ground.rows is not None, "asked only of a ledger"
    newest, lines = ground.newest, ground.lines
    uploaded = lines.filter(_.shipped_at.notnull() & _.waybill.notnull())
    waiting = not_uploaded(ground)
    return [
        _counted("orders", "stored", ground.rows),
        _counted("orders", "newest", newest),
        _by_reason("orders", "superseded", superseded(ground), _.why),
        _counted("orders", "lines", lines),
        _counted("orders", "after_moment", after_moment(ground), "after_moment"),
        _counted("orders", "uploaded", uploaded),
        _by_reason("orders", "not_uploaded", waiting, why_not_uploaded(waiting)),
        _counted("orders", "waybills", uploaded.select("waybill").distinct()),
    ]


def _of_parcels(ground: Ground) -> list[ir.Table]:
    """From parcels to those that count."""
    parcels = ground.parcels
    on_clock = parcels.filter(_.excluded.isnull())
    timely = on_clock.filter(~_.fresh)
    return [
        _counted("orders", "parcels", ground.every_parcel),
        _counted("orders", "chosen", parcels),
        _by_reason("orders", "excluded", parcels.filter(_.excluded.notnull() & (_.excluded != REFUNDED_IN_TIME)), _.excluded),
        _counted("orders", "refunded", parcels.filter(_.excluded == REFUNDED_IN_TIME), REFUNDED_IN_TIME),
        _counted("orders", "on_clock", on_clock),
        _counted("orders", "too_fresh", on_clock.filter(_.fresh), "too_fresh"),
        _counted("orders", "not_yet", timely.filter(~_.mature), "not_yet"),
        _counted("orders", "included", timely.filter(_.mature)),
        _counted("orders", "late", timely.filter(_.mature & _.late)),
        _counted("orders", "on_time", timely.filter(_.mature & ~_.late)),
    ]


def _of_pickups(ground: Ground) -> list[ir.Table]:
    scans = ground.beside.pickups
    if scans is None:
        return []
    known = ground.every_parcel.select("waybill", known=ibis.literal(True))
    waybills = scans.group_by("waybill").aggregate(found=_.picked_up_at.notnull().any()).left_join(known, "waybill")
    kinds = waybills.group_by(ours=waybills.known.notnull(), found=waybills.found).aggregate(rows=_.count())  # one pass for all of them
    counts = {
        ("waybills", ""): ibis.literal(True), ("ours", ""): kinds.ours, ("not_ours", "not_ours"): ~kinds.ours,
        ("without_time", "without_time"): kinds.ours & ~kinds.found, ("scanned", ""): kinds.ours & kinds.found,
    }
    row = kinds.aggregate(**{step: ibis.ifelse(those, kinds.rows, 0).sum().fill_null(0) for (step, _reason), those in counts.items()})
    told = [
        row.select(side=ibis.literal("pickups"), step=ibis.literal(step), reason=ibis.literal(reason), rows=row[step].cast("int64"))
        for step, reason in counts
    ]
    return [_counted("pickups", "stored", scans), *told]
