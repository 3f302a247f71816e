"""Couriers as they stand and at a like mix: hollow and filled dot, joined; the interval belongs to the adjusted one."""

import math

import altair as alt
import pandas as pd

from pdd_audit.services.look_at_couriers import Compared
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import percent, percent_range
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept

MOST = 12


@kept
def adjusted_chart(units: tuple[Compared, ...], told: str | None, words: Words, key: str) -> None:
    """``units``: highest crude rate first. ``told``: the name whose pair of numbers is written out."""
    frame = pd.DataFrame(
        [
            {
                "name": words.courier(unit.name),
                "crude": unit.crude,
                "adjusted": unit.adjusted,
                "low": unit.low,
                "high": unit.high,
                "worse": unit.worse,
                "tip": words(
                    "charts.adjusted.tip",
                    name=words.courier(unit.name),
                    crude=percent(unit.crude),
                    adjusted=percent(unit.adjusted),
                    range=percent_range(unit.low, unit.high),
                ),
            }
            for unit in sorted(units, key=lambda unit: -unit.parcels)[:MOST]
        ]
    ).sort_values("crude", ascending=False)
    shares, ends = float(frame[["crude", "adjusted"]].max().max()), float(frame["high"].max())
    top = min(1.0, math.ceil(max(min(ends, shares * 2), shares * 1.35, 0.02) * 100) / 100)
    frame["high"] = frame["high"].clip(upper=top)  # one courier with few parcels must not squeeze all others
    scale = alt.Scale(domain=[0, top], nice=False)
    y = alt.Y("name:N", sort=list(frame["name"]), axis=alt.Axis(title=None, labelFontSize=14, labelColor=ink.INK, labelLimit=130))
    tips = [alt.Tooltip("tip:N", title=" ")]
    base = alt.Chart(frame).encode(y=y, tooltip=tips)
    layers = [
        base.mark_bar(height=ink.INTERVAL, color=ink.PALE_TEAL).encode(
            x=alt.X("low:Q", scale=scale, axis=ink.share_axis(grid=True)), x2=alt.X2("high:Q")
        ),
        base.mark_rule(color=ink.GREY_TEXT, strokeDash=[1, 3], strokeWidth=1.5).encode(
            x=alt.X("crude:Q", scale=scale), x2=alt.X2("adjusted:Q")
        ),
        base.mark_point(shape="circle", filled=True, fill="white", stroke=ink.GREY_TEXT, strokeWidth=1.8, size=85, opacity=1).encode(
            x=alt.X("crude:Q", scale=scale)
        ),
        base.transform_filter("!datum.worse")
        .mark_point(shape="circle", filled=True, size=85, color=ink.TEAL, opacity=1)
        .encode(x=alt.X("adjusted:Q", scale=scale)),
        base.transform_filter("datum.worse")
        .mark_point(shape="diamond", filled=True, size=115, color=ink.VERMILION, opacity=1)
        .encode(x=alt.X("adjusted:Q", scale=scale)),
    ]
    pair = frame[frame["name"] == words.courier(told or "")]
    for column, color, away in (("crude", ink.GREY_TEXT, 1), ("adjusted", ink.TEAL, -1)):
        for row in pair.to_dict("records"):
            side = away if row["crude"] >= row["adjusted"] else -away
            label = pd.DataFrame(
                {
                    "name": [row["name"]],
                    "share": [row[column]],
                    "label": [words(f"charts.adjusted.{column}", share=percent(row[column]))],
                }
            )
            layers.append(
                alt.Chart(label)
                .mark_text(dy=-14, dx=4 * side, align="left" if side > 0 else "right", fontSize=12, fontWeight="bold", color=color)
                .encode(x=alt.X("share:Q", scale=scale), y=y, text=alt.Text("label:N"))
            )
    parts = "; ".join(frame["tip"])
    ink.show(ink.layer(*layers, height=alt.Step(48)), words("charts.adjusted.alt", parts=parts), key)
