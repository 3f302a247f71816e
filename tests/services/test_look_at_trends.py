"""The Trends page's numbers: what is said first, and why."""

import time
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from pdd_audit.core.changes import Change
from pdd_audit.core.filters import Filters
from pdd_audit.core.result import AuditResult
from pdd_audit.services import look_at_trends as service
from pdd_audit.services.history import SavedAudit, save_audit
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.look_at_trends import Series, TrendsLook, judge_change, look_at_trends, trend_of
from pdd_audit.services.practice_history import claims_too_much, practice_history
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace

FIRST = date(2026, 3, 2)


def some_days(missed, total=400, *, settled=None, special=(), stopped=()):
    """Consecutive days from ``FIRST`` on; ``special``: positions of holidays, ``stopped``: of days a courier did not come."""
    days = pd.date_range(FIRST, periods=len(missed))
    totals = np.broadcast_to(np.asarray(total, dtype=float), len(missed))
    missed = np.asarray(missed, dtype=float)
    known = np.ones(len(missed), dtype=bool) if settled is None else np.arange(len(missed)) < settled
    off = np.isin(np.arange(len(missed)), stopped)
    ordinary = ~np.isin(np.arange(len(missed)), special) & ~off
    return Series("pickup", pd.DataFrame({
        "day": days, "total": totals, "missed": missed, "value": missed / totals, "settled": known, "stopped": off, "ordinary": ordinary,
    }))


def day(position):
    return FIRST + timedelta(days=position)


STEADY = [12, 14, 11, 13, 10, 15, 12, 11, 14, 13] * 4


def test_a_steady_shop_shows_no_sign():
    trend = trend_of(some_days(STEADY))
    assert trend.reading == "none" and trend.signs == () and trend.shifts == ()
    assert trend.baseline == (FIRST, day(27), 28)
    assert trend.cross_check == ()


def test_one_bad_day_is_a_bad_day_and_no_change_of_level():
    late = list(STEADY)
    late[33] = 120
    trend = trend_of(some_days(late))
    assert trend.reading == "bad_day" and trend.shifts == ()
    assert [(sign.day, sign.rule, sign.missed, sign.worse) for sign in trend.signs] == [(day(33), "above", 120, True)]
    assert trend.alone == trend.cross_check == (day(33),)


def test_a_bad_day_of_long_ago_is_no_news():
    late = [*STEADY, *STEADY]
    late[20] = 120
    trend = trend_of(some_days(late))
    assert trend.reading == "none" and [sign.day for sign in trend.signs] == [day(20)] and trend.far == (day(20),)


def test_a_new_level_is_said_first_with_both_rates():
    trend = trend_of(some_days([*STEADY[:30], *(2 * late for late in STEADY[:15])]))
    (shift,) = trend.shifts
    assert trend.reading == "worse" and abs((shift.day - day(30)).days) <= service.DATE_DAYS
    assert (shift.before, shift.after) == pytest.approx((0.031, 0.062), abs=0.003)
    assert trend_of(some_days([*(2 * late for late in STEADY[:30]), *STEADY[:15]])).reading == "better"


def test_eight_days_on_one_side_are_a_run_that_speaks_with_all_its_days():
    late = [*STEADY[:28], *[16] * 9]
    trend = trend_of(some_days(late))
    (sign,) = trend.signs
    assert trend.reading == "run_worse"
    assert (sign.rule, sign.since, sign.day) == ("run_above", day(28), day(35))
    assert (sign.missed, sign.total, sign.value) == (8 * 16, 8 * 400, 0.04)


def test_holidays_are_drawn_but_set_no_limits_and_open_days_fire_nothing():
    late = list(STEADY)
    late[3], late[39] = 90, 300
    trend = trend_of(some_days(late, settled=39, special=[3]))
    assert trend.baseline == (FIRST, day(28), 28)
    assert trend.limits.centre == pytest.approx(sum(STEADY[:3] + STEADY[4:29]) / 28 / 400)
    assert [sign.day for sign in trend.signs] == [day(3)]


