"""The state: what is saved is there, whole, and the tables are what the code believes."""

import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from threading import Thread

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from pdd_audit.core.errors import AuditError
from pdd_audit.core.questions import Answer
from pdd_audit.data.storage.head import HEAD
from pdd_audit.data.storage.state import MIGRATIONS, State, sqlite_url
from pdd_audit.data.storage.tables import Base

NOW = datetime(2026, 11, 20, 18)


@pytest.fixture
def state(tmp_path):
    opened = State(f"sqlite:///{tmp_path / 'state.db'}")
    yield opened
    opened.close()


@pytest.fixture
def shop(state):
    return state.add_shop("拾光家居", is_demo=False, now=NOW)


def test_the_migrations_build_exactly_the_tables_of_the_models(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'migrated.db'}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == HEAD
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_a_new_database_is_stamped_as_up_to_date(state):
    with state.engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == HEAD


def test_an_answer_is_there_after_a_restart(state, shop, tmp_path):
    state.save_answers(shop.id, {"a.b": Answer(answer="met", note="n")}, NOW)
    again = State(f"sqlite:///{tmp_path / 'state.db'}")
    assert again.answers(shop.id) == {"a.b": Answer(answer="met", note="n")}
    again.close()


def test_an_answer_taken_back_is_unanswered_and_its_history_stays(state, shop):
    state.save_answers(shop.id, {"a.b": Answer(answer="met")}, NOW)
    before = state.answers_version(shop.id)
    state.save_answers(shop.id, {"a.b": None}, NOW)
    assert state.answers(shop.id) == {}
    assert state.answers_version(shop.id) == before + 1


def test_a_shop_name_is_used_once_and_never_empty(state, shop):
    with pytest.raises(AuditError) as twice:
        state.add_shop("  拾光家居 ", is_demo=False, now=NOW)
    with pytest.raises(AuditError) as empty:
        state.add_shop("   ", is_demo=False, now=NOW)
    assert (twice.value.code, empty.value.code) == ("shop_exists", "shop_name")


def test_many_people_saving_at_once_lose_nothing(state, shop):
    def save(person):
        for number in range(20):
            state.save_answers(shop.id, {f"p{person}.q{number}": Answer(answer="met")}, NOW)

    threads = [Thread(target=save, args=(person,)) for person in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(state.answers(shop.id)) == 160
    assert state.answers_version(shop.id) == 160


def test_what_was_acknowledged_survives_a_kill(tmp_path):
    code = (
        "import os, sys, signal\nfrom datetime import datetime\nfrom pdd_audit.data.storage.state import State\nfrom pdd_audit.core.questions import Answer\n"
        "state = State(sys.argv[1]); shop = state.add_shop('s', False, datetime(2026, 1, 1))\n"
        "state.save_answers(shop.id, {'a.b': Answer(answer='met')}, datetime(2026, 1, 1))\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    url = f"sqlite:///{tmp_path / 'state.db'}"
    subprocess.run([sys.executable, "-c", code, url], check=False, cwd=".")
    state = State(url)
    assert len(state.answers(state.shops()[0].id)) == 1
    state.close()


def test_a_database_of_a_newer_program_is_refused_untouched(state, tmp_path):
    with state.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(AuditError) as refused:
        State(f"sqlite:///{tmp_path / 'state.db'}")
    assert refused.value.code == "newer_database"


def test_saved_audits_come_newest_first_and_belong_to_their_shop(state, shop):
    other = state.add_shop("另一家", is_demo=False, now=NOW)
    first = state.add_audit(shop.id, "十月", "{}", NOW)
    state.add_audit(shop.id, "十一月", "{}", NOW.replace(day=21))
    assert [audit.name for audit in state.audits(shop.id)] == ["十一月", "十月"]
    state.delete_audit(other.id, first)
    assert len(state.audits(shop.id)) == 2
    assert state.audits(other.id) == []


@pytest.mark.parametrize("path", ["C:\\Users\\张三\\App Data\\state.db", "/a b/100%41/#1/q?mode=ro/state.db", "relative/state.db"])
def test_any_path_survives_its_url(path):
    assert make_url(sqlite_url(Path(path))).database == str(Path(path))


def test_two_programs_that_find_old_tables_at_once_leave_them_whole(tmp_path):
    """As after an update: the app opens in one window and the command line in another."""
    file = tmp_path / "state.db"
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    engine.dispose()
    program = "import sys; from pathlib import Path; from pdd_audit.data.storage.state import State, sqlite_url; State(sqlite_url(Path(sys.argv[1])))"
    opened = [subprocess.Popen([sys.executable, "-c", program, str(file)], stderr=subprocess.PIPE) for _ in range(3)]
    assert [(one.wait(), one.stderr.read()) for one in opened] == [(0, b"")] * 3
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
