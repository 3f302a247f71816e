"""The signature of the product: the score on its scale of grades, and what it rests on."""

from typing import Any

import altair as alt
import pandas as pd

from pdd_audit.core.result import Coverage, ScoreRecord
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import DASH, points, whole_percents
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept

GRADES = pd.DataFrame({"grade": ["E", "D", "C", "B", "A"], "start": [0.0, 60.0, 70.0, 80.0, 90.0], "end": [59.6, 69.6, 79.6, 89.6, 100.0]})
RUNGS = ["verified", "evidenced", "claimed", "unknown"]
ROOM_FOR_LABEL = 0.18
NARROW = 6  # points
ROOM_FOR_PERCENT = 0.08


@kept
def scale_chart(score: ScoreRecord, words: Words, key: str, *, with_value: bool = True) -> None:
    """Pale: once the open questions are answered. Darker: what the intervals of the data allow. Dot: now.

    ``with_value`` False: too little is answered for a dot; the range speaks alone.
    """
    x = alt.Scale(domain=[0, 100], nice=False)
    bands = (
        alt.Chart(GRADES).mark_bar(height=9, color=ink.QUIET).encode(
            x=alt.X("start:Q", scale=x, axis=None), x2=alt.X2("end:Q"), y=alt.value(40)
        )
    )
    middle = GRADES.assign(middle=(GRADES.start + GRADES.end) / 2, now=GRADES.grade == score.grade)
    letters = (
        alt.Chart(middle)
        .mark_text(fontSize=12, baseline="top", dy=10)
        .encode(
            x=alt.X("middle:Q"),
            y=alt.value(40),
            text=alt.Text("grade:N"),
            color=alt.condition("datum.now", alt.value(ink.INK), alt.value(ink.GREY_TEXT)),
        )
    )
    layers: list[Any] = [bands, letters]
    if score.low is not None and score.high is not None:
        layers.append(_stretch(score.low, score.high, ink.PALE_TEAL))
    if with_value and score.data_low is not None and score.data_high is not None:
        layers.append(_stretch(score.data_low, score.data_high, ink.MID_TEAL))
    if score.value is not None and with_value:
        now = pd.DataFrame({"x": [score.value], "text": [points(score.value)]})
        layers.append(
            alt.Chart(now)
            .mark_point(shape="circle", filled=True, size=170, color=ink.TEAL, opacity=1, stroke="white", strokeWidth=1.5)
            .encode(x=alt.X("x:Q"), y=alt.value(40))
        )
        layers.append(
            alt.Chart(now).mark_text(fontSize=16, fontWeight="bold", color=ink.INK, dy=-18).encode(
                x=alt.X("x:Q"), y=alt.value(40), text=alt.Text("text:N")
            )
        )
    if score.value is not None and score.low is not None and score.high is not None:
        for end, side, gap in ((score.low, -1, score.value - score.low), (score.high, 1, score.high - score.value)):
            if points(end) != points(score.value):
                # beside the bold number when there is no room under it
                mark = alt.Chart(pd.DataFrame({"x": [end], "text": [points(end)]})).mark_text(
                    fontSize=13, color=ink.GREY_TEXT, dy=-18, dx=side * (16 if gap < NARROW else 0), align="right" if side < 0 else "left"
                )
                layers.append(mark.encode(x=alt.X("x:Q"), y=alt.value(40), text=alt.Text("text:N")))
    text = words(
        "charts.scale_alt",
        score=points(score.value) if with_value else DASH,
        low=points(score.low),
        high=points(score.high),
        grade=score.grade or "—",
    )
    ink.show(ink.layer(*layers, height=80), text, key)


def _stretch(low: float, high: float, color: str) -> Any:
    wide = pd.DataFrame({"low": [low], "high": [max(high, low + 0.3)]})
    return alt.Chart(wide).mark_bar(height=9, color=color).encode(x=alt.X("low:Q"), x2=alt.X2("high:Q"), y=alt.value(40))


@kept
def coverage_chart(coverage: Coverage, words: Words, key: str) -> str:
    """One bar, firm to unknown. Returns what did not fit beside its piece, for the caption below."""
    shares = [getattr(coverage, name) for name in RUNGS]
    percents = whole_percents(shares)
    colors = [ink.TEAL, ink.MID_TEAL, ink.PALE_TEAL, "#FFFFFF"]
    starts = [sum(shares[:i]) for i in range(4)]
    names = [words(f"charts.rung.{name}") for name in RUNGS]
    table = pd.DataFrame(
        {
            "start": starts,
            "end": [a + b for a, b in zip(starts, shares, strict=True)],
            "percent": [f"{p}%" for p in percents],
            "name": names,
            "color": colors,
            "share": shares,
            "ink": ["#FFFFFF", ink.INK, ink.INK, ink.INK],
            "rung": RUNGS,
        }
    )
    table = table[table.share > 0].assign(middle=lambda f: (f.start + f.end) / 2)
    x = alt.X("start:Q", scale=alt.Scale(domain=[0, 1]), axis=None)
    solid = (
        alt.Chart(table[table.rung != "unknown"])
        .mark_bar(height=28)
        .encode(x=x, x2=alt.X2("end:Q"), y=alt.value(44), color=alt.Color("color:N", scale=None))
    )
    hollow = (
        alt.Chart(table[table.rung == "unknown"])
        .mark_bar(height=27, fill="white", stroke=ink.GREY_MARK, strokeDash=ink.DASH)
        .encode(x=x, x2=alt.X2("end:Q"), y=alt.value(44))
    )
    inside = (
        alt.Chart(table[table.share >= ROOM_FOR_PERCENT])
        .mark_text(fontSize=13, fontWeight="bold")
        .encode(x=alt.X("middle:Q"), y=alt.value(44), text=alt.Text("percent:N"), color=alt.Color("ink:N", scale=None))
    )
    above = (
        alt.Chart(table[table.share >= ROOM_FOR_LABEL])
        .mark_text(fontSize=13, align="left", color=ink.GREY_TEXT, dy=-24)
        .encode(x=alt.X("start:Q"), y=alt.value(44), text=alt.Text("name:N"))
    )
    pairs = [f"{name} {percent}%" for name, percent in zip(names, percents, strict=True)]
    ink.show(
        ink.layer(solid, hollow, inside, above, height=62),
        words("charts.coverage_alt", parts=words("app.comma").join(pairs)),
        key,
    )
    left_over = [pair for pair, share in zip(pairs, shares, strict=True) if 0 < share < ROOM_FOR_LABEL]
    return words("app.comma").join(left_over)
