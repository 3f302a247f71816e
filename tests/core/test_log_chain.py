"""A restore accounts for the rows it took away, and for nothing else."""

from dataclasses import replace

import pytest

from pdd_audit.core.log_chain import (
    BACKUPS,
    LOSS_SEEN,
    RESTORED,
    ROWS,
    Anchor,
    Said,
    content_troubles,
    key_id,
    next_row,
    put_backs,
    troubles,
)

KEY, OTHER = b"k" * 32, b"o" * 32
KEYS = {key_id(KEY): KEY}
RESTORE = Said("lin", RESTORED, f"{BACKUPS}2026-11-20T10:00:00", after="d" * 64, at="2026-11-24T01:00:00Z")
SEEN = Said("zhou", LOSS_SEEN, f"{ROWS}5", at="2026-11-24T02:00:00Z")


def grown(rows, *said, key=KEY):
    rows = list(rows)
    for one in said:
        rows.append(next_row(rows[-1] if rows else None, one, key))
    return rows


def talk(many, who="lin"):
    return [Said(who, "answered", "answers/q", after=str(n), at="2026-11-20T02:00:00Z") for n in range(many)]


def head(rows, seq):
    return Anchor(seq, rows[seq - 1].hash)


OLD = grown([], *talk(9))  # noted at 4 and 9; the backup was made at 4
BACK = grown(OLD[:4], RESTORE)
AT_RESTORE = [head(OLD, 4), head(OLD, 9), head(BACK, 5)]


def found(rows, noted):
    """(what each restore lost, who saw it, what is wrong beside that), as a check does it."""
    restores = put_backs(rows, noted, KEYS)
    accounted = {one for restore in restores for one in restore.lost}
    wrong = [(one.code, one.seq) for one in troubles(rows, [one for one in noted if one not in accounted], KEYS)]
    return [restore.last_lost for restore in restores], [restore.seen and restore.seen.who for restore in restores], wrong


def test_what_a_restore_took_away_is_told_until_the_end_of_days_however_far_the_log_grows():
    assert found(OLD, AT_RESTORE[:2]) == ([], [], [])
    assert found(BACK, AT_RESTORE) == ([9], [None], [])
    assert found(grown(BACK, *talk(20, "zhou")), AT_RESTORE) == ([9], [None], [])
    seen = grown(BACK, *talk(2), SEEN, *talk(9))
    assert found(seen, [*AT_RESTORE, head(seen, 8), head(seen, 17)]) == ([9], ["zhou"], [])
    assert list(content_troubles(grown([], RESTORE, replace(SEEN, about=f"{ROWS}1")), {})) == [], "no table holds a backup"


@pytest.mark.parametrize(("rows", "noted", "wrong"), [
    (grown(OLD[:4], RESTORE, key=OTHER), None, [("forged", 5), ("cut", 9)]),
    (grown(OLD[:4], RESTORE, key=b""), None, [("forged", 5), ("cut", 9)]),
    ([*OLD[:4], replace(BACK[4], who="somebody")], None, [("edited", 5), ("cut", 9)]),
    (grown(OLD[:4], *talk(5), RESTORE), None, [("anchor", 9)]),
    (BACK, AT_RESTORE[:2], [("cut", 9)]),
], ids=["another key", "no key", "edited", "it came later", "its own head was never noted"])
def test_a_row_that_only_says_so_excuses_nothing(rows, noted, wrong):
    given = noted or [*AT_RESTORE[:2], Anchor(rows[-1].seq, rows[-1].hash)]
    lost, _, said = found(rows, given)
    assert (lost, said) == ([0], wrong)


def test_after_a_restore_a_cut_is_a_cut_and_a_new_log_is_a_new_log():
    seen = grown(BACK, SEEN, *talk(9))
    noted = [*AT_RESTORE, head(seen, 6), head(seen, 12), head(seen, 15)]
    assert found(seen[:13], noted) == ([9], ["zhou"], [("cut", 15)])
    assert found(seen[:5], noted) == ([9], [None], [("cut", 6), ("cut", 12), ("cut", 15)]), "cut down to the restore itself"
    assert found(grown(seen[:10], *talk(9, "eve")), noted) == ([9], ["zhou"], [("anchor", 12), ("anchor", 15)])
    assert found(OLD[:4], noted)[0] == [] and ("cut", 9) in found(OLD[:4], noted)[2], "without its row a restore is none"


def test_only_who_has_the_key_acknowledges_and_only_that_restore():
    for seen in (grown(BACK, SEEN, key=OTHER), grown(BACK, SEEN, key=b""), grown(BACK, replace(SEEN, about=f"{ROWS}4"))):
        assert found(seen, AT_RESTORE)[1] == [None]


def test_each_restore_accounts_for_its_own():
    grown_on = grown(BACK, SEEN, *talk(6))  # 12 rows; a backup at 7, a head at 12
    again = grown(grown_on[:7], RESTORE)
    noted = [*AT_RESTORE, head(grown_on, 6), head(grown_on, 12), head(again, 8)]
    assert found(again, noted) == ([9, 12], ["zhou", None], [])
