"""A file that is read in another way: at every moment its old reading counts or its new one, whoever is killed between two steps."""

import hashlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.core.imports import ImportReport, NoticeRecord
from pdd_audit.data.reading.import_folder import columns_of, folder_of, seal
from pdd_audit.data.storage.glance import imports_seen
from pdd_audit.data.storage.ledger import Ledger
from pdd_audit.data.storage.readings import replaced, root_after

SHA256 = hashlib.sha256(b"a file").hexdigest()


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "ledger")


def put(root, unit=None, kind="pdd_bill"):
    """A whole import below a root, as a reader leaves it."""
    notices = [] if unit is None else [NoticeRecord(code=f"read_as_{unit}", values={"name": "expense_yuan"})]
    report = ImportReport(file="a.csv", kind=kind, source=kind, sha256=SHA256, size_bytes=6, rows_read=1, rows_kept=1, notices=notices)
    folder = folder_of(root, report)
    folder.mkdir(parents=True)
    types = {name: pa.timestamp("us") if name.endswith("_at") else pa.int32() if name == "source_row" else pa.string() for name in columns_of(kind)}
    pq.write_table(pa.table({name: pa.array([None], of) for name, of in types.items()}), folder / "rows.parquet")
    seal(folder, report, 1)
    return report


def second(ledger):
    return ledger.folder / "reading-2"


@pytest.mark.parametrize("kind", ["pdd_bill", "pdd_violations"])
def test_from_the_rename_on_the_later_reading_counts_and_nothing_else_of_the_file(kind, ledger, tmp_path):
    old = put(ledger.folder)
    before, seen = ledger.digest(), imports_seen(ledger.folder)
    assert ledger.reports() == [old]
    new = put(second(ledger), "fen", kind)
    assert ledger.reports() == [new] and ledger.kind_of(SHA256) == kind and ledger.digests() == [SHA256]
    [(path, report)] = ledger.files(kind)
    assert path.is_relative_to(second(ledger)) and report == new and ledger.paths("pdd_orders") == []
    assert ledger.digest() != before and imports_seen(ledger.folder) != seen
    assert [ledger.packed_name(path) for path in ledger.stored()] == [
        f"{kind}/import_id={SHA256}/{name}" for name in ("rows.parquet", "report.json", "seal.json")
    ], "an archive is told of one reading"
    assert [(one.code, one.where, one.grave) for one in ledger.verify()] == [("stray_old", f"pdd_bill/import_id={SHA256}", False)]


def test_what_a_killed_import_left_goes_with_the_next_one(ledger):
    put(ledger.folder)
    new = put(second(ledger), "fen")
    with pytest.raises(AuditError, match="unreadable_file"):
        ledger.add(ledger.folder / "nothing.csv", "nothing.csv")
    assert replaced(ledger.folder) == [] and ledger.reports() == [new] and ledger.verify() == []


def test_a_file_that_is_removed_does_not_come_back_as_it_was_read_before(ledger):
    put(ledger.folder)
    new = put(second(ledger), "fen")
    ledger.remove(SHA256)
    assert ledger.reports() == [] and ledger.removed() == [new] and ledger.verify() == []
    ledger.restore(SHA256)
    assert ledger.reports() == [new] and ledger.removed() == []
    ledger.remove(SHA256)
    ledger.purge(SHA256)
    assert not [path for path in ledger.folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", ["pdd_bill", "pdd_violations"])
def test_a_reading_that_is_taken_back_counts_and_the_one_that_counted_is_put_aside(kind, ledger):
    old = put(ledger.folder)
    ledger.remove(SHA256)
    new = put(ledger.folder, "fen", kind)
    for counts, aside in ((old, new), (new, old)):
        ledger.restore(SHA256)
        assert ledger.reports() == [counts] and ledger.removed() == [aside] and ledger.verify() == []
    ledger.remove(SHA256)
    assert ledger.reports() == [] and ledger.removed() == [new], "one is enough to take back"


def test_whoever_looks_while_the_new_reading_comes_sees_the_one_or_the_other(ledger, monkeypatch):
    put(ledger.folder)
    real, steps = Ledger._report, iter([lambda: put(second(ledger), "fen"), lambda: ledger._settle(SHA256)])

    def overtaken(self, folder):
        for step in steps:  # all of it, between the list of folders and the first look into one
            step()
        return real(self, folder)

    monkeypatch.setattr(Ledger, "_report", overtaken)
    assert [report.units for report in ledger.reports()] == [{"expense_yuan": "fen"}]


@pytest.mark.parametrize("asked", ["digest", "stored"])
def test_what_names_the_ledger_is_never_of_half_a_change(asked, ledger, monkeypatch):
    put(ledger.folder)
    real = Ledger._folders

    def overtaken(self, removed=False):
        found = real(self, removed)
        if not second(ledger).exists():
            put(second(ledger), "fen")
            ledger._settle(SHA256)
        return found

    monkeypatch.setattr(Ledger, "_folders", overtaken)
    found = getattr(ledger, asked)()
    monkeypatch.undo()
    assert found and found == getattr(ledger, asked)()


def test_readings_are_numbered_and_a_number_nobody_gave_is_named(ledger):
    put(ledger.folder)
    assert root_after(ledger.folder, *ledger._folders()) == second(ledger)
    put(second(ledger), "fen")
    assert root_after(ledger.folder, *ledger._folders()) == ledger.folder / "reading-3"
    ledger._settle(SHA256)
    put(ledger.folder / "reading-9", "yuan")
    assert [(one.code, one.where) for one in ledger.verify()] == [("foreign", "reading-9")]
