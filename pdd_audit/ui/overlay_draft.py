"""The draft of a shop's own checklist: kept in the session until it is saved, changed only by callbacks."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.overlay import Adjustment, ClaimLevel, Overlay
from pdd_audit.core.questions import Question
from pdd_audit.core.targets import OwnTarget, lines_of
from pdd_audit.services.overlay import overlay_from_file, overlay_of, save_overlay, with_own_question
from pdd_audit.texts import error_text
from pdd_audit.ui import session
from pdd_audit.ui.drop_zone import dropped, taken_in
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.session import Here

FIELDS = ("ask", "ok", "fail", "why", "do")


def stored(here: Here) -> Overlay:
    assert here.shop is not None, "drawn only for a shop"
    return overlay_of(here.ws, here.shop.id) or Overlay()


def draft(here: Here) -> Overlay:
    """What is being edited; at first what is saved."""
    kept: Overlay | None = st.session_state.get(_key(here))
    return stored(here) if kept is None else kept


def _key(here: Here) -> str:
    assert here.shop is not None, "drawn only for a shop"
    return f"overlay:{here.shop.id}"


def generation() -> int:
    """Part of every widget's key: another draft brings new widgets, which show it."""
    return int(st.session_state.get("overlay_generation", 0))


def _put(here: Here, overlay: Overlay | None) -> None:
    if overlay is None:
        st.session_state.pop(_key(here), None)
    else:
        st.session_state[_key(here)] = overlay


def _anew(here: Here, overlay: Overlay | None) -> None:
    _put(here, overlay)
    st.session_state["overlay_generation"] = generation() + 1


def change(question_id: str, key: str, field: str, read: Callable[[Any], Any]) -> None:
    """One part of one question, from its widget. What is as shipped is not kept."""
    _adjust(session.current(), question_id, {field: read(st.session_state[key])})


def _adjust(here: Here, question_id: str, update: dict[str, Any]) -> None:
    overlay = draft(here)
    said = overlay.questions.get(question_id, Adjustment()).model_copy(update=update)
    questions = {name: one for name, one in (overlay.questions | {question_id: said}).items() if one != Adjustment()}
    _put(here, overlay.model_copy(update={"questions": questions}))


def change_limit(question: Question, level: ClaimLevel, key: str, scale: float) -> None:
    """The limit of one level, entered as ``scale`` times its value; nothing entered, or the shipped one, takes the shop's own back."""
    assert question.verify is not None, "only questions that data check have limits"
    here = session.current()
    shipped, entered = question.verify.claim[level], st.session_state[key]
    own = dict(draft(here).questions.get(question.id, Adjustment()).claim)
    own.pop(level, None)
    value = None if entered is None else round(float(entered) / scale, 6)
    if value is not None and value != shipped.value:
        own[level] = shipped.model_copy(update={"at_least" if shipped.at_least is not None else "at_most": value})
    _adjust(here, question.id, {"claim": own})


def change_target(metric: str, value_key: str, reason_key: str, scale: float) -> None:
    """The target of one metric, entered as ``scale`` times its value; nothing entered, or our line, takes the shop's own back."""
    here = session.current()
    overlay, entered = draft(here), st.session_state[value_key]
    targets = {name: one for name, one in overlay.targets.items() if name != metric}
    value = None if entered is None else round(float(entered) / scale, 6)
    line = lines_of(here.ws.checklists)[metric]
    if value is not None and value != line.value and line.allows(value):
        reason = str(st.session_state.get(reason_key) or "").strip()
        targets[metric] = OwnTarget(value=value, reason=reason)
    _put(here, overlay.model_copy(update={"targets": targets}))


def discard() -> None:
    _anew(session.current(), None)


def take_shipped() -> None:
    """The shipped checklist becomes the draft; it counts once it is saved."""
    _anew(session.current(), Overlay())


def remove_own(question_id: str) -> None:
    here = session.current()
    overlay = draft(here)
    _anew(here, overlay.model_copy(update={"add": tuple(own for own in overlay.add if own.id != question_id)}))


def add_own() -> None:
    here, state = session.current(), st.session_state
    assert here.shop is not None, "drawn only for a shop"
    texts = {name: (str(state.get(f"own_{name}_zh") or ""), str(state.get(f"own_{name}_en") or "")) for name in FIELDS}
    facts = {name: state[f"own_{name}"] for name in ("practice", "scale", "weight", "hours")}
    try:
        added = with_own_question(here.ws, here.shop.id, draft(here), texts, **facts)
    except AuditError as error:
        state["overlay_problem"] = ("own", *error_text(error, here.lang))
        return
    _anew(here, added)
    for key in [f"own_{name}_{lang}" for name in FIELDS for lang in ("zh", "en")]:
        state.pop(key, None)


def take_file(key: str) -> None:
    here = session.current()
    given = next(iter(dropped(key)), None)
    if given is None:
        return
    taken_in(key)
    try:
        _anew(here, overlay_from_file(here.ws, given.data, given.name))
    except AuditError as error:
        st.session_state["overlay_problem"] = ("file", *error_text(error, here.lang))


def save() -> None:
    here, state = session.current(), st.session_state
    assert here.shop is not None, "drawn only for a shop"
    overlay = draft(here)
    by, why = str(state.get("overlay_by") or ""), str(state.get("overlay_why") or "")
    try:
        save_overlay(here.ws, here.shop.id, overlay if overlay.changes else None, by, why)
    except AuditError as error:
        state["overlay_problem"] = ("save", *error_text(error, here.lang))
        return
    _anew(here, None)
    state["overlay_saved"] = True
    state.pop("overlay_why", None)


def problem(form: str) -> None:
    """The refusal of one form, once."""
    found = st.session_state.get("overlay_problem")
    if found and found[0] == form:
        del st.session_state["overlay_problem"]
        st.error(md_escape(found[2]), title=md_escape(found[1]), icon=":material/error:")
