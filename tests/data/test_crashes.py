"""What a kill, a second process and a full disk leave of a ledger: the old one or the new one, and never less."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.data.reading import read_file
from pdd_audit.data.storage.ledger import Ledger
from tests.data.builders import EXPORT_NAME, as_csv, orders, pickups

linux_only = pytest.mark.skipif(not hasattr(os, "killpg") or sys.platform != "linux", reason="needs process groups and file limits of Linux")

ADD = """
import sys
from pathlib import Path
from pdd_audit.core.errors import AuditError
from pdd_audit.data.storage.ledger import Ledger
if sys.argv[3] != "0":
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
try:
    report, new = Ledger(Path(sys.argv[1])).add(Path(sys.argv[2]), Path(sys.argv[2]).name)
except AuditError as error:
    print(error.code, error.place.file)
else:
    print("new" if new else "old")
"""


def importing(ledger, file, file_bytes=0):
    """A process of its own that imports one file."""
    command = [sys.executable, "-c", ADD, str(ledger.folder), str(file), str(file_bytes)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).resolve().parents[2])


def said(process):
    answer = process.communicate(timeout=120)[0].strip()
    assert process.returncode == 0
    return answer


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "ledger")


@pytest.fixture
def files(tmp_path):
    order, pickup = tmp_path / EXPORT_NAME, tmp_path / "courier.csv"
    order.write_bytes(as_csv(orders(800)))
    pickup.write_bytes(as_csv(pickups(800)))
    return order, pickup


@pytest.mark.slow
@linux_only
def test_an_import_killed_at_any_moment_leaves_the_old_ledger_or_the_new_one(tmp_path):
    from scripts.kill_imports import kill_imports

    tally = kill_imports(tmp_path, times=8, seed=7)
    assert tally.wrong == []
    assert tally.killed == 8 and tally.old + tally.new == 8 + tally.finished and tally.strays
    assert tally.again == 4, "half of them read a file once more"


def test_two_processes_with_the_same_file_make_one_import(ledger, files):
    both = [importing(ledger, files[0]) for _ in range(2)]
    answers = sorted(said(process) for process in both)
    assert answers[-1] in ("new", "old") and "new" in answers
    assert len(ledger.reports()) == 1 and ledger.verify() == []
    assert list(ledger.folder.glob("*.part")) == []


def test_two_processes_with_different_files_make_two(ledger, files):
    both = [importing(ledger, file) for file in files]
    assert [said(process) for process in both] == ["new", "new"]
    assert {report.kind for report in ledger.reports()} == {"pdd_orders", "courier_pickups"} and ledger.verify() == []


def test_removing_and_importing_at_once_ends_with_one_or_the_other(ledger, files):
    report, _ = ledger.add(files[0], files[0].name)
    for _ in range(3):
        process = importing(ledger, files[0])
        ledger.remove(report.sha256)
        said(process)
        assert len(ledger.reports()) + len(ledger.removed()) == 1 and ledger.verify() == []
        ledger.restore(report.sha256)


@linux_only
@pytest.mark.parametrize("file_bytes", [100, 4_000, 20_000], ids=lambda most: f"{most} bytes")
def test_a_full_disk_is_named_and_costs_nothing(file_bytes, ledger, files):
    ledger.add(as_csv(pickups(3)), "courier.csv")
    before = ledger.digest()
    assert said(importing(ledger, files[0], file_bytes)) == f"disk_full {EXPORT_NAME}"
    assert ledger.digest() == before and ledger.verify() == []
    assert list(ledger.folder.glob("*.part")) == []
    assert said(importing(ledger, files[0])) == "new"


@pytest.mark.parametrize("step", ["seal", "sync_folder"])
def test_a_disk_that_fills_up_at_the_last_step_costs_nothing(step, ledger, monkeypatch):
    ledger.add(as_csv(pickups(3)), "courier.csv")
    before = ledger.digest()

    def refuse(*_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(read_file, step, refuse)
    with pytest.raises(AuditError) as caught:
        ledger.add(as_csv(orders(5)), EXPORT_NAME)
    assert (caught.value.code, caught.value.place.file) == ("disk_full", EXPORT_NAME)
    assert Ledger(ledger.folder).digest() == before and Ledger(ledger.folder).verify() == []


def test_a_folder_that_may_not_be_written_is_named(ledger, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(AuditError, match="not_written"):
        ledger.add(as_csv(orders(5)), EXPORT_NAME)
