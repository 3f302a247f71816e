"""Two people at one answer: each keeps what they changed, and nobody's word goes without the other being told."""

import pytest

from pdd_audit.core.answer_parts import merged, replaced
from pdd_audit.core.errors import AuditError
from pdd_audit.core.questions import Answer
from pdd_audit.services.answers import answer_of, clear_answer, save_answer, save_over, who_said
from pdd_audit.services.proofs import attach
from pdd_audit.services.shops import create_shop

QUESTION = "courier_choice.second_courier"
SEEN = Answer(answer="partly", note="旧备注", proof="旧凭证")


@pytest.fixture
def shop(workspace):
    made = create_shop(workspace, "甲")
    save_answer(workspace, made.id, QUESTION, SEEN, "老板")
    return made.id


@pytest.mark.parametrize(
    ("stands", "said", "becomes", "against"),
    [
        (SEEN, {"answer": "met", "reason": None}, SEEN.model_copy(update={"answer": "met"}), ()),
        (Answer(answer="mostly", note="新的"), {"note": "我的"}, Answer(answer="mostly", note="我的"), ("note",)),
        (Answer(answer="mostly", note="旧备注"), {"note": "我的"}, Answer(answer="mostly", note="我的"), ()),
        (SEEN.model_copy(update={"note": "新的"}), {"answer": "met", "reason": None}, Answer(answer="met", note="新的", proof="旧凭证"), ()),
        (Answer(answer="met", note="旧备注"), {"answer": "met", "reason": None, "note": "也是"}, Answer(answer="met", note="也是"), ()),
        (Answer(answer="na", reason="a"), {"answer": "na", "reason": "b"}, Answer(answer="na", reason="b"), ("answer",)),
        (None, {"proof": "我的"}, SEEN.model_copy(update={"proof": "我的"}), ("proof",)),
    ],
    ids=["nobody else", "one note twice", "another part", "their note stays", "the same said twice", "another reason", "taken back"],
)
def test_parts_of_an_answer_are_replaced_one_by_one(stands, said, becomes, against):
    assert merged(stands, SEEN, said) == becomes and replaced(stands, SEEN, said) == against


def test_whoever_replaces_a_word_they_did_not_see_is_handed_it_with_its_name(workspace, shop):
    save_over(workspace, shop, QUESTION, {"note": "小李的"}, SEEN, "小李")
    kept = save_over(workspace, shop, QUESTION, {"note": "我的", "proof": "也是我的"}, SEEN, "老板")
    assert kept.overtaken is not None
    assert (kept.overtaken.by, kept.overtaken.parts, kept.overtaken.answer.note) == (("小李",), ("note",), "小李的")
    assert kept.answer == answer_of(workspace, shop, QUESTION) == Answer(answer="partly", note="我的", proof="也是我的")
    save_over(workspace, shop, QUESTION, {"answer": "met", "reason": None}, kept.answer, "小王")
    stands = answer_of(workspace, shop, QUESTION)
    assert who_said(workspace, shop, QUESTION, stands, ("note",)) == ("老板",)
    assert who_said(workspace, shop, QUESTION, stands, ("note", "answer", "proof")) == ("老板", "小王")
    for note, by in (("另一句", "小李"), ("我的", "小王")):
        save_over(workspace, shop, QUESTION, {"note": note}, answer_of(workspace, shop, QUESTION), by)
    assert who_said(workspace, shop, QUESTION, answer_of(workspace, shop, QUESTION), ("note",)) == ("小王",), "whoever said it last, not first"
    with pytest.raises(AuditError, match="answer_gone"):
        save_over(workspace, shop, "shipping_process.cutoff_time", {"note": "无处可放"}, None)


def test_a_newer_answer_is_not_taken_back_unseen(workspace, shop):
    save_over(workspace, shop, QUESTION, {"note": "小李的"}, SEEN, "小李")
    with pytest.raises(AuditError, match="answer_newer"):
        clear_answer(workspace, shop, QUESTION, SEEN, "老板")
    newer = answer_of(workspace, shop, QUESTION)
    assert newer.note == "小李的"
    clear_answer(workspace, shop, QUESTION, newer, "老板")
    assert answer_of(workspace, shop, QUESTION) is None and who_said(workspace, shop, QUESTION, None, ("answer",)) == ("老板",)


def test_a_photo_goes_with_the_answer_that_stands_when_it_is_kept(workspace, shop, monkeypatch):
    place = workspace.proofs(shop)

    def slowly(name, data, keep=place.keep):
        save_over(workspace, shop, QUESTION, {"answer": "met", "reason": None}, SEEN, "小李")
        return keep(name, data)

    monkeypatch.setattr(type(place), "keep", lambda own, name, data: slowly(name, data))
    one = attach(workspace, shop, QUESTION, "a.pdf", b"%PDF-1.7\n" + b"x" * 500)
    assert answer_of(workspace, shop, QUESTION) == SEEN.model_copy(update={"answer": "met", "attached": (one,)})
