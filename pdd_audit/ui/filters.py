"""The choice of parcels above the pages of numbers: period, courier, outlet, province, goods. It stands in the address and stays."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import streamlit as st

from pdd_audit.core.filters import ALL, NAMES, Filters
from pdd_audit.services.choose import Choices, choices_of
from pdd_audit.services.workspace import Workspace
from pdd_audit.texts.numbers import count, day
from pdd_audit.ui import cache, session
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.session import Here

PERIODS = ("all", "28", "14", "7", "own")  # days back from the last upload; "own": two dates


def filter_bar(here: Here, of: Callable[[Workspace, str, Filters], Choices] = choices_of) -> Filters:
    """Draws the choice of the shop's parcels, or whatever else the service ``of`` lets one choose, and gives it back. A shop in which
    nothing can be chosen has none."""
    found = cache.look(here, of, ALL)
    chosen = session.filters()
    if found.last is None:
        return chosen
    words = here.words
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.popover(words("filters.button"), icon=":material/filter_alt:", type="secondary" if chosen else "tertiary"):
            _period(here, found, chosen)
            for name in NAMES:
                _names(here, found, chosen, name)
        if chosen:
            if said := described(here, found, chosen):
                st.caption(md_escape(said), width="content")
            st.button(words("filters.clear"), key="clear_filters", icon=":material/close:", type="tertiary", on_click=_clear)
    return chosen


def described(here: Here, found: Choices, chosen: Filters) -> str:
    """The choice in words."""
    words = here.words
    parts = []
    if chosen.start or chosen.end:
        start, end = chosen.start or found.first, chosen.end or found.last
        assert start and end, "there are days to choose from"
        parts.append(words(f"filters.{_whose(found)}days", start=day(start, here.lang), end=day(end, here.lang)))
    for name in () if found.of_replies else NAMES:  # what does not apply is not named as if it did
        labels = [found.by.get(name, {}).get(code, (code, 0))[0] for code in getattr(chosen, name)]
        if labels:
            parts.append(words("data.listed").join(labels))
    return words("app.dot").join(parts)


def _period(here: Here, found: Choices, chosen: Filters) -> None:
    words = here.words
    assert found.first is not None and found.last is not None, "drawn only where there are days"
    labels = {code: words(f"filters.period.{code}") for code in PERIODS}
    whose = _whose(found)
    now = _period_of(chosen, found.last)
    st.segmented_control(
        words(f"filters.{whose}period_label"),
        PERIODS,
        default=now,
        required=True,
        key=f"filter_period_{now}",
        format_func=labels.__getitem__,
        on_change=_set_period,
        args=(f"filter_period_{now}", found.first, found.last),
    )
    if now == "own":
        key = "filter_days"
        st.date_input(
            words(f"filters.{whose}days_label"),
            value=(chosen.start or found.first, chosen.end or found.last),
            min_value=min(found.first, chosen.start or found.first),
            max_value=max(found.last, chosen.end or found.last),
            key=key,
            on_change=_set_days,
            args=(key,),
        )


def _whose(found: Choices) -> str:
    return "reply_" if found.of_replies else ""


def _period_of(chosen: Filters, last: date) -> str:
    if chosen.start is None and chosen.end is None:
        return "all"
    backwards = {last - timedelta(days=int(code) - 1): code for code in PERIODS if code.isdigit()}
    return backwards.get(chosen.start, "own") if chosen.start and chosen.end is None else "own"


def _names(here: Here, found: Choices, chosen: Filters, name: str) -> None:
    options = found.by.get(name, {})
    selected = [code for code in getattr(chosen, name) if code in options]
    if len(options) < 2 and not selected:
        return  # nothing to choose between
    labels = {code: f"{here.words.courier(label)} · {count(parcels)}" for code, (label, parcels) in options.items()}
    key = f"filter_{name}"
    st.multiselect(
        here.words(f"filters.{name}"),
        list(options),
        default=selected,
        key=f"{key}_{','.join(selected)}",
        format_func=labels.__getitem__,
        placeholder=here.words("filters.any"),
        on_change=_set_names,
        args=(f"{key}_{','.join(selected)}", name),
    )


def _set_period(key: str, first: date, last: date) -> None:
    code = st.session_state[key]
    chosen = session.filters()
    if code == "all":
        start, end = None, None
    elif code == "own":
        start, end = chosen.start or first, chosen.end or last
    else:
        start, end = last - timedelta(days=int(code) - 1), None
    st.session_state["filters"] = replace(chosen, start=start, end=end)


def _set_days(key: str) -> None:
    days = st.session_state[key]
    if len(days) == 2:  # one end alone is a choice half made
        st.session_state["filters"] = replace(session.filters(), start=days[0], end=days[1])


def _set_names(key: str, name: str) -> None:
    st.session_state["filters"] = replace(session.filters(), **{name: tuple(sorted(st.session_state[key]))})  # type: ignore[arg-type]  # names of tuples only


def _clear() -> None:
    st.session_state["filters"] = ALL
