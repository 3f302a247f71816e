"""A whole shop travels in one file, a whole installation in another, and what is deleted is gone to the last byte."""

import hashlib
import io
import json
import os
import shutil
import zipfile
from datetime import datetime
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from pdd_audit.core.errors import AuditError
from pdd_audit.core.kept_forecasts import KeptForecast
from pdd_audit.core.questions import Answer
from pdd_audit.data.storage import shop_rows
from pdd_audit.data.storage.forecasts import Forecasts
from pdd_audit.data.storage.ledger import Ledger
from pdd_audit.data.storage.tables import STAYS_HERE, Base
from pdd_audit.services.answers import load_answers, save_answer
from pdd_audit.services.backup import back_up, findings_in, restore_backup
from pdd_audit.services.history import list_audits, save_audit
from pdd_audit.services.home import Home
from pdd_audit.services.import_files import Upload, import_files, list_imports, readings_of, remove_import, set_reading
from pdd_audit.services.kept_forecasts import kept_forecasts
from pdd_audit.services.ledger_care import digest_named, export_parcels, purge_import, removed_imports, verify_home, verify_shop
from pdd_audit.services.profile import save_profile
from pdd_audit.services.rows import list_rows
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shop_archive import delete_shop, export_shop, import_shop
from pdd_audit.services.shops import create_shop, list_shops, open_demo_shop
from pdd_audit.services.workspace import open_workspace
from tests.data.builders import EXPORT_NAME, START, as_csv, as_xlsx, orders, pickups, service
from tests.data.test_readings import put

NAME = "青柠杂货铺"
ORDER, WAYBILL = f"{START:%y%m%d}-{3:015d}", f"78{3:013d}"
NOTE = f"师傅说 {ORDER} 明天补扫 {WAYBILL}"
FILES = [
    Upload(EXPORT_NAME, as_csv(orders(40))), Upload("揽收表.csv", as_csv(pickups(40))), Upload("客服.xlsx", as_xlsx(service(3))),
    Upload("旧揽收表.csv", as_csv(pickups(7))),
]


def fill(workspace, name=NAME):
    """A shop with everything a shop can have."""
    shop = create_shop(workspace, name)
    reports = [outcome.report for outcome in import_files(workspace, shop.id, FILES, who="lin")]
    save_answer(workspace, shop.id, "courier_coordination.scan_at_handover", Answer(answer="met", note=NOTE))
    save_answer(workspace, shop.id, "courier_choice.last_pickup_time", Answer(answer="na", reason="supplier_ships"))
    save_answer(workspace, shop.id, "courier_choice.last_pickup_time", None)
    set_reading(workspace, shop.id, reports[1].sha256, "lists_open")
    save_profile(workspace, shop.id, ["dropshipping", "presale"])
    save_audit(workspace, shop.id, "例会", run_audit(workspace, shop.id))
    remove_import(workspace, shop.id, reports[3].sha256)
    given = KeptForecast(as_of=START, due=40, expected=6.5, sd=2.5, low=2, high=11, made_at=START)
    Forecasts(workspace.ledger_folder(shop.id).parent).add(given)
    return shop


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """(workspace, shop, its archive), never changed."""
    workspace = open_workspace(tmp_path_factory.mktemp("first") / "home")
    shop = fill(workspace)
    archive = tmp_path_factory.mktemp("archive") / "shop.zip"
    export_shop(workspace, shop, archive)
    yield workspace, shop, archive
    workspace.state.close()


def names_in(folder):
    return sorted(entry.name for entry in folder.iterdir())


def everything(workspace, shop):
    """What a shop is, as far as anyone can ask for it."""
    with workspace.state.engine.connect() as connection:
        events = connection.execute(
            text("SELECT question_id, body, at FROM answer_events WHERE shop_id = :id ORDER BY id").bindparams(id=shop.id)
        ).fetchall()
    return (
        run_audit(workspace, shop.id).result.model_dump(), run_audit(workspace, shop.id, scope="quick").result.model_dump(),
        list_imports(workspace, shop.id), removed_imports(workspace, shop.id), load_answers(workspace, shop.id),
        readings_of(workspace, shop.id), workspace.state.answered_at(shop.id), [tuple(row) for row in events],
        [(audit.name, audit.saved_at, audit.result) for audit in list_audits(workspace, shop.id)], workspace.ledger(shop.id).digest(),
        kept_forecasts(workspace, shop.id),
    )


