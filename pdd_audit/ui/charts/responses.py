"""Who is still to be told, situation by situation; and what of the day's budget the suggested remedies take."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept


@kept
def situations_chart(lines: Sequence[tuple[str, int, int]], words: Words, key: str) -> None:
    """``lines``: (situation, still to tell, told). Orange: to tell; pale: told, after it on the same bar."""
    frame = pd.DataFrame(
        [(title, "open", 0, open_) for title, open_, _ in lines] + [(title, "told", open_, open_ + told) for title, open_, told in lines],
        columns=["title", "part", "start", "end"],
    )
    numbers = pd.DataFrame(
        [(title, open_ + told, count(open_) if open_ else "✓") for title, open_, told in lines], columns=["title", "end", "number"],
    )
    order = [title for title, _, _ in lines]
    y = alt.Y("title:N", sort=order, axis=alt.Axis(title=None, labelFontSize=13, labelColor=ink.INK, labelLimit=190))
    highest = max((open_ + told for _, open_, told in lines), default=1)
    scale = alt.Scale(domain=[0, max(highest, 1)], range=[0, alt.ExprRef("width - 44")])
    bars = alt.Chart(frame).mark_bar(height=18).encode(
        x=alt.X("start:Q", scale=scale, axis=None), x2="end:Q", y=y,
        color=alt.Color("part:N", scale=alt.Scale(domain=["open", "told"], range=[ink.VERMILION, ink.PALE_TEAL]), legend=None),
    )
    told = alt.Chart(numbers).mark_text(align="left", dx=6, fontSize=13, color=ink.INK).encode(
        x=alt.X("end:Q", scale=scale, axis=None), y=y, text="number:N",
    )
    said = words("app.semicolon").join(
        words("messages.picture.alt", situation=title, open=count(open_), told=count(told_)) for title, open_, told_ in lines
    )
    ink.show(ink.layer(bars, told, height=alt.Step(32)), said, key)


@kept
def remedies_chart(lines: Sequence[tuple[str, int, str]], words: Words, key: str) -> None:
    """``lines``: (remedy, orders it is suggested for, what that costs in words)."""
    rows = [(title, orders, f"{count(orders)} · {cost}") for title, orders, cost in lines]
    frame = pd.DataFrame(rows, columns=["title", "orders", "number"])
    y = alt.Y(
        "title:N", sort=[title for title, _, _ in lines], axis=alt.Axis(title=None, labelFontSize=13, labelColor=ink.INK, labelLimit=150)
    )
    scale = alt.Scale(domain=[0, max(int(frame.orders.max()), 1)], range=[0, alt.ExprRef("width - 110")])
    x = alt.X("orders:Q", scale=scale, axis=None)
    bars = alt.Chart(frame).mark_bar(height=20, color=ink.TEAL).encode(x=x, y=y)
    numbers = alt.Chart(frame).mark_text(align="left", dx=6, fontSize=13, fontWeight="bold", color=ink.INK).encode(
        x=x, y=y, text="number:N"
    )
    said = words("app.semicolon").join(
        words("remedies.picture.alt", remedy=title, n=count(orders), cost=cost) for title, orders, cost in lines
    )
    ink.show(ink.layer(bars, numbers, height=alt.Step(36)), said, key)
