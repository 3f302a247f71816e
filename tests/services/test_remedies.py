"""Remedies: suggested under what the shop assumes, within the day's budget and the platform's known limits, and weighed afterwards."""

import shutil
from datetime import timedelta
from threading import Barrier, Thread

import pandas as pd
import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.metrics.intervals import share
from pdd_audit.services.deeds import deeds, do
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.incidents.remedies import (
    BUDGET,
    MARGIN,
    PAYMENT,
    Effect,
    Outcomes,
    assume_cost,
    count_remedies,
    done_remedies,
    effect_on_refunds,
    limits_of,
    names_to_assume,
    record_remedy,
    remedy_look,
    spent_today,
    undo_remedy,
)
from pdd_audit.services.rows import list_rows
from pdd_audit.services.rules import confirm_figure
from pdd_audit.services.shops import DEMO_AS_OF
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import LANGS, error_text


@pytest.fixture
def shop(demo, tmp_path, monkeypatch):
    """(workspace, id, what the files say) of a demo shop of one's own, right after its files were exported."""
    workspace, original = demo
    home = tmp_path / "home"
    shutil.copytree(workspace.home, home)
    for module in ("incidents.remedies", "deeds", "incidents.tell_buyers"):
        monkeypatch.setattr(f"pdd_audit.services.{module}.now", lambda: DEMO_AS_OF)
    opened = open_workspace(home)
    yield opened, original.id, count_remedies(opened, original.id)
    opened.state.close()


@pytest.fixture
def clock(monkeypatch):
    def at(moment):
        for module in ("incidents.remedies", "deeds"):
            monkeypatch.setattr(f"pdd_audit.services.{module}.now", lambda: moment)

    return at


def refused(code, of, *given):
    with pytest.raises(AuditError) as caught:
        of(*given)
    assert caught.value.code == code and all(all(error_text(caught.value, lang)) for lang in LANGS)


def test_suggestions_follow_what_the_shop_says_and_the_budget(shop):
    workspace, shop_id, counted = shop
    plain = remedy_look(workspace, shop_id, counted)
    assert len(plain.suggestions) > 10 and plain.budget_yuan is None and plain.unpriced > 0
    assert set(plain.assumed) == set() and plain.asked_yuan == 0
    costs = {"remedy_urgent_yuan": 4.0, "reship_yuan": 5.0, "remedy_coupon_yuan": 3.0, "remedy_payment_yuan": 2.0, "remedy_gift_yuan": 1.0}
    for name, value in {**costs, BUDGET: 20.0, MARGIN: 0.2}.items():
        assume_cost(workspace, shop_id, name, value)
    look = remedy_look(workspace, shop_id, counted)
    assert 0 < look.asked_yuan <= 20.0 and look.unpriced == 0
    assert {one.case.order_no for one in look.suggestions} == {one.case.order_no for one in plain.suggestions}
    assert set(look.assumed) < set(names_to_assume(look.menu))
    refused("figure_value", assume_cost, workspace, shop_id, MARGIN, 1.5)
    with pytest.raises(ValueError, match="no such figure"):
        assume_cost(workspace, shop_id, "wage_yuan_per_hour", 1.0)


def test_what_was_done_is_kept_spends_the_budget_and_is_not_suggested_again(shop):
    workspace, shop_id, counted = shop
    assume_cost(workspace, shop_id, BUDGET, 10.0)
    orders = [one.case.order_no for one in remedy_look(workspace, shop_id, counted).of("urgent_shipping")]
    deed = record_remedy(workspace, shop_id, "urgent_shipping", orders[:2], 4.0, "小李")
    (noted,) = deeds(workspace, shop_id, ("remedied",))
    assert spent_today(workspace, shop_id) == 8.0 and set(noted.subjects) == set(orders[:2])
    refused("remedy_over_budget", record_remedy, workspace, shop_id, "urgent_shipping", orders[2:3], 2.5, "小李")
    refused("remedy_twice", record_remedy, workspace, shop_id, "urgent_shipping", orders[1:3], 1.0, "小李")
    refused("remedy_cost_missing", record_remedy, workspace, shop_id, "small_gift", orders[2:3], None, "小李")
    refused("deed_who", record_remedy, workspace, shop_id, "information", orders[2:3], None, " ")
    refused("deed_subjects", record_remedy, workspace, shop_id, "information", [], None, "小李")
    look = remedy_look(workspace, shop_id, counted)
    assert look.left_yuan == 2.0
    helped = [one for one in look.suggestions if one.case.order_no in orders[:2]]
    assert [(one.remedy, one.why[-1].code) for one in helped] == [(None, "had"), (None, "had")]
    undo_remedy(workspace, shop_id, deed, "老板")
    assert spent_today(workspace, shop_id) == 0 and done_remedies(workspace, shop_id) == []


