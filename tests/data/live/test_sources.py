"""Both sources against a server that speaks their documented formats: what an answer becomes, and what it never becomes."""

import json
import shutil
import ssl
import subprocess
import time

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.data.live.bounded_post import Bounds
from pdd_audit.data.live.settings import address_of
from pdd_audit.services.fetch_traces import Parcel, fetch_traces, live_source
from tests.data.live.source_server import (
    ENVIRON,
    KUAIDI100_TRACE,
    NO_RECORD,
    PDD_NODES,
    SECRETS,
    pdd_error,
    pdd_trace,
    refused,
    running,
    status,
)

W = "75000000000001"


def lines(tmp_path):
    return [json.loads(line) for line in (tmp_path / "traces.jsonl").read_text("utf-8").splitlines()]


def only_failure(summary):
    (one,) = summary.unanswered
    return one.reason, one.code


# --- answers -----------------------------------------------------------------------------------------------------------------


def test_a_kuaidi100_trace_becomes_one_line_of_the_agreed_shape(fetch, server, tmp_path):
    summary = fetch("kuaidi100", W)
    assert (summary.asked, summary.answered, summary.not_found, summary.skipped, sum(summary.failed.values())) == (1, 1, 0, 0, 0)
    (line,) = lines(tmp_path)
    assert list(line) == ["source", "waybill", "courier", "fetched_at", "answer"]
    assert (line["source"], line["waybill"], line["courier"], line["fetched_at"]) == ("kuaidi100", W, "中通快递", "2026-11-20 09:30:05")
    assert line["answer"]["state"] == "0"
    moved, got = line["answer"]["data"]
    assert moved == {key: value for key, value in KUAIDI100_TRACE["data"][0].items() if key != "areaName"}
    assert (got["time"], got["status"], got["statusCode"]) == ("2026-11-19 18:02:11", "揽收", "103")
    assert got["context"] == "【苏州市】【苏州一部】（***）的***(***) 已揽收"
    assert server.questions[0] == {"com": "zhongtong", "num": W, "resultv2": "4", "show": "0", "order": "desc"}


@pytest.mark.parametrize("key", ["logistics_ordertrace_get_resposne", "logistics_ordertrace_get_response"])
def test_a_trace_of_the_platform_is_kept_under_either_spelling(fetch, server, tmp_path, key):
    server.answers[W] = [pdd_trace(key=key)]
    assert fetch("pdd", W).answered == 1
    (line,) = lines(tmp_path)
    assert line["source"] == "pdd"
    assert line["answer"] == {key: {"trace_list": [{k: v for k, v in PDD_NODES[0].items() if k != "operator_phone"}]}}
    asked = server.questions[0]
    assert (asked["company_code"], asked["mail_no"], asked["timestamp"].isdigit()) == ("ZTO-7", W, True)


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("kuaidi100", NO_RECORD), ("kuaidi100", {"message": "快递公司参数异常：单号不存在或者已经过期", "status": "201", "state": "0", "data": []}),
        ("kuaidi100", {"message": "ok", "status": "200", "state": "0", "data": []}), ("kuaidi100", {"message": "ok", "status": "200"}),
        ("pdd", pdd_trace([])), ("pdd", {"logistics_ordertrace_get_resposne": {}}),
    ],
)
def test_no_record_yet_is_unknown_and_never_written(fetch, server, tmp_path, source, answer):
    server.answers[W] = [answer]
    summary = fetch(source, W)
    assert (summary.asked, summary.answered, summary.not_found, sum(summary.failed.values())) == (1, 0, 1, 0)
    assert only_failure(summary) == ("not_found", "")
    assert (tmp_path / "traces.jsonl").read_bytes() == b""


