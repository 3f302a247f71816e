"""A shop's own word on the platform's figures: it counts from then on, keeps who, when and why, and can be taken back."""

import shutil
from datetime import date
from html import unescape

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.core.figures import SHARED, Confirmation
from pdd_audit.reports.html import render_report
from pdd_audit.reports.terminal import render_text
from pdd_audit.services.look_at_cost import count_cost, look_at_cost
from pdd_audit.services.measure import ruled_by
from pdd_audit.services.overlay import checklists_of
from pdd_audit.services.rules import (
    choose_platform,
    confirm_figure,
    figure_lines,
    home_rules_of,
    platform_of,
    platform_words,
    rules_of,
    said_before,
)
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shop_archive import export_shop, import_shop
from pdd_audit.services.shops import create_shop, list_shops
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import Words

DAY = date(2026, 11, 23)


@pytest.fixture
def shop(workspace):
    return create_shop(workspace, "甲").id


def value_of(workspace, shop, name):
    return rules_of(workspace, shop).pack_for(DAY).figures[name]


def test_a_confirmed_figure_counts_and_is_no_longer_called_unverified(workspace, shop):
    before = ruled_by(workspace, shop)
    assert "pickup_limit_hours" in rules_of(workspace, shop).pack_for(DAY).unverified
    confirm_figure(workspace, shop, SHARED, "pickup_limit_hours", 24, "小王", "规则中心第 3 条")
    assert value_of(workspace, shop, "pickup_limit_hours").value == 24
    assert "pickup_limit_hours" not in rules_of(workspace, shop).pack_for(DAY).unverified
    assert ruled_by(workspace, shop) == before, "the same value: nothing is counted anew"
    other = create_shop(workspace, "乙").id
    assert "pickup_limit_hours" in rules_of(workspace, other).pack_for(DAY).unverified, "another shop has not read it"


def test_a_figure_of_one_pack_leaves_the_other_pack_alone(workspace, shop):
    confirm_figure(workspace, shop, "pdd_from_2025_05_15", "false_shipment_min_yuan", 8, "小王", "赔付通知")
    assert value_of(workspace, shop, "false_shipment_min_yuan").value == 8
    assert rules_of(workspace, shop).pack_for(date(2025, 5, 14)).figures["false_shipment_min_yuan"].value == 5


def test_what_was_said_can_be_taken_back_and_stays_to_be_seen(workspace, shop):
    confirm_figure(workspace, shop, SHARED, "late_fixed_yuan", 4, "小王", "账单")
    confirm_figure(workspace, shop, SHARED, "late_fixed_yuan", None, "小李", "看错了")
    assert value_of(workspace, shop, "late_fixed_yuan").value == 3
    assert [(one.value, one.by) for one in said_before(workspace, shop, SHARED, "late_fixed_yuan")] == [(None, "小李"), (4, "小王")]
    assert next(line for line in figure_lines(workspace, shop, DAY) if line.name == "late_fixed_yuan").own is None


@pytest.mark.parametrize(
    ("name", "value", "by", "why", "code"),
    [("pickup_limit_hours", "一天", "王", "看了", "figure_value"), ("pickup_limit_hours", -1, "王", "看了", "figure_value"),
     ("reply_window_from", "8点", "王", "看了", "figure_value"), ("pickup_limit_hours", 24, " ", "看了", "figure_reason"),
     ("pickup_limit_hours", 24, "王", "", "figure_reason")],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(workspace, shop, name, value, by, why, code):
    with pytest.raises(AuditError) as refused:
        confirm_figure(workspace, shop, SHARED, name, value, by, why)
    assert refused.value.code == code
    assert workspace.state.said(Confirmation, shop) == []


def test_a_longer_limit_makes_fewer_parcels_late(own_demo):
    workspace, shop = own_demo[0], own_demo[1].id
    late = run_audit(workspace, shop).tables.cells["late"].sum()
    confirm_figure(workspace, shop, SHARED, "pickup_limit_hours", 48, "店主", "假设的规则")
    audit = run_audit(workspace, shop)
    assert audit.tables.limit_minutes == 48 * 60
    assert 0 < audit.tables.cells["late"].sum() < late
    assert "pickup_limit_hours" not in audit.result.rules.figures_unverified


def test_an_archive_carries_what_the_shop_said(workspace, shop, tmp_path):
    confirm_figure(workspace, shop, SHARED, "late_fixed_yuan", 4, "小王", "账单")
    export_shop(workspace, next(one for one in list_shops(workspace) if one.id == shop), tmp_path / "shop.zip")
    again = import_shop(workspace, tmp_path / "shop.zip", "丙")
    assert [one.value for one in workspace.state.said(Confirmation, again.id)] == [4]


def test_another_platforms_rules_count_until_taken_back_and_its_figures_are_its_own(workspace, shop):
    confirm_figure(workspace, shop, SHARED, "pickup_limit_hours", 30, "小王", "看到的")
    choose_platform(workspace, shop, "tmall", "小王", "准备开店")
    rules, pack = rules_of(workspace, shop), rules_of(workspace, shop).pack_for(DAY)
    assert (rules.platform, pack.id, pack.value("pickup_limit_hours")) == ("tmall", "tmall_from_2026_04_09", 24)
    assert "pickup_limit_hours" not in pack.unverified and "compensation_rounding" in pack.unknown
    confirm_figure(workspace, shop, rules.shared_key, "pickup_limit_hours", 20, "小王", "规则中心")
    assert value_of(workspace, shop, "pickup_limit_hours").value == 20
    assert home_rules_of(workspace, shop).pack_for(DAY).value("pickup_limit_hours") == 30, "an appeal is judged by where the orders are"
    choose_platform(workspace, shop, "pdd", "小李", "看完了")
    assert value_of(workspace, shop, "pickup_limit_hours").value == 30
    assert [one.value for one in platform_words(workspace, shop)] == ["pdd", "tmall"]
    for platform, by, code in (("jd", "王", "figure_value"), ("tmall", " ", "figure_reason")):
        with pytest.raises(AuditError) as refused:
            choose_platform(workspace, shop, platform, by, "x")
        assert refused.value.code == code
    assert platform_of(workspace, shop) == "pdd"


def test_the_same_parcels_under_another_platform_are_called_so_and_an_unknown_amount_is_no_zero(demo, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(demo[0].home, home)
    workspace, shop = open_workspace(home), demo[1].id
    before = run_audit(workspace, shop)
    choose_platform(workspace, shop, "douyin", "小王", "看看")
    audit = run_audit(workspace, shop)
    assert audit.result.rules.platform == "douyin" and before.result.rules.platform == "pdd"
    assert audit.tables.cells["late"].sum() == before.tables.cells["late"].sum(), "both know 24 hours"
    assert {step.yuan for step in audit.result.plan} == {None}
    expected = next(line for line in look_at_cost(workspace, shop, count_cost(workspace, shop)).lines if line.line == "expected")
    assert expected.orders and expected.yuan is None
    checklists = checklists_of(workspace, shop)
    for lang in ("zh", "en"):
        told = Words(lang)("rules.measured_by", platform=Words(lang)("rules.platform.douyin"))
        assert told in render_text(audit.result, checklists, lang) and told in unescape(render_report(audit.result, checklists, lang))
    workspace.state.close()
