"""Calls, messages, promises and notices, worked out by hand: what is urgent, what an outlet reads, who kept its word, who is told of what."""

from datetime import datetime, timedelta

import pytest

from pdd_audit.core.deeds import Deed
from pdd_audit.core.incidents.notices import Heading, by_outlet, in_messages, steps_due, written
from pdd_audit.core.incidents.outlet_message import Wording, in_parts, masked, outlet_message
from pdd_audit.core.incidents.promises import judged, records
from pdd_audit.core.incidents.urgency import OpenParcel, calls_of, due_by_hour
from pdd_audit.data.content.call_rules import load_call_rules
from pdd_audit.data.content.folder import default_folder

RULES = load_call_rules(default_folder())
AT = datetime(2026, 3, 10, 9)


def parcel(number, left, courier="中通", outlet=None, chance=0.5, yuan=5.0):
    """Open, with so many minutes left of its 24 hours."""
    due = AT + timedelta(minutes=left)
    waybill = f"78{number:013d}"
    return OpenParcel(waybill, f"O{number}", courier, outlet, due - timedelta(days=1), due, left, "pickup", chance, yuan)


def deed(kind, parcels, hours=0.0, id="1", **what):
    names = tuple(one.waybill for one in parcels)
    return Deed(id=id, kind=kind, subjects=names, what=what, at=AT + timedelta(hours=hours), by="老板")


def who(calls):
    return [call.who for call in calls]


def test_the_call_that_saves_most_comes_first_and_what_help_comes_too_late_for_counts_less():
    many = [parcel(n, 600, "极兔") for n in range(40)]
    soon = [parcel(50, 20), parcel(51, 300)]
    dear = [parcel(60, 500, "圆通", "城东", yuan=900.0)]
    calls = calls_of([*soon, *many, *dear], [], RULES, AT)
    assert who(calls) == [("圆通", "城东"), ("极兔", None), ("中通", None)]
    assert [len(call.urgent) for call in calls] == [1, 40, 2]
    assert calls[1].expected == pytest.approx(20) and calls[1].yuan == pytest.approx(100)


def test_outlets_of_one_courier_are_separate_calls_and_unlikely_parcels_only_wait():
    calls = calls_of([parcel(1, 900, outlet="城东"), parcel(2, 900, outlet="城西"), parcel(3, 900, outlet="城东", chance=0.05)], [], RULES, AT)
    assert sorted(who(calls)) == [("中通", "城东"), ("中通", "城西")]
    assert [(len(call.urgent), call.waiting) for call in calls if call.who[1] == "城东"] == [(1, 1)]


def test_where_chances_and_amounts_are_not_known_the_time_left_decides_and_nothing_is_made_up():
    (call,) = calls_of([parcel(1, 350, chance=None, yuan=None), parcel(2, 900, chance=None, yuan=None)], [], RULES, AT)
    assert (len(call.urgent), call.waiting, call.expected, call.yuan, call.worth) == (1, 1, None, None, True)


def test_late_parcels_are_asked_for_in_the_same_call_until_it_no_longer_helps():
    (call,) = calls_of([parcel(1, 60), parcel(2, -60), parcel(3, -RULES.late_for_hours * 60 - 1)], [], RULES, AT)
    assert [[one.order_no for one in group] for group in (call.urgent, call.late)] == [["O1"], ["O2"]]


def test_a_call_is_done_until_its_promise_runs_out_or_the_day_ends():
    one, other = parcel(1, 300), parcel(2, 300, "圆通")
    until = (AT + timedelta(hours=2)).isoformat()
    done = [deed("called", [one]), deed("promised", [one], id="2", until=until)]
    assert [(call.who[0], call.done) for call in calls_of([one, other], done, RULES, AT)] == [("圆通", False), ("中通", True)]
    for at in (AT + timedelta(hours=2), AT + timedelta(days=1)):
        assert [call.done for call in calls_of([one], done, RULES, at)] == [False]
    assert [call.done for call in calls_of([one], done[:1], RULES, AT + timedelta(hours=14))] == [True]


def test_what_the_outlet_says_it_has_is_asked_for_as_such_until_a_scan_shows_it():
    one, other = parcel(1, 300), parcel(2, 300)
    (call,) = calls_of([one, other], [deed("collected", [one]), deed("called", [one, other], 0.1, "2")], RULES, AT)
    assert (call.said, call.urgent) == ((one,), (other,))
    (call,) = calls_of([one, other], [deed("collected", [one]), deed("found", [one], 0.1, "2")], RULES, AT)
    assert (call.said, len(call.urgent)) == ((), 2)


def test_hours_hold_every_parcel_ahead_once():
    parcels = [parcel(1, 30), parcel(2, 59), parcel(3, 60), parcel(4, 1440), parcel(5, -5)]
    hours = due_by_hour(parcels, parcels[:2], AT)
    assert hours[0] == (datetime(2026, 3, 10, 10), 2, 0)
    assert sum(listed + others for _, listed, others in hours) == 4


# --- messages ---------------------------------------------------------------------------------------------------------------


def test_masked_waybills_stay_apart_however_alike_they_end():
    names = ["780001234567", "781991234567", "790000000001", "12345678"]
    shown = masked(names, 2, 6)
    assert len(set(shown.values())) == 4 and shown["790000000001"] == "79***000001"
    assert all(shown[name] != name for name in names[:3]) and shown["12345678"] == "12345678"


