"""Until when a parcel must be collected, and in which band of hours it was uploaded, as expressions of any engine."""

import ibis
import ibis.expr.types as ir

from pdd_audit.core.bands import BAND_NAMES, BANDS
from pdd_audit.data.relations.parcels import Moment, seconds_between


def asks_for_pickup(confirmed_at: ir.Value, moment: Moment) -> ir.BooleanValue:
    """Whether the rules of an order's day want it collected by its promise, not only uploaded; an unknown day counts as today's."""
    if moment.needs_pickup_from is None:
        return ibis.literal(False)
    return (confirmed_at >= moment.needs_pickup_from).fill_null(True)


def due_minute(parcels: ir.Table, moment: Moment) -> ir.IntegerValue:
    """Age in whole minutes at which a parcel is late: the limit, or its promise where that is earlier and asks for the pickup. A
    promise already broken by the upload is not broken again by waiting."""
    promise = seconds_between(parcels.shipped_at, parcels.promised_ship_at) // 60
    binds = asks_for_pickup(parcels.confirmed_at, moment) & (promise > 0).fill_null(False)
    return ibis.ifelse(binds & (promise < moment.limit_minutes).fill_null(False), promise, moment.limit_minutes)


def upload_band(shipped_at: ir.Value) -> ir.StringValue:
    """Name of the band of ``core.bands`` that an upload falls in."""
    hour = shipped_at.hour()
    branches = [(hour < end, name) for (_, end), name in zip(BANDS[:-1], BAND_NAMES[:-1], strict=True)]
    return ibis.cases(*branches, else_=BAND_NAMES[-1])


def second_of_day(time: ir.Value) -> ir.IntegerValue:
    return time.hour().cast("int64") * 3600 + time.minute().cast("int64") * 60 + time.second().cast("int64")
