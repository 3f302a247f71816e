"""The PDF: it says what the web page says, in both languages, on one front page, whatever the shop and its files are called."""

import io
from datetime import datetime

import pytest
from pypdf import PdfReader

from pdd_audit.core.rounds import RoundWord, Signature
from pdd_audit.reports.html import render_report
from pdd_audit.reports.pdf import render_pdf
from pdd_audit.reports.typeset import fit
from pdd_audit.texts import Lang, Words
from pdd_audit.texts.numbers import full_moment
from tests.reports import sample
from tests.reports.test_html import Page

MADE = datetime(2026, 10, 28, 18, 12)
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


SIGNED = [
    RoundWord(round="1", kind="signed", by=name, at=MADE, signature=Signature(role=role, fingerprint="0" * 64, audit="1" * 64))
    for role, name in (("reviewer", WORST_NAME[:60]), ("owner", "长" * 60))
]


def pages_of(result, lang, signatures=()):
    pdf = render_pdf(result, sample.some_checklists(), lang, generated_at=MADE, signatures=signatures)
    return pdf, [plain(page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


@pytest.mark.parametrize(("make", "lang"), [(sample.a_result, "zh"), (sample.a_result, "en"), (sample.an_empty_result, "en"), (sample.a_capped_result, "zh")])
def test_the_pdf_says_everything_that_the_web_page_says(make, lang):
    result = make(fingerprint="0123456789abcdef" * 4)
    _, pages = pages_of(result, lang)
    said = {plain(fit(part)) for text in Pieces(render_report(result, sample.some_checklists(), lang, generated_at=MADE)).pieces for part in text.split("·")}
    only_on_screen = {plain(Words(lang)(key)) for key in ("report.print_hint", "report.practices.bar")}
    assert [text for text in said - only_on_screen if text not in "".join(pages)] == []
    assert len(said) > 30


def test_the_front_page_is_one_page_whatever_the_shop_is_called():
    lang: Lang = "en"
    steps = [step.model_copy(update={"action": "很长的行动 a long step " * 12}) for step in sample.some_steps()]
    result = sample.a_hostile_result(shop=WORST_NAME, plan=steps)
    pdf, pages = pages_of(result, lang, SIGNED)
    words = Words(lang)
    assert plain(words("report.appendix.intro")) in pages[1]
    assert "长" * 60 in pages[0] and f"Owner·signed{plain(full_moment(MADE))}" in pages[0] and plain(words("report.sign.reviewer")) not in pages[0]
    assert "41" in pages[0] and "=1+1#import\"x\":*@x$a$" in pages[0]
    assert plain(words("report.paging.before") + "1" + words("report.paging.between") + str(len(pages))) in pages[0]
    assert render_pdf(result, sample.some_checklists(), lang, generated_at=MADE, signatures=SIGNED) == pdf
    assert "=HYPERLINK" in "".join(pages) and "<script>alert" in "".join(pages)

