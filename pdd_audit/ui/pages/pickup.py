"""Pickup: is it bad? How many parcels were late, how sure that is, and where every row of the files went."""

from collections.abc import Callable

import streamlit as st

from pdd_audit.core.filters import ALL, Filters
from pdd_audit.core.result import MetricRecord
from pdd_audit.services.look_at_pickup import HEADLINE, TILES, PickupLook, look_at_pickup
from pdd_audit.texts.numbers import (
    DASH,
    count,
    day,
    decimal_text,
    line_percent,
    metric_value,
    moment,
    percent,
    percent_range,
    rough_count,
)
from pdd_audit.ui import cache, session
from pdd_audit.ui.calendar_note import day_bands
from pdd_audit.ui.charts.day_bands import all_told, drawn
from pdd_audit.ui.charts.days import days_chart, worst_day
from pdd_audit.ui.charts.ends import at_limit, ends_chart
from pdd_audit.ui.charts.hours import FEWEST, hours_chart, stands_out, worst_hours
from pdd_audit.ui.charts.overlap import overlap_chart
from pdd_audit.ui.charts.pickup import pickup_chart, reaches, share_at, top_of
from pdd_audit.ui.filters import filter_bar
from pdd_audit.ui.ladder import way_of_rows
from pdd_audit.ui.parts import heading, link, metric_badge, nothing_yet, record_badge
from pdd_audit.ui.phrases import hours_text, metric_name, metric_text
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rows import Listed, rows_link

HONEST = ("mature", "survival", "today")
FLATTERING = ("naive_collected", "naive_all")
DECIDABLE = 50  # times the parcels there are; a verdict that needs more of them does not come
FEW = 30  # below, a count is told and no share

here = session.current()
words = here.words


def period(look: PickupLook) -> str:
    assert look.first is not None and look.last is not None, "parcels that count have days"
    if look.first == look.last:
        return day(look.first, here.lang)
    return words("pickup.period", start=day(look.first, here.lang), end=day(look.last, here.lang))


def sentence(look: PickupLook, hours: str) -> str:
    """1,204 件里 61 件超过 24 小时……其中 41 件来自一班车; when that was stands below."""
    key = "pickup.headline" if look.late else "pickup.headline_none"
    said = words(key, n=count(look.total), late=count(look.late), hours=hours)
    van = look.van
    if van is None or not look.late:
        return said
    courier = words.courier(van.courier or words("pickup.some_courier"))
    return said + words("pickup.headline_van", n=count(van.late), courier=courier)


def lists(look: PickupLook) -> list[Listed]:
    """What is counted with the late parcels, and what is left out."""
    left_out = {reason: n for reason, n in look.tables.excluded.items() if reason != "too_fresh"}
    return [
        Listed("included", look.total),
        Listed("on_time", look.total - look.late),
        Listed("not_yet", next((part.rows for rung in look.rungs.get("orders", ()) for part in rung.parts if part.reason == "not_yet"), 0)),
        Listed("too_fresh", look.tables.excluded.get("too_fresh", 0)),
        Listed("excluded", sum(left_out.values())),
    ]


def spread_line(look: PickupLook, metric: MetricRecord, hours: str) -> str:
    counts = look.tables.counts
    more = words("pickup.counts", when=period(look), hours=hours)
    for what, key in (("open_at_risk", "pickup.counts_open"), ("pickup_unknown", "pickup.counts_unknown")):
        more += words(key, n=count(counts[what])) if counts.get(what) else ""
    if metric.value is None or look.total < FEW:
        return more
    spread = percent_range(1 - metric.high, 1 - metric.low) if metric.low is not None and metric.high is not None else DASH
    return words("app.dot").join((words("pickup.late_range", share=percent(1 - metric.value), range=spread), more))


