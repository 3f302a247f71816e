"""The run as a whole: its pace, its file, its lists and codes."""

import json
import os

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.data.live.answers import Trace
from pdd_audit.data.live.courier_codes import courier_codes
from pdd_audit.data.live.private_words import masked
from pdd_audit.data.live.trace_file import open_trace_file
from pdd_audit.data.live.waybill_list import read_waybills
from pdd_audit.services.fetch_traces import Parcel
from tests.data.live.conftest import AT
from tests.data.live.source_server import KUAIDI100_TRACE, NO_RECORD, refused

WAYBILLS = [f"7500000000000{n}" for n in range(1, 7)]


def waybills_in(file):
    return [json.loads(line)["waybill"] for line in file.read_text("utf-8").splitlines()]


@pytest.fixture
def out(tmp_path):
    return tmp_path / "traces.jsonl"


# --- pace --------------------------------------------------------------------------------------------------------------------


def test_no_more_questions_a_second_than_allowed_and_repeated_ones_count(fetch, server, time_):
    server.answers[WAYBILLS[0]] = [refused("502"), KUAIDI100_TRACE]
    fetch("kuaidi100", *WAYBILLS, rate=4.0, first_wait_seconds=0.0)
    assert len(server.asked) == 7
    assert time_.now == pytest.approx(6 / 4)


def test_a_source_that_keeps_failing_is_left_alone_and_the_rest_is_counted_as_not_asked(fetch, server, out):
    for waybill in WAYBILLS[1:4]:
        server.answers[waybill] = [refused("502")]
    summary = fetch("kuaidi100", *WAYBILLS, give_up_after=3, attempts=1)
    assert (summary.asked, summary.answered, summary.failed) == (4, 1, {"busy": 3, "not_asked": 2})
    assert server.asked == WAYBILLS[:4]
    assert waybills_in(out) == WAYBILLS[:1]


def test_waybills_that_are_refused_one_by_one_do_not_end_the_run(fetch, server):
    for waybill in WAYBILLS[:5]:
        server.answers[waybill] = [refused("408")]
    summary = fetch("kuaidi100", *WAYBILLS, give_up_after=2)
    assert (summary.answered, summary.failed) == (1, {"phone_needed": 5})


# --- the file ----------------------------------------------------------------------------------------------------------------


def test_a_second_run_asks_only_for_what_has_no_answer_yet(fetch, server, out):
    server.answers[WAYBILLS[1]] = [NO_RECORD, KUAIDI100_TRACE]
    first = fetch("kuaidi100", *WAYBILLS[:3])
    assert (first.answered, first.not_found) == (2, 1)
    second = fetch("kuaidi100", *WAYBILLS[:3])
    assert (second.asked, second.answered, second.skipped) == (1, 1, 2)
    assert waybills_in(out) == [WAYBILLS[0], WAYBILLS[2], WAYBILLS[1]]


@pytest.mark.parametrize("kept", [1, 5, 11, 12, 60, -1], ids=lambda kept: f"torn after {kept}")
def test_a_line_torn_by_a_kill_is_dropped_and_asked_again(fetch, server, out, kept):
    fetch("kuaidi100", *WAYBILLS[:2])
    whole = out.read_bytes()
    first = whole.index(b"\n") + 1
    out.write_bytes(whole[:first] + whole[first:][:kept])
    server.asked.clear()
    summary = fetch("kuaidi100", *WAYBILLS[:2])
    assert (summary.skipped, summary.answered) == (1, 1)
    assert server.asked == WAYBILLS[1:2]
    assert out.read_bytes() == whole


def test_a_torn_line_is_gone_even_if_its_waybill_has_no_answer_now(fetch, server, out):
    fetch("kuaidi100", *WAYBILLS[:2])
    whole = out.read_bytes()
    out.write_bytes(whole[:-9])
    server.answers[WAYBILLS[1]] = [NO_RECORD]
    assert fetch("kuaidi100", *WAYBILLS[:2]).not_found == 1
    assert out.read_bytes() == whole[: whole.index(b"\n") + 1]


def test_answers_are_in_the_file_before_the_next_question(fetch, server, out):
    seen = []
    server.answers[WAYBILLS[1]] = [lambda handler: (seen.append(waybills_in(out)), handler.reply(200, json.dumps(KUAIDI100_TRACE).encode()))]
    fetch("kuaidi100", *WAYBILLS[:2])
    assert seen == [WAYBILLS[:1]]


