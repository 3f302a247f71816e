"""Actions of a shop: kept, noted as a change once, judged by the data at every look, told of in time, carried along with the shop."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from icalendar import Calendar

from pdd_audit.cli import main
from pdd_audit.core.actions import Making
from pdd_audit.core.errors import AuditError
from pdd_audit.core.result import PlanStep
from pdd_audit.core.rounds import Opening, RoundWord
from pdd_audit.services.actions import Speaker, act, actions, by_hand, decisions_waiting, finish, from_decision, hand_on, make, take_up
from pdd_audit.services.changes import add_change, list_changes
from pdd_audit.services.look_at_actions import look_at_actions
from pdd_audit.services.look_at_trends import Series, TrendsLook
from pdd_audit.services.rounds import Plan, open_round
from pdd_audit.services.shop_archive import export_shop, import_shop
from pdd_audit.services.shops import create_shop, list_shops
from pdd_audit.services.workspace import open_workspace
from tests.data.live.notifier_server import SECRETS, programs_running

DAY = date(2026, 8, 1)
WATCHED = Making(title="17:30 以后不再上传", metric="pickup_24h_ratio", yuan=900.0, orders=150.0)


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setattr("pdd_audit.services.workspace.now", lambda: datetime(2026, 11, 20, 18))
    monkeypatch.setattr("pdd_audit.services.actions.now", lambda: datetime(2026, 11, 20, 18))
    monkeypatch.setattr("pdd_audit.services.look_at_actions.now", lambda: datetime(2026, 11, 20, 18))
    workspace = open_workspace(tmp_path / "home")
    yield workspace, create_shop(workspace, "甲").id
    workspace.state.close()


def trends(after, lately, days_after=28, days_lately=0, biased=False):
    """A month and a half of 6 late in 60 a day, then other levels from ``DAY`` on."""
    steps = np.array([-2, 1, 0, 2, -1])
    levels = [np.clip(level + np.resize(steps, many), 0, 60) for level, many in ((6, 45), (after, days_after), (lately, days_lately))]
    missed = np.concatenate(levels).astype(float)
    frame = pd.DataFrame({"day": pd.date_range(DAY - timedelta(days=45), periods=len(missed)), "total": 60.0, "missed": missed})
    frame = frame.assign(value=frame["missed"] / 60, settled=True, ordinary=True)
    return TrendsLook(datetime(2026, 11, 20), biased, {"pickup": Series("pickup", frame)}, {}, 0.02)


@pytest.mark.parametrize(
    ("look", "state", "lacks"),
    [(trends(1.2, 0), "verified", ""), (trends(1.2, 1.2, days_lately=28), "verified", ""), (trends(1.2, 6, days_lately=28), "relapsed", ""),
     (trends(6, 0), "no_effect", ""), (trends(1.2, 0, days_after=5), "watching", "after"), (trends(-3, 0), "watching", "misses"),
     (trends(1.2, 0, biased=True), "watching", "untrusted"), (None, "watching", "files")],
    ids=["worked", "lasted", "went back", "nothing", "too early", "no miss", "biased", "no files"],
)
def test_what_is_done_is_as_the_data_say_at_the_moment_of_looking(shop, look, state, lacks):
    workspace, shop_id = shop
    action = make(workspace, shop_id, WATCHED, "小李", DAY, "老板")
    finish(workspace, shop_id, action, DAY, Speaker("小李", 1), "cut_off")
    (row,) = look_at_actions(workspace, shop_id, look).rows
    assert (row.state, row.judgement.lacks) == (state, lacks)
    if lacks == "after":
        assert row.judgement.more == 9 * 60
    if state == "verified":  # measured in parcels a month, and in yuan at the price of one when the action was made
        assert row.judgement.orders.low < row.judgement.orders.value < row.judgement.orders.high
        assert row.judgement.yuan.value == pytest.approx(row.judgement.orders.value * 6)


def test_done_is_noted_as_a_change_once_and_goes_again_when_it_was_not_done(shop):
    workspace, shop_id = shop
    one, two = (make(workspace, shop_id, by_hand(title, "", None), "小李", DAY, "老板") for title in ("换网点", "加一班车"))
    finish(workspace, shop_id, one, DAY, Speaker("小李", 1), "courier")
    noted = add_change(workspace, shop_id, DAY + timedelta(days=3), "周五多一班车", "courier")
    finish(workspace, shop_id, two, date(2026, 11, 20), Speaker("小李", 1), change=noted.id)
    assert [(change.day, change.what) for change in list_changes(workspace, shop_id)] == [(DAY, "换网点"), (noted.day, "周五多一班车")]
    assert [action.day for action in actions(workspace, shop_id)] == [DAY, noted.day]
    for action in (one, two):
        act(workspace, shop_id, action, "undone", Speaker("小李", 2))
    assert [change.id for change in list_changes(workspace, shop_id)] == [noted.id]  # what somebody had noted before stays


def test_refused_words_leave_nothing_behind(shop):
    workspace, shop_id = shop
    action = make(workspace, shop_id, WATCHED, "小李", DAY, "老板")
    hand_on(workspace, shop_id, action, "小王", DAY, Speaker("老板", 1))
    tries = {
        "action_meanwhile": lambda: finish(workspace, shop_id, action, DAY, Speaker("小李", 1)),
        "action_day": lambda: finish(workspace, shop_id, action, date(2026, 11, 21), Speaker("小李", 2)),
        "action_form": lambda: make(workspace, shop_id, WATCHED, " ", DAY, "老板"),
        "action_due": lambda: make(workspace, shop_id, WATCHED, "小李", None, "老板"),
    }
    for code, attempt in tries.items():
        with pytest.raises(AuditError) as refused:
            attempt()
        assert refused.value.code == code
    assert list_changes(workspace, shop_id) == [] and [one.stage for one in actions(workspace, shop_id)] == ["planned"]


def test_a_decision_becomes_an_action_with_its_owner_and_actions_travel_with_the_shop(shop, tmp_path):
    workspace, shop_id = shop
    opening = Opening(title="十一月", questions=("shipping_process.two_deadline_view",), members=("小李",), due=DAY, template="0" * 64)
    at = datetime(2026, 11, 20)
    workspace.state.say(shop_id, RoundWord(round="r", kind="opened", by="小李", at=at, opening=opening))
    workspace.state.say(shop_id, RoundWord(round="r", kind="decided", by="小李", at=at, text="换一家网点", owner="小王", due=DAY, id="d1"))
    (decision,) = decisions_waiting(workspace, shop_id)
    make(workspace, shop_id, from_decision(workspace.checklists, decision), decision.owner, decision.due, "小李")
    assert decisions_waiting(workspace, shop_id) == []
    step = PlanStep(action="换一家网点", question="shipping_process.cutoff_time", practice="shipping_process", points=2.0, yuan_low=100.0,
                    yuan=300.0, yuan_high=500.0, hours=1.0, orders=40.0, why="晚交")
    said = replace(decision, id="d2", question=step.question)
    take_up(workspace, shop_id, workspace.checklists, replace(said, due=None), [step], "小李")  # nobody has said until when
    take_up(workspace, shop_id, workspace.checklists, said, [step], "小李")
    (taken,) = [one for one in actions(workspace, shop_id) if one.making.decision == "d2"]
    assert (taken.making.yuan, taken.making.yuan_high, taken.owner, taken.due) == (300.0, 500.0, "小王", DAY)
    archive = tmp_path / "shop.zip"
    export_shop(workspace, list_shops(workspace)[0], archive)
    copy = import_shop(workspace, archive, "乙")
    assert actions(workspace, copy.id) == actions(workspace, shop_id) != []


def test_owners_are_told_of_what_is_overdue_and_due_and_the_calendar_holds_what_is_to_be_done(shop, tmp_path, capsys):
    workspace, shop_id = shop
    today = date(2026, 11, 20)
    for title, owner, days in (("催网点 13800000000", "小李", -4), ("换面单", "小李", 2), ("加人手", "老板", 20)):
        make(workspace, shop_id, by_hand(title, "", None), owner, today + timedelta(days=days), "老板")
    plan = Plan("十一月评审", ["shipping_process.cutoff_time"], ["小李"], today - timedelta(days=1), "weekly")
    open_round(workspace, shop_id, plan, "老板")
    calendar = tmp_path / "due.ics"
    asked = ["remind", "--home", str(tmp_path / "home"), "--ics", str(calendar)]
    assert main([*asked, "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "逾期 4 天" in told and "还有 2 天" in told and "加人手" not in told and "13800000000" not in told
    assert "评审「十一月评审」还有 1 题等你单独作答｜逾期 1 天" in told
    entries = Calendar.from_ical(calendar.read_bytes()).walk("VEVENT")
    assert sorted(entry.decoded("dtstart") for entry in entries) == [today + timedelta(days=days) for days in (-4, -1, 2, 20)]
    assert main(["remind", "--home", str(tmp_path / "home"), "--owner", "老板", "--lang", "en"]) == 0
    assert capsys.readouterr().out == ""  # nothing is due of his


def test_every_program_is_told_and_one_that_is_gone_keeps_no_other_from_it(shop, tmp_path, monkeypatch, capfd):
    workspace, shop_id = shop
    make(workspace, shop_id, by_hand("催网点", "", 300.0), "小李", date(2026, 11, 16), "老板")
    with programs_running(monkeypatch) as programs:
        monkeypatch.setenv("PDD_AUDIT_NOTIFY", programs.environ("dingtalk", "wecom")["PDD_AUDIT_NOTIFY"])
        assert main(["remind", "--home", str(tmp_path / "home")]) == 0
        assert all("催网点" in text and "¥300" in text for name in ("dingtalk", "wecom") for text in programs.texts[name])
        assert len(programs.texts["dingtalk"]) == len(programs.texts["wecom"]) == 1
    assert main(["remind", "--home", str(tmp_path / "home")]) == 3  # nobody listens any more
    told = capfd.readouterr()
    assert not any(secret in told.out + told.err for secret in SECRETS)
