"""Proofs of answers: kept by what they are, with their shop only, and carried wherever the shop goes."""

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.core.questions import Answer
from pdd_audit.data.storage.proofs import LARGEST_BYTES
from pdd_audit.services.answers import save_answer
from pdd_audit.services.backup import back_up, restore_backup
from pdd_audit.services.ledger_care import verify_shop
from pdd_audit.services.proofs import MOST, attach, detach, proof_bytes
from pdd_audit.services.shop_archive import delete_shop, export_shop, import_shop
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace

PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
PAPER = b"%PDF-1.7\n" + b"x" * 500
QUESTION = "courier_choice.second_courier"


@pytest.fixture
def shop(workspace):
    made = create_shop(workspace, "甲")
    save_answer(workspace, made.id, QUESTION, Answer(answer="met"))
    return made


def test_a_photo_is_kept_and_given_back_and_makes_the_answer_proven(workspace, shop):
    one = attach(workspace, shop.id, QUESTION, "交接单.png", PHOTO)
    answer = workspace.state.answers(shop.id)[QUESTION]
    assert answer.attached == (one,) and answer.proven and one.name == "交接单.png"
    assert proof_bytes(workspace, shop.id, one) == PHOTO
    again = attach(workspace, shop.id, QUESTION, "同一张.png", PHOTO)
    assert again.sha256 == one.sha256 and len(workspace.state.answers(shop.id)[QUESTION].attached) == 1


def test_what_is_taken_away_is_no_longer_named_and_its_bytes_stay(workspace, shop):
    one = attach(workspace, shop.id, QUESTION, "a.pdf", PAPER)
    detach(workspace, shop.id, QUESTION, one.sha256)
    assert workspace.state.answers(shop.id)[QUESTION].attached == ()
    assert proof_bytes(workspace, shop.id, one) == PAPER


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [("a.png", b"MZ\x90\x00" + PHOTO, "proof_kind"), ("page.pdf", b"<html><script>", "proof_kind"), ("a.svg", b"<svg onload=x>", "proof_kind"),
     ("empty.png", b"", "proof_kind"), ("big.png", PHOTO + b"\x00" * LARGEST_BYTES, "proof_size")],
)
def test_a_file_is_what_its_first_bytes_say(workspace, shop, name, data, code):
    with pytest.raises(AuditError) as refused:
        attach(workspace, shop.id, QUESTION, name, data)
    assert refused.value.code == code
    assert not list(workspace.proofs(shop.id).stored())


@pytest.mark.parametrize("name", ["../../../etc/passwd.png", "C:\\windows\\a.png", "\u202egnp.exe", "n" * 5000 + ".png", "\x00\x01"])
def test_a_name_is_only_a_name(workspace, shop, name):
    one = attach(workspace, shop.id, QUESTION, name, PHOTO)
    assert 1 <= len(one.name) <= 120 and not set(one.name) & set("/\\\u202e\x00")
    assert [path.name for path in workspace.proofs(shop.id).stored()] == [f"{one.sha256}.png"]


def test_no_answer_no_proof_and_never_more_than_fit(workspace, shop):
    with pytest.raises(AuditError, match="proof_answer"):
        attach(workspace, shop.id, "courier_choice.last_pickup_time", "a.png", PHOTO)
    for at in range(MOST):
        attach(workspace, shop.id, QUESTION, "a.png", PHOTO + bytes([at]))
    with pytest.raises(AuditError, match="proof_many"):
        attach(workspace, shop.id, QUESTION, "a.png", PHOTO)


def test_another_shop_cannot_have_it(workspace, shop):
    one = attach(workspace, shop.id, QUESTION, "a.png", PHOTO)
    with pytest.raises(AuditError, match="proof_gone"):
        proof_bytes(workspace, create_shop(workspace, "乙").id, one)


def test_a_proof_that_was_changed_is_not_given_and_is_found_by_verify(workspace, shop):
    one = attach(workspace, shop.id, QUESTION, "a.png", PHOTO)
    workspace.proofs(shop.id).path(one).write_bytes(PHOTO + b"!")
    with pytest.raises(AuditError, match="proof_gone"):
        proof_bytes(workspace, shop.id, one)
    assert [finding.code for finding in verify_shop(workspace, shop.id)] == ["proof_damaged"]


def test_proofs_go_where_the_shop_goes_and_are_gone_with_it(workspace, shop, tmp_path):
    one = attach(workspace, shop.id, QUESTION, "a.png", PHOTO)
    export_shop(workspace, shop, tmp_path / "shop.zip")
    other = import_shop(workspace, tmp_path / "shop.zip", "丙")
    assert proof_bytes(workspace, other.id, one) == PHOTO
    back_up(workspace, tmp_path / "all.zip")
    restore_backup(tmp_path / "all.zip", tmp_path / "again")
    again = open_workspace(tmp_path / "again")
    assert proof_bytes(again, shop.id, one) == PHOTO
    again.state.close()
    delete_shop(workspace, shop.id)
    assert not workspace.proofs(shop.id).folder.exists()
