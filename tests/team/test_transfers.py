"""A file goes to whom it was offered, and comes from whoever is logged in, bounded; no page does it any other way."""

import ast
from pathlib import Path

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Role
from pdd_audit.services.access import seated
from pdd_audit.services.files_in import AT_ONCE, KEPT_SECONDS, FilesIn, Sent, plain_name
from pdd_audit.services.files_out import MOST_EACH, FilesOut, Offer
from pdd_audit.services.shops import create_shop
from pdd_audit.team.transfers import _read
from pdd_audit.texts import error_text
from tests.services.team import join
from tests.team.conftest import COOKIE, URL

UI = Path(__file__).resolve().parents[2] / "pdd_audit" / "ui"
# Streamlit hands out what these are given at addresses that ask nobody who they are, or take in what nobody has bounded.
OPEN_TO_ALL = {"download_button": {"downloads.py"}, "file_uploader": {"drop_zone.py"}, "camera_input": set(), "audio_input": set(), "image": set(), "audio": set(), "video": set(), "pdf": set()}


def sending(house, name: str = "Li Na", **more: str) -> dict[str, str]:
    """What a page sends with a file."""
    inside = house.inside(name)
    page = house.client.get("/logout", headers=inside).text
    token = page.partition('name="token" value="')[2].partition('"')[0]
    return inside | {"origin": URL, "x-token": token, "x-file-name": "orders.csv", "x-right": "import_files"} | more


def shop_with(house, people: dict[str, Role]) -> str:
    """A shop of Li Na's, with these people in it."""
    owner = seated(house.ws, house.person("Li Na"))
    shop = create_shop(owner, f"店{len(house.ws.state.shops())}").id
    for name, role in people.items():
        join(owner, shop, seated(house.ws, house.person(name)), role)
    return shop


def test_a_file_is_handed_to_whom_it_was_offered_and_to_nobody_else(house):
    made = []
    offer = Offer(house.person("Li Na"), '报告 "A"\r\nx.html', "text/html", lambda: made.append(1) or b"<script>1</script>")
    at = "/download/" + house.out.put(offer)
    missing = house.client.get("/download/none", headers=house.inside())
    foreign = house.client.get(at, headers=house.inside("Bo Wen"))
    assert (foreign.status_code, foreign.content, sorted(foreign.headers)) == (404, missing.content, sorted(missing.headers))
    assert house.client.get(at).status_code == 401 and not made, "made for somebody who does not get it"
    got = house.client.get(at, headers=house.inside())
    assert (got.status_code, got.content, got.headers["cache-control"], got.headers["x-content-type-options"]) == (200, b"<script>1</script>", "no-store", "nosniff")
    assert got.headers["content-disposition"] == "attachment; filename*=UTF-8''%E6%8A%A5%E5%91%8A%20_A___x.html"
    assert got.headers["content-security-policy"].startswith("sandbox;") and "frame-ancestors 'none'" in got.headers["content-security-policy"]


def test_a_file_that_may_not_be_made_any_more_is_refused_in_words(house):
    def gone() -> bytes:
        raise AuditError("not_logged_in")

    at = house.out.put(Offer(house.person("Li Na"), "a.csv", "text/csv", gone))
    answer = house.client.get(f"/download/{at}", headers=house.inside())
    assert answer.status_code == 409 and error_text(AuditError("not_logged_in"), "zh")[0] in answer.text and "attachment" not in str(answer.headers)


def test_an_offer_is_renewed_under_its_id_by_its_own_person_and_old_ones_make_room():
    out = FilesOut()
    first = out.put(Offer("a", "1", "x", bytes))
    assert out.put(Offer("a", "2", "x", bytes), first) == first and out.find(first, "a").name == "2"
    assert out.put(Offer("b", "3", "x", bytes), first) != first and out.find(first, "a").name == "2", "somebody else's offer was replaced"
    for _ in range(MOST_EACH):
        last = out.put(Offer("a", "4", "x", bytes))
    assert out.find(first, "a") is None and out.find(last, "a") is not None and out.find(last, "b") is None


def test_a_file_comes_in_whole_for_its_sender_alone(house):
    answer = house.client.put("/api/upload", content=b"a,b\n1,2\n", headers=sending(house, **{"x-file-name": "..%2F..%2Fetc%2F%E8%AE%A2%E5%8D%95%0A.csv"}))
    ticket = answer.json()["ticket"]
    assert house.into.find(ticket, house.person("Li Na")) == Sent("订单\ufffd.csv", b"a,b\n1,2\n")
    assert house.into.find(ticket, house.person("Bo Wen")) is None
    house.clock.later(seconds=KEPT_SECONDS)
    assert house.into.find(ticket, house.person("Li Na")) is None, "nobody came for it"


