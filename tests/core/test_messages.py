"""Messages: whose turn it is, how a text is filled, and what the prover refuses in a file."""

import re
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pdd_audit.core.incidents.messages import (
    LANGS,
    LONGEST,
    Buyer,
    SendHours,
    fill,
    length,
    message_faults,
    names_in,
    short_goods,
    situation_of,
)
from pdd_audit.core.incidents.remedies import menu_faults
from pdd_audit.data.content.responses import check_responses, load_responses
from pdd_audit.texts import all_texts

FOLDER = Path(__file__).resolve().parents[2] / "checklists"
KNOWN = load_responses(FOLDER)
MESSAGES = KNOWN.messages
AS_OF = datetime(2026, 11, 23, 18)
SHIPPED = [(situation, message, lang) for situation in MESSAGES.situations for message in situation.messages for lang in LANGS]


def test_nothing_is_wrong_with_the_shipped_files() -> None:
    assert check_responses(FOLDER) == []
    assert len(MESSAGES.situations) >= 20


@pytest.mark.parametrize(("situation", "message", "lang"), SHIPPED, ids=lambda value: getattr(value, "id", value))
def test_a_shipped_message_reads_well_passes_the_linter_and_is_short(situation: Any, message: Any, lang: Any) -> None:
    samples = {name: one.sample.in_language(lang) for name, one in MESSAGES.placeholders.items()}
    filled = fill(message.in_language(lang), samples, MESSAGES.placeholders, lang)
    own = [samples["waybill"], samples["new_waybill"]]
    assert filled.missing == () and "{" not in filled.text and "  " not in filled.text
    assert KNOWN.linter.objections(filled.text, own, situation.collected) == []
    assert length(filled.text, lang) <= LONGEST[lang]
    assert filled.text.count("抱歉") + filled.text.count("对不起") <= 1, "one apology"


@pytest.mark.parametrize(("buyer", "expected"), [
    (Buyer("open", 300), "about_to_exceed"),
    (Buyer("open", 361), None),
    (Buyer("open", 0), "exceeded"),
    (Buyer("open", None), None),
    (Buyer("open", 300, asked=True), "refund_waits"),
    (Buyer("open", -300, asked=True, refunded=True), "refund_before_pickup"),
    (Buyer("open", -300, promised_by=AS_OF), "second_delay"),
    (Buyer("open", -300, promised_by=AS_OF + timedelta(minutes=1)), "exceeded"),
    (Buyer("open", -300, said_collected=True), "scan_missing"),
    (Buyer("open", 900, stopped=True), "courier_suspended"),
    (Buyer("collected", -5), "collected_now"),
    (Buyer("collected", 5), None),
    (Buyer("collected", 5, warned=True), "collected_now"),
    (Buyer("collected", -5, refunded=True), None),
    (Buyer("collected", -5, asked=True), "refund_after_pickup"),
    (Buyer("not_uploaded", 60), "promise_at_risk"),
    (Buyer("not_uploaded", -60), "exceeded"),
    (Buyer("not_uploaded", None), None),
])
def test_a_buyer_is_in_one_situation_or_none(buyer: Buyer, expected: str | None) -> None:
    assert situation_of(buyer, AS_OF) == expected
    assert expected is None or MESSAGES.situation(expected)


def test_who_is_told_earlier_is_a_choice() -> None:
    assert situation_of(Buyer("open", 700), AS_OF, 720) == "about_to_exceed"


def test_a_value_is_plain_text_and_a_blank_stays_one() -> None:
    filled = fill("{product}，{report_time}前，{reason}", {"product": "{waybill}"}, MESSAGES.placeholders, "zh")
    assert filled.text == "{waybill}，{report_time}前，具体原因还在核实" and filled.missing == ("report_time",)


def test_a_space_stands_between_chinese_and_digits_only() -> None:
    values = {"report_time": "今天 18:00", "waybill": "YT1"}
    assert fill("单号{waybill}，{report_time}前", values, MESSAGES.placeholders, "zh").text == "单号 YT1，今天 18:00 前"


@pytest.mark.parametrize(("name", "short"), [
    ("加厚法兰绒毛毯 秋冬盖毯办公室午睡空调毯子", "加厚法兰绒毛毯"),
    ("【爆款】桌面收纳盒 抽屉分隔", "爆款桌面收纳盒"),
    ("一二三四五六七八九十一二三四五六七八", "一二三四五六七八九十一二三四五…"),
    ("thick flannel blanket for the sofa", "thick flannel blanket for the"),
    (None, None), ("  ", None),
])
def test_goods_have_a_short_name(name: str | None, short: str | None) -> None:
    assert short_goods(name) == short


