"""The report as a PDF on A4: the facts of ``page_one`` and ``appendix``, placed by ``templates/report.typ``."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from markupsafe import Markup

from pdd_audit.core.questions import Checklists
from pdd_audit.core.result import AuditResult
from pdd_audit.reports import svg
from pdd_audit.reports.appendix import Appendix
from pdd_audit.reports.html import printable
from pdd_audit.reports.names import cut
from pdd_audit.reports.page_one import PageOne, fingerprint, grouped
from pdd_audit.reports.review import Decided, Review
from pdd_audit.reports.typeset import FONT, typeset
from pdd_audit.texts import Lang, all_texts
from pdd_audit.texts.numbers import full_moment

TEMPLATE = "report"
SHOP_ON_PAGE_ONE, SHOP_IN_MARGIN = 80, 36  # characters of a shop's name; page one is one page whatever it is called
# Widths in pixels of 0.75 pt: the same letters as in the web page.
SCALE, FULL, PRACTICE, WAY = 430, 672, 300, 200


def render_pdf(
    result: AuditResult, checklists: Checklists, lang: Lang, *, generated_at: datetime | None = None, review: Review | None = None,
) -> bytes:
    """The whole report; equal inputs give equal bytes. ``review``: the one it was signed in, whose names stand under it; without one
    there is room for two by hand. Raises AuditError report_too_large or report_failed."""
    page = PageOne(result, checklists, lang)
    told = None if review is None else _review(review)
    values = {**_frame(page, generated_at), **_front(page), "review": told, "appendix": _appendix(Appendix(page))}
    return typeset(TEMPLATE, values, made_at=generated_at or result.as_of)


def render_signed(result: AuditResult, checklists: Checklists, review: Review) -> bytes:
    """The report of a signed review, made at its last signature: the same bytes whenever it is asked for. Raises as ``render_pdf``."""
    return render_pdf(result, checklists, review.lang, generated_at=review.made_at, review=review)


def _review(review: Review) -> dict[str, Any]:
    def decided(rows: list[Decided]) -> list[dict[str, str]]:
        return [{"what": row.what, "owner": row.owner, "day": row.day, "why": row.why, "by": row.by} for row in rows]

    first = review.first_decisions()
    return {
        "title": review.title(), "facts": review.facts(), "first": decided(first), "decisions": decided(review.decisions()),
        "decisions_title": review.decisions_title(), "more": [review.more_decisions(shown) for shown in range(len(first) + 1)],
        "talked": [asdict(row) for row in review.talked()], "log_line": review.log_line(),
        "signed": [asdict(row) | {"hash": grouped(row.hash, 16)} for row in review.signed()],
    }


def _frame(page: PageOne, generated_at: datetime | None) -> dict[str, Any]:
    result, words = page.result, page.words
    shop = printable(result.shop)
    day = result.as_of or generated_at
    short = cut(shop, SHOP_IN_MARGIN)
    foot = words("report.foot", shop=short, day=f"{day:%Y-%m-%d}") if day else words("report.foot_undated", shop=short)
    return {
        "lang": page.lang,
        "words": {key: text[page.lang] for key, text in all_texts().items() if key.startswith("report.")},
        "title": words("report.title", shop=shop),
        "shop": cut(shop, SHOP_ON_PAGE_ONE),
        "short_shop": short,
        "foot": foot,
        "fingerprint": fingerprint(result),
        "made": words("report.sign.made", at=full_moment(generated_at)) if generated_at else "",
        "ours": words("grades.shown.ours"),
        "paging": [words("report.paging.before"), words("report.paging.between"), words("report.paging.after")],
        "source": page.source_line(),
        "profile": page.profile_line(),
        "invented": result.invented,
    }


def _front(page: PageOne) -> dict[str, Any]:
    scored = page.has_score()
    return {
        "headline": page.headline_clauses(),
        "na_note": page.na_note(),
        "score": _score(page) if scored else None,
        "evidence": [asdict(part) for part in page.evidence()] if scored else [],
        "evidence_bar": _picture(page.evidence_bar(), FULL) if scored else None,
        "practices": [asdict(row) | {"bar": _picture(row.bar, PRACTICE)} for row in page.practice_rows()] if scored else [],
        "against": [asdict(row) for row in page.contradictions()],
        "against_title": page.contradictions_title(),
        "against_more": page.more_contradictions(),
        "against_none": page.no_contradictions(),
        "steps": [asdict(step) for step in page.steps()],
        "steps_title": page.steps_title(),
        "steps_note": page.steps_note(),
        "steps_none": page.no_steps(),
    }


def _score(page: PageOne) -> dict[str, Any]:
    result, words = page.result, page.words
    cap = page.cap_lines()
    told = [*cap[1:], page.own_list_line(), page.waived_line()]
    told += [words("report.score.quick")] if result.score.scope == "quick" else []
    told += [words("grades.none.means")] if result.score.grade is None else []
    return {
        "number": page.big_number(),
        "is_range": result.score.grade is None,
        "lines": page.score_lines(),
        "scale": _picture(page.scale(), SCALE),
        "cap": cap[0] if cap else "",
        "told": [line for line in told if line],
    }


def _appendix(appendix: Appendix) -> dict[str, Any]:
    page, result = appendix.page, appendix.result
    ways = appendix.ways()
    return {
        "practices": [asdict(block) for block in appendix.practices()],
        "against": [asdict(row) for row in page.every_contradiction()],
        "steps": [asdict(step) for step in appendix.steps()],
        "steps_more": appendix.more_steps(),
        "waivers": [asdict(row) for row in appendix.waivers()],
        "metrics": [asdict(row) for row in appendix.metrics()],
        "ways": [asdict(row) | {"drawing": _picture(row.drawing, WAY)} for row in ways],
        "ways_caption": appendix.ways_caption() if ways else "",
        "waves": appendix.missed_waves(),
        "waves_none": appendix.no_waves(),
        "parcels": appendix.parcels(),
        "parcels_caption": _counted_at(page),
        "excluded": appendix.excluded(),
        "files": [asdict(row) | {"sha256": grouped(file.sha256, 16)} for row, file in zip(appendix.files(), result.inputs, strict=True)],
        "warnings": [{"file": file or "", "text": text} for file, text in appendix.warnings()],
        "method": appendix.method(),
    }


def _counted_at(page: PageOne) -> str:
    result = page.result
    if result.as_of is None or result.cut is None:
        return ""
    return page.words("report.parcels.caption", as_of=full_moment(result.as_of), cut=full_moment(result.cut))


def _picture(drawing: Markup, width: int) -> Mapping[str, object]:
    return asdict(svg.standing_alone(drawing, width, FONT))
