"""The PDF: it says what the web page says, in both languages, on one front page, whatever the shop and its files are called."""

import io
from datetime import date

import pytest
from pypdf import PdfReader

from pdd_audit.reports.html import render_report
from pdd_audit.reports.pdf import render_pdf
from pdd_audit.reports.review import ON_PAGE_ONE, Review
from pdd_audit.reports.typeset import fit
from pdd_audit.texts import Lang, Words
from pdd_audit.texts.numbers import full_moment
from tests.reports import sample
from tests.reports.sample import MADE
from tests.reports.test_html import Page

WORST_NAME = "=1+1 #import \"x\": * @x $a$ 😀 مرحبا \u202e" + "长" * 200


class Pieces(Page):
    """The texts between the tags, one by one."""

    def __init__(self, html: str) -> None:
        self.pieces: list[str] = []
        super().__init__(html)

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.pieces.append(data)


def plain(text: str) -> str:
    """Without what only breaks lines: blanks, hyphens at ends of lines and the invisible marks."""
    return "".join(char for char in text if not char.isspace() and char not in "\u200b\u2060")


WORST_ROUND = sample.a_round(
    "评" * 100, [WORST_NAME[:60], "长" * 60, "小王"], [(f"{at} " + "很长的决定\n a long decision " * 50, "长" * 60, date(2026, 12, 31 - at), None) for at in range(9)],
    [("reviewer", WORST_NAME[:60]), ("owner", "长" * 60)],
)


def a_review(lang, one=None):
    return Review(one or sample.a_round(), sample.some_checklists(), lang)


def pages_of(result, lang, review=None):
    pdf = render_pdf(result, sample.some_checklists(), lang, generated_at=MADE, review=review)
    return pdf, [plain(page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


@pytest.mark.parametrize(("make", "lang", "signed"), [
    (sample.a_result, "zh", True), (sample.a_result, "en", True), (sample.an_empty_result, "en", False), (sample.a_capped_result, "zh", False),
])
def test_the_pdf_says_everything_that_the_web_page_says(make, lang, signed):
    result, review = make(fingerprint="0123456789abcdef" * 4), a_review(lang) if signed else None
    _, pages = pages_of(result, lang, review)
    html = render_report(result, sample.some_checklists(), lang, generated_at=MADE, review=review)
    said = {plain(fit(part)) for text in Pieces(html).pieces for part in text.split("·")}
    only_on_screen = {plain(Words(lang)(key)) for key in ("report.print_hint", "report.practices.bar")}
    assert [text for text in said - only_on_screen if text not in "".join(pages)] == []
    assert len(said) > 30


def test_the_front_page_is_one_page_whatever_the_shop_is_called():
    lang: Lang = "en"
    steps = [step.model_copy(update={"action": "很长的行动 a long step " * 12}) for step in sample.some_steps()]
    result = sample.a_hostile_result(shop=WORST_NAME, plan=steps)
    review = a_review(lang, WORST_ROUND)
    pdf, pages = pages_of(result, lang, review)
    words = Words(lang)
    assert plain(words("report.appendix.intro")) in pages[1]
    assert "长" * 60 in pages[0] and f"Owner·signed{plain(full_moment(MADE))}" in pages[0] and plain(words("report.sign.reviewer")) not in pages[0]
    assert "41" in pages[0] and "=1+1#import\"x\":*@x$a$" in pages[0]
    assert plain(words("report.paging.before") + "1" + words("report.paging.between") + str(len(pages))) in pages[0]
    more = [plain(review.more_decisions(shown)) for shown in range(ON_PAGE_ONE + 1)]
    assert "评" * 100 in pages[0] and any(line in pages[0] for line in more) and f"{8 - ON_PAGE_ONE}很长的决定" not in pages[0]
    assert plain(review.log_line()) in pages[0]
    assert render_pdf(result, sample.some_checklists(), lang, generated_at=MADE, review=review) == pdf
    assert "=HYPERLINK" in "".join(pages) and "<script>alert" in "".join(pages)

