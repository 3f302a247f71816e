"""BF-143 and the files of customer service: exports of every era, and a chat log from which days and agents are counted."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest

from pdd_audit.core.mapping import ByHand, Mapping
from pdd_audit.data.reading.canonical import service as service_rows
from pdd_audit.data.relations.replies import reply_rows
from tests.data.builders import SERVICE_HEADERS, as_csv, as_xlsx, import_here, service
from tests.data.catalogue.expected import Case, Read, Refused, ask
from tests.data.test_mapping import in_child

FILE = "service.csv"
OF_2024 = [
    "日期", "客服账号", "咨询人数", "询单人数", "最终成团人数", "询单流失人数", "询单转化率", "客服销售额（元）", "人工接待人数", "需要人工回复的咨询人数",
    "3分钟未回复人数", "3分钟人工回复率(8-23点)", "平均人工响应时长（分钟）", "30秒应答率(8-23点)", "评分≤3订单数", "评分数", "评分≤3率", "纠纷退款数",
    "投诉数", "3分钟人工回复率(全天)", "30秒应答率(全天)", "去退销售额（元）",
]
DAY_OF_2024 = [
    "2026-10-01", "客服甲", "42", "20", "9", "11", "45.00%", "1170.00", "40", "36", "1", "97.22%", "0.37", "89.69%", "1", "9", "11.11%", "0", "0", "95.00%",
    "80.00%", "1000.00",
]
OF_2021 = [
    "客服账号", "咨询人数", "询单人数", "最终成团人数", "询单转化率", "客服销售额", "人工接待人数", "需要人工回复的咨询人数", "3分钟未回复人数", "3分钟人工回复率",
    "30秒应答率", "平均人工响应时长", "评分≤3订单数", "纠纷退款数", "投诉数",
]
AGENT_OF_2021 = ["客服A", "800", "430", "160", "37.21%", "11700.00", "720", "790", "0", "100.00%", "97.80%", "9秒", "1", "0", "0"]
TEAM = ["咨询人数", "需要人工回复的咨询人数", "人工接待人数", "3分钟人工回复率(8-23点)", "30秒应答率(8-23点)", "平均响应时长(分)", "评分≤3订单数", "纠纷退款数"]
TEAM_FIGURES = ["420", "360", "400", "97.41 %", "89.69 %", "0.37 分钟", "1", "0"]
PAGE = ["咨询人数", "人工接待人数", "需人工回复的咨询人数", "3分钟人工回复率", "30s应答率", "平均人工响应时长"]
KEYS = ["consultUserCnt", "needManuReplyConsultUserCnt", "receiveUserCnt", "manuReplyRate3Min", "artificialResponseTime"]
NO_DAY = {"service_without_day": {}}


def changed(**cells):
    rows = service(3)
    for header, cell in cells.items():
        rows[2][SERVICE_HEADERS.index(header)] = cell
    return rows


def unitless(cell):
    rows = service(3)
    rows[0] = ["平均人工响应时长" if header.startswith("平均") else header for header in rows[0]]
    for row in rows[1:]:
        row[6] = cell
    return rows


CASES = {
    "BF-143 response time without unit": Case(
        as_csv(unitless("1.27")),
        Read(3, notices={"response_unit_unknown": {"column": "平均人工响应时长", "rows": 3, "row": 2, "text": "1.27"}}, kind="pdd_service"), FILE,
    ),
    "BF-143 unit in the cell": Case(as_csv(unitless("9秒")), Read(3, silent=("response_unit_unknown",), kind="pdd_service"), FILE),
    "BF-143 rate above 100 %": Case(
        as_csv(changed(**{"3分钟人工回复率(8-23点)": "102.78%"})),
        Read(2, [2, 4], {"contradictory_row": 1}, {"contradictory_rows": {"rows": 1, "row": 3, "column": "3分钟人工回复率(8-23点)", "found": "102.78%"}},
             kind="pdd_service"), FILE,
    ),
    "BF-143 30-second rate above 100 %": Case(
        as_csv(changed(**{"30秒应答率(8-23点)": "120%"})),
        Read(2, [2, 4], {"contradictory_row": 1}, {"contradictory_rows": {"row": 3, "column": "30秒应答率(8-23点)", "found": "120.00%"}}, kind="pdd_service"),
        FILE,
    ),
    "BF-143 more missed than asked": Case(
        as_csv(changed(**{"3分钟未回复人数": "40"})),
        Read(2, [2, 4], {"contradictory_row": 1}, {"contradictory_rows": {"row": 3, "column": "3分钟未回复人数", "found": "40 > 36"}}, kind="pdd_service"),
        FILE,
    ),
    "BF-143 every row contradicts itself": Case(
        as_csv([SERVICE_HEADERS, *[[*row[:4], "40", *row[5:]] for row in service(2)[1:]]]), Refused("too_many_bad_rows", 2), FILE
    ),
    "2024 team data": Case(as_csv([OF_2024, DAY_OF_2024]), Read(1, [2], silent=("service_without_day",), kind="pdd_service"), FILE),
    "2021 pasted with TABs": Case(
        as_csv([OF_2021, AGENT_OF_2021], delimiter="\t"), Read(1, [2], notices={**NO_DAY, "other_delimiter": {"delimiter": "TAB"}}, kind="pdd_service"),
        "客服.txt",
    ),
    "team figures without day and agent": Case(as_csv([TEAM, TEAM_FIGURES]), Read(1, [2], notices=NO_DAY, kind="pdd_service"), FILE),
    "labels of the page": Case(
        as_csv([PAGE, ["420", "400", "360", "97.41 %", "89.69 %", "0.37 分钟"]]), Read(1, [2], notices=NO_DAY, kind="pdd_service"), FILE
    ),
    "keys of the page": Case(as_csv([KEYS, ["420", "360", "400", "97.41%", "22秒"]]), Read(1, [2], notices=NO_DAY, kind="pdd_service"), FILE),
    "re-export with the shop's name": Case(
        as_csv([["店铺名", "客服账号", "咨询人数", "询单转化率", "客服销售额", "3分钟人工回复率(8-23点)", "30秒应答率(8-23点)", "客服服务分"],
                ["测试店", "甲", "42", "37%", "100", "97.41%", "90%", "4.5"]]),
        Read(1, [2], notices=NO_DAY, kind="pdd_service"), FILE,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_service_file_gets_its_answer(case):
    ask(case)


@pytest.mark.parametrize(
    ("rows", "delimiter", "expected"),
    [
        ([OF_2024, DAY_OF_2024], ",", {"inquiries": 36, "missed_3min": 1, "rate_30s": 0.8969, "mean_seconds": 22.2}),
        ([OF_2021, AGENT_OF_2021], "\t", {"inquiries": 790, "missed_3min": 0, "rate_3min": 1.0, "rate_30s": 0.978, "mean_seconds": 9}),
        ([TEAM, TEAM_FIGURES], ",", {"inquiries": 360, "rate_3min": 0.9741, "rate_30s": 0.8969, "mean_seconds": 22.2}),
        ([TEAM, [cell.replace(" ", "\u00a0") for cell in TEAM_FIGURES]], ",", {"rate_3min": 0.9741, "mean_seconds": 22.2}),
        ([KEYS, ["420", "360", "400", "97.41%", "22秒"]], ",", {"inquiries": 360, "received": 400, "rate_3min": 0.9741, "mean_seconds": 22}),
    ],
    ids=["2024", "2021", "team", "no-break spaces", "keys"],
)
def test_every_era_says_the_same_in_the_same_columns(rows, delimiter, expected):
    _, (row,) = import_here(as_csv(rows, delimiter=delimiter), FILE)
    assert {name: row[name] for name in expected} == pytest.approx(expected)
    assert row["from_chat"] is False


HEADER = ["会话ID", "消息时间", "发送方", "客服账号", "消息内容", "订单号"]
SECRET = "我叫王某某，电话13800000000"


def said(talk, time, role, agent="", day="2026-10-21"):
    return [talk, f"{day} {time}", role, agent, SECRET, "261020-000000000000001"]


def days(*messages, header=HEADER):
    """Day and agent -> inquiries, missed within three minutes, replies, mean seconds."""
    _, rows = import_here(as_csv([header, *messages]), "chat.csv")
    with TemporaryDirectory() as folder:
        frame = reply_rows([put_rows(Path(folder), "a", rows)])
    return {
        (str(row.day)[:10], None if pd.isna(row.agent) else row.agent):
            (row.inquiries, row.missed_3min_high, row.replies, None if pd.isna(row.mean_seconds) else row.mean_seconds)
        for row in frame.itertuples()
    }


def put_rows(folder, name, rows):
    """An import as the ledger lays it down."""
    path = folder / f"import_id={name}" / "rows.parquet"
    path.parent.mkdir()
    pd.DataFrame(rows, columns=service_rows.COLUMNS).to_parquet(path)
    return path


LATER = said("late", "23:30:00", "买家")  # so that the log goes on; outside the hours that count


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([said("b", "09:00:00", "买家"), said("b", "09:03:00", "客服", "甲")], {"甲": (1, 0, 1, 180)}),
        ([said("b", "09:00:00", "买家"), said("b", "09:03:01", "客服", "甲")], {"甲": (1, 1, 1, 181)}),
        ([said("b", "09:00:00", "买家"), said("b", "09:02:59", "买家"), said("b", "09:04:00", "客服", "甲")], {"甲": (1, 1, 1, 240)}),
        ([said("b", "09:00:00", "买家"), said("b", "09:00:01", "机器人"), said("b", "09:10:00", "客服", "甲")], {"甲": (1, 1, 1, 600)}),
        ([said("b", "09:00:00", "买家"), said("b", "09:00:01", "机器人")], {None: (1, 1, 0, None)}),
        ([said("b", "09:00:00", "买家", "乙")], {"乙": (1, 1, 0, None)}),
        (
            [said("b", "09:00:00", "买家"), said("b", "09:00:10", "客服", "甲"), said("b", "09:05:00", "买家"), said("b", "09:05:20", "客服", "甲"),
             said("b", "09:06:00", "买家")],
            {"甲": (3, 1, 2, 15)},
        ),
        ([said("b", "09:00:00", "客服", "甲"), said("b", "09:00:05", "客服", "甲")], {}),
        ([said("b", "07:59:59", "买家"), said("b", "08:30:00", "客服", "甲")], {}),
        ([said("b", "08:00:00", "买家"), said("b", "08:00:30", "客服", "甲")], {"甲": (1, 0, 1, 30)}),
        ([said("b", "22:59:59", "买家"), said("b", "23:00:29", "客服", "甲")], {"甲": (1, 0, 1, 30)}),
        ([said("b", "23:00:00", "买家"), said("b", "23:00:30", "客服", "甲")], {}),
        ([said("b", "09:00:00", "买家"), said("c", "09:00:01", "客服", "甲")], {None: (1, 1, 0, None)}),
        ([said("b", "09:00:00", "买家"), said("b", "09:00:00", "客服", "甲")], {"甲": (1, 0, 1, 0)}),
    ],
    ids=["exactly three minutes", "one second more", "from the first message", "robots do not count", "robot alone", "the account beside the buyer",
         "three turns", "nobody asked", "before eight", "at eight", "before eleven", "at eleven", "another conversation", "the same second"],
)
def test_a_turn_is_counted_by_the_three_minute_rule(messages, expected):
    found = days(*messages, LATER)
    assert found == {("2026-10-21", agent): pytest.approx(figures) for agent, figures in expected.items()}
    assert days(LATER, *reversed(messages)) == found


def test_a_turn_that_began_as_the_log_ends_is_not_decided():
    assert days(said("b", "09:00:00", "买家"), said("c", "09:02:59", "客服", "甲")) == {}
    assert days(said("b", "09:00:00", "买家"), said("c", "09:03:00", "客服", "甲")) == {("2026-10-21", None): (1, 1, 0, None)}


def test_a_turn_belongs_to_the_day_it_began_on():
    late = days(said("b", "22:00:00", "买家"), said("b", "09:00:00", "客服", "甲", "2026-10-22"), said("x", "23:30:00", "买家", day="2026-10-23"))
    assert late == {("2026-10-21", "甲"): (1, 1, 1, 39_600)}


@pytest.mark.parametrize(
    ("header", "roles"),
    [
        (["买家", "发送时间", "角色", "客服账号", "内容", "订单号"], ("买家", "机器人", "客服")),
        (["会话ID", "时间", "发送者", "客服账号", "内容", "订单号"], ("用户", "系统", "人工客服")),
        (["uid", "ts", "from.role", "客服账号", "content", "订单号"], ("user", "robot", "mall_cs")),
    ],
)
def test_other_names_of_the_same_columns_and_roles_are_known(header, roles):
    buyer, robot, agent = roles
    messages = [said("b", "09:00:00", buyer), said("b", "09:00:01", robot), said("b", "09:00:20", agent, "甲"), said("x", "23:30:00", buyer)]
    assert days(*messages, header=header) == {("2026-10-21", "甲"): (1, 0, 1, 20)}


def test_an_agents_automatic_reply_ends_no_turn():
    rows = [[*said("b", "09:00:00", "买家"), "0"], [*said("b", "09:00:01", "客服", "甲"), "1"], [*said("b", "09:04:00", "客服", "甲"), "0"], [*LATER, ""]]
    assert days(*rows, header=[*HEADER, "is_aut"]) == {("2026-10-21", "甲"): (1, 1, 1, 240)}


def test_neither_words_nor_buyers_are_kept():
    messages = [said("buyer-778899", "09:00:00", "买家"), said("buyer-778899", "09:00:20", "客服", "甲"), LATER]
    report, rows = import_here(as_csv([HEADER, *messages]), "chat.csv")
    assert (report.kind, report.source, report.rows_read, report.rows_kept, len(rows)) == ("pdd_service", "chat_log", 3, 3, 2)
    assert "消息内容" in report.dropped_personal
    for kept in (report.model_dump_json(), str(rows)):
        assert "王某某" not in kept and "13800000000" not in kept and "buyer-778899" not in kept


CHAT_CASES = {
    "chat: unknown sender": Case(
        as_csv([HEADER, *[said(f"b{n}", "09:00:00", "买家") for n in range(30)], said("z", "09:01:00", "某某某"), LATER]),
        Read(31, left_out={"unknown_sender": 1}, notices={"chat_reduced": {"turns": 30, "missed": 30, "never": 30}}, kind="pdd_service"), "chat.csv",
    ),
    "chat: unreadable time": Case(
        as_csv([HEADER, said("b", "09:00:00", "买家"), ["c", "昨天", "买家", "", "", ""], LATER]),
        Read(2, left_out={"bad_message_time": 1}, kind="pdd_service"), "chat.csv",
    ),
    "chat: no sender known": Case(as_csv([HEADER, said("b", "09:00:00", "甲"), said("b", "09:00:09", "乙")]), Refused("too_many_bad_rows", 2), "chat.csv"),
    "chat: nobody to tell apart": Case(
        as_csv([["消息时间", "发送方", "消息内容"], ["2026-10-21 09:00:00", "买家", SECRET]]), Refused("missing_column", 1, "会话ID"), "chat.csv"
    ),
}


@pytest.mark.parametrize("case", CHAT_CASES.values(), ids=CHAT_CASES)
def test_a_chat_log_gets_its_answer(case):
    ask(case)


@pytest.fixture
def stored(tmp_path):
    def put(name, content, file="service2026-10-28-18-00-00.csv"):
        return put_rows(tmp_path, name, import_here(content, file)[1])

    return put


def figures(frame):
    return sorted((str(day)[:10], inquiries, missed) for day, inquiries, missed in zip(frame["day"], frame["inquiries"], frame["missed_3min_high"], strict=True))


def test_the_platforms_own_figures_of_a_day_win_over_counted_messages(stored):
    chat = stored("a", as_csv([HEADER, said("b", "09:00:00", "买家", day="2026-10-01"), said("b", "09:00:00", "买家", day="2026-10-09"),
                               said("x", "23:30:00", "买家", day="2026-10-09")]), "chat2026-10-29-18-00-00.csv")
    assert figures(reply_rows([chat])) == [("2026-10-01", 1, 1), ("2026-10-09", 1, 1)]
    official = stored("b", as_xlsx(service(2)))
    for files in ([chat, official], [official, chat]):
        assert figures(reply_rows(files)) == [("2026-10-01", 36, 1), ("2026-10-02", 36, 1), ("2026-10-09", 1, 1)]


def test_totals_of_a_period_speak_only_where_no_file_gives_days(stored):
    old = stored("a", as_csv([TEAM, TEAM_FIGURES]), "team2026-09-30-18-00-00.csv")
    new = stored("b", as_csv([TEAM, ["840", "720", *TEAM_FIGURES[2:]]]), "team2026-10-28-18-00-00.csv")
    assert reply_rows([old, new])["inquiries"].tolist() == [720]
    daily = stored("c", as_csv(service(2)))
    assert figures(reply_rows([old, new, daily])) == [("2026-10-01", 36, 1), ("2026-10-02", 36, 1)]


def test_exact_counts_of_a_chat_need_no_rounding(stored):
    talks = [message for n in range(7) for message in (said(f"b{n}", "09:00:00", "买家"), said(f"b{n}", f"09:00:{20 + 5 * n}", "客服", "甲"))]
    frame = reply_rows([stored("a", as_csv([HEADER, *talks, LATER]))])
    assert (frame["missed_30s_low"].tolist(), frame["missed_30s_high"].tolist()) == ([4], [4])  # 20, 25, 30 s in time; 35 to 50 s not


@pytest.mark.parametrize(("unit", "seconds"), [("seconds", [1.5, 9, 120]), ("minutes", [90, 9, 120])], ids=lambda value: f"BF-143 answered {value}")
def test_an_answer_about_the_unit_is_for_the_cells_that_name_none(unit, seconds):
    rows = unitless("1.5")
    rows[2][6], rows[3][6] = "9秒", "2分钟"
    answer = ByHand(Mapping(kind="pdd_service", units={"mean_seconds": unit}), "2026-11-20").as_job()
    report, stored = in_child(as_csv(rows), FILE, by_hand=answer)
    assert [row["mean_seconds"] for row in stored] == pytest.approx(seconds)
    assert {f"read_as_{unit}"} == {notice.code for notice in report.notices if notice.code.startswith(("read_as", "response_unit"))}
