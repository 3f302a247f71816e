"""Each practice's score beside what its answers alone would give; and what each practice gives to the total and still lacks."""

from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from pdd_audit.core.result import PracticeRecord
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import DASH, decimal_text, points
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept

NOTABLE_GAP = 5  # points between claim and score that are worth drawing and naming
SIDE = 132  # pixels kept free at the right for the three columns of numbers
STEP = 52
SHOWN = 0.05  # points; less would be printed as 0.0


@dataclass(frozen=True)
class Belief:
    """A practice in points: ``said`` by its answers alone, ``score`` after the data spoke; ``checked``: whether data spoke at all."""

    name: str
    said: float | None
    score: float | None
    checked: bool

    @property
    def gap(self) -> int | None:
        """Difference of the two numbers as they are shown; nothing where no data could make one."""
        if self.said is None or self.score is None or not self.checked:
            return None
        return int(decimal_text(self.score)) - int(decimal_text(self.said))

    @property
    def over(self) -> bool:
        return self.gap is not None and self.gap <= -NOTABLE_GAP


def belief(name: str, practice: PracticeRecord) -> Belief:
    return Belief(name, practice.claimed, practice.value, practice.verified_share > 0)


def widest_gap(beliefs: list[Belief]) -> Belief | None:
    """The practice that thinks too well of itself, if any does notably."""
    return min((b for b in beliefs if b.over), key=lambda b: b.gap or 0, default=None)


@kept
def beliefs_chart(beliefs: list[Belief], words: Words, key: str) -> None:
    """The practice's own score as a bar: dark where data checked something, pale where not; a dashed frame up to a higher claim."""
    rows: list[dict[str, Any]] = []
    for b in beliefs:
        gap = b.gap
        rows.append(
            {
                "name": b.name,
                "zero": 0.0,
                "over": b.over,
                "dark": b.score if b.checked else None,
                "pale": None if b.checked else b.score,
                "frame_to": b.said if b.over else None,
                "notch": b.said if gap is not None and gap >= NOTABLE_GAP else None,
                "said_text": points(b.said),
                "score_text": points(b.score),
                "gap_text": DASH if gap is None else (f"+{gap}" if gap > 0 else f"−{-gap}" if gap < 0 else "0"),
            }
        )
    table = pd.DataFrame(rows)
    number_columns = ["dark", "pale", "frame_to", "notch"]
    table[number_columns] = table[number_columns].astype(float)
    y = alt.Y("name:N", sort=[b.name for b in beliefs], axis=alt.Axis(title=None, labelFontSize=14, labelColor=ink.INK, labelPadding=8))
    x_scale = alt.Scale(domain=[0, 100], range=[0, alt.ExprRef(f"width - {SIDE}")])
    axis = alt.Axis(values=[0, 50, 100], grid=True, title=None)

    def bar(start: str, end: str, **style: Any) -> Any:
        return (
            alt.Chart(table[table[end].notna() & table[start].notna()])
            .mark_bar(height=19, cornerRadius=1, **style)
            .encode(x=alt.X(f"{start}:Q", scale=x_scale, axis=axis, title=None), x2=alt.X2(f"{end}:Q"), y=y)
        )

    layers = [
        bar("zero", "pale", fill=ink.PALE_TEAL, stroke=ink.MID_TEAL, strokeWidth=1),
        bar("zero", "dark", fill=ink.TEAL),
        bar("dark", "frame_to", fill=ink.VERMILION_GROUND, stroke=ink.VERMILION, strokeDash=ink.DASH, strokeWidth=1.2),
        alt.Chart(table[table.notch.notna()]).mark_tick(thickness=2, size=21, color="white").encode(x=alt.X("notch:Q", scale=x_scale), y=y),
    ]
    for column, right, bold in (("said_text", 84, False), ("score_text", 42, True), ("gap_text", 0, True)):
        color: Any = alt.value(ink.INK if column == "score_text" else ink.GREY_TEXT)
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
    parts = [
        words("charts.belief.one" if b.checked else "charts.belief.unchecked", name=b.name, said=points(b.said), score=points(b.score))
        for b in beliefs
    ]
    chart = ink.layer(*layers, height=alt.Step(STEP))
    ink.show(chart, words("charts.belief.alt", parts=words("app.semicolon").join(parts)), key)


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
