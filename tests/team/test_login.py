"""The way in: code, PKCE, state and nonce; a token that proves nothing lets nobody in; the first owner's code works once."""

import base64
import hashlib
import json
import logging
import time

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from pdd_audit.services.people import disable
from tests.team.conftest import COOKIE, ISSUER, SETTINGS, STRANGER, URL, make_house

NOW = int(time.time())


def unsigned(house) -> str:
    """A token whose header says that it needs no signature."""
    claims = {"iss": ISSUER, "sub": "1", "aud": "pdd-audit", "exp": NOW + 300, "iat": NOW, "nonce": house.provider.nonce}
    parts = (base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in ({"alg": "none"}, claims))
    return ".".join([*parts, ""])


def signed_with_our_secret(house) -> str:
    claims = {"iss": ISSUER, "sub": "1", "aud": "pdd-audit", "exp": NOW + 300, "iat": NOW, "nonce": house.provider.nonce}
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SETTINGS.client_secret))


def cookie_of(answer) -> str:
    return next(line.partition(";")[0] for line in answer.headers.get_list("set-cookie") if line.startswith(f"{COOKIE}="))


def test_a_login_proves_itself_to_the_provider_and_leads_back(house):
    away = house.begin(return_to="/checklist?shop=1")
    sent = dict(part.split("=", 1) for part in away.headers["location"].partition("?")[2].split("&"))
    assert away.headers["location"].startswith(f"{ISSUER}/auth?") and sent["code_challenge_method"] == "S256" and sent["response_type"] == "code"
    back = house.come_back(away)
    assert (back.status_code, back.headers["location"]) == (303, "/checklist?shop=1")
    verifier = house.provider.asked[0]["code_verifier"]
    assert base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode() == sent["code_challenge"]
    line = next(one for one in back.headers.get_list("set-cookie") if one.startswith(f"{COOKIE}="))
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} <= set(line.split("; ")) and "Domain" not in line
    assert house.client.get("/home", headers={"cookie": cookie_of(back)}).status_code == 200
    value = cookie_of(back).partition("=")[2]
    kept = b"".join(file.read_bytes() for file in house.ws.home.glob("state.db*"))
    assert value.encode() not in kept
    assert hashlib.sha256(value.encode()).hexdigest().encode() in kept, "only its digest is kept"


@pytest.mark.parametrize(("claims", "what"), [
    ({"nonce": "another"}, "nonce"), ({"nonce": None}, "no nonce"), ({"iss": "https://evil.example"}, "issuer"), ({"iss": None}, "no issuer"),
    ({"aud": "another"}, "audience"), ({"aud": ["another", "more"], "azp": "pdd-audit"}, "audience in azp only"), ({"aud": None}, "no audience"),
    ({"aud": ["pdd-audit", "another"], "azp": "another"}, "made for somebody else"),
    ({"exp": NOW - 3600}, "expired"), ({"exp": None}, "no end"), ({"iat": None}, "no beginning"), ({"sub": None}, "nobody"), ({"sub": ""}, "an empty name"),
])
def test_a_token_that_says_something_wrong_lets_nobody_in(house, claims, what):
    away = house.begin()
    house.provider.claims = claims
    back = house.come_back(away)
    assert (back.status_code, COOKIE in str(back.headers)) == (401, False), what


def test_a_token_with_the_wrong_signature_or_none_lets_nobody_in(house, caplog):
    for make in (unsigned, signed_with_our_secret, lambda _: "garbage", lambda _: "a.b.c"):
        away = house.begin()
        house.provider.raw = make(house)
        assert house.come_back(away).status_code == 401
    house.provider.raw, house.provider.key = None, STRANGER
    with caplog.at_level(logging.WARNING):
        assert house.come_back(house.begin()).status_code == 401
    assert "login refused" in caplog.text and SETTINGS.client_secret not in caplog.text


@pytest.mark.parametrize(("answer", "status"), [
    (httpx.Response(400, json={"error": "invalid_grant"}), 401), (httpx.Response(401, json={"error": "invalid_client"}), 401), (httpx.Response(200, json={"access_token": "a"}), 401),
    (httpx.Response(500, text="oops"), 503), (httpx.Response(200, text="<html>"), 503), (httpx.Response(200, json={"access_token": "a", "id_token": 7}), 401),
])
def test_what_the_provider_says_to_a_code_is_told_apart_from_a_provider_that_is_down(house, answer, status):
    house.provider.token_answer = answer
    back = house.come_back(house.begin())
    assert (back.status_code, COOKIE in str(back.headers)) == (status, False)


def test_a_way_back_is_good_once_for_the_browser_that_began_and_for_ten_minutes(house):
    away = house.begin()
    assert house.come_back(away, state="guessed").status_code == 401
    assert house.come_back(away, iss="https://evil.example").status_code == 401, "another provider mixed in"
    assert house.come_back(away).status_code == 401, "a state that was used"
    theirs = house.begin().headers["set-cookie"].partition(";")[0]
    for cookie in ({"cookie": theirs}, {}):
        state = house.begin().headers["location"].partition("state=")[2].partition("&")[0]
        assert house.client.get("/oidc/callback", params={"state": state, "code": "c"}, headers=cookie).status_code == 401, "another browser"
    assert house.come_back(house.begin(), error="access_denied").status_code == 401
    late = house.begin()
    house.clock.later(minutes=11)
    assert house.come_back(late).status_code == 401
    assert house.come_back(house.begin()).status_code == 303


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "/setup"])
def test_a_login_leads_nowhere_but_home_when_it_is_told_to(house, wanted):
    assert wanted not in house.client.get("/login", params={"return_to": wanted}).text
    assert house.come_back(house.begin(return_to=wanted)).headers["location"] == "/"


