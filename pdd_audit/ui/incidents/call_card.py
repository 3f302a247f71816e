"""One card is one call to one outlet: what it is about, what to send, what was done, and the buttons that note it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.services.deeds import do, undo
from pdd_audit.services.look_at_today import Call, CallRules, Deed, Program, Promise, TodayLook, Wording, message_parts
from pdd_audit.services.workspace import now
from pdd_audit.texts import error_text
from pdd_audit.texts.numbers import count, day, decimal_text, moment, yuan
from pdd_audit.ui import session
from pdd_audit.ui.parts import card, two_sided
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import only
from pdd_audit.ui.session import Here

PROGRAMS: tuple[Program, ...] = ("wecom", "dingtalk", "feishu", "email")
BY = "today_by"
REFUSED = "today_refused"
USUAL_PROMISE = timedelta(hours=2)
TALL = 320
LIKE_A_VAN = 20  # parcels of one day; fewer stay behind by themselves


@dataclass(frozen=True)
class Desk:
    """What every card needs: the look it belongs to, the conventions, the moment of reading, and whether it may be written to.
    ``live``: the data are fresh, so minutes left mean something."""

    here: Here
    look: TodayLook
    rules: CallRules
    at: datetime
    live: bool
    writable: bool


def who_text(here: Here, courier: str | None, outlet: str | None) -> str:
    name = here.words.courier(courier or here.words("today.card.unknown_courier"))
    return here.words("today.card.who", courier=name, outlet=outlet) if outlet else name


def yuan_text(desk: Desk, value: float | None, key: str = "today.card") -> str:
    words = desk.here.words
    if value is None or not desk.look.tonight.fine_known:
        return words("today.card.no_yuan") if key == "today.card" else ""
    return words("today.card.yuan" if key == "today.card" else key, yuan=yuan(value))


def draw_call(desk: Desk, call: Call, place: int, promises: Sequence[Promise], primary: bool) -> None:
    """``place`` counts from 0; ``primary``: this is the call to make now."""
    courier, outlet = call.who
    key = f"call_{courier or ''}_{outlet or ''}"
    with card(tight=True):
        two_sided(f"**{place + 1}. {md_escape(who_text(desk.here, courier, outlet))}**", _left(desk, call))
        st.markdown(_about(desk, call))
        for line in _notes(desk, call, promises):
            st.caption(line)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _message(desk, call, key, primary)
            if desk.writable:
                _buttons(desk, call, key)
        draw_deeds(desk, call.deeds, key)
        _waybills(desk, call, key)


def _left(desk: Desk, call: Call) -> str:
    words = desk.here.words
    if not call.urgent:
        return words("today.card.late_only")
    first = call.urgent[0].due_at
    minutes = (first - desk.at) // timedelta(minutes=1)
    if not desk.live:
        return words("today.card.due_at", moment=moment(first, desk.here.lang))
    if minutes <= 0:
        return f":red[{words('today.card.passed')}]"
    text = words("today.card.left", h=minutes // 60, m=minutes % 60)
    return f":red[:material/timer: {text}]" if minutes < 120 else f":material/timer: {text}"


def _about(desk: Desk, call: Call) -> str:
    words = desk.here.words
    if not call.urgent:
        return words("today.card.late", n=count(len(call.late))) if call.late else words("today.card.said", n=count(len(call.said)))
    parts = [words("today.card.parcels", n=count(len(call.urgent))), yuan_text(desk, call.yuan)]
    known = sum(parcel.chance is not None for parcel in call.urgent)
    parts.append(
        words("today.card.no_chance")
        if call.expected is None
        else words("today.card.chance", chance=_chance(desk, call.expected / known))
    )
    return words("app.dot").join(parts)


def _chance(desk: Desk, chance: float) -> str:
    words = desk.here.words
    tens = round(chance * 10)
    if tens >= 10:
        return words("tonight.chance.most")
    return words("tonight.chance.tens", n=tens) if tens >= 1 else words("tonight.chance.few")


def _notes(desk: Desk, call: Call, promises: Sequence[Promise]) -> list[str]:
    words, lang = desk.here.words, desk.here.lang
    lines = []
    uploads = sorted(parcel.shipped_at for parcel in call.urgent)
    if len(uploads) > 1 and uploads[0].date() == uploads[-1].date() < desk.at.date():
        span = {"day": day(uploads[0], lang), "first": f"{uploads[0]:%H:%M}", "last": f"{uploads[-1]:%H:%M}"}
        lines.append(words("today.card.one_van", **span) if len(uploads) >= LIKE_A_VAN else words("today.card.uploaded", **span))
    if promised := sum(parcel.clock == "promise" for parcel in call.urgent):
        lines.append(words("today.card.by_promise", n=count(promised)))
    if call.urgent and call.late:
        lines.append(words("today.card.late", n=count(len(call.late))))
    if call.said and (call.urgent or call.late):
        lines.append(words("today.card.said", n=count(len(call.said))))
    last = next((one for one in reversed(promises) if (one.courier, one.outlet) == call.who), None)
    if last is not None and last.outcome == "broken":
        said = words("today.card.broken", until=moment(last.until, lang), in_time=count(last.in_time), n=count(last.parcels))
        lines.append(f":red[:material/event_busy: {said}]")
    return lines


def _message(desk: Desk, call: Call, key: str, primary: bool) -> None:
    words, lang = desk.here.words, desk.here.lang
    with st.popover(words("today.message.button"), icon=":material/content_copy:", type="primary" if primary else "secondary"):
        names = {program: words(f"today.message.{program}") for program in PROGRAMS}
        program = st.segmented_control(
            words("today.message.program"), PROGRAMS, default=PROGRAMS[0], required=True, key=f"{key}_program",
            format_func=names.__getitem__,
        )
        masked = st.toggle(words("today.message.masked"), key=f"{key}_masked")
        tail = desk.rules.waybill_tail
        st.caption(words("today.message.why_masked", n=tail) if masked else words("today.message.why_whole"))
        assert desk.look.as_of is not None, "there are open parcels"
        answer = desk.at + timedelta(minutes=desk.rules.answer_within_minutes)
        wording = Wording(
            lang, who_text(desk.here, *call.who), moment(desk.look.as_of, lang), moment(answer, lang), whole_numbers=not masked
        )
        parts = message_parts(call, desk.rules, wording, program or PROGRAMS[0])
        if len(parts) > 1:
            st.caption(words("today.message.parts", n=count(len(parts))))
        for part in parts:
            st.code(part, language=None, wrap_lines=True, height=TALL if len(part.splitlines()) > 12 else "content")


def _buttons(desk: Desk, call: Call, key: str) -> None:
    words, look = desk.here.words, only(desk.here, Right.ANSWER)
    st.button(words("today.mark.called"), key=f"{key}_called", icon=":material/call:", on_click=_mark, args=(call, key, "called"), **look)
    with st.popover(words("today.mark.promised"), icon=":material/schedule:", **look):
        usual = (desk.at + USUAL_PROMISE).replace(minute=0, second=0)
        st.time_input(words("today.mark.until"), value=usual.time(), step=900, key=f"{key}_until")
        st.button(words("today.mark.save"), key=f"{key}_promised", type="primary", on_click=_mark, args=(call, key, "promised"))
    for kind, icon in (("collected", "local_shipping"), ("found", "search")):
        label = words("today.mark.collected") if kind == "collected" else words("today.mark.found")
        st.button(label, key=f"{key}_{kind}", icon=f":material/{icon}:", on_click=_mark, args=(call, key, kind), **look)


def _mark(call: Call, key: str, kind: str) -> None:
    """Runs before the page is drawn again: one deed on the chosen parcels, or on all of the call."""
    here = session.current()
    assert here.shop is not None, "marked on a shop's page"
    chosen = [name for name in st.session_state.get(f"{key}_only") or () if name in call.subjects]
    what: dict[str, str | float] = {"courier": call.who[0] or "", "outlet": call.who[1] or ""}
    if kind == "promised":
        at = now()
        until = datetime.combine(at.date(), st.session_state[f"{key}_until"])
        what["until"] = (until if until > at else until + timedelta(days=1)).isoformat(timespec="minutes")
    note(here, kind, chosen or list(call.subjects), what)
    st.session_state[f"{key}_only"] = []


def note(here: Here, kind: str, subjects: Sequence[str], what: dict[str, str | float]) -> None:
    """Keep one deed; what is refused is told in the next run."""
    assert here.shop is not None, "noted on a shop's page"
    try:
        do(here.ws, here.shop.id, kind, subjects, str(st.session_state.get(BY) or ""), what)  # type: ignore[arg-type]  # one of the buttons' kinds
    except AuditError as refusal:
        st.session_state[REFUSED] = refusal


def tell_refusal(here: Here) -> None:
    refusal = st.session_state.pop(REFUSED, None)
    if isinstance(refusal, AuditError):
        title, body = error_text(refusal, here.lang)
        st.error(md_escape(body), title=md_escape(title))


def draw_deeds(desk: Desk, done: Sequence[Deed], key: str) -> None:
    """What was done, newest first, each with its way back."""
    words, lang = desk.here.words, desk.here.lang
    for deed in reversed(done):
        kind = f"{deed.kind}_{deed.what.get('step', '')}" if deed.kind == "intercepted" else deed.kind
        values = {"at": moment(deed.at, lang), "by": deed.by, "n": count(len(deed.subjects))}
        if deed.kind == "promised":
            values["until"] = moment(datetime.fromisoformat(str(deed.what["until"])), lang)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(md_escape(words(f"today.done.{kind}", **values)), width="content")
            if desk.writable:
                st.button(
                    words("today.mark.undo"), key=f"{key}_undo_{deed.id}", icon=":material/undo:", type="tertiary", on_click=_undo,
                    args=(deed.id,), **only(desk.here, Right.ANSWER),
                )


def _undo(deed: str) -> None:
    here = session.current()
    assert here.shop is not None, "undone on a shop's page"
    try:
        undo(here.ws, here.shop.id, deed, str(st.session_state.get(BY) or ""))
    except AuditError as refusal:
        st.session_state[REFUSED] = refusal


def _waybills(desk: Desk, call: Call, key: str) -> None:
    words, lang = desk.here.words, desk.here.lang
    with st.expander(words("today.card.waybills", n=count(len(call.subjects)))):
        rows = [
            {
                words("app.columns.waybill"): parcel.waybill,
                words("app.columns.order_no"): parcel.order_no,
                words("app.columns.shipped_at"): moment(parcel.shipped_at, lang),
                words("app.columns.due_at"): moment(parcel.due_at, lang),
                words("app.columns.chance"): "" if parcel.chance is None else f"{decimal_text(parcel.chance * 100)}%",
            }
            for parcel in (*call.late, *call.urgent, *call.said)
        ]
        height = TALL if len(rows) > 8 else "content"
        st.dataframe(rows, hide_index=True, height=height, alt=words("today.card.table"))  # type: ignore[arg-type]  # pixels or the word
        if desk.writable:
            st.multiselect(words("today.card.only"), call.subjects, key=f"{key}_only")
