"""Shops side by side, one line each in both pictures: the score with its range, and the share picked up in time with its interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from pdd_audit.core.shop_row import ShopRow
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import DASH, line_percent, number_range, percent, percent_range, points
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept

STEP = 40
NAME_PIXELS = 116
GRID_OF_SHARES = 0.05
MOST_MARKS = 4  # besides the first


@dataclass(frozen=True)
class Sides:
    """Pixels kept free at the right of a picture: for number and range together, and of these for the range; its column heads."""

    both: int
    range: int
    heads: tuple[str, str]


SCORES = Sides(94, 50, ("charts.shops.score", "charts.shops.score_range"))
PICKUPS = Sides(146, 84, ("charts.shops.pickup", "charts.shops.pickup_range"))


@dataclass(frozen=True)
class Line:
    """What one shop shows in one picture. ``value`` None: too little is known for a dot; ``bad``: worse than the line drawn."""

    name: str
    low: float | None
    high: float | None
    value: float | None
    number: str
    range: str
    bad: bool = False


def score_line(row: ShopRow) -> Line:
    """A score that rests on too little shows its range alone."""
    score = row.score
    if score is None or score.value is None:
        return Line(row.shop, None, None, None, DASH, "")
    value = score.value if score.enough else None
    return Line(row.shop, score.low, score.high, value, points(value), number_range(score.low, score.high))


def pickup_line(row: ShopRow) -> Line:
    metric = row.pickup
    if metric is None or metric.value is None:
        return Line(row.shop, None, None, None, DASH, "")
    span = percent_range(metric.low, metric.high)
    return Line(row.shop, metric.low, metric.high, metric.value, percent(metric.value), span, metric.verdict == "fail")


@kept
def scores_chart(rows: Sequence[ShopRow], words: Words, key: str) -> None:
    """Pale bar: where the score lies once open questions are known. Dot: now."""
    lines = [score_line(row) for row in rows]
    x = alt.Scale(domain=[0, 100], nice=False, range=[0, alt.ExprRef(f"width - {SCORES.both}")])
    axis = alt.Axis(values=[0, 50, 100], grid=True, title=None)
    _show(_layers(lines, x, axis, SCORES, words), lines, "charts.shops.scores_alt", words, key)


@kept
def pickups_chart(rows: Sequence[ShopRow], words: Words, key: str) -> None:
    """The share picked up in time. A diamond: its whole interval lies below the target."""
    lines = [pickup_line(row) for row in rows]
    target = target_of(rows)
    lowest = min([line.low if line.low is not None else line.value for line in lines if line.value is not None], default=0.9)
    start = math.floor(min(lowest or 0.0, target or 1.0) / GRID_OF_SHARES - 1e-9) * GRID_OF_SHARES
    x = alt.Scale(domain=[max(0.0, start), 1.0], nice=False, range=[0, alt.ExprRef(f"width - {PICKUPS.both}")])
    layers = _layers(lines, x, _axis_from(start), PICKUPS, words)
    if target is not None:
        at = pd.DataFrame({"value": [target], "label": [words("charts.shops.target", share=line_percent(target))]})
        layers.append(alt.Chart(at).mark_rule(color=ink.INK, strokeDash=ink.DASH).encode(x=alt.X("value:Q", scale=x)))
        label = alt.Chart(at).mark_text(fontSize=12, color=ink.INK)
        layers.append(label.encode(x=alt.X("value:Q", scale=x), y=alt.value(-8), text=alt.Text("label:N")))
    _show(layers, lines, "charts.shops.pickups_alt", words, key)


def _axis_from(start: float) -> alt.Axis:
    """Round shares from ``start`` to 100 %, few enough for a phone."""
    step = next(step for step in (GRID_OF_SHARES, 0.1, 0.25) if (1 - start) / step <= MOST_MARKS or step == 0.25)
    values = [round(1 - i * step, 2) for i in range(int((1 - start) / step + 1e-9) + 1)]
    return alt.Axis(labelExpr=ink.PERCENT_AXIS, values=values[::-1], title=None, grid=True)


def target_of(rows: Sequence[ShopRow]) -> float | None:
    """The target of the pickup rate; None before any shop was measured, and where the shops have different ones."""
    targets = {row.pickup.target for row in rows if row.pickup is not None and row.pickup.target is not None}
    return targets.pop() if len(targets) == 1 else None


def _layers(lines: Sequence[Line], x_scale: alt.Scale, axis: alt.Axis, sides: Sides, words: Words) -> list[Any]:
    table = pd.DataFrame(lines)
    table["tip"] = [_told(line, words) for line in lines]
    number_columns = ["low", "high", "value"]
    table[number_columns] = table[number_columns].astype(float)
    names = [line.name for line in lines]
    y = alt.Y(
        "name:N",
        scale=alt.Scale(domain=names),
        axis=alt.Axis(title=None, labelFontSize=14, labelColor=ink.INK, labelLimit=NAME_PIXELS, labelPadding=8),
    )
    tips = [alt.Tooltip("tip:N", title=" ")]
    measured, dotted = table[table.low.notna() & table.high.notna()], table[table.value.notna()]
    layers = [
        alt.Chart(measured)
        .mark_bar(height=ink.INTERVAL)
        .encode(
            x=alt.X("low:Q", scale=x_scale, axis=axis, title=None),
            x2=alt.X2("high:Q"),
            y=y,
            tooltip=tips,
            color=alt.condition("datum.bad", alt.value(ink.PALE_VERMILION), alt.value(ink.PALE_TEAL)),
        )
    ]
    for part, shape, color, size in (
        (dotted[~dotted.bad], "circle", ink.TEAL, 95),
        (dotted[dotted.bad], "diamond", ink.VERMILION, 120),
    ):
        dots = alt.Chart(part).mark_point(shape=shape, filled=True, size=size, color=color, opacity=1)
        layers.append(dots.encode(x=alt.X("value:Q", scale=x_scale), y=y, tooltip=tips))
    number = alt.Chart(table).mark_text(align="right", fontSize=14, fontWeight="bold", color=ink.INK)
    span = alt.Chart(table).mark_text(align="right", fontSize=12, color=ink.GREY_TEXT)
    for marks, column, right, head in ((number, "number", sides.range, sides.heads[0]), (span, "range", 0, sides.heads[1])):
        at = alt.value(alt.ExprRef(f"width - {right}"))
        layers.append(marks.encode(x=at, y=y, text=alt.Text(f"{column}:N")))
        title = alt.Chart(pd.DataFrame({"title": [words(head)]})).mark_text(align="right", fontSize=12, color=ink.GREY_TEXT)
        layers.append(title.encode(x=at, y=alt.value(-8), text=alt.Text("title:N")))
    return layers


def _told(line: Line, words: Words) -> str:
    if line.low is None:
        return words("charts.shops.nothing", name=line.name)
    if line.value is None:
        return words("charts.shops.open", name=line.name, range=line.range)
    return words("charts.shops.one", name=line.name, value=line.number, range=line.range)


def _show(layers: list[Any], lines: Sequence[Line], alt_key: str, words: Words, key: str) -> None:
    parts = words("app.semicolon").join(_told(line, words) for line in lines)
    ink.show(ink.layer(*layers, height=alt.Step(STEP)), words(alt_key, parts=parts), key)
