"""What a page reads many times is read once, and never past a save of its own."""

from datetime import datetime

from pdd_audit.core.questions import Answer
from pdd_audit.data.storage.ledger import Ledger
from pdd_audit.data.storage.moment import once, one_moment
from pdd_audit.data.storage.state import State
from tests.data.builders import EXPORT_NAME, as_csv, orders

UNMET = Answer(answer="unmet")
NOW = datetime(2026, 11, 20, 18)


def test_a_moment_reads_once_until_it_saves_and_lends_out_copies(tmp_path, monkeypatch):
    state, other = (State(f"sqlite:///{tmp_path / 'state.db'}") for _ in range(2))
    shop = state.add_shop("一", False, NOW).id
    reads = []
    reading = State.reading
    monkeypatch.setattr(State, "reading", lambda self: reads.append(1) or reading(self))
    with one_moment():
        assert state.answers(shop) == state.answers(shop) == {} and len(reads) == 2, "the log, which names what they were read as of, and they"
        state.answers(shop)["x"] = UNMET
        assert other.answers(shop) == state.answers(shop) == {} and len(reads) == 4
        state.save_answers(shop, {"q": UNMET}, NOW)
        assert list(state.answers(shop)) == list(other.answers(shop)) == ["q"]
    before = len(reads)
    assert state.answers(shop) and state.answers(shop) and len(reads) == before + 2
    for one in (state, other):
        one.close()


def test_a_moment_within_a_moment_is_the_same_one():
    with one_moment():
        assert once(("it",), lambda: "first") == "first"
        with one_moment():
            assert once(("it",), lambda: "second") == "first"
        assert once(("it",), lambda: "third") == "first"
    assert once(("it",), lambda: "fourth") == "fourth"


def test_a_moment_lists_files_once_and_sees_what_its_own_thread_adds_removes_and_restores(tmp_path, monkeypatch):
    ledger, walks = Ledger(tmp_path / "ledger"), []
    walk = Ledger._sorted
    monkeypatch.setattr(Ledger, "_sorted", lambda self, folders: walks.append(1) or walk(self, folders))
    with one_moment():
        assert ledger.reports() == Ledger(ledger.folder).reports() == [] and len(walks) == 1
        report, _ = ledger.add(as_csv(orders(3)), EXPORT_NAME)
        assert ledger.reports() == [report]
        ledger.remove(report.sha256)
        assert ledger.reports() == []
        ledger.restore(report.sha256)
        assert ledger.reports() == [report]
        stated = Ledger(ledger.folder, {report.sha256: NOW})
        assert [one.snapshot_at for one in stated.reports()] == [NOW], "what a shop states about a file makes another list"
        ledger.remove(report.sha256)
        ledger.purge(report.sha256)
        assert ledger.reports() == [] and ledger.removed() == []
