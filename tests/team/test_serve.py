"""The command starts nothing that is not whole, and tells Streamlit only what Streamlit knows."""

import pytest
from streamlit import config

from pdd_audit.cli import main
from pdd_audit.core.errors import AuditError
from pdd_audit.core.team_settings import REQUIRED, Settings
from pdd_audit.services.logins import IDLE, LONGEST
from pdd_audit.team import server
from pdd_audit.team.doors import FRESH_SECONDS, LOOK_SECONDS
from pdd_audit.team.server import Place, options
from tests.core.test_team_settings import GOOD, SECRET
from tests.team.conftest import SETTINGS


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
