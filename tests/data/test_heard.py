"""Words that are kept as they were parsed are always those of the database, of this shop and of now."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest

from pdd_audit.core.questions import Answer
from pdd_audit.core.rounds import RoundWord
from pdd_audit.data.storage.connecting import sqlite_url
from pdd_audit.data.storage.heard import Heard
from pdd_audit.data.storage.shop_rows import delete_shop_rows
from pdd_audit.data.storage.state import State
from pdd_audit.data.storage.tables import RoundRow

NOW = datetime(2026, 11, 20, 18)


@pytest.fixture
def parsed(monkeypatch):
    """Text of a word -> how often it was parsed."""
    counted, parse = Counter(), RoundWord.model_validate_json
    monkeypatch.setattr(RoundWord, "model_validate_json", lambda body: counted.update([body]) or parse(body))
    return counted


def word(note, of="r1"):
    return RoundWord(round=of, kind="answered", by="小李", at=NOW, question="p.q", answer=Answer(answer="met", note=note))


def notes(state, shop_id, of=None):
    opening = "" if of is None else f'{{"round":"{of}"'
    return [said.answer.note for said in state.said(RoundWord, shop_id, opening)]


def test_each_word_is_parsed_once_and_each_shop_and_round_has_its_own(state, parsed):
    one, other = (state.add_shop(name, is_demo=False, now=NOW).id for name in ("甲", "乙"))
    seen = []
    for number in range(4):
        state.say(one, word(f"甲{number}", f"r{number % 2}"), lambda said: seen.append(len(said)), '{"round":"r0"')
        state.say(other, word(f"乙{number}", "r0"))
        assert notes(state, one, "r0") == [f"甲{each}" for each in range(0, number + 1, 2)]
        assert notes(state, other, "r0") == [f"乙{each}" for each in range(number + 1)]
    assert seen == [0, 1, 1, 2] and notes(state, one, "r1") == ["甲1", "甲3"] and notes(state, one) == ["甲0", "甲1", "甲2", "甲3"]
    assert set(Counter(parsed.values()).items()) == {(2, 4), (1, 4)}, "once for its round, once for all rounds where those were asked for"


def test_what_was_changed_behind_its_back_is_read_anew(state):
    shop, other = (state.add_shop(name, is_demo=False, now=NOW).id for name in ("甲", "乙"))
    for number in range(3):
        state.say(shop, word(str(number)))
    assert notes(state, shop) == ["0", "1", "2"]
    with state.writing() as session:
        session.query(RoundRow).filter(RoundRow.body.contains('"note":"1"')).delete(synchronize_session=False)
    assert notes(state, shop) == ["0", "2"]
    with state.writing() as session:
        last = session.query(RoundRow).order_by(RoundRow.id.desc()).first()
        last.body = last.body.replace('"note":"2"', '"note":"other"')
    assert notes(state, shop) == ["0", "other"]
    state.say(other, word("乙"))
    delete_shop_rows(state, shop)
    assert notes(state, shop) == [] and notes(state, other) == ["乙"]


def test_a_word_that_was_taken_back_with_its_transaction_was_never_heard(state):
    shop = state.add_shop("甲", is_demo=False, now=NOW).id
    state.say(shop, word("0"))
    with state.writing() as session:
        session.add(RoundRow(shop_id=shop, body=word("never").model_dump_json(exclude_defaults=True)))
        session.flush()
        assert len(state._heard.words(session, RoundWord, shop, "")) == 2  # against its own rule: the next one who asks puts it right
        session.rollback()
    assert notes(state, shop) == ["0"]
    state.say(shop, word("1"))
    assert notes(state, shop) == ["0", "1"]


def test_no_more_is_kept_than_it_may_and_two_databases_share_nothing(state, tmp_path, parsed):
    state._heard = Heard(most=3)
    shops = [state.add_shop(name, is_demo=False, now=NOW).id for name in ("甲", "乙", "丙")]
    for shop, times in zip(shops, (2, 2, 4), strict=True):
        for number in range(times):
            state.say(shop, word(str(number)))
    for shop in shops * 2:
        assert notes(state, shop) == [str(number) for number in range(4 if shop == shops[2] else 2)]
        held = [len(kept.words) for kept in state._heard._kept.values()]
        assert sum(held) <= 3 or held == [4], "only one that alone is too long is kept all the same, and alone"
    parsed.clear()
    assert notes(state, shops[0]) == notes(state, shops[0]) == ["0", "1"] and sum(parsed.values()) == 2
    state._heard = Heard(most=7)
    for shop, of in ((shops[0], None), (shops[1], None), (shops[0], None), (shops[0], "r1")):  # two words each: three and three and three
        notes(state, shop, of)
    assert [key[1:] for key in state._heard._kept] == [(shops[0], ""), (shops[0], '{"round":"r1"')], "what was asked for longest ago goes first"
    second = State(sqlite_url(tmp_path / "second.db"))
    assert second.said(RoundWord, shops[0]) == [] and state.acting(state.actor)._heard is state._heard
    second.close()


def test_everybody_hears_every_word_in_its_order_while_others_speak(state):
    shop = state.add_shop("甲", is_demo=False, now=NOW).id
    start, heard = Barrier(4), []

    def speak(person):
        start.wait()
        for number in range(5):
            state.say(shop, word(f"{person}.{number}"), lambda said: heard.append([one.answer.note for one in said]))
            heard.append(notes(state, shop))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(speak, range(4)))
    whole = notes(state, shop)
    assert len(whole) == len(set(whole)) == 20 and all(whole[: len(each)] == each for each in heard)
    assert {len(each) for each in heard} >= set(range(20)), "each speaker heard all before"
