"""Late shares by hour of upload, what an earlier last hour would have changed, and a rehearsed peak."""

import altair as alt
import numpy as np
import pandas as pd

from pdd_audit.services.look_at_tonight import CutOff, Rehearsal
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count, percent, percent_range
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept

MOST_COURIERS = 5
MIDDLE = 19  # last hours after it are named on their left, where there is room
DASHES = ([1, 0], [6, 3], [2, 3], [9, 3, 2, 3], [4, 2])


@kept
def hour_rates_chart(one: CutOff, line: float, words: Words, key: str) -> None:
    """Each hour of upload of one courier: share of late parcels, 95 % interval; hollow where it was drawn towards the mean."""
    frame = one.hours.assign(above=one.hours["low"] > line)
    frame["tip"] = [
        words(
            "charts.tonight.rate_tip",
            hour=row.hour,
            share=percent(float(row.rate)),
            range=percent_range(float(row.low), float(row.high)),
            numbers=f"{count(int(row.late))} / {count(int(row.parcels))}",
        )
        for row in frame.itertuples()
    ]
    solid = frame[~frame["shrunk"]]
    top = ink.top_share(max(line, float(frame["rate"].max()), float(solid["high"].max()) if len(solid) else 0.0))
    frame["high"] = frame["high"].clip(upper=top)
    scale = alt.Scale(domain=[0, top], nice=False)
    x = _hours(frame)
    tips = [alt.Tooltip("tip:N", title=" ")]
    bars = (
        alt.Chart(frame)
        .mark_bar(width=ink.INTERVAL)
        .encode(
            x=x,
            y=alt.Y("low:Q", scale=scale, axis=ink.share_axis(grid=True)),
            y2=alt.Y2("high:Q"),
            tooltip=tips,
            color=alt.condition("datum.above", alt.value(ink.PALE_VERMILION), alt.value(ink.PALE_TEAL)),
        )
    )
    base = alt.Chart(frame).encode(x=x, y=alt.Y("rate:Q", scale=scale), tooltip=tips)
    full = base.transform_filter("!datum.shrunk && !datum.above").mark_point(filled=True, color=ink.TEAL, size=70, opacity=1)
    few = base.transform_filter("datum.shrunk && !datum.above").mark_point(filled=True, fill="white", stroke=ink.TEAL, size=60, opacity=1)
    above = base.transform_filter("datum.above").mark_point(shape="diamond", filled=True, color=ink.VERMILION, size=95, opacity=1)
    rule = pd.DataFrame({"share": [line], "label": [words("charts.tonight.accepted", share=percent(line))]})
    limit = alt.Chart(rule).mark_rule(color=ink.INK, strokeDash=ink.DASH).encode(y=alt.Y("share:Q", scale=scale))
    name = alt.Chart(rule).mark_text(align="left", dx=4, dy=-7, fontSize=12, color=ink.INK).encode(
        x=alt.value(0), y=alt.Y("share:Q", scale=scale), text=alt.Text("label:N")
    )
    worst = frame.loc[frame["rate"].idxmax()]
    alt_text = words("charts.tonight.rates_alt", hour=int(worst["hour"]), share=percent(float(worst["rate"])), n=int(frame["above"].sum()))
    ink.show(ink.layer(bars, full, few, above, limit, name, height=220), alt_text, key)


def _hours(frame: pd.DataFrame) -> alt.X:
    domain = list(range(int(frame["hour"].min()), int(frame["hour"].max()) + 1))
    return alt.X("hour:O", scale=alt.Scale(domain=domain), axis=alt.Axis(title=None, labelAngle=0, labelOverlap=True))


