"""A review round from opening to two signatures, and the log that tells of it: what was changed behind its back is found and named."""

import sqlite3
import sys
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError

from pdd_audit.cli import main
from pdd_audit.core.errors import AuditError
from pdd_audit.core.log_chain import digest
from pdd_audit.core.questions import Answer
from pdd_audit.core.rounds import RoundWord
from pdd_audit.data.storage.schema import MIGRATIONS
from pdd_audit.services.answers import load_answers, save_answer
from pdd_audit.services.backup import back_up
from pdd_audit.services.history import delete_audit, list_audits
from pdd_audit.services.log import check_log, log_of
from pdd_audit.services.rounds import (
    Plan,
    agree,
    agree_where_all_said_the_same,
    answer_alone,
    decide,
    drop_round,
    list_rounds,
    note,
    open_round,
    reveal,
    sign,
    signed_result,
    since_signed,
    spreads_of,
    withdraw_signature,
)
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shop_archive import delete_shop, export_shop, import_shop, shop_as_bytes
from pdd_audit.services.shops import create_shop
from pdd_audit.services.timeline import timeline
from pdd_audit.texts import LANGS, error_text

ASKED = ("courier_coordination.fixed_pickup_time", "shipping_process.cutoff_time", "customer_service.peak_hour_cover")
MEMBERS = ("老板", "小李")


@pytest.fixture
def opened(workspace):
    shop = create_shop(workspace, "拾光家居")
    open_round(workspace, shop.id, Plan("十一月复盘", ASKED, MEMBERS, date(2026, 11, 30), "monthly"), "老板")
    return workspace, shop


def the_round(workspace, shop):
    return list_rounds(workspace, shop.id)[0]


def refusal(code, action, *given):
    with pytest.raises(AuditError) as refused:
        action(*given)
    assert refused.value.code == code and all(all(error_text(refused.value, lang)) for lang in LANGS)


def say_all(workspace, shop):
    for member, levels in (("老板", ("met", "met", "partly")), ("小李", ("unmet", "met", "mostly"))):
        for question, level in zip(ASKED, levels, strict=True):
            answer_alone(workspace, shop.id, the_round(workspace, shop), question, Answer(answer=level), member)


def test_a_round_goes_from_blind_answers_to_two_signatures_and_stays_as_it_was_signed(opened):
    workspace, shop = opened
    say_all(workspace, shop)
    one = the_round(workspace, shop)
    assert one.done() == {"老板": 3, "小李": 3} and not one.revealed_answers(ASKED[0])
    assert not load_answers(workspace, shop.id), "what a member says alone is not the shop's answer"
    refusal("round_not_revealed", agree, workspace, shop.id, one, ASKED[0], Answer(answer="met"), "老板")
    refusal("round_member", answer_alone, workspace, shop.id, one, ASKED[0], Answer(answer="met"), "路人")
    reveal(workspace, shop.id, one, "老板", run_audit(workspace, shop.id))
    refusal("round_revealed", answer_alone, workspace, shop.id, one, ASKED[0], Answer(answer="met"), "老板")

    one = the_round(workspace, shop)
    talk = spreads_of(workspace, shop.id, one)
    assert talk[0].question == ASKED[0] and talk[0].disagreement == 1.0 and talk[-1].same
    note(workspace, shop.id, one, ASKED[0], "周五没有来", "小李")
    agree(workspace, shop.id, one, ASKED[0], Answer(answer="partly"), "老板")
    refusal("round_agreed_meanwhile", agree, workspace, shop.id, one, ASKED[0], Answer(answer="met"), "小李")
    assert agree_where_all_said_the_same(workspace, shop.id, the_round(workspace, shop), "老板") == 1
    assert {id: answer.answer for id, answer in load_answers(workspace, shop.id).items()} == {ASKED[0]: "partly", ASKED[1]: "met"}
    decide(workspace, shop.id, one, "和网点签周五加班车", "小李", date(2026, 12, 5), ASKED[0], "老板")

    audit = run_audit(workspace, shop.id)
    sign(workspace, shop.id, the_round(workspace, shop), "reviewer", "老板", audit)
    refusal("round_signed", agree, workspace, shop.id, the_round(workspace, shop), ASKED[2], Answer(answer="met"), "小李")
    refusal("round_signed_once", sign, workspace, shop.id, the_round(workspace, shop), "owner", "老板", audit)
    save_answer(workspace, shop.id, ASKED[0], Answer(answer="met"))
    later = run_audit(workspace, shop.id)
    sign(workspace, shop.id, the_round(workspace, shop), "owner", "小李", later)
    assert [stop.round for stop in timeline(workspace, shop.id, audit.result.score.scope).stops] == ["十一月复盘"]
    one = the_round(workspace, shop)
    assert one.phase == "signed" and signed_result(workspace, shop.id, one) == audit.result != later.result
    assert since_signed(workspace, shop.id, one, later) == ["answers"]
    assert [(each.text, each.owner, each.question) for each in one.decisions()] == [("和网点签周五加班车", "小李", ASKED[0])]
    refusal("audit_signed", delete_audit, workspace, shop.id, list_audits(workspace, shop.id)[0].id)
    check = check_log(workspace, shop.id)
    assert not check.troubles and check.anchors >= 2 and not check.elsewhere and not check.unsealed


