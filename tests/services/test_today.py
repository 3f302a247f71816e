"""Today of whole shops: it reconciles with Tonight and with the rows, promises are judged by the scans, and a missed van is one call."""

import json
from datetime import date, datetime, timedelta

import pytest

from pdd_audit.core.filters import ALL
from pdd_audit.services.deeds import do
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.look_at_today import (
    call_rules,
    calls_now,
    deeds_until,
    look_at_today,
    open_now,
    promised_waybills,
    promises_of,
    scans_of,
    with_steps,
)
from pdd_audit.services.rows import list_rows
from pdd_audit.services.rules import confirm_figure
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace
from tests.services.arriving import DAY, export, parcel, sheet, waybill

NOON = DAY + timedelta(hours=12)


@pytest.fixture(scope="module")
def look(demo):
    workspace, shop = demo
    return look_at_today(workspace, shop.id, ALL)


def test_every_open_parcel_is_there_once_and_agrees_with_the_forecast(demo, look):
    workspace, shop = demo
    assert look.ahead == look.tonight.ahead
    names = [one.waybill for one in look.parcels]
    assert len(names) == len(set(names)) == len(list_rows(workspace, shop.id, "to_call", None))
    expected = sum(one.chance for one in look.parcels if not one.late)
    assert expected == pytest.approx(look.tonight.hourly.hours.iloc[-1]["expected"])
    assert {one.waybill for one in open_now(workspace, shop.id).parcels} == set(names)
    calls = calls_now(look, [], call_rules(workspace), look.as_of)
    assert sum(len(call.urgent) + call.waiting for call in calls) == look.ahead


def test_refunds_before_pickup_are_no_call_and_both_steps_are_kept_apart(demo, look):
    _, shop = demo
    assert look.refunded and not {one.waybill for one in look.refunded} & {one.waybill for one in look.parcels}
    workspace = demo[0]
    name = look.refunded[0].waybill
    do(workspace, shop.id, "intercepted", [name], "老板", {"step": "case_closed"})
    (first, *_) = with_steps(look.refunded, deeds_until(workspace, shop.id, None))
    assert (first.held, first.case_closed) == (False, True)


def shop_of(workspace, parcels, collected=(), at=NOON, name="甲"):
    shop = create_shop(workspace, name)
    import_files(workspace, shop.id, [Upload(*export(parcels, at)), Upload(*sheet(collected, at))])
    return shop.id


def test_a_shop_whose_rules_name_no_amount_has_calls_and_no_yuan(workspace):
    shop_id = shop_of(workspace, [parcel(1, 20), parcel(2, 21)])
    assert [one.yuan for one in look_at_today(workspace, shop_id, ALL).parcels] == [5.0, 5.0]
    pack = next(pack for pack in workspace.rules.packs if pack.covers(NOON.date()))
    unknown = pack.model_copy(update={"figures": pack.figures | {
        "false_shipment_ratio": pack.figures["false_shipment_ratio"].model_copy(update={"value": None})
    }})
    packs = tuple(unknown if one.id == pack.id else one for one in workspace.rules.packs)
    object.__setattr__(workspace, "rules", workspace.rules.model_copy(update={"packs": packs}))
    look = look_at_today(workspace, shop_id, ALL)
    assert not look.tonight.fine_known and [one.yuan for one in look.parcels] == [None, None]
    (call,) = calls_now(look, [], call_rules(workspace), NOON)
    assert len(call.urgent) == 2 and call.yuan is None
    confirm_figure(workspace, shop_id, pack.id, "false_shipment_ratio", 0.5, "老板", "规则中心")
    assert [one.yuan for one in look_at_today(workspace, shop_id, ALL).parcels] == [8.0, 8.0]


def test_a_promise_is_judged_by_the_scans_of_later_files(workspace):
    shop_id = shop_of(workspace, [parcel(1, 20), parcel(2, 21)], [(9, NOON - timedelta(minutes=5), "中通快递")])
    until = NOON + timedelta(hours=1)
    what = {"courier": "中通", "outlet": "", "until": until.isoformat()}
    do(workspace, shop_id, "promised", [waybill(1), waybill(2)], "老板", what)

    def outcome():
        done = deeds_until(workspace, shop_id, None)
        (one,) = promises_of(done, scans_of(workspace, shop_id, ALL, promised_waybills(done)), call_rules(workspace))
        return one.outcome, one.in_time, one.parcels

    assert outcome() == ("open", 0, 2)
    later = NOON + timedelta(hours=4)
    scans = [(1, until - timedelta(minutes=3), "中通快递"), (9, later - timedelta(minutes=5), "中通快递")]
    import_files(workspace, shop_id, [Upload(*export([parcel(1, 20), parcel(2, 21)], later)), Upload(*sheet(scans, later))])
    assert outcome() == ("broken", 1, 2)


# --- the October shop ---------------------------------------------------------------------------------------------------------


@pytest.mark.shared
def test_the_missed_van_of_the_day_before_leads_as_one_call_before_any_of_it_is_late(shared_data, tmp_path):
    folder = shared_data / "october_shop"
    truth = json.loads((folder / "truth.json").read_text("utf-8"))["missed_van"]
    workspace = open_workspace(tmp_path)
    shop = create_shop(workspace, "十月店")
    import_files(workspace, shop.id, [Upload(path.name, path.read_bytes()) for path in sorted(folder.glob("*.csv"))])
    at = datetime(2026, 10, 18, 9)
    look = look_at_today(workspace, shop.id, ALL, at)
    assert look.as_of == look.orders_until == look.pickups_until == at, "nothing later is known"
    first, *others = calls_now(look, [], call_rules(workspace), at)
    assert first.who == (truth["courier"][:2], None) and first.worth and not first.late
    assert len(first.urgent) == pytest.approx(truth["parcels"], abs=3)
    assert {one.shipped_at.date() for one in first.urgent} == {date.fromisoformat(truth["day"])}
    assert all(one.left_minute > 0 for one in first.urgent)
    assert first.yuan > 5 * max(call.yuan for call in others)
    workspace.state.close()