@pytest.mark.parametrize("program", ["wecom", "dingtalk", "feishu", "email"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_message_fits_the_program_names_every_parcel_once_and_cuts_no_line(lang, program):
    parcels = [parcel(n, 60 + n) for n in range(300)] + [parcel(900, -30), parcel(901, 800, chance=0.01)]
    (call,) = calls_of(parcels, [deed("collected", parcels[:2])], RULES, AT)
    longest = RULES.longest_bytes.of(program)
    parts = outlet_message(call, RULES, Wording(lang, "中通", "3 月 10 日 09:00", "10:00"), longest)
    assert all(len(part.encode()) <= longest for part in parts) and (len(parts) > 1 or program != "wecom")
    lines = [line for part in parts for line in part.splitlines()]
    shown = masked(call.subjects, RULES.waybill_head, RULES.waybill_tail)
    assert sorted(line.split("｜")[0].split(" |")[0] for line in lines if "***" in line) == sorted(shown.values())
    assert not any(one.waybill in line for one in parcels for line in lines)
    whole = outlet_message(call, RULES, Wording(lang, "中通", "3 月 10 日", "10:00", whole_numbers=True), longest)
    assert all(any(name in part for part in whole) for name in call.subjects)


def test_a_line_longer_than_a_message_stands_alone():
    assert in_parts(["短", "长" * 60, "短"], "{part}/{parts}", 60) == ["1/3\n短", "2/3\n" + "长" * 60, "3/3\n短"]


# --- promises ---------------------------------------------------------------------------------------------------------------


def test_a_promise_is_kept_broken_or_open_by_the_scans_and_never_by_what_the_files_do_not_reach():
    parcels = [parcel(n, 300) for n in range(10)]
    names = [one.waybill for one in parcels]
    until = AT + timedelta(hours=8)
    promised = [deed("promised", parcels, until=until.isoformat(), courier="中通", outlet="")]
    nine = {name: until - timedelta(minutes=1) for name in names[:9]} | {names[9]: None}
    late = {name: until + timedelta(minutes=1) for name in names}

    def outcome(scans, known):
        (one,) = judged(promised, scans, known, RULES.kept_from_share)
        return one.outcome, one.in_time, one.parcels

    assert outcome(nine, until) == outcome(nine, AT) == ("kept", 9, 10)
    assert outcome(late, until) == ("broken", 0, 10)
    assert outcome(dict.fromkeys(names), until - timedelta(minutes=1)) == ("open", 0, 10)
    assert outcome({}, until + timedelta(days=1)) == ("open", 0, 0), "refunded or uncovered parcels are held against nobody"
    assert outcome({names[0]: until}, until) == ("kept", 1, 1)


def test_a_record_counts_what_is_judged_and_the_worst_comes_first():
    one, other = [parcel(1, 300)], [parcel(2, 300, "圆通")]
    until = AT.isoformat()
    said = [
        deed("promised", one, 0, "1", until=until, courier="中通", outlet=""), deed("promised", one, 1, "2", until=until, courier="中通", outlet=""),
        deed("promised", other, 0, "3", until=until, courier="圆通", outlet="城东"), deed("called", other, 0, "4"),
    ]
    found = records(judged(said, {one[0].waybill: AT, other[0].waybill: None}, AT, 0.9))
    assert [(r.courier, r.outlet, r.n, r.kept, r.broken) for r in found] == [("圆通", "城东", 1, 0, 1), ("中通", None, 2, 2, 0)]


# --- notices ----------------------------------------------------------------------------------------------------------------


def test_a_parcel_is_told_of_at_the_highest_hour_it_has_reached_and_not_once_it_is_late():
    waited = {11.9: None, 12: 12, 17.9: 12, 18: 18, 20: 20, 22: 22, 23.9: 22, 24: None, 30: None}
    parcels = [parcel(n, round((24 - hours) * 60)) for n, hours in enumerate(waited)]
    told = {step.parcel.order_no: step.hour for step in steps_due(parcels, RULES, AT, {"中通": AT})}
    assert [told.get(f"O{n}") for n in range(len(waited))] == list(waited.values())


def test_nothing_is_told_where_the_courier_s_pickups_are_old_or_not_known():
    parcels = [parcel(1, 300), parcel(2, 300, "圆通"), parcel(3, 300, None), parcel(4, 300, "极兔")]
    old = AT - timedelta(minutes=RULES.stale_after_minutes + 1)
    assert [step.parcel.order_no for step in steps_due(parcels, RULES, AT, {"中通": AT, "圆通": old})] == ["O1"]


def test_notices_are_one_per_outlet_and_parts_hold_every_parcel():
    steps = steps_due([parcel(n, 60 + n, outlet="城东" if n % 2 else "城西") for n in range(40)], RULES, AT, {"中通": AT})
    notices = by_outlet(steps)
    assert [(notice.who, len(notice.steps)) for notice in notices] == [(("中通", "城西"), 20), (("中通", "城东"), 20)]
    parts = in_messages(notices[0], lambda steps: len(steps) <= 6)
    assert [len(part.steps) for part in parts] == [6, 6, 6, 2]
    title, body = written(notices[0].steps, RULES, Heading("en", "A", "城西", "10 Mar 09:00"))
    assert title.startswith("A: 城西, 20") and body.count("***") == 20 and "10 Mar 09:00" in body
