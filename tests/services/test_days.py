"""A shop's days: what everybody knows, what it has noted itself, and what becomes of its numbers."""

import shutil
from dataclasses import replace
from datetime import date, timedelta

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.core.exemptions import Exemption
from pdd_audit.core.filters import ALL, Filters
from pdd_audit.core.noted_days import Noted
from pdd_audit.core.working_days import Calendar
from pdd_audit.services.calendars import calendar_of, days_noted
from pdd_audit.services.look_at_days import look_at_days
from pdd_audit.services.look_at_trends import look_at_trends
from pdd_audit.services.measure import ask_about, compact, ground_of, key_of
from pdd_audit.services.note_days import decide, note_exemption, note_stop, take_back
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shop_archive import export_shop, import_shop
from pdd_audit.services.shops import create_shop, list_shops
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import LANGS, error_text

STOP = {"courier": "极兔", "outlet": None, "from": "2026-10-17", "to": "2026-10-18", "reason": "台风停运", "source": "网点群通知"}
WINDOW = {"counted_by": "shipped", "waives": ("pickup", "promise"), "from": "2026-10-17", "to": "2026-10-18", "provinces": (), "couriers": (),
          "reason": "台风", "source": "站内信 10 月 16 日"}


@pytest.fixture(scope="module")
def shop(built_demo, tmp_path_factory):
    """(workspace, shop) of a demo shop without the notice it was sent, that these tests change and put back."""
    workspace = open_workspace(shutil.copytree(built_demo, tmp_path_factory.mktemp("days") / "home"))
    one = list_shops(workspace)[0]
    for entry in days_noted(workspace, one.id).noted:
        take_back(workspace, one.id, entry, "甲")
    yield workspace, one
    workspace.state.close()


@pytest.fixture
def clean(shop):
    yield shop
    workspace, one = shop
    for entry in list(days_noted(workspace, one.id).noted):
        take_back(workspace, one.id, entry, "甲")


def asked(workspace, shop, engine=None):
    workspace = workspace if engine is None else replace(workspace, engine=engine)
    return compact(workspace, shop.id, ask_about(workspace, shop.id, None))


def period(workspace, shop):
    days = look_at_days(workspace, shop.id, ALL)
    return days.first, days.last


# --- days off ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def test_the_moment_knows_the_days_off_of_the_years_of_the_files(shop, engine, request):
    if engine == "spark":
        request.getfixturevalue("spark")
    workspace, one = shop
    with ground_of(replace(workspace, engine=engine), one.id, ask_about(workspace, one.id, None)) as ground:
        moment = ground.moment
    assert 2026 in moment.calendar_years
    assert date(2026, 10, 1) in moment.days_off and date(2026, 10, 10) not in moment.days_off
    assert len(moment.days_off) == sum(sum(workspace.calendar.day_type(date(year, 1, 1) + timedelta(days=n)) == "off" for n in range(365))
                                       for year in moment.calendar_years)


def test_a_year_without_a_calendar_is_a_warning_and_the_rest_stands(shop):
    workspace, one = shop
    without = replace(workspace, calendar=Calendar(years=frozenset({2020})))
    key, tables = asked(without, one)
    known_key, known = asked(workspace, one)
    assert tables.flag_values["calendar_year_unknown"] == {"years": "2026"} and key != known_key
    assert "calendar_year_unknown" not in known.flags and tables.counts == known.counts
    texts = {lang: [w.text for w in run_audit(without, one.id, lang=lang).result.warnings if w.code == "calendar_year_unknown"] for lang in LANGS}
    assert all("2026" in text for found in texts.values() for text in found) and all(texts.values())
    with ground_of(without, one.id, ask_about(without, one.id, None)) as ground:
        assert (ground.moment.days_off, ground.moment.calendar_years) == ((), ())


def test_what_the_period_holds_is_told(shop):
    workspace, one = shop
    first, last = period(workspace, one)
    days = look_at_days(replace(workspace, calendar=Calendar(frozenset({2026}), {first: "national_day", first + timedelta(days=1): "national_day", last: "other"})), one.id, ALL)
    assert [(run.name, run.first, run.last) for run in days.holidays] == [("national_day", first, first + timedelta(days=1)), ("other", last, last)]
    assert (days.unknown, days.stops, days.waivers, days.exempt_parcels) == ((), (), (), 0)


# --- stops -------------------------------------------------------------------------------------------------------------------