def test_a_new_login_has_a_new_value_and_ends_the_one_before(house):
    first = house.come_back(house.begin())
    away = house.begin()
    state = away.headers["location"].partition("state=")[2].partition("&")[0]
    both = f"{away.headers['set-cookie'].partition(';')[0]}; {cookie_of(first)}"
    second = house.client.get("/oidc/callback", params={"state": state, "code": "c"}, headers={"cookie": both})
    assert cookie_of(second) != cookie_of(first)
    assert house.client.get("/home", headers={"cookie": cookie_of(first)}).status_code == 401
    assert house.client.get("/home", headers={"cookie": cookie_of(second)}).status_code == 200


def test_logging_out_needs_the_token_of_the_page_and_ends_the_login(house):
    inside = {"cookie": cookie_of(house.come_back(house.begin())), "origin": URL}
    page = house.client.get("/logout", headers=inside).text
    token = page.partition('name="token" value="')[2].partition('"')[0]
    for wrong in ({}, {"token": ""}, {"token": "0" * 64}, {"token": token + "0"}):
        assert house.client.post("/logout", data=wrong, headers=inside).status_code == 403
    assert house.client.get("/home", headers=inside).status_code == 200, "a link or a forged form logged somebody out"
    out = house.client.post("/logout", data={"token": token}, headers=inside)
    assert out.status_code == 303 and out.headers["location"].startswith(f"{ISSUER}/end?client_id=pdd-audit") and "Max-Age=0" in out.headers["set-cookie"]
    assert house.client.get("/home", headers=inside).status_code == 401


def test_somebody_disabled_does_not_come_in(house):
    house.provider.claims = {"sub": "of Zhou Yu"}
    disable(house.ws, house.person("Zhou Yu"))
    back = house.come_back(house.begin())
    assert back.status_code == 403 and COOKIE not in str(back.headers)


def test_an_unproven_address_is_nobodys_and_a_name_is_cleaned(house):
    from pdd_audit.services.people import everybody

    house.provider.claims = {"sub": "77", "name": "He\n Yan\u202e", "email": "boss@example.com", "email_verified": False}
    assert house.come_back(house.begin()).status_code == 303
    one = next(listed.person for listed in everybody(house.ws) if listed.person.name.startswith("He"))
    assert (one.name, one.email) == ("He Yan", None)


def test_without_the_provider_the_page_says_so_and_those_inside_go_on(tmp_path):
    house = make_house(tmp_path / "home")
    inside = house.inside()
    house.provider.down = True
    answer = house.begin()
    assert answer.status_code == 503 and "身份提供方没有回应" in answer.text
    assert house.client.get("/home", headers=inside).status_code == 200
    house.provider.down = False
    assert house.begin().status_code == 303, "the next try asks again"


def test_the_pages_speak_the_readers_language(house):
    assert "Log in" in house.client.get("/login", headers={"accept-language": "en-GB,en;q=0.9,zh;q=0.5"}).text
    assert "登录" in house.client.get("/login").text and "Log in" in house.client.get("/login?lang=en").text
    page = house.client.get('/login?return_to=/home?x=%22%3E%3Cscript%3E').text
    assert "<script" not in page


def test_the_first_owner_shows_the_code_once_and_the_page_is_gone_for_ever(tmp_path):
    house = make_house(tmp_path / "home")
    code = house.first.new_code()
    assert house.client.get("/login").headers["location"] == "/setup", "nobody logs in before there is an owner"
    assert house.client.post("/login", headers={"origin": URL}).headers["location"] == "/setup"
    assert house.client.get("/setup").status_code == 200
    for wrong in ("", "AAAAA-AAAAA-AAAAA-AAAAA", code[:-1]):
        assert house.client.post("/setup", data={"code": wrong}, headers={"origin": URL}).status_code == 403
    back = house.come_back(house.begin("/setup", code=f" {code.lower()} "))
    assert back.status_code == 303 and house.client.get("/home", headers={"cookie": cookie_of(back)}).status_code == 200
    for method in ("GET", "POST"):
        assert house.client.request(method, "/setup", data={"code": code} if method == "POST" else None, headers={"origin": URL}).status_code == 404
    again = make_house(tmp_path / "home")
    again.first.new_code()
    assert again.client.get("/setup").status_code == 404, "another start opened it again"


def test_guessing_the_code_is_stopped(tmp_path):
    house = make_house(tmp_path / "home")
    code = house.first.new_code()
    for _ in range(5):
        house.client.post("/setup", data={"code": "x"}, headers={"origin": URL})
    assert house.client.post("/setup", data={"code": code}, headers={"origin": URL}).status_code == 403
    house.clock.later(minutes=16)
    assert house.begin("/setup", code=code).status_code == 303
