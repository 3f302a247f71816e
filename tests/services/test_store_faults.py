"""A disk that is full or locked, files that are damaged, lost or mixed up: named, nothing half saved, and the backup brings all back."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.core.questions import Answer
from pdd_audit.data.storage.instance import noted_id
from pdd_audit.data.storage.shop_rows import troubles_of_state
from pdd_audit.services.answers import load_answers, save_answer
from pdd_audit.services.backup import back_up, restore_backup
from pdd_audit.services.doctor import look_at_home
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.ledger_care import export_parcels
from pdd_audit.services.log import check_log
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shops import create_shop, list_shops
from pdd_audit.services.workspace import open_workspace
from tests.data.builders import EXPORT_NAME, as_csv, orders, pickups

QUESTION = "courier_coordination.fixed_pickup_time"
NOBODY = 65534
PAGE = 4096
ROOT = Path(__file__).resolve().parents[2]
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="needs file limits and users of Linux")

SAVE_UNTIL_REFUSED = """
import resource, sys
from pathlib import Path
from pdd_audit.core.errors import AuditError
from pdd_audit.core.questions import Answer
from pdd_audit.services.answers import load_answers, save_answer
from pdd_audit.services.workspace import open_workspace
workspace = open_workspace(Path(sys.argv[1]))
shop = workspace.state.shops()[0]
most = (workspace.home / "state.db-wal").stat().st_size + 100_000
resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
number = 0
try:
    while number < 500:
        save_answer(workspace, shop.id, sys.argv[2], Answer(answer="met", note=str(number + 1)))
        number += 1
except AuditError as refused:
    print(number, refused.code, load_answers(workspace, shop.id)[sys.argv[2]].note)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
save_answer(workspace, shop.id, sys.argv[2], Answer(answer="met", note="room again"))
"""


@pytest.fixture(scope="module")
def kept():
    """(folder, shop) of an installation that is closed, with its backup beside it; another user of this machine can get there."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        workspace = open_workspace(folder / "home")
        shop = create_shop(workspace, "拾光家居")
        import_files(workspace, shop.id, [Upload(EXPORT_NAME, as_csv(orders(30))), Upload("a.csv", as_csv(pickups(30)))])
        for number in range(40):  # enough for several pages
            save_answer(workspace, shop.id, QUESTION, Answer(answer="met", note=f"{number} " * 60))
        run_audit(workspace, shop.id)
        export_parcels(workspace, shop.id, folder / "parcels.csv")
        back_up(workspace, folder / "backup.zip")
        workspace.state.close()
        yield folder, shop


@pytest.fixture
def home(kept):
    """A copy of the installation for one test."""
    with tempfile.TemporaryDirectory(dir=kept[0]) as name:
        Path(name).chmod(0o755)
        yield shutil.copytree(kept[0] / "home", Path(name) / "home")


def refused(home):
    with pytest.raises(AuditError) as caught:
        open_workspace(home)
    return caught.value.code


def stored(home):
    """What lies there; a reader of SQLite leaves an index of its own and an empty journal."""
    return {path.name: data for path in home.glob("state.db*") if not path.name.endswith("-shm") and ((data := path.read_bytes()) or path.suffix == ".db")}


def restored(kept, home):
    """What the backup brings back elsewhere, while the bad files lie where they are."""
    restore_backup(kept[0] / "backup.zip", home.parent / "again")
    workspace = open_workspace(home.parent / "again")
    sound = not check_log(workspace, kept[1].id).troubles and load_answers(workspace, kept[1].id)[QUESTION].answer == "met"
    workspace.state.close()
    return sound


def overwritten(home, start, content):
    data = bytearray((home / "state.db").read_bytes())
    data[start:start + len(content)] = content
    (home / "state.db").write_bytes(data)


def emptied(home):
    (home / "state.db").write_bytes(b"")


