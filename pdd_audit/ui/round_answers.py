"""Answering alone: one question at a time, nothing of the others in view."""

import streamlit as st

from pdd_audit.core.people import Right
from pdd_audit.core.questions import Checklists
from pdd_audit.core.rounds import Round
from pdd_audit.services.rounds import questions_of_round
from pdd_audit.ui import round_acts, session
from pdd_audit.ui.browser import NEXT, PREVIOUS, QUESTION
from pdd_audit.ui.parts import card
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import allowed, only
from pdd_audit.ui.round_picker import Asked, pick
from pdd_audit.ui.session import Here


def asked_in(checklists: Checklists, one: Round) -> dict[str, Asked]:
    """Question id -> question with its practice, in the order of the round."""
    known = questions_of_round(checklists, one)
    practices = {practice.practice.id: practice for practice in checklists.practices}
    return {id: Asked(checklists, practices[id.split(".")[0]], known[id]) for id in one.opening.questions if id in known}


def answering(here: Here, one: Round, asked: dict[str, Asked]) -> None:
    words, me = here.words, session.who(here)
    if me not in one.opening.members:
        st.markdown(words("rounds.who_first" if here.ws.person is None else "rounds.not_asked"))
    elif allowed(here, Right.ANSWER):
        _one_question(here, one, asked, me)
    missing = [member for member, done in one.done().items() if done < len(asked)]
    with st.container(horizontal=True, vertical_alignment="center"):
        if missing:
            with st.popover(words("rounds.reveal"), icon=":material/visibility:", **only(here, Right.DECIDE)):
                st.markdown(words("rounds.reveal_early", names=md_escape(words("app.comma").join(missing))))
                _reveal_button(here, one)
        else:
            _reveal_button(here, one)
        st.caption(words("rounds.reveal_means"))


def _reveal_button(here: Here, one: Round) -> None:
    st.button(
        here.words("rounds.reveal_now"), key="reveal", type="primary", icon=":material/visibility:", on_click=round_acts.reveal,
        args=(one,), **only(here, Right.DECIDE, disabled=not session.who(here)),
    )


def _one_question(here: Here, one: Round, asked: dict[str, Asked], me: str) -> None:
    words, mine, order = here.words, one.answers_of(me), list(asked)
    wanted = st.session_state.get("round_question")
    current = wanted if wanted in asked else next((id for id in order if id not in mine), order[0])
    st.session_state["round_question"] = current
    at, each = order.index(current), asked[current]
    assert each.question.ask is not None, "only questions are asked"
    st.progress(len(mine) / len(order), text=words("rounds.mine", done=len(mine), total=len(order)))
    with card(key=QUESTION):
        head = each.practice.practice.short_title.in_language(here.lang)
        st.caption(words("rounds.place", practice=md_escape(head), n=at + 1, total=len(order)))
        st.markdown(f"## {md_escape(each.question.ask.in_language(here.lang))}", anchors=False)
        key = f"{round_acts.widget('alone', one, f'{me}:{current}')}:{round_acts.shown(one, 'answered', current, me)}"
        pick(each, mine.get(current), key, lambda answer: round_acts.answer_alone(one, current, answer), words)
        note = round_acts.own_note(one, current, me)
        st.text_area(
            words("rounds.note_alone"), value=mine[current].note if current in mine else "", key=note, max_chars=2000, height=84,
            disabled=current not in mine, placeholder=words("rounds.note_alone_example" if current in mine else "checklist.first_answer"),
            on_change=round_acts.keep_word, args=(one, current, note),
        )
        steps(here, order, at)


def steps(here: Here, order: list[str], at: int) -> None:
    """The question before and the next one, also by the keys P and N."""
    before, after = (order[at - 1] if at else None), (order[at + 1] if at + 1 < len(order) else None)
    with st.container(horizontal=True, wrap=False, horizontal_alignment="distribute", vertical_alignment="center"):
        st.button(
            here.words("checklist.previous"), key=PREVIOUS, type="tertiary", shortcut="P", disabled=before is None,
            on_click=round_acts.show, args=(before,),
        )
        st.button(
            here.words("checklist.next"), key=NEXT, type="primary", shortcut="N", disabled=after is None,
            on_click=round_acts.show, args=(after,),
        )
