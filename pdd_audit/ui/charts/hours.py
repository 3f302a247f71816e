"""When waybills that end late were uploaded: weekday across, two hours down. A cell with few parcels shows a dot, never a colour."""

from collections.abc import Hashable
from typing import Any

import altair as alt
import pandas as pd

from pdd_audit.texts import Words
from pdd_audit.texts.numbers import DASH, count, decimal_text, percent, percent_range
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept

FEWEST = 20
FAINT = 0.04


def worst_hours(table: pd.DataFrame, words: Words) -> str | None:
    """周五 16–18 点上传的 62 件里 19 件超时（30.6%，20.6–43.0%）: the highest of the cells with enough parcels."""
    worst = _worst(table)
    if worst is None:
        return None
    return words(
        "charts.worst_hours", weekday=words(f"charts.weekday.{int(worst['weekday'])}"), band=worst["band"],
        n=count(int(worst["parcels"])), late=count(int(worst["late"])), share=percent(float(worst["share"])),
        range=percent_range(float(worst["low"]), float(worst["high"])),
    )


def stands_out(table: pd.DataFrame) -> bool:
    """Whether the worst cell's interval lies wholly above that of every other: one of many is always the highest, by luck alone."""
    worst, enough = _worst(table), table[table.parcels >= FEWEST]
    if worst is None or len(enough) < 2:
        return False
    others = enough[(enough.weekday != worst["weekday"]) | (enough.band != worst["band"])]
    return bool(float(worst["low"]) > float(others.high.max()))


def _worst(table: pd.DataFrame) -> dict[Hashable, Any] | None:
    enough = table[(table.parcels >= FEWEST) & (table.late > 0)]
    return None if enough.empty else enough.nlargest(1, "share").to_dict("records")[0]


@kept
def hours_chart(table: pd.DataFrame, words: Words, key: str) -> None:
    """``table``: weekday (0 = Monday), band, parcels, late, share, low, high."""
    weekdays = [words(f"charts.weekday.{i}") for i in range(7)]
    frame = table[table.band.isin(table[table.parcels >= FEWEST].band)]  # hours in which hardly anything is uploaded say nothing
    frame = frame.assign(share=frame.share.astype(float), weekday_name=[weekdays[int(i)] for i in frame.weekday])
    frame["enough"] = frame.parcels >= FEWEST
    frame["label"] = [f"{decimal_text(100 * s)}%" if ok else "·" for s, ok in zip(frame.share, frame.enough, strict=True)]
    darkest = max(0.15, float(frame[frame.enough].share.max()) if frame.enough.any() else 0.15)
    frame["ink"] = [
        ink.GREY_TEXT if not ok or s < FAINT else "#FFFFFF" if s >= 0.75 * darkest else ink.INK
        for s, ok in zip(frame.share, frame.enough, strict=True)
    ]
    frame["tip"] = [
        words(
            "charts.hour_tip",
            weekday=r["weekday_name"],
            band=r["band"],
            n=count(int(r["parcels"])),
            late=count(int(r["late"])),
            share=percent(r["share"]),
        )
        for r in frame.to_dict("records")
    ]
    bands = sorted(frame.band.unique())
    x = alt.X("weekday_name:N", sort=weekdays, axis=alt.Axis(orient="top", labelAngle=0, title=None, labelColor=ink.INK))
    y = alt.Y("band:N", sort=bands, axis=alt.Axis(title=None))
    color = alt.Color(
        "share:Q",
        legend=None,
        scale=alt.Scale(domain=[0, darkest / 3, 2 * darkest / 3, darkest], range=ink.LATENESS, interpolate="rgb", clamp=True),
    )
    tips = [alt.Tooltip("tip:N", title=" ")]
    cells = (
        alt.Chart(frame[frame.enough]).mark_rect(stroke="white", strokeWidth=3, cornerRadius=3).encode(x=x, y=y, color=color, tooltip=tips)
    )
    labels = alt.Chart(frame).mark_text(fontSize=12).encode(
        x=x, y=y, text=alt.Text("label:N"), color=alt.Color("ink:N", scale=None), tooltip=tips
    )
    where = worst_hours(table, words) or DASH
    ink.show(
        ink.layer(cells, labels, height=alt.Step(30), own_colors=True),
        words("charts.hours_alt", worst=where),
        key,
    )
