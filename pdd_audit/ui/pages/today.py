"""Today: whom to call before what time, what was promised, what better waits, which refunds to stop."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import streamlit as st

from pdd_audit.core.filters import ALL, Filters
from pdd_audit.core.people import Right
from pdd_audit.services.import_files import user_here
from pdd_audit.services.look_at_today import (
    Call,
    Deed,
    Promise,
    Refunded,
    TodayLook,
    call_rules,
    calls_now,
    deeds_until,
    due_by_hour,
    look_at_today,
    promised_waybills,
    promises_of,
    records,
    scans_of,
    with_steps,
)
from pdd_audit.services.workspace import now
from pdd_audit.texts.numbers import DASH, count, moment, percent, yuan
from pdd_audit.ui import cache, session
from pdd_audit.ui.author import author_field
from pdd_audit.ui.calendar_note import calendar_notes
from pdd_audit.ui.charts.today import due_chart, fullest
from pdd_audit.ui.charts.tonight import whole_range
from pdd_audit.ui.data_age import age_line, age_text, is_fresh
from pdd_audit.ui.filters import filter_bar
from pdd_audit.ui.incidents.call_card import BY, Desk, draw_call, draw_deeds, note, tell_refusal, who_text, yuan_text
from pdd_audit.ui.parts import heading, link, nothing_yet
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import only
from pdd_audit.ui.rows import rows_link

MOST_CALLS = 6
A_CROWD = 3  # parcels due in one hour before the title speaks of it
REPLAY = "today_as_of"
NOTICEABLE = timedelta(hours=1)  # one kind of file this far behind the other is said

here = session.current()
words = here.words


def replay_bar(newest: datetime | None) -> None:
    """Chooses an earlier moment, or goes back to now."""
    if st.session_state.get(REPLAY) is not None:
        st.button(words("today.replay.back"), key="replay_back", icon=":material/undo:", type="tertiary", on_click=_replay, args=(None,))
    elif newest is not None:
        with st.popover(words("today.replay.button"), icon=":material/history:", type="tertiary"):
            st.datetime_input(words("today.replay.at"), value=newest, max_value=newest, key="replay_at")
            st.button(words("today.replay.go"), key="replay_go", type="primary", on_click=_replay, args=("replay_at",))


def _replay(key: str | None) -> None:
    st.session_state[REPLAY] = None if key is None else st.session_state.get(key)


def ages(desk: Desk, replayed: datetime | None) -> None:
    look = desk.look
    assert look.as_of is not None, "there are files"
    if replayed is not None:
        st.info(words("today.replay.shown", moment=moment(replayed, here.lang)), icon=":material/history:")
        return
    age = age_text(words, max(desk.at - look.as_of, timedelta(0)))
    if desk.live:
        st.markdown(f"### :material/schedule: {words('today.age', age=age, moment=moment(look.as_of, here.lang))}", anchors=False)
    else:
        age_line(here, look.as_of, desk.at, timedelta(minutes=desk.rules.stale_after_minutes))
    orders, pickups = look.orders_until, look.pickups_until
    if orders is not None and pickups is not None and abs(orders - pickups) >= NOTICEABLE:
        said = words("today.one_kind_behind", orders=moment(orders, here.lang), pickups=moment(pickups, here.lang))
        st.caption(f":material/sync_problem: {said}")


def to_make(calls: Sequence[Call]) -> list[Call]:
    """The calls nobody has made yet that are worth one."""
    return [call for call in calls if call.worth and not call.done]


def sentence(desk: Desk, calls: Sequence[Call]) -> str:
    look, left = desk.look, to_make(calls)
    if not look.tonight.covered:
        return words("today.no_pickup")
    if not look.parcels:
        return words("today.nobody")
    if not left:
        made = sum(call.worth for call in calls)
        return words("today.all_called", calls=count(made)) if made else words("today.no_call", n=count(look.ahead))
    first, more = left[0], left[1:]
    values = {
        "who": md_escape(who_text(here, *first.who)), "n": count(_about(first)),
        "yuan": yuan_text(desk, first.yuan, "today.about_yuan"),
        "more": words("today.more_calls", calls=count(len(more)), n=count(sum(_about(call) for call in more))) if more else "",
    }
    if not desk.live:
        assert look.as_of is not None, "there are parcels"
        return words("today.headline_stale", moment=moment(look.as_of, here.lang), **values)
    return words("today.headline", **values)


def _about(call: Call) -> int:
    """How many parcels a call is about: the urgent ones, else those that are late or only said to be collected."""
    return len(call.urgent) or len(call.subjects)


def below(desk: Desk, replayed: datetime | None) -> None:
    """What happens without a call, and what the claim rests on."""
    look = desk.look
    late = sum(parcel.late for parcel in look.parcels)
    if look.parcels:
        if look.tonight.midnight is None:
            st.markdown(words("today.open_only", ahead=count(look.ahead), late=count(late)))
        else:
            found = look.tonight.midnight[1]
            about = words("today.about_yuan", yuan=yuan(found.yuan)) if look.tonight.fine_known else ""
            st.markdown(
                words("today.tonight", range=whole_range(found.low, found.high), yuan=about, ahead=count(look.ahead), late=count(late))
            )
    if not desk.live and replayed is None:
        gone = sum(not parcel.late and parcel.due_at <= desk.at for parcel in look.parcels)
        if gone:
            st.markdown(words("today.gone_since", n=count(gone)))
        if st.button(words("today.import_first"), type="primary", key="import_first", icon=":material/upload_file:"):
            session.go("data")
    if not look.tonight.trusted:
        st.warning(words("today.untrusted"), icon=":material/warning:")


def picture(desk: Desk, calls: Sequence[Call]) -> None:
    look = desk.look
    if not look.ahead:
        return
    assert look.as_of is not None, "there are parcels"
    hours = due_by_hour(look.parcels, [parcel for call in calls if call.worth for parcel in call.urgent], look.as_of)
    if not any(listed or others for _, listed, others in hours):
        return
    most = fullest(hours)
    with st.container(gap="small"):
        title = words("today.picture.title_none")
        if most is not None and most[1] >= A_CROWD:
            title = words("today.picture.title", n=count(most[1]), hour=(most[0] - timedelta(hours=1)).hour, until=most[0].hour or 24)
        heading(title, words("today.picture.caption"))
        due_chart(hours, look.as_of, words, "due_hours")


def draw_calls(desk: Desk, calls: Sequence[Call], promises: Sequence[Promise], chosen: Filters) -> None:
    look = desk.look
    worth = [call for call in calls if call.worth]
    with st.container(gap="small"):
        if worth:
            n = count(len(worth))
            heading(words("today.calls.title_one") if len(worth) == 1 else words("today.calls.title", n=n), words("today.calls.caption"))
        first = next((call for call in worth if not call.done), None)
        for place, call in enumerate(worth[:MOST_CALLS]):
            draw_call(desk, call, place, promises, primary=call is first and (desk.live or not desk.writable))
        later = worth[MOST_CALLS:]
        if later:
            st.caption(words("today.calls.more", n=count(len(later)), parcels=count(sum(len(call.subjects) for call in later))))
        called = {waybill for call in worth for waybill in call.subjects}
        rest = sum(not parcel.late and parcel.waybill not in called for parcel in look.parcels)
        if rest:
            st.caption(words("today.calls.rest", n=count(rest)))
        old = sum(parcel.late and parcel.waybill not in called for parcel in look.parcels)
        if old:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.caption(words("today.calls.old", n=count(old)), width="content")
                if desk.writable:  # the drawer shows what is known now
                    label = words("today.calls.see_late", n=count(look.tonight.over))
                    rows_link(here, "open_late", look.tonight.over, "today_late", chosen, label=label)
        if look.uncovered:
            st.caption(f":material/help: {words('today.uncovered', n=count(look.uncovered))}")
        if look.parcels and not look.tonight.fine_verified:
            st.caption(words("today.unverified") if look.tonight.fine_known else words("today.no_amount"))


def draw_promises(desk: Desk, promises: Sequence[Promise]) -> None:
    if not promises:
        return
    kept = records(promises)
    still = sum(one.outcome == "open" for one in promises)
    share = percent(desk.rules.kept_from_share, 0)
    with st.container(gap="small"):
        worst = kept[0] if kept else None
        if worst is not None and worst.broken:
            who = md_escape(who_text(here, worst.courier, worst.outlet))
            title = words("today.promises.title", who=who, broken=count(worst.broken), n=count(worst.n))
        else:
            title = words("today.promises.title_kept", n=count(sum(one.n for one in kept)))
        heading(title, words("today.promises.caption", share=share, open=count(still)))
        if kept:
            rows = [
                {
                    words("today.promises.who"): md_escape(who_text(here, one.courier, one.outlet)),
                    words("today.promises.n"): count(one.n),
                    words("today.promises.kept"): count(one.kept),
                    words("today.promises.broken"): count(one.broken),
                    words("today.promises.parcels"): words("today.promises.of", n=count(one.in_time), all=count(one.parcels)),
                }
                for one in kept
            ]
            st.table(rows, border="horizontal", hide_index=True, alt=words("today.promises.alt"))


def draw_refunds(desk: Desk, refunded: Sequence[Refunded], done: Sequence[Deed]) -> None:
    """Both steps of every refund before pickup; what is done stays in sight until the next files know it."""
    if not refunded:
        st.caption(words("today.refunds.title_none"))
        return
    left = [one for one in refunded if not (one.held and one.case_closed)]
    yes, no = words("today.refunds.is_done"), words("today.refunds.not_yet")
    with st.container(gap="small"):
        heading(words("today.refunds.title", n=count(len(refunded))), words("today.refunds.caption"))
        rows = [
            {
                words("app.columns.waybill"): one.waybill,
                words("app.columns.order_no"): one.order_no,
                words("app.columns.courier"): words.courier(one.courier) if one.courier else DASH,
                words("app.columns.shipped_at"): moment(one.shipped_at, here.lang),
                words("today.refunds.held"): yes if one.held else no,
                words("today.refunds.case_closed"): yes if one.case_closed else no,
            }
            for one in refunded
        ]
        st.dataframe(rows, hide_index=True, height="content" if len(rows) <= 8 else 320, alt=words("today.refunds.table"))
        if desk.writable and left:
            st.caption(words("today.refunds.left", n=count(len(left))))
            if len(left) > 1:
                st.multiselect(words("today.refunds.only"), [one.waybill for one in left], key="refunds_only")
            with st.container(horizontal=True, gap="small"):
                for step, icon in (("held", "back_hand"), ("case_closed", "task_alt")):
                    names = tuple(one.waybill for one in left if not (one.held if step == "held" else one.case_closed))
                    st.button(
                        words(f"today.refunds.{step}"), key=f"refunds_{step}", icon=f":material/{icon}:", on_click=_step,
                        args=(names, step), **only(here, Right.ANSWER, disabled=not names),
                    )
        about = {one.waybill for one in refunded}
        draw_deeds(desk, [deed for deed in done if deed.kind == "intercepted" and about & set(deed.subjects)], "refunds")


def _step(names: tuple[str, ...], step: str) -> None:
    chosen = [name for name in st.session_state.get("refunds_only") or () if name in names]
    note(session.current(), "intercepted", chosen or list(names), {"step": step})
    if "refunds_only" in st.session_state:
        st.session_state["refunds_only"] = []


def draw_wait(desk: Desk, chosen: Filters) -> None:
    """Orders that better are not uploaded yet."""
    tonight = desk.look.tonight
    if not tonight.waiting:
        return
    held = tonight.held
    if held is None or tonight.morning is None:
        st.caption(words("today.wait.none", n=count(tonight.waiting)))
        return
    with st.container(gap="small"):
        heading(
            words("today.wait.title", n=count(held.orders), moment=moment(tonight.morning, here.lang)),
            words("today.wait.caption", now=percent(held.now), later=percent(held.morning)),
        )
        for place, one in enumerate(tonight.holds if desk.writable else ()):
            at = {"courier": one.courier or "", "promised_from": one.promised_from.isoformat()}
            rows_link(here, "can_wait", one.orders, f"today_wait_{place}", chosen, at=at)


def draw(look: TodayLook, chosen: Filters, replayed: datetime | None) -> None:
    assert here.shop is not None and look.as_of is not None, "there are files"
    rules = call_rules(here.ws)
    at = replayed or now()
    live = replayed is not None or is_fresh(look.as_of, at, timedelta(minutes=rules.stale_after_minutes))
    desk = Desk(here, look, rules, at, live, writable=replayed is None)
    done = deeds_until(here.ws, here.shop.id, replayed)
    calls = calls_now(look, done, rules, at)
    promises: list[Promise] = []
    if promised := promised_waybills(done):
        promises = promises_of(done, cache.look(here, scans_of, ALL, promised, replayed), rules)
    ages(desk, replayed)
    st.markdown(f"# {sentence(desk, calls)}", anchors=False)
    below(desk, replayed)
    if not look.tonight.covered:
        if link(words("app.go.data"), "folder_open", "go_data"):
            session.go("data")
        return
    picture(desk, calls)
    if desk.writable and (calls or look.refunded):
        author_field(here, words("today.calls.by"), BY, user_here(), width=360)
        tell_refusal(here)
    draw_calls(desk, calls, promises, chosen)
    draw_promises(desk, promises)
    draw_refunds(desk, with_steps(look.refunded, done), done)
    draw_wait(desk, chosen)
    calendar_notes(here)


if here.shop is None or not cache.imports(here):
    nothing_yet(here, words("today.empty"))
else:
    wanted: datetime | None = st.session_state.get(REPLAY)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        filters = filter_bar(here)
        newest = cache.look(here, look_at_today, filters).as_of
        replay_bar(newest)
    shown = cache.look(here, look_at_today, filters, wanted) if wanted is not None else cache.look(here, look_at_today, filters)
    if shown.as_of is None:
        nothing_yet(here, words("today.empty"))
    else:
        draw(shown, Filters(courier=filters.courier, outlet=filters.outlet, province=filters.province, goods=filters.goods), wanted)