@pytest.mark.parametrize(("template", "named"), [
    ("{", "[{}]"), ("}", "[{}]"), ("{a!r}", "a"), ("{a:>9}", "a"), ("{0}", "0"), ("{a.b}", "a.b"),
])
def test_braces_that_do_more_than_name_a_blank_are_refused(template: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        names_in(template)


def test_hours_may_pass_midnight() -> None:
    day, night = SendHours(start="08:00", end="22:00"), SendHours(start="23:00", end="08:00")
    assert [day.allow(AS_OF.replace(hour=hour)) for hour in (7, 8, 21, 22)] == [False, True, True, False]
    assert [night.allow(AS_OF.replace(hour=hour)) for hour in (22, 23, 0, 7, 8)] == [False, True, True, True, False]


def broken(**changes: Any) -> list[str]:
    """Codes of what the prover says of a message changed like this."""
    first = MESSAGES.situation("exceeded")
    message = first.messages[0].model_copy(update=changes.pop("message", {}))
    changed = first.model_copy(update={"messages": (message,), **changes})
    others = tuple(changed if one.id == first.id else one for one in MESSAGES.situations)
    faults = message_faults(MESSAGES.model_copy(update={"situations": others}), KNOWN.linter, [one.id for one in KNOWN.menu.remedies])
    return [code for _, code, _ in faults]


@pytest.mark.parametrize(("changes", "code"), [
    ({"message": {"zh": "您好，抱歉。{product}"}}, "response_placeholders_differ"),
    ({"message": {"zh": MESSAGES.situation("exceeded").messages[0].zh.replace("抱歉", "请谅解")}}, "response_part_missing"),
    ({"message": {"zh": MESSAGES.situation("exceeded").messages[0].zh + "加我微信"}}, "response_refused"),
    ({"message": {"zh": MESSAGES.situation("exceeded").messages[0].zh + "包裹已揽收"}}, "response_refused"),
    ({"message": {"zh": MESSAGES.situation("exceeded").messages[0].zh + "长" * 90}}, "response_too_long"),
    ({"message": {"en": MESSAGES.situation("exceeded").messages[0].en + "中文"}}, "checklist_text_not_english"),
    ({"message": {"en": "{nobody} {product}"}}, "response_placeholder_unknown"),
    ({"message": {"en": "{product"}}, "response_braces"),
    ({"must_say": ("nothing",)}, "response_part_unknown"),
    ({"remedies": ("miracle",)}, "response_remedy_unknown"),
    ({"send": SendHours(start="08:00", end="08:00")}, "response_no_hours"),
    ({"id": "urged"}, "response_id_twice"),
])
def test_the_prover_names_what_is_wrong_with_a_message(changes: dict[str, Any], code: str) -> None:
    assert code in broken(**changes)


def test_the_prover_names_what_is_wrong_with_the_menu() -> None:
    first = KNOWN.menu.remedies[0].model_copy(update={"cost": "own", "message": "none", "limits": ("none",), "source": "none"})
    menu = KNOWN.menu.model_copy(update={"remedies": (first, *KNOWN.menu.remedies), "first_choice": {"late": ("none",)}})
    codes = [code for _, code, _ in menu_faults(menu, ["exceeded"], ["a"], ["b"])]
    assert {"response_cost_name", "response_message_unknown", "response_figure_unknown", "checklist_source_unknown",
            "response_id_twice", "response_stage_missing", "response_remedy_unknown"} <= set(codes)


def test_a_wrong_file_is_refused_with_its_line_and_every_code_has_words(tmp_path: Path) -> None:
    folder = tmp_path / "checklists"
    shutil.copytree(FOLDER, folder)
    file = folder / "responses" / "messages.yaml"
    file.write_text(file.read_text("utf-8").replace("must_say: [apology, now, report]", "must_say: [apology, nwo, report]", 1), "utf-8")
    (error,) = check_responses(folder)
    assert (error.code, error.place.file) == ("response_part_unknown", "responses/messages.yaml") and error.place.row
    assert error.values["nearest"] == "now"
    core = Path(__file__).parents[2] / "pdd_audit" / "core"
    raised = {code for path in core.rglob("*.py") for code in re.findall(r'"(response_[a-z0-9_]+)"', path.read_text("utf-8"))}
    worded = {key.split(".")[1] for key in all_texts() if key.startswith("errors_checklists.response_")}
    assert raised == worded
