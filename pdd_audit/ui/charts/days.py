"""One share a day with its interval: solid where the day is settled, hollow where it may still change."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count, day, percent, percent_range
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.day_bands import DayBand, in_words, labelled, labels, shaded
from pdd_audit.ui.charts.kept import kept

FEWEST = 20  # cases a day needs before it may be called the worst
ROOM_FOR_A_LABEL = 0.05  # of the height


@kept
def days_chart(
    table: pd.DataFrame, missed: str, total: str, words: Words, key: str, alt_key: str, bands: Sequence[DayBand] = ()
) -> None:
    """``table``: day, ratio, low, high (kept form), the two counts named by ``missed`` and ``total``, and perhaps ``mature``. ``bands``:
    of days drawn."""
    frame = _missing_share(table, missed, total, words)
    # room for the intervals, but one tiny day may not flatten the others
    highest = min(float(frame.share_high.max()), 2.5 * float(frame.share.max()))
    top = ink.top_share(1.1 * highest * (1 + ROOM_FOR_A_LABEL * labelled(bands)), 0.05)
    frame["share_high"] = frame.share_high.clip(upper=top)
    x = alt.X(
        "when:T",
        axis=alt.Axis(title=None, format="%-m/%-d" if words.lang == "zh" else "%-d %b", tickCount=8, labelOverlap=True),
        scale=alt.Scale(padding=12),
    )
    y_scale = alt.Scale(domain=[0, top], nice=False)
    intervals = (
        alt.Chart(frame)
        .mark_bar(width=6, color=ink.PALE_TEAL)
        .encode(x=x, y=alt.Y("share_low:Q", scale=y_scale, axis=ink.share_axis(grid=True)), y2=alt.Y2("share_high:Q"))
    )
    tips = [alt.Tooltip("tip:N", title=" ")]
    base = alt.Chart(frame).encode(x=x, y=alt.Y("share:Q", scale=y_scale), tooltip=tips)
    settled = base.transform_filter("datum.settled").mark_point(filled=True, color=ink.TEAL, size=55, opacity=1)
    open_days = base.transform_filter("!datum.settled").mark_point(
        filled=True, fill="white", stroke=ink.TEAL, strokeWidth=1.6, size=55, opacity=1
    )
    worst = frame[frame.settled & frame.enough].nlargest(1, "share")
    days = [drawn for drawn, there in ((settled, frame.settled.any()), (open_days, not frame.settled.all())) if there]  # none has no extent
    layers = [*shaded(bands, x), intervals, *days, *labels(bands, frame.when, x)]
    label = "—"
    if len(worst) and float(worst.share.iloc[0]) > 0:
        peak = worst.assign(
            label=[words("charts.worst_day", day=day(worst.when.iloc[0], words.lang), share=percent(float(worst.share.iloc[0])))]
        )
        layers.append(
            alt.Chart(peak)
            .mark_point(shape="diamond", filled=True, color=ink.VERMILION, size=95, opacity=1)
            .encode(x=x, y=alt.Y("share:Q"), tooltip=tips)
        )
        label = str(peak.label.iloc[0])
        first_half = peak.when.iloc[0] < frame.when.min() + (frame.when.max() - frame.when.min()) / 2
        layers.append(
            alt.Chart(peak)
            .mark_text(
                fontSize=13,
                fontWeight="bold",
                color=ink.VERMILION_TEXT,
                dx=-3 if first_half else 3,
                dy=-10,
                align="left" if first_half else "right",
            )
            .encode(x=x, y=alt.Y("share_high:Q"), text=alt.Text("label:N"))
        )
    alt_text = in_words(words(alt_key, worst=label, days=len(frame)), bands, words)
    ink.show(ink.layer(*layers, height=220), alt_text, key)


def worst_day(table: pd.DataFrame, total: str, words: Words) -> str | None:
    """10 月 17 日 16.0%: the settled day with the highest share, among those with enough cases, if any day missed anything."""
    settled = table[table["mature"].astype(bool)] if "mature" in table else table
    settled = settled[settled[total] >= FEWEST].dropna(subset=["ratio"])
    if settled.empty or float(settled.ratio.min()) >= 1:
        return None
    worst = settled.nsmallest(1, "ratio").iloc[0]
    return words("charts.worst_day", day=day(worst["day"], words.lang), share=percent(1 - float(worst.ratio)))


def _missing_share(table: pd.DataFrame, missed: str, total: str, words: Words) -> pd.DataFrame:
    frame = table.dropna(subset=["ratio"]).copy()
    frame["when"] = pd.to_datetime(frame["day"])
    frame["share"] = 1 - frame.ratio.astype(float)
    frame["share_low"] = 1 - frame.high.astype(float)
    frame["share_high"] = 1 - frame.low.astype(float)
    low = frame[["share_low", "share_high"]].min(axis=1)
    frame["share_high"] = frame[["share_low", "share_high"]].max(axis=1)
    frame["share_low"] = low
    frame["enough"] = frame[total] >= FEWEST
    frame["settled"] = frame["mature"].astype(bool) if "mature" in frame else True
    frame["tip"] = [
        words(
            "charts.day_tip",
            day=day(row["when"], words.lang),
            n=count(int(row[total])),
            missed=count(int(row[missed])),
            share=percent(row["share"]),
            range=percent_range(row["share_low"], row["share_high"]),
        )
        for row in frame.to_dict("records")
    ]
    return frame[["when", "share", "share_low", "share_high", "settled", "enough", "tip"]]