def opening(look: PickupLook, filters: Filters, hours: str) -> None:
    metric = look.metrics[HEADLINE]
    biased = metric.verdict == "not_trusted" and look.total > 0
    with st.container(gap="xsmall"):
        if look.total == 0:
            has_sheet = any(report.kind == "courier_pickups" for report in cache.imports(here))
            waits = "pickup.none_chosen" if filters else "pickup.no_pickup" if has_sheet else "pickup.no_sheet"
            st.markdown(f"# {words(waits)}", anchors=False)
            if not filters and link(words("app.go.data"), "folder_open", "go_data"):
                session.go("data")
            return
        said = md_escape(sentence(look, hours))
        st.markdown(f"# {words('pickup.untrusted') if biased else said}", anchors=False)
        if biased:
            st.markdown(said)
        st.caption(spread_line(look, metric, hours))
        with st.container(horizontal=True, gap="small"):
            rows_link(here, "late", look.late, "late", filters, beside=lists(look))
            all_counted = words("pickup.all_counted", n=count(look.total))
            rows_link(here, "included", look.total, "included", filters, beside=lists(look)[1:], label=all_counted)
            van = look.van
            if van is not None:
                at = {"courier": van.courier or "", "day": van.day.isoformat(), "start": str(van.start), "end": str(van.end)}
                see = words("pickup.this_van", n=count(van.parcels), day=day(van.day, here.lang), start=van.start, end=van.end)
                rows_link(here, "van", van.parcels, "van", filters, at=at, label=see)


def verdicts(look: PickupLook) -> None:
    """What the period did, and whether that will hold: two questions, two answers."""
    metric = look.metrics[HEADLINE]
    if metric.value is None or metric.target is None or metric.verdict is None:
        return
    line, value = line_percent(metric.target), percent(metric.value)
    left, right = st.columns(2, gap="large")
    with left, st.container(gap="xsmall"):
        heading(words("pickup.record.title"), words("pickup.record.caption"))
        if look.record is not None:
            record_badge(words, look.record)
        until = moment(look.tables.mature_until, here.lang)
        told = f"pickup.record.{look.record}" if look.record else "pickup.record.untold"
        st.markdown(words(told, value=value, line=line, until=until))
    with right, st.container(gap="xsmall"):
        heading(words("pickup.process.title"), words("pickup.process.caption"))
        metric_badge(words, metric.verdict)
        spread = percent_range(metric.low, metric.high) or DASH
        st.markdown(words(f"pickup.process.{metric.verdict}", range=spread, line=line))
        if metric.verdict == "too_early":
            needed = metric.more_needed
            far = needed is None or needed > DECIDABLE * max(look.total, FEW)
            st.markdown(words("pickup.process.undecidable") if far else words("pickup.process.needed", n=rough_count(needed or 0)))
        if look.clean:
            st.markdown(words("pickup.process.clean", n=count(look.clean)))


def tiles(look: PickupLook) -> None:
    shown = [(id, look.metrics[id]) for id in TILES if look.metrics[id].value is not None]
    if not shown:
        return
    with st.grid(columns=len(shown), min_column_width=250, wrap=False, gap="medium"):
        for id, metric in shown:
            label, (_, spread) = metric_name(words, id), metric_text(words, metric)
            if spread and metric.unit != "ratio":  # the number itself stands without its unit
                spread = words(f"metric_names.unit.{metric.unit}", value=spread)
            st.metric(
                words("pickup.tile", name=label, range=spread) if spread else label,
                metric_value(metric.value, metric.unit),
                border=True,
                height="stretch",
            )


def curve(look: PickupLook, filters: Filters, hours: str) -> None:
    frame, limit = look.pictures.pickup_curve, look.tables.limit_minutes / 60
    if not reaches(frame, limit):
        return
    share = share_at(frame, limit)
    with st.container(gap="small"):
        whole = "pickup.curve_caption_whole" if top_of(share) == 1 else "pickup.curve_caption"
        heading(words("pickup.curve_title", hours=hours, share=percent(share)), words(whole))
        pickup_chart(frame, limit, words, "curve")
        rows_link(here, "included", look.total, "rows_curve", filters, beside=lists(look)[2:], label=words("pickup.behind"))


def daily(look: PickupLook, filters: Filters) -> None:
    frame = look.pictures.daily
    if frame.empty:
        return
    with st.container(gap="small"):
        worst = worst_day(frame, "parcels", words)
        heading(words("pickup.daily_title", worst=worst) if worst else words("pickup.daily_none"), words("pickup.daily_caption"))
        bands = drawn(day_bands(here, filters, "pickup"), frame["day"])
        days_chart(frame, "late", "parcels", words, "daily", "charts.daily_alt", bands)
        if bands:
            st.caption(md_escape(all_told(bands, words)))
        rows_link(here, "late", look.late, "rows_daily", filters, beside=lists(look))


