"""Where a login may lead, what is closed to everybody, and which paths mean two things."""

import pytest

from pdd_audit.team.cookies import read_cookie
from pdd_audit.team.paths import closed, login_for, twisted, way_back

PAGES = frozenset({"home", "checklist"})
VALUE = "A" * 43


@pytest.mark.parametrize("wanted", ["/", "/checklist", "/checklist?shop=1a&lang=en", "/?invite=AB-12", "/home?start=2026-11-01"])
def test_a_login_leads_back_to_a_page_of_ours(wanted):
    assert way_back(wanted, PAGES) == wanted


@pytest.mark.parametrize("wanted", [
    "//evil.example", "/\\evil.example", "https://evil.example/", "javascript:alert(1)", "/logout", "/download/1", "/_stcore/metrics", "/checklist/../setup",
    "/checklist#x", "/%2f%2fevil.example", "/checklist?x=<script>", "", "checklist", "/" + "a" * 3000, "/?a=\r\nset-cookie: b=c", "/[", "//[",
])
def test_a_login_leads_nowhere_else(wanted):
    assert way_back(wanted, PAGES) == "/"


def test_the_way_to_the_login_carries_the_way_back_as_one_value():
    assert login_for("/", "") == "/login"
    assert login_for("/", "invite=AB&lang=en") == "/login?return_to=%2F%3Finvite%3DAB%26lang%3Den"


@pytest.mark.parametrize(("path", "method"), [
    ("/_stcore/metrics", "GET"), ("/_stcore/metrics/", "GET"), ("/_stcore/agent/openapi.json", "GET"), ("/_stcore/agent", "POST"), ("/_stcore/script-health-check", "GET"),
    ("/auth/login", "GET"), ("/auth/logout", "GET"), ("/oauth2callback", "GET"), ("/_stcore/upload_file/a/b", "PUT"), ("/_stcore/upload_file/a/b", "DELETE"),
    ("/_stcore/upload_file/a/b", "POST"), ("/_stcore/upload_file/a/b", "OPTIONS"), ("/_STCORE/metrics", "GET"),
])
def test_what_nobody_needs_is_closed(path, method):
    assert closed(path, method)


@pytest.mark.parametrize("path", ["/", "/checklist", "/_stcore/health", "/_stcore/stream", "/_stcore/host-config", "/static/js/a.js", "/author"])
def test_what_the_app_needs_is_open(path):
    assert not closed(path, "GET")


@pytest.mark.parametrize("path", ["//etc/passwd", "/a/../b", "/a\\b", "/..%2f", "/a%2fb", "/a\nb", "a", "/\0"])
def test_a_path_that_means_two_things_is_known(path):
    assert twisted(path)
    assert not twisted("/media/3f.png")


@pytest.mark.parametrize("sent", [
    "", "a=" + "B" * 42, "a=" + "B" * 44, "a=B;a", f"a={VALUE}; a={'B' * 43}", f"a={VALUE}; a={VALUE}", f'a="{VALUE}"', f"b={VALUE}", f"A={VALUE}", "a=" + "B" * 20000, f"a={VALUE[:-1]}é", ";;;=;",
])
def test_a_cookie_that_is_not_one_of_ours_is_nobodys(sent):
    assert read_cookie([(b"cookie", sent.encode("latin-1"))], "a") is None
    assert read_cookie([(b"cookie", f"x=y; a={VALUE}".encode()), (b"Cookie", b"z=1")], "a") == VALUE
