"""Streamlit entry: language, shop, navigation. ``streamlit run app.py``."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pdd_audit.core.errors import AuditError
from pdd_audit.services.moment import one_moment
from pdd_audit.ui.ahead import look_ahead
from pdd_audit.ui.browser import set_up_browser
from pdd_audit.ui.frame import header
from pdd_audit.ui.joining import came_by_link, stranded, whom_to_ask
from pdd_audit.ui.logo import ICON, logo
from pdd_audit.ui.loopback import refuse_beyond_loopback
from pdd_audit.ui.meeting_clock import end, in_meeting
from pdd_audit.ui.refusals import say
from pdd_audit.ui.session import PAGES, Here, begin, chosen_language, freeze_once
from pdd_audit.ui.warm_up import warm_up_once

# Section of the menu -> its pages, each with its icon; the section without a name stands open.
MENU = {
    "": {"home": "home", "checklist": "checklist"},
    "incidents": {
        "today": "bolt",
        "messages": "chat",
        "remedies": "redeem",
        "appeals": "fact_check",
    },
    "numbers": {
        "pickup": "local_shipping", "couriers": "groups", "trends": "show_chart", "tonight": "nightlight", "service": "support_agent",
        "cost": "payments",
    },
    "audit": {"results": "balance", "actions": "task_alt", "history": "history", "rounds": "how_to_vote", "report": "description"},
    "files": {"data": "folder_open", "rules": "gavel", "overlay": "rule", "shops": "store", "people": "group", "mapping": "table_edit"},
}
HIDDEN = {"mapping"}  # reached from the Data page, where it is needed


def menu(here: Here) -> StreamlitPage:
    """Shows the pages in the language of whoever looks; the one that is looked at."""
    return st.navigation(
        {
            here.words(f"app.menu.{section}") if section else "": [
                st.Page(
                    PAGES / f"{name}.py",
                    title=here.words(f"app.pages.{name}"),
                    icon=f":material/{icon}:",
                    url_path=name,
                    default=name == "home",
                    visibility="hidden" if name in HIDDEN else "visible",
                )
                for name, icon in icons.items()
            ]
            for section, icons in MENU.items()
        },
        position="hidden" if in_meeting() else "top",
    )


st.set_page_config(page_title="揽收体检 · pdd-audit", page_icon=ICON, layout="wide")
refuse_beyond_loopback()
freeze_once()
with one_moment():
    try:
        here = begin()
    except AuditError as refusal:  # nobody is logged in, or nobody any more: nothing is drawn but the reason
        say(refusal, chosen_language())
        st.stop()
    page = menu(here)
    if in_meeting() and page.url_path != "rounds":  # whoever opens another page has left the meeting
        end()
        st.rerun()
    st.logo(logo(here.lang, here.words("app.name")))
    with st.container(horizontal_alignment="center"), st.container(width=1600 if in_meeting() else 1120, gap="medium"):
        try:
            header(here, page.url_path or "home")
            came_by_link(here)
            if stranded(here):
                whom_to_ask(here)
            else:
                page.run()
                look_ahead(here)
        except AuditError as refusal:  # the one place where a page's refusal becomes words
            say(refusal, here.lang)
set_up_browser(here.lang)
warm_up_once()
