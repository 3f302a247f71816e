"""A funnel: units by size, two bands of what chance explains. Whoever is inside stays grey and unnamed."""

import altair as alt
import pandas as pd

from pdd_audit.services.look_at_couriers import Funnel
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count, percent, percent_range
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept

NAMED = 4
OUTER, INNER = "#E9EEEF", "#D9E1E3"


@kept
def funnel_chart(shape: Funnel, with_van: set[str], words: Words, key: str) -> None:
    """``shape.units``: with ``name``; ``with_van``: names whose late parcels include a missed van."""
    units = _told(shape, with_van, words)
    beyond = units[units["beyond"]]
    seen = float(units["rate"].max())
    top = ink.top_share(max(seen, shape.centre * 2), 0.02)
    curve = shape.curve.assign(**{limit: shape.curve[limit].clip(upper=top) for limit in shape.curve.columns if limit != "parcels"})
    x = alt.X(
        "parcels:Q",
        scale=alt.Scale(domain=[0, float(shape.curve["parcels"].max())], nice=False),
        axis=alt.Axis(title=words("charts.funnel.x"), format=",d", tickCount=4),
    )
    y_scale = alt.Scale(domain=[0, top], nice=False, clamp=True)
    tips = [alt.Tooltip("tip:N", title=" ")]
    layers = [
        alt.Chart(curve)
        .mark_area(color=color, opacity=1)
        .encode(x=x, y=alt.Y(f"{low}:Q", scale=y_scale, axis=ink.share_axis(grid=False)), y2=alt.Y2(f"{high}:Q"))
        for low, high, color in (("low998", "high998", OUTER), ("low95", "high95", INNER))
    ]
    whole = pd.DataFrame({"rate": [shape.centre], "label": [words("charts.funnel.whole", share=percent(shape.centre))]})
    y = alt.Y("rate:Q", scale=y_scale)
    layers.append(alt.Chart(whole).mark_rule(color=ink.INK, strokeDash=ink.DASH).encode(y=y))
    layers.append(
        alt.Chart(whole)
        .mark_text(align="right", dy=-8, fontSize=12, color=ink.INK)
        .encode(x=alt.value(alt.ExprRef("width")), y=y, text=alt.Text("label:N"))
    )
    layers.append(
        alt.Chart(units[~units["beyond"]])
        .mark_point(shape="circle", filled=True, size=60, color=ink.GREY_MARK, opacity=1)
        .encode(x=x, y=y, tooltip=tips)
    )
    layers.append(
        alt.Chart(beyond).mark_point(shape="diamond", filled=True, size=130, color=ink.VERMILION, opacity=1).encode(x=x, y=y, tooltip=tips)
    )
    named = beyond.nlargest(NAMED, "z")
    for right in (False, True):
        part = named[named["right"] == right]
        layers.append(
            alt.Chart(part)
            .mark_text(
                align="right" if right else "left", dx=-10 if right else 10, fontSize=13, fontWeight="bold", color=ink.VERMILION_TEXT,
                lineBreak="\n", lineHeight=15, dy=-6,
            )
            .encode(x=x, y=y, text=alt.Text("label:N"))
        )
    names = words("data.listed").join(named["label"].str.replace("\n", " "))
    alt_key = "charts.funnel.alt" if names else "charts.funnel.alt_none"
    values = {"names": names} if names else {}
    ink.show(ink.layer(*layers, height=300), words(alt_key, share=percent(shape.centre), **values), key)


def _told(shape: Funnel, with_van: set[str], words: Words) -> pd.DataFrame:
    units = shape.units[["name", "parcels", "late", "rate", "z", "low95", "high95", "where"]].copy()
    units["beyond"] = units["where"].isin(["above95", "above998"])
    units["right"] = units["parcels"] > units["parcels"].max() * 0.5  # both sides have room for a label of two lines
    units["numbers"] = [f"{count(int(x))} / {count(int(n))}" for x, n in zip(units["late"], units["parcels"], strict=True)]
    rows = units.to_dict("records")
    units["tip"] = [
        words(
            "charts.funnel.tip",
            name=words.courier(row["name"]),
            numbers=row["numbers"],
            share=percent(row["rate"]),
            range=percent_range(row["low95"], row["high95"]),
        )
        for row in rows
    ]
    units["label"] = [
        words(
            "charts.funnel.label_van" if row["name"] in with_van else "charts.funnel.label",
            name=words.courier(row["name"]),
            share=percent(row["rate"]),
            **({} if row["name"] in with_van else {"numbers": row["numbers"]}),
        )
        for row in rows
    ]
    return units
