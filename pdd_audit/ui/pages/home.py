"""Home: the score with its range, what it rests on, three contradictions, three next steps; before any data, the way in."""

import streamlit as st

from pdd_audit.core.result import OVERRATED, AuditResult
from pdd_audit.services.incidents.learnt import learnt
from pdd_audit.services.shops import create_shop, may_found, open_demo_shop
from pdd_audit.texts.numbers import DASH, count, decimal_text, number_range, percent, points, yuan, yuan_range
from pdd_audit.ui import cache, session
from pdd_audit.ui.action_link import action_link
from pdd_audit.ui.charts.practices import belief, beliefs_chart, widest_gap
from pdd_audit.ui.charts.score import coverage_chart, scale_chart
from pdd_audit.ui.own_list import both_scores
from pdd_audit.ui.parts import card, heading, link, two_sided
from pdd_audit.ui.phrases import (
    enough_to_score,
    hours_text,
    lateness_sentence,
    metric_name,
    metric_text,
    quoted_claim,
    score_text,
    tell,
)
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.round_line import round_line
from pdd_audit.ui.rows import finding_link
from pdd_audit.ui.trust import trust_line
from pdd_audit.ui.uploading import uploader, watched

KINDS = {"pdd_orders": "receipt_long", "courier_pickups": "local_shipping", "pdd_service": "support_agent"}
MOST = 3
FIRST_FIGURES = ("ship_hours_p50", "courier_share_max", "reply_3min_ratio")  # what may be known without a pickup sheet
WORTH_NAMING = 0.5  # parcels a month; less would be printed as 0

here = session.current()
words = here.words


def way_in() -> None:
    """Promise, privacy, two buttons, three files."""
    st.space("small")
    st.markdown(f"# {words('home.promise')}", anchors=False)
    st.markdown(words("home.privacy"))
    with st.container(horizontal=True):
        demo = may_found(here.ws) and st.button(words("home.open_demo"), type="primary", key="open_demo", icon=":material/play_arrow:")
        if demo:
            bar = st.progress(0.0, text=words("home.demo_building"))
            shop = watched(lambda tell: open_demo_shop(here.ws, tell), bar, here)
            session.choose_shop(shop.id)
            st.rerun()
        if st.button(words("home.start_checklist"), key="start_checklist", icon=":material/checklist:"):
            if here.shop is None:
                session.choose_shop(create_shop(here.ws, words("app.shop.first")).id)
            st.session_state["scope"] = "quick"
            session.go("checklist")
    st.space("small")
    st.markdown(f"### {words('home.own_files')}", anchors=False)
    for column, (kind, icon) in zip(st.columns(3, gap="medium"), KINDS.items(), strict=True):
        with column, card(stretch=True):
            with st.container(gap="xsmall"):
                st.markdown(f"**:material/{icon}: {words(f'data.kinds.{kind}.name')}** :gray-badge[{words(f'data.kinds.{kind}.need')}]")
                st.caption(words(f"data.kinds.{kind}.where"))
                st.markdown(words("home.gives", what=words(f"data.kinds.{kind}.gives")))
    uploader(here, words("data.drop"))


def score_card(result: AuditResult) -> None:
    score = result.score
    label = words("home.score_quick") if score.scope == "quick" else words("home.score")
    with st.container(gap="xxsmall"):
        st.metric(label, score_text(score) if score.value is not None else DASH, help=words("home.score_help"))
        scale_chart(score, words, "scale", with_value=enough_to_score(score))
    still_open = sum(max(0, practice.questions - practice.answered) for practice in result.practices.values())
    with st.container(gap="xsmall"):
        st.markdown(grade_sentence(result, still_open))
        both_scores(here, result)
        if (
            enough_to_score(score)
            and score.data_low is not None
            and score.data_high is not None
            and points(score.data_low, 1) != points(score.data_high, 1)
        ):
            st.caption(words("home.data_range", range=number_range(score.data_low, score.data_high, 1)))
        if score.capped_by and score.uncapped is not None:
            names = [md_escape(here.checklists.question(id).title.fail.in_language(here.lang)) for id in score.capped_by]
            why = words("app.comma").join(names)
            st.markdown(words("home.capped", before=points(score.uncapped, 1), after=points(score.value, 1), why=why))
    if still_open and link(words("home.answer_open", n=still_open), "checklist", "answer_open"):
        session.go("checklist")
    if not still_open and link(words("home.why"), "balance", "why"):
        session.go("results")
    with st.container(gap="xxsmall"):
        st.markdown(f"#### {words('home.rests_on')}", anchors=False)
        rest = coverage_chart(score.coverage, words, "coverage")
        if rest:
            st.caption(rest)
        if audit is not None:
            trust_line(here, audit)


