"""Each practice's score with the part data checked, and claims beside data; what each practice gives to the total and still lacks."""

from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from pdd_audit.core.result import PracticeRecord
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import DASH, decimal_text, percent, points, score_change
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept

SIDE = 146  # pixels kept free at the right for the three columns of numbers
STEP = 52
SHOWN = 0.05  # points; less would be printed as 0.0


@dataclass(frozen=True)
class Belief:
    """A practice in points: its ``score``, of whose weight data checked ``share`` (0..1); ``said`` and ``checked`` over the questions
    that have both, None where there are none. ``believed``: where the score would stand if those were taken at their word."""

    name: str
    score: float | None
    share: float
    said: float | None
    checked: float | None
    believed: float | None
    over: bool

    @property
    def gap(self) -> str:
        return score_change(self.said, self.checked)


def belief(name: str, practice: PracticeRecord) -> Belief:
    return Belief(
        name, practice.value, practice.verified_share, practice.claimed_where_verified, practice.verified_where_claimed,
        practice.score_if_believed, practice.overrated,
    )


def widest_gap(beliefs: list[Belief]) -> Belief | None:
    """The practice that thinks too well of itself, if any does notably."""
    return min((b for b in beliefs if b.over), key=lambda b: (b.checked or 0.0) - (b.said or 0.0), default=None)


def _told(b: Belief, words: Words) -> str:
    if b.said is None:
        return words("charts.belief.unchecked", name=b.name, score=points(b.score, 1))
    told = {"score": points(b.score, 1), "said": points(b.said, 1), "checked": points(b.checked, 1), "gap": b.gap}
    return words("charts.belief.one", name=b.name, share=percent(b.share, 0), **told)


@kept
def beliefs_chart(beliefs: list[Belief], words: Words, key: str) -> None:
    """The score as a bar, dark as far as data checked its weight, pale the rest; a dashed frame as far as claims reach beyond it."""
    table = pd.DataFrame([
        {
            "name": b.name if b.score is None else words("charts.belief.row", name=b.name, score=points(b.score, 1)),
            "zero": 0.0,
            "over": b.over,
            "dark": None if b.score is None else b.score * b.share,
            "score": b.score,
            "frame_to": b.believed if b.over else None,
            "said_text": points(b.said, 1),
            "checked_text": points(b.checked, 1),
            "gap_text": b.gap,
        }
        for b in beliefs
    ])
    number_columns = ["dark", "score", "frame_to"]
    table[number_columns] = table[number_columns].astype(float)
    label: dict[str, Any] = {"labelFontSize": 14, "labelLineHeight": 17, "labelOffset": -8, "labelColor": ink.INK, "labelPadding": 8}
    names = alt.Axis(title=None, labelExpr=r"split(datum.label, '\n')", **label)
    y = alt.Y("name:N", sort=list(table.name), axis=names)
    x_scale = alt.Scale(domain=[0, 100], range=[0, alt.ExprRef(f"width - {SIDE}")])
    axis = alt.Axis(values=[0, 50, 100], grid=True, title=None)

    def bar(start: str, end: str, **style: Any) -> Any:
        return (
            alt.Chart(table[table[end].notna() & table[start].notna()])
            .mark_bar(height=19, cornerRadius=1, **style)
            .encode(x=alt.X(f"{start}:Q", scale=x_scale, axis=axis, title=None), x2=alt.X2(f"{end}:Q"), y=y)
        )

    layers = [
        bar("zero", "score", fill=ink.PALE_TEAL, stroke=ink.MID_TEAL, strokeWidth=1),
        bar("zero", "dark", fill=ink.TEAL),
        bar("score", "frame_to", fill=ink.VERMILION_GROUND, stroke=ink.VERMILION, strokeDash=ink.DASH, strokeWidth=1.2),
    ]
    for column, right, bold in (("said_text", 98, False), ("checked_text", 50, True), ("gap_text", 0, True)):
        color: Any = alt.value(ink.INK if column == "checked_text" else ink.GREY_TEXT)
        if column == "gap_text":
            color = alt.condition("datum.over", alt.value(ink.VERMILION_TEXT), alt.value(ink.GREY_TEXT))
        layers.append(
            alt.Chart(table)
            .mark_text(align="right", fontSize=14, fontWeight="bold" if bold else "normal")
            .encode(x=alt.value(alt.ExprRef(f"width - {right}")), y=y, text=alt.Text(f"{column}:N"), color=color)
        )
        layers.append(
            alt.Chart(pd.DataFrame({"title": [words(f"charts.belief.{column}")]}))
            .mark_text(align="right", fontSize=12, color=ink.GREY_TEXT)
            .encode(x=alt.value(alt.ExprRef(f"width - {right}")), y=alt.value(-8), text=alt.Text("title:N"))
        )
    chart = ink.layer(*layers, height=alt.Step(STEP))
    ink.show(chart, words("charts.belief.alt", parts=words("app.semicolon").join(_told(b, words) for b in beliefs)), key)


@kept
def contributions_chart(names: dict[str, str], practices: dict[str, PracticeRecord], words: Words, key: str) -> None:
    """Points each practice gives to the total, and those it still lacks."""
    rows = []
    for id, practice in practices.items():
        given = sum(item.points for item in practice.items)
        lost = sum(item.lost for item in practice.items)
        open_yet = practice.value is None
        rows.append(
            {
                "name": names[id],
                "given": given,
                "full": given + lost,
                "zero": 0.0,
                "text": words("charts.contribution.label", given=decimal_text(given, 1), lost=decimal_text(lost, 1))
                if lost >= SHOWN
                else DASH
                if open_yet
                else decimal_text(given, 1),
            }
        )
    table = pd.DataFrame(rows)
    y = alt.Y("name:N", sort=list(names.values()), axis=alt.Axis(title=None, labelFontSize=14, labelColor=ink.INK, labelPadding=8))
    x_scale = alt.Scale(domain=[0, float(table.full.max() or 1)], range=[0, alt.ExprRef("width - 104")], nice=False)
    given = alt.Chart(table).mark_bar(height=19, color=ink.TEAL).encode(
        x=alt.X("zero:Q", scale=x_scale, axis=None), x2=alt.X2("given:Q"), y=y
    )
    lost = (
        alt.Chart(table[table.full > table.given])
        .mark_bar(height=18, fill="white", stroke=ink.GREY_MARK, strokeDash=ink.DASH)
        .encode(x=alt.X("given:Q", scale=x_scale, axis=None), x2=alt.X2("full:Q"), y=y)
    )
    text = (
        alt.Chart(table).mark_text(align="right", fontSize=13, color=ink.INK).encode(
            x=alt.value(alt.ExprRef("width")), y=y, text=alt.Text("text:N")
        )
    )
    parts = [f"{row['name']} {row['text']}" for row in rows]
    ink.show(
        ink.layer(given, lost, text, height=alt.Step(44)),
        words("charts.contribution.alt", parts=words("app.semicolon").join(parts)),
        key,
    )