def test_a_stop_the_shop_notes_is_in_its_calendar_and_in_no_other(clean):
    workspace, one = clean
    other = create_shop(workspace, "乙")
    before = key_of(workspace, one.id, ask_about(workspace, one.id, None))
    note_stop(workspace, one.id, STOP, "老板")
    assert calendar_of(workspace, one.id).is_stopped("极兔", "随便哪个", date(2026, 10, 18))
    assert not calendar_of(workspace, other.id).stops
    assert key_of(workspace, one.id, ask_about(workspace, one.id, None)) != before
    (entry, noted), = days_noted(workspace, one.id).noted.items()
    assert (noted.by, noted.said.source) == ("老板", "网点群通知")
    take_back(workspace, one.id, entry, "店员")
    assert not calendar_of(workspace, one.id).stops
    said = workspace.state.said(Noted, one.id)  # nothing is forgotten
    assert [(word.by, word.said is None) for word in said[-2:]] == [("老板", False), ("店员", True)]
    assert key_of(workspace, one.id, ask_about(workspace, one.id, None)) == before


def test_a_van_of_a_courier_that_had_stopped_was_not_missed(clean):
    workspace, one = clean
    before = run_audit(workspace, one.id)
    wave = before.result.waves[0]
    assert wave.verdict == "missed"
    outlet = STOP | {"courier": wave.courier, "from": wave.day, "to": wave.day, "outlet": "一号网点"}
    note_stop(workspace, one.id, outlet, "老板")  # one outlet of it: the others came
    assert run_audit(workspace, one.id).result.waves == before.result.waves
    note_stop(workspace, one.id, outlet | {"outlet": None}, "老板")
    after = run_audit(workspace, one.id)
    assert not [missed for missed in after.result.waves if (missed.courier, missed.day) == (wave.courier, wave.day)]
    assert len(after.result.waves) < len(before.result.waves)
    kept = [audit.result.metrics["pickup_24h_ratio"] for audit in (before, after)]
    assert kept[0].value == pytest.approx(kept[1].value)  # late parcels stay late
    listed = after.pictures.waves[after.pictures.waves["stopped"].astype(bool)]
    assert set(listed["courier"]) == {wave.courier} and listed["late"].sum() >= wave.breaches


def test_a_stop_concerns_the_days_and_the_parcels_of_its_courier(clean):
    workspace, one = clean
    days = {"from": "2026-11-03", "to": "2026-11-04"}
    note_stop(workspace, one.id, STOP | days | {"courier": "圆通", "outlet": "城南分部"}, "老板")
    note_stop(workspace, one.id, STOP | days | {"courier": "顺丰"}, "老板")  # the shop sends nothing with it
    series = look_at_trends(workspace, one.id).series
    stopped = {name: [day.day for day in found.days.loc[found.days["stopped"], "day"]] for name, found in series.items()}
    assert stopped == {"pickup": [3, 4], "promise": [3, 4], "reply": [], "reply_seconds": []}
    assert not series["pickup"].days.set_index("day").loc["2026-11-03", "ordinary"]
    other = Filters(courier=("中通",))
    assert not look_at_trends(workspace, one.id, other).series["pickup"].days["stopped"].any()
    assert [stop.courier for stop in look_at_days(workspace, one.id, Filters(outlet=("城南分部",), courier=("圆通",))).stops] == ["圆通"]
    assert look_at_days(workspace, one.id, other).stops == ()


# --- exemptions --------------------------------------------------------------------------------------------------------------


def test_parcels_of_a_window_leave_both_clocks_and_stand_apart(clean):
    workspace, one = clean
    first, last = period(workspace, one)
    before = asked(workspace, one)[1]
    day = first + (last - first) // 2
    shipped = before.cells[before.cells["day"].astype(str).str[:10] == day.isoformat()]["shipped"].sum()
    assert shipped > 0
    note_exemption(workspace, one.id, WINDOW | {"from": day.isoformat(), "to": day.isoformat()}, "老板")
    after = asked(workspace, one)[1]
    exempt = after.excluded["exempt"]
    assert 0 < exempt <= shipped
    inside = [int(tables.lags.loc[tables.lags["clock"] == "pickup", "parcels"].sum()) for tables in (before, after)]
    refunded = [tables.excluded.get("refunded_before_limit", 0) for tables in (before, after)]
    assert inside[0] + sum(before.excluded.values()) - refunded[0] == inside[1] + sum(after.excluded.values()) - refunded[1] == before.counts["shipped"]
    assert after.counts["promise_exempt"] == before.promises["due"].sum() - after.promises["due"].sum() > 0
    result = run_audit(workspace, one.id).result
    assert result.excluded["exempt"] == exempt
    days = look_at_days(workspace, one.id, ALL)
    assert (len(days.waivers), days.exempt_parcels, days.exempt_orders) == (1, exempt, after.counts["promise_exempt"])
    assert look_at_days(workspace, one.id, Filters(end=day - timedelta(days=1))).exempt_parcels == 0