def test_a_lone_signature_is_taken_back_and_nobody_signs_over_it_unaware(opened):
    workspace, shop = opened
    audit = run_audit(workspace, shop.id)
    reveal(workspace, shop.id, the_round(workspace, shop), "老板", audit)
    sign(workspace, shop.id, the_round(workspace, shop), "reviewer", "小李", audit)
    as_both_saw_it = the_round(workspace, shop)
    refusal("round_signed", drop_round, workspace, shop.id, as_both_saw_it, "老板")
    withdraw_signature(workspace, shop.id, as_both_saw_it, "小李")
    one = the_round(workspace, shop)
    assert one.phase == "revealed" and not one.signatures and signed_result(workspace, shop.id, one) is None
    refusal("round_signature_gone", sign, workspace, shop.id, as_both_saw_it, "owner", "老板", audit)
    refusal("round_signature_gone", withdraw_signature, workspace, shop.id, as_both_saw_it, "老板")
    agree(workspace, shop.id, one, ASKED[0], Answer(answer="partly"), "老板")
    delete_audit(workspace, shop.id, list_audits(workspace, shop.id)[0].id)

    later = run_audit(workspace, shop.id)
    sign(workspace, shop.id, the_round(workspace, shop), "reviewer", "小李", later)
    refusal("round_signature_gone", withdraw_signature, workspace, shop.id, as_both_saw_it, "老板")
    sign(workspace, shop.id, the_round(workspace, shop), "owner", "老板", later)
    one = the_round(workspace, shop)
    refusal("round_signed", withdraw_signature, workspace, shop.id, one, "小李")
    assert one.phase == "signed" and signed_result(workspace, shop.id, one) == later.result
    assert not check_log(workspace, shop.id).troubles


def test_nobody_covers_up_an_answer_given_elsewhere_under_the_same_name(opened):
    workspace, shop = opened
    seen_by_both = the_round(workspace, shop)
    answer_alone(workspace, shop.id, seen_by_both, ASKED[0], Answer(answer="met"), "小李")
    refusal("round_answered_meanwhile", answer_alone, workspace, shop.id, seen_by_both, ASKED[0], Answer(answer="unmet"), "小李")
    assert the_round(workspace, shop).answers_of("小李")[ASKED[0]].answer == "met"
    answer_alone(workspace, shop.id, the_round(workspace, shop), ASKED[0], Answer(answer="unmet"), "小李")  # having seen it
    assert the_round(workspace, shop).answers_of("小李")[ASKED[0]].answer == "unmet"