@kept
def choices_chart(one: CutOff, chosen: int, words: Words, key: str) -> None:
    """Parcels late on either clock for each last hour of upload; the chosen hour is ruled, the cheapest one named."""
    frame = one.choices
    rows = pd.concat(
        [frame[["hour"]].assign(parcels=frame[name], clock=name) for name in ("late", "missed")], ignore_index=True
    )
    rows["label"] = [words(f"charts.tonight.clock.{clock}") for clock in rows["clock"]]
    rows["tip"] = [
        words("charts.tonight.choice_tip", hour=row.hour, n=count(round(row.parcels)), clock=row.label) for row in rows.itertuples()
    ]
    top = float(max(frame["late_high"].max(), frame["missed"].max())) * 1.12
    scale = alt.Scale(domain=[0, max(1.0, top)], nice=False)
    x = alt.X("hour:Q", scale=alt.Scale(domain=[int(frame["hour"].min()), int(frame["hour"].max())], nice=False), axis=_hour_axis(frame))
    y = alt.Y("parcels:Q", scale=scale, axis=alt.Axis(title=None, grid=True, tickCount=4, format=",d"))
    tips = [alt.Tooltip("tip:N", title=" ")]
    band = alt.Chart(frame[["hour", "late_low", "late_high"]]).mark_area(opacity=0.22, color=ink.TEAL).encode(
        x=x, y=alt.Y("late_low:Q", scale=scale), y2=alt.Y2("late_high:Q")
    )
    layers: list[alt.Chart] = [band]
    for clock, color, shape, dash in (("late", ink.TEAL, "circle", [1, 0]), ("missed", ink.VERMILION, "diamond", [6, 3])):
        part = rows[rows["clock"] == clock]
        layers.append(alt.Chart(part).mark_line(color=color, strokeWidth=2.2, strokeDash=dash).encode(x=x, y=y))
        layers.append(alt.Chart(part).mark_point(shape=shape, filled=True, color=color, size=50, opacity=1).encode(x=x, y=y, tooltip=tips))
        text = ink.INK if clock == "late" else ink.VERMILION_TEXT
        layers.append(
            alt.Chart(part[part["hour"] == part["hour"].min()])
            .mark_text(align="left", dx=8, dy=-10, fontSize=13, fontWeight="bold", color=text)
            .encode(x=x, y=y, text=alt.Text("label:N"))
        )
    ruled = pd.DataFrame({"hour": [chosen]})
    layers.append(alt.Chart(ruled).mark_rule(color=ink.INK, strokeDash=ink.DASH, strokeWidth=1.4).encode(x=x))
    if one.best is not None:
        left = one.best > MIDDLE
        best = pd.DataFrame({"hour": [one.best], "label": [words("charts.tonight.best", hour=one.best)]})
        layers.append(
            alt.Chart(best)
            .mark_text(align="right" if left else "left", dx=-9 if left else 9, dy=6, fontSize=13, fontWeight="bold", color=ink.INK)
            .encode(x=x, y=alt.value(8), text=alt.Text("label:N"))
        )
        layers.append(alt.Chart(best).mark_point(shape="triangle-down", filled=True, size=70, color=ink.INK).encode(x=x, y=alt.value(22)))
    at = frame.set_index("hour")
    shown = one.best if one.best is not None else chosen
    alt_text = words(
        "charts.tonight.choices_alt",
        hour=shown,
        late=count(round(float(at.loc[shown, "late"]))),
        missed=count(round(float(at.loc[shown, "missed"]))),
    )
    ink.show(ink.layer(*layers, height=260), alt_text, key)


def _hour_axis(frame: pd.DataFrame) -> alt.Axis:
    return alt.Axis(title=None, values=list(range(int(frame["hour"].min()), int(frame["hour"].max()) + 1)), format="d", labelOverlap=True)


@kept
def rehearsal_chart(found: Rehearsal, times: float, line: float, words: Words, key: str) -> None:
    """Share of late parcels of each courier over the volume; the lines differ by their dashes and carry their names."""
    busiest = list(found.check["courier"].head(MOST_COURIERS))
    table = found.table[found.table["courier"].isin(busiest)]
    table = table.assign(courier=table["courier"].map(words.courier))
    x = alt.X(
        "times:Q",
        scale=alt.Scale(domain=[1, 5], nice=False),
        axis=alt.Axis(title=None, values=[1, 2, 3, 4, 5], labelExpr=f"datum.value + ' {words('charts.tonight.times')}'"),
    )
    top = ink.top_share(float(table["share"].max()), 0.1)
    scale = alt.Scale(domain=[0, top], nice=False)
    y = alt.Y("share:Q", scale=scale, axis=ink.share_axis(grid=True))
    layers: list[alt.Chart] = []
    for place, courier in enumerate(map(words.courier, busiest)):
        part = table.loc[table["courier"] == courier, ["courier", "times", "share"]]
        dash = list(DASHES[place % len(DASHES)])
        layers.append(alt.Chart(part).mark_line(color=ink.TEAL, strokeWidth=2, strokeDash=dash).encode(x=x, y=y))
        # names stand at different volumes: the lines may lie on each other
        at = part.iloc[[int(np.argmin(np.abs(part["times"] - (1.9 + 0.65 * place))))]]
        layers.append(
            alt.Chart(at)
            .mark_text(align="left", dx=6, dy=12, fontSize=13, color=ink.INK)
            .encode(x=x, y=y, text=alt.Text("courier:N"))
        )
        layers.append(alt.Chart(at).mark_point(filled=True, size=36, color=ink.TEAL, opacity=1).encode(x=x, y=y))
    rules = pd.DataFrame({"times": [times]})
    layers.append(alt.Chart(rules).mark_rule(color=ink.INK, strokeDash=ink.DASH, strokeWidth=1.4).encode(x=x))
    accepted = pd.DataFrame({"share": [line]})
    layers.append(alt.Chart(accepted).mark_rule(color=ink.VERMILION, strokeDash=[2, 2]).encode(y=alt.Y("share:Q", scale=scale)))
    shares = table[np.isclose(table["times"], times)]
    parts = words("data.listed").join(f"{row.courier} {percent(float(row.share))}" for row in shares.itertuples())
    ink.show(ink.layer(*layers, height=260), words("charts.tonight.rehearsal_alt", times=f"{times:g}", parts=parts), key)
