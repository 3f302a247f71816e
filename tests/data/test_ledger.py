"""The real child, the ledger folder, and what happens when a child dies."""

import dataclasses
import os
import time
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.data.canonical import CANONICAL
from pdd_audit.data.ledger import Ledger
from pdd_audit.data.limits import COMMAND_LINE
from pdd_audit.data.read_file import read_file
from tests.data.builders import EXPORT_NAME, as_csv, as_xlsx, orders, pickups, service

pytestmark = pytest.mark.usefixtures("way")


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "it's a ledger")


def test_the_same_bytes_twice_change_nothing(ledger):
    first, new = ledger.add(as_csv(orders(5)), EXPORT_NAME)
    before = ledger.digest()
    again, second_new = ledger.add(as_csv(orders(5)), "another name.csv")
    assert (new, second_new) == (True, False)
    assert again == first and ledger.digest() == before and len(ledger.reports()) == 1


def test_three_kinds_live_side_by_side_and_leave_again(ledger, tmp_path):
    path = tmp_path / "揽收 '表'.csv"
    path.write_bytes(as_csv(pickups(5), "gb18030"))
    pickup, _ = ledger.add(path, path.name)
    order, _ = ledger.add(as_csv(orders(5)), EXPORT_NAME, expected="pdd_orders")
    ledger.add(as_xlsx(service(2)), "service.xlsx")
    assert [report.kind for report in Ledger(ledger.folder).reports()].count("pdd_service") == 1
    for kind, canonical in CANONICAL.items():
        (file,) = ledger.paths(kind)
        assert tuple(duckdb.read_parquet(str(file), hive_partitioning=False).columns) == canonical.COLUMNS
    ids = duckdb.read_parquet(str(ledger.paths("pdd_orders")[0]), hive_partitioning=True).project("import_id").distinct().fetchall()
    assert ids == [(order.sha256,)]
    ledger.remove(pickup.sha256)
    ledger.remove("../../etc/passwd")
    assert ledger.paths("courier_pickups") == [] and len(ledger.reports()) == 2


def test_a_refused_file_leaves_nothing_behind_and_names_itself(ledger):
    with pytest.raises(AuditError) as caught:
        ledger.add(as_csv(pickups(5)), "C:\\表\\揽收.csv", expected="pdd_orders")
    assert (caught.value.code, caught.value.place.file, caught.value.place.row) == ("other_kind", "揽收.csv", 1)
    assert list(ledger.folder.iterdir()) == []


def test_two_imports_at_once_do_not_disturb_each_other(ledger):
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda job: ledger.add(*job), [(as_csv(orders(50)), EXPORT_NAME), (as_csv(pickups(50)), "a.csv")]))
    assert [new for _, new in both] == [True, True] and len(ledger.reports()) == 2


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (dataclasses.replace(COMMAND_LINE, address_space_bytes=200 * 1024**2), {"reader_memory", "reader_crashed"}),
        (dataclasses.replace(COMMAND_LINE, wall_seconds=0), {"reader_time"}),
    ],
)
def test_a_child_that_dies_harms_nobody(tmp_path, limits, code):
    with pytest.raises(AuditError) as caught:
        read_file(as_csv(orders(5)), EXPORT_NAME, tmp_path, limits=limits)
    assert caught.value.code in code
    assert list(tmp_path.iterdir()) == []


def test_progress_rises_to_the_caller(tmp_path):
    seen = []
    read_file(as_csv(orders(5)), EXPORT_NAME, tmp_path, on_progress=seen.append)
    assert seen == sorted(seen) and seen[-1] <= 1


def test_strays_of_yesterday_are_swept(ledger):
    ledger.folder.mkdir()
    old, fresh = ledger.folder / "old.part", ledger.folder / "fresh.part"
    for folder in (old, fresh):
        folder.mkdir()
    os.utime(old, (time.time() - 2 * 86400,) * 2)
    ledger.add(as_csv(orders(3)), EXPORT_NAME)
    assert not old.exists() and fresh.exists()


def test_a_missing_path_is_a_refusal(ledger, tmp_path):
    with pytest.raises(AuditError, match="unreadable_file"):
        ledger.add(tmp_path / "nothing.csv", "nothing.csv")
