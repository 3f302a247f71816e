"""Appeals: which penalties the files speak against, the cases, what came of them, and what each incident teaches."""

import streamlit as st

from pdd_audit.core.filters import ALL
from pdd_audit.services.look_at_appeals import AppealsLook, find_appealable, look_at_appeals
from pdd_audit.texts.numbers import count, yuan
from pdd_audit.ui import cache, session
from pdd_audit.ui.incidents.appeal_acts import say_done
from pdd_audit.ui.incidents.appeal_cases import cases, remind
from pdd_audit.ui.incidents.appeal_find import find
from pdd_audit.ui.incidents.appeal_outcomes import outcomes
from pdd_audit.ui.incidents.incident_causes import causes
from pdd_audit.ui.parts import nothing_yet

PARTS = ("find", "cases", "outcomes", "causes")

here = session.current()
words = here.words


def headline(look: AppealsLook) -> str:
    if look.candidates:
        return words("appeals.title", n=count(len(look.candidates)), yuan=yuan(look.yuan))
    appealed = [case for case in look.cases if case.next]
    if appealed:
        orders, amount = sum(len(case.orders) for case in appealed), sum(case.yuan for case in appealed)
        return words("appeals.title_cases", n=count(orders), yuan=yuan(amount))
    if look.found.facts:
        return words("appeals.title_none", n=count(len(look.found.facts)))
    return words("appeals.title_clean" if look.found.billed or look.found.listed else "appeals.title_unknown")


def draw(look: AppealsLook) -> None:
    with st.container(gap="xsmall"):
        st.markdown(f"# {headline(look)}", anchors=False)
        st.caption(words("appeals.caption"))
    remind(here, look)
    waiting = sum(bool(case.next) for case in look.cases)
    labels = {part: words(f"appeals.part.{part}") for part in PARTS}
    labels["cases"] = words("appeals.part.cases_n", n=count(waiting)) if waiting else labels["cases"]
    if st.session_state.get("appeals_part") not in PARTS:
        st.session_state["appeals_part"] = "find"
    part = st.segmented_control(
        words("appeals.which"), PARTS, required=True, key="appeals_part", format_func=labels.__getitem__, label_visibility="collapsed",
        wrap=False,
    )
    {"find": lambda: find(here, look), "cases": lambda: cases(here, look), "outcomes": lambda: outcomes(here, look),
     "causes": lambda: causes(here)}[part or "find"]()
    say_done(here)


if here.shop is None or not cache.imports(here):
    nothing_yet(here, words("appeals.empty"))
else:
    draw(look_at_appeals(here.ws, here.shop.id, cache.look(here, find_appealable, ALL)))
