"""Tonight of whole shops: it reconciles with the counts and the rows, and a missed van is seen while it can still be helped."""

import json
from datetime import date, datetime, timedelta

import pandas as pd
import pytest

from pdd_audit.core.filters import ALL, Filters
from pdd_audit.services.details import detail_tables, filtered
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.kept_forecasts import keep_forecast, kept_forecasts
from pdd_audit.services.look_at_tonight import look_at_tonight, tonight_of
from pdd_audit.services.measure import ask_about
from pdd_audit.services.rows import list_rows
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace


@pytest.fixture(scope="module")
def look(demo):
    workspace, shop = demo
    return look_at_tonight(workspace, shop.id, ALL)


def test_every_open_parcel_is_ahead_of_its_deadline_or_past_it(demo, look):
    workspace, shop = demo
    counts = filtered(workspace, shop.id, ask_about(workspace, shop.id, None))[1].counts
    assert look.ahead + look.over == counts["open"]
    assert sum(batch.parcels for batch in look.batches) == look.ahead
    assert look.hourly.hours.iloc[-1]["due"] + look.hourly.unknown == look.ahead


def test_every_number_opens_as_many_rows(demo, look):
    workspace, shop = demo
    assert len(list_rows(workspace, shop.id, "open_ahead", None)) == look.ahead
    assert len(list_rows(workspace, shop.id, "open_late", None)) == look.over
    for batch in look.batches[:5]:
        at = {"courier": batch.courier or "", "outlet": batch.outlet or "", "day": batch.day.isoformat(), "band": batch.band}
        assert len(list_rows(workspace, shop.id, "open_wave", None, ALL, at)) == batch.parcels
    assert look.holds, "the demo shop is looked at in the evening"
    for one in look.holds:
        at = {"courier": one.courier or "", "promised_from": one.promised_from.isoformat()}
        assert len(list_rows(workspace, shop.id, "can_wait", None, ALL, at)) == one.orders


def test_the_expected_late_parcels_are_those_of_the_batches(look):
    assert sum(batch.expected for batch in look.batches) == pytest.approx(look.hourly.hours.iloc[-1]["expected"])
    assert sum(batch.yuan for batch in look.batches) == pytest.approx(look.hourly.hours.iloc[-1]["yuan"])
    worth = [batch.worth_a_call for batch in look.batches]
    assert worth == sorted(worth, reverse=True)


def test_the_couriers_make_the_whole_shop_and_a_period_changes_nothing(demo, look):
    workspace, shop = demo
    couriers = sorted({batch.courier for batch in look.batches})
    parts = [look_at_tonight(workspace, shop.id, Filters(courier=(courier,))) for courier in couriers]
    assert sum(part.ahead for part in parts) == look.ahead
    assert sum(part.hourly.hours.iloc[-1]["expected"] for part in parts) == pytest.approx(look.hourly.hours.iloc[-1]["expected"])
    assert [[one.courier for one in part.cut_offs] for part in parts] == [[courier] for courier in couriers]
    period = look_at_tonight(workspace, shop.id, Filters(date(2026, 1, 1), date(2026, 1, 2)))
    assert (period.ahead, period.over, period.batches) == (look.ahead, look.over, look.batches)


def test_past_evenings_are_covered(look):
    assert look.calibration.missing == 0
    assert look.calibration.inside >= 0.8 * len(look.calibration.evenings)


def test_a_forecast_that_was_given_is_kept_once_and_held_against_what_came(demo, look):
    workspace, shop_id = _ids(demo)
    evening = datetime(2026, 11, 14, 18)
    given = tonight_of(workspace, shop_id, ask_about(workspace, shop_id, evening), ALL)
    for _ in range(2):
        keep_forecast(workspace, shop_id, evening, given.hourly)
    _, forecast = given.midnight
    assert [(one.evening, one.expected) for one in kept_forecasts(workspace, shop_id)] == [(look.as_of.date(), look.midnight[1].expected), (evening.date(), forecast.expected)]
    (row,) = look_at_tonight(workspace, shop_id, ALL).kept.evenings.to_dict("records")
    replayed = look.replayed.evenings.set_index("day").loc[pd.Timestamp(evening.date())]
    assert (row["due"], row["expected"], row["low"], row["high"]) == (forecast.parcels, forecast.expected, forecast.low, forecast.high)
    assert row["late"] == replayed["late"] > 0, "counted in another way, of the same parcels"
    with (workspace.ledger_folder(shop_id).parent / "forecasts.jsonl").open("a") as file:
        file.write('\n{"as_of": "2026-11-1')
    assert len(kept_forecasts(workspace, shop_id)) == 2


