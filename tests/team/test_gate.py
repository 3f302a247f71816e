"""Nothing answers without a login, nobody can claim to be somebody, and a login that is over is over everywhere."""

from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from pdd_audit.core.errors import AuditError
from pdd_audit.services.backup import back_up, restore_backup
from pdd_audit.services.logins import login_of
from pdd_audit.services.people import disable, everybody, person_of
from pdd_audit.services.team_mode import IDENTITY, MARK, TOKEN, gate_mark
from pdd_audit.services.workspace import open_workspace
from pdd_audit.team.attempts import KEPT, MOST
from pdd_audit.team.gate import MOST_ENTRIES
from pdd_audit.team.pace import Pace
from tests.team.conftest import COOKIE, ISSUER, SETTINGS, URL

STREAM = "wss://audit.example.com/_stcore/stream"
HEADERS = {
    "x-frame-options": "DENY", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "strict-transport-security": "max-age=31536000",
}


def reached(answer) -> dict[str, list[str]]:
    """The headers as the app behind the gate saw them."""
    assert answer.status_code == 200, answer.text
    seen: dict[str, list[str]] = {}
    for key, value in answer.json()["headers"]:
        seen.setdefault(key.lower(), []).append(value)
    return seen


def refused(client, path: str = STREAM, **headers: str) -> bool:
    """Whether a socket is refused before it is accepted."""
    try:
        with client.websocket_connect(path, headers=headers) as socket:
            socket.receive_json()
    except WebSocketDenialResponse as no:
        return no.status_code == 403 and {name: no.headers.get(name) for name in HEADERS} == HEADERS
    return False


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/", 302), ("HEAD", "/", 302), ("GET", "/login", 200), ("GET", "/_stcore/health", 200), ("GET", "/setup", 404), ("GET", "/oidc/callback", 401),
    ("GET", "/checklist", 401), ("GET", "/home", 401), ("GET", "/unknown", 401), ("GET", "/logout", 401), ("GET", "/download/1", 401), ("GET", "/static/js/a.js", 401),
    ("GET", "/media/3f.html", 401), ("GET", "/component/x/index.html", 401), ("GET", "/_stcore/metrics", 401), ("GET", "/_stcore/host-config", 401), ("GET", "/_stcore/agent/openapi.json", 401),
    ("GET", "/_stcore/script-health-check", 401), ("GET", "/auth/login", 401), ("GET", "/oauth2callback", 401), ("GET", "/_stcore/stream", 401), ("GET", "/login/", 401), ("GET", "/Login", 401),
    ("POST", "/", 401), ("PUT", "/_stcore/upload_file/a/b", 401), ("DELETE", "/_stcore/upload_file/a/b", 401), ("OPTIONS", "/_stcore/upload_file/a/b", 401), ("PUT", "/api/upload", 401),
    ("POST", "/login", 403), ("POST", "/_stcore/health", 403), ("GET", "/..%2fetc/passwd", 400), ("GET", "//evil.example", 400), ("GET", "/a%5Cb", 400),
])
def test_without_a_login_only_the_way_to_it_is_open(house, method, path, status):
    answer = house.client.request(method, URL + path)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"] and "object-src 'none'" in answer.headers["content-security-policy"]
    if answer.status_code != 200:
        assert "headers" not in answer.text, "the app behind the gate was asked"


def test_whoever_asks_for_a_page_is_shown_the_way_to_the_login_and_back(house):
    assert house.client.get("/").headers["location"] == "/login"
    assert house.client.get("/?invite=A-1&lang=en").headers["location"] == "/login?return_to=%2F%3Finvite%3DA-1%26lang%3Den"
    assert 'href="/login?return_to=%2Fchecklist%3Fshop%3D1"' in house.client.get("/checklist?shop=1").text
    for own in ("/login", "/oidc/callback", "/setup"):
        assert house.client.get(own).headers["cache-control"] == "no-store"


def test_the_gate_alone_says_who_somebody_is(house):
    inside = house.inside()
    forged = [(IDENTITY, "boss"), ("x-audit-user", "boss"), ("X_Audit_User", "boss"), (MARK, "guessed"), (TOKEN, "mine"), ("X-Audit-Other", "1"), ("cookie", f"a=b; {inside['cookie']}; c=d")]
    seen = reached(house.client.get("/checklist", headers=forged))
    assert (seen["x-audit-user"], seen["x-audit-gate"]) == ([house.person("Li Na")], [gate_mark()])
    assert not {"x_audit_user", "x-audit-other"} & set(seen) and seen["x-audit-token"] != ["mine"]
    assert seen["cookie"] == ["a=b; c=d"], "the cookie of the login stays with the gate"
    assert house.client.get("/checklist", headers=forged[:6]).status_code == 401
    assert IDENTITY.lower() not in reached(house.client.get("/_stcore/health", headers=forged[:6])), "a name without a login"


