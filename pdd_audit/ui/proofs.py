"""Photos and documents of one answer: add, look at, take away."""

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.core.questions import Answer, Attachment
from pdd_audit.services.proofs import KINDS, MOST, attach, detach, proof_bytes
from pdd_audit.texts import error_text
from pdd_audit.ui import session
from pdd_audit.ui.downloads import offer
from pdd_audit.ui.drop_zone import Wanted, drop_zone, dropped, taken_in
from pdd_audit.ui.plain import md_escape, shortened
from pdd_audit.ui.refusals import told
from pdd_audit.ui.rights import allowed, only
from pdd_audit.ui.session import Here

MIME = {"png": "image/png", "jpg": "image/jpeg", "pdf": "application/pdf"}


def proofs(here: Here, question_id: str, answer: Answer) -> None:
    """What is attached, and the place to add more; drawn for an answered question."""
    words = here.words
    for at, one in enumerate(answer.attached):
        _attached(here, question_id, one, f"{question_id}_{at}")
    if len(answer.attached) < MOST and allowed(here, Right.ANSWER):
        key = f"proof_{question_id}_{st.session_state.get('proofs_added', 0)}"
        wanted = Wanted(many=True, kinds=tuple(KINDS), megabytes=10, right=Right.ANSWER)
        drop_zone(here, words("checklist.attach"), key, wanted, _add, (question_id, key))
    problem = st.session_state.pop("proof_problem", None)
    if problem:
        st.error(md_escape(problem[1]), title=md_escape(problem[0]), icon=":material/error:")


def _attached(here: Here, question_id: str, one: Attachment, key: str) -> None:
    words = here.words
    assert here.shop is not None, "answers belong to a shop"
    shop_id = here.shop.id
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        icon = ":material/picture_as_pdf:" if one.kind == "pdf" else ":material/image:"
        st.markdown(f"{icon} {md_escape(shortened(one.name, 28))}", width="content")
        with st.popover(words("checklist.attached_open"), type="tertiary", key=f"open_{key}"):
            offer(words("checklist.attached_download"), lambda: proof_bytes(here.ws, shop_id, one), one.name.rsplit(".", 1)[0], one.kind,
                  MIME[one.kind], key=f"get_{key}")
            st.button(words("checklist.attached_remove"), key=f"remove_{key}", type="tertiary", icon=":material/delete:",
                      on_click=_remove, args=(question_id, one.sha256), **only(here, Right.ANSWER))


def _add(question_id: str, key: str) -> None:
    """Keeps what was dropped; the bytes do not stay in the session."""
    there = session.current()
    assert there.shop is not None, "answers belong to a shop"
    for file in dropped(key):
        try:
            attach(there.ws, there.shop.id, question_id, file.name, file.data)
        except AuditError as refusal:
            st.session_state["proof_problem"] = error_text(refusal, there.lang)
            break
    taken_in(key)
    st.session_state["proofs_added"] = int(st.session_state.get("proofs_added", 0)) + 1


@told
def _remove(question_id: str, sha256: str) -> None:
    there = session.current()
    assert there.shop is not None, "answers belong to a shop"
    detach(there.ws, there.shop.id, question_id, sha256)
