"""``doctor`` on a sound home, on sick ones, and on a program that was changed; it tells all and touches nothing."""

import json
import os
import shutil
import sqlite3
import sys
from contextlib import closing
from datetime import timedelta

import pytest

from pdd_audit.cli import main
from pdd_audit.services.doctor import look_at_home, look_at_program
from pdd_audit.services.workspace import now
from pdd_audit.texts import LANGS, Words
from tests.data.builders import EXPORT_NAME, as_csv, orders

NAME = "青柠杂货铺"
LONG_AGO = 1_700_000_000


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("doctor")
    (folder / EXPORT_NAME).write_bytes(as_csv(orders(20)))
    assert main(["import", "--home", str(folder / "home"), "--shop", NAME, str(folder / EXPORT_NAME)]) == 0
    assert main(["ledger", "backup", "--home", str(folder / "home"), "--out", str(folder / "b.zip")]) == 0
    return folder / "home"


@pytest.fixture
def home(built, tmp_path):
    return shutil.copytree(built, tmp_path / "home")


def told(checks):
    """What is not well; every check has its words."""
    for lang in LANGS:
        for one in checks:
            for part in ("what", f"found.{one.found}", *(["needed", "cure"] if one.state != "well" else [])):
                assert Words(lang)(f"doctor.check.{one.what}.{part}", **one.values)
    return {(one.what, one.state, one.found) for one in checks if one.state != "well"}


def bytes_of(home):
    """Every file that holds something; a reader of SQLite leaves an index of its own and an empty log beside the database."""
    found = {path: path.read_bytes() for path in home.rglob("*") if path.is_file() and not path.name.endswith("-shm")}
    return {path: data for path, data in found.items() if data or not path.name.endswith("-wal")}


def in_database(home, statement):
    with closing(sqlite3.connect(home / "state.db")) as connection:
        connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize("lang", LANGS)
def test_a_sound_home_ends_with_0_and_stays_as_it_was(home, lang, capsys, monkeypatch):
    monkeypatch.setenv("PDD_AUDIT_NOTIFY", "dingtalk://not-to-be-shown")
    before = bytes_of(home)
    assert main(["doctor", "--home", str(home), "--lang", lang]) == 0
    out = capsys.readouterr().out
    assert "not-to-be-shown" not in out and "PDD_AUDIT_NOTIFY" in out and "✗" not in out and "!" not in out
    assert bytes_of(home) == before


def test_a_sick_home_ends_with_2_and_says_what_how_and_where_in_json(home, capsys):
    rows = next(home.rglob("rows.parquet"))
    rows.write_bytes(rows.read_bytes()[:-10])
    assert main(["doctor", "--home", str(home), "--format", "json", "--lang", "en"]) == 2
    given = json.loads(capsys.readouterr().out)
    (wrong,) = [one for one in given["checks"] if one["state"] != "well"]
    assert given["state"] == "broken" and wrong["check"] == "ledger" and wrong["cure"] and wrong["needed"]
    assert NAME in wrong["found"] and rows.parent.name in wrong["found"] and Words("en")("ledger.findings.altered") in wrong["found"]


@pytest.mark.skipif(sys.platform == "win32", reason="mode bits say nothing on Windows")
def test_what_is_worth_a_warning_is_told_together(home):
    home.chmod(0o755)
    (home / "log.key").chmod(0o644)
    strays = [next(home.rglob("ledger")) / "import-1.part", home / "backup-1.part"]
    for stray in strays:
        stray.mkdir()
        os.utime(stray, (LONG_AGO, LONG_AGO))
    (home / "shops" / ("0" * 32)).mkdir()
    in_database(home, "UPDATE alembic_version SET version_num = '0001'")
    checks = look_at_home(home, now() + timedelta(days=9))
    assert told(checks) == {
        ("rights", "warning", "read"), ("key", "warning", "read"), ("left", "warning", "there"), ("nobodys", "warning", "there"),
        ("database", "warning", "older"), ("backup", "warning", "old"),
    }
    assert next(one.values["n"] for one in checks if one.what == "left") == len(strays)


def test_a_clock_before_the_newest_import_is_told(home):
    assert told(look_at_home(home, now() - timedelta(hours=1))) == {("clock", "broken", "slow")}


@pytest.mark.parametrize("found", ["newer", "unopened", "damaged", "lost"])
def test_a_database_that_cannot_be_used_is_told_and_kept(home, found):
    database = home / "state.db"
    if found == "newer":
        in_database(home, "UPDATE alembic_version SET version_num = '9999'")
    else:
        for beside in home.glob("state.db-*"):
            beside.unlink()
        {"unopened": lambda: database.write_bytes(b""), "damaged": lambda: database.write_bytes(b"no database " * 900), "lost": database.unlink}[found]()
    kept = bytes_of(home)
    assert ("database", "broken", found) in told(look_at_home(home))
    assert bytes_of(home) == kept


def test_a_home_that_is_not_there_is_not_made(tmp_path):
    assert told(look_at_home(tmp_path / "none")) == {("home", "warning", "missing")}
    assert not (tmp_path / "none").exists()


def test_a_program_that_was_changed_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("pathlib.Path.home", lambda: tmp_path / "user")
    (tmp_path / "app.py").touch()
    (tmp_path / "requirements.txt").write_text("PyYAML==1.0 \\\n    --hash=sha256:00\nno-such-package==1.0 ; python_version > '3'\nabsent==1 ; python_version < '3'\n")
    for folder, text in ((tmp_path / "user", "[server]\naddress = '0.0.0.0'\nenableCORS = false\n"), (tmp_path, "[server]\naddress = '127.0.0.1'\n")):
        (folder / ".streamlit").mkdir(parents=True)
        (folder / ".streamlit" / "config.toml").write_text(text)
    expected = {("packages", "broken", "missing"), ("cors", "broken", "off"), ("stats", "warning", "off")}
    assert told(look_at_program(None, {}, tmp_path)) == expected
    environ = {"STREAMLIT_SERVER_ADDRESS": "0.0.0.0", "STREAMLIT_SERVER_ENABLE_CORS": "true", "PDD_AUDIT_KUAIDI100_KEY": "secret"}
    checks = look_at_program(tmp_path, environ, tmp_path)
    assert told(checks) - expected == {("address", "broken", "open"), ("keys", "warning", "half"), ("checklists", "broken", "wrong")}
    assert "secret" not in repr(checks)
    (tmp_path / "requirements.txt").write_text("PyYAML==1.0\n")
    (tmp_path / ".streamlit" / "config.toml").write_text("[server\n")
    assert told(look_at_program(None, {}, tmp_path)) == {("packages", "warning", "other"), ("app", "broken", "unreadable")}
