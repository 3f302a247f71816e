"""However many people import at once, two files are read at a time, and whoever waits is told so."""

import threading
from concurrent.futures import ThreadPoolExecutor

from pdd_audit.core.errors import AuditError
from pdd_audit.data.storage.ledger import Ledger
from pdd_audit.services.import_files import AT_ONCE, Upload, import_files
from pdd_audit.services.shops import create_shop


def test_ten_people_who_import_at_once_start_two_readers(workspace, monkeypatch):
    shop, lock, go, at_work, most, told = create_shop(workspace, "甲").id, threading.Lock(), threading.Event(), [0], [0], []

    def add(_self, _data, name, _how):
        with lock:
            at_work[0] += 1
            most[0] = max(most[0], at_work[0])
        assert go.wait(10)
        with lock:
            at_work[0] -= 1
        raise AuditError("blank_file")

    def waits(name, share):
        told.append((name, share))
        if len(told) == 10 - AT_ONCE:
            go.set()  # everybody who is to wait is waiting

    monkeypatch.setattr(Ledger, "add", add)
    with ThreadPoolExecutor(10) as people:
        outcomes = list(people.map(lambda n: import_files(workspace, shop, [Upload(f"{n}.csv", b"")], waits), range(10)))
    assert most == [AT_ONCE] and {share for _, share in told} == {0.0} and len(told) == 10 - AT_ONCE
    assert [outcome.error.code for (outcome,) in outcomes] == ["blank_file"] * 10
