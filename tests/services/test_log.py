"""The log tells of files and how they are read: who, what, which; a file and its row come together, or the log says where one is missing."""

import csv
import io
from datetime import datetime, timedelta

import pytest

from pdd_audit.cli import main
from pdd_audit.core.errors import AuditError
from pdd_audit.core.log_chain import Row
from pdd_audit.core.mapping import Mapping
from pdd_audit.data.reading.circumstances import Circumstances
from pdd_audit.data.storage.state import State
from pdd_audit.reports.log_list import COLUMNS, log_csv, log_deed, log_thing
from pdd_audit.services.import_files import Upload, import_files, list_imports, remove_import, set_reading, user_here
from pdd_audit.services.ledger_care import purge_import, removed_imports, restore_import
from pdd_audit.services.log import check_log, log_of, names_in_log, newest_of_log
from pdd_audit.services.map_columns import first_look, forget_mapping, known_mappings, remember_mapping
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import now
from pdd_audit.texts import LANGS, Words
from tests.data.builders import as_csv, orders, pickups
from tests.data.test_mapping import BY_HAND, strange_rows
from tests.services.team import come

ORDERS = Upload("十月订单 张三 13900001111.csv", as_csv(orders(5)))
STRANGE = Upload("网点.csv", as_csv(strange_rows()))


def told(workspace, shop):
    return [(row.who, row.what, row.about, row.before, row.after) for row in log_of(workspace, shop.id)]


def test_whatever_is_done_with_files_stands_in_the_log_under_the_name_of_the_login(workspace):
    owner = come(workspace, "周主管")
    shop = create_shop(owner, "甲店")
    begun = len(told(owner, shop))
    (outcome,) = import_files(owner, shop.id, [ORDERS], who="冒名")
    file = outcome.report.sha256
    assert import_files(owner, shop.id, [ORDERS])[0].already
    set_reading(owner, shop.id, file, "lists_open")
    remove_import(owner, shop.id, file)
    remove_import(owner, shop.id, file)  # it is gone already: nothing was done
    restore_import(owner, shop.id, file)
    remove_import(owner, shop.id, file)
    import_files(owner, shop.id, [ORDERS])  # takes the removed one back
    remove_import(owner, shop.id, file)
    purge_import(owner, shop.id, file)
    purge_import(owner, shop.id, file)
    preview = first_look(STRANGE)
    mapping = Mapping(kind="courier_pickups", columns=BY_HAND)
    assert remember_mapping(owner, shop.id, preview, mapping, STRANGE.name, now())
    forget_mapping(owner, shop.id, known_mappings(owner, shop.id)[0].fingerprint)
    rows = told(owner, shop)[begun:]
    body = rows[-1][3]
    assert rows == [("周主管", *row) for row in (
        ("file_imported", "files/pdd_orders", "", file),
        ("reading_chosen", "files/lists_open", "", file),
        ("file_removed", "files/pdd_orders", file, ""),
        ("file_restored", "files/pdd_orders", "", file),
        ("file_removed", "files/pdd_orders", file, ""),
        ("file_imported", "files/pdd_orders", "", file),
        ("file_removed", "files/pdd_orders", file, ""),
        ("file_purged", "files/pdd_orders", file, ""),
        ("mapping_kept", "files/courier_pickups", "", body),
        ("mapping_forgotten", "files/courier_pickups", body, ""),
    )]
    check = check_log(owner, shop.id)
    assert (check.troubles, check.untold) == ((), ()) and len(body) == 64
    assert "13900001111" not in str(log_of(owner, shop.id))
    for words in map(Words, LANGS):
        for row in log_of(owner, shop.id):
            assert log_deed(row, words) != row.what, "in words"
        last = log_of(owner, shop.id)[begun]
        assert log_thing(last, words, {}).startswith(words("kinds.pdd_orders.name")) and file[:12] in log_thing(last, words, {})

    assert names_in_log(owner, shop.id).people == ("周主管",)
    assert {"file_purged", "shop_made"} <= set(names_in_log(owner, shop.id).sorts)
    some, found = newest_of_log(owner, shop.id, "周主管", "file_removed", 2)
    assert found == 3 and [row.seq for row in some] == sorted((row.seq for row in some), reverse=True) and len(some) == 2
    assert newest_of_log(owner, shop.id, "冒名") == ([], 0)


