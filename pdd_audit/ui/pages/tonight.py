"""Tonight: what will be late and whom to call first, how good past forecasts were, and what an earlier cut-off or a peak would change."""

from datetime import datetime, timedelta

import numpy as np
import streamlit as st

from pdd_audit.core.filters import Filters
from pdd_audit.services.look_at_tonight import MIN_HOUR, STEPS, Batch, CutOff, TonightLook, look_at_tonight
from pdd_audit.services.workspace import now
from pdd_audit.texts.numbers import DASH, count, day, decimal_text, line_percent, moment, percent, yuan
from pdd_audit.ui import cache, session
from pdd_audit.ui.calendar_note import calendar_notes
from pdd_audit.ui.charts.cut_off import choices_chart, hour_rates_chart, rehearsal_chart
from pdd_audit.ui.charts.tonight import by_the_hour, calibration_chart, tonight_chart, whole_range
from pdd_audit.ui.data_age import age_line, is_fresh
from pdd_audit.ui.filters import filter_bar
from pdd_audit.ui.parts import card, heading, link, nothing_yet, two_sided
from pdd_audit.ui.plain import md_escape, unbroken
from pdd_audit.ui.rows import rows_link

STALE_AFTER = timedelta(hours=2)
MOST_CALLS = 6
CLEARLY = 0.5  # parcels a different hour must save before the title speaks of it

here = session.current()
words = here.words


def is_now(look: TonightLook) -> bool:
    """Whether the data are fresh enough for "tonight" and for minutes left."""
    return look.as_of is not None and is_fresh(look.as_of, now(), STALE_AFTER)


def night(look: TonightLook) -> str:
    assert look.as_of is not None, "there are files"
    return words("tonight.tonight") if is_now(look) else words("tonight.that_night", day=day(look.as_of, here.lang))


def courier_name(courier: str | None, outlet: str | None = None) -> str:
    name = words.courier(courier or words("tonight.calls.unknown_courier"))
    return words("tonight.calls.who", courier=name, outlet=outlet) if outlet else name


def cost_text(look: TonightLook, value: float | None) -> str:
    """About so many yuan; never a zero that only says that nobody knows."""
    return words("tonight.cost.about", yuan=yuan(value)) if look.fine_known else words("tonight.cost.unknown")


def sentence(look: TonightLook) -> str:
    if not look.covered:
        return words("tonight.no_pickup")
    if not look.trusted:
        return words("tonight.untrusted")
    if not look.ahead:
        return words("tonight.nobody")
    if look.midnight is None:
        return words("tonight.unknown", n=count(look.ahead))
    _, found = look.midnight
    if not found.parcels:
        return words("tonight.nothing_due", night=night(look), n=count(look.ahead))
    if np.ceil(found.high - 1e-9) == 0:
        return words("tonight.none_late", night=night(look), due=count(found.parcels))
    first = ""
    if look.first is not None:
        courier, outlet, parcels = look.first
        first = words("tonight.first", who=md_escape(courier_name(courier, outlet)), n=count(parcels))
    late, cost = whole_range(found.low, found.high), cost_text(look, found.yuan)
    return words("tonight.headline", night=night(look), range=late, cost=cost, first=first)


def picture(look: TonightLook) -> None:
    hourly = look.hourly
    if hourly is None or hourly.hours.empty:
        return
    end = hourly.hours.iloc[-1]
    with st.container(gap="small"):
        caption = words("tonight.picture.caption")
        if hourly.unknown:
            caption += " " + words("tonight.picture.unknown", n=count(hourly.unknown))
        total = whole_range(float(end["low"]), float(end["high"]))
        heading(words("tonight.picture.title", n=count(look.ahead), range=total), caption)
        tonight_chart(hourly, words, "tonight")
        rows = [
            {
                words("tonight.table.by"): until(at),
                words("tonight.table.due"): count(found.parcels),
                words("tonight.table.expected"): decimal_text(found.expected, 1),
                words("tonight.table.range"): whole_range(found.low, found.high),
                words("tonight.table.yuan"): cost_text(look, found.yuan),
            }
            for at, found in hourly.named.items()
        ]
        st.table(rows, border="horizontal", hide_index=True, alt=words("tonight.table.alt"))


def until(at: datetime) -> str:
    """10 月 28 日 24 点: midnight ends the day before it."""
    return f"{day(at if at.hour else at - timedelta(days=1), here.lang)} {by_the_hour(words, at)}"


def chance_text(chance: float) -> str:
    tens = round(chance * 10)
    if tens >= 10:
        return words("tonight.chance.most")
    return words("tonight.chance.tens", n=tens) if tens >= 1 else words("tonight.chance.few")


