"""Inquiries that waited too long: by hour and weekday, by day and agent, and how many still wait after so many seconds."""

from typing import Any

import altair as alt
import pandas as pd

from pdd_audit.core.reply_hours import TO_HOUR
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count, day, decimal_text, percent, percent_range
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept

FEWEST = 20  # inquiries a cell needs before it gets a colour
FAINT = 0.04
DARKEST = 0.15  # at least; a month without misses is not painted red
DAYS_WIDE = 62  # days that fit beside each other


def band_label(hour: int, hours: int) -> str:
    return f"{hour:02d}–{min(hour + hours, TO_HOUR):02d}"


@kept
def reply_hours_chart(table: pd.DataFrame, hours: int, conclusion: str, words: Words, key: str) -> None:
    """``table``: weekday (0 Monday), hour, inquiries, missed, share; ``hours``: how many a row stands for."""
    weekdays = [words(f"charts.weekday.{i}") for i in range(7)]
    frame = table.assign(
        across=[weekdays[int(i)] for i in table["weekday"]], down=[band_label(int(hour), hours) for hour in table["hour"]]
    )
    frame["tip"] = [
        words("charts.reply_cell", where=words("charts.reply_hour", weekday=r["across"], band=r["down"]), **_numbers(r))
        for r in frame.to_dict("records")
    ]
    x = alt.X("across:N", sort=weekdays, scale=alt.Scale(domain=weekdays), axis=_across(labelAngle=0))
    y = alt.Y("down:N", sort=sorted(frame["down"].unique()), axis=alt.Axis(title=None))
    ink.show(_cells(frame, x, y, 38, in_words=True), conclusion, key)


@kept
def reply_days_chart(table: pd.DataFrame, conclusion: str, words: Words, key: str) -> None:
    """``table``: day, agent, inquiries, missed, share; the last ``DAYS_WIDE`` days."""
    recent = sorted(table["day"].unique())[-DAYS_WIDE:]
    frame = table[table["day"].isin(recent)]
    frame = frame.assign(across=frame["day"].dt.strftime("%Y-%m-%d"), down=frame["agent"].astype(str))
    frame["tip"] = [
        words("charts.reply_cell", where=f"{r['down']} · {day(r['day'], words.lang)}", **_numbers(r)) for r in frame.to_dict("records")
    ]
    pattern = "%-m/%-d" if words.lang == "zh" else "%-d %b"
    label = f"timeFormat(toDate(datum.value + 'T00:00'), '{pattern}')"
    x = alt.X("across:O", axis=_across(labelExpr=label, labelOverlap=True, labelAngle=0))
    y = alt.Y("down:N", axis=alt.Axis(title=None, labelColor=ink.INK, labelLimit=110))
    ink.show(_cells(frame, x, y, 34, in_words=False), conclusion, key)


def _numbers(row: dict[Any, Any]) -> dict[str, str]:
    missed = float(row["missed"])  # in the middle of what rounding allows
    text = decimal_text(missed, 0 if missed.is_integer() else 1)
    return {"n": count(round(row["inquiries"])), "missed": text, "share": percent(row["share"])}


def _across(**more: Any) -> alt.Axis:
    return alt.Axis(orient="top", title=None, labelColor=ink.INK, **more)


