"""The command starts nothing that is not whole, and tells Streamlit only what Streamlit knows."""

import sys

import httpx
import pytest
from streamlit import config

from pdd_audit.cli import main
from pdd_audit.core.errors import AuditError
from pdd_audit.core.health import Check, forbids_serving
from pdd_audit.core.team_settings import REQUIRED, Settings
from pdd_audit.services.logins import IDLE, LONGEST
from pdd_audit.services.one_server import Holder, only_server
from pdd_audit.team import server
from pdd_audit.team.doors import FRESH_SECONDS, LOOK_SECONDS
from pdd_audit.team.provider import Provider
from pdd_audit.team.server import Place, options
from pdd_audit.texts import LANGS, Words, error_text
from tests.core.test_team_settings import GOOD, SECRET
from tests.team.conftest import SETTINGS, FakeProvider


def test_nothing_starts_and_nothing_is_made_without_the_settings(tmp_path, monkeypatch, capsys):
    for name in REQUIRED:
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    assert main(["serve", "--home", str(home), "--lang", "en"]) == 2
    assert "PDD_AUDIT_PUBLIC_URL" in capsys.readouterr().err and not home.exists()
    for name, value in (GOOD | {SECRET: "changeme-changeme"}).items():
        monkeypatch.setenv(name, value)
    assert main(["serve", "--home", str(home), "--lang", "zh"]) == 2
    said = capsys.readouterr().err
    assert SECRET in said and "changeme" not in said and not home.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="mode bits say nothing on Windows")
def test_what_is_unsafe_is_told_with_its_cure_and_nothing_is_opened(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(server, "ROOT", tmp_path)  # whatever is let through ends there
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o777)
    assert main(["serve", "--home", str(home), "--lang", "en"]) == 2
    said = capsys.readouterr().err
    assert "✗ Rights on the data folder" in said and "chmod 700" in said and "Not started: 1 unsafe" in said and list(home.iterdir()) == []
    home.chmod(0o700)
    with only_server(home, Holder(4711, "2026-11-23 08:00", "127.0.0.1:8501")):
        assert main(["serve", "--home", str(home), "--lang", "zh"]) == 2
        assert "进程 4711" in capsys.readouterr().err and not (home / "state.db").exists()
        assert main(["people", "list", "--home", str(home)]) == 0, "what is no server goes on beside it"


def test_a_server_refuses_what_a_doctor_calls_broken_but_for_what_it_can_live_with():
    found = [Check(what, state, "x") for state in ("warning", "broken") for what in ("rights", "database", "space", "clock")]
    assert [(one.what, one.state) for one in found if forbids_serving(one)] == [("rights", "broken"), ("database", "broken")]


@pytest.mark.parametrize(("changed", "end"), [
    ({}, ["provider_no_pkce"]), ({"code_challenge_methods_supported": ["plain", "S256"], "response_types_supported": ["code"]}, []), (None, ["provider_down"]),
    ({"issuer": "https://id.example.com/"}, "provider_issuer"), ({"issuer": None}, "provider_issuer"), ({"code_challenge_methods_supported": ["plain"]}, "provider_unfit"),
    ({"response_types_supported": ["id_token"]}, "provider_unfit"), ({"grant_types_supported": ["implicit"]}, "provider_unfit"), ({"token_endpoint": "http://id.example.com/token"}, "provider_unfit"),
])
def test_the_provider_is_asked_before_anybody_comes(changed, end):
    there, told = FakeProvider(down=changed is None, metadata=changed or {}), []
    provider = Provider(SETTINGS, httpx.MockTransport(there.answer))

    def tell(what, **values):
        told.append(what)
        assert all(SETTINGS.issuer in Words(lang)(f"cli.{what}", **values) for lang in LANGS)

    if isinstance(end, list):
        server.meet(provider, SETTINGS, tell)
        assert told == end
        return
    with pytest.raises(AuditError) as refusal:
        server.meet(provider, SETTINGS, tell)
    assert (refusal.value.code, told) == (end, [])
    assert all("{" not in "".join(error_text(refusal.value, lang)) for lang in LANGS)


def test_without_the_app_itself_the_command_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(server, "ROOT", tmp_path)
    with pytest.raises(AuditError) as refusal:
        server.serve(None, SETTINGS, Place("127.0.0.1", 0), print)
    assert refusal.value.code == "serve_no_app"


def test_every_option_is_one_that_streamlit_knows_and_names_come_from_the_gate():
    told = options(SETTINGS, Place("127.0.0.1", 8501))
    assert [name for name in told if name not in config._config_options_template] == []
    assert told["server.trustedUserHeaders"] == {"X-Audit-User": "audit_user"}
    assert (told["server.enableXsrfProtection"], told["client.showErrorDetails"], told["browser.gatherUsageStats"]) == (True, "none", False)
    for url, name in (("https://audit.example.com", "audit.example.com"), ("http://127.0.0.1:8501", "127.0.0.1"), ("http://[::1]:8501", "::1")):
        settings = Settings(url, SETTINGS.issuer, "a", "b")
        assert options(settings, Place("0.0.0.0", 80))["server.allowedHosts"] == [name]


def test_somebody_disabled_is_out_within_five_seconds_and_logins_end_as_documented():
    assert LOOK_SECONDS < 5 and FRESH_SECONDS < 5
    assert (IDLE.total_seconds(), LONGEST.total_seconds()) == (8 * 3600, 24 * 3600)
