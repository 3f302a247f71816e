"""One line on the review round that waits for whoever looks, with the way to it; nothing where none does."""

import streamlit as st

from pdd_audit.services.round_duties import duties
from pdd_audit.services.workspace import now
from pdd_audit.texts.numbers import count, day
from pdd_audit.ui import session
from pdd_audit.ui.parts import link
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.session import Here

DAYS_AHEAD = 7  # how long before its day a next round is told of


def round_line(here: Here) -> None:
    """Without a login and a chosen name it tells what waits for anybody."""
    assert here.shop is not None, "rounds are those of a shop"
    me, today = session.who(here), now().date()
    mine = [
        duty for duty in duties(here.ws, here.shop.id)
        if me in ("", duty.who) and (duty.what != "next" or (duty.due - today).days <= DAYS_AHEAD)
    ]
    if not mine:
        return
    words, first = here.words, mine[0]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        late = first.due < today
        st.badge(
            words("rounds.late_since" if late else "rounds.due_on", day=day(first.due, here.lang)),
            icon=":material/how_to_vote:", color="orange" if late else "blue",
        )
        told = words(f"remind.round.{first.what}", title=md_escape(first.title), n=count(first.left))
        if link(told, "arrow_forward", "go_round"):
            st.session_state["round"] = None if first.what == "next" else first.id
            session.go("rounds")
