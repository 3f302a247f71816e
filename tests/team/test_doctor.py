"""The doctor looks at the settings of team mode too, and tells no secret."""

import json

from pdd_audit.core.health import server_checks
from pdd_audit.core.team_settings import REQUIRED
from pdd_audit.services.doctor_program import look_at_program
from pdd_audit.texts import Words, all_texts
from tests.core.test_team_settings import GOOD, SECRET


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


def test_names_from_headers_outside_team_mode_are_broken():
    assert [check.state for check in server_checks({"server.trustedUserHeaders": '{"X-User": "a"}'}) if check.what == "named_by_headers"] == ["broken"]
    assert "named_by_headers" not in json.dumps([check.what for check in server_checks({"server.trustedUserHeaders": {}})])


def test_every_refusal_of_the_settings_has_its_words():
    codes = {key.split(".")[1] for key in all_texts() if key.startswith("errors.setting_")}
    assert codes and codes <= {key.split(".")[4] for key in all_texts() if key.startswith("doctor.check.team.found.")}
