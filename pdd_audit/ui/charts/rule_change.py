"""What the same parcels cost under two versions of the rules: a bar each, the uncertain part of it pale."""

import altair as alt
import pandas as pd

from pdd_audit.services.rule_change import Span
from pdd_audit.texts import Words
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept
from pdd_audit.ui.phrases import yuan_span


@kept
def rule_change_chart(bars: list[tuple[str, Span]], words: Words, key: str) -> None:
    """``bars``: name of the version, lowest and highest yuan. Vermilion up to the lowest, pale up to the highest."""
    rows = [(name, low, high, yuan_span((low, high))) for name, (low, high) in bars]
    frame = pd.DataFrame(rows, columns=["label", "low", "high", "number"])
    frame["start"] = 0.0
    top = max(float(frame.high.max()), 1.0)
    scale = alt.Scale(domain=[0, top * 1.02], nice=False, range=[0, alt.ExprRef("max(40, width - 124)")])
    y = alt.Y("label:N", sort=list(frame.label), axis=None)  # the names stand above their bars: a phone has no room beside them
    axis = alt.Axis(title=None, grid=True, tickCount=3)
    possible = alt.Chart(frame).mark_bar(height=20, color=ink.PALE_VERMILION)
    possible = possible.encode(x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", y=y)
    certain = alt.Chart(frame).mark_bar(height=20, color=ink.VERMILION)
    certain = certain.encode(x=alt.X("start:Q", scale=scale, axis=axis), x2="low:Q", y=y)
    numbers = alt.Chart(frame).mark_text(align="right", fontSize=13, fontWeight="bold", color=ink.INK).encode(
        x=alt.value(alt.ExprRef("width")), y=y, text="number:N"
    )
    names = alt.Chart(frame).mark_text(align="left", fontSize=14, color=ink.INK, dy=-22).encode(x=alt.value(0), y=y, text="label:N")
    told = words("app.comma").join(f"{row.label} {row.number}" for row in frame.itertuples())
    ink.show(ink.layer(possible, certain, numbers, names, height=alt.Step(56)), told, key)