def test_a_day_a_courier_had_stopped_sets_no_limit_is_no_signal_and_no_part_of_a_level():
    total = np.resize([380.0, 400.0, 455.0, 410.0, 520.0, 395.0, 430.0], 45)
    missed = np.array([*STEADY, *STEADY[:5]], dtype=float)
    stopped = [4, 12, 13, 33, 34, 35, 36, 37]
    missed[stopped] = 30
    trend = trend_of(some_days(missed, total, stopped=stopped))
    # by hand: the first 28 days on which everybody came
    kept = [place for place in range(45) if place not in stopped][:28]
    x, n = missed[kept], total[kept]
    p = x.sum() / n.sum()
    z = (x / n - p) / np.sqrt(p * (1 - p) / n)
    width = 3 * np.sqrt(p * (1 - p) / total) * max(1.0, np.abs(np.diff(z)).mean() / 1.128)
    assert trend.limits.centre == pytest.approx(p)
    np.testing.assert_allclose(trend.points["low"], np.maximum(p - width, 0))
    assert trend.baseline == (FIRST, day(30), 28) and (trend.stopped, trend.special) == (8, 0)
    assert (trend.signs, trend.shifts, trend.alone, trend.reading) == ((), (), (), "none")
    assert trend.found.levels[0].total == total.sum() - total[stopped].sum()
    ranges = np.abs(np.diff(x / n))
    seconds = trend_of(replace(some_days(missed, total, stopped=stopped), name="reply_seconds"))
    assert seconds.limits.high[0] == pytest.approx((x / n).mean() + 2.66 * ranges.mean()) and seconds.signs == ()
    told = trend_of(some_days(missed, total))
    assert told.limits.centre > p and told.shifts, "unsaid, the very same days would move both"


def test_a_new_baseline_starts_where_a_change_was_accepted():
    late = [*STEADY[:20], *(2 * late for late in STEADY[:20])]
    assert trend_of(some_days(late), day(20)).baseline == (day(20), day(39), 20)
    assert not [sign for sign in trend_of(some_days(late), day(20)).signs if sign.worse]


def test_too_few_days_say_how_many_are_missing():
    trend = trend_of(some_days(STEADY[:9]))
    assert (trend.reading, trend.lacks, trend.have, trend.need) == ("too_early", "days", 9, 14)
    assert trend.limits is None and trend.found is None


def test_few_misses_are_counted_from_one_to_the_next_where_hours_are_known():
    rng = np.random.default_rng(11)
    hours = pd.DataFrame({"day": np.repeat(pd.date_range(FIRST, periods=60), 6), "total": 10.0, "missed": rng.binomial(10, 0.03, 360)})
    daily = hours.groupby("day")["missed"].sum().to_numpy()
    trend = trend_of(replace(some_days(daily, 60), steps=hours))
    assert trend.limits.method == "g" and len(trend.points) == hours["missed"].sum() - 1
    late = hours.assign(missed=np.where(hours["day"] >= pd.Timestamp(day(55)), 2, hours["missed"]))
    crowded = trend_of(replace(some_days(late.groupby("day")["missed"].sum().to_numpy(), 60), steps=late))
    runs = [sign for sign in crowded.signs if sign.worse and sign.day >= day(55)]
    assert runs and runs[-1].rule == "run_below" and runs[-1].value < runs[-1].usual
    assert trend_of(some_days(daily, 60)).lacks == "misses"


def a_change(position, id="a", kind="courier"):
    return Change(id, day(position), "加一班车", kind, datetime(2026, 3, 1))


def test_an_action_that_worked_is_told_with_what_it_avoided():
    late = [*STEADY[:20], *(round(late * 0.4) for late in STEADY[:20])]
    judged = judge_change(some_days(late), a_change(20), [a_change(20), a_change(24, "b"), a_change(30, "c")])
    assert (judged.verdict, judged.before, judged.after) == ("improved", 20, 20)
    assert judged.effect.avoided.low > 0 and judged.effect.rate_ratio.high < 1
    assert [other.id for other in judged.others] == ["b"]


