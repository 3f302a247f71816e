"""A case is what its words add up to."""

from datetime import date, datetime, timedelta

import pytest
from pydantic import ValidationError

from pdd_audit.core.deeds import Deed
from pdd_audit.core.incidents.appeals import Added, AppealWord, Counted, Dropped, Missing, Moved, Opened, cases_of, missing, reminders
from pdd_audit.core.incidents.incident_causes import by_practice, pointing
from pdd_audit.core.questions import Attachment

NOW = datetime(2026, 10, 20, 9)
CASE = "a" * 32


def words(*said):
    return [AppealWord(case=CASE, said=one, at=NOW + timedelta(minutes=at), by="王店长") for at, one in enumerate(said)]


def opened():
    return Opened(kind="opened", orders=("261020-000000000000001",), reason="collected_in_time", yuan=5.0)


def moved(*statuses):
    return [Moved(kind="moved", status=status, yuan=4.5 if status == "accepted" else None, said="缺章" if status == "refused" else "") for status in statuses]


def added(evidence, sha="b" * 64, shows=()):
    return Added(kind="added", evidence=evidence, attachment=Attachment(sha256=sha, kind="png", name="x.png"), dated=date(2026, 10, 19), shows=shows)


@pytest.mark.parametrize(("steps", "status", "after"), [
    ((), "drafted", ("submitted",)),
    (("submitted",), "submitted", ("accepted", "refused")),
    (("submitted", "accepted"), "accepted", ()),
    (("submitted", "refused"), "refused", ("second_try",)),
    (("submitted", "refused", "second_try"), "second_try", ("accepted", "refused")),
    (("submitted", "refused", "second_try", "refused"), "refused", ()),
    (("accepted",), "drafted", ("submitted",)),
    (("submitted", "second_try"), "submitted", ("accepted", "refused")),
])
def test_a_case_takes_legal_steps_only_and_one_second_try(steps, status, after):
    case, = cases_of(words(opened(), *moved(*steps)))
    assert (case.status, case.next) == (status, after)


def test_what_came_back_and_why_it_was_refused_are_kept():
    case, = cases_of(words(opened(), *moved("submitted", "refused", "second_try", "accepted")))
    assert (case.yuan_back, case.refused_because) == (4.5, "缺章")
    assert [status for status, _ in case.steps] == ["drafted", "submitted", "refused", "second_try", "accepted"]


def test_words_on_a_case_nobody_opened_change_nothing():
    assert cases_of(words(*moved("submitted"))) == []


def test_a_countdown_reminds_only_while_something_is_to_be_handed_in():
    soon = Counted(kind="counted", until=NOW + timedelta(hours=47))
    assert reminders(cases_of(words(opened(), soon)), NOW)
    assert not reminders(cases_of(words(opened(), Counted(kind="counted", until=NOW + timedelta(hours=49)))), NOW)
    assert not reminders(cases_of(words(opened(), soon, *moved("submitted"))), NOW)
    over, = reminders(cases_of(words(opened(), soon)), NOW + timedelta(hours=48))
    assert over.left(NOW + timedelta(hours=48)) == timedelta(hours=-1)


def test_what_is_missing_names_the_parts_nobody_has_seen():
    parts = [("waybill", "number"), ("waybill", "courier"), ("chat", "told")]
    case, = cases_of(words(opened(), added("waybill", shows=("number",)), added("chat", "c" * 64, ("told",))))
    assert missing(case, ["waybill", "pickup_record", "chat"], parts) == [Missing("waybill", ("courier",)), Missing("pickup_record")]
    case, = cases_of(words(opened(), added("waybill"), added("waybill", shows=("number", "courier")), Dropped(kind="dropped", evidence="chat", sha256="c" * 64)))
    assert len(case.evidence) == 1, "the same bytes of one kind are one piece, as last described"
    assert missing(case, ["waybill"], parts) == []


def test_an_order_number_is_one():
    with pytest.raises(ValidationError):
        Opened(kind="opened", orders=("13800000000",), reason="x", yuan=0)


def test_closed_incidents_point_at_questions_and_practices():
    def closed(id, question, yuan, n, at=NOW):
        return Deed(id=id, kind="closed", subjects=tuple(f"{id}{k}" for k in range(n)), what={"question": question, "yuan": yuan, "incident": id}, at=at, by="王")

    deeds = [closed("1", "a.x", 10.0, 2), closed("2", "a.x", 5.0, 1), closed("3", "a.y", 40.0, 8), closed("4", "b.z", 1.0, 1, NOW - timedelta(days=31))]
    found = pointing(deeds, NOW - timedelta(days=30))
    assert [(one.question, one.incidents, one.parcels, one.yuan) for one in found.values()] == [("a.y", 1, 8, 40.0), ("a.x", 2, 3, 15.0)]
    assert [(id, one.incidents, one.parcels, one.yuan) for id, one in by_practice(found).items()] == [("a", 3, 11, 55.0)]
