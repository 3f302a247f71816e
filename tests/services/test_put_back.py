"""A restored backup says so in the log of each shop; with the heads noted before, what is missing is told and acknowledged, never hidden."""

import hashlib
import json
import sqlite3
from contextlib import closing

import pytest

from pdd_audit.cli import main
from pdd_audit.core.errors import AuditError
from pdd_audit.core.questions import Answer
from pdd_audit.data.storage.upgrade_copies import copies_of
from pdd_audit.services.answers import save_answer
from pdd_audit.services.backup import Restore, back_up, restore_backup
from pdd_audit.services.log import accept_loss, check_log, log_of
from pdd_audit.services.shops import create_shop, list_shops
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import LANGS, error_text

QUESTION = "courier_coordination.fixed_pickup_time"


def answer(workspace, shop, times):
    for number in range(times):
        save_answer(workspace, shop.id, QUESTION, Answer(answer="met", note=str(number)))


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """(folder, shop): a home whose log was noted five rows after its backup."""
    folder = tmp_path_factory.mktemp("before")
    workspace = open_workspace(folder / "home")
    shop = create_shop(workspace, "拾光家居")
    create_shop(workspace, "另一家")
    answer(workspace, shop, 3)
    check_log(workspace, shop.id)
    back_up(workspace, folder / "b.zip")
    answer(workspace, shop, 5)
    assert check_log(workspace, shop.id).head.seq == 9
    workspace.state.close()
    return folder, shop


def test_it_is_told_by_whom_and_from_what_and_missing_rows_stay_told(before, tmp_path, capsys, monkeypatch):
    folder, shop = before
    monkeypatch.setenv("USER", "lin")
    home = tmp_path / "home"
    assert main(["ledger", "restore", str(folder / "b.zip"), "--home", str(home), "--log-from", str(folder / "home")]) == 0
    workspace = open_workspace(home)
    for one in list_shops(workspace):
        last = log_of(workspace, one.id)[-1]
        assert (last.who, last.what, last.after) == ("lin", "restored", hashlib.sha256((folder / "b.zip").read_bytes()).hexdigest())
        assert last.about[:10] == "backups/20" and last.key_id == log_of(workspace, one.id)[0].key_id, "the same key seals it"
    check = check_log(workspace, shop.id)
    assert [(one.code, one.seq) for one in check.troubles] == [("put_back", 9)] and check.put_back[0].lost
    capsys.readouterr()
    for lang in LANGS:
        assert main(["log", "verify", "--home", str(home), "--shop", shop.name, "--lang", lang]) == 2
        said = capsys.readouterr().out
        assert "lin" in said and "accept-loss" in said and last.after[:12] in said and "{" not in said
    assert [main(["log", "accept-loss", "--home", str(home), "--shop", shop.name]) for _ in range(2)] == [0, 2], "once is enough"
    capsys.readouterr()
    answer(workspace, shop, 6)  # beyond the number of the row that is missing
    assert not check_log(workspace, shop.id).troubles
    assert main(["log", "verify", "--home", str(home), "--shop", shop.name, "--format", "json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["put_back"]
    assert [one["seq"] for one in told["lost"]] == [9] and told["seen"]["who"] == "lin" and told["row"]["seq"] == 5

    newest = check_log(workspace, shop.id).head.seq
    workspace.state.close()
    with closing(sqlite3.connect(home / "state.db")) as raw:
        raw.execute("DROP TRIGGER log_rows_are_kept")
        raw.execute("DELETE FROM log_rows WHERE seq > ?", (newest - 2,))
        raw.commit()
    workspace = open_workspace(home)
    assert ("cut", newest) in [(one.code, one.seq) for one in check_log(workspace, shop.id).troubles]
    with pytest.raises(AuditError) as refused:
        accept_loss(workspace, shop.id)
    assert refused.value.code == "loss_with_troubles" and all("{" not in "".join(error_text(refused.value, lang)) for lang in LANGS)
    workspace.state.close()


def test_without_the_log_of_before_it_is_told_all_the_same(before, tmp_path):
    folder, shop = before
    restore_backup(folder / "b.zip", tmp_path / "home", how=Restore("zhou"))
    workspace = open_workspace(tmp_path / "home")
    check = check_log(workspace, shop.id)
    assert not check.troubles and [one.row.who for one in check.put_back] == ["zhou"] and not check.put_back[0].lost
    with pytest.raises(AuditError, match="loss_none"):
        accept_loss(workspace, shop.id)
    workspace.state.close()
    assert copies_of(tmp_path / "home" / "state.db") == []
    (tmp_path / "empty").mkdir()
    with pytest.raises(AuditError, match="log_not_there"):
        restore_backup(folder / "b.zip", tmp_path / "again", how=Restore(log_from=tmp_path / "empty"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "home"]
