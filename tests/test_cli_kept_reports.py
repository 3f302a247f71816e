"""A score that was written once is given again only while nothing it depends on has changed."""

import json
import os
import shutil
import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from pdd_audit.cli import main
from pdd_audit.core.questions import Answer
from pdd_audit.data.content.folder import default_folder
from pdd_audit.data.storage.connecting import sqlite_url
from pdd_audit.data.storage.glance import files_seen, imports_seen
from pdd_audit.data.storage.state import State
from pdd_audit.services.import_files import list_imports, remove_import, set_reading
from pdd_audit.services.kept_reports import KEEP, Wanted, entry_for
from pdd_audit.services.shops import list_shops, open_demo_shop, rename_shop
from pdd_audit.services.waivers import waive
from pdd_audit.services.workspace import now, open_workspace

MOMENT = datetime(2026, 11, 21, 9, 0)
HEAVY = ("pandas", "numpy", "pydantic", "sqlalchemy", "ibis", "duckdb", "yaml", "pyarrow")


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """An installation with the demo shop, scored once."""
    home = tmp_path_factory.mktemp("home")
    workspace = open_workspace(home)
    open_demo_shop(workspace)
    workspace.state.close()
    assert main(["score", "--home", str(home), "--format", "json"]) == 0
    return home


@pytest.fixture
def home(scored, tmp_path):
    """A copy of it that a test may change."""
    return shutil.copytree(scored, tmp_path / "home")


def kept(home):
    return sorted(home.glob("shops/*/cache/reports/*"))


def score(home, capsys, *more):
    capsys.readouterr()
    assert main(["score", "--home", str(home), "--format", "json", *more]) == 0
    return capsys.readouterr().out


def test_what_is_known_is_given_without_opening_the_installation(home, capsys, monkeypatch):
    first = score(home, capsys)
    shutil.rmtree(kept(home)[0].parent)
    assert score(home, capsys) == first, "computed again"

    def opened(*_):
        raise AssertionError("opened")

    monkeypatch.setattr("pdd_audit.services.workspace.open_workspace", opened)
    assert score(home, capsys) == first, "given again"


def test_nothing_heavy_is_loaded_for_what_is_known(home, root):
    asked = f"import sys; from pdd_audit.cli import main; main(['score', '--home', {str(home)!r}, '--format', 'json']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, encoding="utf-8", cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, check=True)
    assert json.loads(done.stdout)["parcels"]["shipped"] > 5000
    assert not set(done.stderr.split()) & set(HEAVY)


def change(home, what):
    workspace = open_workspace(home)
    shop = list_shops(workspace)[0]
    what(workspace, shop.id)
    workspace.state.close()


def sheet_of(workspace, shop_id):
    return next(report for report in list_imports(workspace, shop_id) if report.kind == "courier_pickups").sha256


CHANGES = {
    "an answer": lambda w, shop: w.state.save_answers(shop, {"courier_coordination.scan_at_handover": Answer(answer="unmet")}, MOMENT),
    "the reading of a sheet": lambda w, shop: set_reading(w, shop, sheet_of(w, shop), "lists_open"),
    "the shop's name": lambda w, shop: rename_shop(w, shop, "另一家"),
    "a waiver": lambda w, shop: waive(w, shop, "shipping_process.cutoff_time", now().date(), "王经理", "十二月加车"),
    "an import that went": lambda w, shop: remove_import(w, shop, sheet_of(w, shop)),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_scored_anew(what, home, capsys, scored):
    before = score(scored, capsys)
    change(home, CHANGES[what])
    after = score(home, capsys)
    assert after != before
    fresh = kept(home)
    assert len(fresh) == len(kept(scored)) + 1
    shutil.rmtree(fresh[0].parent)
    assert score(home, capsys) == after, "as computed without anything kept"


def test_a_waiver_that_has_ended_is_no_longer_given(home, capsys, monkeypatch):
    before = json.loads(score(home, capsys))
    change(home, CHANGES["a waiver"])
    assert json.loads(score(home, capsys))["waivers"]
    later = now() + timedelta(days=1)

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz=None):
            return later

    monkeypatch.setattr("pdd_audit.services.kept_reports.datetime", Tomorrow)
    monkeypatch.setattr("pdd_audit.services.waivers.now", lambda: later)
    assert json.loads(score(home, capsys)) == before


def test_other_checklists_are_scored_anew(home, capsys, tmp_path):
    before = json.loads(score(home, capsys))
    folder = shutil.copytree(default_folder(), tmp_path / "checklists")
    assert json.loads(score(home, capsys, "--checklists", str(folder))) == before
    practice = next((folder / "practices").glob("*.yaml"))
    text = practice.read_text("utf-8")
    line = next(line for line in text.splitlines() if line.startswith("  version: "))
    practice.write_text(text.replace(line, "  version: 99", 1), "utf-8")
    assert 99 in json.loads(score(home, capsys, "--checklists", str(folder)))["checklists"].values()
    (folder / "scales.yaml").write_text("scales: [", "utf-8")
    assert main(["score", "--home", str(home), "--checklists", str(folder)]) == 2


