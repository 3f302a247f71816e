"""Whether a change worked: its verdict, the days before and after, and what to keep in mind."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from pdd_audit.core.changes import Change
from pdd_audit.services.look_at_trends import EFFECT_DAYS, Judged, Series, judge_change
from pdd_audit.texts.numbers import count, decimal_text, number_range, percent, percent_range
from pdd_audit.ui.changes import change_form, change_list, described, marks_of, plainly
from pdd_audit.ui.charts.day_bands import DayBand, drawn
from pdd_audit.ui.charts.trends import Beside, before_after_chart
from pdd_audit.ui.parts import heading
from pdd_audit.ui.session import Here

TRANSITIONS = (0, 3, 7)  # days after a change that may be left out


def effects(here: Here, series: Series, changes: Sequence[Change], as_of: date, bands: Sequence[DayBand] = ()) -> None:
    with st.container(gap="small"):
        if not changes:
            heading(here.words("trends.effect.none"), here.words("trends.effect.none_caption"))
            change_form(here, as_of)
            return
        labels = {change.id: plainly(here, change) for change in reversed(changes)}
        if st.session_state.get("judged_change") not in labels:
            st.session_state.pop("judged_change", None)
        top = st.container(gap="small")
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            chosen = st.selectbox(
                here.words("trends.effect.choose"), list(labels), key="judged_change", format_func=labels.__getitem__, width=420
            )
            pauses = {days: here.words("trends.effect.pause", n=days) for days in TRANSITIONS}
            pause = st.segmented_control(
                here.words("trends.effect.pause_label"),
                TRANSITIONS,
                default=0,
                required=True,
                key="transition",
                format_func=pauses.__getitem__,
            )
        change = next(change for change in changes if change.id == chosen)
        if series.is_share:
            judged = judge_change(series, change, changes, int(pause or 0))
            with top:
                verdict(here, judged)
            picture(here, judged, bands)
        else:
            with top:
                heading(here.words("trends.effect.no_share"))
        with st.container(horizontal=True, gap="small"):
            change_form(here, as_of)
            change_list(here, changes)


def verdict(here: Here, judged: Judged) -> None:
    effect = judged.effect
    if judged.verdict == "too_early":
        heading(
            here.words("trends.effect.too_early", before=judged.before, after=judged.after, need=EFFECT_DAYS),
            here.words("trends.effect.why_early"),
        )
        return
    if effect is None:
        heading(here.words("trends.effect.nothing"), here.words("trends.effect.why_nothing"))
        return
    ratio, avoided = effect.rate_ratio, effect.avoided
    heading(
        here.words(f"trends.effect.{judged.verdict}", ratio=percent(ratio.value, 0), range=percent_range(ratio.low, ratio.high, 0)),
        here.words("app.dot").join(
            (
                here.words(
                    f"trends.effect.{'more' if avoided.value < 0 else 'fewer'}",
                    n=count(round(abs(avoided.value))),
                    range=parcels_range(judged),
                ),
                here.words("trends.effect.method", before=judged.before, after=judged.after),
            )
        ),
    )


def parcels_range(judged: Judged) -> str:
    assert judged.effect is not None, "asked only with an effect"
    avoided = judged.effect.avoided
    ends = (avoided.low, avoided.high) if avoided.value >= 0 else (-avoided.high, -avoided.low)
    return number_range(*ends)


def picture(here: Here, judged: Judged, bands: Sequence[DayBand] = ()) -> None:
    if judged.days.empty:
        return
    beside = Beside(marks_of(here, [judged.change]), drawn(bands, judged.days["day"]))
    alt_text = here.words("charts.trends.effect_alt", verdict=here.words(f"trends.verdict.{judged.verdict}"))
    before_after_chart(judged.days, beside, here.words, "before_after", alt_text)
    notes = []
    if judged.effect is not None:
        notes.append(here.words("trends.effect.read"))
        if judged.effect.after_bad_week:
            notes.append(here.words("trends.effect.after_bad_week"))
        if judged.effect.robust:
            notes.append(here.words("trends.effect.robust", value=decimal_text(judged.effect.correlation, 2)))
    if judged.others:
        notes.append(
            here.words("trends.effect.others", changes=here.words("app.comma").join(described(here, other) for other in judged.others))
        )
    if judged.left_out:
        notes.append(here.words("trends.effect.left_out", n=judged.left_out))
    if notes:
        st.caption("".join(notes))