def _cells(frame: pd.DataFrame, x: alt.X, y: alt.Y, height: int, *, in_words: bool) -> ink.Layers:
    """Share above, inquiries below it, ``height`` pixels a row; a cell with few of them is a dot and has no colour."""
    frame = frame.assign(enough=frame["inquiries"] >= FEWEST, share=frame["share"].astype(float))
    shares = frame.loc[frame["enough"], "share"]
    darkest = max(DARKEST, float(shares.max()) if len(shares) else 0.0)
    frame["label"] = [f"{decimal_text(100 * s)}%" if enough else "·" for s, enough in zip(frame["share"], frame["enough"], strict=True)]
    frame["size"] = [count(round(n)) for n in frame["inquiries"]]
    frame["ink"] = [
        ink.GREY_TEXT if not enough or s < FAINT else "#FFFFFF" if s >= 0.75 * darkest else ink.INK
        for s, enough in zip(frame["share"], frame["enough"], strict=True)
    ]
    frame = frame[["across", "down", "share", "enough", "label", "size", "ink", "tip"]]
    color = alt.Color(
        "share:Q", legend=None,
        scale=alt.Scale(domain=[0, darkest / 3, 2 * darkest / 3, darkest], range=ink.LATENESS, interpolate="rgb", clamp=True),
    )
    tips = [alt.Tooltip("tip:N", title=" ")]
    base = alt.Chart(frame).encode(x=x, y=y, tooltip=tips)
    enough = alt.Chart(frame[frame["enough"]])
    cells = enough.mark_rect(stroke="white", strokeWidth=2, cornerRadius=3).encode(x=x, y=y, color=color, tooltip=tips)
    written = alt.Color("ink:N", scale=None)
    layers = [cells]
    if in_words:
        layers.append(base.mark_text(fontSize=13, dy=-6).encode(text=alt.Text("label:N"), color=written))
        layers.append(base.mark_text(fontSize=10, dy=9).encode(text=alt.Text("size:N"), color=written))
    else:  # columns too narrow for numbers: the tooltip and the table have them
        layers.append(base.transform_filter("!datum.enough").mark_text(fontSize=12).encode(text=alt.Text("label:N"), color=written))
    return ink.layer(*layers, height=alt.Step(height), own_colors=True)


@kept
def waits_chart(curve: pd.DataFrame, limit_seconds: int, words: Words, key: str) -> None:
    """``curve``: seconds, waiting, low, high; begins with everybody waiting."""
    at_limit = curve[curve["seconds"] <= limit_seconds].iloc[-1]
    end = max(float(curve["seconds"].max()), 1.5 * limit_seconds)
    frame = pd.concat([curve, curve.iloc[-1:].assign(seconds=end)]).assign(minutes=lambda f: f["seconds"] / 60)
    limit = limit_seconds / 60
    x = alt.X(
        "minutes:Q", scale=alt.Scale(domain=[0, end / 60], nice=False),
        axis=alt.Axis(values=[m for m in (0, 1, 2, 3, 4, 5, 6, 8, 10) if m <= end / 60], title=words("charts.minutes_since_message")),
    )
    y = alt.Y("waiting:Q", scale=alt.Scale(domain=[0, 1]), axis=ink.share_axis(grid=True))
    share, spread = float(at_limit["waiting"]), percent_range(float(at_limit["low"]), float(at_limit["high"]))
    said = words("charts.still_waiting", share=percent(share))
    point = pd.DataFrame({"minutes": [limit], "waiting": [share], "label": [said], "spread": [spread]})
    rule = pd.DataFrame({"minutes": [limit], "label": [words("charts.reply_limit", minutes=f"{limit:g}")]})
    # the step form keeps the line true: a share changes at a reply, not between two
    band = alt.Chart(frame).mark_area(opacity=0.22, color=ink.TEAL, interpolate="step-after")
    late = alt.Chart(frame[frame["minutes"] >= limit]).mark_area(color=ink.VERMILION, opacity=0.16, interpolate="step-after")
    layers = [
        band.encode(x=x, y=alt.Y("low:Q", title=None), y2=alt.Y2("high:Q")),
        late.encode(x=x, y=y),
        alt.Chart(frame).mark_line(color=ink.TEAL, strokeWidth=2.2, interpolate="step-after").encode(x=x, y=y),
        alt.Chart(rule).mark_rule(color=ink.INK, strokeDash=ink.DASH, strokeWidth=1.4).encode(x=x),
        alt.Chart(rule).mark_text(align="left", dx=7, fontSize=13, color=ink.INK).encode(x=x, y=alt.value(10), text=alt.Text("label:N")),
        alt.Chart(point).mark_point(shape="diamond", filled=True, size=110, color=ink.VERMILION, opacity=1).encode(x=x, y=y),
        alt.Chart(point).mark_text(align="left", dx=9, dy=-44, fontSize=15, fontWeight="bold", color=ink.VERMILION_TEXT)
        .encode(x=x, y=y, text=alt.Text("label:N")),
        alt.Chart(point).mark_text(align="left", dx=9, dy=-26, fontSize=12, color=ink.GREY_TEXT).encode(
            x=x, y=y, text=alt.Text("spread:N")
        ),
    ]
    ink.show(ink.layer(*layers, height=290), words("charts.waits_alt", share=percent(share), minutes=f"{limit:g}"), key)