# an archive travels


def test_an_archive_gives_the_same_shop_and_the_same_score_elsewhere(filled, workspace):
    first, shop, archive = filled
    arrived = import_shop(workspace, archive)
    assert (arrived.name, arrived.created_at, arrived.is_demo) == (NAME, shop.created_at, False) and arrived.id != shop.id
    assert everything(workspace, arrived) == everything(first, shop)
    assert run_audit(workspace, arrived.id).result.score.value is not None
    assert verify_shop(workspace, arrived.id) == verify_home(workspace) == []


def test_the_demo_shop_scores_the_same_to_the_digit_elsewhere(demo, workspace, tmp_path):
    first, shop = demo
    export_shop(first, shop, tmp_path / "demo.zip")
    arrived = import_shop(workspace, tmp_path / "demo.zip")
    assert run_audit(workspace, arrived.id).result == run_audit(first, shop.id).result


def test_a_file_that_was_read_again_travels_as_one_reading(workspace, tmp_path):
    shop = create_shop(workspace, NAME)
    first = workspace.ledger(shop.id)
    put(first.folder)
    new = put(first.folder / "reading-2", "fen")
    export_shop(workspace, shop, tmp_path / "shop.zip")
    arrived = import_shop(workspace, tmp_path / "shop.zip", "另一家")
    back_up(workspace, tmp_path / "backup.zip")
    restore_backup(tmp_path / "backup.zip", tmp_path / "back")
    for ledger in (workspace.ledger(arrived.id), Home(tmp_path / "back").ledger(shop.id)):
        assert ledger.reports() == [new] and ledger.digest() == first.digest() and names_in(ledger.folder) == ["pdd_bill"]


def test_a_table_of_a_later_day_travels_too():
    owned = {table.name for table in Base.metadata.sorted_tables if "shop_id" in table.c}
    assert {"answers", "answer_events", "readings", "audits"} <= owned
    of_no_shop = {"shops", "people", "person_names", "logins", "installation"}
    assert {table.name for table in Base.metadata.sorted_tables} - owned == of_no_shop, "a table of no shop needs a place in the backup only"
    assert owned >= STAYS_HERE == {"members", "invitations"}, "people are those of an installation"


def test_a_second_copy_needs_another_name(filled, workspace):
    _, _, archive = filled
    import_shop(workspace, archive)
    with pytest.raises(AuditError, match="shop_exists"):
        import_shop(workspace, archive)
    assert import_shop(workspace, archive, "另一家").name == "另一家"
    assert len(list_shops(workspace)) == 2 and verify_home(workspace) == []


def test_an_archive_is_private_and_takes_the_place_of_another_whole(filled, tmp_path):
    first, shop, _ = filled
    target = tmp_path / "店.zip"
    target.write_bytes(b"an older one")
    export_shop(first, shop, target)
    assert zipfile.is_zipfile(target) and names_in(tmp_path) == ["店.zip"]
    assert os.name == "nt" or target.stat().st_mode & 0o777 == 0o600


