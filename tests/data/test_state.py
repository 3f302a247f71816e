"""The state: what is saved is there, whole, and the tables are what the code believes."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Barrier, Thread

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import func, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from pdd_audit.core.errors import AuditError
from pdd_audit.core.log_chain import content_troubles, troubles
from pdd_audit.core.questions import Answer
from pdd_audit.data.storage import connecting, tries
from pdd_audit.data.storage.connecting import engine_of, sqlite_url
from pdd_audit.data.storage.head import HEAD
from pdd_audit.data.storage.notices import Notices
from pdd_audit.data.storage.schema import MIGRATIONS
from pdd_audit.data.storage.shop_rows import delete_shop_rows
from pdd_audit.data.storage.state import State
from pdd_audit.data.storage.tables import AnswerEventRow, Base
from pdd_audit.data.storage.turns import Turns
from pdd_audit.data.storage.upgrade_copies import copies_of
from scripts.load_answers import Load, press

NOW = datetime(2026, 11, 20, 18)


@pytest.fixture
def programs(state, database_url):
    """Four programs at one database: threads of one wait for each other there, programs only in the database."""
    others = [State(database_url) for _ in range(3)]
    yield [state, *others]
    for other in others:
        other.close()


@pytest.fixture
def shop(state):
    return state.add_shop("拾光家居", is_demo=False, now=NOW)


def upgraded(url, revision):
    """An engine on a database as a release with these tables left it."""
    engine = engine_of(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return engine


def test_the_migrations_build_exactly_the_tables_of_the_models(database_url):
    engine = upgraded(database_url, "head")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == HEAD
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_a_new_database_is_stamped_as_up_to_date(state):
    with state.engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == HEAD


def test_an_answer_is_there_after_a_restart(state, shop, database_url):
    state.save_answers(shop.id, {"a.b": Answer(answer="met", note="n")}, NOW)
    again = State(database_url)
    assert again.answers(shop.id) == {"a.b": Answer(answer="met", note="n")}
    again.close()


def test_an_answer_taken_back_is_unanswered_and_its_history_stays(state, shop):
    state.save_answers(shop.id, {"a.b": Answer(answer="met")}, NOW)
    state.save_answers(shop.id, {"a.b": None}, NOW)
    assert state.answers(shop.id) == {}
    assert state.said_of(shop.id, "a.b", 9) == [(None, ""), (Answer(answer="met"), "")]


def test_a_shop_name_is_used_once_and_never_empty(state, shop):
    with pytest.raises(AuditError) as twice:
        state.add_shop("  拾光家居 ", is_demo=False, now=NOW)
    with pytest.raises(AuditError) as empty:
        state.add_shop("   ", is_demo=False, now=NOW)
    assert (twice.value.code, empty.value.code) == ("shop_exists", "shop_name")


def test_many_people_saving_at_once_lose_nothing(state, shop, programs):
    def save(person):
        for number in range(20):
            programs[person % len(programs)].save_answers(shop.id, {f"p{person}.q{number}": Answer(answer="met")}, NOW)

    threads = [Thread(target=save, args=(person,)) for person in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(state.answers(shop.id)) == 160
    with state.reading() as session:
        assert session.scalar(select(func.count()).select_from(AnswerEventRow)) == 160
    assert len(state.log(shop.id)) == 161 and list(troubles(state.log(shop.id))) == []


def test_two_people_at_one_answer_leave_the_last_one_and_both_in_the_history(state, shop, programs):
    ready = Barrier(2)

    def save(program, answer):
        ready.wait()
        return program.save_answers(shop.id, {"a.b": Answer(answer=answer)}, NOW, by=answer)

    with ThreadPoolExecutor(2) as people:
        stood = [kept.result() for kept in [people.submit(save, programs[1], "met"), people.submit(save, programs[2], "unmet")]]
    first, last = (row.who for row in state.log(shop.id) if row.what == "answered")
    assert state.answers(shop.id) == {"a.b": Answer(answer=last)}
    assert [one for one in stood if one] == [{"a.b": Answer(answer=first)}]  # whoever came second is told whose answer stood there
    assert list(content_troubles(*state.log_and_content(shop.id))) == []


def test_a_message_is_claimed_by_one_of_those_who_want_to_send_it(shop, programs):
    wanted, ready = [(f"YT{number}", 18) for number in range(30)], Barrier(4)

    def claim(program):
        ready.wait()
        return Notices(program, shop.id).claim("mail", wanted, NOW)[1]

    with ThreadPoolExecutor(4) as people:
        claimed = [one for kept in [people.submit(claim, program) for program in programs] for one in kept.result()]
    assert sorted(claimed) == sorted(wanted)


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_save_whose_acknowledgement_is_lost_is_made_once(state, shop, cut, monkeypatch):
    """The connection breaks while it is being committed: before it took effect, or after."""
    commit, cuts = state.engine.dialect.do_commit, []

    def breaks(connection):
        if cuts:
            return commit(connection)
        cuts.append(1)
        if cut == "after":
            commit(connection)
        raise fault

    fault = psycopg.errors.AdminShutdown("the server is gone") if state.engine.dialect.name == "postgresql" else sqlite3.OperationalError("busy")
    fault.sqlite_errorcode = sqlite3.SQLITE_BUSY
    monkeypatch.setattr(tries, "PAUSES_SECONDS", (0, 0))
    monkeypatch.setattr(state.engine.dialect, "do_commit", breaks)
    assert state.save_answers(shop.id, {"a.b": Answer(answer="met")}, NOW) == {}
    assert cuts and state.answers(shop.id) == {"a.b": Answer(answer="met")}
    with state.reading() as session:
        assert len(session.scalars(select(AnswerEventRow)).all()) == 1
    assert [row.what for row in state.log(shop.id)] == ["shop_made", "answered"] and list(troubles(state.log(shop.id))) == []
    claimed = Notices(state, shop.id)
    cuts.clear()
    assert claimed.claim("mail", [("YT1", 18)], NOW)[1] == [("YT1", 18)]
    assert claimed.told("mail") == {("YT1", 18)}


def test_whoever_writes_too_long_is_waited_for_three_times(state, shop, database_url, monkeypatch):
    monkeypatch.setattr(connecting, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(tries, "PAUSES_SECONDS", (0, 0))
    hurried = State(database_url)
    with state.writing():
        with pytest.raises(AuditError, match="store_busy"):
            hurried.save_answers(shop.id, {"a.b": Answer(answer="met")}, NOW)
        with pytest.raises(AuditError, match="store_busy"), hurried.writing():
            pytest.fail("somebody else is writing")
        assert hurried.answers(shop.id) == {}  # looking goes on
    hurried.save_answers(shop.id, {"a.b": Answer(answer="met")}, NOW)
    hurried.close()
    assert set(state.answers(shop.id)) == {"a.b"}


def test_writers_come_in_the_order_they_asked():
    turns, came = Turns(), []

    def write(number):
        with turns.mine(60):
            came.append(number)

    with turns.mine(60):
        threads = [Thread(target=write, args=(number,)) for number in range(5)]
        for number, thread in enumerate(threads):
            thread.start()
            while len(turns._waiting) <= number:
                pass
        with pytest.raises(AuditError, match="store_busy"), turns.mine(0.001):
            pytest.fail("it is somebody else's turn")
    for thread in threads:
        thread.join()
    assert came == [0, 1, 2, 3, 4]
    with turns.mine(0):
        pass


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_lost_under_load(kind, tmp_path, request):
    tally = press(tmp_path / "home", request.getfixturevalue("postgres_url") if kind == "postgresql" else "", Load(people=12, seconds=0.5, every=0.05))
    assert len(tally.saved) >= 12 and tally.lost == tally.refused == [] and tally.log_troubles == 0


def test_the_log_is_neither_edited_nor_removed_but_goes_with_its_shop(state, shop):
    for statement in ("UPDATE log_rows SET who = 'x'", "DELETE FROM log_rows"):
        with pytest.raises(DBAPIError, match="the log"), state.writing() as session:
            session.execute(text(statement))
    delete_shop_rows(state, shop.id)
    assert state.shops() == [] and state.log(shop.id) == []


def test_a_database_of_another_program_is_left_alone(database_url):
    engine = engine_of(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE shops (name VARCHAR(10))"))
    with pytest.raises(AuditError, match="store_foreign"):
        State(database_url)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["shops"]
    engine.dispose()


def test_a_database_that_lost_its_tables_is_no_new_one(database_url):
    with pytest.raises(AuditError, match="store_lost"):
        State(database_url, expected="")
    State(database_url).close()
    State(database_url, expected="").close()


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


def test_a_database_of_a_newer_program_is_refused_untouched(state, database_url):
    with state.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(AuditError) as refused:
        State(database_url)
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
    upgraded(sqlite_url(file), "0002").dispose()
    program = "import sys; from pathlib import Path; from pdd_audit.data.storage.connecting import sqlite_url; from pdd_audit.data.storage.state import State; State(sqlite_url(Path(sys.argv[1])))"
    opened = [subprocess.Popen([sys.executable, "-c", program, str(file)], stderr=subprocess.PIPE) for _ in range(3)]
    assert [(one.wait(), one.stderr.read()) for one in opened] == [(0, b"")] * 3
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    assert len(copies_of(file)) == 1, "only the one that migrated had anything to keep"
