"""Reviews: open a round, answer alone, reveal, talk, agree, sign. One round in view, or all of them."""

import streamlit as st

from pdd_audit.core.people import Right
from pdd_audit.core.rounds import Round
from pdd_audit.services.rounds import checklists_of_round, due_after, list_rounds, round_of
from pdd_audit.services.workspace import now
from pdd_audit.texts.numbers import day
from pdd_audit.ui import meeting_clock, round_acts, session
from pdd_audit.ui.parts import card, heading, link, nothing_yet, two_sided
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import allowed_or_told, only
from pdd_audit.ui.round_answers import answering, asked_in
from pdd_audit.ui.round_plan import asked_before, plan_form
from pdd_audit.ui.round_signing import signing
from pdd_audit.ui.round_talk import talk
from pdd_audit.ui.session import Here

SECONDS_BETWEEN_LOOKS = 4


def draw(here: Here) -> None:
    assert here.shop is not None, "rounds are those of a shop"
    chosen = st.session_state.get("round")
    one = round_of(here.ws, here.shop.id, chosen) if chosen else None
    if meeting_clock.in_meeting() and (one is None or one.phase == "answering"):  # dropped meanwhile, or a strange address
        meeting_clock.end()
        st.rerun()
    if one is None:
        everything(here, list_rounds(here.ws, here.shop.id))
    else:
        one_round(here, one)


def everything(here: Here, found: list[Round]) -> None:
    words = here.words
    open_ones = [one for one in found if one.phase != "signed"]
    title = words("rounds.open_rounds", n=len(open_ones)) if open_ones else words("rounds.none_open" if found else "rounds.none_yet")
    told = words("rounds.caption") + ((" " if here.lang == "en" else "") + words("rounds.no_login") if here.ws.person is None else "")
    heading(title, told, level=1)
    round_acts.refusal()
    today = now().date()
    for one in reversed(found):
        with card(tight=True):
            done = sum(one.done().values())
            whole = len(one.opening.questions) * len(one.opening.members)
            two_sided(
                f"**{md_escape(one.opening.title)}**", words(f"rounds.phase.{one.phase}"),
                words("rounds.progress", done=done, whole=whole, members=len(one.opening.members)),
                words("rounds.late_since" if one.phase != "signed" and one.opening.due < today else "rounds.due_on",
                      day=day(one.opening.due, here.lang)),
            )
            with st.container(horizontal=True):
                if link(words("rounds.look"), "arrow_forward", f"look_{one.id}"):
                    round_acts.choose(one.id)
                    st.rerun()
                following = due_after(here.ws, one) if one.phase == "signed" else None
                if following is None:
                    continue
                again = words("rounds.next_due", day=day(following, here.lang))
                if link(again, "event_repeat", f"next_{one.id}", only(here, Right.DECIDE)):
                    st.session_state["round_draft"] = {
                        "title": one.opening.title, "what": asked_before(here, one.opening.questions),
                        "members": list(one.opening.members), "due": following, "again": one.opening.again,
                    }
                    for key in ("round_title", "round_what", "round_members", "round_due", "round_again"):
                        st.session_state.pop(key, None)
    plan_form(here)


def one_round(here: Here, one: Round) -> None:
    words = here.words
    assert here.shop is not None, "rounds are those of a shop"
    asked = asked_in(checklists_of_round(here.ws, here.shop.id, one), one)
    if not meeting_clock.in_meeting():
        heading(md_escape(one.opening.title), words(f"rounds.phase_means.{one.phase}", due=day(one.opening.due, here.lang)), level=1)
        with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
            _who(here, one)
            with st.container(horizontal=True, width="content"):
                if link(words("rounds.all_rounds"), "arrow_back", "all_rounds"):
                    round_acts.choose(None)
                    st.rerun()
                if not one.signatures:
                    with st.popover(words("rounds.drop"), type="tertiary", icon=":material/delete:", **only(here, Right.DECIDE)):
                        st.markdown(words("rounds.drop_sure"))
                        st.button(words("rounds.drop_yes"), key="drop_round", on_click=round_acts.drop, args=(one,))
    elif not session.who(here):
        _who(here, one)
    round_acts.refusal()
    _others(one.id, one.mark, len(asked))
    if one.phase == "answering":
        answering(here, one, asked)
        return
    talk(here, one, asked)
    if not meeting_clock.in_meeting():
        signing(here, one, len(asked))


def _who(here: Here, one: Round) -> None:
    key = f"me_choice_{one.id}"
    members, me = list(one.opening.members), session.who(here)
    if here.ws.person is not None:
        if me not in members or allowed_or_told(here, Right.ANSWER):
            st.caption(here.words("rounds.as_oneself" if me in members else "rounds.onlooker", name=md_escape(me)))
        return
    st.selectbox(
        here.words("rounds.who"), members, index=members.index(me) if me in members else None, key=key, width=220,
        placeholder=here.words("rounds.who_example"), on_change=round_acts.choose_me, args=(key,),
    )


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def _others(round_id: str, drawn: str, asked: int) -> None:
    """What the others did since the page was drawn. It draws itself anew alone, so that nothing typed elsewhere on the page is touched;
    what is new is shown when it is asked for."""
    here = session.current()
    if here.shop is None:
        return
    one = round_of(here.ws, here.shop.id, round_id)
    words = here.words
    if one is None:
        st.caption(words("rounds.gone"))
        return
    if one.mark != drawn:
        news = words("rounds.news_revealed") if drawn == "answering" else words("rounds.news")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(news, icon=":material/notifications:", color="orange")
            if link(words("rounds.show_news"), "refresh", "show_news"):
                st.rerun()
    elif one.phase == "answering":
        told = words("app.comma").join(f"{md_escape(member)} {done}/{asked}" for member, done in one.done().items())
        st.caption(words("rounds.others", told=told))


here = session.current()
if here.shop is None:
    nothing_yet(here, here.words("rounds.no_shop"), page="home")
else:
    draw(here)
