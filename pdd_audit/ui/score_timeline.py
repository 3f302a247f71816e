"""How the whole and each practice moved over saved audits and reviews: six small pictures, and one sentence for what is not ordinary."""

from collections.abc import Sequence

import streamlit as st

from pdd_audit.services.timeline import TOTAL, Signal, Stop, Timeline
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import DASH, day, full_moment, points, score_change
from pdd_audit.ui.charts.timeline import Audited, score_over_time
from pdd_audit.ui.parts import heading, two_sided
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.session import Here

FEWEST = 2  # one point is no trend


def score_timeline(here: Here, found: Timeline) -> None:
    """Nothing below ``FEWEST`` saved results."""
    if len(found.stops) < FEWEST:
        return
    words, first = here.words, next(iter(found.trends.values()))
    caption = words("history.timeline.caption") if first.limits else words("history.timeline.too_few", more=first.more)
    heading(_title(words, found), caption)
    names = {practice.practice.id: practice.practice.short_title.in_language(here.lang) for practice in here.checklists.practices}
    panels = [TOTAL, *(subject for subject in found.trends if subject != TOTAL)]
    for left, right in zip(panels[::2], [*panels[1::2], None], strict=False):
        for column, subject in zip(st.columns(2, gap="large"), (left, right), strict=True):
            if subject is not None:
                with column, st.container(gap="xxsmall"):
                    _panel(here, found, subject, words("history.total") if subject == TOTAL else names.get(subject, subject))


def _title(words: Words, found: Timeline) -> str:
    totals = [value for stop in found.stops if (value := stop.values.get(TOTAL)) is not None]
    if len(totals) < FEWEST:
        return words("history.timeline.title_none", n=len(found.stops))
    low, high = points(min(totals), 1), points(max(totals), 1)
    return words("history.timeline.title", n=len(totals), last=points(totals[-1], 1), low=low, high=high)


def _panel(here: Here, found: Timeline, subject: str, name: str) -> None:
    words, trend = here.words, found.trends[subject]
    values = [stop.values.get(subject) for stop in found.stops]
    known = [value for value in values if value is not None]
    moved = score_change(known[0], known[-1]) if len(known) >= FEWEST else DASH
    newest = points(values[-1], 1)
    two_sided(f"**{md_escape(name)}**", f"**{newest}**", "", words("history.timeline.since_first", change=moved))
    audits = [
        Audited(stop.at, words("history.option", name=stop.name, moment=full_moment(stop.at)), value, stop.round is not None,
                place > 0 and stop.ruler != found.stops[place - 1].ruler)
        for place, (stop, value) in enumerate(zip(found.stops, values, strict=True))
    ]
    told = words("history.timeline.alt", name=name, n=len(known), first=points(known[0] if known else None, 1), last=newest)
    score_over_time(audits, trend, [at for _, at in found.opened], words, f"timeline_{subject}", told)
    if trend.signals:
        st.caption(_said(here, trend.signals, found.stops))


def _said(here: Here, signals: Sequence[Signal], stops: Sequence[Stop]) -> str:
    """The newest thing that is no ordinary movement, in words."""
    newest = signals[-1]
    return here.words(f"history.timeline.signal.{newest.rule}", day=day(stops[newest.position].at, here.lang))