@pytest.mark.parametrize("host", ["evil.example", "audit.example.com:8501", "audit.example.com.evil.example", "localhost", ""])
def test_another_name_is_not_answered(house, host):
    assert house.client.get("/checklist", headers=house.inside() | {"host": host}).status_code == 400
    assert refused(house.client, **house.inside(), origin=URL, host=host)
    assert refused(house.client, origin=URL)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://audit.example.com", f"{URL}:444", "http://localhost:9999", f"{URL}.evil.example", "", None])
def test_another_origin_changes_nothing_and_opens_no_socket(house, origin):
    sent = house.inside() | ({} if origin is None else {"origin": origin})
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        assert house.client.request(method, "/checklist", headers=sent).status_code == 403
    assert refused(house.client, **sent)


def test_two_origins_or_two_hosts_are_none(house):
    inside = [*house.inside().items(), ("origin", URL)]
    assert house.client.post("/checklist", headers=inside).status_code == 200
    assert house.client.post("/checklist", headers=[*inside, ("origin", "https://evil.example")]).status_code == 403
    assert house.client.get("/checklist", headers=[*inside, ("host", "audit.example.com"), ("host", "evil.example")]).status_code == 400


def test_what_nobody_needs_is_closed_to_everybody(house):
    sent = house.inside() | {"origin": URL}
    for method, path in [("GET", "/_stcore/metrics"), ("POST", "/_stcore/agent/run"), ("GET", "/auth/login"), ("GET", "/oauth2callback"), ("PUT", "/_stcore/upload_file/a/b"), ("GET", "/setup")]:
        assert house.client.request(method, path, headers=sent).status_code == 404


