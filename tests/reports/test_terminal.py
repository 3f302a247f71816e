"""The result as text for a terminal."""

import pytest

from pdd_audit.reports.columns import in_lines, width
from pdd_audit.reports.terminal import COLUMNS, render_text
from pdd_audit.texts import LANGS, Words
from tests.reports import sample


@pytest.mark.parametrize("lang", LANGS)
def test_no_line_is_wider_than_a_terminal_and_nothing_in_it_moves_the_cursor(lang):
    result = sample.a_result(plan=sample.some_steps(), shop="拾光\x1b[31m家居\u2060店" + "一二三" * 20)
    text = render_text(result, sample.some_checklists(), lang)
    assert max(width(line) for line in text.split("\n")) <= COLUMNS
    assert "拾光?[31m家居店一二三" in text and "\u2060" not in text and "\x1b" not in text
    first = result.plan[0].action
    assert "".join(first.split()) in "".join(text.split()), "broken over lines, not cut"


@pytest.mark.parametrize("lang", LANGS)
def test_the_demo_shop_says_that_it_is_invented(lang):
    result, words = sample.a_result(), Words(lang)
    told = " ".join(words("report.invented").split())
    for invented in (True, False):
        text = render_text(result.model_copy(update={"invented": invented}), sample.some_checklists(), lang)
        assert (told in " ".join(text.replace("\n", " ").split())) == invented


def test_lines_break_between_words_and_between_chinese_signs_but_not_before_punctuation():
    assert in_lines("  1. upload nothing after it", 16, 5) == "  1. upload\n     nothing\n     after it"
    assert in_lines("按末班车定时间，贴好", 14, 2) == "按末班车定时\n  间，贴好"
    assert in_lines("看「这一家」", 4, 0) == "看\n「这\n一\n家」"
