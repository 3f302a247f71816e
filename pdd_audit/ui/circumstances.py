"""What is so in the shop: a small choice above the checklist, saved in its callback. Only the questions that concern it are asked."""

from typing import get_args

import streamlit as st

from pdd_audit.core.people import Right
from pdd_audit.core.questions import USUAL, Checklists, Circumstance
from pdd_audit.services.profile import profile_of, questions_for, save_profile
from pdd_audit.ui import session
from pdd_audit.ui.refusals import told
from pdd_audit.ui.rights import allowed_or_told
from pdd_audit.ui.session import Here


def asked_of(here: Here) -> Checklists:
    """The checklists as the shop is asked them."""
    assert here.shop is not None, "questions are drawn only for a shop"
    return questions_for(here.ws, here.shop.id)


@told
def keep(key: str) -> None:
    here = session.current()
    assert here.shop is not None, "questions are drawn only for a shop"
    if not st.session_state[key]:  # a shop of which nothing is said is the usual one, and looks like it
        st.session_state[key] = sorted(USUAL)
    save_profile(here.ws, here.shop.id, st.session_state[key])


def circumstances(here: Here) -> None:
    words = here.words
    assert here.shop is not None, "questions are drawn only for a shop"
    key = f"profile:{here.shop.id}"
    names = {name: words(f"checklist.profile.{name}") for name in get_args(Circumstance)}
    with st.popover(words("checklist.profile.title"), icon=":material/store:", type="tertiary"):
        mine = allowed_or_told(here, Right.DECIDE)
        st.pills(
            words("checklist.profile.ask"),
            list(names),
            selection_mode="multi",
            default=sorted(profile_of(here.ws, here.shop.id) or USUAL),
            key=key,
            format_func=names.__getitem__,
            on_change=keep,
            args=(key,),
            disabled=not mine,
        )
        st.caption(words("checklist.profile.kept"))
