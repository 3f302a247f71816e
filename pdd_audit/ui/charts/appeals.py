"""Appeals: what the files say of the yuan taken, how often cases were won, and where closed incidents point."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from pdd_audit.services.look_at_appeals import WinRate
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count, percent, percent_range, yuan
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept

COLOURS = {"speaks": ink.TEAL, "against": ink.VERMILION, "silent": ink.PALE_TEAL}
ROW = 38


@kept
def stakes_chart(stakes: Sequence[tuple[str, int, float]], words: Words, key: str) -> None:
    """``stakes``: (speaks | against | silent, orders, yuan) of penalised orders without a case. Nothing where no amount is known."""
    frame = pd.DataFrame(
        [(words(f"appeals.stake.{name}"), name, amount, words("appeals.stake_number", yuan=yuan(amount), n=count(n)))
         for name, n, amount in stakes if n],
        columns=["label", "name", "yuan", "number"],
    )
    if frame.empty or not float(frame.yuan.sum()):
        return
    scale = alt.Scale(domain=[0, float(frame.yuan.max()) * 1.05], nice=False, range=[0, alt.ExprRef("max(width - 130, 20)")])
    y = alt.Y("label:N", sort=list(frame.label), axis=alt.Axis(title=None, labelFontSize=14, labelColor=ink.INK, labelLimit=170))
    bars = alt.Chart(frame).mark_bar(height=20, stroke=ink.MID_TEAL, strokeWidth=0.5).encode(
        x=alt.X("yuan:Q", scale=scale, axis=None), y=y,
        color=alt.Color("name:N", scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())), legend=None),
    )
    numbers = alt.Chart(frame).mark_text(align="right", fontSize=13, fontWeight="bold", color=ink.INK).encode(
        x=alt.value(alt.ExprRef("width")), y=y, text="number:N"
    )
    told = words("app.comma").join(f"{row.label} {row.number}" for row in frame.itertuples())
    ink.show(ink.layer(bars, numbers, height=alt.Step(ROW)), told, key)


@kept
def win_chart(rates: Sequence[tuple[str, WinRate]], words: Words, key: str) -> None:
    """``rates``: (name to show, won of decided). A dot with its 95 % interval each."""
    frame = pd.DataFrame(
        [(name, rate.rate.value, rate.rate.low, rate.rate.high,
          words("appeals.won_of", won=count(rate.won), n=count(rate.decided), range=percent_range(rate.rate.low, rate.rate.high, 0)))
         for name, rate in rates if rate.decided],
        columns=["label", "value", "low", "high", "number"],
    )
    if frame.empty:
        return
    scale = alt.Scale(domain=[0, 1], nice=False, range=[0, alt.ExprRef("max(width - 150, 20)")])
    y = alt.Y("label:N", sort=list(frame.label), axis=alt.Axis(title=None, labelFontSize=14, labelColor=ink.INK, labelLimit=150))
    base = alt.Chart(frame)
    bars = base.mark_rule(strokeWidth=ink.INTERVAL, color=ink.PALE_TEAL).encode(
        x=alt.X("low:Q", scale=scale, axis=ink.share_axis(grid=True)), x2="high:Q", y=y
    )
    dots = base.mark_point(shape="circle", filled=True, size=90, color=ink.TEAL, opacity=1).encode(x=alt.X("value:Q", scale=scale), y=y)
    numbers = base.mark_text(align="right", fontSize=12, color=ink.INK).encode(x=alt.value(alt.ExprRef("width")), y=y, text="number:N")
    told = words("app.comma").join(f"{name} {percent(rate.rate.value, 0)}" for name, rate in rates if rate.decided)
    ink.show(ink.layer(bars, dots, numbers, height=alt.Step(ROW)), told, key)


@kept
def bar_chart(rows: Sequence[tuple[str, float, str]], words: Words, key: str) -> None:
    """``rows``: name to show, length of its bar, and the number written beside it."""
    frame = pd.DataFrame(rows, columns=["label", "length", "number"])
    if frame.empty:
        return
    scale = alt.Scale(domain=[0, float(frame.length.max()) * 1.05], nice=False, range=[0, alt.ExprRef("max(width - 130, 20)")])
    y = alt.Y("label:N", sort=list(frame.label), axis=alt.Axis(title=None, labelFontSize=14, labelColor=ink.INK, labelLimit=150))
    bars = alt.Chart(frame).mark_bar(height=20, color=ink.TEAL).encode(x=alt.X("length:Q", scale=scale, axis=None), y=y)
    numbers = alt.Chart(frame).mark_text(align="right", fontSize=13, fontWeight="bold", color=ink.INK).encode(
        x=alt.value(alt.ExprRef("width")), y=y, text="number:N"
    )
    told = words("app.comma").join(f"{name} {number}" for name, _, number in rows)
    ink.show(ink.layer(bars, numbers, height=alt.Step(ROW)), told, key)