def left_text(look: TonightLook, minutes: int) -> str:
    assert look.as_of is not None, "there are open parcels"
    if is_now(look):
        return words("tonight.calls.left", time=words("tonight.duration", h=minutes // 60, m=minutes % 60))
    return words("tonight.calls.due_at", moment=moment(look.as_of + timedelta(minutes=minutes), here.lang))


def calls(look: TonightLook, chosen: Filters) -> None:
    if not look.batches:
        return
    known = look.hourly is not None
    with st.container(gap="small"):
        heading(words("tonight.calls.title"), words("tonight.calls.caption" if known else "tonight.calls.caption_unknown"))
        worth = [batch for batch in look.batches if batch.worth_a_call][:MOST_CALLS]
        for place, batch in enumerate(worth):
            call(look, batch, place, chosen)
        rest = look.batches[len(worth) :]
        if not worth:
            st.markdown(words("tonight.calls.nobody"))
        if rest:
            n = count(sum(batch.parcels for batch in rest))
            late = decimal_text(sum(batch.expected or 0.0 for batch in rest), 1)
            st.caption(words("tonight.calls.rest", n=n, late=late) if known else words("tonight.calls.rest_unknown", n=n))


def call(look: TonightLook, batch: Batch, place: int, chosen: Filters) -> None:
    who = f"**{place + 1}. {md_escape(courier_name(batch.courier, batch.outlet))}**"
    with card(tight=True):
        uploaded = words("tonight.calls.wave", day=day(batch.day, here.lang), band=batch.band)
        two_sided(who, left_text(look, batch.left_minute), uploaded)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            n, cost = count(batch.parcels), cost_text(look, batch.yuan)
            st.markdown(
                words("tonight.calls.about_unknown", n=n) if batch.chance is None
                else words("tonight.calls.about", n=n, cost=cost, chance=chance_text(batch.chance)),
                width="content",
            )
            at = {"courier": batch.courier or "", "outlet": batch.outlet or "", "day": batch.day.isoformat(), "band": batch.band}
            rows_link(here, "open_wave", batch.parcels, f"wave_{place}", chosen, at=at)


def over(look: TonightLook, chosen: Filters) -> None:
    if look.over:
        with st.container(gap="small"):
            heading(words("tonight.over.title", n=count(look.over), cost=cost_text(look, look.over_yuan)), words("tonight.over.caption"))
            rows_link(here, "open_late", look.over, "open_late", chosen)


def morning_text(look: TonightLook) -> str:
    assert look.morning is not None and look.as_of is not None, "there are files"
    if not is_now(look):
        return words("tonight.wait.that_morning", day=day(look.morning, here.lang))
    return words("tonight.wait.today" if look.morning.date() == look.as_of.date() else "tonight.wait.tomorrow")


def wait(look: TonightLook, chosen: Filters) -> None:
    """Orders whose upload should wait for the morning. Never one whose promise does not allow it."""
    if not look.waiting:
        return
    with st.container(gap="small"):
        held = look.held
        if held is None:
            heading(words("tonight.wait.none_title", n=count(look.waiting)), words("tonight.wait.none_caption"))
            return
        saved = words("tonight.cost.saved", yuan=yuan(held.saved_yuan)) if look.fine_known else ""
        heading(
            words("tonight.wait.title", n=count(held.orders), morning=morning_text(look)),
            words("tonight.wait.caption", now=percent(held.now), later=percent(held.morning), saved=saved),
        )
        for place, one in enumerate(look.holds):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                whose = words("tonight.wait.whose", who=md_escape(words.courier(one.courier))) if one.courier else words("tonight.wait.any")
                st.markdown(whose, width="content")
                place_of = {"courier": one.courier or "", "promised_from": one.promised_from.isoformat()}
                rows_link(here, "can_wait", one.orders, f"wait_{place}", chosen, at=place_of)


def cut(look: TonightLook) -> None:
    """The cut-off simulator: the choice of an hour answers at once."""
    if not look.cut_offs:
        return
    with st.container(gap="small"):
        options = [one.courier or "" for one in look.cut_offs]
        place = options.index(st.session_state["cut_courier"]) if st.session_state.get("cut_courier") in options else 0
        one = look.cut_offs[place]
        heading(cut_title(one), words("tonight.cut.caption") if one.best is not None else "")
        left, right = st.columns(2, gap="large")
        names = {code: courier_name(code or None) for code in options}
        with left:
            st.selectbox(words("tonight.cut.courier"), options, index=place, key="cut_courier", format_func=names.__getitem__)
        if one.best is not None:
            hours = [int(hour) for hour in one.choices["hour"]]
            with right:
                hour = st.select_slider(words("tonight.cut.hour"), hours, value=one.best, key=f"cut_hour_{one.courier or ''}")
            choices_chart(one, hour, words, "choices")
            st.markdown(cut_result(look, one, hour))
            st.caption(words("tonight.cut.assumes", n=count(one.parcels)))
        rates(one, look.line)


def cut_title(one: CutOff) -> str:
    name = md_escape(courier_name(one.courier))
    if one.best is None:
        return words("tonight.cut.title_unknown", courier=name)
    late = one.choices.set_index("hour")["late"]
    saved = float(late.iloc[-1] - late.loc[one.best])
    if one.best == late.index[-1] or saved < CLEARLY:
        return words("tonight.cut.title_as_is", courier=name)
    return words("tonight.cut.title", courier=name, hour=one.best, late=count(round(saved)))


def cut_result(look: TonightLook, one: CutOff, hour: int) -> str:
    if hour == int(one.choices["hour"].max()):
        last = one.choices.iloc[-1:].astype(float).to_dict("records")[0]
        late, missed = count(round(last["late"])), count(round(last["missed"]))
        return words("tonight.cut.result_as_is", late=late, missed=missed, cost=cost_text(look, last["yuan"]))
    at = one.choices[one.choices["hour"] == hour].astype(float).to_dict("records")[0]
    as_is = one.choices.iloc[-1:].astype(float).to_dict("records")[0]
    return words(
        "tonight.cut.result",
        hour=hour,
        moved=count(int(at["moved"])),
        late=count(round(at["late"])),
        range=whole_range(at["late_low"], at["late_high"]),
        missed=count(round(at["missed"])),
        cost=cost_text(look, at["yuan"]),
        now_late=count(round(as_is["late"])),
        now_missed=count(round(as_is["missed"])),
        now_cost=cost_text(look, as_is["yuan"]),
    )


def rates(one: CutOff, line: float) -> None:
    line_text = line_percent(line)
    title = (
        words("tonight.cut.rates_title_none", line=line_text)
        if one.recommended is None
        else words("tonight.cut.rates_title", hour=one.recommended, line=line_text)
    )
    heading(title, words("tonight.cut.rates_caption", fewest=MIN_HOUR), level=4)
    hour_rates_chart(one, line, words, "hour_rates")


def peak(look: TonightLook) -> None:
    found = look.rehearsal
    if found.table.empty:
        return
    with st.container(gap="small"):
        first = found.first
        title = (
            words(
                "tonight.peak.title",
                times=f"{found.breaks[first[0]]:g}",
                who=md_escape(words("data.listed").join(first)),
            )
            if first
            else words("tonight.peak.title_none")
        )
        heading(title, words("tonight.peak.caption"))
        times = st.select_slider(words("tonight.peak.times"), STEPS, value=2.0, key="peak_times")
        rehearsal_chart(found, times, look.line, words, "rehearsal")
        chosen = found.table[np.isclose(found.table["times"], times)]
        at = {row["courier"]: row for row in chosen.to_dict("records")}
        rows = [
            {
                words("tonight.peak.courier"): md_escape(unbroken(words.courier(check["courier"]))),
                words("tonight.peak.late", times=f"{times:g}"): count(round(at[check["courier"]]["late"])),
                words("tonight.peak.share"): percent(at[check["courier"]]["share"]),
                words("tonight.peak.breaks"): f"{found.breaks[check['courier']]:g}" if check["courier"] in found.breaks else DASH,
                words("tonight.peak.really"): count(int(check["late"])),
            }
            for check in found.check.to_dict("records")
        ]
        st.table(rows, border="horizontal", hide_index=True, alt=words("tonight.peak.table"))
        check = found.check
        modelled, really = count(round(check["modelled"].sum())), count(int(check["late"].sum()))
        st.caption(words("tonight.peak.check", modelled=modelled, really=really))


def past(look: TonightLook) -> None:
    found = look.calibration
    with st.container(gap="small"):
        if found.missing:
            heading(words("tonight.past.missing", n=found.missing), words("tonight.past.missing_caption"))
            return
        title = words("tonight.past.title", days=len(found.evenings), inside=found.inside)
        wide = decimal_text(float(np.sqrt(found.dispersion)), 1)
        widened = words("tonight.past.as_it_is") if wide == "1.0" else words("tonight.past.wider", wide=wide)
        given = look.kept.missing == 0
        heading(title, f"{words('tonight.past.caption_kept' if given else 'tonight.past.caption')} {widened}")
        calibration_chart(found.evenings, words, "past")
        if not given:
            done = len(look.kept.evenings)
            st.caption(words("tonight.past.kept_so_far", n=done, need=done + look.kept.missing))


def draw(look: TonightLook, chosen: Filters) -> None:
    assert look.as_of is not None, "there are files"
    age_line(here, look.as_of, now(), STALE_AFTER)
    st.markdown(f"# {sentence(look)}", anchors=False)
    if chosen:
        st.caption(words("tonight.filters_note"))
    if not look.covered:
        if link(words("app.go.data"), "folder_open", "go_data"):
            session.go("data")
        return
    if (look.ahead or look.over) and not look.fine_verified:
        st.caption(words("today.unverified") if look.fine_known else words("today.no_amount"))
    picture(look)
    calls(look, chosen)
    over(look, chosen)
    wait(look, chosen)
    past(look)
    cut(look)
    peak(look)
    calendar_notes(here)


if here.shop is None or not cache.imports(here):
    nothing_yet(here, words("tonight.empty"))
else:
    filters = filter_bar(here)
    shown = cache.look(here, look_at_tonight, filters)
    if shown.as_of is None:
        nothing_yet(here, words("tonight.empty"))
    else:
        draw(shown, Filters(courier=filters.courier, outlet=filters.outlet, province=filters.province, goods=filters.goods))
