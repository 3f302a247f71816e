"""Trends: is it getting worse, did an action work, will the line be crossed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import streamlit as st

from pdd_audit.core.changes import Change
from pdd_audit.core.exemptions import Clock
from pdd_audit.core.filters import Filters
from pdd_audit.services.changes import list_changes
from pdd_audit.services.look_at_trends import DATE_DAYS, MIN_DAYS, Series, Sign, Trend, TrendsLook, look_at_trends, trend_of
from pdd_audit.texts.numbers import count, day, decimal_text, percent
from pdd_audit.ui import cache, session
from pdd_audit.ui.before_after import effects
from pdd_audit.ui.calendar_note import day_bands
from pdd_audit.ui.changes import marks_of, near, plainly
from pdd_audit.ui.charts.day_bands import all_told, drawn
from pdd_audit.ui.charts.trends import Beside, control_chart, levels_chart, shown
from pdd_audit.ui.filters import filter_bar
from pdd_audit.ui.line_outlook import forecast
from pdd_audit.ui.parts import heading, link, nothing_yet, two_sided
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.practice_links import practices
from pdd_audit.ui.rows import rows_link

here = session.current()
words = here.words
UNITS = {"xmr": "seconds", "g": "cases"}  # of a chart; a share otherwise
FIRST_DAYS = "first"
SIGNS_SHOWN = 4


def unit_of(trend: Trend) -> str:
    if trend.limits is not None and trend.limits.method in UNITS:
        return UNITS[trend.limits.method]
    return "seconds" if trend.series == "reply_seconds" else "share"


def what_of(trend: Trend) -> str:
    return words(f"trends.what.{trend.series}")


def sentence(trend: Trend) -> str:
    """What happened, as it could be sent to the boss."""
    unit, what, start = unit_of(trend), what_of(trend), trend.recent_from
    if trend.reading == "too_early" or start is None:
        return words(f"trends.lacks.{trend.lacks or 'days'}", what=what, **lacking(trend))
    if trend.reading in ("worse", "better"):
        shift = trend.shifts[-1]
        return words(
            f"trends.reading.{trend.reading}",
            what=what,
            day=day(shift.day, here.lang),
            before=percent(shift.before),
            after=percent(shift.after),
        )
    recent = [sign for sign in trend.signs if sign.day >= start]
    if trend.reading == "bad_day":
        bad = [sign for sign in recent if sign.rule == "above" and sign.worse]
        worst = max(bad, key=lambda sign: sign.value)
        name = "one" if len(bad) == 1 else "several"
        return words(
            f"trends.reading.bad_day.{name}",
            n=len(bad),
            what=what,
            day=day(worst.day, here.lang),
            value=counted(worst, unit),
            usual=shown(worst.usual, unit, words),
        )
    if trend.reading in ("run_worse", "run_better"):
        run = next(sign for sign in reversed(recent) if sign.rule.startswith("run"))
        kind = "gaps" if unit == "cases" else "days"
        return words(
            f"trends.reading.{trend.reading}.{kind}", what=what, since=day(run.since, here.lang), usual=shown(run.usual, unit, words)
        )
    return words("trends.reading.none", what=what)


def counted(sign: Sign, unit: str) -> str:
    """A value with the counts behind it, where there are any."""
    value = shown(sign.value, unit, words)
    return (
        words("trends.with_counts", value=value, missed=decimal_text(sign.missed, 0), n=count(round(sign.total)))
        if unit == "share"
        else value
    )


def lacking(trend: Trend) -> dict[str, Any]:
    if trend.lacks == "misses":
        return {"have": decimal_text(trend.have, 1), "need": decimal_text(trend.need, 0), "more": ""}
    return {"have": int(trend.have), "need": int(trend.need), "more": max(int(trend.need - trend.have), 1)}


def basis(trend: Trend) -> str:
    """What the limits rest on: the baseline, and how much days vary."""
    if trend.baseline is None or trend.limits is None:
        return words(f"trends.no_limits.{trend.lacks or 'days'}", **lacking(trend))
    first, last, days = trend.baseline
    parts = [words("trends.basis", first=day(first, here.lang), last=day(last, here.lang), n=days)]
    if trend.limits.sigma_z is not None:
        kind = "more" if trend.limits.sigma_z > 1 else "chance"
        parts.append(words(f"trends.sigma.{kind}", value=decimal_text(trend.limits.sigma_z, 2)))
    out = [(name, n) for name, n in (("stopped", trend.stopped), ("special", trend.special)) if n]
    if out:
        why = words("data.listed").join(words(f"trends.out.{name}", n=n) for name, n in out)
        parts.append(words("trends.out.days", n=trend.stopped + trend.special, why=why))
    if trend.far:
        parts.append(words("trends.far", days=words("data.listed").join(day(found, here.lang) for found in trend.far)))
    return words("app.dot").join(parts)


# the chart and its signs


def beside_days(series: Series, filters: Filters, changes: Sequence[Change]) -> Beside:
    """What stands on the days of the charts: changes, and the bands that can have made this figure better or worse."""
    clock: Clock | None = series.name if series.name in ("pickup", "promise") else None
    return Beside(marks_of(here, changes), drawn(day_bands(here, filters, clock), series.days["day"]))


def chart(trend: Trend, beside: Beside, title: str) -> None:
    if trend.limits is None:
        st.caption(basis(trend))
        return
    with st.container(gap="small"):
        method = trend.limits.method
        st.caption(words("app.dot").join((words(f"trends.method.{method}"), basis(trend))))
        alt_text = words("charts.trends.control_alt", what=what_of(trend), conclusion=title, n=len(trend.signs))
        control_chart(trend.points, trend.limits.centre, unit_of(trend), beside, words, "control", alt_text)
        st.caption(words("trends.how_to_read.gaps" if method == "g" else "trends.how_to_read.days"))
        if beside.bands and method != "g":
            st.caption(md_escape(all_told(beside.bands, words)))


def signs(trend: Trend, filters: Filters) -> None:
    if trend.limits is None:
        return
    with st.container(gap="small"):
        if not trend.signs:
            heading(words("trends.signs.none"), cross_check(trend))
            return
        heading(words("trends.signs.title", n=len(trend.signs)), cross_check(trend))
        for place, sign in enumerate(sorted(trend.signs, key=lambda sign: sign.day, reverse=True)[:SIGNS_SHOWN]):
            one_sign(trend, sign, filters, f"sign_{place}")
        if len(trend.signs) > SIGNS_SHOWN:
            st.caption(words("trends.signs.more", n=len(trend.signs) - SIGNS_SHOWN))


def one_sign(trend: Trend, sign: Sign, filters: Filters, key: str) -> None:
    unit = unit_of(trend)
    kind = "gaps" if unit == "cases" else "days"
    rule = words(
        f"trends.rule.{kind}.{sign.rule}",
        since=day(sign.since, here.lang),
        usual=shown(sign.usual, unit, words),
        limit="" if sign.limit is None else shown(sign.limit, unit, words),
    )
    number = words("trends.of", missed=decimal_text(sign.missed, 0), n=count(round(sign.total))) if unit == "share" else ""
    look = words(f"trends.look.{trend.series}" if sign.worse else "trends.look.good")
    with st.container(gap="xxsmall"):
        explained = words("trends.pair", first=rule, second=look)
        two_sided(f"**{day(sign.day, here.lang)}**", f"**{shown(sign.value, unit, words)}**", explained, number)
        if trend.series == "pickup" and unit == "share" and sign.missed:
            rows_link(here, "late", round(sign.missed), key, replace(filters, start=sign.since, end=sign.day))


def cross_check(trend: Trend) -> str:
    if trend.cross_check is None:
        return words("trends.xmr.unfit") if trend.limits is not None and trend.limits.method == "p_prime" else ""
    if not trend.cross_check:
        return words("trends.xmr.none")
    return words("trends.xmr.days", days=words("data.listed").join(day(found, here.lang) for found in trend.cross_check[-SIGNS_SHOWN:]))


# levels


def levels(trend: Trend, series: Series, changes: Sequence[Change], beside: Beside) -> None:
    if not series.is_share:
        return
    with st.container(gap="small"):
        if trend.found is None:
            heading(words("trends.levels.title_early"), words("trends.levels.early", need=MIN_DAYS))
            return
        shifts = trend.shifts
        if shifts:
            title = words(
                "trends.levels.title",
                n=len(shifts),
                day=day(shifts[-1].day, here.lang),
                before=percent(shifts[-1].before),
                after=percent(shifts[-1].after),
            )
        else:
            title = words("trends.levels.title_none", rate=percent(trend.found.levels[0].rate))
        heading(title, levels_caption(trend))
        if not shifts:
            return
        alt_text = words("charts.trends.levels_alt", what=what_of(trend), conclusion=title)
        levels_chart(series.days, trend.levels, beside, words, "levels", alt_text)
        columns = {name: words(f"trends.levels.column.{name}") for name in ("day", "before", "after", "near")}
        st.table(
            [
                {
                    columns["day"]: words("trends.levels.dated", day=day(shift.day, here.lang), days=DATE_DAYS),
                    columns["before"]: percent(shift.before),
                    columns["after"]: percent(shift.after),
                    columns["near"]: near(here, changes, shift.day),
                }
                for shift in shifts
            ],
            border="horizontal",
            hide_index=True,
            alt=title,
        )


def levels_caption(trend: Trend) -> str:
    assert trend.found is not None, "asked only with levels"
    parts = [words("trends.levels.caption")]
    correlation = trend.found.correlation
    if correlation is not None:
        strict = "strict" if trend.found.weight > 4 else "usual"
        parts.append(words(f"trends.levels.correlation.{strict}", value=decimal_text(correlation, 2)))
    if trend.alone:
        parts.append(words("trends.levels.alone", days=words("data.listed").join(day(found, here.lang) for found in trend.alone)))
    return "".join(parts)


# the page


def choose_series(look: TrendsLook) -> Series:
    names = list(look.series)
    if st.session_state.get("trends_series") not in names:
        st.session_state.pop("trends_series", None)
    labels = {name: words(f"trends.series.{name}") for name in names}
    chosen = st.segmented_control(
        words("trends.series_label"),
        names,
        default=names[0],
        required=True,
        key="trends_series",
        format_func=labels.__getitem__,
        label_visibility="collapsed",
    )
    return look.series[chosen or names[0]]


def baseline_choice(changes: Sequence[Change], trend: Trend) -> date | None:
    """From which day on the limits are set: the first days, or a new level or a change that was accepted as the new usual."""
    starts = {shift.day.isoformat(): shift.day for shift in trend.shifts} | {change.id: change.day for change in changes}
    if not starts:
        return None
    labels = {FIRST_DAYS: words("trends.since.first")}
    labels |= {shift.day.isoformat(): words("trends.since.shift", day=day(shift.day, here.lang)) for shift in trend.shifts}
    labels |= {change.id: plainly(here, change) for change in changes}
    if st.session_state.get("trends_since") not in labels:
        st.session_state.pop("trends_since", None)
    chosen = st.selectbox(words("trends.since.label"), list(labels), key="trends_since", format_func=labels.__getitem__, width=420)
    return starts.get(chosen)


def draw(look: TrendsLook, filters: Filters) -> None:
    assert here.shop is not None and look.as_of is not None, "there are files"
    changes = list_changes(here.ws, here.shop.id)
    top = st.container(gap="xsmall")
    series = choose_series(look)
    if filters and series.name.startswith("reply"):
        st.caption(words("trends.whole_shop"))
    place = st.container(gap="small")
    trend = trend_of(series)
    since = baseline_choice(changes, trend)
    trend = trend_of(series, since) if since else trend
    untrusted = {"pickup": look.biased, "promise": look.shipping_biased}.get(series.name, False)
    title = words("trends.untrusted") if untrusted else sentence(trend)
    with top:
        st.markdown(f"# {title}", anchors=False)
        if untrusted and link(words("app.go.data"), "folder_open", "go_data"):
            session.go("data")
    beside = beside_days(series, filters, changes)
    with place:
        chart(trend, beside, title)
    if untrusted:
        return
    signs(trend, filters)
    levels(trend, series, changes, beside)
    effects(here, series, changes, look.as_of.date(), beside.bands)
    if series.name == "pickup":
        forecast(here, look)
        practices(here, look)


if here.shop is None or not cache.imports(here):
    nothing_yet(here, words("trends.empty"))
else:
    filters = filter_bar(here)
    look = cache.look(here, look_at_trends, filters)
    if look.series:
        draw(look, filters)
    elif filters:
        st.markdown(f"# {words('trends.no_match')}", anchors=False)
    else:
        nothing_yet(here, words("trends.no_days"))
