"""Days over time: within their limits or outside, the levels they keep, and what they would have been without a change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count, day, decimal_text, percent
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.day_bands import DayBand, in_words, labelled, labels, shaded
from pdd_audit.ui.charts.kept import kept

HEIGHT = 300
MOST_POINTS = 1500
FEWEST = 20  # cases a day needs before it may stretch the axis
CROWDED = 2  # more marks than this are drawn without a label


@dataclass(frozen=True)
class Mark:
    """A vertical line for something the shop changed."""

    day: date
    label: str


@dataclass(frozen=True)
class Beside:
    """What stands on the days of a chart: changes of the shop, and bands of days that are not like others."""

    marks: Sequence[Mark] = ()
    bands: Sequence[DayBand] = ()


def shown(value: float, unit: str, words: Words) -> str:
    """A value of a chart in its unit: share | seconds | cases."""
    if unit == "share":
        return percent(value)
    return words(f"trends.unit.{unit}", value=decimal_text(value, 1) if unit == "seconds" else count(round(value)))


@kept
def control_chart(points: pd.DataFrame, centre: float, unit: str, beside: Beside, words: Words, key: str, alt_text: str) -> None:
    """``points``: day, value, low, high, total, missed, settled, ordinary, rule. Cases between misses stand one beside the other, so
    nothing of ``beside`` can be drawn there."""
    frame = points.tail(MOST_POINTS).reset_index(drop=True)
    top = _top(frame, unit)
    frame = frame.assign(
        when=pd.to_datetime(frame["day"]) if unit != "cases" else np.arange(1, len(frame) + 1),
        high=frame["high"].clip(upper=top),
        low=frame["low"].clip(upper=top),
        y=frame["value"].clip(upper=top),
        look=_looks(frame),
        tip=[_tip(row, unit, words) for row in frame.to_dict("records")],
    )[["when", "y", "low", "high", "look", "tip", "value", "day", "rule"]]
    x, y_scale = _x(unit, words), alt.Scale(domain=[0, top], nice=False)
    y_axis = ink.share_axis(grid=True) if unit == "share" else alt.Axis(tickCount=5, title=None, grid=True)
    band = (
        alt.Chart(frame.dropna(subset=["high"]))
        .mark_area(color=ink.QUIET, interpolate="step", line={"color": ink.GREY_MARK, "strokeWidth": 1, "strokeDash": ink.DASH})
        .encode(x=x, y=alt.Y("high:Q", scale=y_scale, axis=y_axis), y2=alt.Y2("low:Q"))
    )
    usual = pd.DataFrame({"y": [centre], "label": [words("charts.trends.usual", value=shown(centre, unit, words))]})
    beside = beside if unit != "cases" else Beside()
    layers: list[Any] = [
        band,
        *shaded(beside.bands, x),
        alt.Chart(usual).mark_rule(color=ink.INK, strokeDash=ink.DASH).encode(y=alt.Y("y:Q", scale=y_scale)),
    ]
    layers += _marks(beside, frame, x)
    layers.append(_points(frame, x, y_scale))
    layers.append(
        alt.Chart(usual)
        .mark_text(fontSize=12, color=ink.INK, align="right", baseline="bottom", dy=-8)
        .encode(x=alt.value(alt.ExprRef("width - 4")), y=alt.Y("y:Q", scale=y_scale), text=alt.Text("label:N"))
    )
    layers += _peak(frame, unit, words, x, y_scale)
    ink.show(ink.layer(*layers, height=HEIGHT), in_words(alt_text, beside.bands, words), key)


@kept
def levels_chart(days: pd.DataFrame, levels: pd.DataFrame, beside: Beside, words: Words, key: str, alt_text: str) -> None:
    """``days``: day, value, total, settled, ordinary. ``levels``: start, end, rate: one stretch a level, of the ordinary days."""
    frame = days[days["settled"]].assign(rule="")
    steps = levels.assign(
        first=pd.to_datetime(levels["start"]) - pd.Timedelta(hours=12),
        until=pd.to_datetime(levels["end"]) + pd.Timedelta(hours=12),
        label=[percent(rate) for rate in levels["rate"]],
    )[["first", "until", "rate", "label"]]
    top = _top(frame, "share")
    frame = frame.assign(when=pd.to_datetime(frame["day"]), y=frame["value"].clip(upper=top))
    frame = frame.assign(tip=[_tip(row, "share", words) for row in frame.to_dict("records")])[["when", "y", "tip", "ordinary"]]
    x, y_scale = _x("share", words), alt.Scale(domain=[0, top], nice=False)
    base = alt.Chart(frame).encode(
        x=x, y=alt.Y("y:Q", scale=y_scale, axis=ink.share_axis(grid=True)), tooltip=[alt.Tooltip("tip:N", title=" ")]
    )
    dots = base.transform_filter("datum.ordinary").mark_point(filled=True, size=40, color=ink.GREY_MARK, opacity=1)
    apart = base.transform_filter("!datum.ordinary").mark_point(
        shape="square", filled=True, size=40, fill="white", stroke=ink.GREY_MARK, strokeWidth=1.6, opacity=1
    )
    stretches = (
        alt.Chart(steps).mark_rule(color=ink.TEAL, strokeWidth=3).encode(
            x=alt.X("first:T"), x2=alt.X2("until:T"), y=alt.Y("rate:Q", scale=y_scale)
        )
    )
    named = (
        alt.Chart(steps)
        .mark_text(fontSize=13, fontWeight="bold", color=ink.TEAL, align="left", baseline="bottom", dy=-6)
        .encode(x=alt.X("first:T"), y=alt.Y("rate:Q", scale=y_scale), text=alt.Text("label:N"))
    )
    layers = [*shaded(beside.bands, x), dots, apart, *_marks(beside, frame, x), stretches, named]
    ink.show(ink.layer(*layers, height=220), in_words(alt_text, beside.bands, words), key)


@kept
def before_after_chart(days: pd.DataFrame, beside: Beside, words: Words, key: str, alt_text: str) -> None:
    """``days``: day, value, total, missed, after, fitted, counterfactual (both nan where nothing was fitted)."""
    top = _top(days.assign(settled=True, rule=""), "share")
    frame = days.assign(
        when=pd.to_datetime(days["day"]),
        y=days["value"].clip(upper=top),
        tip=[_tip(row, "share", words) for row in days.to_dict("records")],
    )
    x, y_scale = _x("share", words), alt.Scale(domain=[0, top], nice=False)
    dots = (
        alt.Chart(frame[["when", "y", "tip"]])
        .mark_point(filled=True, size=40, color=ink.GREY_MARK, opacity=1)
        .encode(x=x, y=alt.Y("y:Q", scale=y_scale, axis=ink.share_axis(grid=True)), tooltip=[alt.Tooltip("tip:N", title=" ")])
    )
    layers: list[Any] = [*shaded(beside.bands, x), dots, *_marks(beside, frame, x)]
    if frame["fitted"].notna().all():
        for after in (False, True):
            line = frame.loc[frame["after"] == after, ["when", "fitted"]]
            layers.append(alt.Chart(line).mark_line(color=ink.TEAL, strokeWidth=2.5).encode(x=x, y=alt.Y("fitted:Q", scale=y_scale)))
        otherwise = frame.loc[frame["after"], ["when", "counterfactual"]].rename(columns={"counterfactual": "y"})
        otherwise = otherwise.assign(y=otherwise["y"].clip(upper=top))
        layers.append(
            alt.Chart(otherwise).mark_line(color=ink.INK, strokeDash=ink.DASH, strokeWidth=1.8).encode(x=x, y=alt.Y("y:Q", scale=y_scale))
        )
        ends = [
            (frame["when"].iloc[-1], float(otherwise["y"].iloc[-1]), words("charts.trends.otherwise"), ink.INK),
            (frame["when"].iloc[-1], float(frame["fitted"].iloc[-1]), words("charts.trends.as_it_is"), ink.TEAL),
        ]
        higher = max(ends, key=lambda end: end[1])
        for when, value, label, color in ends:
            above = (when, value, label, color) == higher
            layers.append(
                alt.Chart(pd.DataFrame({"when": [when], "y": [value], "label": [label]}))
                .mark_text(
                    fontSize=12, fontWeight="bold", color=color, align="right", baseline="bottom" if above else "top", dy=-7 if above else 7
                )
                .encode(x=x, y=alt.Y("y:Q", scale=y_scale), text=alt.Text("label:N"))
            )
    ink.show(ink.layer(*layers, height=240), in_words(alt_text, beside.bands, words), key)


# Which shape, fill, stroke and size a point has: ordinary days, holidays and sales, days still open, good and bad signals.
_STYLES = {
    "ordinary": ("circle", ink.TEAL, ink.TEAL, 50),
    "special": ("square", "white", ink.GREY_MARK, 50),
    "open": ("circle", "white", ink.TEAL, 55),
    "good": ("triangle-down", ink.TEAL, ink.TEAL, 110),
    "signal": ("diamond", ink.VERMILION, ink.VERMILION, 110),
}


def _points(frame: pd.DataFrame, x: alt.X, y_scale: alt.Scale) -> Any:
    def by_look(part: int) -> alt.Scale:
        return alt.Scale(domain=list(_STYLES), range=[style[part] for style in _STYLES.values()])

    return (
        alt.Chart(frame[["when", "y", "look", "tip"]])
        .mark_point(filled=True, opacity=1, strokeWidth=1.6)
        .encode(
            x=x,
            y=alt.Y("y:Q", scale=y_scale),
            shape=alt.Shape("look:N", scale=by_look(0), legend=None),
            fill=alt.Fill("look:N", scale=by_look(1), legend=None),
            stroke=alt.Stroke("look:N", scale=by_look(2), legend=None),
            size=alt.Size("look:O", scale=by_look(3), legend=None, sort=list(_STYLES)),
            tooltip=[alt.Tooltip("tip:N", title=" ")],
        )
    )


def _looks(frame: pd.DataFrame) -> list[str]:
    """Which shape a point has; ``worse`` tells a bad signal from a good one."""
    return [
        "open"
        if not row["settled"]
        else ("signal" if row.get("worse", True) else "good")
        if row["rule"]
        else "ordinary"
        if row["ordinary"]
        else "special"
        for row in frame.to_dict("records")
    ]


def _top(frame: pd.DataFrame, unit: str) -> float:
    """Room for every day that counts; tiny days may leave the picture."""
    enough = frame[(frame["total"].fillna(FEWEST) >= FEWEST) | (frame["rule"] != "")] if unit == "share" else frame
    values = enough["value"] if len(enough) else frame["value"]
    highest = float(values.max())
    if unit == "share":
        return ink.top_share(highest, 0.02)
    limit = float(frame["high"].median()) if "high" in frame and frame["high"].notna().any() else 0.0
    return max(highest, min(limit, 3 * highest)) * 1.1 or 1.0


def _x(unit: str, words: Words) -> alt.X:
    if unit == "cases":
        return alt.X(
            "when:Q",
            axis=alt.Axis(title=words("charts.trends.each_miss"), tickCount=6, tickMinStep=1, format="d"),
            scale=alt.Scale(nice=False, padding=12),
        )
    shape = "%-m/%-d" if words.lang == "zh" else "%-d %b"
    return alt.X("when:T", axis=alt.Axis(title=None, format=shape, tickCount=8, labelOverlap=True), scale=alt.Scale(padding=12))


def _tip(row: dict[Any, Any], unit: str, words: Words) -> str:
    when = day(row["day"], words.lang)
    if unit == "share":
        return words(
            "charts.trends.share_tip",
            day=when,
            value=percent(row["value"]),
            missed=decimal_text(row["missed"], 0) if "missed" in row else "",
            n=count(round(row["total"])),
        )
    return words("charts.trends.tip", day=when, value=shown(row["value"], unit, words))


def _marks(beside: Beside, frame: pd.DataFrame, x: alt.X) -> list[Any]:
    """Names of the bands and, below them, changes of the days drawn; words only where they do not run into each other."""
    named = labels(beside.bands, frame["when"], x)
    first, last = frame["when"].min(), frame["when"].max()
    inside = [mark for mark in sorted(beside.marks, key=lambda mark: mark.day) if first <= pd.Timestamp(mark.day) <= last]
    rows = [(pd.Timestamp(mark.day), mark.label, place) for place, mark in enumerate(inside, labelled(beside.bands))]
    if not rows:
        return named
    table = pd.DataFrame(rows, columns=["when", "label", "place"])
    rules = alt.Chart(table).mark_rule(color=ink.GREY_TEXT, strokeDash=[2, 2])
    lines = [*named, rules.encode(x=x, tooltip=[alt.Tooltip("label:N", title=" ")])]
    if len(rows) > CROWDED:
        return lines
    half = first + (last - first) / 2
    for one in table.to_dict("records"):  # each label on a line of its own, so that neighbours never overlap
        late = one["when"] > half
        lines.append(
            alt.Chart(pd.DataFrame({"when": [one["when"]], "label": [one["label"]]}))
            .mark_text(
                fontSize=12,
                color=ink.GREY_TEXT,
                align="right" if late else "left",
                dx=-4 if late else 4,
                baseline="top",
                limit=170,
            )
            .encode(x=x, y=alt.value(2 + 16 * one["place"]), text=alt.Text("label:N"))
        )
    return lines


def _peak(frame: pd.DataFrame, unit: str, words: Words, x: alt.X, y_scale: alt.Scale) -> list[Any]:
    """The worst signal, named on the picture."""
    bad = frame[(frame["look"] == "signal") & frame["rule"].isin(["above", "below"])]
    if bad.empty:
        return []
    worst = bad.nlargest(1, "value")
    row = worst.iloc[0]
    label = words("charts.worst_day", day=day(row["day"], words.lang), share=shown(float(row["value"]), unit, words))
    early = row["when"] < frame["when"].min() + (frame["when"].max() - frame["when"].min()) / 2
    named = worst.assign(label=label)[["when", "y", "label"]]
    return [
        alt.Chart(named)
        .mark_text(fontSize=13, fontWeight="bold", color=ink.VERMILION_TEXT, dx=10 if early else -10, align="left" if early else "right")
        .encode(x=x, y=alt.Y("y:Q", scale=y_scale), text=alt.Text("label:N"))
    ]