def grade_sentence(result: AuditResult, still_open: int) -> str:
    score = result.score
    span = number_range(score.low, score.high)
    if score.value is None:
        return words("home.no_score")
    if score.grade is None:
        if enough_to_score(score):
            return words("home.blocker_open", range=span)
        return words("home.not_enough", share=percent(score.answered_share, 0), range=span)
    shown = words("grades.shown.plain", grade=f"**{score.grade}**")
    if score.grade_low and score.grade_high and score.grade_low != score.grade_high:
        shown = words("grades.shown.ranged", grade=f"**{score.grade}**", low=score.grade_low, high=score.grade_high)
    if still_open:
        return words("home.graded_open", grade=shown, n=still_open, range=span)
    return words("home.graded", grade=shown)


def practices_card(result: AuditResult) -> None:
    beliefs = [
        belief(practice.practice.short_title.in_language(here.lang), result.practices[practice.practice.id])
        for practice in here.checklists.practices
        if practice.practice.id in result.practices
    ]
    if all(practice.claimed is None for practice in result.practices.values()):
        with st.container(gap="small"):
            heading(words("home.unanswered"), words("home.unanswered_caption"))
            if st.button(words("app.go.checklist"), type="primary", key="go_answer", icon=":material/checklist:"):
                session.go("checklist")
        audit_says(result)
        return
    worst = widest_gap(beliefs)
    if worst is not None:
        title = words("home.gap", practice=worst.name, said=points(worst.said, 1), checked=points(worst.checked, 1))
    else:
        title = words("home.no_gap" if any(b.checked is not None for b in beliefs) else "home.unchecked", points=OVERRATED)
    heading(title, words("home.gap_caption"))
    beliefs_chart(beliefs, words, "beliefs")


def audit_says(result: AuditResult) -> None:
    """What the data say by themselves, before anybody has answered."""
    sentence = lateness_sentence(result, hours_text(audit.tables.limit_minutes) if audit else "", words)
    found = [(id, result.metrics[id]) for id in FIRST_FIGURES if id in result.metrics and result.metrics[id].value is not None]
    with st.container(gap="small"):
        if sentence is not None:
            st.markdown(f"### {md_escape(sentence)}", anchors=False)
        elif found:
            st.markdown(f"### {words('home.so_far')}", anchors=False)
            for id, metric in found:
                value, spread = metric_text(words, metric)
                two_sided(metric_name(words, id), f"**{value}**", words("home.of", n=count(metric.n)), spread)
        if (sentence is not None or found) and link(words("home.see_metrics"), "monitoring", "see_metrics"):
            session.go("pickup")


def open_question(id: str) -> None:
    """A question opens where it is asked; one that data alone answer opens where its points are explained."""
    if here.checklists.question(id).kind == "metric":
        st.session_state["result_practice"] = id.split(".")[0]
        session.go("results")
    st.session_state["question"] = id
    session.go("checklist")


def files_wanted() -> None:
    """Nothing could be held against data: the files that would change it, or else the questions."""
    missing = [kind for kind in KINDS if kind not in {report.kind for report in cache.imports(here)}]
    if not missing:
        heading(words("home.nothing_checked"), words("home.nothing_answered_caption"))
        return
    heading(words("home.nothing_checked"), words("home.nothing_checked_caption"))
    for kind in missing:
        with st.container(gap="xxsmall"):
            st.markdown(f"**:material/{KINDS[kind]}: {words(f'data.kinds.{kind}.name')}** :gray-badge[{words(f'data.kinds.{kind}.need')}]")
            st.markdown(words("home.gives", what=words(f"data.kinds.{kind}.gives")))
            st.caption(words(f"data.kinds.{kind}.where"))
    if link(words("app.go.data"), "folder_open", "go_data"):
        session.go("data")


