"""Opening a round: what is asked, of whom, until when, and how often."""

from collections.abc import Iterable
from datetime import timedelta
from typing import cast, get_args

import streamlit as st

from pdd_audit.core.people import Right
from pdd_audit.core.rounds import Again
from pdd_audit.services import rounds
from pdd_audit.services.people import speakers
from pdd_audit.services.rounds import Plan
from pdd_audit.services.workspace import now
from pdd_audit.ui import round_acts, session
from pdd_audit.ui.author import author_field
from pdd_audit.ui.circumstances import asked_of
from pdd_audit.ui.parts import card, heading
from pdd_audit.ui.rights import allowed_or_told
from pdd_audit.ui.session import Here

DAYS_TO_ANSWER = 7
QUICK = "quick"


def plan_form(here: Here) -> None:
    words = here.words
    draft = st.session_state.get("round_draft", {})
    with card():
        heading(words("rounds.new_title"), words("rounds.new_caption"))
        if not allowed_or_told(here, Right.DECIDE):
            return
        st.text_input(
            words("rounds.title"), value=draft.get("title", ""), key="round_title", max_chars=100,
            placeholder=words("rounds.title_example"),
        )
        practices = {p.practice.id: p.practice.short_title.in_language(here.lang) for p in asked_of(here).practices}
        parts = {QUICK: words("rounds.quick")} | practices
        st.pills(
            words("rounds.what"), list(parts), selection_mode="multi", default=draft.get("what", [QUICK]), key="round_what",
            format_func=parts.__getitem__,
        )
        _members(here, draft.get("members", []))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.date_input(
                words("rounds.due"), value=draft.get("due", now().date() + timedelta(days=DAYS_TO_ANSWER)), key="round_due", width=180,
            )
            kinds = {kind: words(f"rounds.again_{kind}") for kind in get_args(Again)}
            st.selectbox(
                words("rounds.again"), list(kinds), index=list(kinds).index(draft.get("again", "monthly")), key="round_again",
                format_func=kinds.__getitem__, width=180,
            )
            author_field(here, words("rounds.opened_by"), "round_by", session.who(here), width=180)
        st.button(words("rounds.open_it"), key="open_round", type="primary", icon=":material/how_to_vote:", on_click=_open)


def asked_before(here: Here, questions: Iterable[str]) -> list[str]:
    """What to choose so that about the same is asked again: the quick check where all were of it, else whole practices."""
    asked = set(questions)
    quick = {item.id for practice in asked_of(here).practices for item in practice.items if item.quick}
    return [QUICK] if asked <= quick else sorted({id.split(".")[0] for id in asked})


def _members(here: Here, drafted: list[str]) -> None:
    """Any names; with a login those of the shop who may answer."""
    assert here.shop is not None, "rounds are those of a shop"
    choice = drafted if here.ws.person is None else speakers(here.ws, here.shop.id)
    st.multiselect(
        here.words("rounds.members"), choice, default=[name for name in drafted if name in choice], key="round_members",
        accept_new_options=here.ws.person is None, placeholder=here.words("rounds.members_example"),
    )


def _open() -> None:
    state = st.session_state

    def act(here: Here, shop: str) -> None:
        picked = set(state["round_what"])
        asked = [
            item.id for practice in asked_of(here).practices for item in practice.items
            if item.kind == "question" and not item.retired and (practice.practice.id in picked or (QUICK in picked and item.quick))
        ]
        plan = Plan(state["round_title"], asked, state["round_members"], state["round_due"], cast(Again, state["round_again"]))
        round_acts.choose(rounds.open_round(here.ws, shop, plan, state["round_by"]))

    if round_acts.attempt(act):
        state.pop("round_draft", None)
