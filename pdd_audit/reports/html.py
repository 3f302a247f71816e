"""The report as one self-contained HTML file: page one for the boss, then the appendix. Nothing in it runs, nothing in it is fetched."""

import unicodedata
from datetime import datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from pdd_audit.core.questions import Checklists
from pdd_audit.core.result import AuditResult
from pdd_audit.reports import svg
from pdd_audit.reports.appendix import Appendix
from pdd_audit.reports.names import cut
from pdd_audit.reports.page_one import PageOne, fingerprint, grouped
from pdd_audit.reports.review import Review
from pdd_audit.texts import Lang
from pdd_audit.texts.numbers import full_moment

HTML_LANG = {"zh": "zh-CN", "en": "en"}
DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
FOOTER_NAME = 36  # characters of a shop's name that fit the foot of a page


def render_report(
    result: AuditResult, checklists: Checklists, lang: Lang, *, generated_at: datetime | None = None, review: Review | None = None
) -> str:
    """The whole report as HTML text in UTF-8. Equal inputs give equal text; ``generated_at`` is printed if given. ``review``: the one it
    was signed in; without one there is room for two names by hand."""
    page = PageOne(result, checklists, lang)
    shop = printable(result.shop)
    short = cut(shop, FOOTER_NAME)
    day = result.as_of or generated_at
    foot = page.words("report.foot", shop=short, day=f"{day:%Y-%m-%d}") if day else page.words("report.foot_undated", shop=short)
    return _environment().get_template("report.html.j2").render(
        page=page, appendix=Appendix(page), result=result, w=page.words, html_lang=HTML_LANG[lang], lang=lang, shop=shop,
        foot=foot, foot_css=css_string(foot), fingerprint=fingerprint(result),
        made=full_moment(generated_at) if generated_at else "", review=review,
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pdd_audit.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals |= {"mark": svg.mark, "grouped": grouped}
    environment.filters["printable"] = printable
    return environment


def printable(text: str) -> str:
    """Foreign text without control and direction characters, which could reorder or hide what stands beside it."""
    return "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cs", "Co") and char not in DIRECTION_MARKS)


def css_string(text: str) -> str:
    """A CSS string that ends where it should: everything but plain letters, digits and CJK goes in as a code point."""
    safe = "".join(c if c.isalnum() or c in " ·，。-" else f"\\{ord(c):x} " for c in printable(text))
    return f'"{safe}"'