def test_without_a_login_the_name_is_that_of_the_report(workspace):
    shop = create_shop(workspace, "甲店")
    import_files(workspace, shop.id, [ORDERS], who="小林")
    (report,) = list_imports(workspace, shop.id)
    remove_import(workspace, shop.id, report.sha256)
    assert [row[:2] for row in told(workspace, shop)[-2:]] == [("小林", "file_imported"), (user_here(), "file_removed")]


def test_a_file_that_cannot_be_logged_is_put_aside_and_one_that_was_never_logged_is_named(workspace, monkeypatch):
    shop = create_shop(workspace, "甲店")
    with monkeypatch.context() as patch:
        patch.setattr(State, "_log", refusing)
        (outcome,) = import_files(workspace, shop.id, [ORDERS])
        assert outcome.error.code == "store_full" and outcome.report is None
    (aside,) = removed_imports(workspace, shop.id)
    assert list_imports(workspace, shop.id) == []
    with monkeypatch.context() as patch:
        patch.setattr(State, "_log", refusing)
        with pytest.raises(AuditError):
            restore_import(workspace, shop.id, aside.sha256)
    assert [one.sha256 for one in removed_imports(workspace, shop.id)] == [aside.sha256], "no row: nothing moved"

    ledger = workspace.ledger(shop.id)
    ledger.add(as_csv(orders(4)), "旧.csv", Circumstances(imported_at=now().replace(year=2020)))
    assert not import_files(workspace, shop.id, [ORDERS])[0].error
    assert check_log(workspace, shop.id).untold == (), "what is older than the first row of a file cannot have one"
    lost, _ = ledger.add(as_csv(pickups(5)), "揽收.csv", Circumstances(imported_at=now().replace(year=2100)))
    check = check_log(workspace, shop.id)
    assert check.untold == (lost.sha256,) and check.troubles == ()
    remove_import(workspace, shop.id, lost.sha256)
    restore_import(workspace, shop.id, lost.sha256)
    assert check_log(workspace, shop.id).untold == ()


def test_the_list_of_changes_tells_chinese_time_and_its_head_says_so(workspace, capsys):
    shop = create_shop(workspace, "甲店")
    (made,) = log_of(workspace, shop.id)
    stored = datetime.fromisoformat(made.at)
    assert stored.utcoffset() == timedelta(0)
    assert main(["log", "list", "--home", str(workspace.home), "--lang", "en"]) == 0
    head, line = capsys.readouterr().out.splitlines()
    assert "When (China time)" in head and f"{stored + timedelta(hours=8):%Y-%m-%d %H:%M}  " in line


def refusing(*_):
    raise AuditError("store_full", found="SQLITE_FULL")


def test_the_file_of_the_log_holds_no_formula_no_digest_of_words_and_no_mark_of_the_chain():
    word = Row(7, "2026-11-20T10:00:00Z", "=HYPERLINK(1)", "said", "round_words", "", "a" * 64, "b" * 64, "c" * 64, "", "")
    answer = Row(8, "2026-11-20T16:30:00Z", "", "answered", "answers/shipping_process.open_parcel_list", "d" * 64, "a" * 64, "", "", "", "")
    text = log_csv([answer, word], Words("zh"), {"shipping_process.open_parcel_list": "=1+1"}).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert len(lines) == 3 and {len(line) for line in lines} == {len(COLUMNS)}
    assert lines[1] == ["8", "2026-11-21 00:30", "", Words("zh")("log.what.answered"), "'=1+1", ""]
    assert lines[2][2] == "'=HYPERLINK(1)" and not any(mark * 64 in text for mark in "abcd")
