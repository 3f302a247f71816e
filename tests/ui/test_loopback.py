"""Nobody but this machine is answered."""

from types import SimpleNamespace

import pytest
from streamlit import config
from streamlit.runtime.context import StreamlitHeaders

from pdd_audit.services.team_mode import MARK
from pdd_audit.texts import Words
from pdd_audit.ui.plain import md_escape


@pytest.fixture
def listening():
    """Lets the server listen elsewhere for one test."""
    before, where = config.get_option("server.address"), config.get_where_defined("server.address")

    def at(address):
        config.set_option("server.address", address)

    yield at
    config.set_option("server.address", before, where)


@pytest.mark.parametrize("address", [None, "0.0.0.0", "192.168.1.20", "shop.example.com"])
def test_a_server_that_others_reach_shows_one_refusal_and_touches_no_data(address, listening, empty_home, open_page):
    listening(address)
    app = open_page()
    assert len(app.error) == 2, "one in each language"
    for lang, box in zip(("zh", "en"), app.error, strict=True):
        words = Words(lang)
        assert words("loopback.why.listens", address=md_escape(address) if address else words("loopback.everywhere")) in box.value
        assert words("loopback.cure") in box.value
    assert not app.button and not app.markdown and not app.title
    assert not empty_home.exists(), "the workspace was opened"


@pytest.mark.parametrize(("headers", "peer"), [({"Host": "shop.example.com:8501"}, None), ({"X-Forwarded-For": "203.0.113.9"}, None), ({}, "10.0.0.7")])
def test_a_request_from_elsewhere_is_refused_though_the_server_listens_here(headers, peer, empty_home, open_page, monkeypatch):
    told = SimpleNamespace(ip_address=peer, headers=StreamlitHeaders(headers.items()))
    monkeypatch.setattr("pdd_audit.ui.loopback.st.context", told)
    app = open_page()
    assert len(app.error) == 2 and not empty_home.exists()


def test_on_this_machine_the_app_opens(listening, empty_home, open_page):
    listening("127.0.0.1")
    app = open_page()
    assert not app.error and empty_home.exists()


def test_names_from_headers_are_believed_from_the_gate_alone(listening, empty_home, open_page, monkeypatch):
    """A header anybody can send opens nothing, wherever the server listens."""
    listening("127.0.0.1")
    monkeypatch.setattr("pdd_audit.ui.loopback.named_by_headers", lambda: True)
    for mark in (None, "", "guessed"):
        sent = {"X-Audit-User": "somebody"} | ({} if mark is None else {MARK: mark})
        monkeypatch.setattr("pdd_audit.ui.loopback.st.context", SimpleNamespace(headers=StreamlitHeaders(sent.items())))
        app = open_page()
        assert [Words("zh")("loopback.why.ungated") in box.value for box in app.error] == [True, False]
        assert not empty_home.exists(), "the workspace was opened"
