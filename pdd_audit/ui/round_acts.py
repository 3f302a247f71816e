"""What a press of a button in a round does: one call of a service; a refusal is kept for the page to say, and nothing typed is lost."""

from collections.abc import Callable
from datetime import date

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.questions import Answer
from pdd_audit.core.rounds import Role, Round
from pdd_audit.services import rounds
from pdd_audit.texts import error_text
from pdd_audit.ui import cache, session
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.session import Here

REFUSED, REDRAWN = "round_refused", "round_redrawn"


def refusal() -> None:
    """What was refused last, once."""
    if REFUSED in st.session_state:
        title, body = st.session_state.pop(REFUSED)
        st.error(md_escape(body), title=md_escape(title), icon=":material/error:")


def widget(name: str, one: Round, question: str = "") -> str:
    """A widget is its key: after a refusal the fields are new ones, seeded from what is stored."""
    return f"{name}:{one.id}:{question}:{st.session_state.get(REDRAWN, 0)}"


def talk_note(one: Round, question: str) -> str:
    """The field for a note of the talk."""
    return f"talk_note:{one.id}:{question}"


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
    for key in ("round_question", "meeting"):
        st.session_state.pop(key, None)


def show(question: str) -> None:
    st.session_state["round_question"] = question


def answer_alone(one: Round, question: str, answer: Answer) -> None:
    by = session.who(session.current())
    note = (old := one.answers_of(by).get(question)) and old.note
    attempt(lambda here, shop: rounds.answer_alone(here.ws, shop, one, question, answer.model_copy(update={"note": note or ""}), by))


def keep_word(one: Round, question: str, key: str) -> None:
    """The words beside a member's own answer."""
    by = session.who(session.current())
    old = one.answers_of(by).get(question)
    text = st.session_state[key]
    if old is None:
        return
    if not attempt(lambda here, shop: rounds.answer_alone(here.ws, shop, one, question, old.model_copy(update={"note": text}), by)):
        for field in (widget("alone_note", one, f"{by}:{question}"), talk_note(one, question)):  # not saved, but not lost either
            st.session_state[field] = text


def reveal(one: Round) -> None:
    def act(here: Here, shop: str) -> None:
        audit = cache.audit(here)
        assert audit is not None, "there is a shop"
        rounds.reveal(here.ws, shop, one, session.who(here), audit)

    attempt(act)


def agree(one: Round, question: str, answer: Answer) -> None:
    attempt(lambda here, shop: rounds.agree(here.ws, shop, one, question, answer, session.who(here)))


def agree_all(one: Round) -> None:
    attempt(lambda here, shop: (rounds.agree_where_all_said_the_same(here.ws, shop, one, session.who(here)), None)[1])


def note(one: Round, question: str, key: str) -> None:
    if attempt(lambda here, shop: rounds.note(here.ws, shop, one, question, st.session_state[key], session.who(here))):
        st.session_state[key] = ""


def decide(one: Round, question: str | None, text: str, owner: str, due: str) -> None:
    """``text``, ``owner``, ``due``: keys of the fields."""
    until: date | None = st.session_state[due]
    words, name = st.session_state[text], st.session_state[owner] or ""
    if attempt(lambda here, shop: rounds.decide(here.ws, shop, one, words, name, until, question, session.who(here))):
        st.session_state[text] = ""


def sign(one: Round, role: Role, key: str) -> None:
    def act(here: Here, shop: str) -> None:
        audit = cache.whole_audit(here)
        assert audit is not None, "there is a shop"
        rounds.sign(here.ws, shop, one, role, st.session_state[key], audit)

    attempt(act)


def drop(one: Round) -> None:
    if attempt(lambda here, shop: rounds.drop_round(here.ws, shop, one, session.who(here) or one.opened_by)):
        choose(None)
