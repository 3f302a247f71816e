"""Telling buyers: who is found, what is written, what is refused, and that nobody is told twice of one thing."""

import csv
import io
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.services.deeds import do
from pdd_audit.services.incidents.tell_buyers import (
    BuyerRow,
    Draft,
    Note,
    batch_csv,
    concerned,
    concerned_at,
    follow_ups,
    looked_up,
    mark_told,
    pasted_orders,
    responses_of,
    take_back,
    tell_look,
    told_batches,
    write_batch,
)
from pdd_audit.services.measure import ask_about
from pdd_audit.services.shops import DEMO_AS_OF
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import Words

ROW = BuyerRow("261120-000000000000001", "JT5100000000017", "极兔", None, "加厚法兰绒毛毯 秋冬盖毯", "open", 90)


@pytest.fixture
def shop(demo, tmp_path, monkeypatch):
    """(workspace, id) of a demo shop of one's own, right after its files were exported."""
    workspace, original = demo
    home = tmp_path / "home"
    shutil.copytree(workspace.home, home)
    monkeypatch.setattr("pdd_audit.services.workspace.now", lambda: DEMO_AS_OF)
    for module in ("incidents.tell_buyers", "deeds"):
        monkeypatch.setattr(f"pdd_audit.services.{module}.now", lambda: DEMO_AS_OF)
    opened = open_workspace(home)
    yield opened, original.id
    opened.state.close()


@pytest.fixture(scope="module")
def known(demo):
    return responses_of(demo[0])


def draft(known, situation, lang="zh", **values):
    return Draft(known.messages.situation(situation).messages[0].in_language(lang), lang, values)


def written(demo, known, situation, rows, **values):
    return write_batch(demo[0], known.messages.situation(situation), rows, draft(known, situation, **values))


def test_the_demo_shop_has_buyers_to_tell_and_none_of_them_in_two_situations(shop):
    workspace, shop_id = shop
    seen = concerned(workspace, shop_id)
    look = tell_look(workspace, shop_id, seen)
    orders = [row.order_no for group in look.groups for row in group.to_tell]
    assert look.as_of == DEMO_AS_OF and len(orders) == len(set(orders)) == look.waiting > 10
    rows = {row.order_no: row for row in seen.rows}
    near = look.group("about_to_exceed").to_tell
    assert near and all(0 < rows[row.order_no].left_minutes <= 360 for row in near)
    assert [row.left_minutes for row in near] == sorted(row.left_minutes for row in near)
    assert all(row.state == "collected" and row.left_minutes <= 0 for row in look.group("collected_now").to_tell)
    assert len(tell_look(workspace, shop_id, seen, near_minutes=1440).group("about_to_exceed").to_tell) >= len(near)
    assert concerned_at(workspace, shop_id, ask_about(workspace, shop_id, DEMO_AS_OF - timedelta(days=2))).as_of < DEMO_AS_OF


def test_who_was_told_is_not_told_again_until_it_is_taken_back(shop, known):
    workspace, shop_id = shop
    seen = concerned(workspace, shop_id)
    first = [row.order_no for row in tell_look(workspace, shop_id, seen).group("about_to_exceed").to_tell]
    note = Note("about_to_exceed", known.messages.situation("about_to_exceed").messages[0], "zh", True, DEMO_AS_OF + timedelta(hours=2))
    assert mark_told(workspace, shop_id, note, first[:3], "小李") == (3, 0)
    assert mark_told(workspace, shop_id, note, first[:4], "小李") == (1, 3)
    assert mark_told(workspace, shop_id, note, first[:4], "小李") == (0, 4)
    look = tell_look(workspace, shop_id, seen)
    assert [row.order_no for row in look.group("about_to_exceed").to_tell] == first[4:]
    assert {(one.order_no, one.by, one.version) for one in look.group("about_to_exceed").told} == {
        (order, "小李", "about_to_exceed.1.zh+") for order in first[:4]
    }
    assert set(follow_ups(workspace, shop_id)) == set(first[:4])
    newest = told_batches(workspace, shop_id)[0]
    with pytest.raises(AuditError):
        take_back(workspace, shop_id, newest.id, " ")
    take_back(workspace, shop_id, newest.id, "老板")
    assert first[3] in [row.order_no for row in tell_look(workspace, shop_id, seen).group("about_to_exceed").to_tell]
    with pytest.raises(AuditError):
        mark_told(workspace, shop_id, note, first[5:6], " ")


