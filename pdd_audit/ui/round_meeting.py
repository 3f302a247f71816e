"""Meeting mode: one question at a time on one screen, to be read from the back of the room; what is agreed, noted and decided."""

import streamlit as st

from pdd_audit.core.people import Right
from pdd_audit.core.rounds import Decision, Round, Spread
from pdd_audit.texts.numbers import DASH, day, yuan
from pdd_audit.ui import meeting_clock, round_acts
from pdd_audit.ui.browser import MEETING, QUESTION, big_type
from pdd_audit.ui.parts import card, heading, two_sided
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import allowed_or_told
from pdd_audit.ui.round_answers import steps
from pdd_audit.ui.round_picker import Asked, label_of, pick
from pdd_audit.ui.session import Here


def meeting(here: Here, one: Round, asked: dict[str, Asked], found: list[Spread]) -> None:
    words = here.words
    order = [spread.question for spread in found]
    wanted = st.session_state.get("round_question")
    current = wanted if wanted in order else order[0]
    at, spread, each = order.index(current), found[order.index(current)], asked[current]
    assert each.question.ask is not None, "only questions are asked"
    with st.container(key=MEETING):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(words("rounds.meeting_place", n=at + 1, total=len(order), agreed=len(one.agreed())), width="content")
            with st.container(width="content"):
                meeting_clock.clocks(words("rounds.clocks", question="{question}", meeting="{meeting}"))
            leave = words("rounds.leave_meeting")
            st.button(leave, key="leave_meeting", type="tertiary", icon=":material/close:", on_click=meeting_clock.end)
        with st.container(key=QUESTION):
            st.markdown(f"# {md_escape(each.question.ask.in_language(here.lang))}", anchors=False)
            if spread.yuan:
                st.markdown(words("rounds.stake", yuan=yuan(spread.yuan)))
            left, right = st.columns([1, 1], gap="large")
            with left:
                _who_said_what(here, each, spread)
                _notes(here, one, current)
            with right:
                _agree(here, one, each)
            steps(here, order, at)
    decide_form(here, one, current)
    big_type(at)


def _agree(here: Here, one: Round, each: Asked) -> None:
    """What stands, as a badge and in the field; whoever picked over another's agreement unaware may put theirs in its place."""
    words, question = here.words, each.question.id
    st.markdown(f"### {words('rounds.agree_title')}", anchors=False)
    agreed = one.agreed().get(question)
    stands = agreed.answer if agreed is not None else None
    if agreed is not None and stands is not None:
        told = words("rounds.agreed_by", answer=label_of(each, stands, words), name=md_escape(agreed.by))
        st.markdown(f":green[**:material/check: {told}**]")  # a badge keeps its small letters
    mine = allowed_or_told(here, Right.DECIDE)
    overtaken, picked = st.session_state.get(round_acts.OVERTAKEN) or ("", None)
    if mine and overtaken == question and picked is not None:
        st.button(
            words("rounds.replace", answer=label_of(each, picked, words)), key="replace_agreed", icon=":material/swap_horiz:",
            on_click=round_acts.agree_after_all, args=(one, question, picked),
        )
    key = f"{round_acts.widget('agree', one, question)}:{round_acts.shown(one, 'agreed', question)}"
    pick(each, stands, key, (lambda answer: round_acts.agree(one, question, answer)) if mine else None, words)


def _who_said_what(here: Here, each: Asked, spread: Spread) -> None:
    """Every different answer with the names behind it, in big type."""
    groups: dict[str, list[str]] = {}
    for who, answer in spread.answers.items():
        groups.setdefault(label_of(each, answer, here.words), []).append(md_escape(who))
    if not groups:
        st.markdown(here.words("rounds.nobody"))
    for label, names in groups.items():
        st.markdown(f"## :primary[{label}]  {here.words('app.comma').join(names)}", anchors=False)
    for who, answer in spread.answers.items():
        if answer.note:
            st.markdown(here.words("rounds.said_by", name=md_escape(who), text=md_escape(answer.note)))


def _notes(here: Here, one: Round, question: str) -> None:
    words = here.words
    for word in one.notes(question):
        st.markdown(words("rounds.said_by", name=md_escape(word.by), text=md_escape(word.text)))
    if not allowed_or_told(here, Right.ANSWER):
        return
    key = round_acts.talk_note(one, question)
    st.text_area(
        words("rounds.note"), key=key, max_chars=2000, height=84, placeholder=words("rounds.note_example"), on_change=round_acts.note,
        args=(one, question, key),
    )
    st.button(words("rounds.keep_note"), key="keep_note", icon=":material/edit_note:", on_click=round_acts.note, args=(one, question, key))


def decide_form(here: Here, one: Round, question: str | None) -> None:
    """What is to be done, by whom, until when."""
    words = here.words
    with card(tight=True):
        heading(words("rounds.decide_title"), words("rounds.decide_caption"))
        if allowed_or_told(here, Right.DECIDE):
            _decide_fields(here, one, question)
        decisions(here, [each for each in one.decisions() if each.question == question])


def _decide_fields(here: Here, one: Round, question: str | None) -> None:
    words = here.words
    text, owner, due = (f"decide_{part}:{one.id}:{question}" for part in ("text", "owner", "due"))
    st.text_input(words("rounds.decide_text"), key=text, max_chars=400, placeholder=words("rounds.decide_example"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            words("rounds.decide_owner"), one.opening.members, index=None, key=owner, accept_new_options=True, width=200,
            placeholder=words("rounds.decide_owner_example"),
        )
        st.date_input(words("rounds.decide_due"), value=None, key=due, width=200, format="YYYY-MM-DD")
        st.button(
            words("rounds.decide_keep"), key="decide", icon=":material/add_task:", on_click=round_acts.decide,
            args=(one, question, text, owner, due),
        )


def decisions(here: Here, found: list[Decision]) -> None:
    for each in found:
        until = day(each.due, here.lang) if each.due else DASH
        two_sided(f"**{md_escape(each.text)}**", until, md_escape(each.owner))
