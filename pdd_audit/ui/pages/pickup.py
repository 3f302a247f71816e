"""Pickup: how many parcels were late, how sure that is, and the rows behind every number."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pdd_audit.core.result import AuditResult, MetricRecord
from pdd_audit.services.run_audit import Audit
from pdd_audit.texts.numbers import DASH, count, metric_range, metric_value, percent, percent_range
from pdd_audit.ui import cache, session
from pdd_audit.ui.charts.days import days_chart, worst_day
from pdd_audit.ui.charts.hours import FEWEST, hours_chart, worst_hours
from pdd_audit.ui.charts.pickup import pickup_chart, reaches, share_at, top_of
from pdd_audit.ui.parts import VERDICT_LOOK, heading, link, nothing_yet
from pdd_audit.ui.phrases import hours_text, lateness_sentence, metric_name, metric_text
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rows import rows_link

HONEST = ("mature", "survival", "today")
FLATTERING = ("naive_collected", "naive_all")
TILES = ("pickup_24h_ratio", "open_over_limit_count", "pickup_hours_p90")

here = session.current()
words = here.words


def tiles(result: AuditResult) -> None:
    shown = [(id, result.metrics[id]) for id in TILES if id in result.metrics and result.metrics[id].value is not None]
    if not shown:
        return
    with st.grid(columns=len(shown), min_column_width=250, wrap=False, gap="medium"):
        for id, metric in shown:
            spread = metric_range(metric.low, metric.high, metric.unit).replace("%", "")
            label = metric_name(words, id)
            st.metric(
                words("metrics.tile", name=label, range=spread) if spread else label,
                metric_value(metric.value, metric.unit),
                border=True,
                height="stretch",
            )


def counts_line(result: AuditResult, hours: str) -> str:
    parcels = result.parcels
    return words(
        "metrics.counts",
        hours=hours,
        mature=count(parcels.get("mature", 0)),
        risk=count(parcels.get("open_at_risk", 0)),
        unknown=count(parcels.get("pickup_unknown", 0)),
    )


def late_range(result: AuditResult) -> str:
    metric = result.metrics["pickup_24h_ratio"]
    assert metric.value is not None, "the headline speaks of it"
    spread = percent_range(1 - metric.high, 1 - metric.low) if metric.low is not None and metric.high is not None else ""
    return words("metrics.late_range", share=percent(1 - metric.value), range=spread or DASH)


def estimates_table(metric: MetricRecord) -> None:
    rows = []
    for name in (*HONEST, *FLATTERING):
        estimate = metric.estimates.get(name)
        if estimate is None or estimate.value is None:
            continue
        label, why = words(f"metric_names.estimate.{name}.name"), words(f"metric_names.estimate.{name}.means")
        value, spread = percent(estimate.value), percent_range(estimate.low, estimate.high)
        if name in FLATTERING:
            label, value = f"~~{label}~~", f"~~{value}~~"
        elif name == "mature":
            label, value = f"**{label}**", f"**{value}**"
        small = f"  \n:small[{spread}]" if spread else ""
        rows.append({words("metrics.method"): f"{label}  \n:small[{why}]", words("metrics.kept_share"): f"{value}{small}"})
    st.table(rows, border="horizontal", hide_index=True, alt=words("metrics.estimates_title"))


def all_metrics(result: AuditResult) -> None:
    rows = []
    verdicts = []
    for id, metric in result.metrics.items():
        value, spread = metric_text(words, metric)
        verdict = words(f"verdicts.metric.{metric.verdict}.name") if metric.verdict else ""
        verdicts.append((verdict, metric.verdict))
        rows.append(
            {
                "name": metric_name(words, id),
                "value": value,
                "range": spread or DASH,
                "n": metric.n,
                "verdict": [verdict] if verdict else [],
                "target": metric_value(metric.target, metric.unit) if metric.target is not None else DASH,
                "means": words(f"metric_names.{id}.definition") if words.has(f"metric_names.{id}.definition") else "",
            }
        )
    colors = {"green": "#E6F0F2", "red": "#FCEFE8", "gray": "#EEF2F3"}
    seen = {text: colors[VERDICT_LOOK[verdict][1]] for text, verdict in verdicts if verdict}
    column = st.column_config
    st.dataframe(
        rows,
        hide_index=True,
        height="content",
        alt=words("metrics.all_title"),
        column_config={
            "name": column.TextColumn(words("metrics.column.name"), pinned=True, width="medium"),
            "value": column.TextColumn(words("metrics.column.value"), width="small", alignment="right"),
            "range": column.TextColumn(words("metrics.column.range"), width="small", alignment="right"),
            "n": column.NumberColumn(words("metrics.column.n"), format="localized", width="small"),
            "verdict": column.MultiselectColumn(
                words("metrics.column.verdict"), options=list(seen), color=list(seen.values()), width="medium"
            ),
            "target": column.TextColumn(words("metrics.column.target"), width="small", alignment="right"),
            "means": column.TextColumn(words("metrics.column.means"), width="large"),
        },
    )


def links(audit: Audit) -> None:
    """Every list of parcels that has rows, each with its count."""
    totals = {what: sample.total for what, sample in audit.tables.samples.items()}
    totals |= {what: audit.result.parcels.get(what, 0) for what in ("open_over_limit", "open_at_risk")}
    totals["excluded"] = sum(audit.result.excluded.values())
    with st.container(gap="xsmall"):
        for what, total in totals.items():
            if total:
                with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                    st.markdown(words(f"app.rows.title.{what}"), width="content")
                    rows_link(here, what, total, f"list_{what}")


def beside(left: bool, right: bool) -> tuple[DeltaGenerator | None, DeltaGenerator | None]:
    """Two places side by side for pictures that exist; one that stands alone takes the left one, and without any nothing is drawn."""
    if not (left or right):
        return None, None
    first, second = st.columns(2, gap="large")
    return (first if left else None), (second if left and right else first if right else None)


def draw(audit: Audit) -> None:
    result, pictures = audit.result, audit.pictures
    hours = hours_text(audit.tables.limit_minutes)
    sentence = lateness_sentence(result, hours, words)
    with st.container(gap="xsmall"):
        biased = result.metrics["pickup_24h_ratio"].verdict == "not_trusted"
        waits = "metrics.no_pickup" if any(report.kind == "courier_pickups" for report in cache.imports(here)) else "metrics.no_sheet"
        title = words("metrics.untrusted") if biased else md_escape(sentence) if sentence else words(waits)
        st.markdown(f"# {title}", anchors=False)
        if biased and sentence:
            st.markdown(md_escape(sentence))
        if sentence:
            st.caption(words("app.dot").join((late_range(result), counts_line(result, hours))))
        elif link(words("app.go.data"), "folder_open", "go_data"):
            session.go("data")
    for bias in (warning for warning in result.warnings if warning.file is None):  # what a single file lacks stands on its card
        st.warning(md_escape(bias.text), icon=":material/warning:")
    tiles(result)
    pickup = result.metrics.get("pickup_24h_ratio")
    limit = audit.tables.limit_minutes / 60
    if reaches(pictures.pickup_curve, limit):
        with st.container(gap="small"):
            share = share_at(pictures.pickup_curve, limit)
            whole = top_of(share) == 1
            heading(
                words("metrics.curve_title", hours=hours, share=percent(share)),
                words("metrics.curve_caption_whole" if whole else "metrics.curve_caption"),
            )
            pickup_chart(pictures.pickup_curve, limit, words, "curve")
    if not pictures.daily.empty:
        with st.container(gap="small"):
            worst = worst_day(pictures.daily, "parcels", words)
            heading(words("metrics.daily_title", worst=worst) if worst else words("metrics.daily_none"), words("metrics.daily_caption"))
            days_chart(pictures.daily, "late", "parcels", words, "daily", "charts.daily_alt")
    left, right = beside(
        pickup is not None and any(estimate.value is not None for estimate in pickup.estimates.values()),
        bool((pictures.hour_weekday.parcels >= FEWEST).any()),
    )
    if left is not None and pickup is not None:
        with left, st.container(gap="small"):
            heading(words("metrics.estimates_title"), words("metrics.estimates_caption"))
            estimates_table(pickup)
    if right is not None:
        with right, st.container(gap="small"):
            when = worst_hours(pictures.hour_weekday, words)
            heading(
                words("metrics.hours_title", worst=when) if when else words("metrics.hours_none"),
                words("metrics.hours_caption", fewest=FEWEST),
            )
            hours_chart(pictures.hour_weekday, words, "hours")
    with st.container(gap="small"):
        heading(words("metrics.all_title"), words("metrics.all_caption"))
        all_metrics(result)
    with st.container(gap="small"):
        heading(words("metrics.rows_title"))
        links(audit)


audit = cache.audit(here)
if audit is None or not cache.imports(here):
    nothing_yet(here, words("metrics.empty"))
else:
    draw(audit)
