"""``doctor`` on a sound home, on sick ones, and on a program that was changed; it tells all and touches nothing."""

import json
import os
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import PurePosixPath

import pytest

from pdd_audit.cli import main
from pdd_audit.services import doctor_disks
from pdd_audit.services.doctor import look_at_home, look_at_program
from pdd_audit.services.workspace import now
from pdd_audit.texts import LANGS, Words
from tests.data.builders import EXPORT_NAME, as_csv, orders

NAME = "青柠杂货铺"
LONG_AGO = 1_700_000_000
MOUNTS = r"""22 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw
23 22 0:41 / /mnt/team\040disk rw - nfs4 server:/x rw
24 22 0:42 / /srv rw - autofs systemd-1 rw
25 24 0:43 / /srv rw - cifs //nas/x rw
26 25 0:44 / /srv/own rw - xfs /dev/vdb rw
27 22 0:45 / /home/lin/far rw - fuse.sshfs lin@far: rw
a line that is none"""


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


@pytest.mark.skipif(sys.platform != "linux", reason="mounts, sparse files and mode bits as Linux has them")
def test_what_is_wrong_with_the_disks_below_is_told(home, tmp_path, monkeypatch):
    mounts, shared = tmp_path / "mountinfo", tmp_path / "shared"
    mounts.write_text(f"1 0 0:1 / / rw - ext4 /dev/vda rw\n2 1 0:2 / {str(home).replace(' ', chr(92) + '040')} rw - nfs4 nas:/x rw\n")
    monkeypatch.setattr(doctor_disks, "MOUNTS", mounts)
    with (home / "state.db-wal").open("wb") as journal:
        journal.truncate(64_000_001)
    shared.mkdir()
    shared.chmod(0o777)
    monkeypatch.setenv("TMPDIR", str(shared))
    monkeypatch.setattr(tempfile, "tempdir", None)
    later = now() + timedelta(days=6)
    assert told(look_at_home(home, later)) == {("drive", "broken", "database"), ("journal", "warning", "large"), ("temporary", "warning", "written")}
    monkeypatch.setenv("TMPDIR", str(tmp_path / "none"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    mounts.unlink()
    assert told(look_at_home(home, later)) == {("journal", "warning", "large"), ("temporary", "warning", "passed_over")}
    assert ("drive", "unknown") in {(one.what, one.found) for one in look_at_home(home, later)}


@pytest.mark.parametrize(("path", "kind"), [
    ("/var/lib/audit", "ext4"), ("/mnt/team disk/audit", "nfs4"), ("/mnt/team disks", "ext4"), ("/srv/audit", "cifs"), ("/srv/own/audit", "xfs"),
    ("/home/lin/far", "fuse.sshfs"), ("/home/lin", "ext4"),
])
def test_a_path_lies_on_the_deepest_and_newest_mount_above_it(path, kind):
    assert doctor_disks.file_system_of(MOUNTS, PurePosixPath(path)) == kind


def test_without_a_list_nothing_is_known_of_a_path():
    assert doctor_disks.file_system_of("", PurePosixPath("/srv")) is None


def test_a_head_of_the_log_is_asked_for_each_month(home, capsys):
    month = now() + timedelta(days=32)
    assert ("heads", "warning", "never") in told(look_at_home(home, month))
    assert main(["log", "verify", "--home", str(home)]) == 0
    assert {one.found for one in look_at_home(home) if one.what == "heads"} == {"well"}
    assert ("heads", "warning", "old") in told(look_at_home(home, month))


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
