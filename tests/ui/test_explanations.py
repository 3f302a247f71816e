"""Why an answer counts as it does: how many reasons there are, of which kind, and in which words, in both languages."""

import pytest

from pdd_audit.core.scoring import score
from pdd_audit.core.tables import Sample
from pdd_audit.services.run_audit import _findings
from pdd_audit.texts import LANGS, Words
from pdd_audit.ui.phrases import tell
from tests.core.builders import a_finding, a_practice, a_question, a_verify, checklists, said

VERIFY = a_verify("pickup_24h_ratio", 0.99, 0.95, 0, 200, met_at_least=0.98, mostly_at_least=0.96, partly_at_least=0.90)
BOOK = checklists(a_practice("co", 4, a_question("co.fixed", 5, verify=VERIFY), a_question("co.plain", 5)))
MEASURED = {"pickup_24h_ratio": a_finding("pickup_24h_ratio", 1 - 27 / 815, 1 - 0.047772, 1 - 0.022867, 815)}
ROWS = {"late": Sample(27, ("YT1", "YT2"))}

CASES = {  # the answer -> verdict, rows shown
    "met": ("contradicted", 2),
    "mostly": ("cannot_tell", 0),
    "partly": ("confirmed", 0),
    "unmet": (None, 0),  # claims nothing, so nothing is held against it
}
SENTENCES = {
    ("met", "zh"): "你选了「字」，但815 件里 27 件超过 24 小时没揽收：**3.3%**（{range}）。",
    ("met", "en"): "You chose \"word\", but 27 of 815 parcels passed 24 h: **3.3%** ({range}).",
    ("mostly", "zh"): "你选了「字」；815 件里 27 件超过 24 小时没揽收，**3.3%**（{range}），还看不出来。",
    ("mostly", "en"): "You chose \"word\"; 27 of 815 parcels passed 24 h, **3.3%** ({range}): too early to tell.",
    ("partly", "zh"): "你选了「字」，数据支持：815 件里 27 件超过 24 小时没揽收，**3.3%**（{range}）。",
    ("partly", "en"): "You chose \"word\", and the data agree: 27 of 815 parcels passed 24 h, **3.3%** ({range}).",
}
LIMITS = {"met": {"zh": "「字」最多 2%", "en": "\"word\" ≤ 2%"}, "mostly": {"zh": "「字」最多 4%", "en": "\"word\" ≤ 4%"},
          "partly": {"zh": "「字」最多 10%", "en": "\"word\" ≤ 10%"}}


def findings(answer, measured):
    scored = score(BOOK, {"co.fixed": said(answer), "co.plain": said("met")}, measured)
    return _findings(scored, measured, ROWS)


@pytest.mark.parametrize("answer", CASES)
def test_each_verdict_has_its_one_reason(answer):
    verdict, rows = CASES[answer]
    found = findings(answer, MEASURED)
    assert [one.verdict for one in found] == ([verdict] if verdict else [])
    for one in found:
        assert (len(one.rows), one.claim["level"], one.measured.n) == (rows, answer, 815)
        assert one.counted_as == ("mostly" if answer == "met" else answer)


def test_without_data_the_reason_is_that_there_are_none():
    (one,) = findings("met", {})
    assert (one.verdict, one.measured.value, one.rows, one.counted_as) == ("no_data", None, [], "met")
    assert [Words(lang)("verdicts.answer.no_data.means") for lang in LANGS] == [
        "缺少能核实这题的文件", "The file that could check this answer is missing"]


def test_data_better_than_the_answer_are_said_beside_the_verdict():
    good = {"pickup_24h_ratio": a_finding("pickup_24h_ratio", 0.995, 0.99, 0.998, 900)}
    (one,) = findings("partly", good)
    assert (one.verdict, one.better_than_said, one.counted_as) == ("confirmed", True, "partly")


@pytest.mark.parametrize(("answer", "lang"), SENTENCES)
def test_the_reason_names_what_failed_its_share_its_range_and_the_limit(answer, lang):
    (one,) = findings(answer, MEASURED)
    words = Words(lang)
    told = tell(BOOK, one, "ratio", words)
    quoted = words("app.quote", text="字" if lang == "zh" else "word")
    sentence = words(f"checklist.told.{one.verdict}", answer=quoted, sentence=told.sentence, number=told.number, range=told.range)
    assert sentence.replace(told.range, "{range}") == SENTENCES[(answer, lang)]
    assert told.range.replace("\u2060", "") == "2.3–4.8%"
    assert told.limit == LIMITS[answer][lang]
