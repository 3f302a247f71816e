"""A target of a shop's own counts wherever a target is read, is named beside ours, and leaves the standard score to be seen."""

from dataclasses import replace
from html import unescape

import pytest

from pdd_audit.core.filters import ALL
from pdd_audit.core.overlay import Overlay
from pdd_audit.core.targets import STANDARD_TARGETS, OwnTarget
from pdd_audit.reports.html import render_report
from pdd_audit.reports.terminal import render_text
from pdd_audit.services.kept_reports import Wanted, entry_for
from pdd_audit.services.look_at_couriers import look_at_couriers
from pdd_audit.services.look_at_pickup import look_at_pickup
from pdd_audit.services.look_at_service import look_at_service
from pdd_audit.services.look_at_tonight import look_at_tonight
from pdd_audit.services.look_at_trends import look_at_trends
from pdd_audit.services.overlay import checklists_of, own_targets, save_overlay, target_of
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shops import create_shop
from pdd_audit.texts import Words

PICKUP = "pickup_24h_ratio"
LOOSER = Overlay(targets={PICKUP: OwnTarget(value=0.94, reason="偏远省份多"), "reply_3min_ratio": OwnTarget(value=0.985, reason="大促")})


@pytest.fixture(scope="module")
def own(demo):
    """(the demo's workspace with a target of its own for this run, shop)."""
    workspace, shop = demo
    return replace(workspace, lent=LOOSER), shop


def test_verdict_and_score_follow_and_the_standard_score_stays(demo, own):
    before, after = run_audit(demo[0], demo[1].id).result, run_audit(own[0], own[1].id).result
    assert (before.metrics[PICKUP].verdict, after.metrics[PICKUP].verdict) == ("fail", "pass")
    assert (after.metrics[PICKUP].target, after.metrics[PICKUP].standard_target) == (0.94, 0.97)
    assert before.metrics[PICKUP].standard_target is None
    assert after.score.value != before.score.value == after.official.value
    assert after.practices["courier_coordination"].value > before.practices["courier_coordination"].value
    assert after.practices["customer_service"].value < before.practices["customer_service"].value, "the stricter one costs points"


def test_every_page_draws_the_line_of_the_shop(own):
    workspace, shop = own
    assert look_at_pickup(workspace, shop.id, ALL).metrics[PICKUP].target == 0.94
    for look in (look_at_trends, look_at_tonight):
        assert look(workspace, shop.id, ALL).line == pytest.approx(0.06)
    assert look_at_couriers(workspace, shop.id, ALL).ranking.line == pytest.approx(0.06)
    assert look_at_service(workspace, shop.id, ALL).line == 0.985


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_reports_name_both_targets(own, lang):
    workspace, shop = own
    result, checklists, words = run_audit(workspace, shop.id, lang=lang).result, checklists_of(workspace, shop.id), Words(lang)
    assert words("report.metrics.own_target", standard="97.0%") in unescape(render_report(result, checklists, lang))
    assert words("terminal.own_target", own="94.0%", standard="97.0%") in render_text(result, checklists, lang)


def test_who_set_it_when_and_why_is_the_word_that_first_said_it(workspace):
    shop = create_shop(workspace, "甲").id
    assert {name: target_of(workspace, shop, name) for name in STANDARD_TARGETS} == dict(STANDARD_TARGETS)
    assert target_of(workspace, shop, "pickup_hours_p90") is None
    first = Overlay(targets={PICKUP: OwnTarget(value=0.985, reason="合同")})
    save_overlay(workspace, shop, first, "小王", "签了合同")
    more = first.model_copy(update={"targets": first.targets | {"promise_kept_ratio": OwnTarget(value=0.97, reason="活动")}})
    save_overlay(workspace, shop, more, "小李", "双十二")
    assert [(one.metric, one.value, one.reason, one.by) for one in own_targets(workspace, shop)] == [
        (PICKUP, 0.985, "合同", "小王"), ("promise_kept_ratio", 0.97, "活动", "小李"),
    ]
    assert target_of(workspace, shop, PICKUP) == 0.985
    assert target_of(workspace, create_shop(workspace, "乙").id, PICKUP) == 0.97
    save_overlay(workspace, shop, None, "小李", "合同到期")
    assert own_targets(workspace, shop) == [] and target_of(workspace, shop, PICKUP) == 0.97


def test_a_kept_score_is_not_given_again_once_the_target_is_another(demo, tmp_path):
    import shutil

    from pdd_audit.services.workspace import open_workspace

    home = tmp_path / "home"
    shutil.copytree(demo[0].home, home)
    workspace = open_workspace(home)
    wanted = Wanted(demo[1].name, "full", "zh", "text", None)
    before = entry_for(home, None, wanted)
    save_overlay(workspace, demo[1].id, LOOSER, "小王", "试")
    workspace.state.close()
    assert before is not None and entry_for(home, None, wanted) != before
