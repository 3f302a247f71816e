"""What the Couriers page is told: on shops with something planted it is found, and every count leads back to its parcels."""

import csv
import io
import json
from datetime import date

import pytest

from pdd_audit.core.filters import ALL, Filters
from pdd_audit.metrics import registry
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.look_at_couriers import as_csv, late_parcels, look_at_couriers
from pdd_audit.services.measure import ask_about, compact
from pdd_audit.services.rows import list_rows
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace


@pytest.fixture(scope="module")
def shop(demo):
    workspace, shop = demo
    return workspace, shop.id


@pytest.fixture(scope="module")
def look(shop):
    return look_at_couriers(*shop, ALL)


@pytest.fixture(scope="module")
def october(shared_data, tmp_path_factory):
    folder = shared_data / "october_shop"
    workspace = open_workspace(tmp_path_factory.mktemp("october"))
    shop = create_shop(workspace, "十月")
    files = [next(folder.glob("*orders_export*.csv")), folder / "courier_first_pickup.csv"]
    assert not [outcome.error for outcome in import_files(workspace, shop.id, [Upload(file.name, file) for file in files]) if outcome.error]
    yield look_at_couriers(workspace, shop.id, ALL), json.loads((folder / "truth.json").read_text("utf-8"))
    workspace.state.close()


def test_the_counts_are_those_of_the_headline(shop, look):
    ask = ask_about(shop[0], shop[1], None)
    measured = registry["pickup_24h_ratio"].compute(compact(*shop, ask)[1])
    assert look.parcels == measured.n
    assert look.late / look.parcels == pytest.approx(1 - measured.value)


def test_vans_causes_and_parties_each_add_up_to_all_late_parcels(look):
    assert look.split.in_vans + look.split.scattered == look.late
    assert sum(cause.parcels for cause in look.causes.causes) == look.late
    assert sum(party.parcels for party in look.parties.parties) == look.late == sum(look.parties.rules.values())
    assert sum(look.parties.reasons.values()) == look.parties.rules["none"]


def test_the_planted_missed_van_is_named_and_opens_its_parcels(shop, look):
    assert look.split.vans
    van = look.split.vans[0]
    assert van.outlet is not None
    place = {"courier": van.courier, "day": van.day.isoformat(), "start": str(van.start), "end": str(van.end)}
    assert len(list_rows(*shop, "van", None, ALL, place)) == van.parcels
    assert len(list_rows(*shop, "late_van", None, ALL, place)) == van.late


def test_every_late_parcel_is_listed_with_its_rule_and_cause(shop, look):
    rows = late_parcels(*shop, ALL)
    assert len(rows) == look.late and rows["waybill"].is_unique
    assert rows["cause"].value_counts().to_dict() == {cause.code: cause.parcels for cause in look.causes.causes}
    assert rows["rule"].value_counts().to_dict() == look.parties.rules
    some = look.causes.causes[0]
    assert len(late_parcels(*shop, ALL, cause=some.code)) == some.parcels
    assert len(late_parcels(*shop, ALL, party="unknown")) == look.parties.rules["none"]
    text = list(csv.reader(io.StringIO(as_csv(rows).decode("utf-8-sig"))))
    assert text[0] == list(rows.columns) and len(text) == look.late + 1


@pytest.mark.parametrize("part", ["courier", "day"])
def test_a_part_of_the_shop_is_looked_at_alone(shop, look, part):
    van = look.split.vans[0]
    filters = Filters(courier=(van.courier,)) if part == "courier" else Filters(van.day, van.day)
    found = look_at_couriers(*shop, filters)
    assert 0 < found.parcels < look.parcels
    assert [(one.day, one.late) for one in found.split.vans] == [(one.day, one.late) for one in look.split.vans if part == "courier" or one.day == van.day]
    assert len(late_parcels(*shop, filters)) == found.late
    if part == "courier":
        assert found.couriers is None, "one courier alone is compared with nobody"


def test_scans_worth_checking_open_as_many_rows_as_they_count(shop, look):
    assert look.scans.bases["before_label"] == 0, "the demo shop has no label list"
    for one in look.scans.found[:2]:
        assert len(list_rows(*shop, one.kind, None, ALL, {"courier": one.courier, "outlet": one.outlet})) == one.parcels


def test_a_shop_without_files_has_nothing_and_says_so_without_an_error(workspace):
    shop = create_shop(workspace, "空店")
    found = look_at_couriers(workspace, shop.id, ALL)
    assert (found.parcels, found.late, found.couriers, found.ranking, found.causes, found.parties) == (0, 0, None, None, None, None)
    assert late_parcels(workspace, shop.id, ALL).empty


def test_nothing_chosen_is_nothing_and_no_error(shop):
    found = look_at_couriers(*shop, Filters(courier=("没有这家",)))
    assert (found.parcels, found.split.vans, found.outlets) == (0, (), ())


@pytest.mark.shared
def test_the_missed_van_of_october_is_found(october):
    look, truth = october
    planted = truth["missed_van"]
    assert len(look.split.vans) == 1
    van = look.split.vans[0]
    assert (van.courier, van.day) == (planted["courier"][:2], date.fromisoformat(planted["day"]))
    assert van.parcels == planted["parcels"]
    assert van.late == pytest.approx(planted["breached"], rel=0.15)


@pytest.mark.shared
def test_the_slow_outlet_of_october_is_found_by_comparison_by_the_funnel_and_by_rank(october):
    look, truth = october
    assert [outlet.unit.name for outlet in look.worse_outlets] == [truth["slow_outlet"]]
    above = look.ranking.funnel.units
    assert above.loc[above["where"].isin(["above95", "above998"]), "name"].tolist() == [truth["slow_outlet"]]
    assert look.ranking.units["name"].iloc[0] == truth["slow_outlet"]


@pytest.mark.shared
def test_the_courier_of_october_that_looks_worse_only_by_its_hours_is_cleared(october):
    look, truth = october
    assert [unit.name for unit in look.misleading] == [truth["looks_worse_only_by_hour"][:2]]
    against = look.misleading[0].against
    assert against.crude_difference > 0
    assert abs(against.difference) < against.crude_difference / 2
    assert against.low < 0 < against.high
    assert set(look.bands) == {look.misleading[0].name}
