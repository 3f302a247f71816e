"""Windows and macOS hand over files with names, Linux descriptors: the real child reads the same in both ways, and leaves nothing."""

import ctypes
import os
import stat
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.data.reading import child, hand_over, read_file, windows_limits
from pdd_audit.data.reading.limits import COMMAND_LINE, Limits
from tests.data.builders import EXPORT_NAME, LAYOUTS, as_csv, as_xlsx, orders, pickups, service
from tests.data.conftest import WAYS, choose_way
from tests.data.test_bad_files import CASES


def _misfits():
    table = orders(60)
    table[7] = [*table[7], "多出来的单元格"]
    return as_csv(table)


GOOD = {
    "UTF-8": as_csv(orders(40)),
    "GB18030, transcoded": as_csv(orders(40, LAYOUTS["L1"]), "gb18030"),
    "UTF-16, transcoded": as_csv(orders(40), "utf-16"),
    "semicolons and line feeds": as_csv(pickups(9), end="\n", delimiter=";"),
    "strict pass": _misfits(),
    "strict pass, transcoded": _misfits().decode().encode("gb18030"),
    "XLSX": as_xlsx(service(4)),
}
BAD = [
    "0 bytes", "only a BOM and blanks", "header only", "unknown layout", "broken byte", "glued encodings", "RAR", "encrypted xlsx",
    "cut xlsx", "zip bomb", "one giant line", "lost digits", "too many bad rows",
]  # fmt: skip
IMPORTED_AT = datetime(2026, 11, 20, 18)


def _read(content, folder, **more):
    report = read_file.read_file(content, EXPORT_NAME, folder, imported_at=IMPORTED_AT, **more)
    place = read_file.folder_of(folder, report)
    assert {path for path in folder.rglob("*") if path.is_file()} == {place / name for name in ("report.json", "rows.parquet", "seal.json")}
    return report, pq.read_table(place / "rows.parquet", partitioning=None).to_pylist()


@pytest.fixture
def like_windows(monkeypatch):
    """Neither we nor the child have what Windows lacks; nothing is inherited but the three pipes."""
    choose_way(monkeypatch, "named file")
    absent = ("pread", "memfd_create", "killpg", "fork", "getuid", "sysconf")
    for name in absent:
        monkeypatch.delattr(os, name, raising=False)
    entry = f"import os, sys; [delattr(os, n) for n in {absent} if hasattr(os, n)]; sys.modules['resource'] = None; "
    monkeypatch.setattr(read_file, "_ENTRY", entry.replace("{", "{{").replace("}", "}}") + read_file._ENTRY)
    started = subprocess.Popen

    def start(*arguments, **more):
        assert more["pass_fds"] == ()
        return started(*arguments, **more)

    monkeypatch.setattr(subprocess, "Popen", start)


@pytest.mark.parametrize("case", GOOD)
def test_both_ways_read_the_same(case, tmp_path, monkeypatch):
    results = []
    for way in WAYS:
        choose_way(monkeypatch, way)
        results.append(_read(GOOD[case], tmp_path / way))
    assert results[0] == results[1]


@pytest.mark.parametrize("case", GOOD)
def test_without_what_windows_lacks_a_file_is_read(case, tmp_path, like_windows):
    path = tmp_path / "导出 (1) [2]'s 100%.csv"
    path.write_bytes(GOOD[case])
    report, rows = _read(path, tmp_path / "ledger")
    assert report.rows_kept == len(rows) > 0 and report.size_bytes == len(GOOD[case])
    assert path.read_bytes() == GOOD[case]


@pytest.mark.parametrize("case", BAD)
def test_without_what_windows_lacks_a_bad_file_is_refused(case, tmp_path, like_windows):
    content, name, code, row, _ = CASES[case]
    with pytest.raises(AuditError) as caught:
        read_file.read_file(content, name, tmp_path)
    assert (caught.value.code, caught.value.place.row) == (code, row)
    assert list(tmp_path.iterdir()) == []


def test_without_what_windows_lacks_a_late_child_is_ended(tmp_path, like_windows):
    with pytest.raises(AuditError, match="reader_time"):
        read_file.read_file(as_csv(orders(3)), EXPORT_NAME, tmp_path, limits=Limits(wall_seconds=0))
    assert list(tmp_path.iterdir()) == []


