"""What the shop says of days, on the Data page: courier stops and exemptions, each with who, when and why."""

import re
from collections.abc import Callable
from datetime import date

import streamlit as st

from pdd_audit.core.calendar_file import StopEntry
from pdd_audit.core.errors import AuditError
from pdd_audit.core.exemptions import OwnExemption
from pdd_audit.core.filters import ALL
from pdd_audit.core.noted_days import Noted
from pdd_audit.core.people import Right
from pdd_audit.services.import_files import user_here
from pdd_audit.services.look_at_days import OfficialWindow, look_at_days
from pdd_audit.services.note_days import courier_names, decide, note_exemption, note_stop, take_back
from pdd_audit.services.rules import rules_of
from pdd_audit.texts import error_text
from pdd_audit.texts.numbers import DASH, full_moment
from pdd_audit.ui import cache, session
from pdd_audit.ui.author import author_field
from pdd_audit.ui.calendar_note import calendar_notes
from pdd_audit.ui.parts import card, heading
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import allowed_or_told, only
from pdd_audit.ui.session import Here

COUNTED_BY = ("shipped", "promised", "paid")
WAIVES = ("pickup", "promise")


def noted_days(here: Here) -> None:
    """The section of the Data page; nothing without a shop."""
    if here.shop is None:
        return
    words, days = here.words, cache.look(here, look_at_days, ALL)
    with st.container(gap="small"):
        heading(words("days.title"), words("days.how"))
        calendar_notes(here)
        for noted in days.own:
            _own(here, noted)
        if not days.own:
            st.caption(words("days.none"))
        with st.container(horizontal=True):
            with st.popover(words("days.add_stop"), icon=":material/event_busy:", **only(here, Right.ANSWER)):
                _stop_form(here)
            with st.popover(words("days.add_exemption"), icon=":material/verified_user:", **only(here, Right.DECIDE)):
                _exemption_form(here)
            with st.popover(words("days.official"), icon=":material/gavel:", type="tertiary"):
                _official(here, days.official)
    if st.session_state.pop("days_saved", None):
        st.toast(words("days.saved"), icon=":material/check:")