def test_a_window_of_other_days_changes_nothing(clean):
    workspace, one = clean
    before = asked(workspace, one)[1]
    note_exemption(workspace, one.id, WINDOW | {"from": "2025-01-01", "to": "2025-01-31"}, "老板")
    after = asked(workspace, one)[1]
    assert (after.counts, after.excluded) == (before.counts, before.excluded)
    assert look_at_days(workspace, one.id, ALL).waivers == ()


def test_a_window_of_the_rule_file_holds_until_the_shop_finds_it_wrong(clean):
    workspace, one = clean
    first, last = period(workspace, one)
    window = Exemption.model_validate({
        "id": "storm", "kind": "area", "counted_by": "shipped", "waives": ["pickup"], "from": first.isoformat(), "to": last.isoformat(),
        "reason": {"zh": "台风", "en": "Storm"}, "source": next(iter(workspace.rules.sources)), "trust": "D", "checked": "2026-11-22",
    })
    ruled = replace(workspace, rules=workspace.rules.model_copy(update={"exemptions": (window,)}))
    assert asked(ruled, one)[1].excluded["exempt"] > 0
    decide(ruled, one.id, "storm", False, "老板", "规则中心没有这一条")
    assert "exempt" not in asked(ruled, one)[1].excluded
    official, = look_at_days(ruled, one.id, ALL).official
    assert official.rejected and official.decided.why == "规则中心没有这一条"
    decide(ruled, one.id, "storm", True, "老板", "又看到了")
    assert asked(ruled, one)[1].excluded["exempt"] > 0
    take_back(ruled, one.id, "storm", "老板")
    assert look_at_days(ruled, one.id, ALL).official[0].decided is None


WRONG = [
    (note_stop, STOP | {"courier": "极兔速递"}, "checklist_calendar_courier_unknown"),
    (note_stop, STOP | {"to": "2026-10-16"}, "checklist_calendar_ends_before"),
    (note_stop, STOP | {"to": "2027-10-17"}, "checklist_calendar_too_long"),
    (note_stop, STOP | {"from": ""}, "days_entry"),
    (note_stop, STOP | {"reason": ""}, "days_entry"),
    (note_stop, STOP | {"source": "长" * 201}, "days_entry"),
    (note_exemption, WINDOW | {"waives": ()}, "days_entry"),
    (note_exemption, WINDOW | {"waives": ("fine",)}, "days_entry"),
    (note_exemption, WINDOW | {"counted_by": None}, "days_entry"),
    (note_exemption, WINDOW | {"provinces": ("Zhejiang",)}, "days_entry"),
    (note_exemption, WINDOW | {"couriers": ("顺风",)}, "checklist_calendar_courier_unknown"),
    (note_exemption, WINDOW | {"to": "2026-10-01"}, "checklist_calendar_ends_before"),
]


@pytest.mark.parametrize(("note", "said", "code"), WRONG, ids=[f"{code}-{at}" for at, (_, _, code) in enumerate(WRONG)])
def test_what_cannot_be_is_refused_in_words_and_nothing_is_noted(shop, note, said, code):
    workspace, one = shop
    before = workspace.state.said(Noted, one.id)
    with pytest.raises(AuditError) as caught:
        note(workspace, one.id, said, "老板")
    assert caught.value.code == code
    assert all(all(error_text(caught.value, lang)) for lang in LANGS)
    assert workspace.state.said(Noted, one.id) == before


def test_an_entry_says_who_and_a_decision_why(shop):
    workspace, one = shop
    for act, code in (
        (lambda: note_stop(workspace, one.id, STOP, "  "), "days_who"),
        (lambda: decide(workspace, one.id, workspace.rules.exemptions[0].id, True, "老板", " "), "days_reason"),
    ):
        with pytest.raises(AuditError) as caught:
            act()
        assert caught.value.code == code


def test_entries_travel_with_the_shop(clean, tmp_path):
    workspace, one = clean
    note_stop(workspace, one.id, STOP, "老板")
    note_exemption(workspace, one.id, WINDOW, "老板")
    decide(workspace, one.id, workspace.rules.exemptions[0].id, False, "老板", "查过")
    export_shop(workspace, one, tmp_path / "one.zip")
    arrived = import_shop(workspace, tmp_path / "one.zip", "搬来的店")
    assert days_noted(workspace, arrived.id) == days_noted(workspace, one.id)
    assert workspace.state.said(Noted, arrived.id) == workspace.state.said(Noted, one.id)
