"""One server to a data folder: the second is told of the first, and a server that was killed stands in nobody's way."""

import subprocess
import sys
from pathlib import Path

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.services.one_server import FILE, Holder, only_server, refuse_beside_server
from pdd_audit.texts import LANGS, error_text

ROOT = Path(__file__).resolve().parents[2]
HOLDER = Holder(1, "2026-11-23 09:00", "127.0.0.1:8501")
HOLD = """
import sys, time
from pathlib import Path
from pdd_audit.services.one_server import Holder, only_server
with only_server(Path(sys.argv[1]), Holder(4711, "2026-11-23 08:00", "0.0.0.0:8501")):
    print("held", flush=True)
    sys.stdin.read()
"""


def refused(home):
    with pytest.raises(AuditError) as refusal, only_server(home, HOLDER):
        pytest.fail("two servers on one folder")
    return refusal.value


def test_a_second_server_is_told_who_the_first_is_and_a_killed_one_holds_nothing(tmp_path):
    home = tmp_path / "home"
    first = subprocess.Popen([sys.executable, "-c", HOLD, home], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert first.stdout.readline() == "held\n"
        refusal = refused(home)
        assert refusal.code == "serve_running"
        told = [refusal]
        if sys.platform != "win32":
            with pytest.raises(AuditError, match="serve_beside") as beside:
                refuse_beside_server(home)
            told.append(beside.value)
        for lang in LANGS:
            assert all(word in error_text(one, lang)[0] for one in told for word in ("4711", "2026-11-23 08:00", "0.0.0.0:8501"))
    finally:
        first.kill()
        first.communicate(timeout=20)
    refuse_beside_server(home)
    with only_server(home, HOLDER):
        assert "4711" not in (home / FILE).read_text() and refused(home).values["address"] == HOLDER.address
        (home / FILE).write_bytes(b"\xff{")
        assert refused(home).code == "serve_running", "what stands in the file is no lock"
    with only_server(home, HOLDER):
        pass


def test_a_folder_that_cannot_be_locked_is_named(tmp_path):
    (tmp_path / "file").touch()
    assert refused(tmp_path / "file").code == "serve_no_lock"
