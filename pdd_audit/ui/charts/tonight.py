"""Late parcels expected over the coming hours, and past evenings: what was expected against what came."""

from datetime import datetime

import altair as alt
import numpy as np
import pandas as pd

from pdd_audit.services.look_at_tonight import Forecast, Hourly
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count, day, decimal_text, number_range
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept


def whole_range(low: float, high: float) -> str:
    """Counts as a range of whole parcels, rounded outwards; one number where both are the same."""
    first, last = int(np.floor(low + 1e-9)), int(np.ceil(high - 1e-9))
    return count(last) if first == last else number_range(first, last)


def by_the_hour(words: Words, moment: datetime) -> str:
    """18 点, or 24 点 for midnight."""
    return words("charts.tonight.hour", hour=moment.hour or 24)


@kept
def tonight_chart(hourly: Hourly, words: Words, key: str) -> None:
    """The running total of late parcels with its band; the hours people ask for are marked."""
    hours = hourly.hours[["at", "expected", "low", "high"]].copy()
    hours["tip"] = [
        words("charts.tonight.tip", at=f"{row.at:%H:%M}", n=decimal_text(float(row.expected), 1), range=whole_range(row.low, row.high))
        for row in hours.itertuples()
    ]
    marks = pd.DataFrame([_mark(moment, found, words) for moment, found in hourly.named.items()])
    marks = marks[marks["at"] <= hours["at"].max()]
    x = alt.X("at:T", axis=alt.Axis(title=None, format="%-H:%M", tickCount=6, labelOverlap=True), scale=alt.Scale(nice=False))
    top = max(1.0, float(hours["high"].max()) * 1.15)
    scale = alt.Scale(domain=[0, top], nice=False)
    y = alt.Y("expected:Q", scale=scale, axis=alt.Axis(title=None, grid=True, tickCount=4, tickMinStep=1, format=",d"))
    tips = [alt.Tooltip("tip:N", title=" ")]
    band = alt.Chart(hours).mark_area(opacity=0.22, color=ink.TEAL).encode(x=x, y=alt.Y("low:Q", scale=scale), y2=alt.Y2("high:Q"))
    line = alt.Chart(hours).mark_line(color=ink.TEAL, strokeWidth=2.2).encode(x=x, y=y)
    dots = alt.Chart(hours).mark_point(opacity=0, size=160).encode(x=x, y=y, tooltip=tips)
    layers = [band, line, dots]
    marks["low_down"] = marks["expected"] < 0.12 * top  # a label under it would lie on the axis
    # a mark in the right half writes to its left, so that nothing is cut off
    marks["right"] = marks["at"] > hours["at"].min() + (hours["at"].max() - hours["at"].min()) * 0.6
    for (bold, right, low_down), rows in marks.groupby(["bold", "right", "low_down"]):
        base = alt.Chart(rows).encode(x=x, y=y)
        layers.append(base.mark_point(shape="diamond", filled=True, color=ink.VERMILION, size=110 if bold else 70, opacity=1))
        if not bold and not right:  # near each other on a phone; the table below names them
            continue
        layers.append(
            base.mark_text(
                align="right" if right else "left",
                dx=-9 if right else 9,
                dy=-12 if right or low_down else 14,
                fontSize=15 if bold else 13,
                fontWeight="bold" if bold else "normal",
                color=ink.VERMILION_TEXT if bold else ink.INK,
            ).encode(text=alt.Text("label:N"))
        )
    parts = words("data.listed").join(str(text) for text in marks["label"])
    ink.show(ink.layer(*layers, height=290), words("charts.tonight.alt", parts=parts), key)


def _mark(moment: datetime, found: Forecast, words: Words) -> dict[str, object]:
    label = words("charts.tonight.mark", by=by_the_hour(words, moment), range=whole_range(found.low, found.high))
    return {"at": pd.Timestamp(moment), "expected": found.expected, "label": label, "bold": moment.hour == 0, "tip": label}


@kept
def calibration_chart(evenings: pd.DataFrame, words: Words, key: str) -> None:
    """``evenings``: day, expected, low, high, late, inside, as ``metrics.calibration`` gives them."""
    frame = evenings[["expected", "low", "high", "late", "inside"]].assign(when=pd.to_datetime(evenings["day"]))
    frame["tip"] = [
        words(
            "charts.tonight.evening_tip",
            day=day(row.when, words.lang),
            range=whole_range(row.low, row.high),
            n=decimal_text(float(row.expected), 1),
            late=count(int(row.late)),
        )
        for row in frame.itertuples()
    ]
    top = float(frame[["high", "late"]].max().max()) * 1.1
    x = alt.X(
        "when:T",
        axis=alt.Axis(title=None, format="%-m/%-d" if words.lang == "zh" else "%-d %b", tickCount=8, labelOverlap=True),
        scale=alt.Scale(padding=12),
    )
    scale = alt.Scale(domain=[0, max(1.0, top)], nice=False)
    tips = [alt.Tooltip("tip:N", title=" ")]
    low = alt.Y("low:Q", scale=scale, axis=alt.Axis(title=None, grid=True, tickCount=4, format=",d"))
    bars = alt.Chart(frame).mark_bar(width=7, color=ink.PALE_TEAL).encode(x=x, y=low, y2=alt.Y2("high:Q"), tooltip=tips)
    guess = alt.Chart(frame).mark_tick(color=ink.TEAL, thickness=2, width=11).encode(x=x, y=alt.Y("expected:Q", scale=scale), tooltip=tips)
    base = alt.Chart(frame).encode(x=x, y=alt.Y("late:Q", scale=scale), tooltip=tips)
    inside = base.transform_filter("datum.inside").mark_point(filled=True, color=ink.INK, size=50, opacity=1)
    outside = base.transform_filter("!datum.inside").mark_point(shape="diamond", filled=True, color=ink.VERMILION, size=100, opacity=1)
    hits = int(frame["inside"].sum())
    alt_text = words("charts.tonight.evenings_alt", days=len(frame), inside=hits)
    ink.show(ink.layer(bars, guess, inside, outside, height=200), alt_text, key)
