"""What a claim needs of the facts, and with which figures it is refused."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from pdd_audit.core.errors import Place
from pdd_audit.core.incidents.appeal_claims import InWords, Limits, OrderFacts, Penalty, Stamp, check, claims_borne_out

UPLOAD = datetime(2026, 10, 20, 10)
HOUR = timedelta(hours=1)
SPRING = InWords("春节", "Spring Festival")


def stamp(at, what="", row=7):
    return Stamp(at, Place(file="f.csv", row=row), what)


def order(scan=None, *, kind="fine_false_shipping", promised=48, **more):
    penalty = Penalty(kind, 5.0, UPLOAD + 100 * HOUR, Place(file="bill.csv", row=2), booked=True)
    scans = () if scan is None else tuple(stamp(UPLOAD + hours * HOUR, "城东一部") for hours in (scan if isinstance(scan, tuple) else (scan,)))
    facts = OrderFacts(
        order_no="261020-000000000000001", courier="中通", uploads=(stamp(UPLOAD, "75000000000001"),), scans=scans, penalties=(penalty,),
        limits=Limits("p", 24.0, asks_pickup=True), promised=stamp(UPLOAD + promised * HOUR),
    )
    return replace(facts, **more)


def code(claim, facts, *handed):
    found = check(claim, facts, handed)
    return None if found is None else found.code


def test_exactly_the_limit_is_in_time_and_a_second_more_is_not():
    assert check("collected_in_time", order(24)) is None
    late = check("collected_in_time", order(24 + 1 / 3600))
    assert (late.code, late.contradicted) == ("appeal_scan_late", True)
    assert late.values == {"order": "261020-000000000000001", "at": "2026-10-21 10:00:01", "due": "2026-10-21 10:00:00", "over": "0:00:01"}
    assert late.place == Place(file="f.csv", row=7)


def test_of_several_pickup_records_the_last_one_counts():
    assert code("collected_in_time", order((3, 26))) == "appeal_scan_late"


def test_a_scan_of_long_before_the_upload_belongs_to_another_parcel():
    assert code("collected_in_time", order(-25)) == "appeal_no_scan"
    assert check("collected_in_time", order(-1)) is None


def test_a_scan_before_the_order_itself_is_not_its_pickup():
    assert code("collected_in_time", order(-1, confirmed=stamp(UPLOAD - HOUR / 2))) == "appeal_scan_before_order"
    assert check("collected_in_time", order(-1, confirmed=stamp(UPLOAD - 2 * HOUR))) is None


def test_a_penalty_for_late_shipping_is_held_against_the_promise():
    assert check("collected_in_time", order(30, kind="fine_late_shipping")) is None, "in the promise, whatever the pickup clock says"
    assert code("collected_in_time", order(3, kind="fine_late_shipping", promised=2)) == "appeal_promise_late"
    shipped_only = Limits("p", 24.0, asks_pickup=False)
    assert check("collected_in_time", order(3, kind="fine_late_shipping", promised=2, limits=shipped_only)) is None
    assert code("collected_in_time", order(3, kind="fine_late_shipping", promised=-1)) == "appeal_upload_late"
    assert code("collected_in_time", order(3, kind="late_shipping", promised=2, penalties=())) == "appeal_promise_late", "both clocks where none is named"


def test_what_nobody_knows_is_not_claimed():
    unknown = order(3, limits=Limits("p", None, asks_pickup=True))
    assert (code("collected_in_time", unknown), check("collected_in_time", unknown).contradicted) == ("appeal_no_limit", False)
    assert code("collected_in_time", order()) == "appeal_no_scan"
    assert code("collected_in_time", order(3, uploads=())) == "appeal_no_upload"
    assert code("collected_in_time", replace(order(3, kind="fine_late_shipping"), promised=None)) == "appeal_no_promise"


def test_a_handover_must_fit_the_limit_and_the_scans():
    at = UPLOAD + 6 * HOUR
    assert check("handed_over", order(30), (at,)) is None
    assert check("handed_over", order(), (at,)) is None
    assert code("handed_over", order(30)) == "appeal_no_handover"
    assert code("handed_over", order(3), at) == "appeal_was_in_time", "then it is the wrong reason"
    assert code("handed_over", order(30), UPLOAD + 25 * HOUR) == "appeal_handover_late"
    assert code("handed_over", order((2, 30)), at) == "appeal_handover_after_scan"


@pytest.mark.parametrize(("windows", "expected"), [({}, "appeal_not_exempt_pickup"), ({"promise": (SPRING,)}, "appeal_not_exempt_pickup"), ({"pickup": (SPRING,)}, None)])
def test_an_exemption_covers_the_clock_the_penalty_speaks_of(windows, expected):
    assert code("exempt", order(30, limits=Limits("p", 24.0, True, windows))) == expected


def test_a_corrected_number_shows_both_numbers_and_keeps_the_first_clock():
    first, second = stamp(UPLOAD, "75000000000001"), stamp(UPLOAD + 5 * HOUR, "75000000000002")
    assert check("number_corrected", order(20, uploads=(first, second))) is None
    assert code("number_corrected", order(20)) == "appeal_one_number"
    assert code("number_corrected", order(26, uploads=(first, second))) == "appeal_scan_late", "within 24 h of the second upload only"


def test_a_refund_counts_only_before_the_limit_and_before_any_scan():
    assert check("refunded_in_time", order(refunded=stamp(UPLOAD + 20 * HOUR))) is None
    assert code("refunded_in_time", order()) == "appeal_no_refund"
    assert code("refunded_in_time", order(refunded=stamp(UPLOAD + 25 * HOUR))) == "appeal_refund_late"
    assert code("refunded_in_time", order(3, refunded=stamp(UPLOAD + 20 * HOUR))) == "appeal_scan_before_refund"


def test_the_files_alone_never_bear_out_a_handover():
    assert claims_borne_out(order(3)) == ("collected_in_time",)
    assert claims_borne_out(order(30)) == ()