def test_a_named_file_that_grows_too_far_ends_its_child(tmp_path, monkeypatch):
    choose_way(monkeypatch, "named file")
    monkeypatch.setattr(read_file, "_POLL_SECONDS", 0.01)
    monkeypatch.setattr(Limits, "written_bytes", lambda self, size: 100)  # here only: the child counts for itself
    with pytest.raises(AuditError, match="reader_crashed"):
        read_file.read_file(as_csv(orders(3)), EXPORT_NAME, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_lies_on_disk_meanwhile_is_private_and_has_our_names(tmp_path, way):
    path = tmp_path / "张三的订单.csv"
    path.write_bytes(as_csv(orders(20), "gb18030"))
    seen = {}

    def look(_share):
        (folder,) = (tmp_path / "ledger").glob("*.part")
        seen.update({file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()})
        assert os.name == "nt" or stat.S_IMODE(folder.stat().st_mode) == 0o700

    _read(path, tmp_path / "ledger", on_progress=look)
    raw = {"input": 0o600, "utf8": 0o600} if way == "named file" else {}
    assert {name.partition("-")[0]: mode for name, mode in seen.items() if not name.endswith((".parquet", ".json"))} == raw


def test_a_caller_that_gives_up_leaves_nothing_behind(tmp_path, way):
    def stop(_share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_file.read_file(as_csv(orders(20)), EXPORT_NAME, tmp_path, on_progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_a_relative_folder_with_an_odd_name_works(tmp_path, way, monkeypatch):
    monkeypatch.chdir(tmp_path)
    report, _ = _read(GOOD["strict pass, transcoded"], Path("it's [1] 100% 表"))
    assert report.left_out == {"cell_count": 1}


def test_what_is_no_file_is_refused_unopened(tmp_path, way):
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
    for source in (tmp_path / "nothing", tmp_path, tmp_path / "pipe"):
        for ask in (read_file.digest_of, lambda path: read_file.read_file(path, "a.csv", tmp_path / "ledger")):
            with pytest.raises(AuditError, match="unreadable_file"):
                ask(source)


def test_the_digest_is_the_same_of_a_path_and_of_its_bytes(tmp_path):
    (tmp_path / "a").write_bytes(GOOD["XLSX"])
    digests = {read_file.digest_of(source) for source in (tmp_path / "a", GOOD["XLSX"], bytearray(GOOD["XLSX"]), memoryview(GOOD["XLSX"]))}
    assert len(digests) == 1


def test_a_refused_rename_is_tried_again(monkeypatch):
    pauses, answers = [], [PermissionError(), PermissionError(), None]
    monkeypatch.setattr(hand_over.time, "sleep", pauses.append)

    def rename():
        if (answer := answers.pop(0)) is not None:
            raise answer

    hand_over.patiently(rename)
    assert len(pauses) == 2


def test_bytes_that_another_import_has_placed_and_somebody_reads_are_taken_as_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(hand_over, "_PAUSES", ())
    first, _ = _read(GOOD["UTF-8"], tmp_path)

    def refuse(self, target):
        raise PermissionError(13, "in use")

    monkeypatch.setattr(Path, "rename", refuse)
    assert _read(GOOD["UTF-8"], tmp_path)[0] == first
    with pytest.raises(AuditError, match="not_written"):
        read_file.read_file(GOOD["XLSX"], "a.xlsx", tmp_path)


def test_a_system_without_resource_is_no_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "resource", None)
    child.bound(COMMAND_LINE, 1)


def test_the_job_object_of_windows_gets_memory_and_time():
    assert ctypes.sizeof(windows_limits.ExtendedLimits) == 144  # of the 64-bit winnt.h
    calls = []

    def take(job, kind, limits, size):
        found = limits._obj
        calls.append((job, kind, found.basic.flags, found.basic.process_time, found.process_memory, size))
        return 1

    kernel32 = SimpleNamespace(
        CreateJobObjectW=lambda security, name: 7,
        SetInformationJobObject=take,
        AssignProcessToJobObject=lambda job, process: calls.append((job, process)) or 1,
        GetCurrentProcess=lambda: 2**64 - 1,
    )
    assert windows_limits.bound_myself(kernel32, 3 * 1024**3, 60)
    assert calls == [(7, 9, 0x502, 600_000_000, 3 * 1024**3, 144), (7, 2**64 - 1)]


@pytest.mark.parametrize(
    ("code", "means"), [(0xC0000017, "reader_memory"), (1816, "reader_time"), (1, "reader_crashed"), (-9, "reader_memory")]
)
def test_each_way_to_die_is_named(code, means):
    assert read_file._death(code, COMMAND_LINE).code == means
