"""The Service page: what it says of a service export, of a chat log, of both, of neither, and of a part of them."""

import json
from datetime import date

import pytest

from pdd_audit.core.filters import Filters
from pdd_audit.core.measurement import Estimate
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.look_at_service import Gap, look_at_service
from pdd_audit.services.rows import list_rows, rows_csv
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import Words, all_texts
from pdd_audit.ui.service_phrases import gap_place
from tests.data.builders import as_csv, orders
from tests.services.chat_log import chat_log
from tests.ui.test_pages import shown

SERVICE = ["日期", "客服账号", "需要人工回复的咨询人数", "3分钟未回复人数", "30秒应答率(8-23点)"]
LANGS = ["zh", "en"]


def a_team(late_agent_missed=9):
    """Fourteen days of three agents, one of them slower."""
    rows = [[f"2026-10-{day:02d}", agent, "40", str(missed), "90.00%"]
            for day in range(1, 15) for agent, missed in (("甲", 1), ("乙", 1), ("丙", late_agent_missed))]
    return as_csv([SERVICE, *rows])


def percentages():
    """Two agents of a file that gives the percentage alone."""
    header = ["日期", "客服账号", "需要人工回复的咨询人数", "3分钟人工回复率(8-23点)"]
    return as_csv([header, *[[f"2026-10-{day:02d}", agent, "300", "95%"] for day in range(1, 8) for agent in "甲乙"]])


@pytest.fixture
def shop(empty_home):
    """Puts files into a new shop."""
    workspace = open_workspace(empty_home)

    def put(**files):
        made = create_shop(workspace, "小店")
        outcomes = import_files(workspace, made.id, [Upload(f"{name}2026-10-29-00-00-00.csv", content) for name, content in files.items()])
        assert [outcome.error for outcome in outcomes] == [None] * len(files)
        return workspace, made

    return put


def charts(app):
    return [chart.proto.alt for chart in app.get("arrow_vega_lite_chart") + app.get("vega_lite_chart")]


@pytest.mark.parametrize("lang", LANGS)
def test_a_shop_without_service_files_says_which_file_is_missing(lang, shop, open_page):
    shop(orders=as_csv(orders(20)))
    app = open_page("service", lang)
    assert not app.exception and Words(lang)("service.empty") in shown(app)
    assert charts(app) == []


@pytest.mark.parametrize("lang", LANGS)
def test_a_service_export_names_the_agent_and_says_that_hours_are_missing(lang, shop, open_page):
    workspace, made = shop(service=a_team())
    app = open_page("service", lang)
    text = shown(app)
    assert not app.exception and not app.error
    look = look_at_service(workspace, made.id, Filters())
    assert (look.inquiries, look.most, look.spare) == (1680, 154, (-70, -70))
    assert look.gap is not None and (look.gap.kind, look.gap.agent) == ("agent", "丙")
    assert Words(lang)("service.headline.missed", share="90.8%", n="70", line="95%") in text.replace("\\", "")
    assert Words(lang)("service.source.platform") in text and len(charts(app)) == 3
    assert look.by_agent.loc[look.by_agent["agent"] == "丙", "where"].tolist() == ["above998"]
    assert look.responses is None and look.heat.empty and len(look.grid) == 42


@pytest.mark.parametrize("lang", LANGS)
def test_a_chat_log_shows_hours_waits_and_what_staffing_the_gap_would_save(lang, shop, open_page):
    workspace, made = shop(chat=chat_log())
    app = open_page("service", lang)
    text = shown(app)
    assert not app.exception and not app.error
    look = look_at_service(workspace, made.id, Filters())
    assert look.gap is not None and look.gap.clear
    assert (look.gap.weekdays, look.gap.from_hour, look.gap.to_hour) == ("weekend", 20, 22)
    assert Words(lang)("service.weekdays.weekend") in text and Words(lang)("service.source.own") in text
    assert len(charts(app)) == 5 and all(charts(app))
    assert not {key for key in all_texts() if key in text}, "a key stands where its words should"
    assert look.responses is not None and look.responses.n == look.inquiries  # the log ends long after the last turn
    within = look.responses.within[180]
    assert isinstance(within, Estimate) and within.value == pytest.approx(look.within_3min.value, abs=0.003)
    assert look.responses.flattering[180.0] > within.value
    assert look.nobodys == look.responses.open


def test_figures_of_the_platform_speak_for_days_and_the_chat_log_for_hours(shop, open_page):
    workspace, made = shop(service=a_team(), chat=chat_log())
    look = look_at_service(workspace, made.id, Filters(end=date(2026, 10, 14)))
    assert (look.source, look.inquiries, look.most) == ("both", 1680, 154)
    assert not look.heat.empty and look.responses is not None and len(look.by_shift) == 3
    app = open_page("service", "zh", filters=Filters(end=date(2026, 10, 14)))
    assert not app.exception and Words("zh")("service.source.both") in shown(app)


