"""What was read of a shop is read again when its log tells of a change to it, and only then."""

from datetime import datetime

import pytest
from sqlalchemy import event, text

from pdd_audit.core.questions import Answer
from pdd_audit.core.waivers import Waiver
from pdd_audit.data.storage.state import State
from pdd_audit.data.storage.tables import AnswerRow, ProfileRow, WaiverRow

NOW = datetime(2026, 11, 20, 18)
MET, UNMET = Answer(answer="met"), Answer(answer="unmet")


@pytest.fixture
def state(tmp_path):
    opened = State(f"sqlite:///{tmp_path / 'state.db'}")
    yield opened
    opened.close()


@pytest.fixture
def read(state, monkeypatch):
    """The names of the tables that were read since it was looked at last, the log aside."""
    tables: list[str] = []
    names = {row.__tablename__ for row in (AnswerRow, ProfileRow, WaiverRow)}

    def note(_connection, _cursor, statement, *_):
        tables.extend(name for name in sorted(names) if f"FROM {name}" in statement)

    event.listen(state.engine, "before_cursor_execute", note)

    def since() -> set[str]:
        found = set(tables)
        tables.clear()
        return found

    return since


def look(state, shop):
    return state.answers(shop), state.profile(shop), state.said(Waiver, shop)


def test_an_answer_or_a_word_lets_go_what_it_speaks_of_and_nothing_else(state, read):
    shop, other = (state.add_shop(name, False, NOW).id for name in "一二")
    look(state, shop)
    assert read() == {"answers", "profiles", "waivers"}
    look(state, shop)
    assert read() == set()
    state.save_answers(shop, {"q": MET}, NOW)
    read()
    assert look(state, shop)[0] == {"q": MET} and read() == {"answers"}
    state.say(shop, Waiver(question="courier_choice.last_pickup_time", until=None, by="安", at=NOW))
    read()
    assert len(look(state, shop)[2]) == 1 and read() == {"waivers"}
    state.set_profile(shop, {"own_warehouse"})
    read()
    assert look(state, shop)[1] == {"own_warehouse"} and read() == {"answers", "profiles", "waivers"}, "what is not known to be about less"
    look(state, other)
    read()
    state.save_answers(shop, {"q": UNMET}, NOW)
    read()
    assert look(state, other)[0] == {} and read() == set()


def test_what_another_process_saves_is_seen_at_once(state, tmp_path):
    shop = state.add_shop("一", False, NOW).id
    assert state.answers(shop) == {}
    beside = State(f"sqlite:///{tmp_path / 'state.db'}")
    beside.save_answers(shop, {"q": MET}, NOW)
    beside.close()
    assert state.answers(shop) == {"q": MET}


def test_what_is_handed_out_is_the_callers_own(state):
    shop = state.add_shop("一", False, NOW).id
    state.answers(shop)["x"] = MET
    assert state.answers(shop) == {}


def test_another_history_lets_go_everything(state):
    """As after a backup was put back: fewer rows, and then as many as before, but others."""
    shop = state.add_shop("一", False, NOW).id
    state.save_answers(shop, {"q": MET}, NOW)
    assert state.answers(shop) == {"q": MET}
    with state.engine.begin() as connection:
        for statement in ("DROP TRIGGER log_rows_are_kept", "DELETE FROM log_rows WHERE seq = 2", "DELETE FROM answers"):
            connection.execute(text(statement))
    assert state.answers(shop) == {}
    state.save_answers(shop, {"r": UNMET}, NOW)
    assert state.answers(shop) == {"r": UNMET}


def test_what_was_read_before_a_change_is_not_kept_as_what_is_so_after_it(state, monkeypatch):
    """Somebody saves, and a third reads it, between one reader's look at the log and what that one reads."""
    shop = state.add_shop("一", False, NOW).id
    state.profile(shop)
    find = Answer.model_validate_json
    state.save_answers(shop, {"q": MET}, NOW)

    def meanwhile(body, **more):
        monkeypatch.setattr(Answer, "model_validate_json", find)
        state.save_answers(shop, {"q": UNMET}, NOW)
        assert state.profile(shop) == frozenset()
        return find(body, **more)

    monkeypatch.setattr(Answer, "model_validate_json", meanwhile)
    assert state.answers(shop) == {"q": MET}
    assert state.answers(shop) == {"q": UNMET}
