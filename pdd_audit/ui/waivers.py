"""Questions the shop lets stand for a while: below a question to say so, above the checklist what stands, under the score what it means."""

from datetime import date, timedelta

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.core.questions import Question
from pdd_audit.core.result import AuditResult
from pdd_audit.core.waivers import Waiver, waivable
from pdd_audit.services.import_files import user_here
from pdd_audit.services.waivers import take_back, waive, waivers_of
from pdd_audit.services.workspace import now
from pdd_audit.texts import error_text
from pdd_audit.texts.numbers import DASH, day
from pdd_audit.ui import session
from pdd_audit.ui.author import author_field
from pdd_audit.ui.phrases import score_text
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.refusals import told
from pdd_audit.ui.rights import only
from pdd_audit.ui.session import Here


def _standing(here: Here) -> dict[str, Waiver]:
    assert here.shop is not None, "drawn only for a shop"
    return {one.question: one for one in waivers_of(here.ws, here.shop.id)}


def waiver_badge(here: Here, question: Question) -> None:
    """A mark on a question that is let stand."""
    one = _standing(here).get(question.id)
    if one is not None and one.until is not None:
        st.badge(here.words("checklist.waiver.badge", until=day(one.until, here.lang)), icon=":material/pause_circle:", color="gray")


def waiver_box(here: Here, question: Question) -> None:
    """What stands, or the place to say so; nothing for a question that cannot be waived."""
    words, rules = here.words, here.ws.waiver_rules
    if rules is None or not waivable(question):
        return
    there = _standing(here)
    one = there.get(question.id)
    if one is not None:
        since = day(one.at, here.lang)
        st.caption(md_escape(words("checklist.waiver.told", by=one.by, since=since, reason=one.reason or DASH)))
        st.button(words("checklist.waiver.take_back"), key=f"waiver_end_{question.id}", type="tertiary", icon=":material/play_circle:",
                  on_click=_end, args=(question.id,), **only(here, Right.DECIDE))
        return
    with st.popover(words("checklist.waiver.open"), type="tertiary", icon=":material/pause_circle:", key=f"waiver_{question.id}",
                    **only(here, Right.DECIDE)):
        st.markdown(words("checklist.waiver.how"))
        left = words("checklist.waiver.left", most=rules.most_at_once, n=len(there))
        st.caption(words("app.dot").join((left, md_escape(rules.why.in_language(here.lang)))))
        today = now().date()
        st.date_input(words("checklist.waiver.until"), value=None, min_value=today, max_value=today + timedelta(days=rules.longest_days),
                      key=_key("until", question.id), format="YYYY-MM-DD")
        author_field(here, words("checklist.waiver.by"), _key("by", question.id), user_here())
        st.text_input(words("checklist.waiver.reason"), key=_key("reason", question.id), max_chars=400)
        st.button(words("checklist.waiver.save"), key=_key("save", question.id), type="primary", on_click=_save, args=(question.id,))
    problem = st.session_state.pop("waiver_problem", None)
    if problem:
        st.error(md_escape(problem[1]), title=md_escape(problem[0]), icon=":material/error:")


def waiver_list(here: Here) -> None:
    """All that stand, each a way to its question; nothing where none does."""
    words, rules, there = here.words, here.ws.waiver_rules, _standing(here)
    if not there or rules is None:
        return
    questions = {item.id: item for practice in here.checklists.practices for item in practice.items}
    label = words("checklist.waiver.list", n=len(there), most=rules.most_at_once)
    with st.popover(label, type="tertiary", icon=":material/pause_circle:"):
        for one in there.values():
            assert one.until is not None, "it stands"
            question = questions[one.question]
            title = md_escape(question.title.fail.in_language(here.lang))
            until = words("checklist.waiver.badge", until=day(one.until, here.lang))
            st.button(words("app.dot").join((title, until)), key=f"waiver_at_{question.id}", type="tertiary", on_click=_show,
                      args=(question.id, question.quick))


def after_line(here: Here, result: AuditResult) -> None:
    """The score without what is let stand, beside the score that no waiver changes."""
    if result.after_waivers is None:
        return
    words = here.words
    st.caption(
        words("checklist.waiver.line", n=len(result.waivers), after=score_text(result.after_waivers)),
        help=words("checklist.waiver.line_help", until=day(result.waivers[0].until, here.lang)),
    )


def _key(field: str, question_id: str) -> str:
    return f"waiver_{field}_{question_id}"


def _show(question_id: str, quick: bool) -> None:
    st.session_state["question"] = question_id
    st.session_state["practice"] = question_id.split(".")[0]
    if not quick:  # the quick check does not ask it
        st.session_state["scope"] = st.session_state["scope_choice"] = "full"


def _save(question_id: str) -> None:
    there = session.current()
    assert there.shop is not None, "drawn only for a shop"
    state = st.session_state
    until = state.get(_key("until", question_id))
    try:
        waive(
            there.ws, there.shop.id, question_id, until if isinstance(until, date) else None, str(state.get(_key("by", question_id)) or ""),
            str(state.get(_key("reason", question_id)) or ""),
        )
    except AuditError as refusal:
        state["waiver_problem"] = error_text(refusal, there.lang)


@told
def _end(question_id: str) -> None:
    there = session.current()
    assert there.shop is not None, "drawn only for a shop"
    take_back(there.ws, there.shop.id, question_id, user_here() or DASH)
