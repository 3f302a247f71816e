"""When open parcels fall due, hour by hour: those worth a call, and the others behind them."""

from datetime import datetime, timedelta

import altair as alt
import pandas as pd

from pdd_audit.core.incidents.urgency import Hours
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept

SOON = timedelta(hours=2)


def fullest(hours: Hours) -> tuple[datetime, int] | None:
    """The end of the hour in which most of the listed parcels fall due, and how many; None where none is listed."""
    at, most = max(((at, listed) for at, listed, _ in hours), key=lambda pair: pair[1], default=(None, 0))
    return None if at is None or not most else (at, most)


@kept
def due_chart(hours: Hours, as_of: datetime, words: Words, key: str) -> None:
    """``hours``: end of the hour, listed parcels due in it, others; at least one of them."""
    filled = [place for place, (_, listed, others) in enumerate(hours) if listed or others]
    shown = hours[filled[0] : filled[-1] + 1]
    frame = pd.DataFrame(
        [
            {
                "order": place,
                # the hour that begins here: parcels due from 15:00 to 16:00 stand at 15
                "hour": words("charts.today.hour", hour=(at - timedelta(hours=1)).hour),
                "listed": listed,
                "all": listed + others,
                "soon": at - SOON <= as_of,
                "label": words("charts.today.soon", n=count(listed)) if at - SOON <= as_of and listed else count(listed) if listed else "",
                "tip": words("charts.today.tip", at=f"{at - timedelta(hours=1):%H:%M}", n=count(listed), others=count(others)),
            }
            for place, (at, listed, others) in enumerate(shown)
        ]
    )
    every = 3 if len(frame) > 12 else 1  # on a phone a name under every bar would run into the next
    ticks = [place for place, (at, _, _) in enumerate(shown) if (at - timedelta(hours=1)).hour % every == 0]
    labels = "[" + ",".join(f"'{hour}'" for hour in frame["hour"]) + "]"
    x = alt.X("order:O", axis=alt.Axis(title=words("charts.today.axis"), labelAngle=0, labelExpr=f"{labels}[datum.value]", values=ticks))
    scale = alt.Scale(domain=[0, max(1.0, float(frame["all"].max()) * 1.18)], nice=False)
    tips = [alt.Tooltip("tip:N", title=" ")]
    axis = alt.Axis(title=None, grid=True, tickCount=4, tickMinStep=1, format=",d")
    whole = alt.Chart(frame).mark_bar(color=ink.PALE_TEAL).encode(x=x, y=alt.Y("all:Q", scale=scale, axis=axis), tooltip=tips)
    color = alt.condition("datum.soon", alt.value(ink.VERMILION), alt.value(ink.TEAL))
    called = alt.Chart(frame).mark_bar().encode(x=x, y=alt.Y("listed:Q", scale=scale), color=color, tooltip=tips)
    text = alt.Chart(frame).mark_text(dy=-8, fontSize=13, fontWeight="bold", color=ink.INK).encode(
        x=x, y=alt.Y("all:Q", scale=scale), text="label:N"
    )
    most = fullest(hours)
    said = words("charts.today.alt_none") if most is None else words(
        "charts.today.alt", n=count(most[1]), hour=(most[0] - timedelta(hours=1)).hour, listed=count(int(frame["listed"].sum())),
        others=count(int((frame["all"] - frame["listed"]).sum())),
    )
    ink.show(ink.layer(whole, called, text, height=220), said, key)
