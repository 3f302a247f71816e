"""Files that show only some of the parcels: what they spoil is marked wherever it stands, and no amount is made of it."""

from datetime import timedelta

import pytest

from pdd_audit.core.filters import ALL
from pdd_audit.core.questions import Answer
from pdd_audit.reports.html import render_report
from pdd_audit.reports.terminal import render_text
from pdd_audit.services.answers import save_answer
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.look_at_cost import count_cost, look_at_cost
from pdd_audit.services.look_at_couriers import look_at_couriers
from pdd_audit.services.look_at_pickup import look_at_pickup
from pdd_audit.services.look_at_tonight import look_at_tonight
from pdd_audit.services.look_at_trends import look_at_trends
from pdd_audit.services.overlay import checklists_of
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.score_all import Asked, score_shop
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import LANGS, Words
from tests.data.builders import EXPORT_NAME, START, as_csv, orders, pickups, stamp

SHEET = "courier2026-10-28-18-00-00.csv"
SPOILT = ("wave_kept_ratio", "pickup_24h_ratio", "pickup_hours_p50", "promise_kept_ratio", "ship_hours_p50")


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """(workspace, a shop whose export holds collected orders only, the same shop with its other orders)."""
    workspace = open_workspace(tmp_path_factory.mktemp("home"))
    sheet = pickups(60, total=False)
    for row in sheet[1:16]:
        row[2] = stamp(START + timedelta(hours=60))
    whole = orders(70)
    at = {name: whole[0].index(name) for name in ("订单号", "订单状态", "发货时间", "快递单号")}
    for row in whole[2:30]:
        row[at["订单状态"]] = "已收货"
    for row in whole[61:]:
        row[at["订单状态"]], row[at["发货时间"]], row[at["快递单号"]] = "待发货", "\t", "\t"
    shops = []
    for name, rows in (("只有揽收的", whole[:61]), ("全部", whole)):
        shop = create_shop(workspace, name)
        renumbered = [rows[0], *([cell.replace("261020", "261020" if name == "全部" else "261019", 1) if place == at["订单号"] else cell
                                  for place, cell in enumerate(row)] for row in rows[1:])]
        outcomes = import_files(workspace, shop.id, [Upload(EXPORT_NAME, as_csv(renumbered)), Upload(SHEET, as_csv(sheet))])
        assert [outcome.error for outcome in outcomes] == [None, None]
        for question in ("courier_coordination.fixed_pickup_time", "courier_coordination.second_collection"):
            save_answer(workspace, shop.id, question, Answer(answer="unmet"))
        shops.append(shop)
    yield workspace, *shops
    workspace.state.close()


def test_what_is_spoilt_is_marked_and_no_amount_is_made_of_it(two):
    workspace, cut, whole = two
    biased, sound = (run_audit(workspace, shop.id) for shop in (cut, whole))
    assert "export_only_collected" in {one.code for one in biased.result.warnings}
    assert {biased.result.metrics[name].verdict for name in SPOILT} == {"not_trusted"}
    assert "not_trusted" not in {sound.result.metrics[name].verdict for name in SPOILT}
    for audit, withheld in ((biased, True), (sound, False)):
        assert ("money_withheld" in {one.code for one in audit.result.warnings}) == withheld
        assert bool(audit.plan.losses) != withheld
    assert biased.result.plan and {step.yuan for step in biased.result.plan} == {None}
    assert sum(loss.yuan for loss in sound.plan.losses) > 0
    assert score_shop(workspace, cut, Asked()).loss_yuan is None and score_shop(workspace, whole, Asked()).loss_yuan


def test_every_report_tells_it_in_both_languages(two):
    workspace, cut, _ = two
    for lang in LANGS:
        result, checklists, words = run_audit(workspace, cut.id, lang=lang).result, checklists_of(workspace, cut.id), Words(lang)
        for text in (render_text(result, checklists, lang), render_report(result, checklists, lang)):
            assert words("flags.export_only_collected")[:20] in text and words("flags.money_withheld")[:20] in text
            assert words("verdicts.metric.not_trusted.name") in text and "¥" not in text


def test_every_page_of_numbers_knows_it(two):
    workspace, cut, whole = two
    for shop, told in ((cut, True), (whole, False)):
        trends = look_at_trends(workspace, shop.id, ALL)
        assert (trends.biased, trends.shipping_biased) == (told, told)
        assert look_at_cost(workspace, shop.id, count_cost(workspace, shop.id)).biased == told
        assert look_at_pickup(workspace, shop.id, ALL).shipping_biased == told
        assert (not look_at_couriers(workspace, shop.id, ALL).trusted) == told == (not look_at_tonight(workspace, shop.id, ALL).trusted)
