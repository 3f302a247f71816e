"""One short line under a page's picture: which days of its period are not ordinary, and what is waived."""

from datetime import date

import streamlit as st

from pdd_audit.core.filters import ALL, Filters
from pdd_audit.services.look_at_days import DaysLook, look_at_days
from pdd_audit.texts.numbers import count, day
from pdd_audit.ui import cache
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
        st.warning(here.words("days.note.unknown", years=", ".join(map(str, days.unknown))), icon=":material/event_busy:")
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