@pytest.mark.parametrize("more", [("--scope", "quick"), ("--as-of", "2026-11-10 18:00"), ("--format", "text"), ("--format", "text", "--lang", "en")], ids=" ".join)
def test_another_question_has_another_answer(more, home, capsys):
    first = score(home, capsys)
    other = score(home, capsys, *more)
    assert other != first
    assert score(home, capsys, *more) == other and score(home, capsys) == first


@pytest.mark.parametrize("harm", [lambda data: data[:-9], lambda data: data.replace(b'"score"', b'"SCORE"'), lambda data: b"", lambda data: data.partition(b"\n")[2]])
def test_a_damaged_text_counts_as_absent(harm, home, capsys):
    first = score(home, capsys)
    place = kept(home)[0]
    place.write_bytes(harm(place.read_bytes()))
    assert score(home, capsys) == first
    assert place.read_bytes().partition(b"\n")[2].decode("utf-8") + "\n" == first


def test_a_damaged_import_is_still_refused(home, capsys):
    report = next(home.glob("shops/*/ledger/*/import_id=*/report.json"))
    report.write_text("{", "utf-8")
    assert main(["score", "--home", str(home), "--format", "json"]) == 2
    report.unlink()
    assert main(["score", "--home", str(home), "--format", "json"]) == 2


def test_what_changed_while_it_was_computed_is_not_kept(home, capsys, monkeypatch):
    shutil.rmtree(kept(home)[0].parent)
    from pdd_audit.services import run_audit as service

    computed = service.run_audit

    def slowly(workspace, shop_id, **more):
        done = computed(workspace, shop_id, **more)
        CHANGES["an answer"](workspace, shop_id)
        return done

    monkeypatch.setattr(service, "run_audit", slowly)
    score(home, capsys)
    assert not kept(home)


def test_an_engine_is_tried_every_time(home, capsys, monkeypatch):
    score(home, capsys)
    monkeypatch.setenv("PDD_AUDIT_ENGINE", "abacus")
    assert main(["score", "--home", str(home), "--format", "json"]) == 2


def test_an_unfinished_deletion_is_finished_first(home):
    wanted = Wanted(None, "full", "zh", "json", None)
    assert entry_for(home, None, wanted) is not None
    (home / "shops" / f"{'0' * 32}.deleted").touch()
    assert entry_for(home, None, wanted) is None


def test_only_a_database_of_this_program_is_glanced_at(home, tmp_path):
    wanted = Wanted(None, "full", "zh", "json", None)
    assert entry_for(tmp_path / "nowhere", None, wanted) is None
    assert not (tmp_path / "nowhere").exists(), "looking makes nothing"
    state = State(sqlite_url(home / "state.db"))
    with state.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    state.close()
    assert entry_for(home, None, wanted) is None


def test_a_table_yet_to_come_counts(home):
    wanted = Wanted(None, "full", "zh", "json", None)
    places = [entry_for(home, None, wanted)]
    state = State(sqlite_url(home / "state.db"))
    shop = state.shops()[0].id
    for statement in ("CREATE TABLE stops (shop_id TEXT, day TEXT)", f"INSERT INTO stops VALUES ('{shop}', '2026-02-17')", f"INSERT INTO stops VALUES ('{shop}', '2026-02-18')"):
        with state.engine.begin() as connection:
            connection.exec_driver_sql(statement)
        places.append(entry_for(home, None, wanted))
    with state.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO stops VALUES ('another', '2026-02-18')")
    state.add_audit(shop, "saved", "{}", MOMENT)
    state.close()
    assert entry_for(home, None, wanted) == places[-1], "another shop's rows and saved audits change nothing"
    assert len(set(places)) == 4


def test_another_version_of_a_library_counts(home, tmp_path, monkeypatch):
    wanted = Wanted(None, "full", "zh", "json", None)
    (tmp_path / "site" / "calendar_of_china-2.0.dist-info").mkdir(parents=True)
    before = entry_for(home, None, wanted)
    monkeypatch.syspath_prepend(tmp_path / "site")
    assert entry_for(home, None, wanted) != before


def test_a_shop_without_files_is_never_kept(tmp_path, capsys):
    workspace = open_workspace(tmp_path)
    workspace.state.add_shop("空", is_demo=False, now=MOMENT)
    workspace.state.close()
    score(tmp_path, capsys)
    assert not kept(tmp_path)
    assert imports_seen(tmp_path) is None


def test_old_texts_make_room(home):
    entry = entry_for(home, None, Wanted(None, "full", "zh", "json", None))
    for number in range(KEEP + 5):
        type(entry)(entry.path.with_name(str(number))).keep("x")
    assert len(kept(home)) == KEEP


def test_every_byte_of_the_program_counts(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.py").write_text("1")
    seen = {files_seen(tmp_path, "*")}
    (tmp_path / "a" / "one.py").write_text("2")
    seen.add(files_seen(tmp_path, "*"))
    (tmp_path / "a" / "one.py").rename(tmp_path / "a" / "two.py")
    seen.add(files_seen(tmp_path, "*"))
    (tmp_path / "texts.yaml").write_text("2")
    seen.add(files_seen(tmp_path, "*"))
    assert len(seen) == 4
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "one.pyc").write_text("3")
    assert files_seen(tmp_path, "*") in seen
