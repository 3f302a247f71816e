"""The real child, the ledger folder, and what happens when a child dies."""

import dataclasses
import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.data.reading.canonical import CANONICAL
from pdd_audit.data.reading.circumstances import Circumstances
from pdd_audit.data.reading.limits import COMMAND_LINE
from pdd_audit.data.reading.read_file import read_file
from pdd_audit.data.storage.ledger import Ledger
from pdd_audit.texts import all_texts
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
    order, _ = ledger.add(as_csv(orders(5)), EXPORT_NAME, Circumstances(expected="pdd_orders"))
    ledger.add(as_xlsx(service(2)), "service.xlsx")
    assert [report.kind for report in Ledger(ledger.folder).reports()].count("pdd_service") == 1
    for kind in ("pdd_orders", "courier_pickups", "pdd_service"):
        (file,) = ledger.paths(kind)
        assert tuple(duckdb.read_parquet(str(file), hive_partitioning=False).columns) == CANONICAL[kind].COLUMNS
    ids = duckdb.read_parquet(str(ledger.paths("pdd_orders")[0]), hive_partitioning=True).project("import_id").distinct().fetchall()
    assert ids == [(order.sha256,)]
    ledger.remove(pickup.sha256)
    ledger.remove("../../etc/passwd")
    assert ledger.paths("courier_pickups") == [] and len(ledger.reports()) == 2


def test_a_refused_file_leaves_nothing_behind_and_names_itself(ledger):
    with pytest.raises(AuditError) as caught:
        ledger.add(as_csv([["甲", "乙"], ["1", "2"]]), "C:\\表\\揽收.csv", Circumstances(expected="pdd_orders"))
    assert (caught.value.code, caught.value.place.file, caught.value.place.row) == ("unknown_layout", "揽收.csv", 1)
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


def test_a_removed_import_is_out_of_everything_and_comes_back_as_it_was(ledger):
    report, _ = ledger.add(as_csv(orders(5)), EXPORT_NAME, Circumstances(imported_by="lin"))
    ledger.add(as_csv(pickups(5)), "a.csv")
    before, stored = ledger.digest(), ledger.stored()
    ledger.remove(report.sha256)
    fresh = Ledger(ledger.folder)
    assert fresh.digest() != before and fresh.paths("pdd_orders") == [] and len(fresh.reports()) == 1
    assert fresh.removed() == [report] and fresh.verify() == []
    fresh.restore(report.sha256)
    assert (fresh.digest(), fresh.stored(), fresh.removed()) == (before, stored, [])
    assert {one.kind: one.imported_by for one in fresh.reports()} == {"pdd_orders": "lin", "courier_pickups": ""}


def test_the_same_bytes_again_take_a_removed_import_back(ledger):
    report, _ = ledger.add(as_csv(orders(5)), EXPORT_NAME, Circumstances(imported_by="lin"))
    ledger.remove(report.sha256)
    again, new = ledger.add(as_csv(orders(5)), "another name.csv", Circumstances(imported_by="wang"))
    assert (again, new) == (report, True)
    assert ledger.reports() == [report] and ledger.removed() == []


def test_purged_is_forgotten_and_only_what_was_removed_can_be_purged(ledger):
    report, _ = ledger.add(as_csv(orders(5)), EXPORT_NAME)
    ledger.purge(report.sha256)
    assert ledger.reports() == [report]
    ledger.remove(report.sha256)
    ledger.purge(report.sha256)
    assert ledger.removed() == ledger.reports() == []
    assert [path for path in ledger.folder.rglob("*") if path.is_file()] == []


def test_removing_the_same_bytes_a_second_time_leaves_one_to_take_back(ledger):
    report, _ = ledger.add(as_csv(orders(5)), EXPORT_NAME)
    ledger.remove(report.sha256)
    aside = ledger.folder / "removed" / report.kind / f"import_id={report.sha256}"
    shutil.copytree(aside, ledger.folder / report.kind / aside.name)
    ledger.remove(report.sha256)
    assert len(ledger.removed()) == 1 and ledger.reports() == [] and ledger.verify() == []


def _shorten(folder):
    rows = folder / "rows.parquet"
    rows.write_bytes(rows.read_bytes()[:-20])


def _flip(folder):
    rows = folder / "rows.parquet"
    content = bytearray(rows.read_bytes())
    content[10] ^= 1
    rows.write_bytes(content)


def _another_column(folder):
    table = pq.read_table(folder / "rows.parquet")
    pq.write_table(table.append_column("buyer_phone", [[None] * len(table)]), folder / "rows.parquet")


def _fewer_rows(folder):
    pq.write_table(pq.read_table(folder / "rows.parquet").slice(1), folder / "rows.parquet")


