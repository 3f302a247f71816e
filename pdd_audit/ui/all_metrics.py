"""Every metric of a result in one table; a line of it opens what the figure means, what uses it, and the rows behind it."""

from typing import Literal

import streamlit as st

from pdd_audit.core.lineage import METRICS_FROM, ROWS_BEHIND
from pdd_audit.core.result import AuditResult, MetricRecord
from pdd_audit.services.run_audit import Audit
from pdd_audit.texts.numbers import DASH, count
from pdd_audit.ui.own_list import target_lines
from pdd_audit.ui.parts import VERDICT_LOOK, card, heading, metric_badge
from pdd_audit.ui.phrases import metric_name, metric_text, target_text
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rows import rows_link
from pdd_audit.ui.session import Here

GROUNDS = {"green": "#E6F0F2", "red": "#FCEFE8", "gray": "#EEF2F3"}  # of a verdict in the table
TABLE = "metrics_table"


def all_metrics(here: Here, audit: Audit) -> None:
    words, result = here.words, audit.result
    heading(words("results.metrics_title"), words("results.metrics_caption"))
    target_lines(here, result)
    ids = list(result.metrics)
    picked = _table(here, result)
    if picked is not None and picked < len(ids):
        _opened(here, audit, ids[picked], result.metrics[ids[picked]])


def _table(here: Here, result: AuditResult) -> int | None:
    """Which line was tapped."""
    words = here.words
    rows = []
    looks = {}
    for id, metric in result.metrics.items():
        value, spread = metric_text(words, metric)
        verdict = words(f"verdicts.metric.{metric.verdict}.name") if metric.verdict else ""
        if metric.verdict:
            looks[verdict] = GROUNDS[VERDICT_LOOK[metric.verdict][1]]
        rows.append(
            {
                "name": metric_name(words, id),
                "value": value,
                "range": spread or DASH,
                "n": metric.n,
                "verdict": [verdict] if verdict else [],
                "target": target_text(words, metric),
            }
        )
    column = st.column_config
    own_target = any(metric.standard_target is not None for metric in result.metrics.values())
    wide: Literal["small", "medium"] = "medium" if own_target else "small"
    found = st.dataframe(
        rows,
        hide_index=True,
        height="content",
        alt=words("results.metrics_title"),
        key=TABLE,
        on_select="rerun",
        selection_mode="single-cell",  # a tap anywhere on the line, no column of boxes
        column_config={
            "name": column.TextColumn(words("results.column.name"), pinned=True, width=172),
            "value": column.TextColumn(words("results.column.value"), width=72, alignment="right"),
            "range": column.TextColumn(words("results.column.range"), width=108, alignment="right"),
            "n": column.NumberColumn(words("results.column.n"), format="localized", width="small"),
            "verdict": column.MultiselectColumn(
                words("results.column.verdict"), options=list(looks), color=list(looks.values()), width="medium"
            ),
            "target": column.TextColumn(words("results.column.target"), width=wide, alignment="right"),
        },
    )
    cells = found["selection"]["cells"]
    return int(cells[0][0]) if cells else None


def _opened(here: Here, audit: Audit, id: str, metric: MetricRecord) -> None:
    words = here.words
    value, spread = metric_text(words, metric)
    with card(tight=True, key=f"metric_{id}"):
        shown = words("results.metric.range", value=value, range=spread) if spread else value
        heading(words("results.metric.title", name=metric_name(words, id), value=shown), words(f"metric_names.{id}.definition"), level=4)
        if metric.verdict:
            metric_badge(words, metric.verdict)
        listed = words("data.listed")
        told = [words("results.metric.counted", n=count(metric.n))]
        if metric.target is not None:
            told.append(words("results.metric.target", target=target_text(words, metric)))
        if id in METRICS_FROM:
            told.append(words("results.metric.files", files=listed.join(words(f"data.kinds.{kind}.name") for kind in METRICS_FROM[id])))
        used = [
            question.title.ok.in_language(here.lang)
            for practice in here.checklists.practices for question in practice.items
            if question.verify is not None and question.verify.metric == id and not question.retired
        ]
        if used:
            told.append(words("results.metric.used", questions=words("app.semicolon").join(map(md_escape, used))))
        st.markdown("\n".join(f"- {line}" for line in told))
        what = ROWS_BEHIND.get(id)
        if what is None:
            st.caption(words("results.metric.no_rows"))
        elif what in audit.tables.samples:
            rows_link(here, what, audit.tables.samples[what].total, f"rows_metric_{id}")