def estimates(look: PickupLook, filters: Filters) -> None:
    metric = look.metrics[HEADLINE]
    heading(words("pickup.estimates_title"), words("pickup.estimates_caption"))
    rows = []
    for name in (*HONEST, *FLATTERING):
        estimate = metric.estimates.get(name)
        if estimate is None or estimate.value is None:
            continue
        label, why = words(f"metric_names.estimate.{name}.name"), words(f"metric_names.estimate.{name}.means")
        rows.append(estimate_row(name, label, why, percent(estimate.value), percent_range(estimate.low, estimate.high)))
    if look.on_time_so_far.value is not None:
        label, why = words("pickup.so_far.name"), words("pickup.so_far.means")
        rows.append(estimate_row("naive", label, why, percent(look.on_time_so_far.value), ""))
    st.table(rows, border="horizontal", hide_index=True, alt=words("pickup.estimates_title"))
    if look.ends.empty:
        st.caption(words("pickup.no_refunds"))
    rows_link(here, "included", look.total, "rows_estimates", filters, beside=lists(look)[1:], label=words("pickup.behind"))


def estimate_row(name: str, label: str, why: str, value: str, spread: str) -> dict[str, str]:
    if name not in HONEST:
        label, value = f"~~{label}~~", f"~~{value}~~"
    elif name == "mature":
        label, value = f"**{label}**", f"**{value}**"
    small = f"  \n:small[{spread}]" if spread else ""
    return {words("pickup.method"): f"{label}  \n:small[{why}]", words("pickup.kept_share"): f"{value}{small}"}


def by_hour(look: PickupLook, filters: Filters) -> None:
    frame = look.pictures.hour_weekday
    when = worst_hours(frame, words)
    title = words("pickup.hours_title" if stands_out(frame) else "pickup.hours_highest", worst=when) if when else words("pickup.hours_none")
    heading(title, words("pickup.hours_caption", fewest=FEWEST))
    hours_chart(frame, words, "hours")
    rows_link(here, "late", look.late, "rows_hours", filters, beside=lists(look))


def ends(look: PickupLook, filters: Filters, hours: str) -> None:
    limit = look.tables.limit_minutes / 60
    there = at_limit(look.ends, limit)
    assert there is not None, "asked before"
    heading(words("pickup.ends_title", share=percent(there["refunded"]), hours=hours), words("pickup.ends_caption"))
    ends_chart(look.ends, limit, words, "ends")
    refunded = look.tables.excluded.get("refunded_before_limit", 0)
    rows_link(here, "excluded", refunded, "rows_refunded", filters, at={"reason": "refunded_before_limit"})


def still_open(look: PickupLook, filters: Filters, hours: str) -> None:
    over, inside = look.tables.counts.get("open_over_limit", 0), look.tables.counts.get("open_at_risk", 0)
    title = words("pickup.open_title", n=count(over + inside), over=count(over), hours=hours)
    heading(title, words("pickup.open_caption", moment=moment(look.tables.as_of, here.lang)))
    rows = [
        {
            words("pickup.column.courier"): (
                md_escape(words.courier(row["courier"])) if isinstance(row["courier"], str) else words("pickup.some_courier")
            ),
            words("pickup.column.over", hours=hours): count(int(row["over"])),
            words("pickup.column.inside"): count(int(row["inside"])),
            words("pickup.column.oldest"): oldest(float(row["oldest_hours"])),
        }
        for row in look.open_by.to_dict("records")
    ]
    st.table(rows, border="horizontal", hide_index=True, alt=title)
    with st.container(horizontal=True, gap="small"):
        rows_link(here, "open_over_limit", over, "open_over", filters, label=words("pickup.open_over", n=count(over)))
        rows_link(here, "open_at_risk", inside, "open_inside", filters, label=words("pickup.open_inside", n=count(inside)))


def oldest(hours: float) -> str:
    """Ages share a last bin of 72 h."""
    return words("pickup.over_72") if hours >= 72 else words("pickup.some_hours", n=decimal_text(hours, 0))


