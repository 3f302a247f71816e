"""So much at once, as much again over each minute, and no more memory than for the last who asked."""

from pdd_audit.team import pace
from pdd_audit.team.pace import Pace


def test_so_much_at_once_and_as_much_again_over_each_minute(monkeypatch):
    at, kept = [0.0], Pace(300, lambda: at[0])
    assert [kept.wait("a") for _ in range(301)] == [0] * 300 + [1]
    assert kept.wait("b") == 0, "somebody else waits for nobody"
    at[0] = 0.2
    assert [kept.wait("a") for _ in range(2)] == [0, 1], "one more each fifth of a second"
    at[0] = 60.3
    assert [kept.wait("a") for _ in range(301)] == [0] * 300 + [1]
    monkeypatch.setattr(pace, "MOST_KEPT", 2)
    at[0], few = 0.0, Pace(1, lambda: at[0])
    assert [few.wait(one) for one in "abacaba"] == [0, 0, 60, 0, 60, 0, 60] and len(few._full) == 2
