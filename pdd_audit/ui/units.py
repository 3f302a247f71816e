"""In which unit a column is: asked on the card of a file that does not say it, shown with what a number of it becomes."""

from decimal import Decimal, InvalidOperation

import streamlit as st

from pdd_audit.core.imports import ImportReport
from pdd_audit.core.mapping import Unit
from pdd_audit.core.people import Right
from pdd_audit.services.units import UnitQuestion, say_unit, unit_questions
from pdd_audit.services.workspace import now
from pdd_audit.texts import Words
from pdd_audit.ui import session
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.refusals import told
from pdd_audit.ui.rights import only
from pdd_audit.ui.session import Here

_IN_OURS = {"yuan": Decimal(1), "fen": Decimal("0.01"), "seconds": Decimal(1), "minutes": Decimal(60)}


def unit_label(words: Words, unit: Unit, sample: str) -> str:
    """A unit, with what a number of the file becomes in it where one is known."""
    try:
        number = Decimal(sample)
    except InvalidOperation:
        return words(f"mapping.unit.{unit}.name")
    became = number * _IN_OURS[unit]
    text = f"{became:,.2f}" if unit in ("yuan", "fen") else f"{became.normalize():,f}"
    return words(f"mapping.unit.{unit}.becomes", number=sample, became=text)


def units_on_card(here: Here, shop_id: str, report: ImportReport) -> None:
    """For most files nothing."""
    for question in unit_questions(here.ws, shop_id, report):
        _question(here, shop_id, report, question)


def _question(here: Here, shop_id: str, report: ImportReport, question: UnitQuestion) -> None:
    words, key = here.words, f"unit_{report.sha256[:16]}_{question.column}"
    header = md_escape(question.header)
    if question.said is not None and (question.waits or question.sample):  # else its notice says how it was read
        line = "waits" if question.waits else "stands"
        named = words(f"mapping.unit.{question.said}.name")
        icon = "refresh" if question.waits else "check"
        st.caption(f":material/{icon}: {words(f'mapping.unit_{line}', column=header, unit=named, on=question.on)}")
    look = only(here, Right.IMPORT_FILES)
    with st.popover(words("mapping.unit_open"), type="tertiary", icon=":material/straighten:", **look):
        labels = {unit: md_escape(unit_label(words, unit, question.sample)) for unit in question.units}
        at = question.units.index(question.said) if question.said else None
        st.radio(words("mapping.unit_of", column=header), list(labels), index=at, format_func=labels.__getitem__, key=key)
        st.caption(words("mapping.unit_how"))
        args = (shop_id, report, question.column, key)
        st.button(words("mapping.unit_save"), key=f"save_{key}", type="primary", on_click=_save, args=args)


@told
def _save(shop_id: str, report: ImportReport, column: str, key: str) -> None:
    unit: Unit | None = st.session_state.get(key)
    if unit is not None:
        say_unit(session.current().ws, shop_id, report, column, unit, now())
