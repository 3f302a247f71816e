"""History: keep the audit of today under a name, and lay two of them side by side."""

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.services.history import SavedAudit, delete_audit, list_audits, save_audit
from pdd_audit.services.run_audit import Audit
from pdd_audit.services.timeline import timeline
from pdd_audit.texts import error_text
from pdd_audit.texts.numbers import full_moment, moment
from pdd_audit.ui import cache, session
from pdd_audit.ui.compared import big_number, graded, two_audits
from pdd_audit.ui.log_table import log_section
from pdd_audit.ui.parts import card, heading, nothing_yet, two_sided
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import allowed_or_told, only
from pdd_audit.ui.score_timeline import score_timeline

here = session.current()
words = here.words
SHOWN = 5  # saved results that stand open; the rest is one click away
SHORT = 12  # digits of a fingerprint that are enough to tell two apart by eye


def keep() -> None:
    """Save what the page shows; reads by key, draws nothing."""
    now = session.current()
    name = str(st.session_state.get("audit_name") or "").strip()
    audit = cache.audit(now)
    if now.shop is None or audit is None or not name:
        return
    try:
        saved = save_audit(now.ws, now.shop.id, name, audit)
    except AuditError as error:
        st.session_state["not_saved"] = error_text(error, now.lang)
        return
    st.session_state["kept"] = saved.name
    st.session_state["audit_name"] = ""


def save_form(as_of: str) -> None:
    with card():
        heading(words("history.save_title"), words("history.save_caption"))
        if not allowed_or_told(here, Right.ANSWER):
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(words("history.name"), key="audit_name", max_chars=60, placeholder=words("history.name_example", as_of=as_of))
            st.button(words("history.save"), key="save_audit", type="primary", on_click=keep, icon=":material/bookmark_add:")
        if "not_saved" in st.session_state:
            title, body = st.session_state.pop("not_saved")
            st.error(md_escape(body), title=md_escape(title))
        if "kept" in st.session_state:
            st.caption(words("history.saved", name=md_escape(st.session_state.pop("kept"))))


def forget(audit_id: str) -> None:
    now = session.current()
    assert now.shop is not None, "saved results belong to a shop"
    try:
        delete_audit(now.ws, now.shop.id, audit_id)
    except AuditError as error:
        st.session_state["not_saved"] = error_text(error, now.lang)
        return
    for key in ("compare_first", "compare_second"):
        if st.session_state.get(key) == audit_id:
            del st.session_state[key]


def saved_row(audit: SavedAudit) -> None:
    """Name and score, when and how far, and the way to remove it."""
    result = audit.result
    facts = [
        words("history.saved_at", moment=full_moment(audit.saved_at)),
        words("app.as_of", moment=full_moment(result.as_of)) if result.as_of else words("app.no_data"),
        words("history.scope", scope=words(f"checklist.{result.score.scope}")),
        *([words("history.fingerprint", digits=result.fingerprint[:SHORT])] if result.fingerprint else []),
    ]
    with st.container(horizontal=True, wrap=False, vertical_alignment="top", gap="small"):
        with st.container(width="stretch"):
            two_sided(
                f"**{md_escape(audit.name)}**",
                f"**{big_number(result, 1)}**",
                words("app.dot").join(facts),
                graded(here, result),
            )
        look = only(here, Right.DECIDE, tip=words("history.delete"))
        with st.popover("", type="tertiary", icon=":material/delete:", key=f"drop_{audit.id}", **look):
            st.markdown(words("history.delete_sure", name=md_escape(audit.name)))
            st.button(words("history.delete_yes"), key=f"delete_{audit.id}", on_click=forget, args=(audit.id,))


def draw(now: Audit, audits: list[SavedAudit]) -> None:
    result = now.result
    st.markdown(f"# {words('history.title', n=len(audits)) if audits else words('history.title_empty')}", anchors=False)
    save_form(moment(result.as_of, here.lang))
    if not audits:
        return
    assert here.shop is not None, "saved results belong to a shop"
    score_timeline(here, timeline(here.ws, here.shop.id, result.score.scope))
    with card():
        heading(words("history.list_title"))
        for audit in audits[:SHOWN]:
            saved_row(audit)
        if audits[SHOWN:]:
            with st.expander(words("history.earlier", n=len(audits) - SHOWN)):
                for audit in audits[SHOWN:]:
                    saved_row(audit)
    labels = {audit.id: words("history.option", name=audit.name, moment=full_moment(audit.saved_at)) for audit in audits}
    with st.container(horizontal=True):
        first = st.selectbox(
            words("history.first"), list(labels), index=len(labels) - 1, key="compare_first", format_func=labels.__getitem__
        )
        with_now = {"now": words("history.now")} | labels
        second = st.selectbox(words("history.second"), list(with_now), index=0, key="compare_second", format_func=with_now.__getitem__)
    by_id = {audit.id: audit for audit in audits}
    two_audits(here, by_id[str(first)], by_id.get(str(second)) or now)


audit = cache.audit(here)
if here.shop is None or audit is None or not (cache.imports(here) or cache.answers(here)):
    nothing_yet(here, words("history.empty"), page="checklist")
else:
    draw(audit, list_audits(here.ws, here.shop.id))
log_section(here)
