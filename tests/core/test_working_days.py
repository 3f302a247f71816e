"""Which days are worked, which are out of the ordinary, and on which nobody collects."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from pdd_audit.core.exemptions import Exemption, OwnExemption, waivers
from pdd_audit.core.working_days import Calendar, SaleDays, Stop, day_type

HOLIDAYS = {date(2026, 10, 1) + timedelta(days=step): "national_day" for step in range(7)}
CALENDAR = Calendar(
    years=frozenset({2025, 2026}), holidays=HOLIDAYS, worked=frozenset({date(2026, 10, 10)}),
    sales=(SaleDays({"zh": "双 11", "en": "Double 11"}, yearly=(11, 11)), SaleDays({"zh": "店庆", "en": "Fair"}, date(2026, 9, 1), date(2026, 9, 3))),
    stops=(
        Stop("极兔", None, date(2026, 2, 10), date(2026, 2, 20), "春节"),
        Stop("中通", "一号网点", date(2026, 10, 17), date(2026, 10, 17), "台风"),
    ),
)


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 10, 1), "off"),  # a holiday on a Thursday
        (date(2026, 10, 3), "off"),  # a holiday on a Saturday
        (date(2026, 10, 10), "work"),  # a Saturday that makes up for it
        (date(2026, 10, 11), "off"),  # an ordinary Sunday
        (date(2026, 10, 12), "work"),
        (date(2026, 12, 31), "work"),
        (date(2027, 1, 1), "unknown"),  # nobody has said
        (date(2024, 12, 31), "unknown"),
    ],
)
def test_a_day_is_worked_off_or_unknown(day, kind):
    assert day_type(day, CALENDAR) == CALENDAR.day_type(day) == kind


def test_holidays_and_sales_are_no_ordinary_days_but_weekends_are():
    out = [day for day in (date(2026, 10, 5), date(2026, 11, 11), date(2027, 11, 11), date(2026, 9, 2)) if CALENDAR.out_of_baseline(day)]
    assert len(out) == 4
    ordinary = (date(2026, 10, 11), date(2026, 10, 10), date(2026, 11, 12), date(2026, 9, 4), date(2026, 8, 31))
    assert not any(CALENDAR.out_of_baseline(day) for day in ordinary)
    assert CALENDAR.sale(date(2026, 9, 3)).name["en"] == "Fair"


@pytest.mark.parametrize(
    ("courier", "outlet", "day", "stopped"),
    [
        ("极兔", None, date(2026, 2, 10), True), ("极兔", "哪个网点都一样", date(2026, 2, 20), True),
        ("极兔", None, date(2026, 2, 21), False), ("极兔", None, date(2026, 2, 9), False), ("圆通", None, date(2026, 2, 12), False),
        ("中通", "一号网点", date(2026, 10, 17), True), ("中通", "二号网点", date(2026, 10, 17), False),
        ("中通", None, date(2026, 10, 17), False),  # one outlet does not stop the courier
        (None, None, date(2026, 2, 12), False),
    ],
)
def test_a_stop_is_of_a_courier_or_of_one_outlet(courier, outlet, day, stopped):
    assert CALENDAR.is_stopped(courier, outlet, day) is stopped


def test_days_off_of_a_period_are_those_of_known_years():
    assert CALENDAR.days_off(date(2026, 10, 7), date(2026, 10, 12)) == (date(2026, 10, 7), date(2026, 10, 11))
    assert CALENDAR.days_off(date(2027, 1, 1), date(2027, 1, 31)) == ()


def test_a_year_nobody_knows_is_named():
    assert CALENDAR.unknown_years([date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 2)]) == (2027,)


def test_calendars_that_say_the_same_have_one_key():
    assert CALENDAR.key == replace(CALENDAR).key
    assert CALENDAR.key != replace(CALENDAR, stops=()).key
    assert CALENDAR.key != replace(CALENDAR, worked=frozenset()).key


# --- windows in force --------------------------------------------------------------------------------------------------------


def window(id="spring", **more):
    entry = {"id": id, "kind": "holiday", "counted_by": "paid", "waives": ["promise"], "from": "2026-02-10", "to": "2026-02-23",
             "reason": {"zh": "春节", "en": "Spring"}, "source": "notice", "trust": "B*", "checked": "2026-11-22"}
    return Exemption.model_validate(entry | more)


UNREAD = {"from": None, "to": None, "source": None, "trust": None, "checked": None}
OWN = OwnExemption.model_validate(
    {"counted_by": "shipped", "waives": ["pickup"], "from": "2026-08-15", "to": "2026-08-15", "reason": "台风", "source": "站内信"}
)


def test_a_window_lasts_from_midnight_to_midnight_of_both_its_days():
    waiver, own = waivers([window()], [OWN], {})
    assert (waiver.start.isoformat(), waiver.end.isoformat()) == ("2026-02-10T00:00:00", "2026-02-24T00:00:00")
    assert own.end - own.start == timedelta(days=1)


def test_what_was_not_read_or_was_found_wrong_waives_nothing():
    assert waivers([window(**UNREAD)], [], {}) == ()
    assert waivers([window()], [], {"spring": False}) == ()
    assert len(waivers([window()], [], {"spring": True})) == 1
