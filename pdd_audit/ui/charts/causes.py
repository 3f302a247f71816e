"""Causes of late parcels, most first, the unknown one last and pale."""

import altair as alt
import pandas as pd

from pdd_audit.services.look_at_couriers import Pareto
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count, percent
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept


@kept
def causes_chart(pareto: Pareto, words: Words, key: str) -> None:
    frame = pd.DataFrame(
        [
            {
                "name": words(f"couriers.cause.name.{cause.code}"),
                "share": cause.share,
                "low": cause.low,
                "high": cause.high,
                "unknown": cause.code == "unknown",
                "label": f"{count(cause.parcels)} · {percent(cause.share)}",
                "tip": words(
                    "charts.pareto.one", name=words(f"couriers.cause.name.{cause.code}"), n=count(cause.parcels), share=percent(cause.share)
                ),
            }
            for cause in pareto.causes
        ]
    )
    top = min(1.0, float(frame["high"].max()) * 1.02)
    x_scale = alt.Scale(domain=[0, top], nice=False, range=[0, alt.ExprRef("width - 104")])
    y = alt.Y("name:N", sort=list(frame["name"]), axis=alt.Axis(title=None, labelFontSize=14, labelColor=ink.INK, labelLimit=120))
    tips = [alt.Tooltip("tip:N", title=" ")]
    base = alt.Chart(frame).encode(y=y, tooltip=tips)
    x = alt.X("share:Q", scale=x_scale, axis=ink.share_axis(grid=True))
    layers = [
        base.transform_filter("!datum.unknown").mark_bar(height=18, color=ink.VERMILION).encode(x=x),
        base.transform_filter("datum.unknown").mark_bar(height=18, color=ink.QUIET, stroke=ink.GREY_MARK, strokeDash=ink.DASH).encode(x=x),
        base.mark_rule(color=ink.INK, strokeWidth=1.5).encode(x=alt.X("low:Q", scale=x_scale), x2=alt.X2("high:Q")),
        base.mark_text(align="right", fontSize=13, color=ink.INK).encode(x=alt.value(alt.ExprRef("width")), text=alt.Text("label:N")),
    ]
    ink.show(
        ink.layer(*layers, height=alt.Step(34)), words("charts.pareto.alt", parts=words("data.listed").join(frame["tip"])), key
    )