def contradictions_card(result: AuditResult) -> None:
    lost = {item.id: item.lost for practice in result.practices.values() for item in practice.items}
    found = sorted((f for f in result.findings if f.verdict == "contradicted"), key=lambda f: -lost.get(f.question, 0))
    confirmed = [f for f in result.findings if f.verdict == "confirmed"]
    if not found:
        if confirmed:
            heading(words("home.no_contradiction"), words("home.confirmed", n=len(confirmed)))
        else:
            files_wanted()
        return
    heading(words("home.contradictions", n=len(found)) if len(found) > 1 else words("home.contradiction"))
    for finding in found[:MOST]:
        told = tell(here.checklists, finding, result.metrics[finding.metric].unit, words)
        with st.container(gap="xsmall"):
            explained = words("app.semicolon").join(part for part in (told.sentence, told.limit) if part)
            two_sided(
                f"**{quoted_claim(here.checklists, finding, words)}**", f":red[**{told.number}**]", md_escape(explained), told.range
            )
            finding_link(here, finding, f"rows_{finding.question}")


def steps_card(result: AuditResult) -> None:
    steps = result.plan[:MOST]
    if not steps:
        if cache.answers(here):
            heading(words("home.no_steps"), words("home.no_steps_caption"))
            return
        heading(words("home.no_steps_yet"))
        if link(words("app.go.checklist"), "checklist", "go_steps"):
            session.go("checklist")
        return
    with_money = [step for step in steps if step.yuan is not None]
    if with_money:
        heading(words("home.steps_yuan", n=len(steps), yuan=yuan(sum(step.yuan or 0 for step in with_money))))
    else:
        heading(words("home.steps", n=len(steps)))
    taught = learnt(here.ws, here.shop.id).questions if here.shop is not None else {}
    for place, step in enumerate(steps):
        facts = [words("home.fewer", n=decimal_text(step.orders))] if step.orders and step.orders >= WORTH_NAMING else []
        hours_at = len(facts)
        facts += [words("home.hours", n=decimal_text(step.hours, 0 if step.hours == round(step.hours) else 1))]
        gained = [words("home.points", n=decimal_text(step.points, 1))] if enough_to_score(result.score) else []
        if step.question in taught:
            facts.append(words("home.incidents", n=count(taught[step.question].incidents)))
        with st.container(gap="xsmall"):
            if step.yuan is not None:
                facts += gained
                two_sided(
                    f"**{md_escape(step.action)}**",
                    f"**{yuan(step.yuan)}**",
                    words("app.dot").join(facts),
                    yuan_range(step.yuan_low, step.yuan_high),
                )
            else:
                worth = gained or [facts.pop(hours_at)]
                two_sided(f"**{md_escape(step.action)}**", f"**{worth[0]}**", words("app.dot").join(facts))
            with st.container(horizontal=True, gap="small"):
                if link(words("home.see_question"), "checklist", f"step_{place}"):
                    open_question(step.question)
                action_link(here, step, f"act_{place}")
    if len(with_money) > 1:
        st.caption(words("home.union"))


audit = cache.audit(here)
if audit is None or not (cache.imports(here) or cache.answers(here)):
    way_in()
else:
    round_line(here)
    left, right = st.columns([2, 3], gap="medium")
    with left, card(stretch=True, tight=True):
        score_card(audit.result)
    with right, card(stretch=True):
        practices_card(audit.result)
    left, right = st.columns(2, gap="medium")
    with left, card(stretch=True):
        contradictions_card(audit.result)
    with right, card(stretch=bool(audit.result.plan)):
        steps_card(audit.result)
    st.caption(words("app.ours"))