def test_the_last_choice_is_what_happened(look):
    for one in look.cut_offs:
        last = one.choices.iloc[-1]
        assert (last["moved"], last["late"], last["missed"]) == (0, one.hours["late"].sum(), one.hours["missed"].sum())
        assert one.best is not None
        best = one.choices.set_index("hour").loc[one.best]
        assert best["yuan"] <= last["yuan"] + 1e-9


def test_an_empty_shop_and_one_without_pickups_say_so(workspace, demo):
    shop = create_shop(workspace, "空店")
    empty = look_at_tonight(workspace, shop.id, ALL)
    assert (empty.as_of, empty.ahead, empty.hourly, empty.batches, empty.holds) == (None, 0, None, (), [])
    before = ask_about(*_ids(demo), datetime(2026, 1, 1))
    early = tonight_of(*_ids(demo), before, ALL)
    assert (early.covered, early.ahead, early.over, early.midnight) == (0, 0, 0, None)
    assert early.calibration.missing > 0 and early.rehearsal.table.empty


def _ids(demo):
    workspace, shop = demo
    return workspace, shop.id


# --- the October shop ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def october(shared_data, tmp_path_factory):
    folder = shared_data / "october_shop"
    workspace = open_workspace(tmp_path_factory.mktemp("october"))
    shop = create_shop(workspace, "十月店")
    import_files(workspace, shop.id, [Upload(path.name, path.read_bytes()) for path in sorted(folder.glob("*.csv"))])
    yield workspace, shop.id, json.loads((folder / "truth.json").read_text("utf-8"))["missed_van"]
    workspace.state.close()


@pytest.mark.shared
def test_a_missed_van_is_seen_the_morning_after(october):
    workspace, shop_id, truth = october
    morning = datetime.fromisoformat(truth["day"]) + timedelta(days=1, hours=9)
    ask = ask_about(workspace, shop_id, morning)
    look = tonight_of(workspace, shop_id, ask, ALL)
    courier, day = truth["courier"][:2], date.fromisoformat(truth["day"])
    waiting = [batch for batch in look.batches if (batch.courier, batch.day) == (courier, day)]
    parcels, expected = sum(batch.parcels for batch in waiting), sum(batch.expected for batch in waiting)
    assert parcels == pytest.approx(truth["parcels"], rel=0.05)
    frame = detail_tables(workspace, shop_id, ask, ["open_now"])["open_now"]
    assert frame[(frame["courier"] == courier) & (frame["day"].astype(str).str.startswith(truth["day"]))]["left_minute"].min() > 0
    others = [batch for batch in look.batches if batch.courier != courier]
    assert expected / parcels > 4 * sum(batch.expected for batch in others) / sum(batch.parcels for batch in others)
    assert look.first[0] == courier
    assert [batch.courier for batch in look.batches[:3]] == [courier] * 3


@pytest.mark.shared
def test_the_evening_of_the_missed_van_was_forecast(october):
    workspace, shop_id, truth = october
    look = look_at_tonight(workspace, shop_id, ALL)
    evenings = look.calibration.evenings.set_index(look.calibration.evenings["day"].astype(str).str[:10])
    found = evenings.loc[(date.fromisoformat(truth["day"]) + timedelta(days=1)).isoformat()]
    assert found["expected"] > 5 * evenings["expected"].median() / 2
    assert found["late"] == pytest.approx(truth["breached"], rel=0.15)
    assert look.calibration.inside >= 0.8 * len(evenings)


@pytest.mark.shared
def test_a_rehearsal_at_todays_volume_is_no_worse_than_what_happened(october):
    workspace, shop_id, _ = october
    check = look_at_tonight(workspace, shop_id, ALL).rehearsal.check
    assert (check["modelled"] <= check["late"]).all()
