"""Which days of a page's period are not ordinary, and what is waived: one short line under its picture, and the bands behind a chart."""

from collections.abc import Iterator
from datetime import date, timedelta

import streamlit as st

from pdd_audit.core.exemptions import Clock, Waiver
from pdd_audit.core.filters import ALL, Filters
from pdd_audit.services.look_at_days import DaysLook, look_at_days
from pdd_audit.texts.numbers import count, day
from pdd_audit.ui import cache
from pdd_audit.ui.charts.day_bands import DayBand
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.session import Here


def calendar_notes(here: Here, filters: Filters = ALL) -> None:
    """Holidays, sales, stops and exemptions in the period of the shop's files, counted under the filters; a year whose holidays nobody
    knows is a warning. Draws nothing without a shop or without dated files."""
    if here.shop is None:
        return
    days = cache.look(here, look_at_days, filters)
    if days.first is None:
        return
    if days.unknown:
        years = here.words("data.listed").join(map(str, days.unknown))
        st.warning(here.words("days.note.unknown", years=years), icon=":material/event_busy:")
    st.caption(f":material/event: {md_escape(here.words('app.dot').join(_parts(here, days)))}")


def _parts(here: Here, days: DaysLook) -> list[str]:
    words = here.words
    special = [span(here, words(f"days.holiday.{one.name}"), one.first, one.last) for one in days.holidays]
    special += [span(here, sale.name[here.lang], on, on) for sale, on in days.sales]
    parts = [words("days.note.special", list=words("data.listed").join(special)) if special else words("days.note.ordinary")]
    whole = sum(stop.outlet is None for stop in days.stops)
    if whole:
        parts.append(words("days.note.stops", n=whole))
    if len(days.stops) > whole:
        parts.append(words("days.note.outlet_stops", n=len(days.stops) - whole))
    exempt = words("days.note.exempt", n=len(days.waivers), parcels=count(days.exempt_parcels), orders=count(days.exempt_orders))
    return [*parts, exempt if days.waivers else words("days.note.no_exempt")]


def span(here: Here, name: str, first: date, last: date) -> str:
    """"国庆 10 月 1 日 至 10 月 7 日", or one day."""
    if first == last:
        return here.words("days.one_day", name=name, first=day(first, here.lang))
    return here.words("days.span", name=name, first=day(first, here.lang), last=day(last, here.lang))


# --- bands -------------------------------------------------------------------------------------------------------------------


def day_bands(here: Here, filters: Filters, clock: Clock | None) -> tuple[DayBand, ...]:
    """Holidays and sales in the period of the shop's files, and what changes one clock: courier stops of the parcels chosen and windows
    that waive it. ``clock`` None: of a figure that neither changes."""
    days = cache.look(here, look_at_days, filters)
    if days.first is None or days.last is None:
        return ()
    found = [_band(here, here.words(f"days.holiday.{one.name}"), one.first, one.last) for one in days.holidays]
    found += [_band(here, sale.name[here.lang], on, on if sale.last is None else min(sale.last, days.last)) for sale, on in days.sales]
    return tuple(found) if clock is None else (*found, *_of_clock(here, days, clock))


def _of_clock(here: Here, days: DaysLook, clock: Clock) -> Iterator[DayBand]:
    words = here.words
    for stop in days.stops:
        where = words("days.outlet", outlet=stop.outlet) if stop.outlet else ""
        told = words("days.band.stop", courier=stop.courier + where)
        yield _band(here, words("days.band.stop", courier=stop.courier), stop.first, stop.last, told)
    for waiver in days.waivers:
        if clock in waiver.waives:
            counted_by = words(f"days.counted_by.{waiver.counted_by}")
            names = words("data.listed").join((*waiver.provinces, *waiver.couriers))
            only = words("days.only", names=names) if names else ""
            told = words("days.band.exempt_told", reason=_reason(here, days, waiver), counted_by=counted_by, only=only)
            yield _band(here, words("days.band.exempt"), waiver.start.date(), (waiver.end - timedelta(days=1)).date(), told)


def _band(here: Here, label: str, first: date, last: date, name: str = "") -> DayBand:
    return DayBand(first, last, label, span(here, name or label, first, last))


def _reason(here: Here, days: DaysLook, waiver: Waiver) -> str:
    """A window of the rule file goes by its id, one of the shop's own by the reason it gave."""
    known = {one.window.id: one.window.reason.in_language(here.lang) for one in days.official}
    return known.get(waiver.name, waiver.name)
