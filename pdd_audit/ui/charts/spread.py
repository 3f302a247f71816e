"""Where the members of a round stand, question by question: the further apart, the longer the bar."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from pdd_audit.texts import Words
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept

STEP = 54
RIGHT_PIXELS = 96  # kept free for what is at stake
BESIDE = -0.05  # where those stand who gave no level


@dataclass(frozen=True)
class Stand:
    """One question: its number in the order of the talk, its short name, each member's value 0..1 (None: don't know or does not apply),
    and what is at stake, in words."""

    number: int
    name: str
    values: Sequence[float | None]
    stake: str


@kept
def spread_chart(rows: Sequence[Stand], words: Words, key: str) -> None:
    """Left: done least; right: done best. A hollow diamond at the left end: members who gave no level."""
    names = [f"{row.number}. {row.name}" for row in rows]
    y = alt.Y("name:N", sort=names, title=None, axis=None)
    x = alt.Scale(domain=[BESIDE, 1], nice=False, range=[8, alt.ExprRef("width - 12")])
    known = [(name, [v for v in row.values if v is not None]) for name, row in zip(names, rows, strict=True)]
    said = [{"name": name, "x": value, "n": at.count(value)} for name, at in known for value in sorted(set(at))]
    dots = pd.DataFrame(said, columns=["name", "x", "n"])
    spans = pd.DataFrame([{"name": name, "min": min(at), "max": max(at)} for name, at in known if at], columns=["name", "min", "max"])
    no_level = [{"name": name, "x": BESIDE} for name, row in zip(names, rows, strict=True) if None in row.values]
    beside = pd.DataFrame(no_level, columns=["name", "x"])
    heads = pd.DataFrame([{"name": name, "text": row.stake} for name, row in zip(names, rows, strict=True)])
    ends = f"datum.value == 0 ? '{words('charts.spread.least')}' : '{words('charts.spread.most')}'"
    axis = alt.Axis(values=[0, 1], labelExpr=ends, title=None, labelFlush=True)
    bars = alt.Chart(spans).mark_bar(
        height=ink.INTERVAL, color=ink.PALE_TEAL, stroke=ink.MID_TEAL, strokeWidth=0.6, yOffset=9,
    ).encode(x=alt.X("min:Q", scale=x, axis=axis), x2="max:Q", y=y)
    marks = alt.Chart(dots).mark_point(filled=True, size=150, color=ink.TEAL, opacity=1, yOffset=9).encode(x=alt.X("x:Q", scale=x), y=y)
    counts = alt.Chart(dots).mark_text(fontSize=11, color="white", fontWeight="bold", dy=9).encode(
        x=alt.X("x:Q", scale=x), y=y, text="n:Q"
    )
    unknown = alt.Chart(beside).mark_point(shape="diamond", size=110, color=ink.GREY_MARK, strokeWidth=1.6, yOffset=9).encode(
        x=alt.X("x:Q", scale=x), y=y
    )
    left = alt.Chart(heads).mark_text(
        align="left", dy=-11, fontSize=13, color=ink.INK, limit=alt.ExprRef(f"width - {RIGHT_PIXELS}"),
    ).encode(
        x=alt.value(0), y=y, text="name:N"
    )
    right = alt.Chart(heads).mark_text(align="right", dy=-11, fontSize=13, color=ink.GREY_TEXT).encode(
        x=alt.value("width"), y=y, text="text:N"
    )
    apart = words("app.comma").join(row.name for row in rows[:3])
    ink.show(ink.layer(bars, unknown, marks, counts, left, right, height=alt.Step(STEP)), words("charts.spread.alt", names=apart), key)
