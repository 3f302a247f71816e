"""Nobody but this machine is answered: the app has no login. Asked before the workspace opens, so that no data is read for anybody else."""

import streamlit as st

from pdd_audit.core.loopback import reach
from pdd_audit.texts import LANGS, Words
from pdd_audit.ui.plain import md_escape


def refuse_beyond_loopback() -> None:
    """One page that says what, why and how, in both languages, and the end of the run; nothing where only this machine can ask."""
    listens = st.get_option("server.address")
    peer = st.context.ip_address
    headers = st.context.headers
    refusal = reach(
        listens if isinstance(listens, str) else None, headers.get("Host") or "", peer if isinstance(peer, str) else "",
        headers.get_all("X-Forwarded-For"),
    )
    if refusal is None:
        return
    for lang in LANGS:  # nobody has said yet which one they read
        words = Words(lang)
        why = words(f"loopback.why.{refusal}", address=md_escape(listens) if listens else words("loopback.everywhere"))
        body = "\n\n".join((why, words("loopback.needed"), words("loopback.cure")))
        st.error(body, title=words("loopback.title"), icon=":material/block:")
    st.stop()
