"""The workbook, read back: numbers are the result's numbers, texts stay texts, nothing is computed, sheets are bounded and say so."""

import io
import re
import zipfile
from datetime import date, datetime

import pytest
from python_calamine import CalamineWorkbook

from pdd_audit.core.figure_rows import FigureRows
from pdd_audit.reports.review import Review
from pdd_audit.reports.workbook import lines_of
from pdd_audit.reports.xlsx import render_xlsx
from pdd_audit.texts import LANGS, Words
from tests.reports import sample

MADE = datetime(2026, 10, 28, 18, 12)
NASTY = ["=1+1", "#import", "@x", "+cmd|' /C calc'!A0", "-2+3", "＝1", "http://evil.example/", "😀", "مرحبا", "a\ud800b\x00c", "注" * 40_000]
LATE = FigureRows("late", ["单号", "快递", "上传", "行"], [["7661", text, datetime(2026, 10, 9, 17, 30), None] for text in NASTY], True)


def sheets_of(content):
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def made(lang="zh", rows=(LATE,), **changes):
    return render_xlsx(sample.a_result(**changes), sample.some_checklists(), lang, rows, generated_at=MADE)


@pytest.mark.parametrize("lang", LANGS)
def test_the_numbers_are_those_of_the_result(lang):
    result, words = sample.a_result(), Words(lang)
    sheets = sheets_of(made(lang))
    names = ["summary", "answers", "metrics", "against", "plan", "method"]
    assert [words(f"report.xlsx.sheet.{name}") for name in names] == [name for name in sheets if name != words("app.rows.title.late")[:31]]
    summary, metrics = (sheets[words(f"report.xlsx.sheet.{name}")] for name in ("summary", "metrics"))
    assert next(row[1] for row in summary if row[0] == words("report.xlsx.score")) == pytest.approx(result.score.value)
    read = {row[10]: row for row in metrics if row[10] in result.metrics}
    for key, metric in result.metrics.items():
        shown = [None if cell == "" else cell for cell in read[key][1:6]]
        assert shown == pytest.approx([metric.value, metric.low, metric.high, metric.n or None, metric.target])
    plan = sheets[words("report.xlsx.sheet.plan")]
    assert [row[6] for row in plan[1 : 1 + len(result.plan)]] == [step.yuan for step in result.plan]
    answers = sheets[words("report.xlsx.sheet.answers")]
    lost = {row[12]: row[10] for row in answers[1:]}
    assert {item.id for practice in result.practices.values() for item in practice.items} == set(lost)
    assert sum(number for number in lost.values() if number != "") == pytest.approx(
        sum(item.lost for practice in result.practices.values() for item in practice.items)
    )


def test_texts_stay_texts_and_nothing_is_computed_or_linked_outside():
    content = made(shop="=HYPERLINK(\"http://evil.example\")")
    parts = {name: zipfile.ZipFile(io.BytesIO(content)).read(name).decode("utf-8", "replace") for name in zipfile.ZipFile(io.BytesIO(content)).namelist()}
    pages = [text for name, text in parts.items() if name.startswith("xl/worksheets/sheet")]
    assert len(pages) == 7 and not any(re.search(r"<f[ >]", page) for page in pages)
    assert not any('TargetMode="External"' in text for text in parts.values())
    assert sum(name.startswith("xl/charts/chart") for name in parts) == 4
    assert 'quotePrefix="1"' in parts["xl/styles.xml"]
    behind = sheets_of(content)[Words("zh")("app.rows.title.late")]
    assert behind[2][0] == Words("zh")("report.xlsx.bounded", n=len(NASTY))
    assert [row[1] for row in behind[4:-1]] == [*NASTY[:-2], "abc"] and behind[-1][1] == "注" * 32_766 + "…"
    assert behind[4][2] == datetime(2026, 10, 9, 17, 30)


def test_a_shop_with_nothing_has_its_sheets_too_and_equal_results_give_equal_bytes():
    empty = render_xlsx(sample.an_empty_result(), sample.some_checklists(), "en", generated_at=MADE)
    assert empty == render_xlsx(sample.an_empty_result(), sample.some_checklists(), "en", generated_at=MADE)
    sheets = sheets_of(empty)
    assert sheets["Plan"][1][0] == Words("en")("report.steps.none_open") and len(sheets) == 6


@pytest.mark.parametrize("lang", LANGS)
def test_a_signed_review_has_a_sheet_that_tells_it_all(lang):
    review, words = Review(sample.a_round(title="=1+1"), sample.some_checklists(), lang), Words(lang)
    content = render_xlsx(sample.a_result(), sample.some_checklists(), lang, generated_at=review.made_at, review=review)
    rows = sheets_of(content)[words("report.xlsx.sheet.review")]
    cells = [cell for row in rows for cell in row]
    assert rows[0][0] == words("report.review.title", title="=1+1") and date(2026, 11, 5) in cells
    assert [row[0] for row in rows if row[1] in ("小王", "小李", "老板")] == ["每周一看超时件", "和网点签周五加班车", "写下夜班名单"], "the first to be done first"
    assert [row[4] for row in rows if row[3] == "123"] == ["abcdef0123456789" * 4] * 2
    divided = next(row for row in rows if row[4] == "courier_coordination.fixed_pickup_time")
    assert divided[1].startswith(review.names.level(divided[4], "partly")) and divided[5] == pytest.approx(2 / 3) and divided[6] == 1234.5
    assert "小李" in divided[2].splitlines()[1] and divided[3].splitlines()[1] == words("report.review.wrote", name="小王", text="改到 17:30")


LINES = [("", 10, 1), ("ten and on", 10, 1), ("ten and one", 10, 2), ("五个汉字十", 10, 1), ("六个汉字十二", 10, 2), ("a\nb", 9, 2)]


@pytest.mark.parametrize(("text", "width", "lines"), LINES)
def test_a_row_is_as_high_as_its_longest_cell(text, width, lines):
    assert lines_of(text, width) == lines