def test_a_transition_and_holidays_are_left_out():
    judged = judge_change(some_days(STEADY, special=[5, 25]), a_change(20), [], transition_days=3)
    assert (judged.before, judged.after, judged.left_out, judged.verdict) == (19, 16, 2, "no_evidence")
    assert not judged.days["day"].dt.date.isin([day(20), day(21), day(22), day(5)]).any()


def test_thirteen_days_are_too_early_and_days_far_away_do_not_count():
    assert judge_change(some_days(STEADY[:33]), a_change(20), []).verdict == "too_early"
    far = judge_change(some_days(STEADY * 4), a_change(80), [])
    assert (far.before, far.after) == (56, 56)


def test_no_miss_on_one_side_is_no_evidence_and_no_ratio():
    judged = judge_change(some_days([*STEADY[:20], *[0] * 20]), a_change(20), [])
    assert (judged.verdict, judged.effect) == ("no_evidence", None)


# the demo shop


def test_the_demo_shop_has_one_bad_day_and_a_forecast_for_both_windows(demo):
    workspace, shop = demo
    look = look_at_trends(workspace, shop.id)
    assert set(look.series) == {"pickup", "promise", "reply", "reply_seconds"} and not look.biased
    trend = trend_of(look.series["pickup"])
    assert (trend.reading, trend.signs[0].day) == ("bad_day", date(2026, 11, 14))
    sale = look.series["pickup"].days.set_index("day").loc["2026-11-11"]
    assert not sale["ordinary"]
    month = look.windows["month"]
    assert (month.first, month.last) == (date(2026, 11, 1), date(2026, 11, 30))
    assert month.outlook.crossing(0.02) > 0.99 > 0.01 > month.outlook.crossing(0.10)
    assert month.outlook.open == look.windows["rolling"].outlook.open > 0
    assert trend_of(look.series["reply_seconds"]).limits.method == "xmr"


def test_parcels_of_a_forecast_add_up(demo):
    workspace, shop = demo
    look = look_at_trends(workspace, shop.id)
    found = look.windows["month"].outlook
    cells = service.filtered(workspace, shop.id, service.ask_about(workspace, shop.id, None))[1].cells
    uploaded = cells[cells["day"] >= pd.Timestamp(2026, 11, 1)]
    fresh_and_gone = uploaded["shipped"].sum() - found.known - found.open - uploaded["refunded"].sum()
    assert 0 <= fresh_and_gone <= 0.01 * uploaded["shipped"].sum(), "what is missing was uploaded after the cut or is excluded"


def test_a_filter_narrows_the_days_and_a_month_of_few_parcels_gives_no_forecast(demo):
    workspace, shop = demo
    whole = look_at_trends(workspace, shop.id)
    part = look_at_trends(workspace, shop.id, Filters(start=date(2026, 11, 17)))
    assert part.series["pickup"].days["day"].min() == pd.Timestamp(2026, 11, 17)
    assert part.windows["month"].lacks == "days" and part.windows["month"].outlook is None
    assert whole.series["reply"].days.equals(part.series["reply"].days)


def test_a_shop_without_files_has_nothing(workspace):
    shop = create_shop(workspace, "空店")
    look = look_at_trends(workspace, shop.id)
    assert look.series == {} and look.windows == {} and look.as_of is None


@pytest.mark.slow
def test_a_year_of_many_couriers_and_hours_is_read_at_once():
    days, couriers = 365, 12
    rows = days * couriers * 24
    rng = np.random.default_rng(3)
    cells = pd.DataFrame({
        "courier": np.tile(np.repeat([f"快递{n}" for n in range(couriers)], 24), days), "hour": np.tile(np.arange(24), days * couriers),
        "day": np.repeat(pd.date_range("2025-11-20", periods=days), couriers * 24), "shipped": 10, "mature": 10, "refunded": 0,
        "late": rng.binomial(10, 0.03, rows), "late_open": 0, "cost_yuan": 0.0, "cost_open_yuan": 0.0, "stopped": False,
    })
    from tests.metrics.builders import some_tables

    tables = some_tables(cells=cells, as_of=datetime(2026, 11, 20, 18), cut=datetime(2026, 11, 20, 16))
    started = time.process_time()
    series = Series("pickup", service._known_days(service.pickup_days(tables).assign(value=0.03), service.Calendar()), service.pickup_steps(tables))
    trend_of(replace(series, days=series.days.assign(value=series.days["missed"] / series.days["total"])))
    assert time.process_time() - started < 0.3


