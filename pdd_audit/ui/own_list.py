"""The line that names both scores where a shop has its own checklist."""

import streamlit as st

from pdd_audit.core.result import AuditResult
from pdd_audit.ui.phrases import score_text
from pdd_audit.ui.session import Here


def both_scores(here: Here, result: AuditResult) -> None:
    """Nothing where the shop follows the shipped checklists."""
    if result.official is None:
        return
    words = here.words
    st.caption(
        words("overlay.beside", own=score_text(result.score), official=score_text(result.official)), help=words("overlay.beside_help")
    )
