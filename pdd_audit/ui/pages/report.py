"""Report: choose the language, see what is in it, take the file. PDF and Excel are made when they are asked for, once for a result."""

import hashlib
from collections.abc import Callable

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.core.result import AuditResult
from pdd_audit.reports.html import render_report
from pdd_audit.services.access import require
from pdd_audit.services.figure_rows import MOST_ROWS, figure_rows
from pdd_audit.texts import LANGS, Lang, Words, error_text
from pdd_audit.texts.numbers import DASH, count, full_moment, number_range
from pdd_audit.ui import cache, session
from pdd_audit.ui.downloads import offer
from pdd_audit.ui.parts import card, heading, nothing_yet
from pdd_audit.ui.phrases import score_text
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.row_files import may_take_rows

here = session.current()
words = here.words
MADE = "reports_made"  # names of the files this session has asked for
MIME = {"pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


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
        chosen = lang or here.lang
        with st.container(horizontal=True):
            offer(
                words("app.report.download"),
                lambda: render_report(result, here.checklists, chosen).encode("utf-8"),
                f"{words('app.report.file')}_{result.shop}",
                "html",
                "text/html",
                key="download_report",
                primary=True,
            )
            for form in MIME:
                made_on_demand(result, form, chosen)
        st.caption(words("app.report.forms", n=count(MOST_ROWS)) if may_take_rows(here) else words("app.rows.not_to_take"))


def made_on_demand(result: AuditResult, form: str, lang: Lang) -> None:
    """A button that makes the file; once it is made, one that takes it."""
    digest = hashlib.sha256(result.model_dump_json().encode("utf-8")).hexdigest()
    rows = form == "xlsx" and may_take_rows(here)  # a workbook of one who may take rows away is not that of one who may not
    digest = f"{digest} with rows" if rows else digest
    name = f"{form} {lang} {digest}"
    made: list[str] = st.session_state.get(MADE, [])
    place = st.empty()
    if name not in made and place.button(words(f"app.report.{form}.make"), key=f"make_{form}", icon=":material/draft:"):
        bar = place.progress(0.0, text=words("app.report.working"))
        try:
            data = content(result, form, lang, bar.progress)  # what is drawn inside a kept function is drawn again for whoever takes it
            cache.report_file(here, form, lang, digest, lambda: data)
        except AuditError as error:
            title, body = error_text(error, here.lang)
            place.error(md_escape(body), title=md_escape(title))
            return
        made = [*made, name]
        st.session_state[MADE] = made

    def taken() -> bytes:
        if rows and here.shop is not None:
            require(here.ws, here.shop.id, Right.EXPORT_ROWS)  # it may have been lost since the page was drawn
        return cache.report_file(here, form, lang, digest, lambda: content(result, form, lang))

    if name in made:
        with place.container():
            offer(
                words(f"app.report.{form}.take"),
                taken,
                f"{words('app.report.file')}_{result.shop}",
                form,
                MIME[form],
                key=f"download_{form}",
            )


def content(result: AuditResult, form: str, lang: Lang, tell: Callable[[float], object] | None = None) -> bytes:
    """The bytes of one form. Raises AuditError."""
    if form == "pdf":
        from pdd_audit.reports.pdf import render_pdf

        return render_pdf(result, here.checklists, lang)
    from pdd_audit.reports.xlsx import render_xlsx

    assert here.shop is not None, "a report is about a shop"
    rows = figure_rows(here.ws, here.shop.id, result, Words(lang), tell) if may_take_rows(here) else []
    return render_xlsx(result, here.checklists, lang, rows)


audit = cache.audit(here)
if audit is None or not (cache.imports(here) or cache.answers(here)):
    nothing_yet(here, words("app.report.empty"), page="checklist")
else:
    draw(audit.result)
