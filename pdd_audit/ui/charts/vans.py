"""Vans that came and vans that did not: a row per courier, a cell per day of upload, a diamond for each missed van."""

from datetime import timedelta
from typing import Any

import altair as alt
import pandas as pd

from pdd_audit.services.look_at_couriers import Split
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count, day, percent
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept

FEWEST = 20  # parcels a cell needs before it gets a colour
MOST_DAYS = 62
DARKEST = 0.5
NAMED = 3


@kept
def vans_chart(split: Split, words: Words, key: str) -> bool:
    """Draws the last ``MOST_DAYS`` days; whether earlier ones were left out. ``split``: at least one wave."""
    waves = split.waves.dropna(subset=["courier"])
    waves = waves.assign(start=pd.to_datetime(waves["day"]), courier=waves["courier"].map(words.courier))
    last = waves["start"].max()
    first = max(waves["start"].min(), last - timedelta(days=MOST_DAYS - 1))
    shown = waves[waves["start"] >= first]
    cells = shown.groupby(["courier", "start"], as_index=False)[["parcels", "late"]].sum()
    cells["share"] = cells["late"] / cells["parcels"]
    cells["end"] = cells["start"] + timedelta(days=1)
    cells["middle"] = cells["start"] + timedelta(hours=12)
    cells["tip"] = [
        words(
            "charts.vans.cell",
            courier=row["courier"],
            day=day(row["start"], words.lang),
            n=count(int(row["parcels"])),
            late=count(int(row["late"])),
            share=percent(row["share"]),
        )
        for row in cells.to_dict("records")
    ]
    enough = cells["parcels"] >= FEWEST
    order = list(cells.groupby("courier")["parcels"].sum().sort_values(ascending=False).index)
    x_axis = alt.Axis(title=None, format="%-m/%-d" if words.lang == "zh" else "%-d %b", tickCount=6, labelOverlap=True)
    x = alt.X("start:T", axis=x_axis)
    y = alt.Y("courier:N", sort=order, axis=alt.Axis(title=None, labelFontSize=14, labelColor=ink.INK, labelLimit=130))
    tips = [alt.Tooltip("tip:N", title=" ")]
    scale = alt.Scale(domain=[0, DARKEST / 5, DARKEST / 2, DARKEST], range=ink.LATENESS, interpolate="rgb", clamp=True)
    filled = (
        alt.Chart(cells[enough])
        .mark_rect(stroke="white", strokeWidth=1.5)
        .encode(x=x, x2=alt.X2("end:T"), y=y, color=alt.Color("share:Q", legend=None, scale=scale), tooltip=tips)
    )
    few = alt.Chart(cells[~enough]).mark_point(filled=True, size=8, color=ink.GREY_MARK, opacity=1).encode(
        x=alt.X("middle:T"), y=y, tooltip=tips
    )
    layers = [filled, few]
    missed = _missed(split, first, last, words)
    if len(missed):
        place = alt.Chart(missed).encode(x=alt.X("middle:T"), y=y, tooltip=tips)
        layers.append(
            place.mark_point(shape="diamond", filled=True, size=170, color=ink.VERMILION, opacity=1, stroke="white", strokeWidth=1.5)
        )
        for right in (False, True):
            part = missed[(missed["late_half"] == right) & missed["label"].ne("")]
            if len(part):
                text = alt.Chart(part).encode(x=alt.X("middle:T"), y=y, text=alt.Text("label:N"), tooltip=tips)
                bold: dict[str, Any] = {
                    "align": "right" if right else "left",
                    "dx": -24 if right else 24,
                    "fontSize": 13,
                    "fontWeight": "bold",
                }
                halo = {"stroke": "white", "strokeWidth": 4}  # the number stays readable on a dark cell
                layers += [text.mark_text(**{**bold, "color": ink.VERMILION_TEXT, **more}) for more in (halo, {})]
    told = "; ".join(missed["tip"].head(NAMED))
    alt_text = words("charts.vans.alt_one", vans=told) if told else words("charts.vans.alt_none", days=cells["start"].nunique())
    ink.show(ink.layer(*layers, height=alt.Step(36)), alt_text, key)
    return bool(first > waves["start"].min())


def _missed(split: Split, first: pd.Timestamp, last: pd.Timestamp, words: Words) -> pd.DataFrame:
    """One row a missed van in the days drawn, the worst with a label."""
    vans = [(words.courier(van.courier), van) for van in split.vans if van.courier is not None and pd.Timestamp(van.day) >= first]
    half = first + (last - first) / 2
    return pd.DataFrame(
        [
            {
                "courier": courier,
                "middle": pd.Timestamp(van.day) + timedelta(hours=12),
                "late_half": pd.Timestamp(van.day) > half,
                "label": f"{count(van.late)} / {count(van.parcels)}" if place < NAMED else "",
                "tip": words(
                    "charts.vans.diamond",
                    courier=courier,
                    day=day(van.day, words.lang),
                    start=van.start,
                    end=van.end,
                    n=count(van.parcels),
                    late=count(van.late),
                ),
            }
            for place, (courier, van) in enumerate(vans)
        ],
        columns=["courier", "middle", "late_half", "label", "tip"],
    )