def test_gifts_are_counted_down_and_those_of_two_people_at_once_too(shop, clock):
    """Nobody counted: nothing is suggested, and what was done is noted all the same. Then what is left holds for everybody."""
    workspace, shop_id, counted = shop
    gift = "remedy_gift_left"
    record_remedy(workspace, shop_id, "small_gift", ["O0"], 1.0, "小李")
    assert gift not in remedy_look(workspace, shop_id, counted).assumed
    refused("figure_value", assume_cost, workspace, shop_id, gift, 2.5)
    clock(DEMO_AS_OF + timedelta(minutes=1))
    assume_cost(workspace, shop_id, gift, 3)
    assert remedy_look(workspace, shop_id, counted).assumed[gift] == 3, "what was given before the count is not in it"
    deed = record_remedy(workspace, shop_id, "small_gift", ["O1", "O2"], 1.0, "小李")
    look = remedy_look(workspace, shop_id, counted)
    assert look.assumed[gift] == look.prices.stock[gift] == 1
    refused("remedy_no_stock", record_remedy, workspace, shop_id, "small_gift", ["O3", "O4"], 1.0, "小王")
    undo_remedy(workspace, shop_id, deed, "老板")
    start, done = Barrier(2), []

    def give(orders, by):
        start.wait()
        try:
            done.append(record_remedy(workspace, shop_id, "small_gift", orders, 1.0, by))
        except AuditError as refusal:
            done.append(refusal.code)

    both = [Thread(target=give, args=(orders, by)) for orders, by in ((["O5", "O6"], "小李"), (["O7", "O8"], "小王"))]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(done) == 2 and done.count("remedy_no_stock") == 1
    assert remedy_look(workspace, shop_id, counted).assumed[gift] == 1


def test_known_limits_of_small_payments_refuse_and_unknown_ones_do_not(shop, clock):
    workspace, shop_id, _ = shop
    figures = limits_of(workspace, shop_id, remedy_look(workspace, shop_id, count_remedies(workspace, shop_id)).menu.remedy(PAYMENT))
    assert figures["small_payment_max_yuan"].value is None, "nobody knows it, so nobody is stopped by it"
    refused("remedy_limit", record_remedy, workspace, shop_id, PAYMENT, ["O1"], 0.5, "小李")
    for hour in range(3):
        clock(DEMO_AS_OF + timedelta(hours=hour))
        record_remedy(workspace, shop_id, PAYMENT, ["O1"], 200.0, "小李")
        refused("remedy_gap" if hour < 2 else "remedy_limit", record_remedy, workspace, shop_id, PAYMENT, ["O1"], 200.0, "小李")
    clock(DEMO_AS_OF + timedelta(hours=4))
    refused("remedy_limit", record_remedy, workspace, shop_id, PAYMENT, ["O1"], 2.0, "小李")
    refused("remedy_limit", record_remedy, workspace, shop_id, PAYMENT, [f"P{at}" for at in range(100)], 150.0, "小李")
    confirm_figure(workspace, shop_id, "shared", "small_payment_max_yuan", 50.0, "小李", "规则中心")
    refused("remedy_limit", record_remedy, workspace, shop_id, PAYMENT, ["O2"], 60.0, "小李")


def test_an_effect_needs_cases_on_both_sides_and_intervals_apart(shop):
    workspace, shop_id, counted = shop
    assert not counted.outcomes.dated, "the demo shop has no after-sale export"
    found = effect_on_refunds(workspace, shop_id, counted.outcomes)
    assert (found.helped.value, found.helped.n, found.enough, found.differs) == (None, 0, False, False)
    assert Effect(share(5, 100), share(30, 100)).differs and not Effect(share(5, 100), share(8, 100)).differs
    assert not Effect(share(0, 29), share(30, 100)).enough
    assert Outcomes(True, 40, 10).share.value == 0.25
    assert DEMO_AS_OF - timedelta(0) == counted.seen.as_of


def test_orders_told_in_time_are_weighed_against_those_left_alone(shop, monkeypatch, tmp_path):
    workspace, shop_id, _ = shop
    late = list_rows(workspace, shop_id, "late", limit=None).dropna(subset=["order_no"]).drop_duplicates("order_no")
    old = late[late["shipped_at"] < pd.Timestamp(DEMO_AS_OF - timedelta(days=10))].head(3)
    first, second, third = old["order_no"]
    day = (old["shipped_at"].iloc[0] + timedelta(hours=60)).strftime("%Y-%m-%d %H:%M:%S")
    path = tmp_path / "cases.csv"
    path.write_text(f"售后编号,订单编号,售后状态,售后类型,同意退款时间\n10000001,{first},退款成功,仅退款,{day}\n", "utf-8-sig")
    assert not import_files(workspace, shop_id, [Upload(path.name, path)])[0].error
    outcomes = count_remedies(workspace, shop_id).outcomes
    assert outcomes.dated and outcomes.refunded == 1 and outcomes.orders >= 3
    for order, told_at in ((first, old["shipped_at"].iloc[0] + timedelta(hours=20)), (second, DEMO_AS_OF)):
        monkeypatch.setattr("pdd_audit.services.deeds.now", lambda told_at=told_at: pd.Timestamp(told_at).to_pydatetime())
        do(workspace, shop_id, "told", [order], "小李", {"situation": "exceeded"})
    do(workspace, shop_id, "remedied", [second], "小李", {"remedy": "coupon", "yuan": 2.0})
    monkeypatch.setattr("pdd_audit.services.deeds.now", lambda: (old["shipped_at"].iloc[2] + timedelta(hours=25)).to_pydatetime())
    do(workspace, shop_id, "remedied", [third], "小李", {"remedy": "coupon", "yuan": 2.0})
    found = effect_on_refunds(workspace, shop_id, outcomes)
    assert [(name, one.n, one.value) for name, one in found.by_remedy.items()] == [("coupon", 1, 0.0)], "of two, one came in time"
    assert (found.helped.n, found.helped.value) == (2, 0.5), "the second was told long after it could have mattered"
    assert (found.left_alone.n, found.left_alone.value) == (outcomes.orders - 2, 0.0) and not found.enough
