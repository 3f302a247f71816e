"""Results: why this number. Practice by practice, every question's part opens."""

import streamlit as st

from pdd_audit.core.questions import ESTIMATE, Question
from pdd_audit.core.result import AuditResult, FindingRecord, ItemRecord
from pdd_audit.services.run_audit import Audit
from pdd_audit.texts.numbers import DASH, decimal_text, number_range, percent, points, score_change
from pdd_audit.ui import cache, session
from pdd_audit.ui.action_link import action_link
from pdd_audit.ui.all_metrics import all_metrics
from pdd_audit.ui.charts.practices import contributions_chart
from pdd_audit.ui.own_list import both_scores
from pdd_audit.ui.parts import answer_badge, card, heading, link, nothing_yet
from pdd_audit.ui.phrases import (
    answer_label,
    enough_to_score,
    item_title,
    level_label,
    remedy_of,
    score_text,
    tell,
)
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rows import finding_link
from pdd_audit.ui.trust import second_look
from pdd_audit.ui.what_if import try_steps

SHOWN = 0.05  # less is printed as 0.0

here = session.current()
words = here.words
checklists = here.checklists
names = {p.practice.id: p.practice.short_title.in_language(here.lang) for p in checklists.practices}


def headline(result: AuditResult) -> str:
    if result.score.value is None:
        return words("results.no_score")
    if not enough_to_score(result.score):
        return words("results.too_few", range=score_text(result.score))
    worst = most_lost(result)
    lost = sum(item.lost for item in result.practices[worst].items)
    return words("results.title", score=points(result.score.value), practice=names[worst], lost=decimal_text(lost, 1))


def most_lost(result: AuditResult) -> str:
    return max(result.practices, key=lambda id: sum(item.lost for item in result.practices[id].items))


def caps(result: AuditResult) -> None:
    """What a failed must-have takes away; the number before it stays visible."""
    score = result.score
    if score.capped_by and score.uncapped is not None:
        why = [md_escape(checklists.question(id).title.fail.in_language(here.lang)) for id in score.capped_by]
        st.warning(
            words("results.cap_why", why=words("app.semicolon").join(why)),
            title=words("results.cap", before=decimal_text(score.uncapped, 1), after=decimal_text(score.value or 0, 1)),
        )
    for id, practice in result.practices.items():
        if practice.capped_by and practice.uncapped is not None and practice.value is not None:
            why = [md_escape(checklists.question(question).title.fail.in_language(here.lang)) for question in practice.capped_by]
            st.caption(
                words(
                    "results.cap_practice",
                    practice=names[id],
                    before=decimal_text(practice.uncapped, 1),
                    after=decimal_text(practice.value, 1),
                    why=words("app.comma").join(why),
                )
            )


def practice_facts(result: AuditResult, id: str) -> None:
    practice = result.practices[id]
    st.markdown(
        words(
            "results.practice_facts_unchecked" if practice.gap is None else "results.practice_facts",
            value=points(practice.value, 1),
            range=number_range(practice.low, practice.high) or DASH,
            claimed=points(practice.claimed_where_verified, 1),
            verified=points(practice.verified_where_claimed, 1),
            gap=score_change(practice.claimed_where_verified, practice.verified_where_claimed),
            share=percent(practice.verified_share, 0),
            answered=practice.answered,
            questions=practice.questions,
        )
    )


def item_line(question: Question, item: ItemRecord, scored: bool) -> str:
    """Title, answer, points given and lost: the label of the row that opens. Not ``scored``: too little is known to speak of points."""
    answer = words("results.by_data") if item.kind == "metric" else answer_label(checklists, question, item.answer, words)
    title = md_escape(item_title(question, item, words))
    if item.weight == 0:
        return words("results.item_info", title=title, answer=md_escape(answer))
    if item.state == "na":
        return words("results.item_na", title=title)
    if item.kind == "metric" and item.value is None:
        return words("results.item_no_data", title=title)
    if not scored:
        key = "results.item_open_share" if item.state == "unanswered" else "results.item_share"
        return words(key, title=title, answer=md_escape(answer), share=percent(item.share))
    if item.state == "unanswered":
        return words("results.item_open", title=title, gain=decimal_text(item.gain, 1))
    if item.lost < SHOWN:
        return words("results.item_full", title=title, answer=md_escape(answer), points=decimal_text(item.points, 1))
    return words(
        "results.item", title=title, answer=md_escape(answer), points=decimal_text(item.points, 1), lost=decimal_text(item.lost, 1)
    )


