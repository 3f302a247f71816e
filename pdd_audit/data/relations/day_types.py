"""Whether a day is worked, as an expression of any engine."""

import ibis
import ibis.expr.types as ir

from pdd_audit.data.relations.parcels import Moment


def day_type(time: ir.TimestampValue | ir.DateValue, moment: Moment) -> ir.StringValue:
    """"work", "off" or "unknown" (a year without a calendar) for the day of a time; null without one."""
    day = time.date() if isinstance(time, ir.TimestampValue) else time
    known = day.year().isin(moment.calendar_years) if moment.calendar_years else ibis.literal(False)
    off = day.isin(moment.days_off) if moment.days_off else ibis.literal(False)
    return ibis.cases((time.isnull(), ibis.null("string")), (~known, "unknown"), (off, "off"), else_="work")