def cut_in_half(home):
    data = (home / "state.db").read_bytes()
    (home / "state.db").write_bytes(data[:len(data) // 2])


def beside_the_journal_of_another(home):
    """As when somebody puts an old copy back and leaves what belongs to the newer one beside it."""
    newer = home.parent / "newer"
    shutil.copytree(home, newer)
    workspace = open_workspace(newer)
    shop = workspace.state.shops()[0]
    for number in range(60):
        save_answer(workspace, shop.id, QUESTION, Answer(answer="met", note=f"{number} " * 60))
        if number == 40:
            with closing(sqlite3.connect(newer / "state.db")) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(newer / "state.db-wal", home / "state.db-wal")
    workspace.state.close()


def replaced(home):
    """Somebody puts the file of another installation there, sound as it is and as empty as it began."""
    for path in home.glob("state.db*"):
        path.unlink()
    open_workspace(home.parent / "other").state.close()
    shutil.copy(home.parent / "other" / "state.db", home / "state.db")


DAMAGES = {
    "2000 bytes of a page": (lambda home: overwritten(home, PAGE * 3, os.urandom(2000)), "store_damaged"),
    "the first page": (lambda home: overwritten(home, 0, os.urandom(2000)), "store_damaged"),
    "half a file": (cut_in_half, "store_damaged"),
    "no byte": (emptied, "store_lost"),
    "no file": (lambda home: (home / "state.db").unlink(), "store_lost"),
    "the journal of another": (beside_the_journal_of_another, "store_damaged"),
    "the file of another": (replaced, "store_other"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_is_not_opened_and_the_backup_comes_back(damage, kept, home):
    spoil, code = DAMAGES[damage]
    spoil(home)
    before = stored(home)
    assert refused(home) == code
    assert stored(home) == before
    assert restored(kept, home)


def test_folder_and_database_are_paired_once_and_anew_only_when_somebody_says_so(home, kept):
    id = noted_id(home)
    (home / "instance.id").unlink()
    (home / "instance.id").touch()  # as a power cut leaves it
    open_workspace(home).state.close()
    assert noted_id(home) == id is not None
    replaced(home)
    told = {(one.what, one.found) for one in look_at_home(home) if one.state == "broken"}
    assert ("database", "other") in told and refused(home) == "store_other"
    (home / "instance.id").unlink()
    open_workspace(home).state.close()
    assert noted_id(home) == noted_id(home.parent / "other") != id
    restore_backup(kept[0] / "backup.zip", home.parent / "again")
    open_workspace(home.parent / "again").state.close()
    assert noted_id(home.parent / "again") not in (None, id), "what is restored is an installation of its own"


def test_a_database_whose_shared_memory_is_gone_has_every_save(home, kept, tmp_path):
    workspace = open_workspace(home)
    save_answer(workspace, kept[1].id, QUESTION, Answer(answer="unmet", note="the last one"))
    left = tmp_path / "left"
    shutil.copytree(home, left)  # as a kill leaves it: with a journal
    workspace.state.close()
    (left / "state.db-shm").unlink()
    assert (left / "state.db-wal").stat().st_size
    again = open_workspace(left)
    assert load_answers(again, kept[1].id)[QUESTION].note == "the last one" and not check_log(again, kept[1].id).troubles
    again.state.close()


@linux_only
def test_a_full_disk_is_named_and_every_acknowledged_answer_is_there(home, kept):
    done = subprocess.run([sys.executable, "-c", SAVE_UNTIL_REFUSED, home, QUESTION], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    acknowledged, code, stored = done.stdout.split()
    assert code == "store_full" and int(acknowledged) and stored == acknowledged
    assert troubles_of_state(home / "state.db") == []
    workspace = open_workspace(home)
    assert load_answers(workspace, kept[1].id)[QUESTION].note == "room again" and not check_log(workspace, kept[1].id).troubles
    workspace.state.close()


@contextmanager
def locked(home, what):
    """Nobody may write there. Root may write everywhere, so root becomes somebody else meanwhile."""
    with_folders = [home, *(path for path in home.rglob("*") if what == "folder" or path.name.startswith("state.db"))]
    modes = {path: path.stat().st_mode for path in with_folders if what == "folder" or path != home}
    root = not os.geteuid()
    if root:
        for path in (home, *home.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        for path, mode in modes.items():
            path.chmod(mode)


@linux_only
@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_cannot_be_written_can_be_read_and_exported(what, home, kept):
    target = home.parent / "out"
    target.mkdir(mode=0o777)
    target.chmod(0o777)
    before = (home / "state.db").read_bytes()
    with locked(home, what):
        workspace = open_workspace(home)
        assert workspace.state.only_readable
        shop = list_shops(workspace)[0]
        for edit in (lambda: save_answer(workspace, shop.id, QUESTION, Answer(answer="unmet")), lambda: create_shop(workspace, "另一家")):
            with pytest.raises(AuditError, match="store_read_only"):
                edit()
        assert run_audit(workspace, shop.id).result.score.value is not None
        assert export_parcels(workspace, shop.id, target / "parcels.csv") == 30
        assert not check_log(workspace, shop.id).troubles
        workspace.state.close()
    assert (home / "state.db").read_bytes() == before and (target / "parcels.csv").read_bytes() == (kept[0] / "parcels.csv").read_bytes()
    workspace = open_workspace(home)  # unlocked, it saves again
    save_answer(workspace, shop.id, QUESTION, Answer(answer="unmet"))
    workspace.state.close()


def test_a_newer_journal_of_ones_own_is_no_damage(home):
    """Another program reads and writes the same home: what it has not yet moved into the file is there for everybody."""
    one, other = open_workspace(home), open_workspace(home)
    shop = create_shop(one, "另一家")
    assert shop in list_shops(other)
    with closing(sqlite3.connect(home / "state.db")) as connection:
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
    one.state.close()
    other.state.close()