def test_percentages_alone_leave_a_range(shop, open_page):
    workspace, made = shop(service=percentages())
    look = look_at_service(workspace, made.id, Filters())
    assert (look.fewest, look.most) == (14 * 14, 14 * 16)  # 95 % of 300: 14, 15 or 16 missed
    assert look.spare == (-14, 14)
    text = shown(open_page("service", "zh"))
    assert Words("zh")("service.rounded") in text and Words("zh")("service.headline.rounding", share="95.0%", line="95%") in text.replace("\\", "")


def test_only_the_period_applies_and_the_page_says_so(shop, open_page):
    workspace, made = shop(service=a_team())
    week = Filters(start=date(2026, 10, 8), courier=("中通快递",))
    look = look_at_service(workspace, made.id, week)
    assert (look.inquiries, look.first, look.last) == (840, date(2026, 10, 8), date(2026, 10, 14))
    app = open_page("service", "en", filters=week)
    assert Words("en")("service.only_period") in shown(app) and "中通快递" not in shown(app)
    assert Words("en")("service.only_period") not in shown(open_page("service", "en", filters=Filters(start=date(2026, 10, 8))))


def test_a_shop_without_orders_chooses_among_the_days_of_its_replies(shop, open_page):
    shop(service=a_team())
    app = open_page("service", "zh", filters=Filters(start=date(2026, 10, 8)))
    assert Words("zh")("filters.reply_days", start="10 月 8 日", end="10 月 14 日") in shown(app)
    assert [button.label for button in app.button if button.key == "clear_filters"]
    empty = open_page("service", "zh", filters=Filters(start=date(2027, 1, 1)))
    assert not empty.exception and Words("zh")("service.none_chosen") in shown(empty)


def test_the_rows_behind_the_numbers_add_up_and_can_be_taken_away(shop):
    workspace, made = shop(chat=chat_log())
    look = look_at_service(workspace, made.id, Filters())
    lists = {what: list_rows(workspace, made.id, what, None) for what in look.turns}
    assert {what: len(rows) for what, rows in lists.items()} == look.turns
    assert len(lists["slow_turns"]) == look.most and look.turns["slow_turns"] + look.turns["quick_turns"] == look.inquiries
    assert set(lists["turns_left_out"]["excluded"]) == {"turn_outside_hours"}
    never = lists["slow_turns"]["replied_at"].isna()
    assert never.iloc[0] and (lists["slow_turns"].loc[~never, "wait_seconds"] > 180).all()
    text = rows_csv(workspace, made.id, "slow_turns", words=Words("en")).decode("utf-8-sig")
    assert text.splitlines()[0] == '"Buyer wrote","Person answered","Log ends","Agent","Waited (s)"' and "talk-" not in text
    late = list_rows(workspace, made.id, "late_replies", None, Filters(end=date(2026, 10, 7)))
    assert late["day"].max() <= late["day"].max().replace(day=7) and len(late)


def test_a_gap_has_words_in_both_languages():
    some = {"inquiries": 100, "missed": 20.0, "bad_days": 5, "rest": 0.02, "saved": 18.0, "kept_then": 0.97, "clear": True}
    evening = Gap(kind="hours", weekdays="4", from_hour=20, to_hour=22, **some)
    assert [gap_place(Words(lang), evening) for lang in LANGS] == ["周五 20–22 点", "on Fridays, 20–22 h"]
    assert [gap_place(Words(lang), Gap(kind="day", day=date(2026, 10, 17), **some)) for lang in LANGS] == ["10 月 17 日", "on 17 Oct"]
    assert gap_place(Words("en"), Gap(kind="agent", agent="甲", **some)) == "with 甲"


def test_the_drawer_lists_the_slow_ones_and_offers_those_left_out(shop, open_page):
    workspace, made = shop(chat=chat_log(days=5))
    app = open_page("service", "zh", shop=made.id)
    app.button(key="slow_turns").click().run()
    assert not app.exception
    assert Words("zh")("app.columns.wait_seconds") in app.dataframe[-1].value.columns
    assert len(next(radio for radio in app.radio if radio.key.startswith("list_slow_turns")).options) == 3
    left_out = rows_csv(workspace, made.id, "turns_left_out", words=Words("zh")).decode("utf-8-sig")
    assert Words("zh")("report.excluded.turn_outside_hours") in left_out


def test_of_real_timings_the_counts_and_the_slow_shift_are_found(shared_data, shop):
    workspace, made = shop()
    (outcome,) = import_files(workspace, made.id, [Upload("service_team.xlsx", shared_data / "october_shop" / "service_team.xlsx")])
    truth = json.loads((shared_data / "october_shop" / "truth.json").read_text("utf-8"))["reply_3min"]
    look = look_at_service(workspace, made.id, Filters())
    assert outcome.error is None and (look.inquiries, look.most) == (truth["need"], truth["late"])
    assert look.gap is not None and (look.gap.kind, look.gap.clear) == ("agent", True)
    assert look.by_agent.loc[look.by_agent["where"] == "above998", "agent"].tolist() == [look.gap.agent]