def test_two_people_who_note_the_same_orders_at_once_make_one_statement(shop, known):
    """One double click, or two agents: every order is in one note, whoever was first."""
    workspace, shop_id = shop
    note = Note("about_to_exceed", known.messages.situation("about_to_exceed").messages[0], "zh")
    start, found = Barrier(4), []

    def mark(orders):
        start.wait()
        found.append(mark_told(workspace, shop_id, note, orders, "小李"))

    threads = [Thread(target=mark, args=(orders,)) for orders in (["A", "B", "C"], ["A", "B", "C"], ["C", "D"], ["B", "D", "E"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = [order for deed in told_batches(workspace, shop_id) for order in deed.subjects]
    assert sorted(told) == ["A", "B", "C", "D", "E"]
    assert sum(new for new, _ in found) == 5 and sum(before for _, before in found) == 11 - 5


def test_what_was_promised_said_or_stopped_moves_a_buyer_on(shop, known):
    workspace, shop_id = shop
    seen = concerned(workspace, shop_id)
    rows = tell_look(workspace, shop_id, seen).group("about_to_exceed").to_tell
    message = known.messages.situation("about_to_exceed").messages[0]
    mark_told(workspace, shop_id, Note("about_to_exceed", message, "zh", report_by=DEMO_AS_OF - timedelta(minutes=5)), [rows[0].order_no], "小李")
    do(workspace, shop_id, "collected", [rows[1].waybill], "老板", {"outlet": "城东"})
    later = replace(seen, as_of=DEMO_AS_OF + timedelta(minutes=1))  # newer files, still without their scans
    look = tell_look(workspace, shop_id, later)
    assert [row.order_no for row in look.group("second_delay").to_tell] == [rows[0].order_no]
    assert [row.order_no for row in look.group("scan_missing").to_tell] == [rows[1].order_no]
    caught = replace(rows[0], state="collected", left_minutes=20, picked_up_at=DEMO_AS_OF)
    look = tell_look(workspace, shop_id, replace(seen, rows=()), [caught])
    assert [row.order_no for row in look.group("collected_now").to_tell] == [rows[0].order_no], "told to wait, so told that it is over"


def test_a_message_is_filled_from_the_files_and_by_the_shop(demo, known):
    batch = written(demo, known, "about_to_exceed", [ROW], action="请网点加一趟车", report_time="今天 18:00")
    assert batch.ready[0].filled.text == (
        "您好，您的加厚法兰绒毛毯打包好了，极兔今天还没上门来收，抱歉。我们正在请网点加一趟车，今天 18:00 前告诉您结果。"
        "不想等的话，改主意或退款都可以说。"
    )
    assert (batch.objections, batch.unsaid, batch.missing, batch.unknown) == ((), (), (), ())
    waits = written(demo, known, "about_to_exceed", [ROW], action="请网点加一趟车")
    assert waits.missing == ("report_time",) and waits.ready == ()


@pytest.mark.parametrize(("text", "rule"), [("加我微信", "private_contact"), ("包裹已揽收", "says_collected"), ("我们马上发", "empty_promise")])
def test_a_refused_word_keeps_the_whole_batch_from_being_sent(demo, known, text, rule):
    situation = known.messages.situation("exceeded")
    batch = write_batch(demo[0], situation, [ROW], Draft(f"您好，抱歉。{text}", "zh"))
    assert [one.rule for one in batch.objections] == [rule] and batch.ready == ()
    assert batch.unsaid == ("cause", "now", "report", "choice") if rule != "says_collected" else True
    sent = write_batch(demo[0], situation, [replace(ROW, state="collected")], Draft("您好，抱歉。包裹已揽收", "zh"))
    assert not sent.objections


def test_words_of_the_shops_own_values_are_read_too_and_goods_are_not(demo, known):
    row = replace(ROW, goods="微信公仔 摆件")
    assert written(demo, known, "about_to_exceed", [row], action="请网点加车", report_time="今天 18:00").objections == ()
    bad = written(demo, known, "about_to_exceed", [row], action="请加我微信", report_time="今天 18:00")
    assert [one.rule for one in bad.objections] == ["private_contact"]


@pytest.mark.parametrize("template", ["{", "{nobody}", "{product:>9}"])
def test_a_blank_nobody_can_fill_is_named(demo, known, template):
    batch = write_batch(demo[0], known.messages.situation("exceeded"), [ROW], Draft(template, "zh"))
    assert batch.unknown and not batch.ready


def test_a_file_of_messages_runs_nothing(demo, known):
    row = replace(ROW, order_no="261120-1", waybill="=1+1", goods="=HYPERLINK(1)")
    batch = write_batch(demo[0], known.messages.situation("exceeded"), [row], Draft("{product} 抱歉", "zh"))
    found = list(csv.reader(io.StringIO(batch_csv(batch, Words("zh")).decode("utf-8-sig"))))
    assert found[0][0] == "订单号" and found[1][1:] == ["'=1+1", "'=HYPERLINK 1 抱歉"]


def test_pasted_numbers_are_looked_up_and_unknown_ones_stay(shop):
    workspace, shop_id = shop
    order = concerned(workspace, shop_id).rows[0].order_no
    pasted = pasted_orders(f"{order}，261120-000000000000099\n{order} 张三 订单")
    assert pasted == (order, "261120-000000000000099")
    found = looked_up(workspace, shop_id, pasted)
    assert [row.order_no for row in found] == list(pasted) and found[0].state and found[1].state is None
    assert isinstance(DEMO_AS_OF, datetime)
