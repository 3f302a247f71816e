"""Whether the line will be crossed: the chance, what it adds up, how much room is left."""

import streamlit as st

from pdd_audit.services.look_at_trends import Outlook, TrendsLook, Window, clean_to_line, clean_to_pass
from pdd_audit.texts.numbers import count, day, decimal_text, percent, percent_range
from pdd_audit.ui.charts.limit import Mark, limit_chart
from pdd_audit.ui.parts import heading
from pdd_audit.ui.session import Here

LINES = (1.0, 10.0)  # percent


def forecast(here: Here, look: TrendsLook) -> None:
    if not look.windows:
        return
    with st.container(gap="small"):
        names = {name: here.words(f"trends.window.{name}") for name in look.windows}
        name = st.session_state.get("trends_window", "month")
        window, line = look.windows[name], line_of(look)
        top = st.container(gap="small")
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.segmented_control(
                here.words("trends.window.label"),
                list(names),
                default="month",
                required=True,
                key="trends_window",
                format_func=names.__getitem__,
            )
            st.number_input(
                here.words("trends.line.label"),
                min_value=LINES[0],
                max_value=LINES[1],
                value=look.line * 100,
                step=0.5,
                format="%.1f",
                key="trends_line",
                width=180,
            )
        with top:
            if window.outlook is None:
                heading(
                    here.words("trends.line.unknown", last=day(window.last, here.lang)),
                    here.words(f"trends.line.lacks.{window.lacks}", known=count(window.known)),
                )
            else:
                crossing(here, window, window.outlook, line)
        if window.outlook is not None:
            line_table(here, window.outlook, line)


def crossing(here: Here, window: Window, outlook: Outlook, line: float) -> None:
    chance = outlook.crossing(line)
    sure = "surely" if chance > 0.99 else "hardly" if chance < 0.01 else "about"
    heading(
        here.words(f"trends.line.{sure}", last=day(window.last, here.lang), line=percent(line), chance=percent(chance, 0)),
        here.words("trends.line.caption", first=day(window.first, here.lang), last=day(window.last, here.lang)),
    )
    low, middle, high = (outlook.count_at(share) / outlook.total for share in (0.05, 0.5, 0.95))
    limit_chart(
        middle,
        low,
        high,
        percent(middle),
        [Mark(line, here.words("trends.line.mark", line=percent(line)))],
        chance > 0.5,
        here.words,
        "line",
    )


def line_table(here: Here, outlook: Outlook, line: float) -> None:
    low, middle, high = (outlook.count_at(share) for share in (0.05, 0.5, 0.95))
    left = outlook.allowed(line) - outlook.known_missed
    plain, sure = clean_to_line(outlook.known_missed, outlook.known, line), clean_to_pass(outlook.known_missed, outlook.known, line)
    settled = here.words("trends.of", missed=count(outlook.known_missed), n=count(outlook.known))
    rates = percent_range(low / outlook.total, high / outlook.total)
    rows = {
        "known": (settled, percent(outlook.known_missed / outlook.known)),
        "open": (count(outlook.open), here.words("trends.line.expected", n=decimal_text(outlook.expected_open, 1))),
        "future": (count(outlook.future), here.words("trends.line.expected", n=decimal_text(outlook.expected_future, 1))),
        "final": (
            here.words("trends.of", missed=count(middle), n=count(outlook.total)),
            here.words("trends.line.rates", middle=percent(middle / outlook.total), range=rates),
        ),
        "allowed": (count(max(left, 0)), here.words("trends.line.left" if left >= 0 else "trends.line.over", n=count(abs(left)))),
        "clean": (count(plain), here.words(f"trends.line.clean.{'back' if plain else 'sure' if not sure else 'under'}", n=count(sure))),
    }
    columns = [here.words(f"trends.line.column.{name}") for name in ("what", "parcels", "means")]
    st.table(
        [dict(zip(columns, (here.words(f"trends.line.row.{name}"), *cells), strict=True)) for name, cells in rows.items()],
        border="horizontal",
        hide_index=True,
        alt=here.words("trends.line.alt"),
    )
    st.caption(here.words("trends.line.dispersion", value=decimal_text(outlook.dispersion, 1)))


def line_of(look: TrendsLook) -> float:
    return float(st.session_state.get("trends_line", look.line * 100)) / 100