@pytest.mark.parametrize(
    "content",
    [b"my own notes", b"my own notes\n", b'{"source": "pdd"}\n', b'{"waybill": "1", "answer": {}}\nnotes\n', b"\x00" * 40, b"[1]\n", b'{"source": "x\n'],
)
def test_a_file_of_somebody_else_is_refused_and_not_touched(fetch, server, out, content):
    out.write_bytes(content)
    with pytest.raises(AuditError, match="live_out_other_file"):
        fetch("kuaidi100", *WAYBILLS[:1])
    assert out.read_bytes() == content
    assert server.asked == []


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_asked(fetch, server, tmp_path):
    for place in (tmp_path / "no" / "such" / "traces.jsonl", tmp_path):
        with pytest.raises(AuditError, match="live_out_unwritable"):
            fetch("kuaidi100", *WAYBILLS[:1], out=place)
    assert server.asked == []


def test_two_runs_on_one_file_write_over_nothing(fetch, out):
    with open_trace_file(out) as slow:
        fetch("kuaidi100", *WAYBILLS[:2])
        slow.add("kuaidi100", Parcel(WAYBILLS[2], "中通"), Trace({"data": []}), AT)
    assert waybills_in(out) == WAYBILLS[:3]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_the_file_is_for_its_owner_alone(fetch, out):
    fetch("kuaidi100", *WAYBILLS[:1])
    assert out.stat().st_mode & 0o077 == 0


def test_an_odd_character_of_an_answer_breaks_no_line(fetch, server, out):
    odd = {**KUAIDI100_TRACE, "data": [{"time": "2026-11-19 18:00:00", "context": "已\ud800揽\u2028收\n\x85", "status": "揽收"}]}
    server.answers[WAYBILLS[0]] = [lambda handler: handler.reply(200, json.dumps(odd).encode())]
    fetch("kuaidi100", *WAYBILLS[:2])
    assert out.read_bytes().count(b"\n") == 2
    assert waybills_in(out) == WAYBILLS[:2]


# --- what is asked -----------------------------------------------------------------------------------------------------------


def test_what_cannot_be_asked_is_listed_and_costs_no_question(fetch, server):
    parcels = [Parcel("7.5E+13", "中通"), Parcel("无需物流", "中通"), Parcel(WAYBILLS[0], "某某快递"), Parcel(WAYBILLS[1], None),
               Parcel(WAYBILLS[2], "佛山-中通快递"), Parcel(WAYBILLS[2], "佛山-中通快递")]
    summary = fetch("kuaidi100", *parcels)
    assert (summary.asked, summary.answered, summary.failed) == (1, 1, {"waybill_unusable": 2, "courier_unknown": 2})
    assert server.asked == WAYBILLS[2:3]
    assert {one.waybill for one in summary.unanswered} == {"7.5E+13", "无需物流", *WAYBILLS[:2]}


def test_the_platform_has_no_codes_of_our_making(fetch, server, tmp_path):
    empty = tmp_path / "empty.yaml"
    empty.write_text("kuaidi100:\n  中通: zhongtong\n", "utf-8")
    assert fetch("pdd", WAYBILLS[0], codes=empty).failed == {"courier_unknown": 1}
    assert server.asked == []


def test_codes_are_found_by_text_code_or_courier_and_the_shops_own_file_wins(tmp_path):
    own = tmp_path / "codes.yaml"
    own.write_text('kuaidi100:\n  德邦物流: debangwuliu\n  中通: zto_special\n  小蜜蜂: "007"\n', "utf-8")
    ours, theirs = courier_codes("kuaidi100"), courier_codes("kuaidi100", own)
    assert [ours.code(text) for text in ("圆通速递", "yuantong", "EMS", "中国邮政", "德邦物流", "某某", "", None)] == [
        "yuantong", "yuantong", "ems", "youzhengguonei", "debangkuaidi", None, None, None]
    assert [theirs.code(text) for text in ("德邦物流", "德邦快递", "中通快递", "小蜜蜂")] == ["debangwuliu", "debangkuaidi", "zto_special", "007"]


