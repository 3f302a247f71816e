"""Checklist: one question at a time, practice by practice; in the quick check in the order of what is at stake. What is picked is saved
in the callback, before anything is drawn."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.core.questions import Practice, Question
from pdd_audit.core.result import AuditResult, FindingRecord
from pdd_audit.services.answers import Overtaken, clear_answer, save_over
from pdd_audit.services.quick_path import QuickPath, walk
from pdd_audit.texts import Words, error_text
from pdd_audit.texts.numbers import rough_count
from pdd_audit.ui import cache, session
from pdd_audit.ui.answer_fields import (
    Fields,
    drop_overtaken,
    fields_of,
    forget_fields,
    news,
    overtaken,
    overtaken_words,
    saved_through,
    theirs,
)
from pdd_audit.ui.browser import NEXT, PREVIOUS
from pdd_audit.ui.charts.limit import Mark, limit_chart
from pdd_audit.ui.circumstances import asked_of, circumstances
from pdd_audit.ui.parts import answer_badge, card, level_text, nothing_yet, quiet
from pdd_audit.ui.phrases import answer_label, level_label, limit_text, tell
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.presses import held
from pdd_audit.ui.proofs import proofs
from pdd_audit.ui.question_frame import Frame, frame_of, saved_mark
from pdd_audit.ui.quick_end import at_the_end, quick_end
from pdd_audit.ui.refusals import told
from pdd_audit.ui.rights import allowed, allowed_or_told, only
from pdd_audit.ui.rows import finding_link
from pdd_audit.ui.session import Here
from pdd_audit.ui.trust import stale_badge
from pdd_audit.ui.waivers import waiver_badge, waiver_box, waiver_list

SECONDS_A_QUESTION = 20
NONE_OF_THEM = "unmet"


def asked(practice: Practice, scope: str) -> list[Question]:
    return [q for q in practice.items if q.kind == "question" and not q.retired and (scope == "full" or q.quick)]


# --- callbacks: read by key, call one service, draw nothing ---
# Until they have saved they read the session by ``held``: the next press would cut them short wherever else they touch it.


def keep(fields: Fields, question_id: str, said: Mapping[str, Any]) -> bool:
    """Whether it was saved. ``said``: fields of an answer; words that could not be saved before go with them."""
    here = session.current()
    assert here.shop is not None, "questions are drawn only for a shop"
    said = fields.typed() | dict(said)
    try:
        kept = save_over(here.ws, here.shop.id, question_id, said, fields.shows, session.who(here))
    except AuditError as error:
        st.session_state["not_saved"] = error_text(error, here.lang)
        st.session_state.pop("saved_at", None)
        return False
    saved_through(fields, said, kept.overtaken)
    st.session_state.pop("not_saved", None)
    st.session_state["saved_at"] = (question_id, kept.at.isoformat())
    return True


def keep_level(fields: Fields, question_id: str) -> None:
    picked = held(fields.key("answer"))
    if picked is None or picked == "na":  # "does not apply" waits for its reason
        st.session_state.pop("saved_at", None)
    else:
        keep(fields, question_id, {"answer": picked, "reason": None})


def keep_reason(fields: Fields, question_id: str) -> None:
    reason = held(fields.key("reason"))
    if reason is not None:
        keep(fields, question_id, {"answer": "na", "reason": reason})


def keep_ticks(fields: Fields, question: Question, pressed: str) -> None:
    """Criteria exclude "none of these", "don't know" and "does not apply", and the other way round."""
    ids, prefix = [criterion.id for criterion in question.criteria if criterion.id], fields.key("tick")
    alone = [NONE_OF_THEM, "unknown", "na"]
    boxes = {id: held(f"{prefix}:{id}") for id in [*ids, *alone]}
    excluded = [id for id in (alone if pressed in ids else boxes) if id != pressed and boxes[id]] if boxes[pressed] else []
    ticked = [id for id, there in boxes.items() if there and id not in excluded]
    if not ticked:
        take_back(fields, question.id)
    elif ticked[0] == "na":
        st.session_state.pop("saved_at", None)
    else:
        keep(fields, question.id, {"answer": ticked[0] if ticked[0] in alone else tuple(ticked), "reason": None})
    for id in excluded:
        st.session_state[f"{prefix}:{id}"] = False


def keep_words(fields: Fields, question_id: str, field: str) -> None:
    if fields.shows is not None:  # else they wait in their field for the answer they go with
        keep(fields, question_id, {field: held(fields.key(field))})


def take_theirs(fields: Fields, question_id: str, other: Overtaken) -> None:
    """What somebody else had said counts after all; the fields show it."""
    if other.answer is None:
        clear(fields, question_id)
    elif keep(fields, question_id, theirs(other)):
        drop_overtaken(fields, other)
        forget_fields()


@told
def take_back(fields: Fields, question_id: str) -> None:
    """The question is unanswered again, unless somebody has answered it anew: then the fields show that."""
    here = session.current()
    assert here.shop is not None, "questions are drawn only for a shop"
    try:
        clear_answer(here.ws, here.shop.id, question_id, fields.shows, session.who(here))
    except AuditError:
        forget_fields()
        raise
    fields.shows = None
    drop_overtaken(fields, *overtaken(fields))
    st.session_state.pop("saved_at", None)


def clear(fields: Fields, question_id: str) -> None:
    take_back(fields, question_id)
    forget_fields()


def show_question(question_id: str) -> None:
    st.session_state["question"] = question_id
    st.session_state["practice"] = question_id.split(".")[0]


def show_practice() -> None:
    here = session.current()
    chosen = next(p for p in asked_of(here).practices if p.practice.id == st.session_state["practice"])
    questions = asked(chosen, here.scope)
    answers = cache.answers(here)
    st.session_state["question"] = next((q.id for q in questions if q.id not in answers), questions[0].id)


def change_scope() -> None:
    st.session_state["scope"] = st.session_state["scope_choice"]


# --- the page ---


def question_card(
    here: Here, practice: Practice, question: Question, fields: Fields, place: str, around: tuple[str | None, str | None], frame: Frame
) -> DeltaGenerator:
    """The place that tells whether the answer is out of date: that is counted once the question stands."""
    words, lang = here.words, here.lang
    with frame.body:
        with st.container(horizontal=True, wrap=False, horizontal_alignment="distribute", vertical_alignment="center"):
            st.caption(place, width="stretch")
            with st.popover(words("checklist.why"), type="tertiary", icon=":material/help:"):
                st.markdown(md_escape(question.why.in_language(lang)))
                if question.weight_why is not None:
                    st.markdown(words("checklist.weight", weight=question.weight, why=md_escape(question.weight_why.in_language(lang))))
                st.caption(
                    words(f"checklist.basis.{question.source.basis}", source=md_escape(session.source_name(here, question.source.key)))
                )
        assert question.ask is not None, "only questions are asked"
        st.markdown(f"## {md_escape(question.ask.in_language(lang))}", anchors=False)
        if question.blocker:
            st.badge(words("checklist.blocker"), icon=":material/priority_high:", color="gray")
        out_of_date = st.empty()
        waiver_badge(here, question)
        if question.scale == "criteria_share":
            tick_boxes(here, practice, question, fields)
        else:
            if question.criteria:
                st.caption("  \n".join(f"• {md_escape(c.zh if lang == 'zh' else c.en)}" for c in question.criteria))
            levels(here, practice, question, fields)
        allowed_or_told(here, Right.ANSWER)
    with frame.notes:
        if "not_saved" in st.session_state:
            title, body = st.session_state["not_saved"]
            st.error(md_escape(body), title=f"{words('checklist.not_saved')}{md_escape(title)}", icon=":material/error:")
        for number, other in enumerate(overtaken(fields)):
            overtaken_note(here, question, fields, other, number)
        news(here, question, fields)
    before, after = around
    frame.previous.button(
        words("checklist.previous"), key=PREVIOUS, type="tertiary", shortcut="P", disabled=before is None, on_click=show_question,
        args=(before,),
    )
    frame.saved.caption(saved_mark(here, question.id), width="content")
    frame.next.button(
        words("checklist.next"), key=NEXT, type="primary", shortcut="N", disabled=after is None, on_click=show_question, args=(after,)
    )
    return out_of_date


def overtaken_note(here: Here, question: Question, fields: Fields, other: Overtaken, number: int) -> None:
    """Two people said something of one part: both are told apart, and neither is lost."""
    st.warning(overtaken_words(here, question, other), icon=":material/group:")
    with st.container(horizontal=True):
        st.button(
            here.words("checklist.take_theirs"), key=f"take_theirs_{number}", icon=":material/undo:",
            on_click=take_theirs, args=(fields, question.id, other),
        )
        st.button(
            here.words("checklist.keep_mine"), key=f"keep_mine_{number}", icon=":material/check:",
            on_click=drop_overtaken, args=(fields, other),
        )


def levels(here: Here, practice: Practice, question: Question, fields: Fields) -> None:
    words, lang = here.words, here.lang
    assert here.shop is not None and question.scale is not None, "a level question has a scale"
    steps = list(reversed(here.checklists.scales[question.scale].levels))
    told: dict[str, tuple[str, str]] = {step.code: (step.label.in_language(lang), step.means.in_language(lang)) for step in steps}
    for code in ["unknown"] if question.blocker else ["unknown", "na"]:
        told[code] = words(f"checklist.{code}.label"), words(f"checklist.{code}.means")
    labels = {code: level_text(label, means) for code, (label, means) in told.items()}
    codes = list(labels)
    key, saved = fields.key("answer"), fields.shows
    given = saved.answer if saved and isinstance(saved.answer, str) and saved.answer in codes else None
    st.radio(
        question.ask.in_language(lang) if question.ask else question.id,
        codes,
        index=codes.index(given) if given else None,
        key=key,
        format_func=labels.__getitem__,
        label_visibility="collapsed",
        on_change=keep_level,
        args=(fields, question.id),
        disabled=not allowed(here, Right.ANSWER),
    )
    if st.session_state.get(key) == "na":
        reasons(here, practice, question, fields)


def tick_boxes(here: Here, practice: Practice, question: Question, fields: Fields) -> None:
    words = here.words
    prefix, saved = fields.key("tick"), fields.shows
    given: tuple[str, ...] = ()
    if saved is not None:
        everything = tuple(c.id for c in question.criteria if c.id)
        given = everything if saved.answer == "met" else (saved.answer,) if isinstance(saved.answer, str) else saved.answer
    boxes = [(c.id, c.zh if here.lang == "zh" else c.en) for c in question.criteria if c.id]
    boxes.append((NONE_OF_THEM, words("checklist.none_of_them")))
    boxes += [(code, words(f"checklist.{code}.label")) for code in (["unknown"] if question.blocker else ["unknown", "na"])]
    shut = not allowed(here, Right.ANSWER)
    with st.container(gap="xsmall"):
        st.caption(words("checklist.tick"))
        for id, label in boxes:
            st.checkbox(
                md_escape(label), value=id in given, key=f"{prefix}:{id}", on_change=keep_ticks, args=(fields, question, id), disabled=shut
            )
    if st.session_state.get(f"{prefix}:na"):
        reasons(here, practice, question, fields)


def reasons(here: Here, practice: Practice, question: Question, fields: Fields) -> None:
    names = {id: text.in_language(here.lang) for id, text in practice.practice.na_reasons.items()}
    saved = fields.shows
    given = saved.reason if saved and saved.reason in names else None
    st.selectbox(
        here.words("checklist.na.reason"),
        list(names),
        index=list(names).index(given) if given else None,
        key=fields.key("reason"),
        format_func=names.__getitem__,
        placeholder=here.words("checklist.na.choose"),
        on_change=keep_reason,
        args=(fields, question.id),
        disabled=not allowed(here, Right.ANSWER),
    )


def verdict_card(here: Here, question: Question, finding: FindingRecord | None, result: AuditResult) -> None:
    """Only after an answer: before, it would lead the answer."""
    words, checklists = here.words, here.checklists
    saved = cache.answers(here).get(question.id)
    st.markdown(f"#### {words('checklist.data_says')}", anchors=False)
    if saved is None:
        st.caption(words("checklist.after_answer" if question.verify else "checklist.no_check"))
        return
    if question.verify is None:
        st.caption(words("checklist.no_check"))
        return
    if finding is None or finding.measured.value is None:
        no_claim = finding is not None or (
            question.verify.metric in result.metrics and result.metrics[question.verify.metric].value is not None
        )
        answer_badge(words, "no_claim" if no_claim else "no_data")
        st.caption(words("verdicts.answer.no_claim.means" if no_claim else "checklist.no_data"))
        return
    metric = result.metrics.get(finding.metric)
    unit = metric.unit if metric else "ratio"
    told = tell(checklists, finding, unit, words)
    answer_badge(words, finding.verdict)
    chosen = answer_label(checklists, question, saved, words)
    key = f"checklist.told.{finding.verdict}"
    sentence = words(
        key,
        answer=words("app.quote", text=md_escape(chosen)),
        sentence=md_escape(told.sentence),
        number=told.number,
        range=told.range or "—",
    )
    st.markdown(sentence)
    if told.value is not None:
        marks = [
            Mark(1 - limit.value if told.missing else limit.value, limit_text(checklists, question, level, unit, words))
            for level, limit in question.verify.claim.items()
        ]
        marks.sort(key=lambda mark: mark.value)
        low, high = told.low if told.low is not None else told.value, told.high if told.high is not None else told.value
        limit_chart(told.value, low, high, told.number, marks, finding.verdict == "contradicted", words, f"limit_{question.id}")
    if finding.counted_as and finding.verdict == "contradicted":
        st.caption(words("checklist.counted_as", level=md_escape(level_label(checklists, question, finding.counted_as, words))))
    if finding.better_than_said:
        st.caption(words("checklist.better"))
    if finding.verdict == "cannot_tell" and metric and metric.more_needed:
        st.caption(words("checklist.more_needed", n=rough_count(metric.more_needed)))
    finding_link(here, finding, f"rows_{question.id}")


def proof_card(here: Here, question: Question, fields: Fields) -> None:
    words = here.words
    saved = cache.answers(here).get(question.id)
    st.markdown(f"#### {words('checklist.proof')}", anchors=False)
    if question.show_me:
        st.markdown(md_escape(question.show_me.in_language(here.lang)))
    shut = not allowed(here, Right.ANSWER)
    for field in ("proof", "note"):
        st.text_area(
            words(f"checklist.{field}_label"),
            value=getattr(fields.shows, field) if fields.shows else "",
            key=fields.key(field),
            max_chars=4000,
            height=84,
            disabled=saved is None or shut,
            placeholder="" if shut else words(f"checklist.{field}_placeholder" if saved else "checklist.first_answer"),
            on_change=keep_words,
            args=(fields, question.id, field),
        )
    if saved is not None:
        proofs(here, question.id, saved)
    waiver_box(here, question)
    if saved is not None:
        look = only(here, Right.ANSWER)
        st.button(
            quiet(words("checklist.clear"), "undo", look), key="clear_answer", type="tertiary",
            on_click=clear, args=(fields, question.id), **look,
        )


def length_of_check(here: Here) -> None:
    words = here.words
    scopes = {"quick": words("checklist.quick"), "full": words("checklist.full")}
    st.segmented_control(
        words("checklist.scope"),
        list(scopes),
        default=here.scope,
        key="scope_choice",
        required=True,
        format_func=scopes.__getitem__,
        on_change=change_scope,
        label_visibility="collapsed",
        wrap=False,
    )


def progress(here: Here, share: float, text: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.progress(share, text=text)
        with st.container(horizontal=True, width="content", gap="small"):
            waiver_list(here)
            circumstances(here)


def one_question(here: Here, practice: Practice, current: str, place: str, order: Sequence[str], frame: Frame) -> None:
    """The question with what stands beside it; ``order``: ids of all that are asked."""
    question = next(question for question in practice.items if question.id == current)
    at = order.index(current)
    around = (order[at - 1] if at else None, order[at + 1] if at + 1 < len(order) else None)
    fields = fields_of(here, question, cache.answers(here).get(question.id))
    out_of_date = question_card(here, practice, question, fields, place, around, frame)
    with out_of_date:
        audit = cache.audit(here)
        assert audit is not None, "there is a shop"
        stale_badge(here, audit, question.id)
    with frame.beside:
        finding = next((f for f in audit.result.findings if f.question == question.id), None)
        with card(tight=True):
            verdict_card(here, question, finding, audit.result)
        with card(stretch=True, tight=True):
            proof_card(here, question, fields)


def draw_quick(here: Here) -> None:
    """The dearest and least certain questions first, until no answer can change the first three steps."""
    words = here.words
    wanted = st.session_state.get("question")
    with st.container(horizontal=True, wrap=False, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(words("checklist.quick_order"))
        length_of_check(here)
    above, frame = st.container(), frame_of(here, str(wanted))
    audit = cache.audit(here)
    assert audit is not None, "there is a shop"
    way = walk(audit)
    practices = {p.practice.id: p for p in asked_of(here).practices}
    current = wanted if wanted in way.order else next(iter(way.open), way.order[0])
    st.session_state["question"] = current
    done, total = len(way.order) - len(way.open), len(way.order)
    with above:
        progress(here, done / total, quick_progress(way, done, total, words))
    if at_the_end(here, way, current):
        frame.whole.empty()
        quick_end(here, way, audit.result)
        return
    practice = practices[current.split(".")[0]]
    place = words("checklist.place_quick", practice=practice.practice.short_title.in_language(here.lang), n=way.order.index(current) + 1)
    one_question(here, practice, current, place, way.order, frame)


def quick_progress(way: QuickPath, done: int, total: int, words: Words) -> str:
    if not way.open:
        return words("checklist.progress_done", total=total)
    return words("checklist.progress_settled" if way.settled else "checklist.progress_quick", done=done, total=total)


def draw_full(here: Here) -> None:
    """Practice by practice."""
    words = here.words
    practices = {p.practice.id: p for p in asked_of(here).practices if asked(p, here.scope)}
    answers = cache.answers(here)
    wanted = st.session_state.get("question")
    chosen = str(wanted).split(".")[0]
    if chosen not in practices:  # where the first open question is
        chosen = next((id for id, p in practices.items() if any(q.id not in answers for q in asked(p, here.scope))), next(iter(practices)))
    order = [q.id for p in practices.values() for q in asked(p, here.scope)]
    questions = [q.id for q in asked(practices[chosen], here.scope)]
    current = wanted if wanted in questions else next((id for id in questions if id not in answers), questions[0])
    st.session_state["question"] = current
    st.session_state["practice"] = chosen

    done = {id: sum(q.id in answers for q in asked(p, here.scope)) for id, p in practices.items()}
    labels = {
        id: words("checklist.practice", name=p.practice.short_title.in_language(here.lang), done=done[id], total=len(asked(p, here.scope)))
        for id, p in practices.items()
    }
    with st.container(horizontal=True, wrap=False, horizontal_alignment="distribute", vertical_alignment="center"):
        st.selectbox(
            words("checklist.choose"),
            list(practices),
            key="practice",
            format_func=labels.__getitem__,
            on_change=show_practice,
            label_visibility="collapsed",
            filter_mode=None,
            width=200,  # beside the length of the check on a phone
        )
        length_of_check(here)
    all_done, all_asked = sum(done.values()), len(order)
    minutes = max(1, round((all_asked - all_done) * SECONDS_A_QUESTION / 60))
    told = (
        words("checklist.progress", done=all_done, total=all_asked, minutes=minutes)
        if all_done < all_asked
        else words("checklist.progress_done", total=all_asked)
    )
    progress(here, all_done / all_asked, told)
    name = practices[chosen].practice.short_title.in_language(here.lang)
    place = words("checklist.place", practice=name, n=questions.index(current) + 1, total=len(questions))
    one_question(here, practices[chosen], current, place, order, frame_of(here, current))


here = session.current()
if here.shop is None:
    nothing_yet(here, here.words("checklist.no_shop"), page="home")
else:
    (draw_quick if here.scope == "quick" else draw_full)(here)
