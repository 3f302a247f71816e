"""Nobody but this machine is answered without a login, and nobody but the gate with one. Asked before the workspace opens, so that no
data is read for anybody else."""

import streamlit as st

from pdd_audit.core.loopback import reach
from pdd_audit.services.team_mode import MARK, through_the_gate
from pdd_audit.texts import LANGS, Words
from pdd_audit.ui.plain import md_escape


def refuse_beyond_loopback() -> None:
    """One page that says what, why and how, in both languages, and the end of the run; nothing where only this machine can ask, or, in
    team mode, where the request came through the gate."""
    listens = st.get_option("server.address")
    refusal = _refusal(listens if isinstance(listens, str) else None)
    if refusal is None:
        return
    for lang in LANGS:  # nobody has said yet which one they read
        words = Words(lang)
        why = words(f"loopback.why.{refusal}", address=md_escape(listens) if listens else words("loopback.everywhere"))
        body = "\n\n".join((why, words("loopback.needed"), words("loopback.cure")))
        st.error(body, title=words("loopback.title"), icon=":material/block:")
    st.stop()


def named_by_headers() -> bool:
    """Whether Streamlit takes names from request headers, as team mode has it."""
    return bool(st.get_option("server.trustedUserHeaders"))


def _refusal(listens: str | None) -> str | None:
    headers = st.context.headers
    if named_by_headers():  # anybody can send a header: only what the gate has passed on is believed
        return None if through_the_gate(headers.get(MARK)) else "ungated"
    peer = st.context.ip_address
    return reach(listens, headers.get("Host") or "", peer if isinstance(peer, str) else "", headers.get_all("X-Forwarded-For"))