def test_a_fault_behind_the_gate_is_an_answer_with_our_headers_and_no_word_of_it(house):
    answer = house.client.get("/_stcore/fall", headers=house.inside())
    assert answer.status_code == 500 and "13800138000" not in answer.text
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_a_fault_of_the_store_lets_nobody_in(house, monkeypatch):
    def broken(*_):
        raise OSError("disk")

    monkeypatch.setattr("pdd_audit.team.doors.login_of", broken)
    answer = house.client.get("/checklist", headers={"cookie": f"{COOKIE}={'A' * 43}"})
    assert answer.status_code == 500 and {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_a_login_ends_after_eight_hours_without_use_and_twenty_four_in_all(house):
    idle, busy = house.inside(), house.inside()
    for _ in range(3):
        house.clock.later(hours=7, minutes=59)
        assert house.client.get("/home", headers=busy).status_code == 200
    assert house.client.get("/home", headers=idle).status_code == 401
    house.clock.later(minutes=3)
    assert house.client.get("/home", headers=busy).status_code == 401
    fresh = house.inside()
    house.clock.later(hours=-1)
    assert house.client.get("/home", headers=fresh).status_code == 200, "a clock set back ended a login"
    house.clock.later(hours=9)
    assert house.client.get("/home", headers=fresh).status_code == 401


def test_a_store_that_takes_nothing_lets_those_go_on_who_are_in(house, monkeypatch):
    def full(*_):
        raise AuditError("store_full", found="")

    inside = house.inside()
    house.clock.later(minutes=2)
    monkeypatch.setattr("pdd_audit.data.storage.logins.Logins.touch", full)
    assert house.client.get("/home", headers=inside).status_code == 200


def test_a_socket_is_somebodys_and_there_are_five_at_most(house):
    sent = house.inside("Zhao Min") | {"origin": URL}
    open_ones = [house.client.websocket_connect(STREAM, headers=sent | {IDENTITY: "boss"}) for _ in range(5)]
    for one in open_ones:
        one.__enter__()
        assert one.receive_json()[IDENTITY.lower()] == house.person("Zhao Min")
    assert refused(house.client, **sent), "a sixth"
    assert not refused(house.client, **house.inside("Li Na"), origin=URL), "somebody else is not in the way"
    open_ones.pop().__exit__(None, None, None)
    assert not refused(house.client, **sent)
    for one in open_ones:
        one.__exit__(None, None, None)
    assert refused(house.client, path=STREAM.replace("stream", "other"), **sent)


@pytest.mark.parametrize("how", ["disabled", "idle", "logout"])
def test_a_socket_closes_when_its_login_is_over(house, how):
    name = f"Wu {how}"
    person, sent = house.person(name), house.inside(name) | {"origin": URL}
    with house.client as client, client.websocket_connect(STREAM, headers=sent) as socket:
        socket.receive_json()
        socket.send_text("still here")
        assert socket.receive_text() == "still here"
        client.portal.call(house.doors.look)
        socket.send_text("still here")
        assert socket.receive_text() == "still here", "a look closed the socket of somebody who may stay"
        if how == "disabled":
            disable(house.ws, person)
        elif how == "idle":
            house.clock.later(hours=8)
        else:
            token = client.portal.call(house.doors.who, sent["cookie"].partition("=")[2]).token
            assert client.post("/logout", data={"token": token}, headers=sent).status_code == 303
        client.portal.call(house.doors.look)
        still = [one for one in house.doors.sockets._open if one.login.person == person and not one.ended.is_set()]
        assert not still, "it was left open, and the next line would wait for ever"
        with pytest.raises(WebSocketDisconnect) as end:
            socket.receive_text()
        assert end.value.code == 1008
    assert house.client.get("/home", headers=sent).status_code == 401 and refused(house.client, **sent)


def test_whoever_asks_for_far_too_much_has_to_wait(house):
    house.gate._people = Pace(3)
    inside, other = house.inside("Sun Li"), house.inside("Li Na")
    house.client.get("/home", headers=other)
    assert [house.client.get("/home", headers=inside).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_strangers_wait_for_each_other_at_one_address_and_never_slow_down_those_inside(house, monkeypatch):
    def ask(path="/login", method="GET", **headers):
        return house.client.request(method, path, headers=headers)

    monkeypatch.setattr(house.gate, "_strangers", Pace(3))
    assert [ask(path).status_code for path in ("/login", "/static/js/a.js", "/setup")] == [200, 401, 404]
    for path in ("/login", "/oidc/callback?state=a", "/", "/static/js/a.js"):
        late = ask(path)
        assert (late.status_code, late.headers["retry-after"]) == (429, "20") and "20" in late.text
        assert {name: late.headers.get(name) for name in HEADERS} == HEADERS
    assert ask("/_stcore/health").status_code == 200 and ask("/home", **house.inside()).status_code == 200
    assert ask(**{"x-real-ip": "198.51.100.7"}).status_code == 429, "nobody has said that a proxy writes this"
    monkeypatch.setattr(house.gate, "_settings", replace(SETTINGS, client_header="X-Real-IP"))
    addresses = ("198.51.100.7", "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1")
    for address in addresses[:2]:
        assert [ask(**{"x-real-ip": address}).status_code for _ in range(3)] == [200] * 3
    assert [ask(**{"x-real-ip": address}).status_code for address in addresses] == [429, 429, 429, 200], "a /64 is one household"
    assert ask(**{"x-real-ip": "anything"}).status_code == 429, "what is no address counts as whoever is connected"


def test_a_login_is_begun_so_often_from_one_address_that_nobody_else_is_pushed_out(house):
    assert MOST_ENTRIES * (KEPT / timedelta(minutes=1) + 1) < MOST
    house.gate._entries = Pace(2)
    assert [house.begin().status_code for _ in range(3)] == [303, 303, 429]
    assert house.client.get("/login").status_code == 200


def test_the_log_of_the_gate_holds_no_query_and_no_id(house, caplog):
    with caplog.at_level("INFO", "pdd_audit.team.access"):
        house.client.get("/_stcore/upload_file/0f7a-session/0f7a-file?x=13800138000", headers=house.inside())
        for path in ("/%0Aforged", "/media/0f7a.pdf", "/download/0f7a"):
            house.client.get(path, headers=house.inside())
    told = caplog.text
    assert "/_stcore/upload_file/..." in told and "0f7a" not in told and "13800138000" not in told and "\nforged" not in told


def test_one_identity_is_one_person_whatever_they_are_called(house):
    first = person_of(house.ws, ISSUER, "42", "Wang Wu", "w@example.com")
    assert person_of(house.ws, ISSUER, "42", "Wang Wu (new)", None).id == first.id
    assert person_of(house.ws, "https://other.example.com", "42", "Wang Wu", "w@example.com").id != first.id


def test_a_restored_backup_logs_nobody_in(house, tmp_path):
    sent = house.inside()
    back_up(house.ws, tmp_path / "backup.zip")
    restore_backup(tmp_path / "backup.zip", tmp_path / "home")
    restored = open_workspace(tmp_path / "home")
    value = sent["cookie"].partition("=")[2]
    assert login_of(house.ws, value, house.clock()) is not None
    assert login_of(restored, value, house.clock()) is None
    assert {one.person.name for one in everybody(restored)} == {one.person.name for one in everybody(house.ws)}, "its people came along"
