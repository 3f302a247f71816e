"""Days that are not like others, as quiet bands behind a chart over days: holidays, sales, courier stops, exemption windows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import altair as alt
import pandas as pd

from pdd_audit.core.working_days import days_between
from pdd_audit.texts import Words
from pdd_audit.ui.charts import ink

OPACITY = 0.22  # darker than the ground of the usual range, paler than anything that is data
LINE = 14  # pixels of a label
MOST_TOLD = 8
MOST_LABELS = 3  # more would run into each other; the tooltips and the line below the chart tell them all
HALF_A_DAY = timedelta(hours=12)


@dataclass(frozen=True)
class DayBand:
    """From ``first`` to ``last`` day. ``label``: a word or two; ``told``: the same with its days."""

    first: date
    last: date
    label: str
    told: str


def drawn(bands: Sequence[DayBand], days: pd.Series) -> tuple[DayBand, ...]:
    """Those with a day among the days of a chart, cut to its ends."""
    if not len(days):
        return ()
    first, last = pd.Timestamp(days.min()).date(), pd.Timestamp(days.max()).date()
    inside = [band for band in bands if band.first <= last and band.last >= first]
    return tuple(DayBand(max(band.first, first), min(band.last, last), band.label, band.told) for band in inside)


def all_told(bands: Sequence[DayBand], words: Words) -> str:
    """A sentence for those who cannot point at a band, or not see it; of many bands the last ones. Empty without any."""
    if not bands:
        return ""
    latest = sorted(bands, key=lambda band: (band.last, band.first))[-MOST_TOLD:]
    more = words("days.band.more", n=len(bands) - len(latest)) if len(bands) > len(latest) else ""
    return words("days.band.all", list=words("data.listed").join(band.told for band in latest), more=more)


def in_words(alt_text: str, bands: Sequence[DayBand], words: Words) -> str:
    """The text alternative of a chart with these bands."""
    return words("app.semicolon").join(part for part in (alt_text, all_told(bands, words)) if part)


def labelled(bands: Sequence[DayBand]) -> int:
    """Lines that labels take at the top of the chart."""
    return len(bands) if len(bands) <= MOST_LABELS else 0


def shaded(bands: Sequence[DayBand], x: alt.X) -> list[Any]:
    """The bands; days that several of them cover are no darker than others. ``x``: over ``when``."""
    told: dict[date, tuple[str, ...]] = {}
    for band in bands:
        for day in days_between(band.first, band.last):
            told[day] = (*told.get(day, ()), band.told)
    rows = []
    for (_, names), run in groupby(enumerate(sorted(told)), key=lambda one: (one[1].toordinal() - one[0], told[one[1]])):
        days = [day for _, day in run]
        rows.append((pd.Timestamp(days[0]) - HALF_A_DAY, pd.Timestamp(days[-1]) + HALF_A_DAY, " · ".join(names)))
    if not rows:
        return []
    table = pd.DataFrame(rows, columns=["when", "until", "tip"])
    return [
        alt.Chart(table)
        .mark_rect(color=ink.GREY_MARK, opacity=OPACITY)
        .encode(x=x, x2=alt.X2("until:T"), tooltip=[alt.Tooltip("tip:N", title=" ")])
    ]


def labels(bands: Sequence[DayBand], days: pd.Series, x: alt.X) -> list[Any]:
    """What each band is, one below the other at the top."""
    if not labelled(bands):
        return []
    first, last = pd.Timestamp(days.min()), pd.Timestamp(days.max())
    named: list[Any] = []
    for place, band in enumerate(sorted(bands, key=lambda band: (band.first, band.last))):
        late = pd.Timestamp(band.first) > first + (last - first) / 2
        when = pd.Timestamp(band.last) + HALF_A_DAY if late else pd.Timestamp(band.first) - HALF_A_DAY
        named.append(
            alt.Chart(pd.DataFrame({"when": [when], "label": [band.label]}))
            .mark_text(fontSize=12, color=ink.GREY_TEXT, align="right" if late else "left", dx=-3 if late else 3, baseline="top", limit=150)
            .encode(x=x, y=alt.value(2 + LINE * place), text=alt.Text("label:N"))
        )
    return named
