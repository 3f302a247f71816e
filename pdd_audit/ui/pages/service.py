"""Service: how soon buyers get an answer from a person."""

import streamlit as st

from pdd_audit.services.run_audit import Audit
from pdd_audit.texts.numbers import percent
from pdd_audit.ui import cache, session
from pdd_audit.ui.charts.compare import compare_chart, compared, outside
from pdd_audit.ui.charts.days import days_chart
from pdd_audit.ui.parts import heading, nothing_yet

here = session.current()
words = here.words


def draw(audit: Audit, slow: float) -> None:
    pictures = audit.pictures
    st.markdown(f"# {words('metrics.replies_title', share=percent(slow))}", anchors=False)
    st.caption(words("metrics.replies_caption"))
    days_chart(pictures.replies, "missed", "inquiries", words, "replies", "charts.replies_alt")
    agents = pictures.agents.dropna(subset=["agent"])
    if not agents.empty:
        with st.container(gap="small"):
            heading(compared(words, "agents", outside(agents, "agent", "inquiries", slow)), words("metrics.agents_caption"))
            compare_chart(agents, "agent", "missed", "inquiries", slow, words, "agents", "charts.agents_alt")


audit = cache.audit(here)
reply = audit.result.metrics["reply_3min_ratio"].value if audit else None
if audit is None or reply is None or audit.pictures.replies.empty:
    nothing_yet(here, words("metrics.no_service"))
else:
    draw(audit, 1 - reply)
