"""The talk after the reveal: what members disagree on, dearest first; one question at a time on one screen; what is agreed and decided."""

from datetime import datetime

import streamlit as st

from pdd_audit.core.people import Right
from pdd_audit.core.questions import Answer
from pdd_audit.core.rounds import Decision, Round, Spread, value_of
from pdd_audit.services.rounds import spreads_of
from pdd_audit.services.workspace import now
from pdd_audit.texts.numbers import DASH, day, yuan
from pdd_audit.ui import round_acts
from pdd_audit.ui.browser import QUESTION
from pdd_audit.ui.charts.spread import Stand, spread_chart
from pdd_audit.ui.parts import card, heading, two_sided
from pdd_audit.ui.phrases import answer_label
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import allowed_or_told, only
from pdd_audit.ui.round_answers import steps
from pdd_audit.ui.round_picker import Asked, pick
from pdd_audit.ui.session import Here

SHOWN = 12


def talk(here: Here, one: Round, asked: dict[str, Asked]) -> None:
    """The list, or one question in big type."""
    assert here.shop is not None, "rounds are those of a shop"
    found = [spread for spread in spreads_of(here.ws, here.shop.id, one) if spread.question in asked]
    if st.session_state.get("meeting"):
        _meeting(here, one, asked, found)
    else:
        overview(here, one, asked, found)


def overview(here: Here, one: Round, asked: dict[str, Asked], found: list[Spread]) -> None:
    """Who stands where, question by question, in the order of the talk."""
    words, settled = here.words, one.agreed()
    apart = [spread for spread in found if spread.disagreement > 0]
    title = words("rounds.apart", n=len(apart), total=len(found)) if apart else words("rounds.all_the_same", total=len(found))
    heading(title, words("rounds.apart_caption"))
    if apart:
        rows = [_stand(here, asked[spread.question], spread, place) for place, spread in enumerate(apart[:SHOWN], 1)]
        spread_chart(rows, words, f"spread_{one.id}")
    if one.phase == "revealed":
        same = [spread for spread in found if spread.same and spread.question not in settled]
        with st.container(horizontal=True):
            st.button(
                words("rounds.meet"), key="meet", type="primary", icon=":material/slideshow:", on_click=_meet, args=(found[0].question,),
            )
            if same:
                st.button(
                    words("rounds.agree_same", n=len(same)), key="agree_same", icon=":material/done_all:",
                    on_click=round_acts.agree_all, args=(one,), **only(here, Right.DECIDE),
                )
    with st.expander(words("rounds.all_questions", agreed=len(settled), total=len(found))):
        for spread in found:
            _line(here, one, asked[spread.question], spread)


def _stand(here: Here, each: Asked, spread: Spread, place: int) -> Stand:
    scales = {str(name): scale for name, scale in each.checklists.scales.items()}
    values = [value_of(answer, each.question, scales) for answer in spread.answers.values()]
    stake = here.words("rounds.a_month", yuan=yuan(spread.yuan)) if spread.yuan else DASH
    return Stand(place, _name(here, each), tuple(values), stake)


def _name(here: Here, each: Asked) -> str:
    return each.question.title.ok.in_language(here.lang)


def _line(here: Here, one: Round, each: Asked, spread: Spread) -> None:
    words = here.words
    agreed = one.agreed().get(spread.question)
    right = _label(here, each, agreed.answer) if agreed is not None and agreed.answer is not None else words("rounds.open")
    said = words("app.comma").join(f"{md_escape(who)} {_label(here, each, answer)}" for who, answer in spread.answers.items())
    stake = words("rounds.a_month", yuan=yuan(spread.yuan)) if spread.yuan else ""
    two_sided(f"**{md_escape(_name(here, each))}**", f"**{right}**", said or words("rounds.nobody"), stake)


def _label(here: Here, each: Asked, answer: Answer) -> str:
    return md_escape(answer_label(each.checklists, each.question, answer, here.words))


def _meet(question: str) -> None:
    st.session_state["meeting"] = now().isoformat()
    round_acts.show(question)


def _leave() -> None:
    st.session_state.pop("meeting", None)


@st.fragment(run_every=20)
def _time_used(label: str, started: str) -> None:
    minutes = int((now() - datetime.fromisoformat(started)).total_seconds() // 60)
    st.caption(label.format(minutes=minutes))


def _meeting(here: Here, one: Round, asked: dict[str, Asked], found: list[Spread]) -> None:
    words = here.words
    order = [spread.question for spread in found]
    wanted = st.session_state.get("round_question")
    current = wanted if wanted in order else order[0]
    at, spread, each = order.index(current), found[order.index(current)], asked[current]
    assert each.question.ask is not None, "only questions are asked"
    with st.container(horizontal=True, wrap=False, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(words("rounds.meeting_place", n=at + 1, total=len(order), agreed=len(one.agreed())))
        _time_used(words("rounds.time_used", minutes="{minutes}"), str(st.session_state["meeting"]))
        st.button(words("rounds.leave_meeting"), key="leave_meeting", type="tertiary", icon=":material/close:", on_click=_leave)
    with st.container(key=QUESTION):
        st.markdown(f"# {md_escape(each.question.ask.in_language(here.lang))}", anchors=False)
        if spread.yuan:
            st.markdown(words("rounds.stake", yuan=yuan(spread.yuan)))
        left, right = st.columns([1, 1], gap="large")
        with left:
            _who_said_what(here, each, spread)
            _notes(here, one, current)
        with right:
            st.markdown(f"### {words('rounds.agree_title')}", anchors=False)
            agreed = one.agreed().get(current)
            if agreed is not None:
                st.badge(words("rounds.agreed_by", name=md_escape(agreed.by)), icon=":material/check:", color="green")
            mine = allowed_or_told(here, Right.DECIDE)
            pick(
                each, agreed.answer if agreed else None, round_acts.widget("agree", one, current),
                (lambda answer: round_acts.agree(one, current, answer)) if mine else None, words,
            )
        steps(here, order, at)
    decide_form(here, one, current)


def _who_said_what(here: Here, each: Asked, spread: Spread) -> None:
    """Every different answer with the names behind it, in big type."""
    groups: dict[str, list[str]] = {}
    for who, answer in spread.answers.items():
        groups.setdefault(_label(here, each, answer), []).append(md_escape(who))
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
    st.text_area(words("rounds.note"), key=key, max_chars=2000, height=84, placeholder=words("rounds.note_example"))
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
