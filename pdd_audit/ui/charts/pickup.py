"""Parcels not picked up yet, over the hours since the upload: the tail below one half, where it is decided."""

import altair as alt
import pandas as pd

from pdd_audit.texts import Words
from pdd_audit.texts.numbers import percent, percent_range
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept

TOP = 0.5
HIGH = 0.4  # a share at the limit above which the lower half would hide the point itself


def reaches(curve: pd.DataFrame, limit_hours: float) -> bool:
    """Whether anything has been watched as long as the limit; before that the curve has nothing to say."""
    return not curve.empty and float(curve.hour.max()) >= limit_hours


def share_at(curve: pd.DataFrame, limit_hours: float) -> float:
    """Share still open at the limit."""
    return float(curve[curve.hour <= limit_hours].open_share.iloc[-1])


def top_of(share: float) -> float:
    return TOP if share < HIGH else 1.0


@kept
def pickup_chart(curve: pd.DataFrame, limit_hours: float, words: Words, key: str) -> None:
    """``curve``: hour, open_share, low, high."""
    share = share_at(curve, limit_hours)
    top = top_of(share)
    # the part above one half says nothing about lateness and would flatten the rest
    drawn = curve[curve.open_share <= top].assign(low=lambda f: f.low.clip(0, top), high=lambda f: f.high.clip(0, top))
    end = float(curve.hour.max())
    ticks = [hour for hour in (0, 6, 12, 18, 24, 36, 48, 60, 72) if hour <= end]
    x = alt.X("hour:Q", scale=alt.Scale(domain=[0, end], nice=False), axis=alt.Axis(values=ticks, title=words("charts.hours_since_upload")))
    y = alt.Y("open_share:Q", scale=alt.Scale(domain=[0, top]), axis=ink.share_axis(grid=True))
    at_limit = curve[curve.hour <= limit_hours].iloc[-1:]
    late = drawn[drawn.hour >= limit_hours]
    label = words("charts.still_open", share=percent(share))
    spread = percent_range(float(at_limit.low.iloc[0]), float(at_limit.high.iloc[0]))
    point = pd.DataFrame({"hour": [limit_hours], "open_share": [share], "label": [label], "spread": [spread]})
    rule = pd.DataFrame({"hour": [limit_hours], "label": [words("charts.limit_line", hours=f"{limit_hours:g}")]})
    # the step form keeps the line true: a share changes at an event, not between two
    band = (
        alt.Chart(drawn)
        .mark_area(opacity=0.22, color=ink.TEAL, interpolate="step-after")
        .encode(x=x, y=alt.Y("low:Q", title=None), y2=alt.Y2("high:Q"))
    )
    ground = alt.Chart(late).mark_area(color=ink.VERMILION, opacity=0.16, interpolate="step-after").encode(x=x, y=y)
    line = alt.Chart(drawn).mark_line(color=ink.TEAL, strokeWidth=2.2, interpolate="step-after").encode(x=x, y=y)
    layers = [
        band,
        ground,
        line,
        alt.Chart(rule).mark_rule(color=ink.INK, strokeDash=ink.DASH, strokeWidth=1.4).encode(x=x),
        alt.Chart(rule).mark_text(align="left", dx=7, fontSize=13, color=ink.INK).encode(x=x, y=alt.value(10), text=alt.Text("label:N")),
        alt.Chart(point).mark_point(shape="diamond", filled=True, size=110, color=ink.VERMILION, opacity=1).encode(x=x, y=y),
        alt.Chart(point)
        .mark_text(align="left", dx=9, dy=-44, fontSize=15, fontWeight="bold", color=ink.VERMILION_TEXT)
        .encode(x=x, y=y, text=alt.Text("label:N")),
        alt.Chart(point).mark_text(align="left", dx=9, dy=-26, fontSize=13, color=ink.GREY_TEXT).encode(
            x=x, y=y, text=alt.Text("spread:N")
        ),
    ]
    ink.show(
        ink.layer(*layers, height=300),
        words("charts.pickup_alt", hours=f"{limit_hours:g}", share=percent(share), range=spread),
        key,
    )