def test_nobody_takes_the_answers_along_before_the_reveal(opened, tmp_path, capsys):
    workspace, shop = opened
    assert shop_as_bytes(workspace, shop), "nobody has answered: there is nothing to tell"
    said = "网点老板和我说好的"
    answer_alone(workspace, shop.id, the_round(workspace, shop), ASKED[0], Answer(answer="met", note=said), "小李")
    refusal("round_blind", shop_as_bytes, workspace, shop)
    assert main(["shop", "export", shop.name, "--home", str(workspace.home), "--out", str(tmp_path / "one.zip")]) == 2
    assert "十一月复盘" in capsys.readouterr().err and list(tmp_path.glob("one.zip*")) == []
    (word,) = [word for word in workspace.state.said(RoundWord, shop.id) if word.kind == "answered"]
    bodies = [word.model_copy(update={"id": id}).model_dump_json(by_alias=True, exclude_defaults=True) for id in ("", word.id)]
    assert [digest(body) in {row.after for row in log_of(workspace, shop.id)} for body in bodies] == [False, True], "no answer is guessed by it"
    back_up(workspace, tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert said.encode() in archive.read("state.db"), "whoever keeps the server keeps everything"
    reveal(workspace, shop.id, the_round(workspace, shop), "老板", run_audit(workspace, shop.id))
    with zipfile.ZipFile(BytesIO(shop_as_bytes(workspace, shop))) as archive:
        assert said in archive.read("state.jsonl").decode()


def tamper(workspace, *statements):
    with closing(sqlite3.connect(workspace.database)) as raw:
        raw.execute("DROP TRIGGER IF EXISTS log_rows_stay")
        raw.execute("DROP TRIGGER IF EXISTS log_rows_are_kept")
        for statement in statements:
            raw.execute(statement)
        raw.commit()


@pytest.mark.parametrize(("statements", "expected"), [
    (["UPDATE log_rows SET who = '别人' WHERE seq = 3"], ("edited", 3)),
    (["DELETE FROM log_rows WHERE seq = 4"], ("gap", 4)),
    (["DELETE FROM log_rows WHERE seq > 5"], ("cut", 8)),
    (["UPDATE log_rows SET seq = 99 WHERE seq = 3", "UPDATE log_rows SET seq = 3 WHERE seq = 4", "UPDATE log_rows SET seq = 4 WHERE seq = 99"],
     ("unchained", 3)),
    (["UPDATE log_rows SET seal = hash WHERE seq = 2"], ("forged", 2)),
    (["UPDATE answers SET body = '{\"answer\":\"met\"}'"], ("altered", 8)),
    (["DELETE FROM round_words WHERE id = 3"], ("altered", 4)),
], ids=["edited", "removed", "cut off", "swapped", "forged", "an answer behind its back", "a word behind its back"])
def test_tampering_is_found_and_named_by_its_row(opened, statements, expected, capsys):
    workspace, shop = opened
    for question, level in zip(ASKED, ("met", "partly", "met"), strict=True):
        answer_alone(workspace, shop.id, the_round(workspace, shop), question, Answer(answer=level), "小李")
    for level in ("met", "partly", "mostly"):
        save_answer(workspace, shop.id, ASKED[0], Answer(answer=level))
    assert not check_log(workspace, shop.id).troubles  # this notes the head
    with pytest.raises(IntegrityError), workspace.state.writing() as session:
        session.connection().exec_driver_sql("DELETE FROM log_rows")
    tamper(workspace, *statements)
    assert expected in [(trouble.code, trouble.seq) for trouble in check_log(workspace, shop.id).troubles]
    assert main(["log", "verify", "--home", str(workspace.home)]) == 2
    assert str(expected[1]) in capsys.readouterr().out


def test_a_log_written_anew_without_the_key_is_found_by_its_noted_head(opened):
    workspace, shop = opened
    check_log(workspace, shop.id)
    other = type(workspace.state)(f"sqlite:///{workspace.database}", b"another key")
    tamper(workspace, "DELETE FROM log_rows")
    other.save_answers(shop.id, {ASKED[0]: Answer(answer="met")}, the_round(workspace, shop).opened_at)
    other.save_answers(shop.id, {ASKED[0]: Answer(answer="met")}, the_round(workspace, shop).opened_at)
    other.close()
    assert "anchor" in {trouble.code for trouble in check_log(workspace, shop.id).troubles}


def test_the_log_travels_with_its_shop_says_that_it_arrived_and_goes_with_it(opened, tmp_path):
    workspace, shop = opened
    say_all(workspace, shop)
    reveal(workspace, shop.id, the_round(workspace, shop), "老板", run_audit(workspace, shop.id))
    export_shop(workspace, shop, tmp_path / "one.zip")
    there = import_shop(workspace, tmp_path / "one.zip", "乙")
    rows = log_of(workspace, there.id)
    assert [replace(row) for row in rows[:-1]] == log_of(workspace, shop.id) and rows[-1].what == "arrived"
    assert not check_log(workspace, there.id).troubles
    delete_shop(workspace, shop.id)
    assert not log_of(workspace, shop.id) and not check_log(workspace, there.id).troubles


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
def test_what_was_acknowledged_is_there_after_five_kills(tmp_path):
    from scripts.kill_saves import kill_saves

    tally = kill_saves(tmp_path, times=5, seed=7)
    assert tally.killed == 5 and tally.acknowledged and tally.wrong == []


def test_a_migrated_database_refuses_to_edit_the_log_by_the_same_triggers_as_a_new_one(workspace, tmp_path):
    old = tmp_path / "migrated.db"
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    raw = create_engine(f"sqlite:///{old}")
    with raw.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    raw.dispose()
    triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    with closing(sqlite3.connect(old)) as migrated, closing(sqlite3.connect(workspace.database)) as new:
        assert migrated.execute(triggers).fetchall() == new.execute(triggers).fetchall() != []
