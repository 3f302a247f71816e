"""One installation, in a file and on a server: moved by a backup it is the same, whole or not at all."""

import shutil

import pytest
from sqlalchemy import text

from pdd_audit.cli import main
from pdd_audit.core.errors import AuditError
from pdd_audit.core.questions import Answer
from pdd_audit.services import backup
from pdd_audit.services.answers import load_answers, save_answer
from pdd_audit.services.backup import back_up, restore_backup
from pdd_audit.services.doctor import look_at_home
from pdd_audit.services.home import DATABASE_URL
from pdd_audit.services.ledger_care import verify_home
from pdd_audit.services.log import check_log
from pdd_audit.services.shop_archive import delete_shop, export_shop, import_shop
from pdd_audit.services.shops import create_shop, list_shops
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import LANGS, Words
from tests.services.test_shop_archive import everything, fill

QUESTION = "courier_coordination.fixed_pickup_time"
CARE = {"home", "server", "database", "sqlite", "ledger", "nobodys"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """(backup, shop, everything it is) of an installation in a file."""
    folder = tmp_path_factory.mktemp("made")
    workspace = open_workspace(folder / "home")
    shop = fill(workspace)
    back_up(workspace, folder / "backup.zip")
    yield folder / "backup.zip", shop, everything(workspace, shop)
    workspace.state.close()


def plainly(said):
    """Moments that were read past the models are texts in a file and moments on a server."""
    return [[(*row[:2], str(row[2])[:19]) for row in part] if index == 7 else part for index, part in enumerate(said)]


def told(home, url):
    """What the doctor says of what this is about; every check has its words."""
    checks = [one for one in look_at_home(home, database=url) if one.what in CARE]
    for lang in LANGS:
        for one in checks:
            for part in ("what", f"found.{one.found}", "needed", "cure"):
                assert Words(lang)(f"doctor.check.{one.what}.{part}", **one.values)
    return {(one.what, one.state, one.found) for one in checks}


def test_an_installation_moves_to_a_server_and_back_and_goes_on(made, postgres_url, tmp_path, monkeypatch):
    archive, shop, before = made
    monkeypatch.setenv(DATABASE_URL, postgres_url)
    assert told(tmp_path / "home", postgres_url) == {("home", "warning", "missing")}
    assert main(["ledger", "restore", str(archive), "--home", str(tmp_path / "home")]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"] and not (tmp_path / "home" / "state.db").exists()
    workspace = open_workspace(tmp_path / "home")
    assert workspace.state.engine.dialect.name == "postgresql" and list_shops(workspace) == [shop]
    assert plainly(everything(workspace, shop)) == plainly(before)
    assert told(tmp_path / "home", postgres_url) == {("home", "well", "well"), ("server", "well", "well"), ("ledger", "well", "well")}
    save_answer(workspace, shop.id, QUESTION, Answer(answer="met", note="on the server"))  # counted ids go on after those that came
    export_shop(workspace, shop, tmp_path / "shop.zip")
    twin = import_shop(workspace, tmp_path / "shop.zip", "另一家")
    assert load_answers(workspace, twin.id) == load_answers(workspace, shop.id)
    assert not check_log(workspace, shop.id).troubles and not check_log(workspace, twin.id).troubles and verify_home(workspace) == []
    delete_shop(workspace, twin.id)
    after = everything(workspace, shop)
    assert main(["ledger", "backup", "--home", str(tmp_path / "home"), "--out", str(tmp_path / "again.zip")]) == 0
    workspace.state.close()
    monkeypatch.delenv(DATABASE_URL)
    assert main(["ledger", "restore", str(tmp_path / "again.zip"), "--home", str(tmp_path / "back")]) == 0
    back = open_workspace(tmp_path / "back")
    assert list_shops(back) == [shop] and plainly(everything(back, shop)) == plainly(after)
    assert load_answers(back, shop.id)[QUESTION].note == "on the server"
    assert not check_log(back, shop.id).troubles and verify_home(back) == []
    back.state.close()
    with pytest.raises(AuditError, match="store_lost"):  # forgotten the address: no second, empty installation beside the first
        open_workspace(tmp_path / "home")


def test_rows_never_go_among_others_and_never_alone(made, postgres_url, tmp_path, monkeypatch):
    appear = backup._appear

    def appears_and_dies(part, home):
        appear(part, home)
        raise KeyboardInterrupt

    for how in (lambda *_: (_ for _ in ()).throw(OSError(28, "no space")), appears_and_dies):
        monkeypatch.setattr(backup, "_appear", how)
        with pytest.raises((AuditError, KeyboardInterrupt)):
            restore_backup(made[0], tmp_path / "home", postgres_url)
        assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(backup, "_appear", appear)
    workspace = open_workspace(tmp_path / "other", database=postgres_url)
    assert list_shops(workspace) == []
    create_shop(workspace, "已有的店")
    with pytest.raises(AuditError, match="database_not_empty"):
        restore_backup(made[0], tmp_path / "home", postgres_url)
    assert [shop.name for shop in list_shops(workspace)] == ["已有的店"] and not (tmp_path / "home").exists()
    for folder, code, found in (("third", "store_elsewhere", "elsewhere"), ("used", "store_other", "other")):
        (tmp_path / folder).mkdir()
        if folder == "used":
            open_workspace(tmp_path / folder, database="").state.close()
        with pytest.raises(AuditError, match=code):
            open_workspace(tmp_path / folder, database=postgres_url)
        assert ("server", "broken", found) in told(tmp_path / folder, postgres_url)
    workspace.state.close()


def test_the_doctor_tells_what_is_wrong_with_a_server(made, postgres, postgres_url, tmp_path):
    restore_backup(made[0], tmp_path / "home")
    assert ("server", "broken", "lost") in told(tmp_path / "home", postgres_url)
    workspace = open_workspace(tmp_path / "new", database=postgres_url)
    shop = create_shop(workspace, "新店")
    with workspace.state.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert told(tmp_path / "new", postgres_url) >= {("server", "warning", "older"), ("ledger", "well", "well")}
    with workspace.state.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert ("server", "broken", "newer") in told(tmp_path / "new", postgres_url)
    with workspace.state.engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
        assert connection.scalar(text("SELECT id FROM shops")) == shop.id
    assert ("server", "broken", "foreign") in told(tmp_path / "new", postgres_url)
    workspace.state.close()
    assert ("server", "broken", "away") in told(tmp_path / "new", "postgresql://u:p@127.0.0.1:1/d")
    assert ("server", "broken", "url") in told(tmp_path / "new", "nothing")
    shutil.rmtree(tmp_path / "home")


def test_the_address_may_lie_in_a_file(tmp_path, monkeypatch):
    from pdd_audit.services.home import database_url

    (tmp_path / "secret").write_text("postgresql://u:p@h/d\n")
    monkeypatch.delenv(DATABASE_URL, raising=False)
    monkeypatch.setenv(f"{DATABASE_URL}_FILE", str(tmp_path / "secret"))
    assert database_url() == "postgresql://u:p@h/d"
    monkeypatch.setenv(f"{DATABASE_URL}_FILE", str(tmp_path / "none"))
    with pytest.raises(AuditError, match="database_url"):
        database_url()
