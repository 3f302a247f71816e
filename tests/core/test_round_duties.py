"""Whom a round waits for in each of its phases, and when the next one is told of."""

from datetime import date, datetime, timedelta

from pdd_audit.core.questions import Answer
from pdd_audit.core.round_duties import duties, round_days
from pdd_audit.core.rounds import Opening, RoundWord, Signature, next_due, rounds_of

DUE = date(2026, 11, 30)
AT = datetime(2026, 11, 20, 9)
MARK = "0" * 64
OPENING = Opening(title="十一月评审", questions=("a.b", "a.c"), members=("老板", "小李"), due=DUE, again="monthly", template=MARK)


def word(kind, by="老板", **more):
    return RoundWord(round=more.pop("round", "r"), kind=kind, by=by, at=more.pop("at", AT), **more)


def waiting(*words):
    rounds = rounds_of(words)
    return [(one.what, one.who, one.due, one.left) for one in duties(rounds, lambda one: next_due(one.opening, ()))]


def test_a_round_waits_for_members_then_for_whoever_opened_it_then_for_the_next_one():
    words = [word("opened", opening=OPENING), word("answered", "小李", question="a.b", answer=Answer(answer="met"))]
    assert waiting(*words) == [("answer", "小李", DUE, 1), ("answer", "老板", DUE, 2)]
    for who, question in (("小李", "a.c"), ("老板", "a.b"), ("老板", "a.c")):
        words.append(word("answered", who, question=question, answer=Answer(answer="met")))
    assert waiting(*words) == [("reveal", "老板", DUE, 0)]
    words.append(word("revealed"))
    assert waiting(*words) == [("talk", "老板", DUE, 0)]
    words.append(word("signed", "小李", signature=Signature(role="reviewer", fingerprint=MARK, audit=MARK)))
    assert waiting(*words) == [("sign", "老板", DUE, 0)]
    words.append(word("signed", signature=Signature(role="owner", fingerprint=MARK, audit=MARK), at=AT + timedelta(days=8)))
    following = date(2026, 12, 30)
    assert waiting(*words) == [("next", "老板", following, 0)]
    (day,) = round_days(rounds_of(words), lambda one: next_due(one.opening, ()))
    assert (day.what, day.due, day.since) == ("next", following, AT + timedelta(days=8))
    words.append(word("opened", round="s", opening=OPENING.model_copy(update={"title": "十二月评审", "due": following})))
    assert {what for what, *_ in waiting(*words)} == {"answer"}, "under another title it is the next one all the same"
    assert waiting(*words, word("dropped", round="s")) == [], "a round that was given up waits for nobody"
