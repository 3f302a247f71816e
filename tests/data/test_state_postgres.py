"""What only PostgreSQL can do to the state: old tables there, a server that restarts or is away, a user who may only read."""

import threading
from datetime import datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import DateTime, String, bindparam, column, false, func, insert, select, table, text

from pdd_audit.core.errors import AuditError
from pdd_audit.core.log_chain import troubles
from pdd_audit.core.questions import Answer
from pdd_audit.data.storage import connecting, tries
from pdd_audit.data.storage.connecting import engine_of
from pdd_audit.data.storage.head import HEAD
from pdd_audit.data.storage.schema import MIGRATIONS
from pdd_audit.data.storage.state import State
from pdd_audit.data.storage.tables import AnswerEventRow, Base
from tests.data.test_state import upgraded

NOW = datetime(2026, 11, 20, 18)
MET = {"a.b": Answer(answer="met", note="n")}
RELEASES = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
SHOP = insert(table("shops", column("id"), column("name"), column("is_demo"), column("created_at"))).from_select(
    ["id", "name", "is_demo", "created_at"], select(bindparam("id", type_=String), bindparam("id", type_=String), false(), bindparam("at", type_=DateTime))
)
GUARDS = (
    "SELECT t.tgname, pg_get_triggerdef(t.oid), p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
    "JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace ORDER BY 1"
)


def guards(engine):
    with engine.connect() as connection:
        schema = connection.scalar(text("SELECT current_schema()"))
        return [tuple(part.replace(f"{schema}.", "") for part in row) for row in connection.execute(text(GUARDS))]


def test_what_every_release_left_is_there_in_the_tables_of_today(database_url):
    """One step at a time: what a release stored goes through every later one."""
    assert RELEASES[0] == HEAD and RELEASES[-1] == "0001"
    for release in reversed(RELEASES[1:]):
        engine = upgraded(database_url, release)
        with engine.begin() as connection:
            row = {"id": release, "at": NOW}
            connection.execute(SHOP, row)
            connection.execute(text("INSERT INTO answer_events (shop_id, question_id, at) VALUES (:id, 'a.b', '2026-11-20 18:00:00')"), row)
        engine.dispose()
    state = State(database_url, expected="")
    with state.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == HEAD and compare_metadata(context, Base.metadata) == []
    assert [(shop.id, shop.is_demo, shop.created_at) for shop in state.shops()] == [(one, False, NOW) for one in sorted(RELEASES[1:])]
    state.save_answers("0001", MET, NOW)
    with state.reading() as session:
        assert session.scalar(select(func.max(AnswerEventRow.id))) == len(RELEASES) and state.answers("0001") == MET
    state.close()


def test_migrated_tables_guard_the_log_as_new_ones_do(postgres, postgres_database):
    new, migrated = State(postgres.room(postgres_database)), upgraded(postgres.room(postgres_database), "head")
    assert guards(new.engine) == guards(migrated) and len(guards(migrated)) == 2
    new.close()
    migrated.dispose()


@pytest.mark.parametrize("idle_seconds", [0, 60], ids=["asked whether it lives", "used just now"])
def test_saves_outlive_a_server_that_restarts_between_and_during_them(postgres, postgres_url, monkeypatch, idle_seconds):
    monkeypatch.setattr(connecting, "IDLE_SECONDS", idle_seconds)
    state = State(postgres_url)
    shop = state.add_shop("拾光家居", is_demo=False, now=NOW)
    postgres.stop()
    postgres.start()
    state.save_answers(shop.id, MET, NOW)
    postgres.stop()
    starting = threading.Thread(target=postgres.start)
    monkeypatch.setattr(tries.time, "sleep", lambda _: starting.is_alive() or starting.start() if not starting.ident else starting.join())
    state.save_answers(shop.id, {"a.c": Answer(answer="unmet")}, NOW)
    starting.join()
    assert set(state.answers(shop.id)) == {"a.b", "a.c"}
    assert len(state.log(shop.id)) == 3 and list(troubles(state.log(shop.id))) == []
    state.close()


def test_a_server_that_stays_away_is_named_and_its_password_is_not(postgres, postgres_url, monkeypatch):
    monkeypatch.setattr(tries, "PAUSES_SECONDS", (0, 0))
    state = State(postgres_url)
    shop = state.add_shop("拾光家居", is_demo=False, now=NOW)
    postgres.stop()
    try:
        for attempt in (lambda: state.save_answers(shop.id, MET, NOW), lambda: state.answers(shop.id), lambda: State(postgres_url)):
            with pytest.raises(AuditError, match="store_away"):
                attempt()
    finally:
        postgres.start()
    assert state.answers(shop.id) == {}
    state.close()
    for url in ("postgresql+psycopg://u:hush-hush@127.0.0.1:1/d", "mysql://u:hush-hush@h/d", "postgresql://u:hush-hush@h", "hush-hush"):
        with pytest.raises(AuditError) as refused:
            State(url)
        assert refused.value.code in ("store_away", "database_url") and "hush" not in str(refused.value)


def test_a_user_who_may_only_read_reads(postgres, postgres_url):
    state = State(postgres_url)
    shop = state.add_shop("拾光家居", is_demo=False, now=NOW)
    state.save_answers(shop.id, MET, NOW)
    state.close()
    reader = State(f"{postgres_url}%20-cdefault_transaction_read_only%3Don")
    assert reader.answers(shop.id) == MET
    for attempt in (lambda: reader.save_answers(shop.id, {"a.b": None}, NOW), lambda: reader.add_shop("另一家", is_demo=False, now=NOW)):
        with pytest.raises(AuditError, match="store_read_only"):
            attempt()
    assert reader.answers(shop.id) == MET and len(reader.shops()) == 1
    reader.close()


def test_a_text_with_a_nul_is_kept_without_it(database_url):
    state = State(database_url)
    shop = state.add_shop("拾光\x00家居", is_demo=False, now=NOW)
    state.save_answers(shop.id, {"a.b": Answer(answer="met", note="a\x00b")}, NOW, by="小\x00李")
    state.add_audit(shop.id, "十\x00月", "{}", NOW)
    state.add_change(shop.id, NOW.date(), "换\x00快递", "courier", NOW)
    assert "\x00" not in "".join([state.shops()[0].name, state.audits(shop.id)[0].name, state.changes(shop.id)[0].what, state.log(shop.id)[1].who])
    assert list(troubles(state.log(shop.id))) == []
    state.close()


@pytest.mark.parametrize(("said", "code"), [("53100", "store_full"), ("40P01", "store_busy"), ("XX001", "store_damaged"), ("22012", None)])
def test_what_the_server_says_is_told_in_our_words(postgres_url, said, code):
    engine = engine_of(postgres_url)
    with pytest.raises(AuditError if code else Exception, match=code or "22012|raised"), engine.begin() as connection:
        connection.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'raised' USING ERRCODE = '{said}'; END $$"))
    engine.dispose()