@pytest.mark.parametrize(
    ("source", "answer", "reason"),
    [
        ("kuaidi100", refused("408", "快递公司参数异常：验证码错误"), ("phone_needed", "408")),
        ("kuaidi100", refused("400", "找不到对应公司"), ("refused", "400")),
        ("kuaidi100", refused("499"), ("refused", "499")),
        ("kuaidi100", {"status": "200", "data": "nothing"}, ("wrong_shape", "")),
        ("kuaidi100", {"status": "200", "data": [1, 2]}, ("wrong_shape", "")),
        ("kuaidi100", {"status": "200", "data": [{"something": "else"}, {"time": None}]}, ("wrong_shape", "")),
        ("kuaidi100", {}, ("wrong_shape", "")),
        ("kuaidi100", [1], ("wrong_shape", "")),
        ("pdd", pdd_error(21001), ("refused", "21001")),
        ("pdd", pdd_error(50001), ("refused", "50001")),
        ("pdd", pdd_error("<b>x</b>"), ("refused", "")),
        ("pdd", {"something": {}}, ("wrong_shape", "")),
        ("pdd", {"logistics_ordertrace_get_response": {"trace_list": {"a": 1}}}, ("wrong_shape", "")),
    ],
)
def test_a_refusal_of_one_waybill_is_asked_once_and_the_next_one_goes_on(fetch, server, tmp_path, source, answer, reason):
    server.answers[W] = [answer]
    summary = fetch(source, W, "75000000000002")
    assert only_failure(summary) == reason
    assert summary.answered == 1
    assert server.asked == [W, "75000000000002"]
    assert [line["waybill"] for line in lines(tmp_path)] == ["75000000000002"]


@pytest.mark.parametrize(
    ("source", "answer", "error"),
    [
        ("kuaidi100", refused("503"), "live_key_refused"), ("kuaidi100", refused("600"), "live_key_refused"),
        ("kuaidi100", refused("400", "提交的数据不完整，或者贵公司没授权"), "live_key_refused"), ("kuaidi100", refused("601"), "live_quota_used"),
        ("kuaidi100", status(401), "live_key_refused"), ("pdd", status(403), "live_key_refused"),
        ("pdd", pdd_error(10019), "live_key_refused"), ("pdd", pdd_error(20031), "live_key_refused"), ("pdd", pdd_error(70036), "live_quota_used"),
    ],
)
def test_a_wrong_key_or_a_used_quota_stops_the_run_and_keeps_what_was_answered(fetch, server, tmp_path, source, answer, error):
    server.answers["75000000000002"] = [answer]
    with pytest.raises(AuditError) as raised:
        fetch(source, W, "75000000000002", "75000000000003")
    assert raised.value.code == error
    assert raised.value.values["answered"] == 1
    assert server.asked == [W, "75000000000002"]
    assert [line["waybill"] for line in lines(tmp_path)] == [W]


@pytest.mark.parametrize(("source", "name"), [("kuaidi100", "PDD_AUDIT_KUAIDI100_KEY"), ("pdd", "PDD_AUDIT_PDD_CLIENT_SECRET")])
def test_the_server_itself_rejects_a_signature_made_with_another_key(fetch, source, name):
    with pytest.raises(AuditError, match="live_key_refused"):
        fetch(source, W, environ={**ENVIRON, name: "another"})


# --- a source that is busy, broken or hostile --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "trouble"),
    [
        ("kuaidi100", status(429)), ("kuaidi100", status(500)), ("kuaidi100", status(503)), ("kuaidi100", refused("501")),
        ("kuaidi100", refused("502")), ("pdd", pdd_error(70031)), ("pdd", pdd_error(52101)),
    ],
)
def test_a_busy_source_is_asked_again_after_a_growing_pause(fetch, server, time_, source, trouble):
    server.answers[W] = [trouble, trouble, KUAIDI100_TRACE if source == "kuaidi100" else pdd_trace()]
    assert fetch(source, W).answered == 1
    assert server.asked == [W] * 3
    first, second = [pause for pause in time_.slept if pause >= 1]
    assert 1 <= first <= 2 <= second <= 3  # exponential from one second, with up to a second of chance