@pytest.mark.parametrize(
    ("content", "row"),
    [("- 中通\n", 1), ("pdd:\n  中通: [1]\n", 2), ("pdd:\n  中通: a b\n", 2), ("pdd:\n  圆通: x\n  中通: true\n", 3), ("pdd: 7\n", 1), ("pdd:\n  中通: ''\n", 2)],
)
def test_a_wrong_code_file_names_its_line(tmp_path, content, row):
    file = tmp_path / "codes.yaml"
    file.write_text(content, "utf-8")
    with pytest.raises(AuditError) as raised:
        courier_codes("pdd", file)
    assert (raised.value.code, raised.value.place.file, raised.value.place.row) == ("live_courier_codes", "codes.yaml", row)


@pytest.mark.parametrize(
    "content",
    [
        "YT1000000000001,圆通速递\n75000000000001,中通快递\n".encode(),
        "\ufeff订单号,快递单号,快递公司\n260101-1,YT1000000000001\t,圆通速递\n260101-2,=\"75000000000001\",中通快递\n".encode(),
        "快递公司\t运单号\n圆通速递\tyt1000000000001\n中通快递\t７５０００００００００００１\n中通快递\t75000000000001\n".encode("gb18030"),
        "\n  YT1000000000001 , 圆通速递 \r\n\r\n75000000000001,中通快递".encode(),
    ],
    ids=["list", "order export", "GB18030 with tabs, twice", "blanks"],
)
def test_a_list_is_read_in_its_usual_forms(tmp_path, content):
    file = tmp_path / "list.csv"
    file.write_bytes(content)
    assert read_waybills(file) == [Parcel("YT1000000000001", "圆通速递"), Parcel("75000000000001", "中通快递")]


def test_several_waybills_in_a_cell_are_several_parcels_and_odd_cells_come_along(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("快递单号,快递公司\nYT1000000000001；YT1000000000002,圆通\n7.5E+13,中通\n,中通\n", "utf-8")
    assert [parcel.waybill for parcel in read_waybills(file)] == ["YT1000000000001", "YT1000000000002", "7.5E+13"]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "live_no_waybills"), ("快递单号,快递公司\n".encode(), "live_no_waybills"), (b"PK\x03\x04\x00\x00", "live_list_not_text"),
     (b"\xff\xff\xff", "live_list_not_text"), (b"x" * 20_000_001, "live_list_too_big"), (b"7.5E+13\n", "live_no_waybills"),
     (b'"' + b"x" * 200_000, "live_list_not_text")],
    ids=["empty", "header only", "workbook", "bytes", "too big", "scientific", "endless cell"],
)
def test_a_list_that_is_none_is_refused(tmp_path, content, code):
    file = tmp_path / "list.csv"
    file.write_bytes(content)
    with pytest.raises(AuditError) as raised:
        read_waybills(file)
    assert (raised.value.code, raised.value.place.file) == (code, "list.csv")


def test_a_list_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(AuditError, match="no_such_file"):
        read_waybills(tmp_path / "none.csv")


# --- personal words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("【苏州一部】 的 赵测试（13800000001） 已揽收", "【苏州一部】 的 赵测试（***） 已揽收"),
        ("【苏州一部】（0512-00000000）的赵测试(138 0000 0001)已揽收", "【苏州一部】（***）的***(***)已揽收"),
        ("【某网点】的业务员【A01-钱测试(13800000001)】已取件", "【某网点】的业务员【A01-***(***)】已取件"),
        ("【城二揽投部】已收件,揽投员:孙测试13800000001", "【城二揽投部】已收件,揽投员:******"),
        ("已签收，签收人：李测试，如有疑问请电联 138****0001", "已签收，签收人：***，如有疑问请电联 ***"),
        ("已签收，签收人：本人", "已签收，签收人：本人"),
        ("收件员：已收件", "收件员：已收件"),
        ("快件已到站，取件码：12-3-4567", "快件已到站，取件码：***"),
        ("【苏州一部】揽收成功，运单 75000000000001", "【苏州一部】揽收成功，运单 75000000000001"),
        ("预计 2026-11-20 18:00 到达", "预计 2026-11-20 18:00 到达"),
        ("【河南省某市场部公司】 已收件 取件人: 周测试 (95554)", "【河南省某市场部公司】 已收件 取件人: *** (***)"),
    ],
)
def test_phones_names_and_codes_are_masked_and_the_event_stays(text, kept):
    assert masked(text) == kept
