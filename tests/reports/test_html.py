"""The HTML report: whole, safe, the same in both languages, and useful when parts are missing."""

import re
from collections.abc import Callable
from datetime import datetime
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from pdd_audit.core.result import AuditResult, PlanStep
from pdd_audit.reports.appendix import Appendix
from pdd_audit.reports.html import css_string, printable, render_report
from pdd_audit.reports.page_one import PageOne, fingerprint, whole_percents
from pdd_audit.reports.review import Review
from pdd_audit.reports.terminal import render_text
from pdd_audit.texts import LANGS, Lang, Words, all_texts
from pdd_audit.texts.numbers import points, signed
from pdd_audit.ui.charts.practices import belief
from tests.reports import sample

VOID = {"meta", "br", "link", "img", "input", "hr", "path"}
CASES: dict[str, Callable[[], AuditResult]] = {
    "full": sample.a_result,
    "answers only": sample.an_answers_only_result,
    "data only": sample.a_data_only_result,
    "empty": sample.an_empty_result,
    "capped": sample.a_capped_result,
    "hostile": sample.a_hostile_result,
}


class Page(HTMLParser):
    """What a browser would see: tags with attributes, the text outside <style>, the text inside it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.style = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            self.style += data
        else:
            self.text += data + " "


def render(result: AuditResult, lang: Lang = "zh") -> str:
    return render_report(result, sample.some_checklists(), lang, generated_at=datetime(2026, 10, 28, 18, 12))


def text_of(result: AuditResult, lang: Lang = "zh") -> str:
    return " ".join(Page(render(result, lang)).text.split())


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("case", CASES)
def test_every_tag_is_closed_and_the_language_is_named(case: str, lang: Lang) -> None:
    page = Page(render(CASES[case](), lang))
    assert page.open == []
    assert dict(page.tags)["html"]["lang"] == {"zh": "zh-CN", "en": "en"}[lang]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("case", CASES)
def test_nothing_runs_and_nothing_is_fetched(case: str, lang: Lang) -> None:
    page = Page(render(CASES[case](), lang))
    tags = [tag for tag, _ in page.tags]
    assert not {"script", "link", "img", "iframe", "object", "embed", "form", "base", "image", "use", "foreignobject"} & set(tags)
    for tag, attributes in page.tags:
        assert not [key for key in attributes if key.startswith("on") or key in ("src", "href", "xlink:href", "srcset", "action")], tag
    assert tags.count("style") == 1
    assert "url(" not in page.style
    assert "@import" not in page.style
    policy = [a["content"] for _, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]


@pytest.mark.parametrize("lang", LANGS)
def test_hostile_names_are_printed_as_text(lang: Lang) -> None:
    page = Page(render(sample.a_hostile_result(), lang))
    for name in sample.HOSTILE:
        assert printable(name) in page.text
    assert "<img src=x onerror=alert(1)>" in page.text
    assert "\u202e" not in page.text
    assert "display: none } =cmd" not in page.style


def test_a_css_string_cannot_be_left() -> None:
    assert css_string('a"; } </style>\\ 店') == '"a\\22 \\3b  \\7d  \\3c \\2f style\\3e \\5c  店"'


def test_every_text_of_the_report_exists_in_both_languages_and_is_used_somewhere() -> None:
    texts = {key: value for key, value in all_texts().items() if key.startswith("report.")}
    assert texts
    assert all(value["zh"] and value["en"] for value in texts.values())
    root = files("pdd_audit.reports")
    code = "".join(f.read_text("utf-8") for f in [*root.iterdir(), *(root / "templates").iterdir()] if f.name.endswith((".py", ".j2", ".typ")))
    families = ("report.number.", "report.rest.", "report.state.", "report.level.", "report.parcels.", "report.excluded.", "report.said.",
                "report.method.", "report.pack.", "report.figure.", "report.xlsx.")
    assert [key for key in texts if key not in code and not key.startswith(families)] == []


@pytest.mark.parametrize("name", ["full", "answers only", "data only", "capped"])
def test_both_languages_show_the_same_numbers(name: str) -> None:
    """Number cells and the marked figures agree one by one; only units differ."""

    def numbers(lang: Lang) -> list[str]:
        cells = re.findall(r'<(?:td|p) class="(?:num|figure|value)[^"]*"[^>]*>(.*?)</(?:td|p)>', render(CASES[name](), lang), re.DOTALL)
        return [" ".join(re.findall(r"[−+¥>]*\d[\d,.]*%?|—", re.sub(r"<[^>]*>", " ", cell))) for cell in cells]

    assert numbers("zh") == numbers("en")
    assert any(numbers("zh"))


def test_page_one_leads_with_the_finding_and_the_money() -> None:
    assert PageOne(sample.a_result(), sample.some_checklists(), "zh").headline() == "41 分：失分最多的是事后应对；改三件事，每月约省 ¥2,670"
    english = PageOne(sample.a_result(), sample.some_checklists(), "en").headline()
    assert english == "41 points, mostly held back by incident response; three changes save about ¥2,670 a month"


def test_without_money_the_headline_counts_late_parcels_and_no_yuan_is_printed() -> None:
    result = sample.a_result(plan=sample.without_yuan(sample.some_steps()))
    text = text_of(result)
    assert "15,957 件里 448 件超过 24 小时没揽收" in text
    assert "¥" not in text
    assert "没有金额数据" in text


def test_a_contradiction_is_told_with_numerator_denominator_limit_and_range() -> None:
    text = text_of(sample.a_result())
    assert "15,957 件里 448 件超过 24 小时没揽收；「全部」最多 2%；这题先按「大部分」计分" in text
    assert "2.6\u2060–\u20603.1%" in text
    english = text_of(sample.a_result(), "en")
    assert '448 of 15,957 parcels passed 24 h without pickup; "All" allows 2%; counts as "Most" for now' in english


def test_contradictions_keep_the_order_of_the_result_and_only_three_are_on_page_one() -> None:
    result = sample.a_result()
    four = [*result.findings, *result.findings]
    page = PageOne(result.model_copy(update={"findings": four}), sample.some_checklists(), "zh")
    assert len(page.contradictions()) == 3
    assert page.more_contradictions() == "另有 3 处，见附录。"


def test_no_contradiction_says_what_was_compared() -> None:
    result = sample.a_result()
    calm = [f.model_copy(update={"verdict": "confirmed"}) for f in result.findings]
    assert "没有发现与数据不符的回答：核对了 3 条，证实 3 条" in text_of(result.model_copy(update={"findings": calm}))
    assert "还没有能和数据核对的回答" in text_of(sample.an_answers_only_result())


def test_a_failed_must_have_is_explained_with_the_points_it_costs() -> None:
    text = text_of(sample.a_capped_result())
    assert "91.4 → 69.0：交接清点没做" in text
    assert "所在的方面最高 59 分，总分最高 69 分" in text


def test_without_enough_answers_there_is_a_range_and_no_grade() -> None:
    page = PageOne(sample.a_data_only_result(), sample.some_checklists(), "zh")
    assert page.grade_text() == "不足以评分"
    assert page.big_number() == "2\u2060–\u206077"
    assert "还不足以评分" in page.headline()


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_at_all_is_said_in_one_sentence_without_empty_frames(lang: Lang) -> None:
    html = render(sample.an_empty_result(), lang)
    assert 'class="scale"' not in html
    assert 'class="practices"' not in html
    assert all_texts()["report.head.nothing"][lang] in text_of(sample.an_empty_result(), lang)


def test_a_grade_whose_range_crosses_a_line_shows_both_ends() -> None:
    score = sample.a_result().score.model_copy(update={"grade": "D", "grade_low": "E", "grade_high": "D", "value": 61.0})
    page = PageOne(sample.a_result(score=score), sample.some_checklists(), "zh")
    assert page.grade_text() == "等级 D（E\u2060–\u2060D）"


def test_the_two_flattering_ways_are_struck_through_with_their_reason() -> None:
    html = render(sample.a_result())
    assert "<s>98.9%</s>" in html
    assert "<s>97.9%</s>" in html
    assert "没揽收的根本不在分母里" in html
    assert "<b>97.2%</b>" in html


def test_much_that_does_not_apply_is_said_first() -> None:
    result = sample.a_result()
    assert PageOne(result, sample.some_checklists(), "zh").na_note() == ""
    practices = {
        key: p.model_copy(update={"items": [i.model_copy(update={"state": "na"}) for i in p.items]}) if key != "courier_choice" else p
        for key, p in result.practices.items()
    }
    assert "不适用" in PageOne(result.model_copy(update={"practices": practices}), sample.some_checklists(), "zh").na_note()


def test_an_action_is_told_in_the_language_of_the_report_whatever_the_run_spoke() -> None:
    english = text_of(sample.a_result(), "en")
    assert "No J&T uploads after 17:30" in english
    unknown = PlanStep(action="先查清楚：漏扫当天补扫", question="courier_coordination.rescan", practice="courier_coordination", points=4.3,
                       yuan_low=None, yuan=None, yuan_high=None, hours=0.17, orders=None, why="")
    assert "Find out first: Missed scans are repaired the same day" in text_of(sample.a_result(plan=[unknown]), "en")


def test_rows_of_a_file_add_up_and_unknown_codes_are_shown_as_they_are() -> None:
    odd = sample.some_inputs()[0].model_copy(update={"left_out": {"brand_new_reason": 117}, "kind": "brand_new_kind"})
    text = text_of(sample.a_result(inputs=[odd]))
    assert "brand_new_reason 117" in text
    assert "brand_new_kind" in text


def test_a_result_of_other_checklists_still_prints() -> None:
    result = sample.a_result()
    bare = sample.some_checklists().model_copy(update={"practices": ()})
    for lang in LANGS:
        assert "courier_coordination" in render_report(result, bare, lang)


def test_the_fingerprint_is_printed_short_on_page_one_and_whole_in_the_appendix() -> None:
    result = sample.a_result(fingerprint="0123456789abcdef" * 4)
    assert fingerprint(result) == "0123 4567 89ab"
    for lang in LANGS:
        text = text_of(result, lang)
        assert "0123 4567 89ab" in text and " ".join(["0123456789abcdef"] * 4) in text
    assert fingerprint(sample.a_result(fingerprint=None)) == "—"


def test_equal_inputs_give_equal_reports() -> None:
    assert render(sample.a_result()) == render(sample.a_result())


@pytest.mark.parametrize("shares", [[0.296537, 0.226345, 0.373222, 0.103896], [1 / 3, 1 / 3, 1 / 3, 0], [0, 0, 0, 1.0], [0, 0, 0, 0]])
def test_whole_percents_add_up(shares: list[float]) -> None:
    assert sum(whole_percents(shares)) == (100 if sum(shares) else 0)


def test_a_shop_without_files_is_not_told_that_its_data_are_here() -> None:
    nothing = {key: (unit, target, sample.a_measurement(None, reason="no_data")) for key, (unit, target, _) in sample.some_measurements().items()}
    text = text_of(sample.a_result(answers={}, measured=nothing, as_of=None, cut=None, inputs=[], parcels={}, waves=[], warnings=[], plan=[]), "en")
    assert "Nothing to score yet" in text and "The data are here" not in text


@pytest.mark.parametrize("lang", LANGS)
def test_a_review_signed_before_decisions_and_the_log_were_kept_prints_without_them(lang):
    old = sample.a_round(title="<b>十月</b>\u202e", decided=(), log=(0, ""))
    review, words = Review(old, sample.some_checklists(), lang), Words(lang)
    page = Page(render_report(sample.a_result(), sample.some_checklists(), lang, review=review))
    assert not review.log_line() and words("report.review.none") in page.text and words("report.review.log.unknown") in page.text
    assert "<b>十月</b>" in page.text and "\u202e" not in page.text and words("report.sign.reviewer") not in page.text
    assert words("report.review.decided.by") not in page.text


def test_the_claims_of_a_practice_stand_beside_the_data_on_the_same_questions_and_subtract():
    result = sample.a_result()
    rows = PageOne(result, sample.some_checklists(), "zh").practice_rows()
    compared = [row for row in rows if row.gap != "—"]
    assert compared and all(row.score != "—" for row in compared)
    for row in compared:
        assert float(row.gap.replace("−", "-")) == pytest.approx(float(row.verified) - float(row.claimed))
        practice = result.practices[row.id]
        told = belief(row.name, practice)
        assert (told.gap, points(told.said, 1), points(told.checked, 1)) == (row.gap, row.claimed, row.verified), "Home says the same"


@pytest.mark.parametrize("lang", LANGS)
def test_while_too_little_is_known_to_grade_nothing_promises_points(lang):
    result, words = sample.a_result(plan=sample.some_steps()), Words(lang)
    few = result.model_copy(update={"score": result.score.model_copy(update={"enough": False, "grade": None})})
    no_points = words("report.steps.no_points")
    for told, enough in ((result, True), (few, False)):
        page = PageOne(told, sample.some_checklists(), lang)
        assert [step.points != "—" for step in page.every_step()] == [enough] * len(told.plan)
        assert any(row.points != "—" for block in Appendix(page).practices() for row in block.rows) == enough
        assert (no_points in page.steps_note()) != enough
        said = render_text(told, sample.some_checklists(), lang)
        assert (words("terminal.points", points=signed(told.plan[0].points)) in said) == enough


@pytest.mark.parametrize("lang", LANGS)
def test_the_appendix_holds_every_step_and_contradiction_that_page_one_leaves_out(lang):
    result, words, checklists = sample.a_result(), Words(lang), sample.some_checklists()
    one = next(finding for finding in result.findings if finding.verdict == "contradicted")
    steps = [step.model_copy(update={"question": "", "action": f"S{at}."}) for at in range(25) for step in sample.some_steps()[:1]]
    html = render_report(result.model_copy(update={"findings": [one] * 5, "plan": steps}), checklists, lang)
    front, appendix = html.split('<section class="appendix">')
    assert [f"S{at}." in front for at in (2, 3)] == [True, False]
    assert [f"S{at}." in appendix for at in (0, 19, 20)] == [True, True, False] and words("report.steps.more", n=5) in appendix
    assert words("report.against.more", n=2) in front and appendix.count('<div class="pair">') == 5
    assert words("report.invented") not in html
    assert words("report.invented") in render_report(result.model_copy(update={"invented": True}), checklists, lang)


def test_how_many_more_are_needed_is_told_no_more_exactly_than_it_is_known():
    words = Words("en")
    result = sample.a_result()
    name, metric = next((key, one) for key, one in result.metrics.items() if one.n)

    def notes(**changes):
        told = result.model_copy(update={"metrics": {name: metric.model_copy(update=changes)}, "inputs": []})
        return Appendix(PageOne(told, sample.some_checklists(), "en")).metrics()[0].notes

    assert notes(n=5399, more_needed=38162) == [words("report.metrics.more", n="38,000")]
    assert notes(n=700, more_needed=38162) == [words("report.metrics.too_near")]
    files = [words("report.metrics.needs", files=f"{words('kinds.pdd_orders.name')}, {words('kinds.courier_pickups.name')}")]
    assert notes(value=None, more_needed=None) == files and notes(more_needed=None) == []