def test_an_archive_that_cannot_be_finished_leaves_the_older_one(filled, tmp_path, monkeypatch):
    first, shop, _ = filled
    target = tmp_path / "店.zip"
    target.write_bytes(b"an older one")

    def refuse(*_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("pdd_audit.data.storage.archive._pack", refuse)
    with pytest.raises(AuditError, match="archive_not_written"):
        export_shop(first, shop, target)
    assert target.read_bytes() == b"an older one" and names_in(tmp_path) == ["店.zip"]
    assert verify_home(first) == []


# an archive is a stranger's file


def again(archive, change):
    """The archive with its members changed by ``change(members)``, and with a list of contents that agrees with them."""
    with zipfile.ZipFile(archive) as old:
        members = {name: old.read(name) for name in old.namelist()}
    contents = json.loads(members.pop("contents.json"))
    change(members)
    contents["files"] = {name: {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()} for name, body in members.items()}
    return members, contents


def packed(members, contents, target):
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name, body in [*members.items(), ("contents.json", contents if isinstance(contents, bytes) else json.dumps(contents).encode())]:
            new.writestr(name, body)
    return target


def lines(members, change):
    """The rows of the state, changed one by one; None drops a row."""
    rows = [json.loads(line) for line in members["state.jsonl"].decode().splitlines()]
    kept = [row for row in map(change, rows) if row is not None]
    members["state.jsonl"] = "".join(json.dumps(row) + "\n" for row in kept).encode()


def of_table(table, **values):
    return lambda row: row | {"row": row["row"] | values} if row["table"] == table else row


def a_file(members, ending):
    return next(name for name in members if name.endswith(ending))


def rewrite_rows(members):
    import pyarrow.parquet as pq

    name = a_file(members, "rows.parquet")
    table = pq.read_table(io.BytesIO(members[name]))
    sink = io.BytesIO()
    pq.write_table(table.append_column("buyer_phone", [["13800000000"] * len(table)]), sink)
    members[name] = sink.getvalue()
    report, seal = name.replace("rows.parquet", "report.json"), name.replace("rows.parquet", "seal.json")
    sealed = json.loads(members[seal])
    sealed["sha256"] = {"rows.parquet": hashlib.sha256(members[name]).hexdigest(), "report.json": hashlib.sha256(members[report]).hexdigest()}
    members[seal] = json.dumps(sealed).encode()


ALTERED = {
    "a step up": (lambda m: m.update({"ledger/../../x": b"1"}), "archive_foreign"),
    "a step up in the kind": (lambda m: m.update({"../rows.parquet": b"1"}), "archive_foreign"),
    "an absolute path": (lambda m: m.update({"/etc/x": b"1"}), "archive_foreign"),
    "a backslash": (lambda m: m.update({"ledger\\x": b"1"}), "archive_foreign"),
    "a program": (lambda m: m.update({"setup.py": b"1"}), "archive_foreign"),
    "a file more in an import": (lambda m: m.update({a_file(m, "rows.parquet").replace("rows", "more"): b"1"}), "archive_foreign"),
    "no state": (lambda m: m.pop("state.jsonl"), "archive_damaged"),
    "no rows of an import": (lambda m: m.pop(a_file(m, "rows.parquet")), "archive_damaged"),
    "rows that are none": (lambda m: m.update({a_file(m, "rows.parquet"): b"PAR1" * 100}), "archive_damaged"),
    "a personal column, sealed": (rewrite_rows, "archive_damaged"),
    "a kind nobody knows": (lambda m: [m.update({n.replace("pdd_orders", "gossip"): m.pop(n)}) for n in list(m) if "pdd_orders" in n], "archive_damaged"),
    "a table nobody knows": (lambda m: lines(m, lambda row: row | {"table": "users"}), "archive_rows"),
    "a column nobody knows": (lambda m: lines(m, of_table("answers", owner="x")), "archive_rows"),
    "another shop's id": (lambda m: lines(m, of_table("answers", shop_id="x")), "archive_rows"),
    "an answer that is none": (lambda m: lines(m, of_table("answers", body='{"answer": {"a": 1}}')), "archive_rows"),
    "a result that is none": (lambda m: lines(m, of_table("audits", result="{}")), "archive_rows"),
    "a reading that is none": (lambda m: lines(m, of_table("readings", reading="backwards")), "archive_rows"),
    "a circumstance that is none": (lambda m: lines(m, of_table("profiles", name="on_the_moon")), "archive_rows"),
    "a number for a text": (lambda m: lines(m, of_table("audits", name=7)), "archive_rows"),
    "a time that is none": (lambda m: lines(m, of_table("audits", saved_at="yesterday")), "archive_rows"),
    "a name too long": (lambda m: lines(m, of_table("shops", name="店" * 101)), "archive_rows"),
    "an empty name": (lambda m: lines(m, of_table("shops", name="  ")), "shop_name"),
    "a zero byte in a text": (lambda m: lines(m, of_table("audits", name="a\x00b")), "archive_rows"),
    "nested a million deep": (lambda m: m.update({"state.jsonl": m["state.jsonl"] + b"[" * 1_000_000}), "archive_rows"),
    "no row at all": (lambda m: m.update({"state.jsonl": b""}), "archive_rows"),
    "the same row twice": (lambda m: m.update({"state.jsonl": m["state.jsonl"] + next(line for line in m["state.jsonl"].splitlines(keepends=True) if b'"answers"' in line)}), "archive_rows"),
    "not UTF-8": (lambda m: m.update({"state.jsonl": b"\xff\xfe" + m["state.jsonl"]}), "archive_rows"),
    "a bomb": (lambda m: m.update({"state.jsonl": m["state.jsonl"] + b" " * 30_000_000}), "archive_bomb"),
}


def untouched(workspace):
    """Nothing half taken in: no shop, no folder, no row but the id of the installation."""
    assert list_shops(workspace) == [] and verify_home(workspace) == []
    assert not workspace.shops.exists() or names_in(workspace.shops) == []
    with workspace.state.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            assert connection.execute(text(f"SELECT count(*) FROM {table.name}")).scalar_one() == (table.name == "installation")


@pytest.mark.parametrize("change", ALTERED)
def test_an_archive_that_was_altered_is_refused_and_nothing_is_half_taken_in(change, filled, workspace, tmp_path):
    alter, code = ALTERED[change]
    bad = packed(*again(filled[2], alter), tmp_path / "bad.zip")
    with pytest.raises(AuditError) as caught:
        import_shop(workspace, bad)
    assert caught.value.code == code
    assert caught.value.place.file == "bad.zip" or code == "shop_name"
    untouched(workspace)


LISTED = {
    "wrong digest": (lambda c: next(iter(c["files"].values())).update(sha256="0" * 64), "archive_damaged"),
    "wrong size": (lambda c: next(iter(c["files"].values())).update(size=1), "archive_damaged"),
    "a file that is not there": (lambda c: c["files"].update({"ledger/x": {"size": 1, "sha256": "0" * 64}}), "archive_damaged"),
    "a file that is not listed": (lambda c: c["files"].pop("state.jsonl"), "archive_damaged"),
    "a later version": (lambda c: c.update(version=2), "archive_newer"),
    "later tables": (lambda c: c.update(tables="9999"), "newer_database"),
    "another kind": (lambda c: c.update(format="pdd-audit-home"), "archive_other_kind"),
    "an unknown field": (lambda c: c.update(run="rm"), "archive_damaged"),
}


@pytest.mark.parametrize("change", LISTED)
def test_a_list_of_contents_that_lies_is_found_out(change, filled, workspace, tmp_path):
    members, contents = again(filled[2], lambda members: None)
    alter, code = LISTED[change]
    alter(contents)
    with pytest.raises(AuditError) as caught:
        import_shop(workspace, packed(members, contents, tmp_path / "bad.zip"))
    assert caught.value.code == code
    untouched(workspace)


def _twice(archive):
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr("state.jsonl", b"{}")


def _encrypted(archive):
    content = bytearray(archive.read_bytes())
    for sign, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(sign)
        content[at + flags] |= 1
    archive.write_bytes(content)


def _bit(archive):
    content = bytearray(archive.read_bytes())
    content[len(content) // 3] ^= 1
    archive.write_bytes(content)


BROKEN = {
    "cut short": lambda archive: archive.write_bytes(archive.read_bytes()[:-100]),
    "cut in half": lambda archive: archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2]),
    "empty": lambda archive: archive.write_bytes(b""),
    "text": lambda archive: archive.write_text("订单号,运单号\n", "utf-8"),
    "an empty ZIP": lambda archive: packed({}, b"", archive),
    "no list": lambda archive: archive.write_bytes(b"PK\x05\x06" + b"\0" * 18),
    "a list that is none": lambda archive: packed({}, b"[" * 100_000, archive),
    "a name twice": _twice,
    "encrypted": _encrypted,
    "one bit": _bit,
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("damage", BROKEN)
def test_a_broken_archive_is_refused_in_words(damage, filled, workspace, tmp_path):
    bad = tmp_path / "bad.zip"
    shutil.copy(filled[2], bad)
    BROKEN[damage](bad)
    with pytest.raises(AuditError) as caught:
        import_shop(workspace, bad)
    assert caught.value.code in ("archive_damaged", "archive_foreign") and caught.value.place.file == "bad.zip"
    untouched(workspace)


def test_a_missing_archive_is_refused_in_words(workspace, tmp_path):
    with pytest.raises(AuditError, match="unreadable_file"):
        import_shop(workspace, tmp_path / "nothing.zip")


def test_a_disk_that_is_too_small_is_named_before_anything_is_unpacked(filled, workspace, monkeypatch):
    monkeypatch.setattr("pdd_audit.data.storage.archive.shutil.disk_usage", lambda _: SimpleNamespace(free=1024))
    with pytest.raises(AuditError, match="disk_full"):
        import_shop(workspace, filled[2])
    untouched(workspace)


# gone is gone


def places_of(home, needle):
    """The files under ``home`` whose bytes hold the text in any of the ways in which it may be written."""
    ways = {needle.encode(), needle.encode("gb18030"), needle.encode("utf-16-le"), json.dumps(needle)[1:-1].encode()}
    return [path for path in home.rglob("*") if path.is_file() and any(way in path.read_bytes() for way in ways)]


def test_a_deleted_shop_leaves_no_trace_in_the_bytes_of_the_home(tmp_path):
    home = tmp_path / "home"
    workspace = open_workspace(home)
    other = create_shop(workspace, "留下的店")
    save_answer(workspace, other.id, "courier_choice.last_pickup_time", Answer(answer="met", note="不受影响"))
    import_files(workspace, other.id, [Upload("b.csv", as_csv(pickups(5, 运单号="JT5200131452099")))])
    shop = fill(workspace)
    run_audit(workspace, shop.id)
    list_rows(workspace, shop.id, "late")
    kept = everything(workspace, other)
    traces = (NAME, ORDER, WAYBILL, shop.id, "例会", "青柠")
    for trace in traces:  # the search finds what is there
        assert places_of(home, trace) or trace == shop.id, trace
    assert (home / "shops" / shop.id / "cache").exists()
    delete_shop(workspace, shop.id)
    assert [(trace, place) for trace in traces for place in places_of(home, trace)] == []
    assert [path for path in home.rglob("*") if shop.id in path.name] == []
    assert everything(workspace, other) == kept and list_shops(workspace) == [other]
    workspace.state.close()
    assert [(trace, place) for trace in traces for place in places_of(home, trace)] == []


def test_a_shop_without_files_can_be_deleted_and_its_name_used_again(workspace):
    shop = create_shop(workspace, NAME)
    delete_shop(workspace, shop.id)
    assert create_shop(workspace, NAME).id != shop.id


def test_a_deletion_killed_after_the_database_is_finished_at_the_next_opening(tmp_path, monkeypatch):
    workspace = open_workspace(tmp_path / "home")
    shop = fill(workspace)
    with monkeypatch.context() as dying:
        dying.setattr("pdd_audit.services.shop_archive.sweep", lambda *_: None)
        delete_shop(workspace, shop.id)
    assert (workspace.shops / shop.id).is_dir()
    workspace.state.close()
    again = open_workspace(tmp_path / "home")
    assert names_in(again.shops) == [] and verify_home(again) == []
    again.state.close()


def test_a_deletion_killed_before_the_database_leaves_the_shop_whole(tmp_path, monkeypatch):
    workspace = open_workspace(tmp_path / "home")
    shop = fill(workspace)
    before = everything(workspace, shop)

    def die(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("pdd_audit.services.shop_archive.delete_shop_rows", die)
    with pytest.raises(KeyboardInterrupt):
        delete_shop(workspace, shop.id)
    workspace.state.close()
    again = open_workspace(tmp_path / "home")
    assert everything(again, shop) == before
    again.state.close()


def test_a_reader_that_keeps_old_pages_alive_is_told_of(workspace, monkeypatch):
    monkeypatch.setattr(shop_rows, "_WAITS", 1)
    shop = create_shop(workspace, NAME)
    with workspace.state.engine.connect() as reader:
        reader.execute(text("BEGIN"))
        reader.execute(text("SELECT * FROM shops")).fetchall()
        with pytest.raises(AuditError, match="traces_left"):
            delete_shop(workspace, shop.id)
    assert list_shops(workspace) == []


# backups


def test_a_backup_brings_everything_back_into_an_empty_folder(tmp_path):
    first = open_workspace(tmp_path / "home")
    shops = [fill(first), open_demo_shop(first), create_shop(first, "空店")]
    before = [everything(first, shop) for shop in shops]
    back_up(first, tmp_path / "backup.zip")
    assert verify_home(first) == []
    first.state.close()
    shutil.rmtree(tmp_path / "home")
    restore_backup(tmp_path / "backup.zip", tmp_path / "home")
    second = open_workspace(tmp_path / "home")
    assert list_shops(second) == shops and [everything(second, shop) for shop in shops] == before
    assert verify_home(second) == []
    second.state.close()
    assert names_in(tmp_path) == ["backup.zip", "home"]


def test_a_backup_goes_only_into_an_empty_folder(filled, tmp_path):
    back_up(filled[0], tmp_path / "backup.zip")
    home = tmp_path / "home"
    home.mkdir()
    (home / "notes.txt").write_text("mine")
    with pytest.raises(AuditError, match="home_not_empty"):
        restore_backup(tmp_path / "backup.zip", home)
    assert names_in(home) == ["notes.txt"]
    (home / "notes.txt").unlink()
    restore_backup(tmp_path / "backup.zip", home)
    assert findings_in(home) == []


def _spoil_state(members):
    content = bytearray(members["state.db"])
    content[4096:6096] = os.urandom(2000)
    members["state.db"] = bytes(content)


HOMES = {
    "a spoiled database": (_spoil_state, {"archive_damaged"}),
    "no database": (lambda m: m.pop("state.db"), {"archive_damaged"}),
    "a shop nobody knows": (lambda m: m.update({name.replace(name.split("/")[1], "0" * 32): m.pop(name) for name in list(m) if "/" in name}), {"archive_damaged"}),
    "a step up": (lambda m: m.update({"../state.db": b"1"}), {"archive_foreign"}),
    "rows that are none": (lambda m: m.update({a_file(m, "rows.parquet"): b"PAR1" * 9}), {"archive_damaged"}),
}


@pytest.mark.parametrize("change", HOMES)
def test_a_backup_that_was_altered_restores_nothing(change, filled, tmp_path):
    back_up(filled[0], tmp_path / "backup.zip")
    alter, codes = HOMES[change]
    bad = packed(*again(tmp_path / "backup.zip", alter), tmp_path / "bad.zip")
    with pytest.raises(AuditError) as caught:
        restore_backup(bad, tmp_path / "home")
    assert caught.value.code in codes
    assert names_in(tmp_path) == ["backup.zip", "bad.zip"]


def test_a_backup_of_a_newer_program_is_refused(tmp_path):
    workspace = open_workspace(tmp_path / "old")
    with workspace.state.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    back_up(workspace, tmp_path / "backup.zip")
    workspace.state.close()
    with pytest.raises(AuditError, match="newer_database"):
        restore_backup(tmp_path / "backup.zip", tmp_path / "home")
    assert not (tmp_path / "home").exists()


def test_a_backup_is_of_one_moment_although_imports_go_on(tmp_path):
    workspace = open_workspace(tmp_path / "home")
    shop = fill(workspace)
    stray = workspace.ledger(shop.id).folder / "1.part"
    stray.mkdir()
    back_up(workspace, tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        assert not [name for name in archive.namelist() if "part" in name or "cache" in name]
    workspace.state.close()


# the care of single imports


def test_a_digest_is_named_by_its_beginning_and_by_one_only(workspace):
    shop = fill(workspace)
    digests = workspace.ledger(shop.id).digests()
    assert digest_named(workspace, shop.id, digests[0][:10].upper()) == digests[0]
    for start in (digests[0][:5], "", "zzzzzz", digests[0] + "0"):
        with pytest.raises(AuditError, match="no_such_import"):
            digest_named(workspace, shop.id, start)


def test_purging_takes_what_was_said_about_the_file_along(workspace):
    shop = fill(workspace)
    sheet = next(report for report in list_imports(workspace, shop.id) if report.kind == "courier_pickups")
    remove_import(workspace, shop.id, sheet.sha256)
    assert readings_of(workspace, shop.id)
    purge_import(workspace, shop.id, sheet.sha256)
    assert readings_of(workspace, shop.id) == {} and len(removed_imports(workspace, shop.id)) == 1


def test_a_folder_of_no_shop_and_a_spoiled_database_are_named(workspace):
    (workspace.shops / ("0" * 32) / "ledger").mkdir(parents=True)
    assert [(one.code, one.where) for one in verify_home(workspace)] == [("nobodys_shop", f"shops/{'0' * 32}")]
    fill(workspace)
    with workspace.state.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))  # else the log would still hold the sound pages
    with (workspace.home / "state.db").open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(3000))
    assert "state_damaged" in {one.code for one in verify_home(workspace)}


