"""Why the score moved: a bar from each running total to the next, one a source, between the two scores."""

import altair as alt
import pandas as pd

from pdd_audit.core.waterfall import RULER, SOURCES, Waterfall, shown_parts
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import points, score_difference, signed
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept

NOTHING = 0.05  # points that round to 0.0: no bar worth a row


@kept
def waterfall_chart(found: Waterfall, words: Words, key: str) -> None:
    """Vermilion: points lost; teal: points won; grey: a changed ruler, which is no progress. The shown parts add up to the shown change."""
    rows = _bars(found, words)
    frame = pd.DataFrame(rows, columns=["label", "start", "end", "look", "number"])
    low = min(frame.loc[frame.look != "total", ["start", "end"]].min(axis=None), found.before, found.after)
    floor = max(0.0, (low - 1) // 2 * 2)  # the parts, not the wholes, are what differs
    top = min(100.0, frame["end"].max() + 3)
    scale = alt.Scale(domain=[floor, top], nice=False, range=[0, alt.ExprRef("width - 56")])
    y = alt.Y("label:N", sort=list(frame.label), axis=alt.Axis(title=None, labelFontSize=14, labelColor=ink.INK, labelLimit=150))
    looks = {"total": ink.INK, "won": ink.TEAL, "lost": ink.VERMILION, "ruler": ink.GREY_MARK}
    bars = (
        alt.Chart(frame[frame.look != "total"])
        .mark_bar(height=18)
        .encode(
            x=alt.X("start:Q", scale=scale, axis=alt.Axis(title=None, grid=True, tickCount=5)),
            x2=alt.X2("end:Q"),
            y=y,
            color=alt.Color("look:N", scale=alt.Scale(domain=list(looks), range=list(looks.values())), legend=None),
        )
    )
    # a bar from a cut axis would exaggerate: the two scores are marks
    scores = alt.Chart(frame[frame.look == "total"])
    totals = scores.mark_tick(color=ink.INK, thickness=5, size=22, opacity=1).encode(x=alt.X("end:Q", scale=scale), y=y)
    numbers = (
        alt.Chart(frame)
        .mark_text(align="right", fontSize=13, fontWeight="bold", color=ink.INK)
        .encode(x=alt.value(alt.ExprRef("width")), y=y, text=alt.Text("number:N"))
    )
    parts = words("app.comma").join(f"{label} {number}" for label, _, _, _, number in rows[1:-1])
    sentence = words("charts.waterfall.alt", before=points(found.before, 1), after=points(found.after, 1), parts=parts)
    ink.show(ink.layer(bars, totals, numbers, height=alt.Step(34)), sentence, key)


def _bars(found: Waterfall, words: Words) -> list[tuple[str, float, float, str, str]]:
    """Label, start, end, look and number of each bar, from top to bottom."""
    shown = shown_parts(found.effects, score_difference(found.before, found.after))
    rows = [(words("charts.waterfall.before"), 0.0, found.before, "total", points(found.before, 1))]
    at = found.before
    for source in SOURCES:
        effect = found.effects[source]
        if abs(effect) >= NOTHING or shown[source]:
            look = "ruler" if source in RULER else "won" if effect > 0 else "lost"
            rows.append((words(f"charts.waterfall.{source}"), at, at + effect, look, signed(shown[source])))
        at += effect
    return [*rows, (words("charts.waterfall.after"), 0.0, found.after, "total", points(found.after, 1))]