def test_the_pause_a_source_asks_for_is_kept_but_bounded(fetch, server, time_):
    server.answers[W] = [status(429, Retry_After="17"), status(429, Retry_After="99999"), KUAIDI100_TRACE]
    assert fetch("kuaidi100", W).answered == 1
    assert [pause for pause in time_.slept if pause > 3] == [17.0, 120.0]


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [(status(502), ("http_error", "502")), (status(429), ("busy", "429")), (refused("502"), ("busy", "502"))],
)
def test_what_stays_broken_is_a_named_failure_after_as_many_tries_as_allowed(fetch, server, tmp_path, trouble, reason):
    server.answers[W] = [trouble]
    assert only_failure(fetch("kuaidi100", W)) == reason
    assert server.asked == [W] * 3
    assert (tmp_path / "traces.jsonl").read_bytes() == b""



def trickling(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    for _ in range(2000):
        handler.wfile.write(b" ")
        time.sleep(0.002)


def hanging_up(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "500")
    handler.end_headers()
    handler.wfile.write(b'{"state"')
    handler.close_connection = True


@pytest.mark.parametrize(("trouble", "reason"), [(lambda handler: time.sleep(0.4), "timeout"), (trickling, "timeout"), (hanging_up, "unreachable")],
                         ids=["silent", "trickling", "hanging up"])
def test_a_source_that_does_not_finish_is_left(fetch, server, trouble, reason):
    server.answers[W] = [trouble]
    started = time.monotonic()
    assert only_failure(fetch("kuaidi100", W, attempts=2)) == (reason, "")
    assert time.monotonic() - started < 2
    assert server.asked == [W] * 2


def test_an_address_where_nobody_listens_is_unreachable_and_soon_given_up(tmp_path, time_):
    with running() as gone:
        pass
    with live_source("kuaidi100", url=gone.url, environ=ENVIRON) as live:
        parcels = [Parcel(f"7500000000000{n}", "中通") for n in range(8)]
        summary = fetch_traces(live, parcels, tmp_path / "out.jsonl", patience=time_.patience(give_up_after=3))
    assert summary.failed == {"unreachable": 3, "not_asked": 5}
    assert summary.asked == 3


def huge(handler):
    handler.send_response(200)
    handler.end_headers()  # no length: the client must count for itself
    for _ in range(400):
        handler.wfile.write(b"x" * 10_000)
    handler.close_connection = True


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (status(200, b"<html>login</html>"), ("not_json", "")), (status(200, b"\xff\xfe\x00"), ("not_json", "")),
        (status(200, b"[" * 200_000), ("not_json", "")), (status(200, b'{"status":' + b"9" * 9000 + b"}"), ("not_json", "")),
        (status(200, b"x" * 1_000_001), ("too_big", "")), (huge, ("too_big", "")),
        (status(200, b"\x1f\x8b\x08", Content_Encoding="gzip"), ("wrong_shape", "")),
        (status(404), ("http_error", "404")), (status(204, b""), ("http_error", "204")),
    ],
    ids=["html", "bytes", "nested", "long number", "declared huge", "undeclared huge", "compressed", "404", "204"],
)
def test_an_answer_that_is_none_is_named_and_not_asked_again(fetch, server, trouble, reason):
    server.answers[W] = [trouble]
    assert only_failure(fetch("kuaidi100", W)) == reason
    assert server.asked == [W]


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(fetch, server, code):
    with running() as elsewhere:
        server.answers[W] = [status(code, b"", Location=elsewhere.url)]
        assert only_failure(fetch("kuaidi100", W)) == ("redirected", str(code))
        assert elsewhere.paths == []