def _miscount(folder):
    report = json.loads((folder / "report.json").read_text("utf-8"))
    (folder / "report.json").write_text(json.dumps(report | {"rows_kept": 4}), "utf-8")


DAMAGES = {
    "rows cut short": (_shorten, {"altered", "rows_unreadable"}),
    "one bit of the rows": (_flip, {"altered"}),
    "no rows": (lambda folder: (folder / "rows.parquet").unlink(), {"rows_unreadable"}),
    "a column more": (_another_column, {"altered", "columns_differ"}),
    "a row less": (_fewer_rows, {"altered", "counts_differ"}),
    "counts of the report": (_miscount, {"altered", "counts_differ"}),
    "half a report": (lambda folder: (folder / "report.json").write_text("{"), {"altered", "report_unreadable"}),
    "no report": (lambda folder: (folder / "report.json").unlink(), {"report_unreadable"}),
    "no seal": (lambda folder: (folder / "seal.json").unlink(), {"seal_unreadable"}),
    "a file more": (lambda folder: (folder / "more.parquet").write_bytes(b"PAR1"), {"foreign"}),
    "under another digest": (lambda folder: folder.rename(folder.with_name("import_id=" + "0" * 64)), {"misplaced"}),
    "under no digest": (lambda folder: folder.rename(folder.with_name("import_id=x")), {"foreign"}),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_verify_names_what_is_wrong_and_where(damage, ledger):
    report, _ = ledger.add(as_csv(orders(5)), EXPORT_NAME)
    ledger.add(as_csv(pickups(5)), "a.csv")
    assert ledger.verify() == []
    change, codes = DAMAGES[damage]
    change(ledger.folder / report.kind / f"import_id={report.sha256}")
    found = Ledger(ledger.folder).verify()
    assert {one.code for one in found} == codes
    assert all(one.grave and one.where.startswith("pdd_orders/import_id=") for one in found)


@pytest.mark.parametrize("damage", ["rows cut short", "one bit of the rows", "no rows", "half a report", "no report", "no seal"])
def test_importing_the_file_again_repairs_a_damaged_import(damage, ledger):
    report, _ = ledger.add(as_csv(orders(5)), EXPORT_NAME)
    DAMAGES[damage][0](ledger.folder / report.kind / f"import_id={report.sha256}")
    again, _ = Ledger(ledger.folder).add(as_csv(orders(5)), EXPORT_NAME)
    assert again.rows_kept == report.rows_kept
    assert Ledger(ledger.folder).verify() == []


def test_an_unreadable_import_is_a_refusal_that_names_it(ledger):
    report, _ = ledger.add(as_csv(orders(5)), EXPORT_NAME)
    DAMAGES["half a report"][0](ledger.folder / report.kind / f"import_id={report.sha256}")
    with pytest.raises(AuditError) as caught:
        Ledger(ledger.folder).reports()
    assert caught.value.code == "import_damaged" and report.sha256[:12] in caught.value.place.file


def test_strays_are_only_remarked_and_foreign_files_are_wrong(ledger):
    ledger.add(as_csv(orders(5)), EXPORT_NAME)
    (ledger.folder / "1.part").mkdir()
    (ledger.folder / ".DS_Store").touch()
    assert [(one.code, one.grave) for one in ledger.verify()] == [("stray_fresh", False)]
    (ledger.folder / "订单.csv").touch()
    assert [(one.code, one.where) for one in ledger.verify() if one.grave] == [("foreign", "订单.csv")]


def test_every_finding_has_its_words():
    used = {code for _, codes in DAMAGES.values() for code in codes} | {"stray_fresh", "stray_old", "state_damaged", "nobodys_shop", "proof_damaged"}
    worded = {key.rsplit(".", 1)[1] for key in all_texts() if key.startswith("ledger.findings.")}
    assert worded == used


def test_a_part_that_goes_while_the_ledger_is_being_read_disturbs_nobody(ledger, monkeypatch):
    report, _ = ledger.add(as_csv(orders(5)), EXPORT_NAME)
    (ledger.folder / "gone.part").mkdir()
    (ledger.folder / "pdd_bill").mkdir()
    listed = Path.iterdir

    def racing(folder):
        found = list(listed(folder))
        for vanishing in ("gone.part", "pdd_bill"):  # another process is faster than our next step
            if (folder / vanishing).is_dir():
                (folder / vanishing).rmdir()
        return iter(found)

    monkeypatch.setattr(Path, "iterdir", racing)
    assert Ledger(ledger.folder).reports() == [report]


def test_a_missing_path_is_a_refusal(ledger, tmp_path):
    with pytest.raises(AuditError, match="unreadable_file"):
        ledger.add(tmp_path / "nothing.csv", "nothing.csv")
