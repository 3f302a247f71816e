"""What lateness costs, line by line: a bar each, money that came back to the left."""

import altair as alt
import pandas as pd

from pdd_audit.services.look_at_cost import TAKEN, CostLine
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import yuan
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept


@kept
def cost_chart(lines: list[CostLine], words: Words, key: str) -> None:
    """Vermilion: taken by the bill; pale: estimated or assumed. Lines without an amount have no bar."""
    frame = pd.DataFrame(
        [(words(f"cost.line.{line.line}"), line.yuan, line.line in TAKEN, yuan(line.yuan)) for line in lines if line.yuan],
        columns=["label", "yuan", "taken", "number"],
    )
    if frame.empty:
        return
    low, high = min(0.0, float(frame.yuan.min())), float(frame.yuan.max())
    scale = alt.Scale(domain=[low * 1.05, max(high * 1.05, 1.0)], nice=False, range=[0, alt.ExprRef("width - 84")])
    y = alt.Y("label:N", sort=list(frame.label), axis=alt.Axis(title=None, labelFontSize=14, labelColor=ink.INK, labelLimit=170))
    bars = (
        alt.Chart(frame)
        .mark_bar(height=20)
        .encode(
            x=alt.X("yuan:Q", scale=scale, axis=alt.Axis(title=None, grid=True, tickCount=4)),
            y=y,
            color=alt.condition("datum.taken", alt.value(ink.VERMILION), alt.value(ink.PALE_VERMILION)),
        )
    )
    numbers = (
        alt.Chart(frame)
        .mark_text(align="right", fontSize=13, fontWeight="bold", color=ink.INK)
        .encode(x=alt.value(alt.ExprRef("width")), y=y, text=alt.Text("number:N"))
    )
    told = words("app.comma").join(f"{row.label} {row.number}" for row in frame.itertuples())
    ink.show(ink.layer(bars, numbers, height=alt.Step(38)), told, key)
