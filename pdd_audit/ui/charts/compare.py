"""Couriers, outlets, agents side by side: a dot with its interval behind, worst first, and the shop's own line."""

from collections.abc import Collection

import altair as alt
import pandas as pd

from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count, percent, percent_range
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept
from pdd_audit.ui.plain import md_escape

MOST = 12
MOST_NAMED = 2
FEWEST = 20  # parcels or enquiries a name needs before it may be called worse


def busiest(table: pd.DataFrame, name: str, total: str) -> pd.DataFrame:
    """The rows that are drawn, each with a ``label`` of its own: two couriers may call their outlets the same."""
    frame = table.dropna(subset=["ratio", name]).nlargest(MOST, total)
    twice = frame[name].duplicated(keep=False)
    full = (
        frame[name].astype(str) + " · " + frame["courier"].astype(str)
        if "courier" in frame and name != "courier"
        else frame[name].astype(str)
    )
    return frame.assign(label=frame[name].astype(str).where(~twice, full))


def outside(table: pd.DataFrame, name: str, total: str, whole: float | None) -> list[str]:
    """Labels of drawn rows whose whole interval lies above the shop's own share, worst first; luck alone does not explain them."""
    if whole is None:
        return []
    frame = busiest(table, name, total)
    low = 1 - frame[["low", "high"]].astype(float).max(axis=1)
    return [str(text) for text in frame[(low > whole) & (frame[total] >= FEWEST)].sort_values("ratio")["label"]]


def compared(words: Words, what: str, above: list[str]) -> str:
    """The conclusion above a comparison: who lies above the shop as a whole, or that nobody can be told apart."""
    if not above:
        return words(f"metrics.{what}_none")
    names = words("data.listed").join(above[:MOST_NAMED])
    return words(f"metrics.{what}_above", names=md_escape(names), more="…" if len(above) > MOST_NAMED else "")


@kept
def compare_chart(
    table: pd.DataFrame,
    name: str,
    missed: str,
    total: str,
    whole: float | None,
    words: Words,
    key: str,
    alt_key: str,
    *,
    flagged: Collection[str] | None = None,
) -> None:
    """``table``: ``name``, ratio, low, high (kept form), ``missed``, ``total``. ``whole``: the share of all together, if known.
    ``flagged``: the names to mark, where somebody else decides who stands out."""
    frame = _rows(busiest(table, name, total), missed, total, words)
    frame["outside"] = frame.label.isin(outside(table, name, total, whole) if flagged is None else list(flagged))
    top = ink.top_share(max(float(frame.share.max()), min(float(frame.share_high.max()), float(frame.share.max()) * 2)), 0.02)
    frame["share_high"] = frame.share_high.clip(upper=top)
    _draw(frame, top, whole, words, key, alt_key)


def _rows(frame: pd.DataFrame, missed: str, total: str, words: Words) -> pd.DataFrame:
    """The worst first: label, share, share_low, share_high, numbers, tip."""
    frame["share"] = 1 - frame.ratio.astype(float)
    ends = pd.concat([1 - frame.high.astype(float), 1 - frame.low.astype(float)], axis=1)
    frame["share_low"], frame["share_high"] = ends.min(axis=1), ends.max(axis=1)
    frame = frame.sort_values("share", ascending=False)
    frame["numbers"] = [f"{count(int(m))} / {count(int(n))}" for m, n in zip(frame[missed], frame[total], strict=True)]
    frame["tip"] = [
        words(
            "charts.compare_tip",
            name=r["label"],
            share=percent(r["share"]),
            range=percent_range(r["share_low"], r["share_high"]),
            numbers=r["numbers"],
        )
        for r in frame.to_dict("records")
    ]
    return frame[["label", "share", "share_low", "share_high", "numbers", "tip"]]


def _draw(frame: pd.DataFrame, top: float, whole: float | None, words: Words, key: str, alt_key: str) -> None:
    """``frame``: as ``_rows`` gives it, with whom to mark; ``top``: where the axis ends."""
    x_scale = alt.Scale(domain=[0, top], nice=False, range=[0, alt.ExprRef("width - 96")])
    y = alt.Y("label:N", sort=list(frame.label), axis=alt.Axis(title=None, labelFontSize=14, labelColor=ink.INK, labelLimit=130))
    tips = [alt.Tooltip("tip:N", title=" ")]
    intervals = (
        alt.Chart(frame)
        .mark_bar(height=ink.INTERVAL)
        .encode(
            x=alt.X("share_low:Q", scale=x_scale, axis=ink.share_axis(grid=True)),
            x2=alt.X2("share_high:Q"),
            y=y,
            tooltip=tips,
            color=alt.condition("datum.outside", alt.value(ink.PALE_VERMILION), alt.value(ink.PALE_TEAL)),
        )
    )
    within = (
        alt.Chart(frame[~frame.outside])
        .mark_point(shape="circle", filled=True, size=85, color=ink.TEAL, opacity=1)
        .encode(x=alt.X("share:Q"), y=y, tooltip=tips)
    )
    beyond = (
        alt.Chart(frame[frame.outside])
        .mark_point(shape="diamond", filled=True, size=110, color=ink.VERMILION, opacity=1)
        .encode(x=alt.X("share:Q"), y=y, tooltip=tips)
    )
    numbers = (
        alt.Chart(frame)
        .mark_text(align="right", fontSize=12, color=ink.GREY_TEXT)
        .encode(x=alt.value(alt.ExprRef("width")), y=y, text=alt.Text("numbers:N"))
    )
    layers = [intervals, within, beyond, numbers]
    if whole is not None:
        line = pd.DataFrame({"share": [whole], "label": [words("charts.whole_shop", share=percent(whole))]})
        layers.append(alt.Chart(line).mark_rule(color=ink.INK, strokeDash=ink.DASH).encode(x=alt.X("share:Q")))
        layers.append(
            alt.Chart(line).mark_text(fontSize=12, color=ink.INK, align="left", dx=5).encode(
                x=alt.X("share:Q"), y=alt.value(-6), text=alt.Text("label:N")
            )
        )
    worst = frame.iloc[0]
    ink.show(ink.layer(*layers, height=alt.Step(38)), words(alt_key, name=worst.label, share=percent(float(worst.share))), key)