# parcels for other programs


def test_parcels_are_exported_with_every_cell_safe(workspace, tmp_path):
    import csv

    shop = create_shop(workspace, NAME)
    import_files(workspace, shop.id, [Upload(EXPORT_NAME, as_csv(orders(30))),
                                      Upload("a.csv", as_csv(pickups(30, 第一条揽收网点名称="=HYPERLINK(\"http://x\")")))])
    assert export_parcels(workspace, shop.id, tmp_path / "p.csv") == 30
    content = (tmp_path / "p.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == 30 and {row["file"] for row in rows} == {EXPORT_NAME}
    assert {row["outlet"] for row in rows} <= {"'=HYPERLINK(\"http://x\")", ""} and any(row["outlet"] for row in rows)
    assert WAYBILL in {row["waybill"] for row in rows} and ORDER in {row["order_no"] for row in rows}
    assert rows[0]["shipped_at"] == str(datetime.fromisoformat(rows[0]["shipped_at"]))


def test_parcels_as_parquet_hold_the_same_rows(filled, tmp_path):
    import pandas as pd

    workspace, shop, _ = filled
    rows = export_parcels(workspace, shop.id, tmp_path / "p.parquet")
    frame = pd.read_parquet(tmp_path / "p.parquet")
    assert len(frame) == rows == 40 and frame["waybill"].is_unique and str(frame["shipped_at"].dtype).startswith("datetime64")
    assert names_in(tmp_path) == ["p.parquet"]


def test_without_orders_there_is_nothing_to_export(workspace, tmp_path):
    with pytest.raises(AuditError, match="nothing_to_export"):
        export_parcels(workspace, create_shop(workspace, NAME).id, tmp_path / "p.csv")
    assert not (tmp_path / "p.csv").exists()


def test_who_imported_a_file_is_kept_and_nothing_more(filled, monkeypatch, workspace):
    first, shop, _ = filled
    assert {report.imported_by for report in list_imports(first, shop.id)} == {"lin"}
    monkeypatch.setenv("USER", "wang")
    other = create_shop(workspace, NAME)
    import_files(workspace, other.id, [FILES[0]])
    assert [report.imported_by for report in list_imports(workspace, other.id)] == ["wang"]
    assert Ledger(workspace.ledger(other.id).folder).verify() == []
