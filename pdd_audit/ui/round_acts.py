"""What a press of a button in a round does: one call of a service; a refusal is kept for the page to say, and nothing typed is lost."""

from collections.abc import Callable
from datetime import date
from typing import Any, Literal

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.questions import Answer
from pdd_audit.core.rounds import Role, Round
from pdd_audit.services import rounds
from pdd_audit.services.actions import take_up
from pdd_audit.texts import error_text
from pdd_audit.ui import cache, meeting_clock, session
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.presses import held, whole
from pdd_audit.ui.session import Here

REFUSED, REDRAWN, KEPT_NOTES = "round_refused", "round_redrawn", "round_kept_notes"
SPOKEN = "round_spoken"  # slot -> (version its field was seeded with, version since this session's own last word)
OVERTAKEN = "round_overtaken"  # (question, answer) that was picked over an agreement not yet in view
Replaced = Literal["answered", "agreed"]  # kinds of words of which a later one stands for the earlier


def refusal() -> None:
    """What was refused last, once."""
    if REFUSED in st.session_state:
        title, body = st.session_state.pop(REFUSED)
        st.error(md_escape(body), title=md_escape(title), icon=":material/error:")


def widget(name: str, one: Round, question: str = "") -> str:
    """A widget is its key: after a refusal the fields are new ones, seeded from what is stored."""
    return f"{name}:{one.id}:{question}:{st.session_state.get(REDRAWN, 0)}"


def shown(one: Round, kind: Replaced, question: str, by: str | None = None) -> int:
    """The version a field stands for, to be part of its key. What this session says keeps the field, and with it the focus and a press on
    its way; what anybody else says makes it a new one, which shows what stands."""
    stands = one.version(kind, question, by)
    seeded, own = held(SPOKEN, {}).get(_slot(one, kind, question, by), (stands, stands))
    return int(seeded if own == stands else stands)


def _kept(name: str) -> dict[str, Any]:
    """A dictionary of this session. It is changed in place: after something is said the session is not asked any more (``whole``)."""
    found: dict[str, Any] | None = held(name)
    return st.session_state.setdefault(name, {}) if found is None else found


def _slot(one: Round, kind: Replaced, question: str, by: str | None) -> str:
    return f"{kind}:{one.id}:{question}:{by or ''}"


def _replace(one: Round, kind: Replaced, question: str, by: str | None, act: Callable[[Here, str, Round], None]) -> bool:
    """Say what stands from now on instead of what is in view. ``act`` is given the round as this session knows it: a second press may come
    before the page has followed the first."""

    def said(here: Here, shop: str) -> None:
        known, slot, spoken = one, _slot(one, kind, question, by), _kept(SPOKEN)
        own = spoken.get(slot, (0, 0))[1]
        if own > one.version(kind, question, by):
            now_there = rounds.round_of(here.ws, shop, one.id)
            known = now_there if now_there is not None and now_there.version(kind, question, by) == own else one
        seeded = shown(known, kind, question, by)
        act(here, shop, known)
        spoken[slot] = (seeded, known.version(kind, question, by) + 1)

    return attempt(said)


def talk_note(one: Round, question: str) -> str:
    """The field for a note of the talk; a kept one leaves an empty new one. Emptied, the same field would be kept twice when a clock ticks
    before the browser has heard of it."""
    return f"talk_note:{one.id}:{question}:{_kept(KEPT_NOTES).get(question, 0)}"


def attempt(act: Callable[[Here, str], None]) -> bool:
    """Whether it was done."""
    here = session.current()
    assert here.shop is not None, "rounds are those of a shop"
    try:
        act(here, here.shop.id)
    except AuditError as error:
        st.session_state[REFUSED] = error_text(error, here.lang)
        st.session_state[REDRAWN] = st.session_state.get(REDRAWN, 0) + 1
        return False
    return True


def choose_me(key: str) -> None:
    st.session_state["me"] = st.session_state[key] or ""


def choose(round_id: str | None) -> None:
    """Look at a round, or at all of them."""
    st.session_state["round"] = round_id
    st.session_state["round_question"] = ""
    meeting_clock.end()
    for key in (SPOKEN, OVERTAKEN):
        st.session_state.pop(key, None)