def perfect(look: PickupLook, filters: Filters) -> None:
    found = look.perfect
    if not found.enough:
        return
    names = {name: words(f"pickup.component.{name}.short") for name in found.components}
    judged = {"judged": " ".join(found.components)}
    comma = words("data.listed")
    captions = [words("pickup.perfect_caption", all=comma.join(words(f"pickup.component.{name}.name") for name in found.components))]
    if found.missing:
        captions.append(words("pickup.perfect_missing", names=comma.join(words(f"pickup.component.{name}.name") for name in found.missing)))
    with st.container(gap="small"):
        title = words("pickup.perfect_title", share=percent(found.rate.value), n=count(found.known), perfect=count(found.perfect))
        untrusted = look.shipping_biased or found.doubtful
        heading(words("pickup.perfect_untrusted") if untrusted else title, "".join(captions))
        if untrusted:
            st.caption(title)
        notes = [words("pickup.perfect_range", range=percent_range(found.rate.low, found.rate.high))]
        if found.unknown:
            settled = percent(found.low) == percent(found.high)
            between = words("pickup.perfect_unknown", n=count(found.unknown), range=percent_range(found.low, found.high))
            notes.append(words("pickup.perfect_unknown_few", n=count(found.unknown)) if settled else between)
        if found.early:
            notes.append(words("pickup.perfect_early", n=count(found.early)))
        if found.product is not None and len(found.components) > 1:
            notes.append(words("pickup.perfect_product", share=percent(found.product)))
        st.markdown("".join(notes))
        if found.failed:
            overlap_chart(found.sets, names, words, "overlap")
            st.table(parts_of(look), border="horizontal", hide_index=True, alt=words("pickup.perfect_table"))
            st.caption(words("pickup.perfect_reading"))
        beside = [Listed("perfect", found.perfect, judged), Listed("undecided", found.unknown + found.early, judged)]
        with st.container(horizontal=True, gap="small"):
            rows_link(here, "imperfect", found.failed, "imperfect", filters, at=judged, beside=beside)
            for row in found.parts.to_dict("records"):
                name, broken = str(row["component"]), int(row["broken"])
                label = words("pickup.broken", name=names[name], n=count(broken))
                rows_link(here, "imperfect", broken, f"imperfect_{name}", filters, at={**judged, "broken": name}, label=label)


def parts_of(look: PickupLook) -> list[dict[str, str]]:
    return [
        {
            words("pickup.column.component"): words(f"pickup.component.{row['component']}.name"),
            words("pickup.column.broken"): count(int(row["broken"])),
            words("pickup.column.sole"): count(int(row["sole"])),
            words("pickup.column.credit"): decimal_text(float(row["credit"]), 1),
            words("pickup.column.added"): words("pickup.added", n=count(int(row["added"]))),
        }
        for row in look.perfect.parts.to_dict("records")
    ]


def side_by_side(*blocks: tuple[bool, Callable[[], None]]) -> None:
    """Blocks that have something to show, two in a row; one that stands alone takes half of it, as its tables are narrow."""
    shown = [draw for there, draw in blocks if there]
    if shown:
        places = st.columns(2, gap="large")
        for place, draw in zip(places, shown, strict=False):
            with place, st.container(gap="small"):
                draw()


def page(filters: Filters) -> None:
    look = cache.look(here, look_at_pickup, filters)
    hours, limit = hours_text(look.tables.limit_minutes), look.tables.limit_minutes / 60
    opening(look, filters, hours)
    audit = cache.audit(here)
    for bias in audit.result.warnings if audit is not None else []:  # what a single file lacks stands on its card
        if bias.file is None:
            st.warning(md_escape(bias.text), icon=":material/warning:")
    if look.total:
        verdicts(look)
        tiles(look)
        curve(look, filters, hours)
        daily(look, filters)
        side_by_side(
            (any(estimate.value is not None for estimate in look.metrics[HEADLINE].estimates.values()), lambda: estimates(look, filters)),
            (bool((look.pictures.hour_weekday.parcels >= FEWEST).any()), lambda: by_hour(look, filters)),
        )
    side_by_side(
        (len(look.open_by) > 0, lambda: still_open(look, filters, hours)),
        (at_limit(look.ends, limit) is not None, lambda: ends(look, filters, hours)),
    )
    perfect(look, filters)
    way_of_rows(here, look, filters)


if here.shop is None or not cache.imports(here):
    nothing_yet(here, words("metrics.empty"))
elif not any(report.kind == "pdd_orders" for report in cache.imports(here)):
    nothing_yet(here, words("pickup.no_orders"))
else:
    page(filter_bar(here) or ALL)