@pytest.mark.parametrize(("changed", "body", "status"), [
    ({"x-token": "0" * 64}, b"x", 403), ({"x-token": ""}, b"x", 403), ({"origin": "https://evil.example"}, b"x", 403), ({"cookie": f"{COOKIE}={'A' * 43}"}, b"x", 401),
    ({"x-file-name": ""}, b"x", 400), ({"x-file-name": "a" * 256}, b"x", 400), ({"x-file-name": "%2F"}, b"x", 400), ({}, b"", 400),
    ({}, b"x" * 2001, 413), ({"content-length": "2001"}, b"x", 413),
])
def test_what_does_not_fit_is_refused_and_nothing_is_kept(house, monkeypatch, changed, body, status):
    monkeypatch.setattr("pdd_audit.team.transfers.MOST_BYTES", 2000)
    before = dict(house.into._waiting)
    content = (part for part in (body[:1500], body[1500:])) if "content-length" not in changed else body
    assert house.client.put("/api/upload", content=content, headers=sending(house) | changed).status_code == status
    assert house.into._waiting == before


def test_a_role_that_takes_no_files_in_is_refused_before_a_byte_is_read(house, monkeypatch):
    async def reading(stream):
        read.append(1)
        return await _read(stream)

    read: list[int] = []
    monkeypatch.setattr("pdd_audit.team.transfers._read", reading)
    shop = shop_with(house, {"Gao Yu": Role.VIEWER, "Ma Li": Role.MEMBER})
    tries = {
        ("Li Na", shop, "import_files"): 200, ("Ma Li", shop, "answer"): 200, ("Ma Li", shop, "import_files"): 403, ("Gao Yu", shop, "answer"): 403,
        ("Gao Yu", shop, "look"): 403, ("Bo Wen", shop, "answer"): 403, ("Bo Wen", "", "import_files"): 403, ("Li Na", "0" * 32, "answer"): 403, ("Li Na", shop, "all"): 403,
    }
    for (name, where, right), status in tries.items():
        answer = house.client.put("/api/upload", content=b"a,b", headers=sending(house, name, **{"x-shop": where, "x-right": right}))
        assert (answer.status_code, answer.text.startswith("403 role")) == (status, status == 403), (name, right)
    assert len(read) == list(tries.values()).count(200)


def test_a_transfer_that_trickles_is_ended(house, monkeypatch):
    monkeypatch.setattr("pdd_audit.team.transfers.PATIENCE_SECONDS", -1.0)
    monkeypatch.setattr("pdd_audit.team.transfers.SLOWEST", 10**12)
    assert house.client.put("/api/upload", content=b"x", headers=sending(house)).status_code == 408


def test_somebody_sends_two_files_at_once_and_no_third(house):
    person = house.person("Li Na")
    with house.into.coming(person) as one, house.into.coming(person) as two:
        assert (one, two, AT_ONCE) == (True, True, 2)
        answer = house.client.put("/api/upload", content=b"x", headers=sending(house))
        assert answer.status_code == 429 and int(answer.headers["retry-after"]) > 0
        other = sending(house, "Qian Wu", **{"x-shop": shop_with(house, {"Qian Wu": Role.OWNER})})
        assert house.client.put("/api/upload", content=b"x", headers=other).status_code == 200
    assert house.client.put("/api/upload", content=b"x", headers=sending(house)).status_code == 200


def test_what_waits_is_bounded_and_the_oldest_of_the_same_person_makes_room(monkeypatch):
    monkeypatch.setattr("pdd_audit.services.files_in.MOST_EACH", 10)
    monkeypatch.setattr("pdd_audit.services.files_in.MOST_ALL", 15)
    into = FilesIn(lambda: 0.0)
    first, second = into.put("a", Sent("1", b"x" * 6)), into.put("a", Sent("2", b"x" * 6))
    assert into.find(first, "a") is None and into.find(second, "a") is not None
    assert into.put("b", Sent("3", b"x" * 10)) is None, "more than all may hold"
    into.forget(second, "b")
    assert into.find(second, "a") is not None, "somebody else's file was thrown away"
    into.forget(second, "a")
    assert into.put("b", Sent("3", b"x" * 10)) is not None and into.put("b", Sent("4", b"x" * 11)) is None


@pytest.mark.parametrize(("given", "shown"), [
    ("C:\\x\\a.csv", "a.csv"), ("a\u202egpj.csv", "a\ufffdgpj.csv"), ("a\x00b", "a\ufffdb"), ("a<img src=x>.csv", "a<img src=x>.csv"), ("..", ".."), ("", None), ("/", None), ("订" * 86, None),
])
def test_a_name_is_its_last_part_with_nothing_hidden(given, shown):
    assert plain_name(given) == shown


def test_no_page_hands_out_or_takes_in_files_by_itself():
    users: dict[str, set[str]] = {name: set() for name in OPEN_TO_ALL}
    for file in UI.rglob("*.py"):
        text = file.read_text("utf-8")
        for node in ast.walk(ast.parse(text)) if any(f".{name}(" in text for name in OPEN_TO_ALL) else ():
            if isinstance(node, ast.Attribute) and node.attr in OPEN_TO_ALL and ast.unparse(node.value) == "st":
                users[node.attr].add(file.name)
    assert users == OPEN_TO_ALL
