"""An import that is stopped: what was read stays, what is being read leaves neither trace nor process, what waits is not begun."""

import os
from pathlib import Path
from threading import Event

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.data.reading import packages, read_file
from pdd_audit.services import import_files as importing
from pdd_audit.services.import_files import Upload, import_files, list_imports
from pdd_audit.services.ledger_care import verify_shop
from pdd_audit.services.shop_archive import delete_shop
from pdd_audit.services.shops import create_shop
from tests.data.builders import as_csv, orders, pickups
from tests.data.catalogue import containers as box

# A child that tells its number and one step, and then goes on for longer than anybody waits.
ENDLESS = "import json, os, time; open(%r, 'w').write(str(os.getpid())); print(json.dumps(dict(progress=0.5)), flush=True); time.sleep(300)"


def table(folder, stop):
    read_file.read_file(as_csv(orders(3)), "订单.csv", folder, on_progress=lambda _: stop.set(), stop=stop)


def package(folder, stop):
    packages.unpacked(box.zipped({"a.csv": b"1"}), "a.zip", folder, on_progress=lambda _: stop.set(), stop=stop).__enter__()


@pytest.mark.parametrize("what", [table, package])
def test_a_child_that_is_stopped_is_gone_and_so_is_all_it_wrote(what, tmp_path, monkeypatch):
    pid, folder, stop = tmp_path / "pid", tmp_path / "ledger", Event()
    folder.mkdir()
    monkeypatch.setattr(read_file, "_ENTRY", ENDLESS % str(pid))
    with pytest.raises(AuditError, match="import_stopped"):
        what(folder, stop)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
    assert list(folder.iterdir()) == []


def test_files_read_before_the_stop_stay_and_later_ones_are_not_begun(workspace, monkeypatch):
    monkeypatch.setattr(importing, "AT_ONCE", 1)  # one after the other
    shop, stop, told = create_shop(workspace, "甲").id, Event(), []

    def on_progress(name, _share):
        told.append(name)
        if name == "揽收.csv":
            stop.set()

    uploads = [Upload("订单.csv", as_csv(orders(3))), Upload("揽收.csv", as_csv(pickups(3))), Upload("后来.csv", as_csv(pickups(5)))]
    outcomes = import_files(workspace, shop, uploads, on_progress, stop=stop)
    assert [outcome.stopped for outcome in outcomes] == [False, True, True] and outcomes[0].report is not None
    assert [outcome.file for outcome in outcomes] == ["订单.csv", "揽收.csv", "后来.csv"] and "后来.csv" not in told
    assert [report.file for report in list_imports(workspace, shop)] == ["订单.csv"]
    assert verify_shop(workspace, shop) == []
    assert [outcome.report is not None for outcome in import_files(workspace, shop, uploads)] == [True, True, True]


def test_whoever_waits_for_a_turn_is_let_go(workspace, monkeypatch):
    shop, stop = create_shop(workspace, "甲").id, Event()
    taken = [importing._TURNS.acquire(blocking=False) for _ in range(importing.AT_ONCE)]
    try:
        told = []

        def on_progress(name, share):
            told.append((name, share))
            stop.set()

        (outcome,) = import_files(workspace, shop, [Upload("订单.csv", as_csv(orders(3)))], on_progress, stop=stop)
    finally:
        for _ in filter(None, taken):
            importing._TURNS.release()
    assert taken == [True] * importing.AT_ONCE and outcome.stopped and told == [("订单.csv", 0.0)]


def test_a_shop_that_was_deleted_meanwhile_does_not_come_back_as_a_folder(workspace):
    shop = create_shop(workspace, "甲").id
    delete_shop(workspace, shop)
    (outcome,) = import_files(workspace, shop, [Upload("订单.csv", as_csv(orders(3)))])
    assert outcome.error is not None and outcome.error.code == "no_such_shop"
    assert not list(workspace.shops.iterdir())


def test_nothing_appears_once_it_is_stopped_however_late(tmp_path: Path):
    stop = Event()
    with pytest.raises(AuditError, match="import_stopped"):
        read_file.read_file(as_csv(orders(3)), "订单.csv", tmp_path, accept=lambda *_: stop.set(), stop=stop)
    assert list(tmp_path.iterdir()) == []