def show(question: str) -> None:
    st.session_state["round_question"] = question
    st.session_state.pop(OVERTAKEN, None)
    meeting_clock.turn()


def answer_alone(one: Round, question: str, answer: Answer) -> None:
    by = session.who(session.current())

    def act(here: Here, shop: str, known: Round) -> None:
        old = known.answers_of(by).get(question)
        rounds.answer_alone(here.ws, shop, known, question, answer.model_copy(update={"note": old.note if old else ""}), by)

    _replace(one, "answered", question, by, act)


def own_note(one: Round, question: str, by: str) -> str:
    """The field for the words beside a member's own answer."""
    return f"{widget('alone_note', one, f'{by}:{question}')}:{shown(one, 'answered', question, by)}"


@whole
def keep_word(one: Round, question: str, key: str) -> None:
    """The words beside a member's own answer."""
    by, text = session.who(session.current()), str(held(key))
    if question not in one.answers_of(by):
        return

    def act(here: Here, shop: str, known: Round) -> None:
        rounds.answer_alone(here.ws, shop, known, question, known.answers_of(by)[question].model_copy(update={"note": text}), by)

    if not _replace(one, "answered", question, by, act):
        here = session.current()
        now_there = rounds.round_of(here.ws, here.shop.id, one.id) if here.shop is not None else None
        for field in (own_note(now_there or one, question, by), talk_note(one, question)):  # not saved, but not lost either
            st.session_state[field] = text


def reveal(one: Round) -> None:
    def act(here: Here, shop: str) -> None:
        audit = cache.audit(here)
        assert audit is not None, "there is a shop"
        rounds.reveal(here.ws, shop, one, session.who(here), audit)

    attempt(act)


def agree(one: Round, question: str, answer: Answer) -> None:
    st.session_state.pop(OVERTAKEN, None)

    def act(here: Here, shop: str, known: Round) -> None:
        try:
            rounds.agree(here.ws, shop, known, question, answer, session.who(here))
        except AuditError as refused:
            if refused.code == "round_agreed_meanwhile":
                st.session_state[OVERTAKEN] = (question, answer)
            raise

    _replace(one, "agreed", question, None, act)


def agree_after_all(one: Round, question: str, answer: Answer) -> None:
    """What was picked over an agreement not yet in view takes its place; the field shows it."""
    st.session_state[REDRAWN] = st.session_state.get(REDRAWN, 0) + 1
    agree(one, question, answer)


def agree_all(one: Round) -> None:
    attempt(lambda here, shop: (rounds.agree_where_all_said_the_same(here.ws, shop, one, session.who(here)), None)[1])


@whole
def note(one: Round, question: str, key: str) -> None:
    text, kept = str(held(key)), _kept(KEPT_NOTES)
    if attempt(lambda here, shop: rounds.note(here.ws, shop, one, question, text, session.who(here))):
        kept[question] = kept.get(question, 0) + 1


def decide(one: Round, question: str | None, text: str, owner: str, due: str) -> None:
    """``text``, ``owner``, ``due``: keys of the fields."""
    until: date | None = st.session_state[due]
    words, name = st.session_state[text], st.session_state[owner] or ""

    def act(here: Here, shop: str) -> None:
        decided = rounds.decide(here.ws, shop, one, words, name, until, question, session.who(here))
        audit = cache.whole_audit(here)
        assert audit is not None, "there is a shop"
        take_up(here.ws, shop, here.checklists, decided, audit.result.plan, session.who(here) or decided.by)

    if attempt(act):
        st.session_state[text] = ""


def sign(one: Round, role: Role, key: str) -> None:
    def act(here: Here, shop: str) -> None:
        audit = cache.whole_audit(here)
        assert audit is not None, "there is a shop"
        rounds.sign(here.ws, shop, one, role, st.session_state[key], audit)

    attempt(act)


def withdraw_signature(one: Round) -> None:
    attempt(lambda here, shop: rounds.withdraw_signature(here.ws, shop, one, session.who(here) or one.signatures[0].by))


def drop(one: Round) -> None:
    if attempt(lambda here, shop: rounds.drop_round(here.ws, shop, one, session.who(here) or one.opened_by)):
        choose(None)
