"""The doctor looks at the settings of team mode too, and tells no secret."""

import json

import httpx
import pytest

from pdd_audit.core.health import server_checks
from pdd_audit.core.team_settings import ISSUER as ISSUER_NAME
from pdd_audit.core.team_settings import REQUIRED
from pdd_audit.services.doctor_program import look_at_program
from pdd_audit.team.doctor import look_at_provider
from pdd_audit.texts import Words, all_texts
from tests.core.test_team_settings import GOOD, SECRET
from tests.team.conftest import ISSUER, FakeProvider


def look(tmp_path, **environ):
    found = [check for check in look_at_program(None, environ, tmp_path) if check.what == "team"]
    for check in found:
        for lang in ("zh", "en"):
            told = " ".join(Words(lang)(f"doctor.check.team.{part}", **check.values) for part in (f"found.{check.found}", "needed"))
            assert GOOD[SECRET] not in told and "{" not in told
    return [(check.state, check.found) for check in found]


def test_the_doctor_says_what_is_wrong_with_the_settings_of_team_mode(tmp_path):
    assert look(tmp_path) == [], "nobody wants team mode here"
    assert look(tmp_path, **GOOD) == [("well", "well")]
    assert look(tmp_path, **{name: GOOD[name] for name in REQUIRED[:2]}) == [("broken", "setting_missing")]
    file = tmp_path / "secret.txt"
    file.write_text(GOOD[SECRET])
    given = {name: value for name, value in GOOD.items() if name != SECRET} | {f"{SECRET}_FILE": str(file)}
    file.chmod(0o644)
    assert look(tmp_path, **given) == [("warning", "read")]
    file.chmod(0o600)
    assert look(tmp_path, **given) == [("well", "well")]


@pytest.mark.parametrize(("changed", "state", "found"), [
    ({"code_challenge_methods_supported": ["S256"]}, "well", "well"), ({}, "warning", "no_pkce"), (None, "warning", "down"),
    ({"issuer": f"{ISSUER}/"}, "broken", "provider_issuer"), ({"jwks_uri": "http://id.example.com/keys"}, "broken", "provider_unfit"),
    ({"code_challenge_methods_supported": ["plain"]}, "broken", "provider_unfit"),
])
def test_the_identity_provider_is_asked_once_and_nobody_else(changed, state, found):
    there, asked = FakeProvider(down=changed is None, metadata=changed or {}), []

    def answer(request):
        asked.append(str(request.url))
        return there.answer(request)

    environ = GOOD | {ISSUER_NAME: ISSUER}
    (check,) = look_at_provider(environ, httpx.MockTransport(answer))
    assert (check.what, check.state, check.found) == ("provider", state, found) and asked == [f"{ISSUER}/.well-known/openid-configuration"]
    for lang in ("zh", "en"):
        parts = [Words(lang)(f"doctor.check.provider.{part}", **check.values) for part in (f"found.{found}", "needed", "cure", "what")]
        assert ISSUER in parts[0] and GOOD[SECRET] not in "".join(parts)
    assert look_at_provider({}, httpx.MockTransport(answer)) == look_at_provider(environ | {SECRET: ""}, httpx.MockTransport(answer)) == []
    assert len(asked) == 1, "half a setup asks nobody"


def test_names_from_headers_outside_team_mode_are_broken():
    assert [check.state for check in server_checks({"server.trustedUserHeaders": '{"X-User": "a"}'}) if check.what == "named_by_headers"] == ["broken"]
    assert "named_by_headers" not in json.dumps([check.what for check in server_checks({"server.trustedUserHeaders": {}})])


def test_every_refusal_of_the_settings_has_its_words():
    codes = {key.split(".")[1] for key in all_texts() if key.startswith("errors.setting_")}
    assert codes and codes <= {key.split(".")[4] for key in all_texts() if key.startswith("doctor.check.team.found.")}
