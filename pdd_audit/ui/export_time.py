"""When a file was exported, on its card of the Data page: what counts, who said so, and a form to say otherwise."""

from datetime import datetime, timedelta

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.export_times import ExportTime
from pdd_audit.core.imports import ImportReport
from pdd_audit.core.people import Right
from pdd_audit.services.export_times import state_export_time
from pdd_audit.services.import_files import user_here
from pdd_audit.services.workspace import now
from pdd_audit.texts import error_text
from pdd_audit.texts.numbers import full_moment
from pdd_audit.ui import session
from pdd_audit.ui.author import author_field
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import allowed_or_told
from pdd_audit.ui.session import Here


def export_time(here: Here, report: ImportReport, said: ExportTime | None) -> None:
    """A popover; what was refused in it stays open beside the field until something else is saved."""
    words, short = here.words, report.sha256[:16]
    with st.popover(words("data.exported.open"), type="tertiary", icon=":material/schedule:"):
        st.markdown(words("data.exported.how"))
        if said is not None:
            st.caption(md_escape(words("data.exported.said_by", by=said.by, at=full_moment(said.at))))
        elif report.snapshot_at is None:
            st.caption(words("data.exported.unknown"))
        else:
            st.caption(words(f"data.exported.from.{report.snapshot_from}"))
        if not allowed_or_told(here, Right.IMPORT_FILES):
            return
        tomorrow = now() + timedelta(days=1)  # a clock that is wrong must not lock the field
        st.datetime_input(
            words("data.exported.field"), value=report.snapshot_at, max_value=max(tomorrow, report.snapshot_at or tomorrow), step=60,
            format="YYYY-MM-DD", key=f"exported_{short}",
        )
        author_field(here, words("data.exported.by"), f"exported_by_{short}", user_here())
        with st.container(horizontal=True):
            st.button(words("data.exported.save"), key=f"exported_save_{short}", type="primary", on_click=_save, args=(report.sha256,))
            if said is not None:
                st.button(words("data.exported.take_back"), key=f"exported_back_{short}", on_click=_save, args=(report.sha256, True))
        problem = st.session_state.get("exported_problem")
        if problem and problem[0] == report.sha256:
            st.error(md_escape(problem[2]), title=md_escape(problem[1]), icon=":material/error:")


def _save(sha256: str, take_back: bool = False) -> None:
    here, short = session.current(), sha256[:16]
    assert here.shop is not None, "drawn only where there is a shop"
    chosen, by = st.session_state.get(f"exported_{short}"), str(st.session_state.get(f"exported_by_{short}") or "")
    moment = None if take_back or not isinstance(chosen, datetime) else chosen.replace(tzinfo=None)
    st.session_state.pop("exported_problem", None)
    try:
        state_export_time(here.ws, here.shop.id, sha256, moment, by)
    except AuditError as error:
        st.session_state["exported_problem"] = (sha256, *error_text(error, here.lang))
        return
    st.session_state.pop(f"exported_{short}", None)  # the field shows what counts now; the name stays for the next word