# practices and outcome


def test_practices_need_sixteen_weeks_of_saved_audits(demo):
    workspace, shop = demo
    found = practice_history(workspace, shop.id, look_at_trends(workspace, shop.id))
    assert (found.weeks, found.audits, found.covered, found.links) == (3, None, None, ())


def with_claims(result: AuditResult, value: float) -> AuditResult:
    practices = {
        name: practice.model_copy(update={"items": [item.model_copy(update={"claimed": value}) for item in practice.items]})
        for name, practice in result.practices.items()
    }
    return result.model_copy(update={"practices": practices})


def test_a_practice_kept_for_weeks_is_set_against_the_weeks_before(demo, monkeypatch):
    workspace, shop = demo
    result = run_audit(workspace, shop.id).result
    start = pd.Timestamp(FIRST)
    saved = [
        SavedAudit("1", "前", (start - pd.Timedelta(days=3)).to_pydatetime(), with_claims(result, 0.0)),
        SavedAudit("2", "后", (start + pd.Timedelta(days=70)).to_pydatetime(), with_claims(result, 1.0)),
    ]
    monkeypatch.setattr("pdd_audit.services.practice_history.list_audits", lambda *_: saved)
    late = [20, 22, 19, 24, 18, 21, 23] * 10 + [10, 12, 9, 11, 8, 13, 10] * 10
    look = TrendsLook(datetime(2026, 7, 20), False, {"pickup": some_days(late)}, {}, 0.03)
    found = practice_history(workspace, shop.id, look)
    assert (found.weeks, found.audits, found.covered) == (20, 2, 20)
    first = found.links[0]
    assert (first.outcome, first.weeks_with, first.weeks_without) == ("linked", 10, 10)
    assert first.low < first.difference < first.high < 0


def test_saving_an_audit_counts(workspace, demo):
    source, shop = demo
    mine = create_shop(workspace, "存一次")
    save_audit(workspace, mine.id, "一", run_audit(source, shop.id))
    look = TrendsLook(None, False, {"pickup": some_days(STEADY * 3)}, {}, 0.03)
    found = practice_history(workspace, mine.id, look)
    assert (found.audits, found.covered, found.links) == (1, 0, ()), "its weeks lie before the audit"


@pytest.mark.parametrize(("claimed", "verdict", "alarm"), [(95.0, "fail", True), (80.0, "fail", False), (95.0, "pass", False)])
def test_a_shop_that_claims_much_and_is_late_is_told(demo, claimed, verdict, alarm):
    workspace, shop = demo
    result = run_audit(workspace, shop.id).result
    rate = result.metrics["pickup_24h_ratio"].model_copy(update={"verdict": verdict})
    told = result.model_copy(update={"score": result.score.model_copy(update={"claimed": claimed}), "metrics": result.metrics | {"pickup_24h_ratio": rate}})
    assert claims_too_much(told) is alarm


# a shop with real timings


@pytest.mark.shared
def test_the_missed_van_is_the_day_that_stands_out(shared_data, tmp_path):
    import json

    folder = shared_data / "october_shop"
    truth = json.loads((folder / "truth.json").read_text("utf-8"))["missed_van"]
    workspace = open_workspace(tmp_path / "home")
    shop = create_shop(workspace, "十月店")
    files = [path for path in folder.iterdir() if path.suffix in (".csv", ".xlsx")]
    assert all(outcome.error is None for outcome in import_files(workspace, shop.id, [Upload(path.name, path.read_bytes()) for path in files]))
    trend = trend_of(look_at_trends(workspace, shop.id).series["pickup"])
    assert trend.reading == "bad_day"
    assert [sign.day.isoformat() for sign in trend.signs if sign.rule == "above"] == [truth["day"]]
    assert trend.signs[0].missed == pytest.approx(truth["breached"], rel=0.15)
    assert trend.shifts == (), "one missed van is no new level"
    workspace.state.close()
