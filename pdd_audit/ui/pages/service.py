"""Service: how soon buyers get an answer from a person, when they do not, and what would change it."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pdd_audit.core.filters import NAMES, Filters
from pdd_audit.core.reply_hours import LIMIT_SECONDS, QUICK_SECONDS
from pdd_audit.services.choose import reply_days
from pdd_audit.services.look_at_service import Responses, ServiceLook, look_at_service
from pdd_audit.texts.numbers import DASH, count, day, decimal_text, number_range, percent, percent_range
from pdd_audit.ui import cache, session
from pdd_audit.ui.charts.compare import compare_chart, outside
from pdd_audit.ui.charts.days import days_chart, worst_day
from pdd_audit.ui.charts.replies import FEWEST, band_label, reply_days_chart, reply_hours_chart, waits_chart
from pdd_audit.ui.filters import filter_bar
from pdd_audit.ui.parts import heading, nothing_yet
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rows import Listed, rows_link
from pdd_audit.ui.service_phrases import gap_place, service_headline

here = session.current()
words = here.words


def facts(look: ServiceLook) -> str:
    """What the sentence above rests on."""
    rate, quick = look.within_3min, look.within_30s
    missed = missed_text(look.fewest, look.most)
    parts = [words("service.facts", n=count(look.inquiries), missed=missed, range=percent_range(rate.low, rate.high))]
    if look.fewest != look.most:
        parts.append(words("service.rounded"))
    if quick.value is not None:
        parts.append(words("service.quick", share=percent(quick.value), range=percent_range(quick.low, quick.high)))
    if look.first and look.last:
        parts.append(words("service.days", start=day(look.first, here.lang), end=day(look.last, here.lang)))
    return words("service.joiner").join([*parts, words(f"service.source.{look.source}")])


def missed_text(fewest: float, most: float) -> str:
    """7, or 6–8 where rounding leaves that open."""
    return count(round(most)) if fewest == most else number_range(fewest, most)


def gap_part(look: ServiceLook) -> None:
    """When inquiries are missed: the stretch that stands out, or that none does."""
    by_hour = not look.heat.empty
    if look.gap is None and look.heat.empty and look.grid.empty:
        return
    gap, caption = look.gap, words("service.cells_hours" if by_hour else "service.cells_days", fewest=FEWEST)
    if gap is not None and gap.clear:
        title = words("service.gap_title", where=md_escape(gap_place(words, gap)), n=count(gap.inquiries), missed=decimal_text(gap.missed))
        saved, then = decimal_text(gap.saved), percent(gap.kept_then)
        said = "service.gap_saved_of_log" if by_hour and look.source == "both" else "service.gap_saved"
        caption = f"{words(said, saved=saved, then=then, rest=percent(gap.rest), days=gap.bad_days)}{words('service.joiner')}{caption}"
    else:
        title = words("service.no_gap_hours" if by_hour else "service.no_gap_days")
    with st.container(gap="small"):
        heading(title, caption)
        if by_hour:
            reply_hours_chart(look.heat, look.band_hours, title, words, "reply_hours")
        elif not look.grid.empty:
            reply_days_chart(look.grid, title, words, "reply_days")
        links(look)


def links(look: ServiceLook) -> None:
    with st.container(horizontal=True, gap="medium"):
        rows_link(
            here, "late_replies", look.late_rows, "late_replies", filters, label=words("service.see_days", n=count(look.late_rows))
        )
        slow, quick, out = (look.turns[name] for name in ("slow_turns", "quick_turns", "turns_left_out"))
        rows_link(
            here, "slow_turns", slow, "slow_turns", filters, label=words("service.see_turns", n=count(slow)),
            beside=[Listed("quick_turns", quick), Listed("turns_left_out", out)],
        )


def days_part(look: ServiceLook) -> None:
    worst = worst_day(look.by_day, "inquiries", words)
    with st.container(gap="small"):
        heading(words("service.days_title", worst=worst) if worst else words("service.days_none"), words("service.days_caption"))
        days_chart(look.by_day, "missed", "inquiries", words, "replies", "charts.replies_alt")
        if look.wrong_mean is not None and look.within_3min.value is not None:
            rate = look.within_3min
            error = 100 * (look.wrong_mean - look.within_3min.value)
            wrong = "equal" if abs(error) < 0.005 else "higher" if error > 0 else "lower"
            why = words(f"service.mean_{wrong}", error=decimal_text(abs(error), 2))
            spread = percent_range(rate.low, rate.high)
            table = [
                {words("service.method"): f"**{words('service.pooled')}**  \n:small[{words('service.pooled_why')}]",
                 words("service.rate"): f"**{percent(rate.value)}**  \n:small[{spread}]"},
                {words("service.method"): f"~~{words('service.mean')}~~  \n:small[{why}]",
                 words("service.rate"): f"~~{percent(look.wrong_mean)}~~"},
            ]
            st.table(table, border="horizontal", hide_index=True, alt=words("service.mean"))


def waits_part(found: Responses) -> None:
    rate = found.within[LIMIT_SECONDS]
    caption = words("service.waits_caption", open=count(found.open), outside=count(found.outside))
    if rate.value is None:
        heading(words("service.waits_few", n=count(found.n)), caption)
        return
    with st.container(gap="small"):
        heading(words("service.waits_title", share=percent(1 - rate.value)), caption)
        waits_chart(found.curve, LIMIT_SECONDS, words, "waits")
        st.table(waits_rows(found), border="horizontal", hide_index=True, alt=words("service.waits_table"))


def waits_rows(found: Responses) -> list[dict[str, str]]:
    rows = []
    for limit in (QUICK_SECONDS, LIMIT_SECONDS):
        rate = found.within[limit]
        spread = percent_range(rate.low, rate.high)
        rows.append((words(f"service.within_{limit}"), percent(rate.value), spread, percent(found.flattering[limit])))
    for done, wait in found.quantiles.items():
        spread = words("service.from_to", low=seconds(wait.low), high=seconds(wait.high)) if wait.low is not None else ""
        rows.append((words(f"service.by_{round(100 * done)}"), seconds(wait.value), spread, seconds(found.flattering[done])))
    return [
        {
            words("service.what"): name,
            words("service.kept"): f"**{value}**  \n:small[{spread}]" if spread else f"**{value}**",
            words("service.answered_only"): f"~~{wrong}~~",
        }
        for name, value, spread, wrong in rows
    ]


def seconds(value: float | None) -> str:
    """Seconds, from ten minutes on minutes, from two hours on hours."""
    if value is None:
        return words("service.not_reached")
    unit, size = ("hours", 3600) if value >= 7200 else ("minutes", 60) if value >= 600 else ("seconds", 1)
    return words(f"service.{unit}", n=decimal_text(value / size, 0 if unit == "seconds" else 1))


def agents_part(look: ServiceLook, slow: float) -> None:
    agents = look.by_agent
    beyond = [str(name) for name in agents.loc[agents["where"] == "above998", "agent"]]
    title = words("service.agents_above", names=md_escape(words("data.listed").join(beyond))) if beyond else words("service.agents_none")
    with st.container(gap="small"):
        caption = words("service.agents_caption")
        heading(title, f"{caption}{words('service.joiner')}{words('service.nobodys', n=count(look.nobodys))}" if look.nobodys else caption)
        compare_chart(agents, "agent", "missed", "inquiries", slow, words, "agents", "charts.agents_alt", flagged=beyond)
        table(agents, "agent", {str(name): str(name) for name in agents["agent"]}, title)


def table(frame: pd.DataFrame, key: str, names: Mapping[Any, str], title: str) -> None:
    """Rates of agents or hours, with counts and intervals."""
    column = st.column_config
    rows = [
        {
            "name": names[row[key]],
            "rate": 100 * row["ratio"],
            "range": percent_range(row["low"], row["high"]),
            "quick": 100 * row["quick"],
            "n": round(row["inquiries"]),
            "missed": missed_text(row["fewest"], row["most"]),
            **({"shrunk": 100 * row["shrunk"]} if "shrunk" in row else {}),
        }
        for row in frame.to_dict("records")
    ]
    st.dataframe(
        rows,
        hide_index=True,
        height="content",
        alt=title,
        placeholder=DASH,
        column_config={
            "name": column.TextColumn(words(f"service.column.{key}"), pinned=True),
            "rate": column.NumberColumn(words("service.column.rate"), format="%.1f%%"),
            "range": column.TextColumn(words("service.column.range"), alignment="right"),
            "quick": column.NumberColumn(words("service.column.quick"), format="%.1f%%"),
            "n": column.NumberColumn(words("service.column.n"), format="localized"),
            "missed": column.TextColumn(words("service.column.missed"), alignment="right"),
            "shrunk": column.NumberColumn(words("service.column.shrunk"), format="%.1f%%", help=words("service.shrunk_help")),
        },
    )


def shifts_part(look: ServiceLook) -> None:
    slow = float(look.by_shift["missed"].sum() / look.by_shift["inquiries"].sum())  # of the chat log, whatever the platform says
    named = look.by_shift.assign(shift=[words(f"service.shift.{name}") for name in look.by_shift["shift"]])
    worst = named.sort_values("ratio").iloc[0]
    told_apart = outside(named, "shift", "inquiries", slow)
    share = percent(float(1 - worst["ratio"]))
    title = words("service.shifts_title", name=worst["shift"], share=share) if told_apart else words("service.shifts_none")
    with st.container(gap="small"):
        heading(title, words("service.shifts_caption"))
        compare_chart(named, "shift", "missed", "inquiries", slow, words, "shifts", "charts.shifts_alt")
        table(look.by_hour, "hour", {hour: band_label(hour, 1) for hour in look.by_hour["hour"]}, words("service.by_hour"))


def draw(look: ServiceLook, chosen: Filters) -> None:
    rate = look.within_3min.value
    assert rate is not None, "drawn only where there is a rate"
    st.markdown(f"# {md_escape(service_headline(words, look))}", anchors=False)
    st.caption(facts(look))
    if any(getattr(chosen, name) for name in NAMES):
        st.caption(words("service.only_period"))
    gap_part(look)
    if not look.by_day.empty:
        days_part(look)
    if look.responses is not None:
        waits_part(look.responses)
    if len(look.by_agent) > 1:
        agents_part(look, 1 - rate)
    if len(look.by_shift) > 1:
        shifts_part(look)


filters = filter_bar(here, reply_days) if here.shop else Filters()
found = cache.look(here, look_at_service, filters) if here.shop else None
if found is None or not found.files:
    nothing_yet(here, words("service.empty"))
elif found.within_3min.value is None:
    st.markdown(f"# {words('service.none_chosen' if not found.chosen else 'service.no_counts')}", anchors=False)
else:
    draw(found, filters)
