"""Traces as JSON: every shape that services send becomes one row a waybill, and nothing but a trace says "not collected"."""

import json
import random
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pdd_audit.core.errors import AuditError
from pdd_audit.data.reading.limits import Limits
from pdd_audit.data.reading.read_file import read_file
from pdd_audit.texts import LANGS, all_texts, error_text
from tests.data.builders import import_here
from tests.data.trace_builders import GOT, LEFT, WAITS, document, fetched, kdniao, kuaidi100, lines, pdd

NODES = [("2026-10-21 20:00:00", LEFT, None), ("2026-10-21 11:00:00", GOT, "103"), ("2026-10-20 21:00:00", WAITS, "102")]
TIMES = (datetime(2026, 10, 21, 11), datetime(2026, 10, 21, 20))
SHAPES = {
    "kuaidi100": document(kuaidi100(NODES)),
    "kuaidi100 push": document({"status": "polling", "lastResult": kuaidi100(NODES)}),
    "kdniao": document(kdniao([(at, text) for at, text, _ in NODES[::-1]])),
    "kdniao push": document({"Count": "1", "Data": [kdniao([(at, text) for at, text, _ in NODES])]}),
    "pdd, its own spelling": lines(fetched(pdd([(at, "GOT" if text == GOT else "DEPARTURE", "") for at, text, _ in NODES[:2]]))),
    "pdd, as spelt in English": lines(fetched(pdd([(at, "OTHER", text) for at, text, _ in NODES], "logistics_ordertrace_get_response"))),
    "pdd beside its waybill": document(pdd([(at, "OTHER", text) for at, text, _ in NODES]) | {"mail_no": "780000000000003"}),
    "fetched kuaidi100": lines(fetched(kuaidi100(NODES, ""), source="kuaidi100")),
    "a list": document([kuaidi100(NODES)]),
    "Unix seconds": document(kuaidi100([(1792551600 if text == GOT else 1792584000, text, None) for _, text, _ in NODES[:2]])),
    "with a mark at its beginning": b"\xef\xbb\xbf" + document(kuaidi100(NODES)),
    "GB18030": document(kuaidi100(NODES)).decode().encode("gb18030"),
    "UTF-16": document(kuaidi100(NODES)).decode().encode("utf-16"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_collection_and_the_first_move_after_it(shape):
    report, rows = import_here(SHAPES[shape], "traces.json")
    assert [(row["picked_up_at"], row["first_move_at"], row["collected_time_unknown"]) for row in rows] == [(*TIMES, False)]
    assert (report.kind, report.source, report.reading) == ("courier_pickups", "traces", "lists_open")
    assert report.rows_read == report.rows_kept + sum(report.left_out.values())


def test_one_line_an_answer_and_its_moment_is_the_snapshot():
    content = lines(fetched(pdd([("2026-10-21 11:00:00", "GOT", "")])), fetched(kuaidi100(NODES, ""), "780000000000004", "kuaidi100", at="2026-10-28 09:30:00"))
    report, rows = import_here(content, "traces.jsonl")
    assert [(row["waybill"], row["courier"], row["source_row"]) for row in rows] == [("780000000000003", "韵达", 1), ("780000000000004", "韵达", 2)]
    assert (report.snapshot_at, report.snapshot_from) == (datetime(2026, 10, 28, 9, 30), "sheet")
    assert [row["snapshot_at"] for row in rows] == [datetime(2026, 10, 28, 8), datetime(2026, 10, 28, 9, 30)]


NO_TRACE = {
    "nothing found": {"result": False, "returnCode": "500", "message": "查询无结果"},
    "an empty list": kuaidi100([], ""),
    "an error": {"error_response": {"error_code": 50001, "error_msg": "某某"}},
    "an empty trace": pdd([]),
    "a failure": {"Success": False, "LogisticCode": "780000000000009", "Reason": "暂无轨迹信息", "Traces": []},
    "nothing at all": {},
}


@pytest.mark.parametrize("what", NO_TRACE)
def test_an_answer_without_a_trace_is_left_out_and_never_an_open_parcel(what):
    good = fetched(pdd([("2026-10-21 11:00:00", "GOT", "")]))
    report, rows = import_here(lines(good, fetched(NO_TRACE[what], "780000000000009")), "traces.jsonl")
    assert [row["waybill"] for row in rows] == ["780000000000003"]
    assert report.left_out == {"no_trace": 1} and report.reading == "lists_open"
    assert {notice.code: notice.values for notice in report.notices}["json_no_trace"] == {"rows": 1, "row": 2}
    with pytest.raises(AuditError) as caught:
        import_here(lines(fetched(NO_TRACE[what])) * 2, "traces.jsonl")
    assert caught.value.code == "no_traces"


def test_a_parcel_that_waits_is_open_and_one_whose_words_tell_nothing_is_left_out():
    waiting, strange = kuaidi100([("2026-10-21 11:00:00", WAITS, None)]), kuaidi100([("2026-10-21 11:00:00", "包裹信息已更新", None)], "780000000000005")
    report, rows = import_here(document([waiting, strange]), "a.json")
    assert [(row["waybill"], row["picked_up_at"], row["collected_time_unknown"]) for row in rows] == [("780000000000001", None, False)]
    assert report.left_out == {"unclear_trace": 1}
    assert {"unclear_traces"} <= {notice.code for notice in report.notices}


@pytest.mark.parametrize(
    ("nodes", "more"),
    [
        ([("2026-10-22 09:00:00", "已签收", None)], {}),
        ([("2026-10-22 09:00:00", LEFT, None)], {}),
        ([("2026-10-22 09:00:00", "包裹信息已更新", None)], {"state": "3"}),
        ([("2026-10-22 09:00:00", "包裹信息已更新", None)], {"state": "1"}),
        ([("2026-10-22 09:00:00", "包裹信息已更新", None)], {"ischeck": "1"}),
        ([("", GOT, None), ("2026-10-22 09:00:00", "包裹信息已更新", None)], {}),
        ([("昨天", GOT, None), ("2026-10-20 09:00:00", WAITS, None)], {}),
    ],
)
def test_what_proves_the_collection_without_its_time_is_kept_apart(nodes, more):
    _, rows = import_here(document(kuaidi100(nodes, **more)), "a.json")
    assert [(row["picked_up_at"], row["collected_time_unknown"]) for row in rows] == [(None, True)]


def test_the_state_of_the_parcel_does_not_overrule_a_newest_node_that_waits():
    _, rows = import_here(document(kuaidi100([("2026-10-21 11:00:00", WAITS, None)], state="1")), "a.json")
    assert [row["collected_time_unknown"] for row in rows] == [False]


def test_a_move_before_the_collection_is_not_the_first_move():
    early = ("2026-10-21 09:30:00", "[重庆某区公司]进行下级地点扫描，发往：北京分拨中心", None)
    _, rows = import_here(document(kuaidi100([*NODES, early])), "a.json")
    assert rows[0]["first_move_at"] == TIMES[1]


@given(st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_the_order_of_the_nodes_does_not_matter(shuffle: random.Random):
    nodes = [*NODES, ("2026-10-22 09:00:00", GOT, None), ("2026-10-21 09:30:00", LEFT, None), ("2026-10-23 09:00:00", "已签收", "301")]
    shuffle.shuffle(nodes)
    _, rows = import_here(document(kuaidi100(nodes)), "a.json")
    assert [(row["picked_up_at"], row["first_move_at"], row["outlet"]) for row in rows] == [(*TIMES, "义乌江东网点")]


def test_no_sentence_name_or_phone_of_a_trace_is_stored(tmp_path):
    content = lines(fetched(kuaidi100(NODES, ""), source="kuaidi100"), fetched(pdd([("2026-10-21 11:00:00", "OTHER", GOT)]), "780000000000004"))
    report = read_file(content, "traces.jsonl", tmp_path)
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert report.rows_kept == 4
    for secret in ("甲某", "13800000000", "已揽收", "等待揽收"):
        assert secret.encode() not in stored


REFUSED = {
    "a number": (b"[1, 2]", "unknown_json", 1),
    "another service": (b'{"shipments": []}', "unknown_json", 1),
    "cut off": (document(kuaidi100(NODES))[:-40], "bad_json", None),
    "nested without end": (b"[" * 200_000, "bad_json", None),
    "a trace of nobody": (document(pdd([("2026-10-21 11:00:00", "GOT", "")])), "traces_without_waybill", 1),
    "no bytes to read": (b'{"a": "\xff\xfe\xff', "bad_json", None),
}


@pytest.mark.parametrize("what", REFUSED)
def test_json_that_is_no_trace_is_refused_with_its_cure(what):
    content, code, row = REFUSED[what]
    with pytest.raises(AuditError) as caught:
        import_here(content, "a.json")
    assert caught.value.code == code
    if row:
        assert caught.value.place.row == row
    for lang in LANGS:
        title, body = error_text(caught.value, lang)
        assert title and body and "{title" not in body and "{limit" not in title + body


def test_a_torn_last_line_is_set_aside_and_many_of_them_refuse_the_file():
    good = lines(fetched(pdd([("2026-10-21 11:00:00", "GOT", "")])))
    report, rows = import_here(good + b'{"source": "pdd", "wayb', "traces.jsonl")
    assert len(rows) == 1 and report.left_out == {"broken_line": 1}
    with pytest.raises(AuditError) as caught:
        import_here(good + b'{"source"\n' * 30, "traces.jsonl")
    assert (caught.value.code, caught.value.place.row) == ("bad_json", 2)


def test_a_large_document_is_refused_and_a_large_file_of_lines_is_not():
    small = Limits(json_bytes=2_000)
    with pytest.raises(AuditError, match="too_large_json"):
        import_here(document([kuaidi100(NODES)] * 10), "a.json", limits=small)
    assert import_here(lines(*[kuaidi100(NODES)] * 10), "a.jsonl", limits=small)[0].rows_kept == 30
    with pytest.raises(AuditError, match="giant_line"):
        import_here(lines(kuaidi100([]), kuaidi100(NODES * 20)), "a.jsonl", limits=Limits(json_line_bytes=1_000))


def test_a_file_of_traces_in_the_place_of_orders_is_read_and_named():
    report, _ = import_here(document(kuaidi100(NODES)), "a.json", expected="pdd_orders")
    assert report.kind == "courier_pickups" and "other_slot" in {notice.code for notice in report.notices}


def _page(count=1, **changed):
    order = {
        "order_sn": "261020-000000000000001", "order_status": 1, "order_status_str": "已发货，待收货", "confirm_time": 1792500000, "pay_time": 0,
        "shipping_time": 1792540000, "promise_shipping_time": 1792600000, "tracking_number": "780000000000001", "order_amount": 1780, "goods_number": 2,
        "goods_id": 754299429500, "receiver_name": "甲某某", "waybillDTOList": [{"shippingName": "中通快递"}],
    }
    items = [order | {"order_sn": f"261020-{n:015d}", "tracking_number": f"78{n:013d}"} | changed for n in range(1, count + 1)]
    return document({"success": True, "result": {"pageItems": items}})


def test_the_order_list_of_the_page_is_read_in_yuan_and_local_time():
    report, rows = import_here(_page(), "orders.json")
    assert (report.kind, report.source) == ("pdd_orders", "pdd_page_orders")
    found = rows[0]
    assert (found["order_no"], found["status"], found["courier"], str(found["received_yuan"]), found["quantity"]) == ("261020-000000000000001", "shipped", "中通", "17.80", 2)
    assert (found["shipped_at"], found["paid_at"]) == (datetime(2026, 10, 21, 7, 46, 40), None)
    assert "page_amounts" in {notice.code for notice in report.notices}


def test_amounts_of_the_page_are_never_asked_about():
    report, rows = import_here(_page(25, order_amount=200_000), "orders.json")
    assert rows[24]["received_yuan"] == 2000 and "perhaps_fen" not in {notice.code for notice in report.notices}


def test_an_order_of_the_page_that_was_not_shipped_has_no_ship_time():
    _, rows = import_here(_page(shipping_time=0, tracking_number="", order_status_str="", order_status=2), "orders.json")
    assert (rows[0]["shipped_at"], rows[0]["waybill"], rows[0]["status"]) == (None, None, "cancelled")


_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(["2026-10-21 11:00:00", "780000000000001", "GOT", "103", GOT])
_NAMES = st.sampled_from(
    ["answer", "waybill", "nu", "data", "Traces", "trace_list", "logistics_ordertrace_get_resposne", "time", "context", "AcceptTime", "action", "state", "State",
     "courier", "fetched_at", "result", "pageItems", "order_sn", "order_status", "waybillDTOList", "shipping_time", "statusCode", "ischeck"]
) | st.text(max_size=5)
_ANY = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=6), max_leaves=25)


@given(st.lists(_ANY, min_size=1, max_size=4), st.booleans())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_is_imported_or_refused_in_words(values, apart):
    content = "\n".join(json.dumps(value) for value in values) if apart else json.dumps(values)
    try:
        report, _ = import_here(content.encode(), "a.json")
    except AuditError as error:
        for lang in LANGS:
            error_text(error, lang)
        return
    assert report.rows_read == report.rows_kept + sum(report.left_out.values())
    assert all(f"warnings.{notice.code}" in all_texts() for notice in report.notices)
