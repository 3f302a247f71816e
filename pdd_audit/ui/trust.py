"""How far the score can be trusted: a line under the score, and the second look on the Results page."""

import streamlit as st

from pdd_audit.services.run_audit import Audit
from pdd_audit.services.trust import trust_in
from pdd_audit.ui import session
from pdd_audit.ui.parts import heading, link
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.session import Here


def trust_line(here: Here, audit: Audit) -> None:
    """Confidence in a word, and the way to what is out of date."""
    assert here.shop is not None, "an audit belongs to a shop"
    trust = trust_in(here.ws, here.shop.id, audit).confidence
    words = here.words
    if not trust.value:
        return
    st.caption(words("trust.line", level=words(f"trust.level.{trust.level}")), help=words("trust.help"))
    if trust.stale and link(words("trust.stale", n=len(trust.stale)), "update", "answer_stale"):
        st.session_state["question"] = trust.stale[0]
        st.session_state["practice"] = trust.stale[0].split(".")[0]
        session.go("checklist")


def stale_badge(here: Here, audit: Audit | None, question_id: str) -> None:
    """A mark on a question whose answer is out of date."""
    if here.shop is not None and audit is not None and question_id in trust_in(here.ws, here.shop.id, audit).confidence.stale:
        st.badge(here.words("trust.badge"), icon=":material/update:", color="gray")


def second_look(here: Here, audit: Audit) -> None:
    """Signs in the answers themselves; nothing before anything is answered."""
    assert here.shop is not None, "an audit belongs to a shop"
    if not audit.inputs.answers:
        return
    words = here.words
    found = trust_in(here.ws, here.shop.id, audit).signs
    with st.container(gap="small"):
        heading(words("trust.title" if found else "trust.title_good"), words("trust.caption") if found else "")
        titles = {practice.practice.id: practice.practice.short_title.in_language(here.lang) for practice in here.checklists.practices}
        for sign in found:
            told = words(f"trust.sign.{sign.code}", n=sign.n, of=sign.of, practice=titles.get(sign.practice or "", ""))
            st.markdown(f"- {md_escape(told)}")
