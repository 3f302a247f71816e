"""How the waiting ends: collected, or refunded before anybody came. The two compete, so their shares never add up to more than one."""

import altair as alt
import pandas as pd

from pdd_audit.texts import Words
from pdd_audit.texts.numbers import percent
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept

NAMES = ("collected", "refunded")


def at_limit(ends: pd.DataFrame, limit_hours: float) -> dict[str, float] | None:
    """Shares collected, refunded and open at the limit; None before anything was watched that long."""
    if ends.empty or float(ends.hour.max()) < limit_hours:
        return None
    row = ends[ends.hour <= limit_hours].iloc[-1]
    return {name: float(row[name]) for name in (*NAMES, "open")}


@kept
def ends_chart(ends: pd.DataFrame, limit_hours: float, words: Words, key: str) -> None:
    """``ends``: hour, collected, refunded, open."""
    there = at_limit(ends, limit_hours)
    assert there is not None, "drawn only where the limit was reached"
    end = float(ends.hour.max())
    long = pd.concat([ends[["hour"]].assign(share=ends[name].astype(float), name=name) for name in NAMES], ignore_index=True)
    ticks = [hour for hour in (0, 12, 24, 36, 48, 60, 72) if hour <= end]
    x = alt.X("hour:Q", scale=alt.Scale(domain=[0, end], nice=False), axis=alt.Axis(values=ticks, title=words("charts.hours_since_upload")))
    y = alt.Y("share:Q", scale=alt.Scale(domain=[0, 1.08], nice=False), axis=ink.share_axis(grid=True, values=[0, 0.25, 0.5, 0.75, 1]))
    lines = [
        alt.Chart(long[long.name == name])
        .mark_line(color=color, strokeWidth=2.2, strokeDash=dash, interpolate="step-after")
        .encode(x=x, y=y)
        for name, color, dash in zip(NAMES, (ink.TEAL, ink.VERMILION), ([1, 0], [6, 3]), strict=True)
    ]
    labels = pd.DataFrame(
        {
            "hour": [limit_hours] * 2,
            "share": [there[name] for name in NAMES],
            "label": [words(f"charts.ends.{name}", share=percent(there[name])) for name in NAMES],
        }
    )
    named = [
        alt.Chart(labels.iloc[[place]])
        .mark_text(align="left", dx=6, dy=-12 if place else 16, fontSize=13, fontWeight="bold", color=color)
        .encode(x=x, y=y, text=alt.Text("label:N"))
        for place, color in enumerate((ink.TEAL, ink.VERMILION_TEXT))
    ]
    rule = alt.Chart(pd.DataFrame({"hour": [limit_hours]})).mark_rule(color=ink.INK, strokeDash=ink.DASH).encode(x=x)
    values = {name: percent(share) for name, share in there.items()}
    ink.show(ink.layer(*lines, rule, *named, height=220), words("charts.ends.alt", hours=f"{limit_hours:g}", **values), key)
