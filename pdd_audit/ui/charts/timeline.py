"""One score over saved audits, small enough to stand beside five others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import altair as alt
import pandas as pd

from pdd_audit.services.timeline import FULL, ScoreTrend
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import points
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept

HEIGHT = 132
TICKS = 4
# Which shape, fill, stroke and size an audit has: saved, signed by two, and what leaves the ordinary on either side.
_STYLES = {
    "saved": ("circle", ink.TEAL, ink.TEAL, 46),
    "signed": ("square", ink.INK, ink.INK, 80),
    "better": ("triangle-up", ink.TEAL, ink.TEAL, 120),
    "worse": ("triangle-down", ink.VERMILION, ink.VERMILION, 120),
}


@dataclass(frozen=True)
class Audited:
    """One saved audit: when, what it is told as, its points (None: too little answered), whether the questions changed since the last."""

    at: datetime
    label: str
    value: float | None
    signed: bool
    new_ruler: bool


@kept
def score_over_time(
    audits: Sequence[Audited], trend: ScoreTrend, opened: Sequence[datetime], words: Words, key: str, alt_text: str
) -> None:
    """Dots joined where the questions stayed the same; grey: the band of ordinary movement; short strokes: reviews that were opened."""
    frame = _frame(audits, trend, words)
    known = frame.dropna(subset=["y"])
    first, last = min([audits[0].at, *opened]), audits[-1].at
    shape = "%-m/%-d" if words.lang == "zh" else "%-d %b"
    x = alt.X(
        "when:T", axis=alt.Axis(title=None, format=shape, labelOverlap=True, **_ticks(audits)),
        scale=alt.Scale(domain=[first.isoformat(), last.isoformat()], padding=14),
    )
    y_scale = alt.Scale(domain=[0, FULL], nice=False)
    y = alt.Y("y:Q", scale=y_scale, axis=alt.Axis(title=None, values=[0, 50, 100], grid=True))
    layers: list[Any] = []
    if trend.limits is not None:
        band = pd.DataFrame({"low": [float(trend.limits.low[0])], "high": [float(trend.limits.high[0])], "usual": [trend.limits.centre]})
        layers.append(alt.Chart(band).mark_rect(color=ink.QUIET).encode(y=alt.Y("low:Q", scale=y_scale), y2=alt.Y2("high:Q")))
        layers.append(alt.Chart(band).mark_rule(color=ink.GREY_MARK, strokeDash=ink.DASH).encode(y=alt.Y("usual:Q", scale=y_scale)))
    if opened:
        strokes = pd.DataFrame({"when": pd.to_datetime(list(opened)), "y": 0.0, "top": 7.0})
        layers.append(alt.Chart(strokes).mark_rule(color=ink.GREY_MARK, strokeWidth=2).encode(x=x, y=y, y2=alt.Y2("top:Q")))
    if frame["new_ruler"].any():
        changed = alt.Chart(frame[frame["new_ruler"]][["when"]])
        layers.append(changed.mark_rule(color=ink.GREY_MARK, strokeDash=ink.DASH).encode(x=x))
    joined = alt.Chart(known[["when", "y", "epoch"]]).mark_line(color=ink.PALE_TEAL, strokeWidth=2)
    layers.append(joined.encode(x=x, y=y, detail=alt.Detail("epoch:N")))
    layers.append(_dots(known, x, y))
    ink.show(ink.layer(*layers, height=HEIGHT), alt_text, key)


def _ticks(audits: Sequence[Audited]) -> dict[str, Any]:
    """A tick at the first result of each day while there are few days: an even spread would name one day several times."""
    days = {audit.at.date(): audit.at for audit in reversed(audits)}
    if len(days) > TICKS:
        return {"tickCount": TICKS}
    moments = [  # to the second: rounded down, the first would lie before the axis begins
        alt.DateTime(
            year=at.year, month=at.month, date=at.day, hours=at.hour, minutes=at.minute, seconds=at.second,
            milliseconds=at.microsecond // 1000,
        )
        for at in days.values()
    ]
    return {"values": moments}


def _frame(audits: Sequence[Audited], trend: ScoreTrend, words: Words) -> pd.DataFrame:
    found = {signal.position: signal.rule for signal in trend.signals}
    looks = [
        ("better" if found[place] in ("above", "run_above") else "worse") if place in found else "signed" if audit.signed else "saved"
        for place, audit in enumerate(audits)
    ]
    frame = pd.DataFrame({
        "when": pd.to_datetime([audit.at for audit in audits]), "y": pd.Series([audit.value for audit in audits], dtype=float),
        "new_ruler": [audit.new_ruler for audit in audits], "look": looks,
        "tip": [words("charts.timeline.tip", name=audit.label, points=points(audit.value, 1)) for audit in audits],
    })
    return frame.assign(epoch=frame["new_ruler"].cumsum())


def _dots(known: pd.DataFrame, x: alt.X, y: alt.Y) -> alt.Chart:
    def by_look(part: int) -> alt.Scale:
        return alt.Scale(domain=list(_STYLES), range=[style[part] for style in _STYLES.values()])

    chart: alt.Chart = (
        alt.Chart(known[["when", "y", "look", "tip"]])
        .mark_point(filled=True, opacity=1, strokeWidth=1.4)
        .encode(
            x=x, y=y,
            shape=alt.Shape("look:N", scale=by_look(0), legend=None), fill=alt.Fill("look:N", scale=by_look(1), legend=None),
            stroke=alt.Stroke("look:N", scale=by_look(2), legend=None),
            size=alt.Size("look:O", scale=by_look(3), legend=None, sort=list(_STYLES)),
            tooltip=[alt.Tooltip("tip:N", title=" ")],
        )
    )
    return chart
