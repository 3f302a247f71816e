"""What a page reads many times is read once, and never past a save of its own."""

from datetime import datetime

from pdd_audit.core.questions import Answer
from pdd_audit.data.storage.state import State

UNMET = Answer(answer="unmet")
NOW = datetime(2026, 11, 20, 18)


def test_a_moment_reads_once_until_it_saves_and_lends_out_copies(tmp_path, monkeypatch):
    state, other = (State(f"sqlite:///{tmp_path / 'state.db'}") for _ in range(2))
    shop = state.add_shop("一", False, NOW).id
    reads = []
    reading = State.reading
    monkeypatch.setattr(State, "reading", lambda self: reads.append(1) or reading(self))
    with state.one_moment():
        assert state.answers(shop) == state.answers(shop) == {} and len(reads) == 1
        state.answers(shop)["x"] = UNMET
        assert other.answers(shop) == state.answers(shop) == {} and len(reads) == 2
        state.save_answers(shop, {"q": UNMET}, NOW)
        assert list(state.answers(shop)) == list(other.answers(shop)) == ["q"]
    before = len(reads)
    assert state.answers(shop) and state.answers(shop) and len(reads) == before + 2
    for one in (state, other):
        one.close()
