"""Report: choose the language, see what is in it, take the file."""

import streamlit as st

from pdd_audit.core.result import AuditResult
from pdd_audit.reports.html import render_report
from pdd_audit.texts import LANGS
from pdd_audit.texts.numbers import DASH, full_moment, number_range
from pdd_audit.ui import cache, session
from pdd_audit.ui.downloads import offer
from pdd_audit.ui.parts import card, heading, nothing_yet
from pdd_audit.ui.phrases import score_text

here = session.current()
words = here.words


def facts(result: AuditResult) -> list[str]:
    score = result.score
    grade = words("grades.shown.plain", grade=score.grade) if score.grade else words("grades.none.name")
    contradicted = sum(finding.verdict == "contradicted" for finding in result.findings)
    return [
        words("app.report.score", score=score_text(score), range=number_range(score.low, score.high) or DASH, grade=grade),
        words("app.report.as_of", moment=full_moment(result.as_of)),
        words("app.report.contradictions", n=contradicted),
        words("app.report.steps", n=len(result.plan)),
        words("app.report.metrics", n=sum(metric.value is not None for metric in result.metrics.values())),
        words("app.report.no_personal"),
    ]


def draw(result: AuditResult) -> None:
    with st.container(gap="xsmall"):
        st.markdown(f"# {words('app.report.title')}", anchors=False)
        st.caption(words("app.report.caption"))
    with card():
        heading(words("app.report.facts"))
        st.markdown("\n".join(f"- {fact}" for fact in facts(result)))
        labels = {"zh": "中文", "en": "English"}
        lang = st.segmented_control(
            words("app.report.language"), LANGS, default=here.lang, required=True, key="report_language", format_func=labels.__getitem__
        )
        offer(
            words("app.report.download"),
            lambda: render_report(result, here.checklists, lang or here.lang).encode("utf-8"),
            f"{words('app.report.file')}_{result.shop}",
            "html",
            "text/html",
            key="download_report",
            primary=True,
        )


audit = cache.audit(here)
if audit is None or not (cache.imports(here) or cache.answers(here)):
    nothing_yet(here, words("app.report.empty"), page="checklist")
else:
    draw(audit.result)