def test_the_time_for_a_whole_answer_is_bounded_even_while_bytes_arrive(server):
    server.answers[W] = [trickling]
    started = time.monotonic()
    with live_source("kuaidi100", url=server.url, environ=ENVIRON, bounds=Bounds(read_seconds=5, whole_seconds=0.05)) as live:
        assert live.source.ask(W, "zhongtong").reason == "timeout"
    assert time.monotonic() - started < 1


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate with")
def test_a_certificate_nobody_vouches_for_stops_the_run_before_a_word_is_sent(fetch, tmp_path, time_):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"], check=True, capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with running(lambda socket: context.wrap_socket(socket, server_side=True)) as secure:
        with live_source("kuaidi100", url=secure.url, environ=ENVIRON) as live, pytest.raises(AuditError, match="live_certificate"):
            fetch_traces(live, [Parcel(W, "中通")], tmp_path / "out.jsonl", patience=time_.patience())
        assert secure.asked == []


# --- secrets -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["kuaidi100", "pdd"])
@pytest.mark.parametrize("echo", [status(200, json.dumps({"returnCode": "400", "status": "400", "message": " ".join(SECRETS)}).encode()),
                                  status(302, b"", Location="http://127.0.0.1/" + SECRETS[1]), status(401, " ".join(SECRETS).encode()),
                                  hanging_up, None], ids=["message", "location", "refusal", "cut", "trace"])
def test_keys_never_leave_the_request(fetch, server, tmp_path, caplog, capsys, source, echo):
    caplog.set_level("DEBUG")
    if echo:
        server.answers[W] = [echo]
    shown = ""
    try:
        shown += repr(fetch(source, W, attempts=2))
    except AuditError as error:
        shown += f"{error!r} {error} {error.values} {error.__cause__!r} {error.__context__!r}"
    shown += caplog.text + "".join(capsys.readouterr()) + (tmp_path / "traces.jsonl").read_text("utf-8") + " ".join(server.paths)
    assert len(server.asked) >= 1
    assert [secret for secret in SECRETS if secret in shown] == []


@pytest.mark.parametrize("source", ["kuaidi100", "pdd"])
def test_a_source_shows_no_key_of_its_own(source):
    with live_source(source, environ=ENVIRON) as live:
        shown = repr(live) + repr(vars(live.source)) + str(vars(live.source))
    assert [secret for secret in SECRETS if secret in shown] == []


@pytest.mark.parametrize(("source", "count"), [("kuaidi100", 2), ("pdd", 3)])
def test_without_keys_nothing_is_asked_and_the_variables_are_named(source, count):
    with pytest.raises(AuditError) as raised, live_source(source, environ={}):
        pass
    assert raised.value.code == "live_no_key"
    assert raised.value.values["names"].count("PDD_AUDIT_") == count


def test_a_key_with_a_line_break_is_refused_without_being_shown():
    with pytest.raises(AuditError) as raised, live_source("kuaidi100", environ={**ENVIRON, "PDD_AUDIT_KUAIDI100_KEY": "abc\r\nX-Evil: 1"}):
        pass
    assert raised.value.code == "live_bad_key"
    assert "Evil" not in repr(raised.value)


@pytest.mark.parametrize(
    "url",
    ["http://poll.kuaidi100.com/poll/query.do", "ftp://127.0.0.1/", "file:///etc/passwd", "https://user:secret@host/", "https://host/?key=1", "https:///x",
     "http://127.0.0.1.example.com/", "http://10.0.0.1/", "https://host:99999/", "nonsense", "http://[::1"],
)
def test_only_https_or_this_machine_is_asked(url):
    for given in ({"url": url, "environ": {}}, {"url": None, "environ": {"PDD_AUDIT_KUAIDI100_URL": url}}):
        with pytest.raises(AuditError) as raised:
            address_of("kuaidi100", **given)
        assert raised.value.code == "live_url"
        assert "secret" not in repr(raised.value)


def test_the_published_addresses_are_the_default_and_the_environment_may_name_another():
    assert address_of("kuaidi100", {}).url == "https://poll.kuaidi100.com/poll/query.do"
    assert address_of("pdd", {}).url == "https://gw-api.pinduoduo.com/api/router"
    assert address_of("pdd", {"PDD_AUDIT_PDD_URL": "https://gateway.example/api"}).url == "https://gateway.example/api"
    assert address_of("pdd", {}, "http://localhost:1/").loopback
