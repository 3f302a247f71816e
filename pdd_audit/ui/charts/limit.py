"""One measured number with its interval between the limits that the levels of an answer claim."""

from dataclasses import dataclass

import altair as alt
import pandas as pd

from pdd_audit.texts import Words
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept


@dataclass(frozen=True)
class Mark:
    """A limit of one level: where it stands and what is written under it."""

    value: float
    label: str


@kept
def limit_chart(value: float, low: float, high: float, text: str, marks: list[Mark], contradicted: bool, words: Words, key: str) -> None:
    """The domain starts at zero and ends a little right of the furthest mark."""
    color = ink.VERMILION if contradicted else ink.TEAL
    shape = "diamond" if contradicted else "circle"
    end = max([high, value, *(mark.value for mark in marks)]) * 1.35 or 1.0
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, end], nice=False), axis=None)
    ground = alt.Chart(pd.DataFrame({"x": [0.0], "x2": [end]})).mark_bar(height=10, color=ink.QUIET).encode(
        x=x, x2=alt.X2("x2:Q"), y=alt.value(42)
    )
    interval = (
        alt.Chart(pd.DataFrame({"x": [low], "x2": [max(high, low + end * 0.006)]}))
        .mark_bar(height=10, color=color, opacity=0.32)
        .encode(x=x, x2=alt.X2("x2:Q"), y=alt.value(42))
    )
    point = pd.DataFrame({"x": [value], "text": [text]})
    dot = alt.Chart(point).mark_point(shape=shape, filled=True, size=130, color=color, opacity=1).encode(x=x, y=alt.value(42))
    label = (
        alt.Chart(point)
        .mark_text(fontSize=15, fontWeight="bold", color=ink.VERMILION_TEXT if contradicted else color, dy=-24)
        .encode(x=x, y=alt.value(42), text=alt.Text("text:N"))
    )
    limits = pd.DataFrame({"x": [m.value for m in marks], "label": [m.label for m in marks], "row": [i % 2 for i in range(len(marks))]})
    rules = alt.Chart(limits).mark_rule(color=ink.INK, strokeDash=ink.DASH, strokeWidth=1.4).encode(
        x=x, y=alt.value(28), y2=alt.value(60)
    )
    layers = [ground, interval, rules, dot, label]
    for row in (0, 1):
        here = limits[limits.row == row]
        if len(here):
            layers.append(
                alt.Chart(here)
                .mark_text(fontSize=12, color=ink.GREY_TEXT, baseline="top")
                .encode(x=x, y=alt.value(64 + 16 * row), text=alt.Text("label:N"))
            )
    sentence = words("charts.limit_alt", value=text, limits=words("app.comma").join(mark.label for mark in marks))
    ink.show(ink.layer(*layers, height=100 if len(marks) > 1 else 84), sentence, key)
