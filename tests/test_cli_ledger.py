"""`ledger` and `shop` as their users meet them: what they print, what they refuse, and how they end."""

import io
import json

import pytest

from pdd_audit.cli import main
from tests.data.builders import EXPORT_NAME, as_csv, orders, pickups

NAME = "青柠杂货铺"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home with one shop of two files, imported by ``lin``."""
    monkeypatch.setenv("USER", "lin")
    (tmp_path / EXPORT_NAME).write_bytes(as_csv(orders(40)))
    (tmp_path / "揽收.csv").write_bytes(as_csv(pickups(40)))
    folder = tmp_path / "home"
    assert main(["import", "--home", str(folder), "--shop", NAME, str(tmp_path / EXPORT_NAME), str(tmp_path / "揽收.csv")]) == 0
    return folder


@pytest.fixture
def run(home, capsys):
    """(exit code, stdout, stderr) of a command on that home."""

    def command(*arguments, at=home):
        capsys.readouterr()
        code = main([*map(str, arguments), "--home", str(at)])
        return code, *capsys.readouterr()

    return command


def imports(run):
    return json.loads(run("ledger", "list", "--format", "json")[1])


@pytest.mark.parametrize(("lang", "by"), [("zh", "由 lin 导入"), ("en", "by lin")])
def test_the_list_says_when_what_which_from_when_how_many_and_who(run, lang, by):
    code, out, _ = run("ledger", "list", "--lang", lang)
    told = imports(run)["imports"]
    assert code == 0 and out.count(by) == 2
    for report in told:
        assert report["sha256"][:12] in out and report["file"] in out and report["source"] in out and report["imported_at"][:10] in out
        assert f"{report['rows_read']}" in out and report["period_from"][:10] in out


def test_a_home_that_is_sound_says_so(run):
    code, out, _ = run("ledger", "verify")
    assert code == 0 and "检查通过" in out
    assert json.loads(run("ledger", "verify", "--format", "json")[1]) == {"sound": True, "shops": 1, "findings": []}


def test_what_is_wrong_is_listed_and_ends_with_2(run, home):
    rows = next(home.rglob("pdd_orders/*/rows.parquet"))
    rows.write_bytes(rows.read_bytes()[:-10])
    (rows.parents[2] / "note.txt").touch()
    code, out, _ = run("ledger", "verify", "--lang", "en")
    assert code == 2 and out.count("✗") == 3 and f"{NAME}: pdd_orders/{rows.parent.name}" in out and "note.txt" in out
    code, out, _ = run("ledger", "verify", "--format", "json", "--shop", NAME)
    assert code == 2 and {one["code"] for one in json.loads(out)["findings"]} == {"altered", "rows_unreadable", "foreign"}


def test_remove_take_back_remove_purge(run):
    digest = next(one["sha256"] for one in imports(run)["imports"] if one["kind"] == "courier_pickups")
    assert run("ledger", "remove", digest[:8])[0] == 0
    told = imports(run)
    assert [one["sha256"] for one in told["removed"]] == [digest] and len(told["imports"]) == 1
    assert "已移除、可以恢复的 1 个文件" in run("ledger", "list")[1]
    assert run("ledger", "undo-remove", digest[:8])[0] == 0
    assert imports(run)["removed"] == []
    assert run("ledger", "purge", digest[:8])[0] == 2, "only what was removed can be purged"
    run("ledger", "remove", digest)
    assert run("ledger", "purge", digest[:8])[0] == 0
    assert digest not in json.dumps(imports(run))


@pytest.mark.parametrize("digest", ["", "abc", "zzzzzzzz", "0" * 64])
@pytest.mark.parametrize("action", ["remove", "undo-remove", "purge"])
def test_an_import_that_is_not_there_is_refused_in_words(run, action, digest):
    code, _, err = run("ledger", action, digest)
    assert code == 2 and "ledger list" in err


def test_parcels_are_exported_as_csv_and_parquet(run, tmp_path):
    assert run("ledger", "export", "--out", tmp_path / "p.csv")[0] == 0
    assert (tmp_path / "p.csv").read_text("utf-8-sig").count("\n") == 41
    assert run("ledger", "export", "--out", tmp_path / "p.parquet")[0] == 0
    assert (tmp_path / "p.parquet").read_bytes()[:4] == b"PAR1"


def test_a_backup_is_restored_into_an_empty_home_only(run, home, tmp_path):
    assert run("ledger", "backup", "--out", tmp_path / "b.zip")[0] == 0
    code, _, err = run("ledger", "restore", tmp_path / "b.zip")
    assert code == 2 and "--home" in err
    assert run("ledger", "restore", tmp_path / "b.zip", at=tmp_path / "second")[0] == 0
    scores = [json.loads(run("score", "--format", "json", at=at)[1]) for at in (home, tmp_path / "second")]
    assert scores[0] == scores[1]
    assert run("ledger", "verify", at=tmp_path / "second")[0] == 0


def test_of_the_backups_in_a_folder_the_newest_stay_and_nothing_else_goes(run, tmp_path):
    folder = tmp_path / "backups"
    code, _, err = run("ledger", "backup", "--out", folder, "--keep", "2")
    assert code == 2 and "--keep 7" in err and not folder.exists()
    folder.mkdir()
    older = [f"pdd-audit-2026-01-0{day}-030000.zip" for day in (1, 2, 3)]
    for name in (*older, "pdd-audit-notes.zip"):
        (folder / name).write_bytes(b"")
    assert run("ledger", "backup", "--out", folder, "--keep", "2")[0] == 0
    left = sorted(path.name for path in folder.iterdir())
    assert len(left) == 3 and older[-1] in left and "pdd-audit-notes.zip" in left
    assert (folder / max(set(left) - {"pdd-audit-notes.zip"})).stat().st_size > 0, "the newest is the one just made"


def test_a_shop_travels_and_scores_the_same(run, home, tmp_path):
    assert run("shop", "export", NAME, "--out", tmp_path / "s.zip")[0] == 0
    assert run("shop", "import", tmp_path / "s.zip", at=tmp_path / "second")[0] == 0
    scores = [run("score", "--shop", NAME, "--format", "json", at=at)[1] for at in (home, tmp_path / "second")]
    assert scores[0] == scores[1] and json.loads(scores[0])["parcels"]["shipped"] == 40
    assert run("shop", "import", tmp_path / "s.zip")[0] == 2, "the name is in use"
    assert run("shop", "import", tmp_path / "s.zip", "--name", "副本")[0] == 0


@pytest.mark.parametrize("typed", ["", "\n", "yes\n", "青柠\n"])
def test_a_shop_is_not_deleted_without_its_name(run, monkeypatch, typed):
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    code, _, err = run("shop", "delete", NAME)
    assert code == 2 and NAME in err
    assert len(imports(run)["imports"]) == 2


@pytest.mark.parametrize("confirmed", ["typed", "--yes"])
def test_a_shop_is_deleted_when_confirmed(run, home, monkeypatch, confirmed):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NAME}\n" if confirmed == "typed" else ""))
    assert run("shop", "delete", NAME, *(["--yes"] if confirmed == "--yes" else []))[0] == 0
    assert list((home / "shops").iterdir()) == []
    assert run("ledger", "list", "--shop", NAME)[0] == 2


@pytest.mark.parametrize("command", [["shop", "export", "没有", "--out", "x.zip"], ["shop", "delete", "没有", "--yes"], ["shop", "import", "no.zip"]])
def test_what_is_not_there_is_refused_in_words(run, command):
    code, _, err = run(*command)
    assert code == 2 and "✗" in err
