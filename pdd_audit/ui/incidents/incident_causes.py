"""Incidents: late parcels of a van or a band of hours, each closed with a cause and the point that would have prevented it."""

from collections.abc import Sequence
from typing import Literal

import pandas as pd
import streamlit as st

from pdd_audit.core.deeds import Deed
from pdd_audit.core.filters import ALL
from pdd_audit.core.people import Right
from pdd_audit.services.deeds import undo
from pdd_audit.services.incidents.closing import VAN, Incident, askable, causes_file, close, find_incidents, open_incidents
from pdd_audit.services.incidents.learnt import MONTH_DAYS, closed_incidents, learnt
from pdd_audit.texts.numbers import DASH, count, day, full_moment, percent, yuan
from pdd_audit.ui import cache, session
from pdd_audit.ui.charts.appeals import bar_chart
from pdd_audit.ui.incidents.appeal_acts import act, problem, typed, who
from pdd_audit.ui.parts import card, heading, two_sided
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import only
from pdd_audit.ui.session import Here

LISTED, AT_ONCE, CLOSED = 50, 20, 10
TALL, MANY = 420, 10


def causes(here: Here) -> None:
    words = here.words
    assert here.shop is not None, "drawn only for a shop"
    found = cache.look(here, find_incidents, ALL)
    waiting = open_incidents(here.ws, here.shop.id, found)
    _pointing(here)
    if not found:
        st.info(words("appeals.no_incidents"), icon=":material/check_circle:")
    elif not waiting:
        st.success(words("appeals.all_closed", n=count(len(found))), icon=":material/task_alt:")
    else:
        _waiting(here, waiting)
    _closed(here, closed_incidents(here.ws, here.shop.id))


def _pointing(here: Here) -> None:
    words = here.words
    assert here.shop is not None, "drawn only for a shop"
    told = learnt(here.ws, here.shop.id)
    if not told.closed:
        return
    titles = {practice.practice.id: practice.practice.short_title.in_language(here.lang) for practice in here.checklists.practices}
    questions = {item.id: item.title.ok.in_language(here.lang) for practice in here.checklists.practices for item in practice.items}
    first = next(iter(told.questions))
    named = md_escape(questions.get(first, first))
    heading(words("appeals.pointing", n=count(told.closed), days=MONTH_DAYS, question=named), words("appeals.pointing_caption"))
    bar_chart([
        (titles.get(id, id), float(one.incidents), words("appeals.pointing_number", n=count(one.incidents), yuan=yuan(one.yuan)))
        for id, one in told.practices.items()
    ], words, "appeal_pointing")
    for one in list(told.questions.values())[:3]:
        two_sided(md_escape(questions.get(one.question, one.question)), f"**{words('appeals.times', n=count(one.incidents))}**",
                  words("appeals.parcels", n=count(one.parcels)), yuan(one.yuan))


def name_of(here: Here, one: Incident) -> str:
    part = here.words("appeals.van") if one.part == VAN else here.words("appeals.band", band=one.part)
    courier = here.words.courier(one.courier or here.words("appeals.no_courier"))
    return here.words("appeals.incident", day=day(one.day, here.lang), courier=courier, part=part, n=count(one.parcels))


def _waiting(here: Here, waiting: Sequence[Incident]) -> None:
    words, file = here.words, causes_file(here.ws)
    titles = {cause.id: cause.name.in_language(here.lang) for cause in file.causes}
    heading(words("appeals.incidents", n=count(len(waiting))), words("appeals.incidents_caption"))
    by_cause = {id: [one for one in waiting if one.proposed == id] for id in titles}
    parcels = {id: sum(one.parcels for one in found) for id, found in by_cause.items() if found}
    bar_chart([
        (titles[id], float(n), words("appeals.by_cause", n=count(n), incidents=count(len(by_cause[id]))))
        for id, n in sorted(parcels.items(), key=lambda pair: -pair[1])
    ], words, "incident_causes")
    rows = pd.DataFrame([
        {
            words("appeals.column.incident"): name_of(here, one), words("appeals.column.parcels"): one.parcels,
            words("appeals.column.expected"): one.yuan, words("appeals.column.cause"): titles.get(one.proposed, one.proposed),
            words("appeals.column.share"): percent(one.share, 0),
        }
        for one in waiting[:LISTED]
    ])
    height: int | Literal["content"] = TALL if len(rows) > MANY else "content"
    st.dataframe(rows, hide_index=True, height=height, placeholder=DASH, alt=words("appeals.column.incident"))
    by_id = {one.id: one for one in waiting[:LISTED]}
    with card(key="incident_close"):
        names = {id: name_of(here, one) for id, one in by_id.items()}
        chosen = st.multiselect(words("appeals.choose_incidents"), list(names), default=list(names)[:1], key="incident_chosen",
                                format_func=names.__getitem__, max_selections=AT_ONCE)
        proposed = by_id[chosen[0]].proposed if chosen else "unknown"
        left, right = st.columns(2)
        with left:
            start, key = (list(titles).index(proposed) if proposed in titles else 0), f"incident_cause_{proposed}"
            cause = st.selectbox(words("appeals.cause"), list(titles), index=start, key=key, format_func=titles.__getitem__)
        with right:
            who(here, "incident_by")
        assert here.shop is not None, "drawn only for a shop"
        asked = askable(here.ws, here.shop.id, cause or proposed)
        told = {item.id: item.title.ok.in_language(here.lang) for practice in here.ws.checklists.practices for item in practice.items}
        points = {id: told.get(id, id) for id in asked}
        st.radio(words("appeals.question"), list(points), key=f"incident_question_{cause}", format_func=points.__getitem__)
        st.button(words("appeals.close"), type="primary", icon=":material/task_alt:", key="incident_closed", on_click=_close,
                  args=(tuple(by_id[id] for id in chosen), cause, f"incident_question_{cause}"), **only(here, Right.ANSWER))
        problem(here, "incident")


def _close(chosen: Sequence[Incident], cause: str, question_key: str) -> None:
    question, by = typed(question_key), typed("incident_by")

    def work(there: Here, shop: str) -> None:
        for one in chosen:
            close(there.ws, shop, one, cause, question, by)
        st.session_state.pop("incident_chosen", None)

    act("incident", work, "appeals.kept")


def _closed(here: Here, closed: Sequence[Deed]) -> None:
    words = here.words
    if not closed:
        return
    titles = {cause.id: cause.name.in_language(here.lang) for cause in causes_file(here.ws).causes}
    with st.expander(words("appeals.closed", n=count(len(closed))), icon=":material/history:"):
        for deed in closed[:CLOSED]:
            courier, on, part = [*str(deed.what["incident"]).split("|"), "", ""][:3]
            name = words("appeals.incident", day=on, courier=courier or words("appeals.no_courier"), n=count(len(deed.subjects)),
                         part=words("appeals.van") if part == VAN else words("appeals.band", band=part))
            cause = titles.get(str(deed.what.get("cause")), str(deed.what.get("cause")))
            told, key = words("appeals.closed_line", name=name, cause=cause, by=deed.by, at=full_moment(deed.at)), f"undo_{deed.id}"
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                st.caption(md_escape(told), width="stretch")
                st.button(words("appeals.undo"), key=key, type="tertiary", icon=":material/undo:", on_click=_undo, args=(deed.id,),
                          **only(here, Right.ANSWER))


def _undo(deed: str) -> None:
    there = session.current()
    act("incident", lambda here, shop: undo(here.ws, shop, deed, str(st.session_state.get("who_acts") or there.words("appeals.somebody"))))