def _own(here: Here, noted: Noted) -> None:
    words, said = here.words, noted.said
    with card(tight=True, key=f"days_{noted.entry}"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            with st.container(gap="xxsmall", width="stretch"):
                if isinstance(said, StopEntry):
                    outlet = words("days.outlet", outlet=said.outlet) if said.outlet else ""
                    told = {"first": said.first, "last": said.last, "reason": said.reason}
                    line = words("days.stop_line", courier=words.courier(said.courier), outlet=outlet, **told)
                else:
                    assert isinstance(said, OwnExemption), "entries of the shop are one of the two"
                    line = _window_line(here, said)
                st.markdown(md_escape(line))
                st.caption(md_escape(words("days.noted_by", source=said.source, by=noted.by, at=full_moment(noted.at))))
            st.button(
                words("days.take_back"), key=f"take_back_{noted.entry}", icon=":material/undo:", type="tertiary", on_click=_taken_back,
                args=(noted.entry,), **only(here, Right.DECIDE),
            )


def _window_line(here: Here, window: OwnExemption) -> str:
    words = here.words
    names = words("data.listed").join((*window.provinces, *map(words.courier, window.couriers)))
    return words(
        "days.window_line", first=window.first, last=window.last, counted_by=words(f"days.counted_by.{window.counted_by}"),
        waives=words("data.listed").join(words(f"days.waives.{clock}") for clock in window.waives),
        only=words("days.only", names=names) if names else "", reason=window.reason,
    )


# --- forms: a save happens in the callback of its button ---------------------------------------------------------------------


def _stop_form(here: Here) -> None:
    words = here.words
    st.selectbox(words("days.field.courier"), courier_names(), key="stop_courier", format_func=words.courier)
    st.text_input(words("days.field.outlet"), key="stop_outlet", max_chars=80)
    _days_and_words(here, "stop")
    st.button(words("days.save"), key="stop_save", type="primary", on_click=_save_stop)
    _problem("stop")


def _exemption_form(here: Here) -> None:
    words = here.words
    clocks = {clock: words(f"days.waives.{clock}") for clock in WAIVES}
    times = {time: words(f"days.counted_by.{time}") for time in COUNTED_BY}
    st.pills(
        words("days.field.waives"), WAIVES, selection_mode="multi", key="exemption_waives", default=WAIVES[:1],
        format_func=clocks.__getitem__,
    )
    st.selectbox(words("days.field.counted_by"), COUNTED_BY, key="exemption_counted_by", format_func=times.__getitem__)
    st.text_input(words("days.field.provinces"), key="exemption_provinces", max_chars=200)
    st.multiselect(
        words("days.field.couriers"), courier_names(), key="exemption_couriers", placeholder=words("days.all"), format_func=words.courier
    )
    _days_and_words(here, "exemption")
    st.button(words("days.save"), key="exemption_save", type="primary", on_click=_save_exemption)
    _problem("exemption")


def _days_and_words(here: Here, form: str) -> None:
    words = here.words
    with st.container(horizontal=True):
        for name in ("from", "to"):
            st.date_input(words(f"days.field.{name}"), value=None, key=f"{form}_{name}", format="YYYY-MM-DD")
    for name, longest in (("reason", 200), ("source", 200)):
        st.text_input(words(f"days.field.{name}"), key=f"{form}_{name}", max_chars=longest)
    author_field(here, words("days.field.by"), f"{form}_by", user_here())


def _official(here: Here, windows: tuple[OfficialWindow, ...]) -> None:
    """The windows of the rule file, and the shop's word on one of them."""
    words = here.words
    assert here.shop is not None, "drawn only for a shop"
    rules = rules_of(here.ws, here.shop.id)
    st.caption(words("days.official_how"))
    st.link_button(words("rules.open_centre"), rules.confirm_at, icon=":material/open_in_new:")
    for one in windows:
        window = one.window
        st.markdown(f"**{md_escape(window.reason.in_language(here.lang))}**")
        if not window.known:
            st.caption(words("days.official_unknown"))
            continue
        told = words(
            "days.official_line", first=window.first, last=window.last, counted_by=words(f"days.counted_by.{window.counted_by}"),
            waives=words("data.listed").join(words(f"days.waives.{clock}") for clock in window.waives), trust=window.trust,
        )
        state = "unconfirmed" if one.decided is None else "rejected" if one.rejected else "holds"
        st.caption(md_escape(words("app.dot").join((told, rules.sources[window.source or ""].title, words(f"days.said.{state}")))))
        if one.decided is not None:
            st.caption(md_escape(words("days.said_by", by=one.decided.by, at=full_moment(one.decided.at), why=one.decided.why or DASH)))
    known = {one.window.id: one.window.reason.in_language(here.lang) for one in windows if one.window.known}
    if known and allowed_or_told(here, Right.DECIDE):
        st.selectbox(words("days.field.window"), list(known), key="decision_window", format_func=known.__getitem__)
        st.text_input(words("days.field.why"), key="decision_why", max_chars=400)
        author_field(here, words("days.field.by"), "decision_by", user_here())
        with st.container(horizontal=True):
            st.button(words("days.decide_holds"), key="decision_holds", on_click=_decided, args=(True,))
            st.button(words("days.decide_rejected"), key="decision_rejected", on_click=_decided, args=(False,))
        _problem("decision")


def _problem(form: str) -> None:
    problem = st.session_state.get("days_problem")
    if problem and problem[0] == form:
        del st.session_state["days_problem"]
        st.error(md_escape(problem[2]), title=md_escape(problem[1]), icon=":material/error:")


def _save_stop() -> None:
    _save("stop", lambda here, shop: note_stop(
        here.ws, shop, {"courier": _typed("stop_courier"), "outlet": _typed("stop_outlet") or None, **_common("stop")}, _typed("stop_by")
    ))


def _save_exemption() -> None:
    state = st.session_state
    said = {
        "counted_by": state.get("exemption_counted_by"), "waives": tuple(state.get("exemption_waives") or ()),
        "provinces": tuple(name for name in re.split(r"[、，,;；\s]+", _typed("exemption_provinces")) if name),
        "couriers": tuple(state.get("exemption_couriers") or ()), **_common("exemption"),
    }
    _save("exemption", lambda here, shop: note_exemption(here.ws, shop, said, _typed("exemption_by")))


def _decided(holds: bool) -> None:
    _save("decision", lambda here, shop: decide(
        here.ws, shop, _typed("decision_window"), holds, _typed("decision_by"), _typed("decision_why")
    ))


def _taken_back(entry: str) -> None:
    _save("own", lambda here, shop: take_back(here.ws, shop, entry, user_here() or DASH))


def _save(form: str, work: Callable[[Here, str], None]) -> None:
    here = session.current()
    assert here.shop is not None, "drawn only where there is a shop"
    try:
        work(here, here.shop.id)
    except AuditError as error:
        st.session_state["days_problem"] = (form, *error_text(error, here.lang))
        return
    st.session_state["days_saved"] = True
    for key in [key for key in st.session_state if str(key).startswith(f"{form}_") and not str(key).endswith("_by")]:
        del st.session_state[key]


def _common(form: str) -> dict[str, object]:
    chosen = {name: st.session_state.get(f"{form}_{name}") for name in ("from", "to")}
    days: dict[str, object] = {name: day.isoformat() if isinstance(day, date) else "" for name, day in chosen.items()}
    return days | {name: _typed(f"{form}_{name}").strip() for name in ("reason", "source")}


def _typed(key: str) -> str:
    return str(st.session_state.get(key) or "")