def item_body(result: AuditResult, question: Question, item: ItemRecord, finding: FindingRecord | None) -> None:
    if question.ask:
        st.markdown(md_escape(question.ask.in_language(here.lang)))
    if item.kind == "question":
        given = answer_label(checklists, question, item.answer, words)
        st.markdown(words("results.answered", answer=words("app.quote", text=md_escape(given))) if item.answer else words("results.open"))
    if item.verdict is not None and question.verify is not None:
        answer_badge(words, item.verdict)
    if finding is not None and finding.measured.value is not None and finding.metric in result.metrics:
        told = tell(checklists, finding, result.metrics[finding.metric].unit, words)
        st.markdown(
            words(
                "results.measured",
                sentence=md_escape(told.sentence),
                number=told.number,
                range=told.range or DASH,
                limit=told.limit or DASH,
            )
        )
        if finding.counted_as and finding.verdict == "contradicted":
            st.markdown(words("checklist.counted_as", level=md_escape(level_label(checklists, question, finding.counted_as, words))))
        finding_link(here, finding, f"rows_{question.id}")
    elif question.verify is None and item.kind == "question":
        st.caption(words("checklist.no_check"))
    elif item.value is not None or item.kind == "metric":
        st.caption(words("verdicts.answer.no_data.means"))
    if item.state == "na" and item.reason:
        practice = next(p for p in checklists.practices if p.practice.id == question.id.split(".")[0])
        reason = practice.practice.na_reasons.get(item.reason)
        st.caption(words("results.na_because", reason=md_escape(reason.in_language(here.lang) if reason else item.reason)))
    st.caption(
        words(
            "results.worth" if enough_to_score(result.score) else "results.worth_share",
            share=percent(item.share),
            value=percent(item.value, 0),
            points=decimal_text(item.points, 1),
            lost=decimal_text(item.lost, 1),
            gain=decimal_text(item.gain, 1),
        )
    )
    if question.blocker:
        st.caption(words("results.blocker_failed" if item.blocker_failed else "results.blocker"))
    remedy = remedy_of(question, item, finding)
    if remedy is not None:
        st.markdown(
            words(
                "results.remedy",
                do=md_escape(remedy.do.in_language(here.lang)),
                hours=f"{remedy.effort_hours:g}",
                monthly=f"{remedy.effort_hours_per_month:g}",
            )
        )
        if remedy.addresses:
            own = remedy.works_from == ESTIMATE
            source = words("results.works_estimate") if own else md_escape(session.source_name(here, remedy.works_from))
            st.caption(words("results.works", share=percent(remedy.works_prior, 0), source=source))
        for step in result.plan:
            if step.question == question.id:
                action_link(here, step, f"act_{question.id}")
    if question.show_me:
        st.markdown(words("results.show_me", what=md_escape(question.show_me.in_language(here.lang))))
    st.caption(words(f"checklist.basis.{question.source.basis}", source=md_escape(session.source_name(here, question.source.key))))
    if question.kind == "question" and link(words("results.to_question"), "checklist", f"to_{question.id}"):
        st.session_state["question"] = question.id
        session.go("checklist")


def items(result: AuditResult, id: str) -> None:
    found = {finding.question: finding for finding in result.findings}
    scored = enough_to_score(result.score)
    for item in sorted(result.practices[id].items, key=lambda item: -item.gain):
        question = checklists.question(item.id)
        icon = {"contradicted": ":material/close:", "confirmed": ":material/check:"}.get(item.verdict or "")
        with st.expander(item_line(question, item, scored), key=f"item_{item.id}", icon=icon, on_change="rerun") as row:
            if row.open:
                item_body(result, question, item, found.get(item.id))


def draw(audit: Audit) -> None:
    result = audit.result
    with st.container(gap="xsmall"):
        st.markdown(f"# {headline(result)}", anchors=False)
        settled = points(result.score.low) == points(result.score.high) or not enough_to_score(result.score)  # or said above
        st.caption(
            words("results.caption_settled")
            if settled
            else words("results.caption", range=number_range(result.score.low, result.score.high) or DASH)
        )
        both_scores(here, result)
    caps(result)
    if enough_to_score(result.score):  # else one practice would seem to give the whole total
        with st.container(gap="small"):
            heading(words("results.parts_title"), words("results.parts_caption"))
            contributions_chart({id: names[id] for id in result.practices}, result.practices, words, "contributions")
    with card():
        st.markdown(f"### {words('results.items_title')}", anchors=False)
        if st.session_state.get("result_practice") not in result.practices:
            st.session_state["result_practice"] = most_lost(result)
        labels = {id: words("results.practice", name=names[id], value=points(record.value)) for id, record in result.practices.items()}
        st.selectbox(
            words("checklist.choose"),
            list(result.practices),
            key="result_practice",
            format_func=labels.__getitem__,
            label_visibility="collapsed",
            filter_mode=None,
            width=280,
        )
        chosen = str(st.session_state["result_practice"])
        practice_facts(result, chosen)
        with st.container(gap="xsmall"):
            items(result, chosen)
    with st.container(gap="small"):
        all_metrics(here, audit)


audit = cache.audit(here)
if audit is None or not (cache.imports(here) or cache.answers(here)):
    nothing_yet(here, words("results.empty"), page="checklist")
else:
    draw(audit)
    try_steps(here, audit)
    second_look(here, audit)
